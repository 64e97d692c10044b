"""The native library as it is shipped, for this machine: its size, and what it must not tell."""

from __future__ import annotations

import unittest

from surroundings import LIBRARY, shipped_folder

# isort: split
import android_library
import elf
from traces import traces


class Shipped(unittest.TestCase):
    def setUp(self) -> None:
        self.content = (shipped_folder() / LIBRARY).read_bytes()

    def test_is_as_small_as_was_promised(self) -> None:
        self.assertLessEqual(len(self.content), android_library.LARGEST)
        # Nor is it an empty one: HTTP, TLS and what decides are in it.
        self.assertGreater(len(self.content), 500_000)

    def test_tells_nothing_of_the_machine_that_made_it(self) -> None:
        self.assertEqual(traces(self.content), [])

    def test_is_stripped_and_is_lipia(self) -> None:
        if not self.content.startswith(b"\x7fELF"):
            self.skipTest("a library of Linux's is needed")
        library = elf.read(self.content)
        self.assertTrue(library.is_stripped)
        self.assertIn(android_library.CONTRACT, library.exports)
        strange = [name for name in library.exports if "lipia_mobile" not in name.lower()]
        self.assertEqual(strange, [], "what others need not see may be left out")

    def test_brings_the_licences_of_what_is_linked(self) -> None:
        text = (shipped_folder() / "LICENSE-THIRD-PARTY").read_text("utf-8")
        for expected in ("\nring ", "\ntokio ", "\nuniffi ", "Permission is hereby granted"):
            self.assertIn(expected, text)


class Traces(unittest.TestCase):
    """What a path of a machine is, and what is none."""

    def test_a_path_of_every_kind_of_machine(self) -> None:
        for text in (
            "/root/x/lib.rs",
            "C:\\Users\\somebody\\lib.rs",
            "D:\\a\\_work\\x",
            "x/.cargo/registry/src/one/lib.rs",
            "/runner/x/.rustup/toolchains",
            "/Users/runner/work/lipia",
            "/home/somebody/lipia",
            "/tmp/build/lib.rs",
        ):
            self.assertEqual(len(traces(f"\0{text}\0".encode(), [])), 1, text)

    def test_a_folder_of_this_machine(self) -> None:
        found = traces(b"\0panicked at /srv/build/lipia/core/src/lib.rs\0", ["/srv/build"])
        self.assertEqual(found, ["/srv/build/lipia/core/src/lib.rs"])
        self.assertEqual(traces(b"\0/opt/else/lib.rs\0", ["/srv/build"]), [])

    def test_names_that_stand_for_folders_are_none(self) -> None:
        for text in (
            b"lipia/core/src/lib.rs",
            b"crates/tokio-1.54.1/src/runtime",
            b"/rustc/abc/library/std/src/x.rs",
            b"/tmp/dev/urandom/sys/fs/cgroup/cpu",
        ):
            self.assertEqual(traces(b"\0" + text + b"\0", []), [])


if __name__ == "__main__":
    unittest.main()
