"""mpesakit with ``use_session=True``: one HTTP client for all requests."""

from __future__ import annotations

from mpesakit import MpesaClient  # type: ignore[import-untyped]

from . import mpesakit, sale

DISTRIBUTION = "mpesakit"

push = mpesakit.push


def make(where: sale.Where) -> tuple[MpesaClient, sale.Where]:
    return mpesakit.make(where, use_session=True)
