"""The interface for a ledger's store of your own, over a database that Lipia does not know.

``lipia.Daraja(ledger=store)`` takes a :class:`LedgerStore` in place of an address. The engine, which decides what is written,
when the gateway is asked and whom to tell, is the same for every store.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Literal, TypedDict

#: The most callbacks of one payment that are kept.
MAX_CALLBACKS = 64

#: The result of writing a row. ``written``. ``stale``: the stored row has another version, or there is none. ``order_held``:
#: another row holds the order. ``name_taken``: another payment has one of the row's names. Nothing was written except with
#: ``written``.
Replaced = Literal["written", "stale", "order_held", "name_taken"]


class LedgerScope(TypedDict):
    """A scope: the payments of one environment and one shop belong together."""

    environment: str
    shop: str


class LedgerParty(LedgerScope):
    """A scope, and the account whose payments a client can ask about."""

    account: str


class LedgerRow(TypedDict):
    """A row: one payment in a ledger. Times are milliseconds since 1970 in UTC, by the store's clock.

    A store keeps every field. The fields from ``id`` to ``settled_at`` are for looking rows up. Those from ``gateway`` to
    ``settled_at`` repeat what ``payment`` says: a store may leave out those that it does not need.
    """

    #: The row's place among all rows, in the order in which they were claimed: from 1, given by the store.
    seq: int
    #: Counts every write to the row. A new row is written as version 1.
    version: int
    id: str
    environment: str
    shop: str
    account: str
    order: str | None
    #: Whether the payment holds its order. At most one payment of an order in a scope does.
    holds_order: bool
    gateway: str
    state: str
    outcome: str
    is_paid: bool
    #: Whether the payment may yet be paid.
    is_open: bool
    amount: int
    phone_number: str
    reference: str
    checkout_request_id: str | None
    receipt: str | None
    #: The names of the payment at its gateway. In the whole store a name belongs to one payment.
    names: list[str]
    reserved_at: int
    settled_at: int | None
    #: The time until which the process that sends the push is taken to be alive.
    lease_until: int | None
    #: The time at which the gateway is to be asked next.
    ask_after: int | None
    asked_at: int | None
    asks: int
    #: The shop is owed a telling while ``news`` is above ``told``.
    news: int
    told: int
    #: The earliest time of the next telling.
    owed_after: int
    #: The number of tellings that were begun.
    attempts: int
    trouble: str | None
    released_at: int | None
    #: The payment as JSON. It has the customer's number.
    payment: str
    #: The store's clock when the row was read. Not kept.
    read_at: int


class LedgerCallback(TypedDict):
    """A callback, with its body unchanged."""

    payment_id: str
    #: The digest of the body. Payment and digest together are the key of the callback.
    digest: str
    body: bytes
    #: The time at which it came, by the store's clock. The store sets it.
    received_at: int
    #: The verdict; ``None`` while nobody has judged the callback.
    verdict: str | None


class LedgerVersion(TypedDict):
    """The version of a row that the caller has read."""

    payment_id: str
    version: int


class LedgerEarlier(TypedDict):
    """The payments of an order, the newest first, and the store's clock."""

    rows: list[LedgerRow]
    now: int


class LedgerClaimed(TypedDict):
    """The result of a claim: the row that was written or, where the claim was not taken, the row that holds the order."""

    is_taken: bool
    row: LedgerRow


class LedgerTelling(TypedDict):
    """A row that the shop is owed a telling of."""

    row: LedgerRow
    #: Whether any payment of the row's order is paid; without an order, whether this one is.
    order_is_paid: bool
    #: Whether another payment holds the row's order.
    order_is_held_by_another: bool


class LedgerTaken(TypedDict):
    """The shop took the news up to this count."""

    news: int


class LedgerNotTaken(TypedDict):
    """The shop did not take the news, and is told again."""

    #: Milliseconds until the next telling.
    again_in: int
    trouble: str


class LedgerSearch(LedgerScope):
    """The filters of a search. All that are not ``None`` or ``False`` must match. Texts are compared whole."""

    state: str | None
    receipt: str | None
    phone_number: str | None
    reference: str | None
    #: Rows with this ``reserved_at`` or a later one.
    since: int | None
    #: Rows whose id begins with this.
    id_prefix: str | None
    order: str | None
    #: Rows whose ``is_open`` is set.
    only_open: bool
    #: Rows whose ``news`` is above ``told``.
    only_owed: bool


class LedgerNote(TypedDict):
    """A note: a text that processes share. A key that was never written has version 0."""

    version: int
    #: The text; ``None`` where there is none, or its time is up.
    value: str | None
    read_at: int


class LedgerNoteWritten(TypedDict):
    """Whether a note was written, and the note as it is now."""

    is_written: bool
    note: LedgerNote


class LedgerReport(TypedDict):
    """Where the payments are kept, for people, and how many of a scope there are."""

    #: Never a password.
    place: str
    payments: int
    #: Of these, those whose ``is_open`` is set.
    open: int
    #: Of these, those whose ``news`` is above ``told``.
    owed: int


class LedgerStore(ABC):
    """The store of a ledger's rows. Derive a class from it to keep payments in a database of your own, and run
    :func:`lipia.testing.check_ledger_store` on that class in your tests. A store that breaks a rule can prompt a customer twice.

    - **A command is one transaction.** Once a command has returned, what it wrote survives a crash. Where it raises, it wrote
      nothing; the caller of the verb gets ``ledger_failed`` with the text of the exception.
    - **A store decides nothing.** It compares versions, times and keys, and keeps what it is given.
    - **Time is the store's own clock**, the same for all its processes: ``now`` below, and every ``read_at``.
    - **Every write to a row raises its version by one**, a lease too.
    - A command may come twice, where the answer to the first was lost.

    Commands run in up to four threads of their own, so they may block, and several may run at once. A thread without a command
    for a minute ends. A forked child has new threads; the store has to reopen whatever else it has open.
    """

    #: A folder of this machine, for this store alone, that keeps callbacks while the store fails. ``None`` for no folder:
    #: callbacks are answered 503 then, and Safaricom posts once.
    spool: str | os.PathLike[str] | None = None

    @abstractmethod
    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        """All payments of an order, the newest first."""

    @abstractmethod
    def load(self, payment_id: str, /) -> LedgerRow | None:
        """The row of a payment."""

    @abstractmethod
    def claim(self, row: LedgerRow, over: LedgerVersion | None, lease: int, /) -> LedgerClaimed:
        """Writes a new row unless another row holds its order. The row gets the next ``seq``, version 1, and a ``lease_until``
        that is ``lease`` milliseconds from now. In one transaction:

        1. Where a row with this ``id`` exists, the answer is that row, unchanged, as taken.
        2. Where ``over`` is given and its row still has that version, that row stops holding its order, and its version rises
           by one.
        3. Where the new row holds its order and another row holds it too, nothing is written (not even step 2). The answer is
           that other row, as not taken.
        4. Else the row is written. Those of its names that belong to nobody become the payment's.
        """

    @abstractmethod
    def replace(self, row: LedgerRow, /) -> Replaced:
        """Replaces the stored row with the same ``id``, where that one still has ``row["version"]``. The version rises by one;
        ``seq`` stays. The row's names become the payment's. Where another payment has one of them, or another row holds the
        order, nothing is written."""

    @abstractmethod
    def keep(self, callback: LedgerCallback, row: LedgerRow | None, /) -> Replaced:
        """Keeps a callback under its payment and its digest, and writes a row as :meth:`replace` does: both or neither.

        A callback that is kept already gets the verdict where it has none. Where the payment has 64 other callbacks, this one
        is not kept, and the row is still written. The payment may have no row."""

    @abstractmethod
    def named(self, names: list[str], /) -> dict[str, str]:
        """The ids of the payments that have these names, by name."""

    @abstractmethod
    def waiting(self, party: LedgerParty, most: int, /) -> list[LedgerCallback]:
        """Callbacks without a verdict whose payments have this scope and account, the oldest first."""

    @abstractmethod
    def forgotten(self, scope: LedgerScope, most: int, /) -> list[LedgerRow]:
        """Rows of this scope whose ``lease_until`` has passed."""

    @abstractmethod
    def due(self, party: LedgerParty, most: int, /) -> list[LedgerRow]:
        """Rows of this scope and account whose ``ask_after`` has passed, the earliest first."""

    @abstractmethod
    def claim_question(self, row: LedgerVersion, lease: int, /) -> LedgerRow | None:
        """Takes the right to ask about a payment, where its row still has that version. ``ask_after`` becomes ``lease``
        milliseconds from now, ``asked_at`` becomes now, and ``asks`` rises by one. Returns the row after that; ``None`` where
        another writer was first."""

    @abstractmethod
    def owed(self, scope: LedgerScope, lease: int, most: int, /) -> list[LedgerTelling]:
        """Leases rows of this scope whose ``news`` is above ``told`` and whose ``owed_after`` has passed, the earliest first.
        ``owed_after`` becomes ``lease`` milliseconds from now, and ``attempts`` rises by one. Of two callers at the same
        moment, only one gets a row."""

    @abstractmethod
    def told(self, payment_id: str, attempts: int, end: LedgerTaken | LedgerNotTaken, /) -> bool:
        """Ends a telling, where the row still has that number of ``attempts``. Returns whether it had.

        Where ``end`` has ``news``: ``told`` becomes ``news`` unless it is higher already, ``owed_after`` becomes now, and
        ``trouble`` becomes ``None``. Where ``end`` has ``again_in``: ``owed_after`` becomes that many milliseconds from now,
        and ``trouble`` is kept."""

    @abstractmethod
    def versions(self, payment_ids: list[str], /) -> dict[str, int]:
        """The versions of the rows of these payments, by id. A payment without a row is left out."""

    @abstractmethod
    def search(self, search: LedgerSearch, before: int | None, most: int, /) -> list[LedgerRow]:
        """The rows that match a search, the newest first; with ``before``, only rows with a smaller ``seq``."""

    @abstractmethod
    def callbacks(self, payment_id: str, /) -> list[LedgerCallback]:
        """The callbacks of a payment, in the order in which they came."""

    @abstractmethod
    def prune(self, row: LedgerRow, /) -> Replaced:
        """Writes a row as :meth:`replace` does, and deletes every callback of its payment: both or neither."""

    @abstractmethod
    def note(self, key: str, /) -> LedgerNote:
        """The note of a key, which has at most 200 characters."""

    @abstractmethod
    def write_note(self, key: str, version: int, value: str, lasts: int, /) -> LedgerNoteWritten:
        """Writes the text of a key, where its note still has that version. The version rises by one, and the text lasts for
        ``lasts`` milliseconds. A text has at most 256 KB. A note whose time is up keeps its version and loses its text; a store
        may forget it a day later."""

    @abstractmethod
    def report(self, scope: LedgerScope, /) -> LedgerReport:
        """Where the payments are kept, and how many of this scope there are."""
