"""The log where the environment variable ``LIPIA_LOG`` asks for it: at that level, and on stderr unless the program sets up
logging."""

from __future__ import annotations

import logging
import sys


class StderrHandler(logging.Handler):
    """Lines on stderr, as long as no other handler would get them."""

    def emit(self, record: logging.LogRecord) -> None:
        others = [*logging.getLogger("lipia").handlers, *logging.root.handlers]
        if others == [self]:
            print(self.format(record), file=sys.stderr)


def follow_environment(logger: logging.Logger, level: int) -> None:
    """Sets the level that the environment asks for. The program may set another one later."""
    handler = StderrHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(levelname)s: %(message)s"))
    logger.setLevel(level)
    logger.addHandler(handler)
