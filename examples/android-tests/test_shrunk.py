"""The app as R8 leaves it, in a shop: with the rules that its libraries bring, and no rule of its own."""

from __future__ import annotations

import unittest
import zipfile
from pathlib import Path

import app
import shrinking
from shop import Shop


class Shrunk(Shop):
    def test_sets_up_and_is_paid(self) -> None:
        built = app.from_environment()
        classes = shrinking.shrunk_with_scenes(built, shrinking.r8.VERSIONS[-1])
        self.play("sets_up_and_is_paid", classes=classes)
        self.assertEqual(self.sandbox.prompts, 1)
        # A client for another gateway, which no till of this app makes, is gone; and what is there has other names.
        kept, had = names(classes[0]), names(built.lipia)
        self.assertLess(len(kept), len(had))
        for name in ("dev/lipia/PalPluss.class", "dev/lipia/Payment.class"):
            self.assertIn(name, had)
            self.assertNotIn(name, kept)


def names(jar: Path) -> set[str]:
    """The classes of Lipia in a jar."""
    with zipfile.ZipFile(jar) as archive:
        return {name for name in archive.namelist() if name.startswith("dev/lipia/")}


if __name__ == "__main__":
    unittest.main()
