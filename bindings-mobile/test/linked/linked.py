"""The folder of what .ci/phone-libraries has linked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: Whoever imports this finds the modules of the scripts.
sys.path.insert(0, str(ROOT / "bindings-mobile" / "scripts"))


def folder() -> Path:
    """The folder, which has android/ and apple/."""
    named = os.environ.get("LIPIA_PHONE_LIBRARIES")
    assert named, (
        "LIPIA_PHONE_LIBRARIES is not set: run .ci/cross-check, which links them and sets it."
    )
    return Path(named)
