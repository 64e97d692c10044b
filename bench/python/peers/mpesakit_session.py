"""mpesakit with ``use_session=True``: one HTTP client for all requests, whose connections are kept."""

from __future__ import annotations

from mpesakit import MpesaClient

from . import mpesakit, sale

push = mpesakit.push


def make(where: sale.Where) -> tuple[MpesaClient, sale.Where]:
    return mpesakit.make(where, use_session=True)
