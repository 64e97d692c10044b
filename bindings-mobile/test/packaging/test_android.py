"""The Android library: packed from real libraries for phones, opened again, and refused where one is not fit."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import unittest
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from surroundings import (
    KOTLIN,
    MOBILE,
    ROOT,
    kotlin_jar,
    run_script,
    scratch_folder,
    shipped_folder,
)

# isort: split
import android_library
import elf
import maven
import native
import small_libraries
from android_library import ABIS, FILE, LARGEST, MINIMUM_API, PAGE, faults

NAME = {"m": "http://maven.apache.org/POM/4.0.0"}
ARM64, ARM32, X86_64 = ABIS


def build(libraries: Path, out: Path, *more: str | Path, **environment: str):
    return run_script(
        "build-aar",
        "--libraries",
        libraries,
        "--classes",
        kotlin_jar(),
        "--out",
        out,
        *more,
        environment=environment,
    )


class Packed(unittest.TestCase):
    """What is in an AAR that was made of fit libraries."""

    @classmethod
    def setUpClass(cls) -> None:
        small_libraries.need_compilers()
        folder = scratch_folder(cls)
        cls.libraries = small_libraries.all_android(folder / "libraries")
        cls.out = folder / "repository"
        cls.done = build(cls.libraries, cls.out)
        assert cls.done.returncode == 0, cls.done.stderr
        cls.version = native.version()
        cls.place = cls.out / "dev" / "lipia" / "lipia-android" / cls.version
        cls.aar = cls.place / f"lipia-android-{cls.version}.aar"
        with zipfile.ZipFile(cls.aar) as archive:
            assert archive.testzip() is None
            cls.files = {name: archive.read(name) for name in archive.namelist()}

    def test_holds_what_android_wants_and_nothing_else(self) -> None:
        self.assertEqual(
            sorted(self.files),
            sorted(
                [
                    "AndroidManifest.xml",
                    "LICENSE",
                    "LICENSE-APACHE",
                    "LICENSE-MIT",
                    "LICENSE-THIRD-PARTY",
                    "META-INF/com/android/build/gradle/aar-metadata.properties",
                    "R.txt",
                    "classes.jar",
                    "jni/arm64-v8a/liblipia_mobile.so",
                    "jni/armeabi-v7a/liblipia_mobile.so",
                    "jni/x86_64/liblipia_mobile.so",
                    "proguard.txt",
                ]
            ),
        )

    def test_its_libraries_are_those_that_were_given_and_load_with_large_pages(self) -> None:
        for abi in ABIS:
            with self.subTest(abi.name):
                content = self.files[f"jni/{abi.name}/{FILE}"]
                self.assertEqual(content, (self.libraries / abi.name / FILE).read_bytes())
                library = elf.read(content)
                self.assertEqual((library.machine, library.bits), (abi.machine, abi.bits))
                self.assertGreaterEqual(min(library.load_alignments), PAGE)
                self.assertIn(android_library.CONTRACT, library.exports)

    def test_its_manifest_asks_for_the_network_and_says_the_oldest_android(self) -> None:
        android = "{http://schemas.android.com/apk/res/android}"
        manifest = ElementTree.fromstring(self.files["AndroidManifest.xml"])
        self.assertEqual(
            [one.get(f"{android}name") for one in manifest.findall("uses-permission")],
            ["android.permission.INTERNET"],
        )
        self.assertEqual(manifest.find("uses-sdk").get(f"{android}minSdkVersion"), str(MINIMUM_API))

    def test_its_keep_rules_are_those_of_this_tree(self) -> None:
        self.assertEqual(
            self.files["proguard.txt"], (MOBILE / "android" / "consumer-rules.pro").read_bytes()
        )

    def test_its_licences_are_those_of_this_tree_and_of_what_is_linked(self) -> None:
        for name in ("LICENSE", "LICENSE-APACHE", "LICENSE-MIT"):
            self.assertEqual(self.files[name], (ROOT / name).read_bytes(), name)
        third = self.files["LICENSE-THIRD-PARTY"].decode()
        for expected in (
            "\nring ",
            "\nuniffi ",
            "Mozilla Public License 2.0",
            "Permission is hereby granted",
        ):
            self.assertIn(expected, third)
        # Of the certificates of other systems, and of what writes the bindings, nothing is linked.
        for strange in ("security-framework", "schannel", "windows-sys", "\nclap ", "\naskama "):
            self.assertNotIn(strange, third)

    def test_its_classes_are_all_those_of_the_kotlin_library_and_nothing_beside(self) -> None:
        with (
            zipfile.ZipFile(io.BytesIO(self.files["classes.jar"])) as packed,
            zipfile.ZipFile(kotlin_jar()) as whole,
        ):
            classes = [name for name in whole.namelist() if name.endswith(".class")]
            self.assertGreater(len(classes), 200)
            for name in classes:
                self.assertEqual(packed.read(name), whole.read(name), name)
            beside = [name for name in packed.namelist() if not name.endswith(".class")]
            self.assertTrue(
                all(
                    name.startswith("META-INF/") and name.endswith(".kotlin_module")
                    for name in beside
                ),
                beside,
            )
            self.assertTrue(beside, "without it Kotlin finds no function that stands in no class")

    def test_native_libraries_and_licences_of_the_jar_stay_out_of_the_classes(self) -> None:
        folder = scratch_folder(self)
        jar = folder / "lipia.jar"
        shutil.copyfile(kotlin_jar(), jar)
        with zipfile.ZipFile(jar, "a") as archive:
            archive.writestr("linux-x86-64/liblipia_mobile.so", b"\x7fELF")
            archive.writestr("META-INF/LICENSE-OF-SOMETHING", b"text")
        done = run_script(
            "build-aar", "--libraries", self.libraries, "--classes", jar, "--out", folder
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        again = folder / self.aar.relative_to(self.out)
        self.assertEqual(again.read_bytes(), self.aar.read_bytes())

    def test_making_it_again_makes_the_same_bytes(self) -> None:
        folder = scratch_folder(self)
        # As on another machine, on another day: other times, and another order of the files.
        with (
            zipfile.ZipFile(kotlin_jar()) as old,
            zipfile.ZipFile(folder / "lipia.jar", "w") as new,
        ):
            for name in reversed(old.namelist()):
                new.writestr(zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6)), old.read(name))
        done = run_script(
            "build-aar", "--libraries", self.libraries, "--classes", folder / "lipia.jar", "--out", folder,
            environment={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        made = {path.relative_to(self.out) for path in self.out.rglob("*") if path.is_file()}
        self.assertEqual(len(made), 6)
        for path in made:
            self.assertEqual((folder / path).read_bytes(), (self.out / path).read_bytes(), path)

    def test_its_checksums_are_right(self) -> None:
        for path in self.place.iterdir():
            if path.suffix in (".aar", ".pom"):
                for kind in ("md5", "sha1"):
                    said = path.with_name(f"{path.name}.{kind}").read_text()
                    self.assertEqual(said, hashlib.new(kind, path.read_bytes()).hexdigest())

    def test_its_pom_wants_what_the_kotlin_library_wants_and_jna_for_android(self) -> None:
        pom = ElementTree.parse(self.place / f"lipia-android-{self.version}.pom").getroot()
        said = [
            pom.findtext(f"m:{name}", namespaces=NAME)
            for name in ("groupId", "artifactId", "version", "packaging")
        ]
        self.assertEqual(said, ["dev.lipia", "lipia-android", self.version, "aar"])
        wanted = {}
        for one in pom.findall("m:dependencies/m:dependency", NAME):
            artifact, version, kind, scope = (
                one.findtext(f"m:{name}", namespaces=NAME)
                for name in ("artifactId", "version", "type", "scope")
            )
            self.assertEqual(scope, "compile")
            wanted[artifact] = (version, kind)
        listed = (KOTLIN / "pom.xml").read_text()
        self.assertEqual(set(wanted), {"jna", "kotlin-stdlib", "kotlinx-coroutines-core-jvm"})
        for artifact, (version, kind) in wanted.items():
            self.assertIn(f">{version}<", listed)
            self.assertEqual(kind, "aar" if artifact == "jna" else "jar")

    def test_sources_and_documentation_go_along(self) -> None:
        folder = scratch_folder(self)
        (folder / "s.jar").write_bytes(b"sources")
        (folder / "d.jar").write_bytes(b"documentation")
        done = build(
            self.libraries,
            folder,
            "--sources",
            folder / "s.jar",
            "--documentation",
            folder / "d.jar",
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        place = folder / self.place.relative_to(self.out)
        self.assertEqual(
            (place / f"lipia-android-{self.version}-sources.jar").read_bytes(), b"sources"
        )
        self.assertEqual(
            (place / f"lipia-android-{self.version}-javadoc.jar").read_bytes(), b"documentation"
        )


class Refused(unittest.TestCase):
    """A library that no phone could load, each for its own reason."""

    def setUp(self) -> None:
        small_libraries.need_compilers()
        self.folder = scratch_folder(self)
        self.path = self.folder / FILE

    def told(self, path: Path, abi: android_library.Abi = ARM64) -> list[str]:
        return faults(path.read_bytes(), abi)

    def test_nothing_is_wrong_with_a_right_one(self) -> None:
        for abi in ABIS:
            self.assertEqual(self.told(small_libraries.android(self.path, abi), abi), [])

    def test_pages_of_4_kb(self) -> None:
        for abi in ABIS:
            told = self.told(small_libraries.android(self.path, abi, page=4096), abi)
            self.assertEqual(len(told), 1, told)
            self.assertRegex(
                told[0], r"^It is aligned for memory pages of 4096 bytes: .*max-page-size=16384\.$"
            )

    def test_another_machine(self) -> None:
        told = self.told(small_libraries.android(self.path, X86_64))
        self.assertEqual(told, ["It is for x86-64 with 64 bits, and arm64-v8a is AArch64 with 64."])
        told = self.told(small_libraries.android(self.path, ARM32), X86_64)
        self.assertEqual(told, ["It is for ARM with 32 bits, and x86_64 is x86-64 with 64."])

    def test_not_stripped(self) -> None:
        told = self.told(small_libraries.android(self.path, ARM64, stripped=False))
        self.assertEqual(told, ["It is not stripped: build it with the profile dist-mobile."])

    def test_linked_to_glibc(self) -> None:
        for name in ("libc.so.6", "ld-linux-aarch64.so.1"):
            told = self.told(small_libraries.android(self.path, ARM64, needs=name))
            self.assertEqual(
                told, ["It is linked to glibc, which no phone has: build it with the NDK."]
            )

    def test_linked_to_what_android_has_not(self) -> None:
        told = self.told(small_libraries.android(self.path, ARM64, needs="libc++_shared.so"))
        self.assertEqual(told, ["It needs libc++_shared.so, which Android has not."])
        self.assertEqual(
            self.told(small_libraries.android(self.path, ARM64, needs="liblog.so")), []
        )

    def test_linked_without_the_ndk(self) -> None:
        for abi in ABIS:
            told = self.told(small_libraries.android(self.path, abi, by_ndk=False), abi)
            self.assertEqual(told, [android_library.WITHOUT_NDK])

    def test_the_script_packs_it_to_be_looked_at_alone(self) -> None:
        libraries = small_libraries.all_android(self.folder / "libraries")
        small_libraries.android(libraries / "x86_64" / FILE, X86_64, by_ndk=False)
        done = build(libraries, self.folder / "out")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"x86_64/liblipia_mobile\.so: It was not linked by the NDK")
        self.assertFalse((self.folder / "out").exists())
        done = build(libraries, self.folder / "out", "--check")
        self.assertEqual(done.returncode, 0, done.stderr)
        # And whatever else is wrong, is.
        small_libraries.android(libraries / "x86_64" / FILE, X86_64, by_ndk=False, page=4096)
        done = build(libraries, self.folder / "again", "--check")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr, r"x86_64/liblipia_mobile\.so: It is aligned for memory pages of 4096"
        )

    def test_too_large(self) -> None:
        told = self.told(small_libraries.large_android(self.path, ARM64))
        self.assertEqual(len(told), 1, told)
        self.assertRegex(told[0], rf"^It is \d{{7}} bytes large; {LARGEST} are allowed\.$")

    def test_another_library(self) -> None:
        told = self.told(small_libraries.android(self.path, ARM64, contract=False))
        self.assertEqual(len(told), 1, told)
        self.assertIn("it is not Lipia's library", told[0])

    def test_a_path_of_the_machine_that_made_it(self) -> None:
        told = self.told(
            small_libraries.android(
                self.path, ARM64, contents=b"\0/home/somebody/lipia/core/src/lib.rs\0"
            )
        )
        self.assertEqual(told, ["It tells where it was made: /home/somebody/lipia/core/src/lib.rs"])

    def test_no_library_at_all(self) -> None:
        whole = small_libraries.android(self.path, ARM64).read_bytes()
        for content in (b"", b"\x7fELF", b"PK\3\4 an archive", b"!<arch>\n"):
            self.assertEqual(len(faults(content, ARM64)), 1)
        # Broken off anywhere: a sentence, and never an exception.
        for length in range(0, len(whole), 97):
            for fault in faults(whole[:length], ARM64) or ["It is whole?"]:
                self.assertRegex(
                    fault,
                    r"^It (?:is no ELF file|is an ELF file that|exports no|is aligned|is for)",
                )

    def test_damaged_anywhere_it_is_told_or_taken_but_never_an_accident(self) -> None:
        whole = bytearray(small_libraries.android(self.path, ARM64).read_bytes())
        for place in range(0, len(whole), 13):
            damaged = (
                bytes(whole[:place]) + bytes([whole[place] ^ 0xFF]) + bytes(whole[place + 1 :])
            )
            for fault in faults(damaged, ARM64):
                self.assertTrue(fault.startswith("It "), fault)

    def test_the_library_of_this_machine_is_refused(self) -> None:
        shipped = shipped_folder() / FILE
        if not shipped.exists():
            self.skipTest("a library of Linux's is needed")
        told = "\n".join(faults(shipped.read_bytes(), X86_64))
        self.assertIn("linked to glibc", told)

    def test_the_script_tells_all_that_is_wrong_and_packs_nothing(self) -> None:
        libraries = small_libraries.all_android(self.folder / "libraries")
        small_libraries.android(libraries / "arm64-v8a" / FILE, ARM64, page=4096, stripped=False)
        (libraries / "armeabi-v7a" / FILE).unlink()
        small_libraries.android(libraries / "x86_64" / FILE, X86_64, needs="libc.so.6")
        done = build(libraries, self.folder / "out")
        self.assertEqual(done.returncode, 1)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 5, done.stderr)
        self.assertRegex(lines[0], r"arm64-v8a/liblipia_mobile\.so: It is aligned")
        self.assertRegex(lines[1], r"arm64-v8a/liblipia_mobile\.so: It is not stripped")
        self.assertRegex(lines[2], r"armeabi-v7a/liblipia_mobile\.so is missing\.$")
        self.assertRegex(lines[3], r"x86_64/liblipia_mobile\.so: It is linked to glibc")
        self.assertEqual(lines[4], "Nothing was packed.")
        self.assertFalse((self.folder / "out").exists())


class Unfit(unittest.TestCase):
    """What else is wrong is told in a sentence, and not by a traceback."""

    def setUp(self) -> None:
        self.folder = scratch_folder(self)

    def assert_told(self, done, expected: str) -> None:
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, expected)
        self.assertNotIn("Traceback", done.stderr)

    def test_without_the_ndk(self) -> None:
        none = {
            "ANDROID_NDK_HOME": "",
            "ANDROID_NDK_ROOT": "",
            "ANDROID_HOME": "",
            "ANDROID_SDK_ROOT": "",
        }
        done = run_script("build-aar", "--native-only", "--out", self.folder, environment=none)
        self.assert_told(done, r"^The Android NDK was not found: install it .*ANDROID_NDK_HOME")

    def test_with_a_folder_that_is_no_ndk(self) -> None:
        done = run_script(
            "build-aar",
            "--native-only",
            "--out",
            self.folder,
            environment={"ANDROID_NDK_HOME": str(self.folder)},
        )
        self.assert_told(done, r"holds no NDK")

    def test_with_an_ndk_that_does_not_know_the_oldest_android(self) -> None:
        (
            self.folder
            / "ndk"
            / "28.2.1"
            / "toolchains"
            / "llvm"
            / "prebuilt"
            / "linux-x86_64"
            / "bin"
        ).mkdir(parents=True)
        (self.folder / "ndk" / "9.9.9").mkdir()
        none = {"ANDROID_NDK_HOME": "", "ANDROID_NDK_ROOT": "", "ANDROID_HOME": str(self.folder)}
        done = run_script("build-aar", "--native-only", "--out", self.folder, environment=none)
        self.assert_told(done, rf"28\.2\.1.*aarch64-linux-android{MINIMUM_API}-clang was not found")

    def test_classes_that_are_none(self) -> None:
        small_libraries.need_compilers()
        libraries = small_libraries.all_android(self.folder / "libraries")
        jar = self.folder / "other.jar"
        for content, expected in (
            (None, "was not found: build it with `mvn package`"),
            (b"no zip", "is not a jar"),
        ):
            if content:
                jar.write_bytes(content)
            done = run_script(
                "build-aar",
                "--libraries",
                libraries,
                "--classes",
                jar,
                "--out",
                self.folder / "out",
            )
            self.assert_told(done, expected)
        with zipfile.ZipFile(jar, "w") as archive:
            archive.writestr("com/example/Other.class", b"")
        done = run_script(
            "build-aar", "--libraries", libraries, "--classes", jar, "--out", self.folder / "out"
        )
        self.assert_told(done, r"holds no classes of dev\.lipia")

    def test_a_jna_that_large_pages_cannot_load(self) -> None:
        text = (KOTLIN / "pom.xml").read_text()
        pom = self.folder / "pom.xml"
        self.assertRegex(text, r"<jna\.version>[\d.]+<")
        for old, expected in (("5.16.0", "too old"), ("${nothing}", "not what that is")):
            pom.write_text(re.sub(r"<jna\.version>[^<]+<", f"<jna.version>{old}<", text))
            with self.assertRaisesRegex(maven.Unfit, expected):
                maven.kotlin_library(pom)
        pom.write_text(text.replace("<artifactId>jna<", "<artifactId>other<"))
        with self.assertRaisesRegex(maven.Unfit, "does not depend on JNA"):
            maven.kotlin_library(pom)


class Versions(unittest.TestCase):
    def test_the_kotlin_library_has_the_version_of_the_workspace(self) -> None:
        self.assertEqual(maven.kotlin_library(KOTLIN / "pom.xml").version, native.version())


if __name__ == "__main__":
    unittest.main()
