"""Tests for parts of your own that Lipia calls, such as a ledger's store. For a pretend gateway use :class:`lipia.Sandbox`."""

from __future__ import annotations

from . import _native
from ._public import public
from .ledger import LedgerStore


@public
def check_ledger_store(store: LedgerStore) -> list[str]:
    """Runs the core's suite for ledger stores on a store, and returns the rules that the store breaks. A conforming store
    breaks none. The suite takes some seconds.

    It writes some 200 rows, in shops with names of their own, and leaves them there: give it a store for tests.

    ::

        def test_my_store_conforms(tmp_path):
            assert lipia.testing.check_ledger_store(MyStore(tmp_path / "payments")) == []
    """
    return _native.check_ledger_store(store)
