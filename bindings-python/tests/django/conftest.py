"""Django with a project of the tests' own, on SQLite and on PostgreSQL, or on MariaDB (`make test-django-mariadb`), and a sandbox
that posts real callbacks."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "shop_under_test.settings"

import django

django.setup()

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connections
from django.test import override_settings
from mariadb_server import running_mariadb
from postgresql_server import running_postgresql
from server_process import DATABASES, SERVERS, ProgramsMissing
from shop_under_test.models import Sale, Told
from shop_under_test.testing import lipia_setting

import lipia
from lipia.django import payments
from lipia.django.models import Callback, Note, Payment

DatabaseSettings = dict[str, object]


collect_ignore = [] if "mariadb" in DATABASES else ["test_django_mariadb.py"]


def pytest_configure(config: pytest.Config) -> None:
    """The marker that the tests use."""
    config.addinivalue_line(
        "markers",
        "on_a_server: runs on PostgreSQL and MariaDB alone, with servers in processes of their own",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that uses a database runs on each."""
    if "database" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("on_a_server") is not None
        metafunc.parametrize(
            "database", SERVERS if alone else DATABASES, indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[DatabaseSettings]:
    """A PostgreSQL that runs for the session."""
    if os.environ.get("LIPIA_TEST_WITHOUT_POSTGRESQL") == "1":
        pytest.skip("LIPIA_TEST_WITHOUT_POSTGRESQL is set")
    yield from _running(running_postgresql())


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseSettings]:
    """A MariaDB that runs for the session."""
    for described in _running(running_mariadb()):
        if os.environ.get("LIPIA_TEST_MARIADB_DRIVER") == "pymysql":
            # It would read the certificates of the system for each connection.
            described["OPTIONS"] = {"ssl_disabled": True}
        yield described


def _running(server: AbstractContextManager[DatabaseSettings]) -> Iterator[DatabaseSettings]:
    try:
        with server as described:
            yield described
            connections.close_all()
    except ProgramsMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseSettings]:
    """The database that this run of the test uses, with its tables."""
    if request.param == "sqlite":
        described: DatabaseSettings = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path_factory.mktemp("sqlite") / "shop.sqlite3"),
            "OPTIONS": {"timeout": 30},
        }
    else:
        described = request.getfixturevalue(request.param)
    _connect_to(described)
    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    yield described
    connections.close_all()


def _connect_to(described: DatabaseSettings) -> None:
    settings.DATABASES["default"] = dict(described)
    connections.settings = connections.configure_settings(settings.DATABASES)
    # This thread has a connection, and so has the one in which asyncio's tests reach the database.
    for forget in (_forget_connection, lambda: asyncio.run(sync_to_async(_forget_connection)())):
        forget()
    payments._renew_threads()


def _forget_connection() -> None:
    connections["default"].close()
    del connections["default"]


@pytest.fixture
def options(database: DatabaseSettings) -> Iterator[Callable[..., None]]:
    """Connects to the database with more ``OPTIONS``, for one test."""

    def connect(**options: object) -> None:
        usual: Any = database["OPTIONS"]
        _connect_to({**database, "OPTIONS": {**usual, **options}})

    yield connect
    _connect_to(database)


@pytest.fixture
def tables(database: DatabaseSettings) -> Iterator[None]:
    """The tables, empty."""
    _empty()
    yield
    _empty()


def _empty() -> None:
    for tries_left in reversed(range(10)):
        try:
            for rows in (Payment, Callback, Note, Told, Sale):
                rows.objects.all().delete()  # type: ignore[attr-defined]
            return
        except OperationalError:
            # A callback that comes after the end of its test locks the same rows in another order.
            if not tries_left:
                raise


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """The tests' output is no access log."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """This process's project, served over HTTP; its address."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    """M-Pesa, for one test."""
    with lipia.Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def shop(sandbox: lipia.Sandbox, server: str, tables: None) -> Iterator[dict[str, Any]]:
    """The project, with M-Pesa at the sandbox and callbacks to this process; its ``LIPIA``."""
    setting = lipia_setting(sandbox, f"{server}/pay")
    with override_settings(LIPIA=setting):
        yield setting


@pytest.fixture
def deaf_shop(sandbox: lipia.Sandbox, tables: None) -> Iterator[dict[str, Any]]:
    """The project, whose callbacks go nowhere unless a test posts them itself."""
    setting = lipia_setting(sandbox, "http://127.0.0.1:9/pay")
    with override_settings(LIPIA=setting):
        yield setting
