"""``python -m lipia``: the command line, the same contract as the ``lipia`` binary."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Runs the command line with this process's arguments; returns its exit status."""
    from ._native import run_command_line

    # Python would answer Ctrl-C with an exception once the command has ended. The command answers it itself, with
    # what it knows of the payment and an exit status.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command_line(["lipia", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
