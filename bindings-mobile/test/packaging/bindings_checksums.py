"""The checksums that the generated Kotlin and Swift expect of the native library, and those that it has."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

#: Kotlin and Swift ask almost alike, before anything else.
_EXPECTED = re.compile(r"\b(uniffi_lipia_mobile_checksum_\w+)\(\)(?: and 0xFFFF\))? *!= *(\d+)")
_CONTRACT = {
    "kotlin": re.compile(r"val bindings_contract_version = (\d+)"),
    "swift": re.compile(r"let bindings_contract_version = (\d+)"),
}
CONTRACT = "ffi_lipia_mobile_uniffi_contract_version"


def expected(text: str) -> dict[str, int]:
    """The checksums that generated code expects, by the functions that it asks."""
    return {name: int(value) for name, value in _EXPECTED.findall(text)}


def expected_contract(text: str, language: str) -> int:
    """The version of uniffi's conventions that generated code expects."""
    found = _CONTRACT[language].search(text)
    assert found, f"the generated {language} says no contract version where it did"
    return int(found[1])


def actual(library: Path, names: Iterable[str]) -> dict[str, int | None]:
    """What a library's own functions say; nothing where it has no such function."""
    loaded = ctypes.CDLL(str(library))
    return {name: _said(loaded, name, ctypes.c_uint16) for name in names}


def actual_contract(library: Path) -> int | None:
    """The version of uniffi's conventions that a library keeps to."""
    return _said(ctypes.CDLL(str(library)), CONTRACT, ctypes.c_uint32)


def descriptions(library: Path, exports: Mapping[str, int]) -> dict[str, bytes]:
    """What a library holds of each type and function for who writes bindings: fields, types, documentation.

    :param exports: the sizes of what it exports.
    """
    loaded = ctypes.CDLL(str(library))
    return {
        name: bytes((ctypes.c_uint8 * size).in_dll(loaded, name))
        for name, size in exports.items()
        if name.startswith("UNIFFI_META_")
    }


def _said(loaded: ctypes.CDLL, name: str, kind: type) -> int | None:
    try:
        function = getattr(loaded, name)
    except AttributeError:
        return None
    function.restype, function.argtypes = kind, []
    return function()


def differences(library: Path, text: str) -> list[str]:
    """Where generated code and a library do not fit, each as a sentence."""
    wanted = expected(text)
    told = []
    for name, said in actual(library, wanted).items():
        if said is None:
            told.append(f"The library has no {name}.")
        elif said != wanted[name]:
            told.append(f"{name} is {said}, and the bindings expect {wanted[name]}.")
    return told
