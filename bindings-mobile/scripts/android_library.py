"""The native libraries of an Android package: which there are, and what each has to be."""

from __future__ import annotations

from dataclasses import dataclass

import elf
from traces import traces

FILE = "liblipia_mobile.so"
#: The function that uniffi's bindings call first.
CONTRACT = "ffi_lipia_mobile_uniffi_contract_version"
#: The size of a page of a phone's memory, in bytes: from Android 15 on it may be so much.
PAGE = 16384
#: The linker's flags. Newer NDKs align so by themselves, older ones do not. Both are said: the second is what parts of a page are
#: shared by.
LINKED_WITH = (
    f"-Clink-arg=-Wl,-z,max-page-size={PAGE}",
    f"-Clink-arg=-Wl,-z,common-page-size={PAGE}",
    f"-Clink-arg=-Wl,-soname,{FILE}",
)
#: The section in which the NDK, and nobody else, says that it linked a library: crtbegin_so.o brings it.
NDKS_NOTE = ".note.android.ident"
#: The largest that one library may be, in bytes. A quarter of it is for SQLite, which the ledger needs.
LARGEST = 4_200_000
#: The oldest Android, Oreo: it is the first with java.time, which Lipia's times are. On an older one each app would have to
#: bring that along by itself (core library desugaring), and would fail on the phone if it did not.
MINIMUM_API = 26
#: The libraries of Android itself that an app may load.
OF_ANDROID = ("libc.so", "libdl.so", "liblog.so", "libm.so")


@dataclass(frozen=True)
class Abi:
    #: Android's name for it.
    name: str
    #: Rust's name for it: the target.
    target: str
    #: The NDK compiler's name for it.
    clang: str
    machine: int
    bits: int


ABIS = (
    Abi("arm64-v8a", "aarch64-linux-android", "aarch64-linux-android", 183, 64),
    Abi("armeabi-v7a", "armv7-linux-androideabi", "armv7a-linux-androideabi", 40, 32),
    Abi("x86_64", "x86_64-linux-android", "x86_64-linux-android", 62, 64),
)
#: The fault of a library that was linked by other tools than the NDK.
WITHOUT_NDK = f"It was not linked by the NDK, or it would have {NDKS_NOTE}: it may be looked at, and is not for phones."
_MACHINES = {3: "x86", 40: "ARM", 62: "x86-64", 183: "AArch64", 243: "RISC-V"}


def faults(content: bytes, abi: Abi) -> list[str]:
    """Why a library must not be packed for an ABI, each as a sentence that begins with "It"."""
    try:
        library = elf.read(content)
    except elf.NotReadable as error:
        return [f"It {error}."]
    told = []
    if (library.machine, library.bits) != (abi.machine, abi.bits):
        found = _MACHINES.get(library.machine, f"machine {library.machine}")
        told.append(
            f"It is for {found} with {library.bits} bits, and {abi.name} is"
            f" {_MACHINES[abi.machine]} with {abi.bits}."
        )
    if not library.is_shared:
        told.append("It is not a shared library.")
    narrow = [alignment for alignment in library.load_alignments if alignment < PAGE]
    if narrow or not library.load_alignments:
        told.append(
            f"It is aligned for memory pages of {min(narrow, default=0)} bytes: phones with pages of {PAGE}"
            " cannot load it. Link it with -Wl,-z,max-page-size=16384."
        )
    if any(name.startswith(("libc.so.", "ld-linux")) for name in library.needed):
        told.append("It is linked to glibc, which no phone has: build it with the NDK.")
    else:
        strange = [name for name in library.needed if name not in OF_ANDROID]
        if strange:
            told.append(f"It needs {' and '.join(strange)}, which Android has not.")
    if not any(section.name == NDKS_NOTE for section in library.sections):
        told.append(WITHOUT_NDK)
    if not library.is_stripped:
        told.append("It is not stripped: build it with the profile dist-mobile.")
    if CONTRACT not in library.exports:
        told.append(f"It exports no {CONTRACT}: it is not Lipia's library.")
    if len(content) > LARGEST:
        told.append(f"It is {len(content)} bytes large; {LARGEST} are allowed.")
    found_traces = traces(content)
    if found_traces:
        told.append(f"It tells where it was made: {' '.join(found_traces[:5])}")
    return told
