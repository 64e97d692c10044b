"""A PostgreSQL of the tests' own: on loopback, on a free port, in a directory that is thrown
away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from server_process import ProgramsMissing, temporary_folder, wait_until_ready

HOW_TO_INSTALL = (
    "PostgreSQL's programs (initdb, postgres) were not found under /usr/lib/postgresql/*/bin or "
    "on the PATH. Install them with: apt-get install postgresql. To run the other tests alone, "
    "set LIPIA_TEST_WITHOUT_POSTGRESQL=1."
)


_DATABASES = count(1)


def _programs() -> Path:
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise ProgramsMissing(HOW_TO_INSTALL)
    return Path(found).resolve().parent


def _as_a_user() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_postgresql() -> Iterator[dict[str, object]]:
    """Starts it, and gives what Django's ``DATABASES`` says of it; stops it and removes it in the
    end.

    :raises ProgramsMissing: with what to install.
    """
    programs = _programs()
    with temporary_folder("postgresql") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, port = folder / "data", _free_port()
        subprocess.run(
            [
                *_as_a_user(),
                programs / "initdb",
                "-A",
                "trust",
                "-U",
                "shop",
                "--no-sync",
                "-D",
                data,
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        log = (folder / "log").open("wb")
        server = subprocess.Popen(
            [
                *_as_a_user(),
                programs / "postgres",
                *("-D", data, "-k", folder, "-p", str(port)),
                *(
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=200",
                ),
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
        )

        def is_ready() -> bool:
            asked = ("-q", "-h", "127.0.0.1", "-p", str(port), "-U", "shop")
            return subprocess.run([programs / "pg_isready", *asked], check=False).returncode == 0

        try:
            wait_until_ready("PostgreSQL", is_ready, server, folder / "log")
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "postgres",
                "USER": "shop",
                "HOST": "127.0.0.1",
                "PORT": port,
            }
        finally:
            subprocess.run(
                [*_as_a_user(), programs / "pg_ctl", "stop", "-m", "immediate", "-D", data],
                check=False,
                capture_output=True,
                cwd=folder,
            )
            server.wait(timeout=30)
            log.close()


@contextmanager
def database_of_its_own(server: dict[str, object]) -> Iterator[str]:
    """An empty database on a server, and its address."""
    import psycopg

    user, host, port = server["USER"], server["HOST"], server["PORT"]
    name = f"shop_{next(_DATABASES)}"
    address = f"postgres://{user}@{host}:{port}/{{}}?sslmode=disable"
    with psycopg.connect(address.format(server["NAME"]), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield address.format(name)
