"""Prepares the symbol graphs of the Swift library for DocC: `swift_symbols.py FOLDER`.

An app imports `Lipia`, and sees the module `LipiaMobile`, which it re-exports, as a part of it. DocC would show the latter's name for
extensions of its types, so they become extensions of `Lipia`. A public symbol without documentation is refused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

#: The module that data types are generated into, and the one that apps know.
GENERATED, SHOWN = "LipiaMobile", "Lipia"
#: What debuggers ask for, and no app does.
LEFT_OUT = {"customMirror"}
#: Kinds of symbols that stand for a module or an extension, and have no comment of their own.
WITHOUT_COMMENT = {"module", "swift.extension", "module.extension"}


def read(path: Path) -> dict:
    graph = json.loads(path.read_text(encoding="utf-8"))
    gone = {
        symbol["identifier"]["precise"]
        for symbol in graph["symbols"]
        if symbol["pathComponents"][-1] in LEFT_OUT
    }
    graph["symbols"] = [
        symbol for symbol in graph["symbols"] if symbol["identifier"]["precise"] not in gone
    ]
    graph["relationships"] = [
        relationship
        for relationship in graph["relationships"]
        if relationship["source"] not in gone
    ]
    for symbol in graph["symbols"]:
        extension = symbol.get("swiftExtension", {})
        if extension.get("extendedModule") == GENERATED:
            extension["extendedModule"] = SHOWN
    return graph


def main(folder: Path) -> int:
    graphs = {path: read(path) for path in sorted(folder.glob("*.symbols.json"))}
    for path, graph in list(graphs.items()):
        module, _, extended = path.name.removesuffix(".symbols.json").partition("@")
        if extended != GENERATED:
            continue
        # One file for each extended module, or DocC shows the module twice.
        into = graphs.setdefault(
            path.with_name(f"{module}@{SHOWN}.symbols.json"),
            {**graph, "symbols": [], "relationships": []},
        )
        into["symbols"] += graph["symbols"]
        into["relationships"] += graph["relationships"]
        del graphs[path]
        path.unlink()
    wrong = [
        f"{'.'.join(symbol['pathComponents'])} of the Swift library has no documentation"
        for graph in graphs.values()
        for symbol in graph["symbols"]
        if "docComment" not in symbol and symbol["kind"]["identifier"] not in WITHOUT_COMMENT
    ]
    for path, graph in graphs.items():
        path.write_text(json.dumps(graph), encoding="utf-8")
    symbols = sum(len(graph["symbols"]) for graph in graphs.values())
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    print(f"{symbols} symbols of Swift, {len(wrong)} without documentation")
    return 1 if wrong or symbols < 300 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
