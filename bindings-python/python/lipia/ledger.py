"""A ledger's store of your own: the commands that keep payments in a database that Lipia does not know.

``lipia.Daraja(ledger=store)`` takes a :class:`LedgerStore` where it takes an address. The engine that decides what is written,
when the gateway is asked and whom to tell is the same for every store.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Literal, TypedDict

#: How many callbacks of one payment are kept.
MAX_CALLBACKS = 64

#: What came of writing a row. ``written``; ``stale``: the stored row has another version, or there is none; ``order_held``:
#: another row holds the order; ``name_taken``: another payment has one of the row's names. But for ``written``, nothing was
#: written.
Replaced = Literal["written", "stale", "order_held", "name_taken"]


class LedgerScope(TypedDict):
    """The payments that belong together: one environment and one shop."""

    environment: str
    shop: str


class LedgerParty(LedgerScope):
    """A scope, and the account whose payments a client can ask about."""

    account: str


class LedgerRow(TypedDict):
    """One payment. A store keeps every field; times are milliseconds since 1970 in UTC, by the store's clock.

    From ``id`` on to ``settled_at`` the fields are what rows are looked up by. ``gateway`` to ``settled_at`` repeat what
    ``payment`` says: a store that has no use for one need not keep it, and need not hand it back.
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
    #: Whether the payment holds its order. Of the payments of one order in a scope at most one does.
    holds_order: bool
    gateway: str
    state: str
    outcome: str
    is_paid: bool
    #: Whether it may yet be paid.
    is_open: bool
    amount: int
    phone_number: str
    reference: str
    checkout_request_id: str | None
    receipt: str | None
    #: What names the payment at its gateway. In all of the store a name is one payment's.
    names: list[str]
    reserved_at: int
    settled_at: int | None
    #: Until when the process that sends the push is taken to be alive.
    lease_until: int | None
    #: When the gateway is to be asked next.
    ask_after: int | None
    asked_at: int | None
    asks: int
    #: Something is owed to the shop while ``news`` is above ``told``.
    news: int
    told: int
    #: When what is owed may be told next.
    owed_after: int
    #: How often a telling was begun.
    attempts: int
    trouble: str | None
    released_at: int | None
    #: The payment as JSON. It holds the customer's number.
    payment: str
    #: The store's clock when it handed the row out. Not kept.
    read_at: int


class LedgerCallback(TypedDict):
    """The body of a callback, as it came."""

    payment_id: str
    #: The key of the callback, together with the payment.
    digest: str
    body: bytes
    #: When it came, by the store's clock: given by the store.
    received_at: int
    #: What was made of it; ``None`` while nobody has judged it.
    verdict: str | None


class LedgerVersion(TypedDict):
    """A row as somebody has read it."""

    payment_id: str
    version: int


class LedgerEarlier(TypedDict):
    """The payments of an order, the newest first, and the store's clock."""

    rows: list[LedgerRow]
    now: int


class LedgerClaimed(TypedDict):
    """Whether a claim was written, and the row that was; else the row that holds the order."""

    is_taken: bool
    row: LedgerRow


class LedgerTelling(TypedDict):
    """A row that the shop is to be told of."""

    row: LedgerRow
    #: Whether any payment of the row's order is paid; without an order, whether this one is.
    order_is_paid: bool
    #: Whether another payment holds the row's order.
    order_is_held_by_another: bool


class LedgerTaken(TypedDict):
    """The shop took the news up to this count."""

    news: int


class LedgerNotTaken(TypedDict):
    """The shop did not take the news, and is told again after so many milliseconds."""

    again_in: int
    trouble: str


class LedgerSearch(LedgerScope):
    """What rows are looked up by: all filters that are not ``None`` or ``False`` must hold. Texts are compared whole."""

    state: str | None
    receipt: str | None
    phone_number: str | None
    reference: str | None
    #: Rows with this ``reserved_at`` or a later one.
    since: int | None
    #: Rows whose id begins so.
    id_prefix: str | None
    order: str | None
    #: Rows whose ``is_open`` is set.
    only_open: bool
    #: Rows whose ``news`` is above ``told``.
    only_owed: bool


class LedgerNote(TypedDict):
    """A text that processes share. A key that was never written has version 0."""

    version: int
    #: ``None`` where there is none, or its time is up.
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
    """Where a ledger keeps its rows. Derive from it to keep payments in a database of your own, and run
    :func:`lipia.testing.check_ledger_store` on it in your tests: a store that breaks a rule invites the second prompt.

    - **A command is one transaction.** When it has returned, what it wrote survives a crash. When it raises, nothing of it was
      written; the caller of the verb gets ``ledger_failed`` with what the exception says.
    - **A store decides nothing.** It compares versions, times and keys, and keeps what it is given.
    - **Time is the store's own clock**, the same for all its processes: ``now`` below, and every ``read_at``.
    - **Every write to a row makes its version one higher**, a lease too.
    - A command may be given twice, where the answer to the first was lost.

    Commands run in up to four threads that do nothing else, so they may block, and several may run at once. A thread that had
    no command for a minute ends. In a forked child the threads are new ones; what else the store has open is for it to open
    again.
    """

    #: A folder of this machine where callbacks are kept while the store fails, and no other store's. ``None`` for no such
    #: folder: they are answered 503 then, and Safaricom posts once.
    spool: str | os.PathLike[str] | None = None

    @abstractmethod
    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        """All payments of an order, the newest first."""

    @abstractmethod
    def load(self, payment_id: str, /) -> LedgerRow | None:
        """The row of a payment."""

    @abstractmethod
    def claim(self, row: LedgerRow, over: LedgerVersion | None, lease: int, /) -> LedgerClaimed:
        """Writes a new row, with the next ``seq``, version 1 and ``lease_until`` so many milliseconds from now, unless another
        row holds its order. In one transaction:

        1. A row with this ``id`` that is there already is the answer as it is: taken.
        2. Where ``over`` is given and that row still has that version, it no longer holds its order, and its version is one
           higher.
        3. Where the new row holds its order and another row does as well, nothing is written (nor step 2), and that row is the
           answer: not taken.
        4. Else the row is written. Those of its names that no payment has become the payment's.
        """

    @abstractmethod
    def replace(self, row: LedgerRow, /) -> Replaced:
        """Writes a row in place of the stored one with the same ``id``, where that one still has ``row["version"]``; it then
        has the next one. ``seq`` stays as it is. With it the row's names become the payment's: where another payment has one
        of them, or another row holds the order, nothing is written."""

    @abstractmethod
    def keep(self, callback: LedgerCallback, row: LedgerRow | None, /) -> Replaced:
        """Keeps a callback, by its payment and its digest, and writes a row as :meth:`replace` does: both or neither. A
        callback that is kept already gets the verdict where it has none. One of a payment that has 64 others is not kept, and
        the row is written all the same. There may be no row of the payment."""

    @abstractmethod
    def named(self, names: list[str], /) -> dict[str, str]:
        """Whose these names are: each that a payment has, with the payment's id."""

    @abstractmethod
    def waiting(self, party: LedgerParty, most: int, /) -> list[LedgerCallback]:
        """Callbacks without a verdict whose payments have this scope and account, the oldest first."""

    @abstractmethod
    def forgotten(self, scope: LedgerScope, most: int, /) -> list[LedgerRow]:
        """Rows of this scope whose ``lease_until`` has come."""

    @abstractmethod
    def due(self, party: LedgerParty, most: int, /) -> list[LedgerRow]:
        """Rows of this scope and account whose ``ask_after`` has come, the earliest first."""

    @abstractmethod
    def claim_question(self, row: LedgerVersion, lease: int, /) -> LedgerRow | None:
        """Takes the right to ask about a payment, where its row still has that version: ``ask_after`` becomes so many
        milliseconds from now, ``asked_at`` now, ``asks`` one more. The row as it is then; ``None`` where somebody else wrote
        to it."""

    @abstractmethod
    def owed(self, scope: LedgerScope, lease: int, most: int, /) -> list[LedgerTelling]:
        """Leases rows of this scope whose ``news`` is above ``told`` and whose ``owed_after`` has come, the earliest first:
        ``owed_after`` becomes so many milliseconds from now, and ``attempts`` one more. Of two callers at the same moment one
        gets a row."""

    @abstractmethod
    def told(self, payment_id: str, attempts: int, end: LedgerTaken | LedgerNotTaken, /) -> bool:
        """Ends a telling, where the row's ``attempts`` are still those; whether it was so. With ``news``: ``told`` becomes it
        unless it is higher already, ``owed_after`` now, ``trouble`` ``None``. With ``again_in``: ``owed_after`` becomes so
        many milliseconds from now, and ``trouble`` is kept."""

    @abstractmethod
    def versions(self, payment_ids: list[str], /) -> dict[str, int]:
        """The versions of those of these payments that have a row, by their ids."""

    @abstractmethod
    def search(self, search: LedgerSearch, before: int | None, most: int, /) -> list[LedgerRow]:
        """The rows that a search finds, the newest first; with ``before`` only those with a smaller ``seq``."""

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
        """Writes the text of a key, where its note still has that version: the version becomes one higher, and the text is
        there for so many milliseconds. A text has at most 256 KB. A note whose time is up has its version and no text; a store
        may forget it a day later."""

    @abstractmethod
    def report(self, scope: LedgerScope, /) -> LedgerReport:
        """Where the payments are kept, and how many of this scope there are."""
