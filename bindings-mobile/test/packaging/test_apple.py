"""The Swift library: packed from real static libraries for Apple's systems, opened again, and refused where one is not fit."""

from __future__ import annotations

import hashlib
import os
import plistlib
import re
import shutil
import subprocess
import sys
import unittest
import zipfile
from pathlib import Path

from surroundings import GENERATED_HEADER, ROOT, SCRIPTS, SWIFT, run_script, scratch_folder

# isort: split
import mach_o
import native
import small_libraries
import swift_package
from apple_library import FILE, VARIANTS, faults

FRAMEWORK = "LipiaFFI.xcframework"
IDENTIFIERS = ("ios-arm64", "ios-arm64_x86_64-simulator", "macos-arm64_x86_64")


def build(libraries: Path, out: Path, *more: str | Path, **environment: str):
    return run_script(
        "build-xcframework", "--libraries", libraries, "--out", out, *more, environment=environment
    )


class Packed(unittest.TestCase):
    """What is in a framework that was made of fit libraries."""

    @classmethod
    def setUpClass(cls) -> None:
        small_libraries.need_compilers()
        folder = scratch_folder(cls)
        cls.libraries = small_libraries.all_apple(folder / "libraries")
        cls.out = folder / "out"
        done = build(cls.libraries, cls.out)
        assert done.returncode == 0, done.stderr
        cls.printed = done.stdout
        cls.archive = cls.out / f"{FRAMEWORK}.zip"
        with zipfile.ZipFile(cls.archive) as archive:
            assert archive.testzip() is None
            archive.extractall(folder)
            cls.names = archive.namelist()
        cls.framework = folder / FRAMEWORK

    def test_holds_what_xcode_wants_and_nothing_else(self) -> None:
        wanted = ["Info.plist", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "LICENSE-THIRD-PARTY"]
        for identifier in IDENTIFIERS:
            wanted += [
                f"{identifier}/{FILE}",
                f"{identifier}/Headers/LipiaFFI/LipiaFFI.h",
                f"{identifier}/Headers/LipiaFFI/module.modulemap",
            ]
        self.assertEqual(sorted(self.names), sorted(f"{FRAMEWORK}/{name}" for name in wanted))

    def test_its_plist_describes_the_libraries_that_are_there(self) -> None:
        plist = plistlib.loads((self.framework / "Info.plist").read_bytes())
        self.assertEqual(plist["CFBundlePackageType"], "XFWK")
        self.assertEqual(plist["XCFrameworkFormatVersion"], "1.0")
        described = {one["LibraryIdentifier"]: one for one in plist["AvailableLibraries"]}
        self.assertEqual(sorted(described), sorted(IDENTIFIERS))
        systems = {"ios": "iOS", "macos": "macOS", "ios simulator": "iOS simulator"}
        for identifier, one in described.items():
            with self.subTest(identifier):
                library = self.framework / identifier / one["LibraryPath"]
                slices = mach_o.read(library.read_bytes())
                self.assertEqual(
                    sorted(part.processor for part in slices), sorted(one["SupportedArchitectures"])
                )
                said = " ".join(
                    filter(None, (one["SupportedPlatform"], one.get("SupportedPlatformVariant")))
                )
                self.assertEqual(
                    {part.platform for each in slices for part in each.objects}, {systems[said]}
                )
                self.assertTrue((self.framework / identifier / one["HeadersPath"]).is_dir())

    def test_each_processor_has_the_library_that_was_given(self) -> None:
        for variant in VARIANTS:
            packed = mach_o.read((self.framework / variant.identifier / FILE).read_bytes())
            for target in variant.targets:
                given = mach_o.read((self.libraries / target.name / FILE).read_bytes())
                self.assertIn(given[0], packed)

    def test_llvm_reads_it_too(self) -> None:
        lipo = next(
            filter(
                None,
                map(
                    shutil.which,
                    ["llvm-lipo", *(f"llvm-lipo-{number}" for number in range(30, 10, -1))],
                ),
            ),
            None,
        )
        if lipo is None:
            self.skipTest("there is no llvm-lipo: Xcode's lipo has joined it")
        for variant in VARIANTS:
            library = self.framework / variant.identifier / FILE
            if len(variant.targets) == 1:
                # LLVM 14 falls over a library for one processor alone.
                continue
            told = subprocess.run(
                [lipo, "-archs", library], stdout=subprocess.PIPE, text=True, check=True, timeout=60
            ).stdout
            self.assertEqual(
                sorted(told.split()), sorted(target.processor for target in variant.targets)
            )

    def test_a_compiler_finds_the_module_in_its_headers(self) -> None:
        folder = scratch_folder(self)
        source = folder / "import.m"
        # A function of the header, by its type: it is the module that says it.
        source.write_text(
            "@import LipiaFFI;\nuint32_t (*asked)(void) = ffi_lipia_mobile_uniffi_contract_version;\n"
        )
        for identifier, triple in zip(
            IDENTIFIERS,
            ("arm64-apple-ios15.0", "arm64-apple-ios15.0-simulator", "arm64-apple-macos12.0"),
        ):
            command = [
                "clang",
                f"--target={triple}",
                "-fmodules",
                "-fsyntax-only",
                f"-fmodules-cache-path={folder / 'cache'}",
            ]
            # With the compiler's own headers alone: nobody has Apple's here.
            command += [
                "-ffreestanding",
                "-nostdlibinc",
                "-I",
                self.framework / identifier / "Headers",
                source,
            ]
            done = subprocess.run(
                command, stderr=subprocess.PIPE, text=True, timeout=120, check=False
            )
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_its_header_is_the_generated_one(self) -> None:
        for identifier in IDENTIFIERS:
            header = self.framework / identifier / "Headers" / "LipiaFFI" / "LipiaFFI.h"
            self.assertEqual(header.read_bytes(), GENERATED_HEADER.read_bytes())

    def test_its_checksum_is_that_of_the_archive(self) -> None:
        checksum = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        self.assertEqual((self.out / f"{FRAMEWORK}.zip.checksum").read_text(), f"{checksum}\n")
        self.assertIn(checksum, self.printed)
        self.assertIn(
            f'checksum: "{checksum}"', (self.out / "package" / "Package.swift").read_text()
        )

    def test_the_package_has_the_sources_of_this_tree_and_no_tests(self) -> None:
        package = self.out / "package"
        for path in sorted((SWIFT / "Sources").rglob("*.swift")):
            self.assertEqual((package / path.relative_to(SWIFT)).read_bytes(), path.read_bytes())
        found = {
            path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()
        }
        self.assertIn("Sources/LipiaMobile/LipiaMobile.swift", found)
        surplus = [
            name
            for name in found
            if not re.match(
                r"Package\.swift|LICENSE|Sources/(Lipia|LipiaMobile|LipiaTesting)/", name
            )
        ]
        self.assertEqual(surplus, [])
        for name in ("LICENSE", "LICENSE-APACHE", "LICENSE-MIT"):
            self.assertEqual((package / name).read_bytes(), (ROOT / name).read_bytes())

    def test_the_package_says_what_the_developed_one_says(self) -> None:
        text = (self.out / "package" / "Package.swift").read_text()
        developed = swift_package.manifest((SWIFT / "Package.swift").read_text())
        made = swift_package.manifest(text)
        self.assertEqual(made, developed)
        self.assertIn(
            f"https://github.com/lipia/lipia/releases/download/v{native.version()}/{FRAMEWORK}.zip",
            text,
        )
        for other in ("testTarget", "executableTarget", "systemLibrary"):
            self.assertNotIn(other, text)

    def test_the_package_has_the_privacy_manifest_as_a_resource(self) -> None:
        package = self.out / "package"
        path = package / "Sources" / "Lipia" / "PrivacyInfo.xcprivacy"
        privacy = plistlib.loads(path.read_bytes())
        self.assertEqual(path.read_bytes(), (SWIFT / path.relative_to(package)).read_bytes())
        self.assertIn(
            'resources: [.copy("PrivacyInfo.xcprivacy")]', (package / "Package.swift").read_text()
        )
        self.assertIs(privacy["NSPrivacyTracking"], False)
        self.assertEqual(privacy["NSPrivacyTrackingDomains"], [])
        self.assertEqual(privacy["NSPrivacyCollectedDataTypes"], [])
        # The category and the reason are words of Apple's own list.
        self.assertEqual(
            privacy["NSPrivacyAccessedAPITypes"],
            [
                {
                    "NSPrivacyAccessedAPIType": "NSPrivacyAccessedAPICategoryFileTimestamp",
                    "NSPrivacyAccessedAPITypeReasons": ["C617.1"],
                }
            ],
        )

    def test_making_it_again_makes_the_same_bytes(self) -> None:
        again = scratch_folder(self)
        done = build(self.libraries, again, TZ="Asia/Tokyo", PYTHONHASHSEED="7")
        self.assertEqual(done.returncode, 0, done.stderr)
        made = {path.relative_to(self.out) for path in self.out.rglob("*") if path.is_file()}
        self.assertEqual(
            made, {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
        )
        for path in made:
            self.assertEqual((again / path).read_bytes(), (self.out / path).read_bytes(), path)

    def test_a_local_package_holds_the_framework(self) -> None:
        out = scratch_folder(self)
        done = build(self.libraries, out, "--local")
        self.assertEqual(done.returncode, 0, done.stderr)
        package = out / "package"
        self.assertIn(f'path: "{FRAMEWORK}"', (package / "Package.swift").read_text())
        for path in self.framework.rglob("*"):
            if path.is_file():
                self.assertEqual(
                    (package / FRAMEWORK / path.relative_to(self.framework)).read_bytes(),
                    path.read_bytes(),
                )
        self.assertEqual((out / self.archive.name).read_bytes(), self.archive.read_bytes())
        # And again, over it, where the framework is elsewhere: nothing of the old package stays.
        done = build(self.libraries, out, "--url", "https://example.com/framework.zip")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((package / FRAMEWORK).exists())
        self.assertIn(
            'url: "https://example.com/framework.zip"', (package / "Package.swift").read_text()
        )

    def test_a_folder_that_is_no_package_is_left_alone(self) -> None:
        out = scratch_folder(self)
        kept = out / "package" / "photographs" / "one"
        kept.parent.mkdir(parents=True)
        kept.write_text("dear")
        done = build(self.libraries, out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not a package of ours", done.stderr)
        self.assertEqual(kept.read_text(), "dear")

    def test_swift_reads_the_package(self) -> None:
        # Where the tests of the Swift library have put one, it is not on PATH.
        root = os.environ.get("LIPIA_SWIFT_ROOT") or ROOT / ".tools" / "swift"
        if not shutil.which("swift") and not (Path(root) / "etc" / "lipia-made-of").exists():
            told = "there is no swift here yet: `make test-swift` sees to it"
            print(f"\nNOT RUN: SwiftPM on the package for apps: {told}.", file=sys.stderr)
            self.skipTest(told)
        out = self.out.with_name("for-swift")
        self.assertEqual(build(self.libraries, out).returncode, 0)
        for arguments, expected in (
            (
                ["compute-checksum", self.archive],
                hashlib.sha256(self.archive.read_bytes()).hexdigest(),
            ),
            (["dump-package"], '"checksum" : "'),
        ):
            done = subprocess.run(
                [
                    ROOT / ".ci" / "swift",
                    "swift",
                    "package",
                    "--package-path",
                    out / "package",
                    *arguments,
                ],
                env={**os.environ, "LIPIA_CHROOT_BINDS": str(out.parent)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=300,
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(expected, done.stdout)


class Refused(unittest.TestCase):
    """A library that no app could link, each for its own reason."""

    def setUp(self) -> None:
        small_libraries.need_compilers()
        self.folder = scratch_folder(self)
        self.path = self.folder / FILE

    def told(
        self, path: Path, processors: set[str] | None = None, system: str = "iOS"
    ) -> list[str]:
        return faults(path.read_bytes(), processors or {"arm64"}, system, (15, 0))

    def test_nothing_is_wrong_with_a_right_one(self) -> None:
        for triple, system, processor in (
            ("arm64-apple-ios15.0", "iOS", "arm64"),
            ("arm64-apple-ios12.0", "iOS", "arm64"),
            # So old that the object has another word for its system, and none for the simulator.
            ("arm64-apple-ios10.0", "iOS", "arm64"),
            ("x86_64-apple-ios10.0-simulator", "iOS simulator", "x86_64"),
            ("arm64-apple-ios15.0-simulator", "iOS simulator", "arm64"),
            ("x86_64-apple-macos10.12", "macOS", "x86_64"),
        ):
            with self.subTest(triple):
                self.assertEqual(
                    self.told(small_libraries.apple(self.path, triple), {processor}, system), []
                )

    def test_the_simulators_library_for_a_phone_and_the_reverse(self) -> None:
        told = self.told(small_libraries.apple(self.path, "arm64-apple-ios15.0-simulator"))
        self.assertEqual(len(told), 1, told)
        self.assertRegex(
            told[0], r"^It is for iOS simulator \(library-.*\.o says so\), and has to be for iOS\.$"
        )
        told = self.told(
            small_libraries.apple(self.path, "arm64-apple-ios15.0"), system="iOS simulator"
        )
        self.assertRegex(told[0], r"^It is for iOS \(.*\), and has to be for iOS simulator\.$")
        for triple, system in (
            ("arm64-apple-macos12.0", "macOS"),
            ("arm64-apple-tvos15.0", "tvOS"),
            ("arm64-apple-ios15.0-macabi", "Mac Catalyst"),
        ):
            told = self.told(small_libraries.apple(self.path, triple))
            self.assertRegex(told[0], rf"^It is for {system} ")

    def test_another_processor(self) -> None:
        told = self.told(small_libraries.apple(self.path, "x86_64-apple-macos12.0"), system="macOS")
        self.assertEqual(told, ["It is for x86_64, and has to be for arm64."])
        told = self.told(
            small_libraries.apple(self.path, "arm64-apple-macos12.0"), {"arm64", "x86_64"}, "macOS"
        )
        self.assertEqual(told, ["It is for arm64, and has to be for arm64 and x86_64."])

    def test_a_newer_system_than_the_package_promises(self) -> None:
        told = self.told(small_libraries.apple(self.path, "arm64-apple-ios17.2"))
        self.assertEqual(len(told), 1, told)
        self.assertRegex(
            told[0],
            r"^It needs iOS 17\.2 \(library-.*\.o says so\), and the package promises 15\.0\.$",
        )

    def test_another_library(self) -> None:
        told = self.told(small_libraries.apple(self.path, "arm64-apple-ios15.0", contract=False))
        self.assertEqual(
            told,
            [
                "It has no _ffi_lipia_mobile_uniffi_contract_version for arm64: it is not Lipia's library."
            ],
        )

    def test_a_path_of_the_machine_that_made_it(self) -> None:
        told = self.told(
            small_libraries.apple(
                self.path, "arm64-apple-ios15.0", text="/Users/somebody/lipia/lib.rs"
            )
        )
        self.assertEqual(told, ["It tells where it was made: /Users/somebody/lipia/lib.rs"])

    def test_objects_of_another_kind(self) -> None:
        # LLVM's own form, as a compiler that leaves its work to the linker writes it.
        source = self.folder / "library.c"
        source.write_text("int one(void) { return 1; }\n")
        for arguments, expected in (
            (
                ["--target=arm64-apple-ios15.0", "-flto"],
                r"holds one\.o, which is for a compiler and not for a linker",
            ),
            (["--target=aarch64-linux-android26"], r"holds one\.o, which is for Linux or Android"),
        ):
            made = self.folder / "one.o"
            subprocess.run(["clang", *arguments, "-c", source, "-o", made], check=True, timeout=60)
            self.path.unlink(missing_ok=True)
            subprocess.run(
                ["llvm-ar", "--format=darwin", "rcsD", self.path, made], check=True, timeout=60
            )
            self.assertRegex(" ".join(self.told(self.path)), expected)

    def test_no_library_at_all(self) -> None:
        whole = small_libraries.apple(self.path, "arm64-apple-ios15.0").read_bytes()
        for content in (
            b"",
            b"\xcf\xfa\xed\xfe",
            b"PK\3\4 an archive",
            b"!<arch>\n",
            b"\xca\xfe\xba\xbe\0\0\0\2",
        ):
            self.assertEqual(len(faults(content, {"arm64"}, "iOS", (15, 0))), 1, content)
        for length in range(len(whole)):
            for fault in faults(whole[:length], {"arm64"}, "iOS", (15, 0)):
                self.assertRegex(fault, r"^It ")
        for place in range(len(whole)):
            damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
            for fault in faults(damaged, {"arm64"}, "iOS", (15, 0)):
                self.assertRegex(fault, r"^It ")

    def test_the_script_tells_all_that_is_wrong_and_packs_nothing(self) -> None:
        libraries = small_libraries.all_apple(self.folder / "libraries")
        small_libraries.apple(
            libraries / "aarch64-apple-ios" / FILE, "arm64-apple-ios15.0-simulator"
        )
        (libraries / "x86_64-apple-ios" / FILE).unlink()
        small_libraries.apple(libraries / "aarch64-apple-darwin" / FILE, "x86_64-apple-macos12.0")
        done = build(libraries, self.folder / "out")
        self.assertEqual(done.returncode, 1)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 4, done.stderr)
        self.assertRegex(lines[0], r"aarch64-apple-ios/liblipia_mobile\.a: It is for iOS simulator")
        self.assertRegex(lines[1], r"x86_64-apple-ios/liblipia_mobile\.a is missing\.$")
        self.assertRegex(
            lines[2],
            r"aarch64-apple-darwin/liblipia_mobile\.a: It is for x86_64, and has to be for arm64\.$",
        )
        self.assertEqual(lines[3], "Nothing was packed.")
        self.assertFalse((self.folder / "out").exists())


class Unfit(unittest.TestCase):
    """What else is wrong is told in a sentence, and not by a traceback."""

    def setUp(self) -> None:
        self.folder = scratch_folder(self)

    def test_without_xcode(self) -> None:
        if sys.platform == "darwin":
            self.skipTest("this machine has Xcode")
        done = run_script("build-xcframework", "--native-only", "--out", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr,
            r"^Libraries for Apple's systems are built on macOS, with Xcode\..*--libraries",
        )

    def refusal_of_sources(self) -> str:
        """What is said of the sources that stand in the scratch folder."""
        done = run_script(
            "build-xcframework",
            "--libraries",
            self.folder,
            "--sources",
            self.folder / "Sources",
            "--out",
            self.folder / "out",
        )
        self.assertEqual(done.returncode, 1)
        return done.stderr

    def test_without_what_is_generated(self) -> None:
        shutil.copytree(SWIFT / "Sources", self.folder / "Sources")
        shutil.rmtree(self.folder / "Sources" / "LipiaMobile")
        said = self.refusal_of_sources()
        self.assertRegex(said, r"LipiaMobile holds no Swift: run \.ci/mobile-bindings")
        self.assertNotIn("Traceback", said)

    def test_without_the_header(self) -> None:
        shutil.copytree(SWIFT / "Sources", self.folder / "Sources")
        (self.folder / "Sources" / "LipiaFFI" / "LipiaFFI.h").unlink()
        said = self.refusal_of_sources()
        self.assertRegex(said, r"LipiaFFI\.h is missing: run \.ci/mobile-bindings")

    def test_a_manifest_that_says_too_little(self) -> None:
        text = (SWIFT / "Package.swift").read_text()
        for change, expected in (
            (lambda all: all.replace("swift-tools-version", "tools"), "no swift-tools-version"),
            (lambda all: all.replace(".macOS(.v12)", ""), "which macOS it needs"),
            (
                lambda all: all.replace('.target(name: "Lipia",', '.target(name: "Other",'),
                "no target Lipia",
            ),
            (lambda all: all[: all.index('.target(name: "Lipia",') + 30], "breaks off"),
        ):
            self.assertNotEqual(change(text), text)
            with self.assertRaisesRegex(swift_package.Unfit, expected):
                swift_package.manifest(change(text))

    def test_without_lipo(self) -> None:
        small_libraries.need_compilers()
        libraries = small_libraries.all_apple(self.folder / "libraries")
        programs = self.folder / "programs"
        programs.mkdir()
        for program in ("cargo", "rustc"):
            (programs / program).symlink_to(shutil.which(program))
        done = build(libraries, self.folder / "out", PATH=str(programs))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr, r"^lipo was not found: install Xcode's command line tools, or LLVM"
        )


class Versions(unittest.TestCase):
    def test_the_targets_are_those_that_the_scripts_say(self) -> None:
        told = (SCRIPTS / "build-xcframework").read_text()
        for variant in VARIANTS:
            for target in variant.targets:
                self.assertIn(target.name, told)
                self.assertIn(target.name, small_libraries.TRIPLES)


if __name__ == "__main__":
    unittest.main()
