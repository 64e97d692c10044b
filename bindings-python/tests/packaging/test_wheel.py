"""What the wheel holds, and that a fault in one is told."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import packaging.metadata
import packaging.version
import pytest
import wheel_contents

Change = Callable[[str, bytes], "tuple[str, bytes] | None"]


def test_the_wheel_has_no_fault(wheel: Path) -> None:
    assert list(wheel_contents.faults(wheel)) == []


def test_one_wheel_is_for_every_python_from_3_10_on(wheel: Path) -> None:
    interpreter, abi, _ = wheel_contents.tags(wheel)
    assert (interpreter, abi) == ("cp310", "abi3")


def test_its_metadata_is_valid(wheel: Path) -> None:
    raw = wheel_contents.read(wheel, "{}/METADATA")
    said = packaging.metadata.Metadata.from_email(raw, validate=True)
    assert said.version == packaging.version.Version(wheel_contents.version_of_workspace())
    assert (said.license_expression or "").split() == ["Apache-2.0", "OR", "MIT"]
    assert said.description_content_type is not None
    assert said.description_content_type.startswith("text/markdown")


def changed(wheel: Path, folder: Path, change: Change) -> Path:
    """A copy of the wheel in which each file passed through `change`; `None` leaves it out."""
    path = folder / wheel.name
    with (
        zipfile.ZipFile(wheel) as archive,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in archive.namelist():
            kept = change(name, archive.read(name))
            if kept is not None:
                copy.writestr(*kept)
    return path


def without(ending: str) -> Change:
    return lambda name, content: None if name.endswith(ending) else (name, content)


def with_more(ending: str, more: bytes) -> Change:
    return lambda name, content: (name, content + more if name.endswith(ending) else content)


def renamed(ending: str, new: str) -> Change:
    return lambda name, content: (
        name.removesuffix(ending) + new if name.endswith(ending) else name,
        content,
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("lipia/py.typed"), "It lacks ['lipia/py.typed']"),
        (without("lipia/_native.pyi"), "It lacks ['lipia/_native.pyi']"),
        (without("licenses/LICENSE-MIT"), "LICENSE-MIT is not in it"),
        (without("licenses/LICENSE-THIRD-PARTY"), "LICENSE-THIRD-PARTY is not in it"),
        (without(".so"), "It holds 0 native modules"),
        (renamed("lipia/_words.py", "tests/test_words.py"), "It holds what is none of the package"),
        (with_more("lipia/_client.py", b"#"), "lipia/_client.py is not the one of this tree"),
        (with_more("entry_points.txt", b"\n[more]\na=b:c\n"), "Its entry points are"),
        (with_more(".so", b"\0/home/somebody/pay/src/lib.rs\0"), "/home/somebody/pay/src/lib.rs"),
        (with_more(".so", b"\0C:\\Users\\somebody\\lib.rs\0"), "C:\\\\Users\\\\somebody"),
        (
            with_more(".so", b"\0x/.cargo/registry/src/one/lib.rs\0"),
            ".cargo/registry/src/one/lib.rs",
        ),
        (with_more("METADATA", b"more"), "Its long description is not"),
    ],
)
def test_a_fault_is_told(wheel: Path, tmp_path: Path, change: Change, told: str) -> None:
    faults = list(wheel_contents.faults(changed(wheel, tmp_path, change)))
    assert any(told in fault for fault in faults), faults


def test_a_folder_of_this_machine_is_told_wherever_it_is(wheel: Path, tmp_path: Path) -> None:
    here = str(wheel_contents.ROOT).encode()
    path = changed(wheel, tmp_path, with_more(".so", b"\0" + here + b"\0"))
    told = list(wheel_contents.machine_paths(here, wheel_contents.local_folders()))
    # What is packed anew may be a little larger, which is another fault.
    where = [fault for fault in wheel_contents.faults(path) if "tells where" in fault]
    assert told and len(where) == 1


def test_a_wheel_that_is_too_large_is_told(wheel: Path, tmp_path: Path) -> None:
    path = tmp_path / wheel.name
    shutil.copyfile(wheel, path)
    with path.open("ab") as file:
        file.truncate(wheel_contents.LARGEST_BYTES + 1)
    assert "bytes large" in next(wheel_contents.faults(path))
