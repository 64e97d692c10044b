"""A MariaDB of the tests' own: on a Unix socket, without a port, in a directory that is thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server_process import ProgramsMissing, end, temporary_folder, wait_until_ready

HOW_TO_INSTALL = (
    "MariaDB's programs (mariadbd, mariadb-install-db) were not found. Install them with: "
    "apt-get install mariadb-server-core mariadb-client-core."
)

#: The database's default collation is the one that a MariaDB of Debian's has where nobody chose: it compares without case. Of time zones
#: there is the tests' own.
_FIRST = """
INSERT INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (1, 'N'), (2, 'N');
INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('UTC', 1), ('Africa/Nairobi', 2);
INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation)
    VALUES (1, 0, 0, 0, 'UTC'), (2, 0, 10800, 0, 'EAT');
CREATE USER shop@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('');
GRANT ALL ON *.* TO shop@localhost;
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
"""


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if found is None:
        raise ProgramsMissing(HOW_TO_INSTALL)
    return found


@contextmanager
def running_mariadb() -> Iterator[dict[str, object]]:
    """Starts it, and gives what Django's ``DATABASES`` says of it; stops it and removes it in the
    end.

    :raises ProgramsMissing: with what to install.
    """
    server_program, install_program = _program("mariadbd"), _program("mariadb-install-db")
    with temporary_folder("mariadb") as folder:
        # MariaDB refuses to run as root unless it is told to.
        common = ["--no-defaults", f"--datadir={folder / 'data'}"]
        common += ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(
            [install_program, *common, "--skip-test-db", "--skip-name-resolve"],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        (folder / "first.sql").write_text(_FIRST)
        address, log = folder / "socket", folder / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [
                    *(server_program, *common),
                    *(f"--socket={address}", "--skip-networking", f"--pid-file={folder / 'pid'}"),
                    *(f"--init-file={folder / 'first.sql'}", "--max-connections=200"),
                    "--innodb-flush-log-at-trx-commit=0",
                ],
                stdout=output,
                stderr=output,
                cwd=folder,
            )
        try:
            wait_until_ready("MariaDB", lambda: _answers(address), server, log)
            yield {
                "ENGINE": "django.db.backends.mysql",
                "NAME": "shop",
                "USER": "shop",
                "HOST": str(address),
                "OPTIONS": {},
            }
        finally:
            end(server)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(address))
            # The greeting comes once the file of first statements is done.
            return bool(probe.recv(1))
        except OSError:
            return False
