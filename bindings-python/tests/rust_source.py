"""Reads names out of the core's sources: what there is in Rust, every other language has or says why not."""

from __future__ import annotations

import re
from pathlib import Path

from repository import REPOSITORY

SOURCES = REPOSITORY / "core" / "src"


def text(path: str | Path) -> str:
    """A source file without its comments and its tests."""
    found = (SOURCES / path).read_text(encoding="utf-8").split("#[cfg(test)]\nmod ")[0]
    return re.sub(r"//[^\n]*", "", found)


def block(found: str, opening: str) -> str:
    """What stands between the braces after a text."""
    start = found.index(opening)
    start = found.index("{", start + len(opening) - 1)
    depth = 0
    for place in range(start, len(found)):
        depth += {"{": 1, "}": -1}.get(found[place], 0)
        if depth == 0:
            return found[start + 1 : place]
    raise AssertionError(f"{opening} is not closed")


def methods(path: str | Path, of: str) -> set[str]:
    """The public methods of a type in a file."""
    found = text(path)
    names: set[str] = set()
    for match in re.finditer(rf"^impl(?:<[^>]*>)? {of}(?:<[^>]*>)? \{{", found, re.MULTILINE):
        inside = block(found[match.start() :], match.group())
        names |= set(re.findall(r"^    pub (?:const |async )*fn (\w+)", inside, re.MULTILINE))
    assert names, f"{of} has no public method in {path}"
    return names


def fields(path: str, of: str) -> set[str]:
    """The public fields of a struct."""
    names = set(
        re.findall(r"^    pub (\w+):", block(text(path), f"pub struct {of} {{"), re.MULTILINE)
    )
    assert names, f"{of} has no public field"
    return names


def settings() -> dict[str, set[str]]:
    """The settings of clients, each with the gateways that have it: none for all of them."""
    rows = re.findall(
        r"^    (\w+): [\w<>]+ = [^;]*?, \[([\w, ]*)\], \[[\w, ]*\], \[",
        text("client/settings.rs"),
        re.MULTILINE,
    )
    assert len(rows) > 25, rows
    return {name: set(re.findall(r"\w+", owners)) for name, owners in rows}


def snake(name: str) -> str:
    """`PaymentState` as `payment_state`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def variants(path: str, of: str) -> set[str]:
    """The variants of an enum, in snake case."""
    inside = re.sub(
        r"\{[^{}]*\}|\([^()]*\)|#\[[^\]]*\]", "", block(text(path), f"pub enum {of} {{")
    )
    names = {snake(name) for name in re.findall(r"^\s+(\w+)\s*,", inside, re.MULTILINE)}
    assert names, f"{of} has no variant"
    return names


def words(path: str, of: str) -> set[str]:
    """The words of a list that ``word_list!`` declares."""
    found = re.findall(r'^\s+\w+ = "(\w+)",', block(text(path), f"pub enum {of} {{"), re.MULTILINE)
    assert found, f"{of} has no word"
    return set(found)


#: The files whose ``pub use`` make a public name: the root, and the public modules.
FACES = (
    "lib",
    "callback/mod",
    "client/mod",
    "error/mod",
    "gateway/mod",
    "guard/mod",
    "meaning/event/mod",
    "meaning/result_codes/mod",
    "payment/mod",
    "values/mod",
)
#: The public modules themselves.
MODULES = {
    "callback",
    "client",
    "error",
    "event",
    "gateway",
    "guard",
    "payment",
    "result_codes",
    "values",
    "codes",
    "ledger",
}


def exported() -> set[str]:
    """Every public name of the crate but those that its documentation hides: re-exports, and what modules define."""
    found = re.sub(
        r"#\[(?:doc\(hidden\)|cfg\(fuzzing\))\]\s*pub (?:use|mod) [^;]*;",
        "",
        "\n".join(text(f"{face}.rs") for face in FACES),
    )
    used = {
        name
        for use in re.findall(r"^pub use ([^;]*);", found, re.MULTILINE)
        for name in re.findall(
            r"\w+",
            re.sub(r"\w+ as ", "", use.split("::", 1)[-1].rsplit("{", 1)[-1].rsplit("::", 1)[-1]),
        )
    }
    # An enum stands within `word_list!` too.
    defined = re.findall(
        r"^(?:pub (?:struct|trait|type|fn|mod)|(?: {4})?pub enum) (\w+)", found, re.MULTILINE
    )
    # The functions of the table of result codes are methods and one function elsewhere.
    lines = re.findall(
        r"^pub (?:use|fn) [^;({]*(?:\{[^}]*\})?",
        text("meaning/result_codes/mod.rs"),
        re.MULTILINE,
    )
    of_table = {name for line in lines for name in re.findall(r"\b[a-z_]+\b", line)}
    return (used | set(defined)) - MODULES - of_table
