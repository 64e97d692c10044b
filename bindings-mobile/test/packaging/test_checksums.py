"""The generated Kotlin and Swift and the native library match, function by function, and nobody has edited them."""

from __future__ import annotations

import re
import subprocess
import unittest
from pathlib import Path

from surroundings import (
    GENERATED_HEADER,
    GENERATED_KOTLIN,
    GENERATED_SWIFT,
    LIBRARY,
    MOBILE,
    native_folder,
    scratch_folder,
    shipped_folder,
)

# isort: split
import elf
from bindings_checksums import (
    actual,
    actual_contract,
    descriptions,
    differences,
    expected,
    expected_contract,
)

#: Fewer than the functions there are, and so many that it is not a test of a few.
ENOUGH = 50
GENERATED = {"kotlin": GENERATED_KOTLIN, "swift": GENERATED_SWIFT}


class Checksums(unittest.TestCase):
    def setUp(self) -> None:
        self.libraries = {
            "for tests": native_folder() / LIBRARY,
            "shipped": shipped_folder() / LIBRARY,
        }

    def test_every_function_is_what_the_bindings_expect(self) -> None:
        for language, path in GENERATED.items():
            text = path.read_text("utf-8")
            self.assertGreater(len(expected(text)), ENOUGH, language)
            for which, library in self.libraries.items():
                with self.subTest(language=language, library=which):
                    self.assertEqual(differences(library, text), [])
                    contract = expected_contract(text, language)
                    self.assertEqual(actual_contract(library), contract)

    def test_both_languages_ask_for_the_same(self) -> None:
        kotlin, swift = (expected(path.read_text("utf-8")) for path in GENERATED.values())
        self.assertEqual(kotlin, swift)

    def test_what_is_shipped_is_what_the_bindings_were_made_from(self) -> None:
        # The bindings ask for functions and for methods of objects, and not for those of values, nor for what fields a value
        # has: they were made from the library for tests, and the one that is shipped has to be the same in all of it.
        contents = {which: path.read_bytes() for which, path in self.libraries.items()}
        if not all(content.startswith(b"\x7fELF") for content in contents.values()):
            self.skipTest("libraries of Linux's are needed")
        exports = {which: elf.read(content).exports for which, content in contents.items()}
        self.assertEqual(set(exports["shipped"]), set(exports["for tests"]))
        checksums = [name for name in exports["shipped"] if "_checksum_" in name]
        self.assertGreater(len(checksums), len(expected(GENERATED_KOTLIN.read_text("utf-8"))))
        said = {which: actual(path, checksums) for which, path in self.libraries.items()}
        self.assertEqual(said["shipped"], said["for tests"])
        described = {
            which: descriptions(path, exports[which]) for which, path in self.libraries.items()
        }
        self.assertGreater(len(described["shipped"]), ENOUGH)
        for name, description in described["for tests"].items():
            self.assertEqual(described["shipped"][name], description, name)

    def test_a_change_of_one_is_found(self) -> None:
        for language, path in GENERATED.items():
            text = path.read_text("utf-8")
            for name, value in list(expected(text).items())[:: ENOUGH // 10]:
                changed = re.sub(
                    rf"\b({name}\(\)(?: and 0xFFFF\))? *!= *){value}\b",
                    rf"\g<1>{(value + 1) % 65536}",
                    text,
                )
                told = differences(self.libraries["shipped"], changed)
                self.assertEqual(len(told), 1, language)
                self.assertTrue(told[0].startswith(f"{name} is {value}, "), told)

    def test_a_function_that_the_library_lacks_is_found(self) -> None:
        name = "uniffi_lipia_mobile_checksum_func_refund"
        for path in GENERATED.values():
            text = path.read_text("utf-8") + f"\nif ({name}() != 7) {{ }}\n"
            told = differences(self.libraries["shipped"], text)
            self.assertEqual(told, [f"The library has no {name}."])

    def test_nobody_has_edited_what_is_generated(self) -> None:
        folder = scratch_folder(self)
        generate = ["generate", "--no-format"]
        for language in GENERATED:
            generate += ["--language", language]
        self.lipia_bindgen(*generate, "--out-dir", folder, native_folder() / LIBRARY)
        for language, path in GENERATED.items():
            (anew,) = folder.rglob(path.name)
            self.lipia_bindgen(f"hide-{language}", anew)
        for path in (*GENERATED.values(), GENERATED_HEADER):
            (anew,) = folder.rglob(path.name)
            self.assertEqual(
                anew.read_text("utf-8"),
                path.read_text("utf-8"),
                f"{path} is not what the generator makes: it is never edited, run .ci/mobile-bindings.",
            )

    def lipia_bindgen(self, *arguments: str | Path) -> None:
        done = subprocess.run(
            [native_folder() / "lipia-bindgen", *arguments],
            # From the crate's folder: that is where the generator looks for uniffi.toml.
            cwd=MOBILE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_that_is_generated_is_committed(self) -> None:
        for path in (*GENERATED.values(), GENERATED_HEADER):
            ignored = subprocess.run(
                ["git", "check-ignore", "--quiet", path], cwd=MOBILE, timeout=60, check=False
            )
            if ignored.returncode == 128:
                self.skipTest("this is not a clone, and has no history to look at")
            self.assertEqual(ignored.returncode, 0, f"{path} would be committed")


if __name__ == "__main__":
    unittest.main()
