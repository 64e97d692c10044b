"""Reads from a static library for Apple's systems what decides whether an app can link it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

PROCESSORS = {0x01000007: "x86_64", 0x0100000C: "arm64", 0x00000007: "i386", 0x0000000C: "arm"}
PLATFORMS = {
    1: "macOS",
    2: "iOS",
    3: "tvOS",
    4: "watchOS",
    6: "Mac Catalyst",
    7: "iOS simulator",
    8: "tvOS simulator",
    9: "watchOS simulator",
    11: "visionOS",
    12: "visionOS simulator",
}
_BUILD_VERSION, _SYMTAB = 0x32, 2
#: How objects for older systems say what they are for. The simulator had no word of its own.
_OLD_VERSIONS = {0x24: "macOS", 0x25: "iOS", 0x2F: "tvOS", 0x30: "watchOS"}
_OBJECT = b"\xcf\xfa\xed\xfe"
_FAT, _FAT_WIDE = 0xCAFEBABE, 0xCAFEBABF
_ARCHIVE = b"!<arch>\n"


class NotReadable(ValueError):
    """The bytes are not a library of this kind. Its message ends the sentence "it …"."""


@dataclass(frozen=True)
class Object:
    name: str
    processor: str
    #: The system that it is for; nothing where it does not say.
    platform: str | None
    #: The oldest version of it.
    oldest: tuple[int, int]
    defines: frozenset[str]


@dataclass(frozen=True)
class Slice:
    """The library for one processor."""

    processor: str
    objects: tuple[Object, ...]

    @property
    def defines(self) -> frozenset[str]:
        return frozenset(name for one in self.objects for name in one.defines)


def read(content: bytes) -> tuple[Slice, ...]:
    """The library for each processor that it holds.

    :raises NotReadable: if it is not a static library, or breaks off.
    """
    try:
        return tuple(_slice(part) for part in _parts(content))
    except NotReadable:
        raise
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise NotReadable("is a static library that breaks off or is damaged") from error


def _parts(content: bytes) -> Iterator[bytes]:
    magic = int.from_bytes(content[:4], "big")
    if magic not in (_FAT, _FAT_WIDE):
        yield content
        return
    form = ">IIQQII" if magic == _FAT_WIDE else ">IIIII"
    (count,) = struct.unpack_from(">I", content, 4)
    for number in range(count):
        fields = struct.unpack_from(form, content, 8 + number * struct.calcsize(form))
        start, size = fields[2], fields[3]
        if start + size > len(content):
            raise NotReadable("is a static library that breaks off or is damaged")
        yield content[start : start + size]


def _slice(content: bytes) -> Slice:
    if not content.startswith(_ARCHIVE):
        raise NotReadable("is not a static library")
    objects = tuple(_object(name, member) for name, member in _members(content))
    if not objects:
        raise NotReadable("is a static library with nothing in it")
    processors = sorted({one.processor for one in objects})
    if len(processors) > 1:
        raise NotReadable(f"mixes objects for {' and '.join(processors)}")
    return Slice(processors[0], objects)


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, but for its indexes."""
    at = len(_ARCHIVE)
    while at + 60 <= len(content):
        if content[at + 58 : at + 60] != b"`\n":
            raise NotReadable("is a static library that breaks off or is damaged")
        name = content[at : at + 16].decode("ascii").rstrip()
        size = int(content[at + 48 : at + 58].decode("ascii") or "0")
        data = content[at + 60 : at + 60 + size]
        if len(data) != size:
            raise NotReadable("is a static library that breaks off or is damaged")
        at += 60 + size + size % 2
        if name.startswith("#1/"):
            # The name stands before the file, where it is too long for the table.
            length = int(name[3:])
            name, data = data[:length].rstrip(b"\0").decode(), data[length:]
        if not name.startswith("__.SYMDEF") and name not in ("/", "//", "/SYM64/"):
            yield name.rstrip("/"), data


def _object(name: str, content: bytes) -> Object:
    if content[:4] in (b"BC\xc0\xde", b"\xde\xc0\x17\x0b"):
        raise NotReadable(f"holds {name}, which is for a compiler and not for a linker")
    if content[:4] == b"\x7fELF":
        raise NotReadable(f"holds {name}, which is for Linux or Android")
    if content[:4] != _OBJECT:
        raise NotReadable(f"holds {name}, which is not an object that is known")
    processor, _, kind, commands = struct.unpack_from("<IIII", content, 4)
    if kind != 1:
        raise NotReadable(f"holds {name}, which is linked already")
    platform, oldest, defines = None, (0, 0), frozenset[str]()
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", content, at)
        if command == _BUILD_VERSION:
            number, version = struct.unpack_from("<II", content, at + 8)
            platform, oldest = PLATFORMS.get(number, f"platform {number}"), _version(version)
        elif command in _OLD_VERSIONS:
            (version,) = struct.unpack_from("<I", content, at + 8)
            platform, oldest = _OLD_VERSIONS[command], _version(version)
        elif command == _SYMTAB:
            defines = _defined(content, *struct.unpack_from("<IIII", content, at + 8))
        if size < 8:
            raise NotReadable("is a static library that breaks off or is damaged")
        at += size
    known = PROCESSORS.get(processor, f"processor {processor:#x}")
    if platform == "iOS" and known == "x86_64":
        platform = "iOS simulator"
    return Object(name, known, platform, oldest, defines)


def _version(number: int) -> tuple[int, int]:
    return number >> 16, number >> 8 & 0xFF


def _defined(content: bytes, start: int, count: int, names: int, size: int) -> frozenset[str]:
    """The names that other objects find in one."""
    found = set()
    for number in range(count):
        name, kind, section, _, _ = struct.unpack_from("<IBBHQ", content, start + number * 16)
        # Of a section of this object, seen from outside, and none of a debugger's.
        if kind & 0xE0 == 0 and kind & 0x0E == 0x0E and kind & 1 and section:
            end = content.find(b"\0", names + name, names + size)
            if name >= size or end < 0:
                raise NotReadable("is a static library that breaks off or is damaged")
            found.add(content[names + name : end].decode())
    return frozenset(found)
