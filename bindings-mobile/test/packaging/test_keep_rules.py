"""The rules for R8 that come with the library keep what they have to: an app is shrunk with them, and takes a payment.

R8 runs as Android's build tools run it for a release, in full mode, but for the form of what comes out: classes of Java, which run
here, and not Dalvik's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from collections.abc import Callable
from pathlib import Path

from running import PASS_KEY, run, start_sandbox
from surroundings import KOTLIN, MOBILE, kotlin_jar, scratch_folder, shipped_folder

# isort: split
import r8

RULES = MOBILE / "android" / "consumer-rules.pro"
TILL = MOBILE / "test" / "keep-rules"
ENTRANCE = "-keep class com.example.till.TillKt { void main(java.lang.String[]); }"
TAKEN = [
    "told table-9 true true true",
    "collected success 150 true",
    "watched success 151",
    "resumed true",
    "refused phoneNumber not_sent",
    "called back 1 true",
]


class KeepRules(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        assert shutil.which("mvn"), "mvn was not found: .ci/kotlin sees to it."
        cls.folder = scratch_folder(cls)
        properties = dict(
            re.findall(r"<([\w.]+)>([^<]+)</\1>", (KOTLIN / "pom.xml").read_text("utf-8"))
        )
        versions = ("kotlin.version", "kotlin.library", "coroutines.version", "jna.version")
        done = run(
            "mvn", "--batch-mode", "--no-transfer-progress", "--quiet", "--file", TILL / "pom.xml", "process-classes",
            *(f"-D{name}={properties[name]}" for name in versions),
            f"-Dlipia.jar={kotlin_jar()}", f"-Dbuild={cls.folder}",
            limit=900,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        cls.address = start_sandbox(cls)

    def shrink(self, version: str, name: str, rules: str, *more: str) -> Path:
        """The app without what no rule names; Kotlin's own libraries are left as they are."""
        given, shrunk = self.folder / f"{name}.pro", self.folder / f"{name}.jar"
        given.write_text("\n".join((rules, ENTRANCE, *more)))
        jna = next((self.folder / "app").glob("jna-*.jar"))
        libraries = [jar for jar in sorted((self.folder / "app").glob("*.jar")) if jar != jna]
        done = run(
            *r8.command(
                self.folder / "r8" / f"r8-{version}.jar", shrunk, [given], [self.android_classes(), *libraries],
                [self.app_classes(), self.kotlin_classes(), self.jna_for_this_machine(jna)], "--classfile",
            ),
            limit=600,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        return shrunk

    def android_classes(self) -> Path:
        """The classes of Java that Android has too: of windows on a desktop it knows nothing."""
        path = self.folder / "android.jar"
        jmods = r8.java_home() / "jmods"
        assert jmods.is_dir(), (
            f"{jmods} is not there: a JDK with its modules is needed, such as openjdk-17-jdk-headless."
        )
        if not path.exists():
            with zipfile.ZipFile(path, "w") as classes:
                for module in ("java.base", "java.logging"):
                    with zipfile.ZipFile(jmods / f"{module}.jmod") as whole:
                        for name in whole.namelist():
                            if name.startswith("classes/") and name.endswith(".class"):
                                classes.writestr(name.removeprefix("classes/"), whole.read(name))
        return path

    def app_classes(self) -> Path:
        """The app's own classes."""
        return r8.jar_of(self.folder / "classes", self.folder / "till.jar")

    def kotlin_classes(self) -> Path:
        """The classes as they are in an AAR."""
        return self.parts_of(kotlin_jar(), "classes.jar", lambda name: name.endswith(".class"))

    def jna_for_this_machine(self, jar: Path) -> Path:
        """JNA with its native libraries, which Android has in JNA's AAR."""
        return self.parts_of(jar, "jna.jar", lambda name: not name.endswith("/"))

    def parts_of(self, jar: Path, name: str, is_wanted: Callable[[str], bool]) -> Path:
        """A jar of what is wanted of another, without its manifest and its like."""
        path = self.folder / name
        if not path.exists():
            with zipfile.ZipFile(jar) as whole, zipfile.ZipFile(path, "w") as parts:
                for entry in whole.namelist():
                    if is_wanted(entry) and not entry.startswith("META-INF/"):
                        parts.writestr(entry, whole.read(entry))
        return path

    def take_payment(self, *classes: Path) -> subprocess.CompletedProcess[str]:
        libraries = [
            jar
            for jar in sorted((self.folder / "app").glob("*.jar"))
            if not jar.name.startswith("jna-") or len(classes) > 1
        ]
        # A ledger of each app's own, so that none finds the order paid.
        ledger = Path(tempfile.mkdtemp(dir=self.folder)) / "payments.db"
        return run(
            "java", f"-Djna.library.path={shipped_folder()}", "-cp", os.pathsep.join(map(str, [*classes, *libraries])),
            "com.example.till.TillKt", self.address, PASS_KEY, ledger,
            limit=120,
        )  # fmt: skip

    def test_an_app_takes_a_payment_as_it_was_compiled(self) -> None:
        done = self.take_payment(self.folder / "classes", kotlin_jar())
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, TAKEN), done.stdout)

    def test_an_app_that_was_shrunk_with_our_rules_takes_a_payment(self) -> None:
        for version in r8.VERSIONS:
            with self.subTest(version):
                shrunk = self.shrink(version, f"kept-{version}", RULES.read_text("utf-8"))
                done = self.take_payment(shrunk)
                said = (done.returncode, done.stdout.splitlines())
                self.assertEqual(said, (0, TAKEN), done.stdout)
                self.check_that_it_was_shrunk(shrunk)

    def check_that_it_was_shrunk(self, shrunk: Path) -> None:
        """What an app does not use is gone, and what it uses has other names."""
        with zipfile.ZipFile(shrunk) as after, zipfile.ZipFile(kotlin_jar()) as before:
            kept = {name for name in after.namelist() if name.startswith("dev/lipia/")}
            had = {name for name in before.namelist() if name.startswith("dev/lipia/")}
        self.assertLess(len(kept), len(had))
        for name in (
            "dev/lipia/PalPluss.class",
            "dev/lipia/Daraja.class",
            "dev/lipia/Payment.class",
        ):
            self.assertIn(name, had)
            self.assertNotIn(name, kept)

    def test_without_any_one_of_our_rules_it_does_not(self) -> None:
        text = RULES.read_text("utf-8")
        rules = re.findall(r"^-keep.*$", text, re.MULTILINE)
        self.assertGreaterEqual(len(rules), 4)
        for number, rule in enumerate(rules):
            with self.subTest(rule):
                # Removed and renamed, and not inlined too: that takes the most time.
                without = text.replace(rule, "")
                shrunk = self.shrink(r8.VERSIONS[-1], f"without-{number}", without, "-dontoptimize")
                done = self.take_payment(shrunk)
                self.assertNotEqual(done.stdout.splitlines(), TAKEN, "nothing needs this rule")


if __name__ == "__main__":
    unittest.main()
