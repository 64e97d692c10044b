"""The tables of peers and limits fit each other and the files."""

from __future__ import annotations

import json
import re
import unittest

import asked
from contents import CONTENTS
from languages import BENCH, WARM_PIECES
from peers import LANGUAGES, PEERS, Contestant
from prepare import MODULES


class Tables(unittest.TestCase):
    def test_no_two_peers_have_one_name(self) -> None:
        names = [peer.name for peer in PEERS]
        self.assertEqual(len(names), len(set(names)))

    def test_each_peer_of_python_and_node_is_a_file_and_each_file_a_peer(self) -> None:
        for language, ending in (("python", ".py"), ("node", ".mjs")):
            files = {path.stem for path in (BENCH / language / "peers").glob(f"*{ending}")}
            modules = {peer.module for peer in PEERS if peer.language == language}
            self.assertEqual(files - {"__init__", "sale"}, modules)

    def test_each_language_has_a_lipia_and_a_warm_up(self) -> None:
        self.assertEqual({peer.language for peer in PEERS if peer.is_lipia}, set(LANGUAGES))
        self.assertEqual(set(WARM_PIECES), set(LANGUAGES))

    def test_what_was_asked_is_measured(self) -> None:
        names = {Contestant(peer, mode).name for peer in PEERS for mode in peer.modes}
        for language, mode, in_flight, other in asked.PUSH:
            self.assertIn(f"{language}:{other}:{mode}", names)
            self.assertIn(f"{language}:lipia:{mode}", names)
            self.assertIn(f"push {in_flight} in flight", [entry.name for entry in CONTENTS])
        readers = {peer.name for peer in PEERS if peer.parses}
        self.assertLessEqual({f"{language}:{other}" for language, other in asked.CALLBACK}, readers)
        loaded = {(peer.language, what) for peer in PEERS for what in peer.loads}
        self.assertLessEqual(set(asked.LOADING_SECONDS), loaded)

    def test_every_distribution_that_is_installed_stands_for_a_peer(self) -> None:
        lines = (BENCH / "python/requirements.txt").read_text(encoding="utf-8").splitlines()
        pinned = [re.split("==", line)[0] for line in lines if line and not line.startswith("#")]
        self.assertEqual(sorted(pinned), sorted(MODULES))
        names = {peer.name for peer in PEERS}
        for modules in MODULES.values():
            self.assertLessEqual({f"python:{module}" for module in modules}, names)

    def test_what_is_loaded_of_node_is_installed(self) -> None:
        manifest = json.loads((BENCH / "node/package.json").read_text(encoding="utf-8"))
        loaded = {what for peer in PEERS if peer.language == "node" for what in peer.loads}
        self.assertEqual(loaded - {"lipia"}, set(manifest["dependencies"]))

    def test_each_measurement_can_be_asked_for(self) -> None:
        names = [entry.name for entry in CONTENTS]
        self.assertEqual(len(names), len(set(names)))
