"""The Android app in a shop: compiled whole, and run by Robolectric against the sandbox, one process a scene.

Real are the app's classes, its screens, its resources, Lipia with its native library for desktops, M-Pesa's sandbox and the
merchant's server. Robolectric's is Android: its own classes on a JVM. Faked is the Keystore alone (scenes/Device.kt).
"""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from xml.etree import ElementTree

import app
from shop import Shop, world

PHONE = "254712345678"
KILLED = 137


class Scenes(Shop):
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
