"""The languages, and the command that starts the worker of each."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from peers import Peer

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BENCH = REPOSITORY / "bench"

#: So many pieces of work come before the first that counts. V8 compiles the last of `fetch` after thousands of calls; until
#: then it costs four times as much.
WARM_PIECES = {"python": 1, "node": 4_096, "rust": 1_000}


class NotThere(Exception):
    """A peer cannot be started; the text says why."""


@dataclass
class Tools:
    """What was prepared, and what could not be."""

    #: The interpreter with the Python peers.
    python: Path | None = None
    node: Path | None = None
    #: The folder whose `node_modules` has the Node peers.
    node_packages: Path | None = None
    #: The gateway, the sandbox, and the Rust peers.
    rust: Path | None = None
    #: The crate `mpesa`, which is a program of its own.
    mpesa: Path | None = None
    #: Why something is missing, by the name of a peer or of a language.
    missing: dict[str, str] = field(default_factory=dict)

    def command(self, peer: Peer) -> list[str]:
        """The program that measures a peer.

        :raises NotThere: where it could not be prepared.
        """
        reason = self.missing.get(peer.name) or self.missing.get(peer.language)
        if reason:
            raise NotThere(reason)
        if peer.language == "python":
            return [self._program(self.python), str(BENCH / "python/worker.py"), peer.module]
        if peer.language == "node":
            worker = str(BENCH / "node/worker.mjs")
            return [self._program(self.node), "--expose-gc", worker, peer.module]
        program = self.mpesa if peer.module == "mpesa" else self.rust
        return [self._program(program), "worker", peer.module]

    def environment(self) -> dict[str, str]:
        """Our variables without a proxy and without what changes an interpreter: what is measured goes to this machine."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")
            and name not in ("NODE_OPTIONS", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
        }
        if self.node_packages is not None:
            kept["LIPIA_BENCH_NODE_PACKAGES"] = str(self.node_packages)
        return kept

    @staticmethod
    def _program(path: Path | None) -> str:
        if path is None or not path.exists():
            raise NotThere("its program was not built")
        return str(path)
