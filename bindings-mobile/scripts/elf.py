"""Reads from an ELF shared library what decides whether a phone can load it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LOAD = 1
_SYMTAB, _DYNAMIC, _DYNSYM = 2, 6, 11
_NEEDED = 1
_SHARED = 3
_LOCAL, _GLOBAL = 0, 1


class NotReadable(ValueError):
    """The bytes are not a library of this kind. Its message ends the sentence "it …"."""


@dataclass(frozen=True)
class Section:
    name: str
    kind: int
    offset: int
    size: int
    #: The number of the section that holds this one's names.
    link: int


@dataclass(frozen=True)
class SharedLibrary:
    bits: int
    #: ELF's number for the processor.
    machine: int
    is_shared: bool
    #: How each part that is mapped into memory is aligned, in bytes.
    load_alignments: tuple[int, ...]
    needed: tuple[str, ...]
    #: How many bytes each has that others find in it, by its name.
    exports: Mapping[str, int]
    #: The names that it needs of other libraries, without weak ones, which it does without where nobody has them.
    imports: frozenset[str]
    sections: tuple[Section, ...]

    @property
    def is_stripped(self) -> bool:
        """Whether nothing is left that only a debugger reads."""
        return not any(
            section.kind == _SYMTAB or section.name.startswith((".debug", ".zdebug"))
            for section in self.sections
        )


def read(content: bytes) -> SharedLibrary:
    """Reads a library.

    :raises NotReadable: if it is none, or breaks off.
    """
    if content[:4] != b"\x7fELF":
        raise NotReadable("is no ELF file")
    try:
        return _read(content)
    except NotReadable:
        raise
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise NotReadable("is an ELF file that breaks off or is damaged") from error


def _read(content: bytes) -> SharedLibrary:
    bits, order = {1: 32, 2: 64}.get(content[4]), content[5]
    if bits is None or order != 1:
        raise NotReadable("is an ELF file for a machine that is none of a phone's")
    wide = bits == 64
    kind, machine = struct.unpack_from("<HH", content, 16)
    segments_at, sections_at = struct.unpack_from(
        "<QQ" if wide else "<II", content, 32 if wide else 28
    )
    sizes = struct.unpack_from("<6H", content, 52 if wide else 40)
    _, segment_size, segments, section_size, sections, names = sizes
    alignments = []
    for number in range(segments):
        at = segments_at + number * segment_size
        fields = struct.unpack_from("<IIQQQQQQ" if wide else "<IIIIIIII", content, at)
        if fields[0] == _LOAD:
            alignments.append(fields[-1])
    if not sections:
        raise NotReadable("is an ELF file without a table of sections")
    found = _sections(content, wide, sections_at, section_size, sections, names)
    symbols = list(_symbols(content, wide, found))
    return SharedLibrary(
        bits=bits,
        machine=machine,
        is_shared=kind == _SHARED,
        load_alignments=tuple(alignments),
        needed=_needed(content, wide, found),
        exports={one.name: one.size for one in symbols if one.place and one.binding != _LOCAL},
        imports=frozenset(
            one.name for one in symbols if not one.place and one.binding == _GLOBAL and one.name
        ),
        sections=found,
    )


def _sections(
    content: bytes, wide: bool, start: int, size: int, count: int, names: int
) -> tuple[Section, ...]:
    headers = [
        struct.unpack_from("<IIQQQQI" if wide else "<IIIIIII", content, start + number * size)
        for number in range(count)
    ]
    table = headers[names]
    return tuple(
        Section(_text(content, table[4], table[5], header[0]), header[1], *header[4:7])
        for header in headers
    )


def _text(content: bytes, start: int, size: int, offset: int) -> str:
    """A name from a table of names."""
    if offset >= size or start + size > len(content):
        raise NotReadable("is an ELF file that breaks off or is damaged")
    end = content.find(b"\0", start + offset, start + size)
    if end < 0:
        raise NotReadable("is an ELF file that breaks off or is damaged")
    return content[start + offset : end].decode("utf-8")


def _needed(content: bytes, wide: bool, sections: tuple[Section, ...]) -> tuple[str, ...]:
    """The libraries that are loaded before this one."""
    found: list[str] = []
    form = "<QQ" if wide else "<II"
    for section in sections:
        if section.kind != _DYNAMIC:
            continue
        names = sections[section.link]
        for at in range(section.offset, section.offset + section.size, struct.calcsize(form)):
            tag, value = struct.unpack_from(form, content, at)
            if tag == 0:
                break
            if tag == _NEEDED:
                found.append(_text(content, names.offset, names.size, value))
    return tuple(found)


@dataclass(frozen=True)
class _Symbol:
    name: str
    size: int
    #: The number of the section that has it; none where another library does.
    place: int
    #: ELF's number for who sees it.
    binding: int


def _symbols(content: bytes, wide: bool, sections: tuple[Section, ...]) -> Iterator[_Symbol]:
    """The names that a library needs of others, or has for them."""
    form = "<IBBHQQ" if wide else "<IIIBBH"
    for section in sections:
        if section.kind != _DYNSYM:
            continue
        names = sections[section.link]
        for at in range(section.offset, section.offset + section.size, struct.calcsize(form)):
            fields = struct.unpack_from(form, content, at)
            if wide:
                name, information, _, place, _, size = fields
            else:
                name, _, size, information, _, place = fields
            yield _Symbol(
                _text(content, names.offset, names.size, name), size, place, information >> 4
            )
