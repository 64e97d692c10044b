"""That the guide shows both languages, and names what there is."""

import re
import unittest

import guide


class Guide(unittest.TestCase):
    def test_each_thing_is_shown_in_both_languages(self):
        languages = [language for _, language, _ in guide.blocks()]
        self.assertGreaterEqual(len(languages), 20)
        self.assertEqual(languages, ["kotlin", "swift"] * (len(languages) // 2))

    def test_its_links_lead_somewhere(self):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", guide.GUIDE.read_text())
        self.assertGreater(len(targets), 5)
        for target in targets:
            self.assertTrue((guide.GUIDE.parent / target).exists(), target)
