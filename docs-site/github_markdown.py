"""What GitHub's Markdown takes and Python's does not."""

from __future__ import annotations

import re
from collections.abc import Callable

FENCE = re.compile(r"^ *(`{3,}|~{3,})")
ITEM = re.compile(r"^ *([-*+]|\d+\.) ")


def outside_of_code(markdown: str, change: Callable[[str], str]) -> str:
    """The Markdown with everything changed that does not stand in a block of code."""
    done: list[str] = []
    pending: list[str] = []
    fence, is_rust = "", False
    for line in markdown.split("\n"):
        mark = FENCE.match(line)
        if not fence and mark:
            done.append(change("\n".join(pending)) if pending else "")
            pending, fence = [], mark.group(1)
            if not done[-1]:
                done.pop()
            # Words for rustdoc after the language, and lines that it hides, are nothing to a reader.
            is_rust = line.strip(" `~").startswith("rust")
            done.append(re.sub(r"([`~]\w+)[ ,].*", r"\1", line))
        elif fence:
            if not (is_rust and re.match(r"# ?(?!\[|!)", line)):
                done.append(line)
            if mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            pending.append(line)
    if pending:
        done.append(change("\n".join(pending)))
    return "\n".join(done)


def with_gaps(text: str) -> str:
    """Text whose lists and tables begin after an empty line, as Python's Markdown wants, and nested ones with four spaces."""
    text = text.replace("<details>", '<details markdown="1">')
    lines: list[str] = []
    in_list = False
    for line in text.split("\n"):
        is_item, is_row = bool(ITEM.match(line)), line.lstrip().startswith("|")
        before = lines[-1] if lines else ""
        if before.strip() and not before.startswith("#"):
            begins_list = is_item and not in_list
            begins_table = is_row and not before.lstrip().startswith("|")
            if begins_list or begins_table:
                lines.append("")
        if is_item:
            in_list = True
        elif line.strip() and not line.startswith(" ") and not before.strip():
            in_list = False
        if in_list and (indent := re.match(r"^( {2,3})(?! )", line)):
            line = "    " + line[len(indent.group(1)) :]
        lines.append(line)
    return "\n".join(lines)
