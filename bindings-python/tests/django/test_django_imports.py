"""The modules of ``lipia.django`` import each other in one direction, and at their top."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import lipia.django

_FOLDER = Path(lipia.django.__file__).parent
_MODULES = {path.stem: ast.parse(path.read_text("utf-8")) for path in _FOLDER.glob("*.py")}


def _imported_by(tree: ast.AST) -> set[str]:
    """The modules of the package that a part of a module imports."""
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            imported |= {node.module} if node.module else {alias.name for alias in node.names}
    return imported & set(_MODULES)


def test_no_module_imports_itself_by_way_of_others() -> None:
    imports = {name: _imported_by(tree) for name, tree in _MODULES.items()}
    assert "models" in imports["payments"]
    tuple(TopologicalSorter(imports).static_order())


def test_no_function_imports_a_module_of_the_package() -> None:
    found = {
        (name, node.name): _imported_by(node)
        for name, tree in _MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _imported_by(node)
    }
    # Django imports `apps` before models may be imported.
    assert set(found) == {("apps", "ready")}
