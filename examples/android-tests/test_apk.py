"""The app as an APK: whole, aligned, signed. No Android ever installed it."""

from __future__ import annotations

import os
import re
import subprocess
import unittest
import zipfile
from pathlib import Path

import apk
import app
from shrinking import r8

#: Bytes from the beginning of the file at which a native library has to begin: a page of memory.
PAGE = 4096


def libraries() -> Path:
    """The native libraries that .ci/phone-libraries linked; where it could not, no test is run."""
    folder = os.environ.get("LIPIA_PHONE_LIBRARIES")
    if not folder:
        raise unittest.SkipTest(
            "NOT RUN: the APK. No native library was linked for it (.ci/phone-libraries)."
        )
    return Path(folder) / "android"


class Apk(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.app = app.from_environment()
        cls.aar = apk.aar(cls.app, libraries(), "--check")
        cls.apk = apk.build(cls.app, cls.aar, r8.VERSIONS[0])

    def said(self, *command: str | Path) -> tuple[int, str]:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def test_its_signature_is_whole(self) -> None:
        status, told = self.said("apksigner", "verify", "--verbose", self.apk)
        self.assertEqual(status, 0, told)
        self.assertRegex(told, r"APK Signature Scheme v2\): true")

    def test_a_byte_that_was_changed_is_seen(self) -> None:
        with zipfile.ZipFile(self.apk) as archive:
            at = archive.getinfo("classes.dex").header_offset + 1000
        content = bytearray(self.apk.read_bytes())
        content[at] ^= 1
        changed = self.apk.with_name("changed.apk")
        changed.write_bytes(content)
        self.assertNotEqual(self.said("apksigner", "verify", changed)[0], 0)

    def test_has_a_library_for_each_abi_uncompressed_at_the_begin_of_a_page(self) -> None:
        self.assertEqual(self.said("zipalign", "-c", "-p", "4", self.apk)[0], 0)
        with zipfile.ZipFile(self.apk) as archive:
            found = {
                one.filename: one for one in archive.infolist() if one.filename.startswith("lib/")
            }
        for abi in apk.ABIS:
            for name in ("liblipia_mobile.so", "libjnidispatch.so"):
                entry = found[f"lib/{abi.name}/{name}"]
                self.assertEqual(entry.compress_type, zipfile.ZIP_STORED)
                self.assertEqual(self.begin_of(entry) % PAGE, 0, entry.filename)
        self.assertEqual({name.split("/")[1] for name in found}, {abi.name for abi in apk.ABIS})

    def begin_of(self, entry: zipfile.ZipInfo) -> int:
        """Where a file's content begins in the APK: behind its header, which has a name and more of lengths that it says."""
        with self.apk.open("rb") as content:
            content.seek(entry.header_offset + 26)
            lengths = content.read(4)
        return (
            entry.header_offset
            + 30
            + int.from_bytes(lengths[:2], "little")
            + int.from_bytes(lengths[2:], "little")
        )

    def test_says_what_its_gradle_files_say(self) -> None:
        status, told = self.said("aapt2", "dump", "badging", self.apk)
        self.assertEqual(status, 0, told)
        for line in (
            "package: name='dev.lipia.till' versionCode='1' versionName='0.1.0'",
            f"sdkVersion:'{app.MINIMUM_API}'",
            f"targetSdkVersion:'{app.TARGET_API}'",
            "uses-permission: name='android.permission.INTERNET'",
            "launchable-activity: name='dev.lipia.till.app.MainActivity'",
            "native-code: 'arm64-v8a' 'armeabi-v7a' 'x86_64'",
        ):
            self.assertIn(line, told)

    def test_has_what_the_native_library_calls_by_its_name(self) -> None:
        with zipfile.ZipFile(self.apk) as archive:
            dexes = [
                archive.read(name)
                for name in archive.namelist()
                if re.fullmatch(r"classes\d*\.dex", name)
            ]
        for name in (b"Lcom/sun/jna/Native;", b"Ldev/lipia/till/app/MainActivity;"):
            self.assertTrue(any(name in dex for dex in dexes), name)
        self.assertFalse(any(b"Ldev/lipia/PalPluss;" in dex for dex in dexes), "it was not shrunk")

    def test_its_size_is_said(self) -> None:
        size = self.apk.stat().st_size
        print(f"\nThe APK has {size / 1e6:.2f} MB, with libraries for {len(apk.ABIS)} ABIs.")
        self.assertLess(size, 16_000_000)

    def test_what_the_ndk_did_not_link_is_not_published(self) -> None:
        with self.assertRaisesRegex(
            AssertionError, "not linked by the NDK.*\n(.*\n)*Nothing was packed"
        ):
            apk.aar(self.app, libraries())


if __name__ == "__main__":
    unittest.main()
