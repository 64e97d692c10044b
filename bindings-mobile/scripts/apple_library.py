"""The native libraries of an XCFramework: which there are, and what each has to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mach_o
from traces import traces

FILE = "liblipia_mobile.a"
#: What uniffi's bindings ask first.
CONTRACT = "_ffi_lipia_mobile_uniffi_contract_version"


@dataclass(frozen=True)
class Target:
    #: What Rust calls it.
    name: str
    processor: str


@dataclass(frozen=True)
class Variant:
    """What a framework holds one library for: a system, on every processor that it runs on."""

    #: The folder in the framework, named as Xcode names it.
    identifier: str
    #: As Info.plist has it.
    platform: str
    simulator: bool
    #: As the objects in the library have it.
    system: str
    targets: tuple[Target, ...]


VARIANTS = (
    Variant("ios-arm64", "ios", False, "iOS", (Target("aarch64-apple-ios", "arm64"),)),
    Variant(
        "ios-arm64_x86_64-simulator",
        "ios",
        True,
        "iOS simulator",
        (Target("aarch64-apple-ios-sim", "arm64"), Target("x86_64-apple-ios", "x86_64")),
    ),
    Variant(
        "macos-arm64_x86_64",
        "macos",
        False,
        "macOS",
        (Target("aarch64-apple-darwin", "arm64"), Target("x86_64-apple-darwin", "x86_64")),
    ),
)
#: The variant of phones themselves.
IOS = VARIANTS[0]


def faults(content: bytes, processors: set[str], system: str, oldest: tuple[int, int]) -> list[str]:
    """Why a library must not be packed, each as a sentence that begins with "It".

    :param system: what it is to be for, as `mach_o` says it.
    :param oldest: the version of that system that the package promises to run on.
    """
    try:
        slices = mach_o.read(content)
    except mach_o.NotReadable as error:
        return [f"It {error}."]
    told = []
    found = {one.processor for one in slices}
    if found != processors or len(slices) != len(processors):
        told.append(f"It is for {_listed(found)}, and has to be for {_listed(processors)}.")
    for one in slices:
        told += _faults_of_slice(one, system, oldest)
    found_traces = traces(content)
    if found_traces:
        told.append(f"It tells where it was made: {' '.join(found_traces[:5])}")
    return told


def _faults_of_slice(one: mach_o.Slice, system: str, oldest: tuple[int, int]) -> list[str]:
    told = []
    systems: Mapping[str, str] = {part.platform: part.name for part in one.objects if part.platform}
    strange = sorted(set(systems) - {system})
    if strange:
        told.append(
            f"It is for {_listed(set(strange))} ({systems[strange[0]]} says so), and has to be for {system}."
        )
    elif not systems:
        told.append(f"It does not say which system it is for, and has to be for {system}.")
    else:
        newest = max(one.objects, key=lambda part: part.oldest)
        if newest.oldest > oldest:
            told.append(
                f"It needs {system} {_dotted(newest.oldest)} ({newest.name} says so), and the package promises"
                f" {_dotted(oldest)}."
            )
    if CONTRACT not in one.defines:
        told.append(f"It has no {CONTRACT} for {one.processor}: it is not Lipia's library.")
    return told


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(names))


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(str(number) for number in version)
