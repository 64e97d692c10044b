#!/usr/bin/env python3
"""The generator of the native module's stub: writes ``_native.pyi`` from the Rust sources. The result is checked in, and a test
compares the two. Needs ruff."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent
_STUB = _HERE / "python" / "lipia" / "_native.pyi"

_HEAD = '''"""The native module: plain data in, plain data out. Made by `scripts/native_stub.py`: do not edit."""

from collections.abc import Callable, Mapping
from typing import Any

from .ledger import LedgerStore

__version__: str
'''

_TYPES = {
    "()": "None",
    "&str": "str",
    "&'static str": "str",
    "String": "str",
    "bool": "bool",
    "f64": "float",
    "&[u8]": "bytes",
    "Vec<u8>": "bytes",
    "Py<PyAny>": "Any",
    "&Bound<'_, PyAny>": "Any",
    "OsString": "str",
    "Remarks": "list[tuple[str, str]]",
}

#: Parameters that Rust takes as any object, and what Python's half of the package hands over.
_OBJECTS = {
    "data": "dict[str, Any]",
    "error": "dict[str, Any]",
    "ledger": "LedgerStore",
    "push": "dict[str, Any]",
    "question": "dict[str, Any]",
    "settings": "dict[str, Any]",
    "store": "LedgerStore",
    "wait": "Mapping[str, float | None]",
}

#: Parameters that hold a function of Python's.
_FUNCTIONS = ("make",)

#: Special methods that Python's half of the package calls.
_SPECIAL = ("__call__",)


def _python(rust: str, of: str) -> str:
    """A type of Rust as Python sees it."""
    rust = " ".join(rust.split()).replace(" ,", ",").strip().rstrip(",")
    if rust in _TYPES:
        return _TYPES[rust]
    if rust == "Self":
        return of
    if inside := re.fullmatch(r"PyResult<(.*)>", rust):
        return _python(inside[1], of)
    if inside := re.fullmatch(r"Option<(.*)>", rust):
        found = _python(inside[1], of)
        return found if found == "Any" else f"{found} | None"
    if inside := re.fullmatch(r"Vec<(.*)>", rust):
        return f"list[{_python(inside[1], of)}]"
    if inside := re.fullmatch(r"(?:BTree|Hash)Map<(.*)>", rust):
        return f"dict[{', '.join(_python(part, of) for part in _parts(inside[1]))}]"
    if inside := re.fullmatch(r"(?:Py)?(?:Bound)?<'(?:py|_), Py(Dict|List|Bytes)>", rust):
        return {"Dict": "dict[str, Any]", "List": "list[Any]", "Bytes": "bytes"}[inside[1]]
    if rust.startswith("(") and rust.endswith(")"):
        return f"tuple[{', '.join(_python(part, of) for part in _parts(rust[1:-1]))}]"
    if re.fullmatch(r"[ui](8|16|32|64|128|size)", rust):
        return "int"
    if inside := re.fullmatch(r"&?((?:Native)?[A-Z]\w+)", rust):
        return inside[1]
    sys.exit(f"{rust} has no type in Python here: add it to _TYPES.")


def _parts(text: str) -> list[str]:
    """The parts of a list, at its commas outside of brackets."""
    parts, depth, part = [], 0, ""
    for character in text:
        depth += {"(": 1, "<": 1, "[": 1, ")": -1, ">": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    return [part.strip() for part in [*parts, part] if part.strip()]


def _block(text: str, start: int) -> str:
    """What stands between the braces that open next."""
    start = text.index("{", start)
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1 : place]
    sys.exit("a block is not closed")


_FUNCTION = re.compile(
    r"((?:^ *#\[[^\n]*\]\n|^ *#\[\w+\(\n(?:[^\]]*\n)*? *\)\]\n)*)^ *(?:pub\(crate\) )?(?:const )?fn (\w+)(?:<[^>]*>)?\((.*?)\)(?: -> ([^{]*?))? \{",
    re.MULTILINE | re.DOTALL,
)


def _defined(found: re.Match[str], of: str) -> str:
    attributes, name, given, returned = found.groups()
    defaults = dict(re.findall(r"(\w+)=(\w+)", re.sub(r"signature = ", "", attributes)))
    is_method = False
    parameters = []
    for one in _parts(given):
        if one in ("&self", "&mut self"):
            is_method = True
            continue
        parameter, _, rust = one.partition(":")
        if rust.strip().startswith("Python<"):
            continue
        kind = _python(rust, of)
        if kind == "Any":
            kind = (
                "Callable[..., Any]" if parameter in _FUNCTIONS else _OBJECTS.get(parameter, kind)
            )
            if kind != "Any" and rust.strip().startswith("Option<"):
                kind += " | None"
        default = f" = {defaults[parameter]}" if parameter in defaults else ""
        parameters.append(f"{parameter}: {kind}{default}")
    result = _python(returned or "()", of)
    if "#[new]" in attributes:
        name, result, is_method = "__init__", "None", True
    listed = ", ".join((["self"] if is_method else []) + parameters)
    mark = "@property\n    " if "#[getter]" in attributes else ""
    mark = "@staticmethod\n    " if "#[staticmethod]" in attributes else mark
    return f"{mark}def {name}({listed}) -> {result}: ..."


def _classes(text: str) -> Iterator[tuple[str, list[str]]]:
    for found in re.finditer(r"#\[pymethods\]\nimpl (\w+) \{", text):
        inside = _block(text, found.start())
        methods = [
            _defined(one, found[1])
            for one in _FUNCTION.finditer(inside)
            if not one[2].startswith("__") or one[2] in _SPECIAL
        ]
        yield found[1], methods


def made() -> dict[str, str]:
    """The text of ``_native.pyi``."""
    stub = _HEAD
    functions: list[str] = []
    for path in sorted((_HERE / "src").rglob("*.rs")):
        text = re.sub(r"^ *//[^\n]*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
        for name, methods in _classes(text):
            stub += f"\nclass {name}:\n" + "".join(f"    {method}\n" for method in methods)
        for found in re.finditer(r"#\[pyfunction\]\n", text):
            function = _FUNCTION.match(text, found.end())
            if function is not None and f"{function[2]}" in _exported():
                functions.append(_defined(function, ""))
    stub += "\n" + "\n".join(sorted(functions)) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(_STUB), "-"]
    config = ["--config", str(_HERE.parent / "ruff.toml")]
    formatted = subprocess.run(
        [*command, *config], input=stub, capture_output=True, text=True, check=True, cwd=_HERE
    )
    return {_STUB.name: formatted.stdout}


def _exported() -> set[str]:
    """The names that the module exports."""
    text = (_HERE / "src" / "lib.rs").read_text("utf-8")
    uses = re.findall(r"#\[pymodule_export\]\s+use crate::[\w:]+?(?:::\{([^}]*)\}|::(\w+));", text)
    return {name for several, one in uses for name in re.findall(r"\w+", several or one)}


if __name__ == "__main__":
    _STUB.write_text(made()[_STUB.name], "utf-8", newline="\n")
