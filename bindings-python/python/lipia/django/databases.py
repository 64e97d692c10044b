"""The databases that the app's tables can be in, and what MariaDB must be set to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import OperationalError

from .models import Callback, Name, Note, Payment

#: The collation that compares text byte for byte, a blank at the end too. Every other one joins orders that differ.
MARIADB_COLLATION = "utf8mb4_nopad_bin"

#: The queries for a server's clock in milliseconds. SQLite's is the machine's own. MariaDB's does not depend on the time zone of the
#: session, in which an hour of the year comes twice.
SERVERS_CLOCK = {
    "postgresql": "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
    "mysql": "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000",
}

#: MariaDB's errors for a transaction that it rolled back for another's sake: the row has changed since the snapshot, and a deadlock.
_ROLLED_BACK = (1020, 1213)

#: How often such a transaction is tried.
_MAX_TRIES = 20

#: The longest pause before the next try, in seconds.
_MAX_PAUSE = 0.02

Result = TypeVar("Result")


@dataclass(frozen=True)
class Fault:
    """The reason why a ledger cannot be in a database, and what to do about it."""

    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


def is_mariadb(connection: Any) -> bool:
    """Whether the database is a MariaDB. Django has one vendor for MySQL and MariaDB, and asks the server which of them it is."""
    if connection.vendor != "mysql":
        return False
    # Else Django opens a connection for the question alone.
    connection.ensure_connection()
    return bool(connection.mysql_is_mariadb)


def fault_of_kind(connection: Any) -> Fault | None:
    """The fault of a database that is none of those that the tests of the ledger run on."""
    if connection.vendor in ("sqlite", "postgresql") or is_mariadb(connection):
        return None
    return Fault(
        f"A ledger over the app's tables needs SQLite, PostgreSQL or MariaDB, and the database "
        f"{connection.alias!r} is {connection.display_name}.",
        "Give a ledger of its own, such as ledger='sqlite:///var/lib/shop/payments.db'.",
    )


def fault_of_session(connection: Any) -> Fault | None:
    """The fault of a connection's settings on MariaDB, with which a text would not be kept as it is given."""
    if not is_mariadb(connection):
        return None
    ((charset, modes),) = _rows(connection, "SELECT @@character_set_client, @@sql_mode")
    options = f'DATABASES["{connection.alias}"]["OPTIONS"]'
    if charset != "utf8mb4":
        return Fault(
            f"The connection to the database {connection.alias!r} speaks {charset}, in which a "
            "payment or a callback with an emoji cannot be written, although its phone was prompted.",
            f'Set {options}["charset"] = "utf8mb4".',
        )
    if not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(modes.split(",")):
        return Fault(
            f"The database {connection.alias!r} is not in strict mode: it cuts texts that are too "
            "long without an error.",
            f'Set {options}["init_command"] = "SET sql_mode=\'STRICT_TRANS_TABLES\'".',
        )
    return None


def fault_of_tables(connection: Any) -> Fault | None:
    """The fault of the app's tables on MariaDB: orders that differ are one, or nothing can be rolled back."""
    if not is_mariadb(connection):
        return None
    tables = [model._meta.db_table for model in (Payment, Callback, Name, Note)]
    quote = connection.ops.quote_name
    for table, engine in _rows(
        connection,
        "SELECT table_name, engine FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name IN %s",
        [tables],
    ):
        if engine != "InnoDB":
            return Fault(
                f"The table {table} has the engine {engine}, which knows no transactions.",
                f"Run ALTER TABLE {quote(table)} ENGINE = InnoDB.",
            )
    # JSON and long texts are compared by nothing: they must keep what they are given.
    for table, column, collation in _rows(
        connection,
        "SELECT table_name, column_name, collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name IN %s AND (character_set_name <> 'utf8mb4' "
        "OR data_type <> 'longtext' AND collation_name <> %s) ORDER BY 1, ordinal_position",
        [tables, MARIADB_COLLATION],
    ):
        return Fault(
            f"The column {column} of the table {table} has the collation {collation}, and orders, "
            "receipts and ids have to be compared byte for byte: an order that differs from a paid "
            "one in its case would count as paid.",
            "Run manage.py migrate lipia. Where its migrations are applied, the table was changed since: run "
            f"{compares_bytes(quote(table))}.",
        )
    return None


def knows_time_zone(connection: Any, name: str) -> bool:
    """Whether a database can convert times to a time zone. Django has MariaDB do that for the admin's list of payments by date."""
    if not is_mariadb(connection):
        return True
    ((converted,),) = _rows(connection, "SELECT CONVERT_TZ('2026-01-01', 'UTC', %s)", [name])
    return converted is not None


def compares_bytes(quoted_table: str) -> str:
    """The statement that makes a table of MariaDB compare its text byte for byte, columns that it gets later too."""
    return (
        f"ALTER TABLE {quoted_table} CONVERT TO CHARACTER SET utf8mb4 COLLATE {MARIADB_COLLATION}"
    )


def fault_of(connection: Any) -> Fault | None:
    """The first fault of a database, as it is now."""
    return fault_of_kind(connection) or fault_of_session(connection) or fault_of_tables(connection)


def run_again_if_rolled_back(connection: Any, work: Callable[[], Result]) -> Result:
    """Does work that is one transaction, and does it again where MariaDB rolled it back for another transaction's sake. Within a
    transaction of the caller's, all of that is lost, and the error is the caller's."""
    for tries_left in reversed(range(_MAX_TRIES)):
        try:
            return work()
        except OperationalError as error:
            is_rolled_back = connection.vendor == "mysql" and error.args[0] in _ROLLED_BACK
            if not is_rolled_back or connection.in_atomic_block or not tries_left:
                raise
        # By chance: those that rolled each other back would meet again.
        time.sleep(random.uniform(0, _MAX_PAUSE))
    raise AssertionError("the last try has returned or raised")


def _rows(connection: Any, statement: str, arguments: list[Any] | None = None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        rows = cursor.fetchall()
    return iter(rows)
