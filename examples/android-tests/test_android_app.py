"""The Android app in a shop: compiled whole, and run by Robolectric against the sandbox, one process a scene.

Real are the app's classes, its screens, its resources, Lipia with its native library for desktops, M-Pesa's sandbox and the
merchant's server. Robolectric's is Android: its own classes on a JVM. Faked is the Keystore alone (scenes/Device.kt).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree

import app

sys.path.insert(0, str(app.ROOT / "examples" / "mobile-tests"))

import world  # noqa: E402

PHONE = "254712345678"
KILLED = 137
#: A scene that hangs is a scene that fails, in seconds.
LONGEST = 600


class Scenes(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.sandbox = world.Sandbox()
        cls.addClassCleanup(cls.sandbox.program.__exit__)
        cls.relay = world.Relay(cls.sandbox)
        cls.addClassCleanup(cls.relay.program.__exit__)

    def setUp(self) -> None:
        self.sandbox.reset()
        folder = world.folder()
        self.addCleanup(folder.cleanup)
        self.device = Path(folder.name)

    def play(self, scene: str, ends: int = 0) -> None:
        """Plays a scene in a process of its own."""
        built = app.from_environment()
        settings = {
            "till.device": self.device,
            "till.gateway": self.sandbox.address,
            "till.callbacks": f"{self.relay.address}/kept",
            "jna.library.path": world.named("LIPIA_BUILT"),
            "robolectric.dependency.dir": built.brought / "android",
            "robolectric.logging.enabled": "false",
        }
        done = subprocess.run(
            [
                # One that lives for seconds only is not worth optimising.
                "java", "-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                *(f"-D{name}={value}" for name, value in settings.items()),
                # What Robolectric opens of the JDK.
                *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.lang", "java.util", "java.io", "java.net")),
                "-cp", os.pathsep.join(map(str, built.classpath_of_scenes())),
                "dev.lipia.till.scenes.RunOneKt", scene,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, ends, done.stdout[-4000:])

    def customer_waits(self) -> None:
        """Whoever is prompted does nothing until told to."""
        self.sandbox.script(PHONE, "manual")

    def test_set_up_and_paid(self) -> None:
        self.play("sets_up_and_is_paid")
        self.assertEqual(self.sandbox.prompts, 1)
        # The keys lie on the device sealed.
        sealed = (self.device / "no_backup" / "keys.sealed").read_bytes()
        for secret in world.SECRETS:
            self.assertNotIn(secret.encode(), sealed)

    def test_wrong_keys_and_the_way_back(self) -> None:
        self.play("wrong_keys_are_told_and_can_be_typed_again")
        self.assertEqual((self.sandbox.counted("push_attempts"), self.sandbox.prompts), (1, 1))

    def test_two_taps(self) -> None:
        self.customer_waits()
        self.play("two_taps_are_one_prompt")
        self.assertEqual((self.sandbox.counted("push_attempts"), self.sandbox.prompts), (1, 1))

    def test_the_device_turned(self) -> None:
        self.customer_waits()
        self.play("the_device_is_turned_while_the_customer_types")
        self.assertEqual(self.sandbox.prompts, 1)

    def test_background(self) -> None:
        self.customer_waits()
        self.play("in_the_background_the_keys_are_forgotten_and_the_sale_goes_on")
        self.assertEqual(self.sandbox.prompts, 2)

    def test_killed_and_taken_up(self) -> None:
        self.customer_waits()
        self.play("sells_and_is_killed", ends=KILLED)
        self.sandbox.act("pay")
        self.play("takes_up_what_was_open")
        self.assertEqual((self.sandbox.counted("push_attempts"), self.sandbox.prompts), (1, 1))

    def test_swahili(self) -> None:
        self.sandbox.script(PHONE, "cancel")
        self.play("in_swahili_the_customer_cancels")
        self.assertEqual(self.sandbox.prompts, 1)

    def test_every_scene_is_played(self) -> None:
        scenes = (app.HERE / "scenes" / "Scenes.kt").read_text("utf-8")
        played = set(re.findall(r'self\.play\("(\w+)"', Path(__file__).read_text("utf-8")))
        self.assertEqual(set(re.findall(r"@Test\n(?:.*\n)??    fun (\w+)", scenes)), played)


class Words(unittest.TestCase):
    """What the app says, in both languages."""

    def strings(self, folder: str) -> dict[str, str]:
        tree = ElementTree.parse(app.SOURCES / "res" / folder / "strings.xml")
        return {
            one.get("name", ""): one.text or ""
            for one in tree.getroot()
            if one.get("translatable") != "false"
        }

    def test_every_sentence_is_there_in_swahili_with_the_same_places(self) -> None:
        english, swahili = self.strings("values"), self.strings("values-sw")
        self.assertEqual(english.keys(), swahili.keys())
        for name, text in english.items():
            self.assertEqual(
                re.findall(r"%\d\$\w", text), re.findall(r"%\d\$\w", swahili[name]), name
            )
            self.assertNotEqual(text, swahili[name], name)


class GradleFiles(unittest.TestCase):
    """What Gradle would bring is what was tried here, and what the page of Android shows of it is there."""

    def test_versions_are_those_that_are_brought(self) -> None:
        files = [app.EXAMPLE / "build.gradle.kts", app.EXAMPLE.parent / "build.gradle.kts"]
        text = "".join(path.read_text("utf-8") for path in files)
        brought = {path.stem for path in (app.from_environment().brought / "app").iterdir()}
        named = re.findall(r'implementation\("(androidx[\w.]*):([\w-]+):([\d.]+)"\)', text)
        self.assertGreater(len(named), 3)
        for _, name, version in named:
            self.assertTrue(
                brought & {f"{name}-{version}", f"{name}-android-{version}"}, f"{name} {version}"
            )
        for plugin in ("kotlin.android", "kotlin.plugin.compose"):
            self.assertIn(f'id("org.jetbrains.{plugin}") version "{app.kotlin_version()}"', text)
        self.assertIn(f"minSdk = {app.MINIMUM_API}", text)
        page = (app.ROOT / "docs" / "android.md").read_text("utf-8")
        [shown] = re.findall(r"```kotlin\n// app/build.gradle.kts\n(.*?)```", page, re.DOTALL)
        there = {line.strip() for line in text.splitlines()}
        for line in shown.splitlines():
            self.assertIn(line.strip(), there)
        self.assertIn(f"targetSdk = {app.TARGET_API}", text)


if __name__ == "__main__":
    unittest.main()
