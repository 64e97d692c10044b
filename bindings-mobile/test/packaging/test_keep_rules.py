"""The rules for R8 and ProGuard that go along keep what they have to: an app is shrunk with them, and takes a payment.

R8 itself is not on Maven Central. ProGuard reads the same rules, and is run as Android's build tools run it by default: it
removes, renames and inlines whatever no rule names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unittest
import zipfile
from pathlib import Path

from running import PASS_KEY, run, start_sandbox
from surroundings import KOTLIN, MOBILE, kotlin_jar, scratch_folder, shipped_folder

RULES = MOBILE / "android" / "consumer-rules.pro"
TILL = MOBILE / "test" / "keep-rules"
TAKEN = [
    "collected success 150 true",
    "watched success 151",
    "resumed true",
    "refused phoneNumber not_sent",
    "called back 1 true true",
]


def java_home() -> Path:
    """The JDK that `java` is of."""
    told = run("java", "-XshowSettings:properties", "-version").stdout
    found = re.search(r"java\.home = (.+)", told)
    assert found, told
    return Path(found[1])


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

    def shrink(self, name: str, rules: str, *more: str) -> Path:
        """The app without what no rule names; Kotlin's own libraries are left as they are."""
        given, shrunk = self.folder / f"{name}.pro", self.folder / f"{name}.jar"
        given.write_text(rules)
        jna = next((self.folder / "app").glob("jna-*.jar"))
        jmods = java_home() / "jmods"
        assert jmods.is_dir(), (
            f"{jmods} is not there: a JDK with its modules is needed, such as openjdk-17-jdk-headless."
        )
        arguments = [
            "-injars",
            self.folder / "classes",
            "-injars",
            f"{self.kotlin_classes()}",
            "-injars",
            f"{jna}(!META-INF/**)",
        ]
        # Of Java only what Android has too: of windows on a desktop it knows nothing.
        for module in ("java.base", "java.logging"):
            arguments += ["-libraryjars", f"{jmods / module}.jmod(!**.jar;!module-info.class)"]
        for jar in sorted((self.folder / "app").glob("*.jar")):
            if jar != jna:
                arguments += ["-libraryjars", f"{jar}(!META-INF/versions/**)"]
        arguments += ["-outjars", shrunk, "-include", given]
        arguments += [
            "-keep",
            "class com.example.till.TillKt { void main(java.lang.String[]); }",
            "-dontnote",
            *more,
        ]
        done = run(
            "java",
            "-cp",
            f"{self.folder / 'proguard'}/*",
            "proguard.ProGuard",
            *arguments,
            limit=600,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        return shrunk

    def kotlin_classes(self) -> Path:
        """The classes as they are in an AAR."""
        path = self.folder / "classes.jar"
        if not path.exists():
            with zipfile.ZipFile(kotlin_jar()) as whole, zipfile.ZipFile(path, "w") as classes:
                for name in whole.namelist():
                    if name.endswith(".class"):
                        classes.writestr(name, whole.read(name))
        return path

    def take_payment(self, *classes: Path) -> subprocess.CompletedProcess[str]:
        libraries = [
            jar
            for jar in sorted((self.folder / "app").glob("*.jar"))
            if not jar.name.startswith("jna-") or len(classes) > 1
        ]
        return run(
            "java", f"-Djna.library.path={shipped_folder()}", "-cp", os.pathsep.join(map(str, [*classes, *libraries])),
            "com.example.till.TillKt", self.address, PASS_KEY,
            limit=120,
        )  # fmt: skip

    def test_an_app_takes_a_payment_as_it_was_compiled(self) -> None:
        done = self.take_payment(self.folder / "classes", kotlin_jar())
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, TAKEN), done.stdout)

    def test_an_app_that_was_shrunk_with_our_rules_takes_a_payment(self) -> None:
        shrunk = self.shrink("kept", RULES.read_text("utf-8"))
        done = self.take_payment(shrunk)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, TAKEN), done.stdout)
        # It was shrunk indeed: what an app does not use is gone, and what it uses has other names.
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
                shrunk = self.shrink(f"without-{number}", text.replace(rule, ""), "-dontoptimize")
                done = self.take_payment(shrunk)
                self.assertNotEqual(done.stdout.splitlines(), TAKEN, "nothing needs this rule")


if __name__ == "__main__":
    unittest.main()
