"""The static library for iOS as .ci/phone-libraries makes it, and what an app's linker leaves of it."""

from __future__ import annotations

import plistlib
import re
import unittest

from linked import ROOT, folder

# isort: split
import apple_library
import swift_package

SWIFT = ROOT / "bindings-mobile" / "swift"
#: The largest that may be left of the library in an app, in bytes. SQLite is the system's.
LARGEST = 2_700_000
#: Functions of the system that an app has to give a reason for, by Apple's categories: "Describing use of required reason API"
#: in Apple's developer documentation. Those of Objective-C and Swift are not there: the native library calls C alone.
FILE_TIMESTAMP = {"stat", "fstat", "fstatat", "lstat"}
FILE_ATTRIBUTES = {"getattrlist", "getattrlistat", "getattrlistbulk", "fgetattrlist"}
CATEGORIES = {
    "NSPrivacyAccessedAPICategoryFileTimestamp": FILE_TIMESTAMP | FILE_ATTRIBUTES,
    "NSPrivacyAccessedAPICategorySystemBootTime": {"mach_absolute_time"},
    "NSPrivacyAccessedAPICategoryDiskSpace": {"statfs", "statvfs", "fstatfs", "fstatvfs"},
}


def imports() -> set[str]:
    """The functions that what is left of the library calls, as C names them."""
    lines = (folder() / "apple" / "imports").read_text("utf-8").split()
    return {line.removeprefix("_").partition("$")[0] for line in lines}


class Apple(unittest.TestCase):
    def test_the_library_is_what_an_xcframework_takes(self) -> None:
        oldest = swift_package.manifest((SWIFT / "Package.swift").read_text("utf-8")).oldest["iOS"]
        content = (folder() / "apple" / apple_library.FILE).read_bytes()
        self.assertEqual(
            apple_library.faults(content, {"arm64"}, apple_library.IOS.system, oldest), []
        )

    def test_what_an_app_keeps_of_it_is_small(self) -> None:
        whole = (folder() / "apple" / apple_library.FILE).stat().st_size
        left = (folder() / "apple" / "linked.dylib").stat().st_size
        print(f"\niOS: {whole / 1e6:.2f} MB, of which an app's linker leaves {left / 1e6:.2f} MB")
        self.assertLess(left, LARGEST)
        self.assertGreater(left, 500_000)

    def test_the_privacy_manifest_has_a_reason_for_each_function_that_needs_one(self) -> None:
        text = (SWIFT / "Sources" / "Lipia" / "PrivacyInfo.xcprivacy").read_bytes()
        declared = {
            one["NSPrivacyAccessedAPIType"]: one["NSPrivacyAccessedAPITypeReasons"]
            for one in plistlib.loads(text)["NSPrivacyAccessedAPITypes"]
        }
        called = {
            category: sorted(functions & imports()) for category, functions in CATEGORIES.items()
        }
        needed = {category for category, functions in called.items() if functions}
        self.assertEqual(set(declared), needed, called)
        for reasons in declared.values():
            self.assertTrue(
                reasons and all(re.fullmatch(r"[0-9A-F]{4}\.1", one) for one in reasons)
            )

    def test_sqlite_is_the_systems(self) -> None:
        self.assertIn("sqlite3_open_v2", imports())


if __name__ == "__main__":
    unittest.main()
