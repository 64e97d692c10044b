"""Server processes of the tests' own: which databases run, a folder that is thrown away, the wait for a server that starts, and its
end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: The databases that Django's tests run on. `make test-django-mariadb` names MariaDB, whose programs not every machine has.
DATABASES = os.environ.get("LIPIA_TEST_DATABASES", "sqlite postgresql").split()

#: Those of them that are servers.
SERVERS = [name for name in DATABASES if name != "sqlite"]


class ProgramsMissing(Exception):
    """A database's programs are not installed. Its text says how to install them."""


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    """A folder for a server. Its path is short, as that of a Unix socket has to be."""
    folder = Path(tempfile.mkdtemp(prefix=f"lipia-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end(server: subprocess.Popen[bytes]) -> None:
    """Asks a server to end, and kills it where it has not ended half a minute later."""
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def wait_until_ready(
    name: str, is_ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path
) -> None:
    """Waits until a server that was started takes connections.

    :raises RuntimeError: the server has ended, or a minute is over.
    """
    deadline = time.monotonic() + 60
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace')}")
        time.sleep(0.05)
