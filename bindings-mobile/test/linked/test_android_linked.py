"""The libraries for Android as .ci/phone-libraries links them, without the NDK."""

from __future__ import annotations

import unittest

import android_functions
from linked import folder

# isort: split
import android_library
import elf


class Android(unittest.TestCase):
    def test_each_is_whole_but_for_the_note_of_the_ndk(self) -> None:
        for abi in android_library.ABIS:
            with self.subTest(abi.name):
                content = (folder() / "android" / abi.name / android_library.FILE).read_bytes()
                print(f"\n{abi.name}: {len(content) / 1e6:.2f} MB")
                self.assertEqual(
                    android_library.faults(content, abi), [android_library.WITHOUT_NDK]
                )

    def test_each_calls_what_the_oldest_android_has(self) -> None:
        for abi in android_library.ABIS:
            with self.subTest(abi.name):
                path = folder() / "android" / abi.name / android_library.FILE
                imports = elf.read(path.read_bytes()).imports
                self.assertIn("malloc", imports)
                self.assertEqual(
                    android_functions.unknown(imports), [],
                    "look them up in bionic's libc.map.txt: with API 26 or earlier they go into android_functions.py",
                )  # fmt: skip


if __name__ == "__main__":
    unittest.main()
