"""What a program tests its own parts with. The gateways' stand-in is :class:`lipia.Sandbox`."""

from __future__ import annotations

from . import _native
from ._public import public
from .ledger import LedgerStore


@public
def check_ledger_store(store: LedgerStore) -> list[str]:
    """Runs the contract of a ledger's store on one, and returns the rules that it breaks: none for a store that conforms. The
    suite of the core's own stores, which takes some seconds.

    It writes some 200 rows in shops with names of their own, and leaves them there: give it a store for tests.

    ::

        def test_my_store_conforms(tmp_path):
            assert lipia.testing.check_ledger_store(MyStore(tmp_path / "payments")) == []
    """
    return _native.check_ledger_store(store)
