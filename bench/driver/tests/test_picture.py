"""The picture."""

from __future__ import annotations

import unittest
from xml.etree import ElementTree

from picture import as_svg
from report import Section

from .found import HEADER, faults, memory, push

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*sections: Section) -> ElementTree.Element:
    """Parses it: what a browser would refuse fails here."""
    return ElementTree.fromstring(as_svg(HEADER, sections))


class Picture(unittest.TestCase):
    def test_names_are_written_as_they_are(self) -> None:
        texts = [text.text for text in drawn(push(1, lipia=0.1)).iter(f"{SVG}text")]
        self.assertIn("<peer> & co", texts)

    def test_a_dot_for_each_figure_is_where_the_axis_says(self) -> None:
        root = drawn(push(1, lipia=0.1), push(32, lipia=0.2))
        dots = {
            str(dot.findtext(f"{SVG}title")): float(dot.attrib["cx"])
            for dot in root.iter(f"{SVG}circle")
            if "x" in str(dot.findtext(f"{SVG}title"))
        }
        one, many = sorted(dots)
        self.assertTrue(one.endswith("1 in flight: 8.00x"), one)
        self.assertTrue(many.endswith("32 in flight: 4.00x"), many)
        self.assertGreater(dots[one], dots[many])

    def test_every_prompt_is_a_box(self) -> None:
        boxes = [len(list(drawn(faults(number)).iter(f"{SVG}rect"))) for number in (1, 4)]
        self.assertEqual(boxes[1] - boxes[0], 3)

    def test_who_is_refused_is_told_in_words_and_not_as_a_nought(self) -> None:
        section = faults(0, refused=1)
        texts = [text.text for text in drawn(section).iter(f"{SVG}text")]
        self.assertIn(section.rows[0].figure, texts)
        self.assertNotIn("0", texts)

    def test_all_of_it_is_within_the_frame(self) -> None:
        root = drawn(push(1, lipia=0.00001), faults(40), memory())
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        for dot in root.iter(f"{SVG}circle"):
            self.assertLess(float(dot.attrib["cx"]), width)
        for text in root.iter(f"{SVG}text"):
            self.assertLess(float(text.attrib["y"]), height)

    def test_a_run_of_nothing_is_a_picture_too(self) -> None:
        self.assertEqual(drawn().tag, f"{SVG}svg")
