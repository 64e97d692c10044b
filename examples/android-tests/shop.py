"""A shop that scenes are played in: a sandbox, the merchant's server, and a device of which nothing is left afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from collections.abc import Iterable
from pathlib import Path

import app

sys.path.insert(0, str(app.ROOT / "examples" / "mobile-tests"))

import world  # noqa: E402

#: A scene that hangs is a scene that fails, in seconds.
LONGEST = 600


class Shop(unittest.TestCase):
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

    def play(self, scene: str, ends: int = 0, classes: Iterable[Path] | None = None) -> None:
        """Plays a scene in a process of its own.

        :param classes: with the app's; those that were compiled, where none are named.
        """
        built = app.from_environment()
        classpath = list(classes or built.classpath_of_scenes())
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
                "-cp", os.pathsep.join(map(str, classpath)),
                "dev.lipia.till.scenes.RunOneKt", scene,
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, ends, done.stdout[-4000:])
