# SPDX-License-Identifier: GPL-2.0-or-later
"""The KPF_ bits of /proc/kpageflags, and all that belongs to them.

Sources: include/uapi/linux/kernel-page-flags.h (0-31, ABI),
include/linux/kernel-page-flags.h (32 and up, "subject to change"), fs/proc/page.c
(``stable_page_flags()`` sets them), tools/mm/page-types.c (tools/vm/ before 6.3: names
them), Documentation/admin-guide/mm/pagemap.rst (lists and describes them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import Condition
from reviewer.c.text import closing_bracket, split_arguments
from reviewer.facts.header import Header, words
from reviewer.facts.missing_fact import FactsMissing
from reviewer.models import Evidence
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.facts.lookup import Lookup

UAPI_H = "include/uapi/linux/kernel-page-flags.h"
INTERNAL_H = "include/linux/kernel-page-flags.h"
PAGE_C = "fs/proc/page.c"
PAGE_TYPES_C = ("tools/mm/page-types.c", "tools/vm/page-types.c")
PAGEMAP_RST = (
    "Documentation/admin-guide/mm/pagemap.rst",
    "Documentation/vm/pagemap.txt",
)
FIRST_INTERNAL = 32  # UAPI_H holds the bits below it

_UNUSED = regex(r"\bunused\b", re.IGNORECASE)
_LISTED = regex(r"^\s+(\d{1,9})\.\s+([A-Z][A-Z0-9_]*)\s*$")
_DESCRIBED = regex(r"^\s*(\d{1,9})\s+-\s+([A-Z][A-Z0-9_]*)\s*$")
_TOOL_NAME = regex(r'\[\s*(KPF_\w+)\s*\]\s*=\s*"(.):([^"]*)"')
_COPY = regex(r"\bkpf_copy_bit\s*\(")
_SHIFTED = regex(r"\b(?:1(?:[uU]?[lL]*)\s*<<\s*|BIT(?:_ULL)?\s*\(\s*)(KPF_\w+)")


class KpfBit(Struct, frozen=True):
    """A KPF_ define of a kernel header."""

    name: str
    number: int
    uapi: bool
    unused: bool  # its comment says so: the number is retired
    condition: Condition
    evidence: Evidence


class Setter(Struct, frozen=True):
    """A place in fs/proc/page.c that sets a KPF_ bit."""

    kpf: str
    how: str  # "copy": kpf_copy_bit(word, KPF, PG); "set": 1 << KPF
    flag: str | None  # the PG_ name copied
    word: str | None  # the word copied from: "k", "page->flags"
    condition: Condition
    evidence: Evidence


class ToolName(Struct, frozen=True):
    """A name in page-types.c: ``[KPF_LRU] = "l:lru"``."""

    kpf: str
    letter: str
    long_name: str
    evidence: Evidence


class Described(Struct, frozen=True):
    """A line of pagemap.rst about a bit."""

    number: int
    name: str  # without KPF_
    evidence: Evidence
    text: str  # the description, "" for an entry of the list


class Kpf:
    """The KPF_ bits of a tree."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    @cached_property
    def bits(self) -> tuple[KpfBit, ...]:
        """All bits by number; raises FactsMissing where the uapi header is absent."""
        uapi = self._lookup.header(UAPI_H)
        internal = self._lookup.header(INTERNAL_H)
        if uapi is None and internal is None:
            raise FactsMissing("KPF bits", "the tree has no such file", UAPI_H)
        found = [
            bit for header in (uapi, internal) if header for bit in kpf_defines(header)
        ]
        if not found:
            raise FactsMissing("KPF bits", "no #define KPF_x with a number", UAPI_H)
        return tuple(sorted(found, key=lambda bit: bit.number))

    @property
    def absent(self) -> tuple[str, ...]:
        """Those of the two headers that the tree does not have."""
        paths = (UAPI_H, INTERNAL_H)
        return tuple(path for path in paths if self._lookup.header(path) is None)

    def get(self, name: str) -> KpfBit | None:
        """Returns the bit of that name."""
        return next((bit for bit in self.bits if bit.name == name), None)

    def __getitem__(self, name: str) -> KpfBit:
        bit = self.get(name)
        if bit is None:
            raise KeyError(name)
        return bit

    def __contains__(self, name: object) -> bool:
        return any(bit.name == name for bit in self.bits)

    def __iter__(self) -> Iterator[KpfBit]:
        return iter(self.bits)

    def by_number(self, number: int) -> tuple[KpfBit, ...]:
        """Returns the bits with a number: more than one is an ABI accident."""
        return tuple(bit for bit in self.bits if bit.number == number)

    # --- who sets them ----------------------------------------------------------

    @cached_property
    def setters(self) -> tuple[Setter, ...]:
        """The places in fs/proc/page.c that set a bit; raises FactsMissing."""
        header = self._lookup.header(PAGE_C)
        if header is None:
            raise FactsMissing("KPF setters", "the tree has no such file", PAGE_C)
        return setters_in(header)

    def setters_of(self, name: str) -> tuple[Setter, ...]:
        """Returns the places that set one bit."""
        return tuple(setter for setter in self.setters if setter.kpf == name)

    # --- who names and describes them -------------------------------------------

    @cached_property
    def tool(self) -> Header | None:
        """page-types.c, None if the tree has none."""
        return self._first(PAGE_TYPES_C)

    @cached_property
    def tool_bits(self) -> tuple[KpfBit, ...]:
        """The KPF_ defines that page-types.c has for itself."""
        return kpf_defines(self.tool) if self.tool else ()

    @cached_property
    def tool_names(self) -> tuple[ToolName, ...]:
        """The names that page-types.c prints."""
        return _tool_names(self.tool) if self.tool else ()

    @cached_property
    def documentation(self) -> Header | None:
        """pagemap.rst, None if the tree has none."""
        return self._first(PAGEMAP_RST)

    @cached_property
    def listed(self) -> tuple[Described, ...]:
        """The numbered list of pagemap.rst."""
        return _described(self.documentation)[0] if self.documentation else ()

    @cached_property
    def described(self) -> tuple[Described, ...]:
        """The short descriptions of pagemap.rst."""
        return _described(self.documentation)[1] if self.documentation else ()

    def description(self, name: str) -> Described | None:
        """Returns the description of a bit (``KPF_LRU`` or ``LRU``)."""
        short = name.removeprefix("KPF_")
        return next((entry for entry in self.described if entry.name == short), None)

    def _first(self, paths: tuple[str, ...]) -> Header | None:
        found = (self._lookup.header(path) for path in paths)
        return next((header for header in found if header is not None), None)


@lru_cache(maxsize=128)
def kpf_defines(header: Header) -> tuple[KpfBit, ...]:
    """Returns the KPF_ defines of one state of a header, in the order of its lines."""
    found = []
    for define in header.defines:
        if not define.name.startswith("KPF_") or define.params is not None:
            continue
        number = define.body.strip("() ")
        if not (number.isdecimal() and len(number) < 10):
            continue  # a mask, or a size, of page-types.c
        line = header.line_text(define.line)
        found.append(
            KpfBit(
                define.name,
                int(number),
                header.path.startswith("include/uapi/"),
                _UNUSED.search(line.partition(define.body)[2]) is not None,
                define.condition,
                header.evidence(define.line),
            )
        )
    return tuple(found)


@lru_cache(maxsize=128)
def setters_in(header: Header) -> tuple[Setter, ...]:
    """Returns the setters of one state of fs/proc/page.c, in the order of its lines."""
    code = header.code
    found = []
    for match in _COPY.finditer(code):
        closing = closing_bracket(code, match.end() - 1)
        arguments = split_arguments(code[match.end() : closing]) if closing > 0 else []
        if len(arguments) != 3 or not arguments[1].startswith("KPF_"):
            continue
        word, kpf, flag = (words(argument) for argument in arguments)
        line = header.line_of(match.start())
        found.append(
            Setter(
                kpf, "copy", flag, word, header.condition(line), header.evidence(line)
            )
        )
    for match in _SHIFTED.finditer(code):
        statement = _statement_before(code, match.start())
        if "|=" not in statement and not re.search(
            r"\breturn\b|[^=!<>]=[^=]", statement
        ):
            continue  # if (u & (1 << KPF_HUGE))
        line = header.line_of(match.start())
        found.append(
            Setter(
                match[1],
                "set",
                None,
                None,
                header.condition(line),
                header.evidence(line),
            )
        )
    return tuple(sorted(found, key=lambda setter: setter.evidence.line))


def _statement_before(code: str, at: int) -> str:
    start = max(code.rfind(mark, 0, at) for mark in ";{}")
    return code[start + 1 : at]


@lru_cache(maxsize=128)
def _tool_names(header: Header) -> tuple[ToolName, ...]:
    found = []
    for match in _TOOL_NAME.finditer(header.clean):
        line = header.line_of(match.start())
        found.append(ToolName(match[1], match[2], match[3], header.evidence(line)))
    return tuple(found)


@lru_cache(maxsize=128)
def _described(
    header: Header,
) -> tuple[tuple[Described, ...], tuple[Described, ...]]:
    """The list and the descriptions; a description is what is indented below it."""
    listed, described = [], []
    lines = header.text.split("\n")
    for number, line in enumerate(lines, 1):
        entry = _LISTED.match(line)
        if entry:
            listed.append(
                Described(int(entry[1]), entry[2], header.evidence(number), "")
            )
            continue
        entry = _DESCRIBED.match(line)
        if entry:
            text = _indented_below(lines, number, line)
            described.append(
                Described(int(entry[1]), entry[2], header.evidence(number), text)
            )
    return tuple(listed), tuple(described)


def _indented_below(lines: list[str], start: int, heading: str) -> str:
    margin = len(heading) - len(heading.lstrip())
    found = []
    for line in lines[start:]:
        if not line.strip() or len(line) - len(line.lstrip()) <= margin:
            break
        found.append(line.strip())
    return " ".join(found)
