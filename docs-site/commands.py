"""Whether the commands that a reader in trouble is told to type exist: `commands.py PROGRAM DOCUMENT…`.

Each `lipia …` in a block or between backticks names a command of the program, and options that its `--help` knows.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

COMMAND = re.compile(r"^lipia ([^\n#]+)|`lipia ([^`]+)`", re.MULTILINE)


@cache
def help_of(program: str, *command: str) -> str | None:
    """What a command says of itself; `None` where the program has no such command."""
    asked = subprocess.run([program, *command, "--help"], capture_output=True, text=True)
    return asked.stdout if asked.returncode == 0 else None


def main(program: str, *documents: str) -> int:
    wrong, looked_at = [], 0
    for document in documents:
        for in_block, in_text in COMMAND.findall(Path(document).read_text(encoding="utf-8")):
            words = (in_block or in_text).split()
            if words == ["--version"]:
                continue
            looked_at += 1
            command = words[:2] if words[0] == "payments" and len(words) > 1 else words[:1]
            known = help_of(program, *command)
            options = [word.split("=")[0] for word in words if word.startswith("--")]
            if known is None:
                wrong.append(f"{document}: there is no command lipia {' '.join(command)}")
            else:
                wrong += [
                    f"{document}: lipia {' '.join(command)} has no option {option}"
                    for option in options
                    if not re.search(rf"{re.escape(option)}\b", known)
                ]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    print(f"{looked_at} commands, {len(wrong)} wrong")
    return 1 if wrong or looked_at < 20 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
