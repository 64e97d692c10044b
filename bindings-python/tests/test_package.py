"""The package's front: its names, what they say of themselves, and the types of the native module."""

from __future__ import annotations

import ast
import importlib
import inspect
import pydoc
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lipia
from lipia import _native

PACKAGE = Path(lipia.__file__).parent


def tree(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


def test_the_lists_of_names_agree() -> None:
    homes = {home: list(names) for home, names in lipia._HOMES.items()}
    listed = sorted(name for names in homes.values() for name in names)
    assert sorted({*listed, "__version__"}) == lipia.__all__
    assert len(listed) == len(set(listed))
    imported: dict[str, list[str]] = {}
    for node in ast.walk(tree("__init__.py")):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module in homes:
            assert all(alias.name == alias.asname for alias in node.names), node.module
            imported[node.module] = [alias.name for alias in node.names]
    assert imported == homes


def test_every_name_is_where_it_is_said_to_be_and_comes_from_there() -> None:
    for home, names in lipia._HOMES.items():
        module = importlib.import_module(f"lipia.{home}")
        for name in names:
            assert getattr(lipia, name) is getattr(module, name), name
            made_in = getattr(getattr(module, name), "__module__", f"lipia.{home}")
            assert made_in in ("lipia", f"lipia.{home}", "typing"), f"{name} is made in {made_in}"


def test_a_name_that_is_not_there_is_an_attribute_error_and_dir_lists_those_that_are() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Darjaa'"):
        getattr(lipia, "Darjaa")  # noqa: B009
    assert set(lipia.__all__) <= set(dir(lipia))
    assert not hasattr(lipia, "_HOMELESS")
    namespace: dict[str, Any] = {}
    exec("from lipia import *", namespace)
    assert set(lipia.__all__) <= set(namespace)


def stub_of(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    named = (ast.FunctionDef, ast.ClassDef)
    found: dict[str, ast.stmt] = {node.name: node for node in body if isinstance(node, named)}
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def native_names(of: Any) -> set[str]:
    return {name for name in vars(of) if not name.startswith("_")}


def parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [
        argument.arg
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    ]


def differing_signature(name: str, stub: ast.FunctionDef, native: Any) -> list[str]:
    try:
        signature = inspect.signature(native)
    except (ValueError, TypeError):
        return []
    found, wanted = list(signature.parameters), parameters(stub)
    is_static = any(
        isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in stub.decorator_list
    )
    assert is_static == ("self" not in wanted) or "." not in name, name
    return [] if found == wanted else [f"{name} takes {found}, and the stub says {wanted}"]


def test_the_stub_of_the_native_module_names_what_is_in_it() -> None:
    stub = stub_of(tree("_native.pyi").body)
    differing = sorted({name for name in stub if name != "__version__"} ^ native_names(_native))
    compared = 0
    for name, node in stub.items():
        native = getattr(_native, name, None)
        if isinstance(node, ast.FunctionDef):
            differing += differing_signature(name, node, native)
            compared += 1
        if not isinstance(node, ast.ClassDef):
            continue
        members = stub_of(node.body)
        made = members.pop("__init__", None)
        if isinstance(made, ast.FunctionDef):
            wanted = parameters(made)[1:]
            found = list(inspect.signature(native).parameters)  # type: ignore[arg-type]
            differing += [] if found == wanted else [f"{name} takes {found}, not {wanted}"]
        called = members.pop("__call__", None)
        assert called is None or callable(native)
        differing += [f"{name}.{member}" for member in sorted(set(members) ^ native_names(native))]
        for member, function in members.items():
            if isinstance(function, ast.FunctionDef) and member in native_names(native):
                differing += differing_signature(
                    f"{name}.{member}", function, getattr(native, member)
                )
                compared += 1
    assert not differing, "\n".join(differing)
    assert compared > 60, "the stub was hardly looked at"


def of_the_package(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).startswith("lipia")


def undocumented(name: str, value: Any) -> list[str]:
    missing = [] if (value.__doc__ or "").strip() else [name]
    if isinstance(value, type):
        for member, inside in vars(value).items():
            if member.startswith("_"):
                continue
            function = (
                inside.__func__ if isinstance(inside, (classmethod, staticmethod)) else inside
            )
            documented = isinstance(function, property) or inspect.isfunction(function)
            if documented and not (function.__doc__ or "").strip():
                missing.append(f"{name}.{member}")
    return missing


def test_every_public_thing_says_what_it_is() -> None:
    missing: list[str] = []
    for name in lipia.__all__:
        value = getattr(lipia, name)
        if of_the_package(value):
            missing += undocumented(name, value)
    for path in sorted(PACKAGE.glob("_*.py")):
        module = importlib.import_module(
            "lipia" if path.stem == "__init__" else f"lipia.{path.stem}"
        )
        missing += [] if (module.__doc__ or "").strip() else [path.name]
    assert not missing, missing


def test_what_can_fail_says_with_what() -> None:
    quiet = {
        # They look at what is there.
        "unclaimed", "is_at_rest", "close", "aclose", "with_options", "believe",
    }  # fmt: skip
    for client in (lipia.Client, lipia.AsyncClient):
        for name, verb in vars(client).items():
            if inspect.isfunction(verb) and not name.startswith("_") and name not in quiet:
                assert ":raises " in (verb.__doc__ or ""), f"{client.__name__}.{name}"


@pytest.mark.parametrize(
    "of", [lipia, lipia.Daraja, lipia.AsyncDaraja, lipia.Payment, lipia.LipiaError]
)
def test_help_renders_and_has_every_public_name(of: Any) -> None:
    text = pydoc.plain(pydoc.render_doc(of))
    if isinstance(of, ModuleType):
        names = {name for name in lipia.__all__ if name != "__version__"}
    else:
        names = {name for name in dir(of) if not name.startswith("_")} - {
            "add_note",
            "args",
            "with_traceback",
        }
    missing = sorted(name for name in names if name not in text)
    assert not missing, missing


def test_the_version_is_the_native_modules() -> None:
    assert lipia.__version__ == _native.__version__
    assert lipia.__version__.count(".") == 2
