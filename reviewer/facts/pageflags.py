# SPDX-License-Identifier: GPL-2.0-or-later
"""``enum pageflags`` of the tree under review: bits, aliases, gates; and page types.

Source: include/linux/page-flags.h, ``enum pageflags`` up to ``__NR_PAGEFLAGS`` (the
real bits) and behind it (``PG_a = PG_b``, the aliases).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from reviewer.c.conditions import FALSE, TRUE, Condition, any_of, integer
from reviewer.c.preprocessor import Enumerator
from reviewer.facts.header import Enum, Header
from reviewer.facts.missing_fact import FactsMissing
from reviewer.models import Evidence
from reviewer.patterns import regex

PAGE_FLAGS_H = "include/linux/page-flags.h"
_END = "__NR_PAGEFLAGS"
_NAME = regex(r"PG_\w+\Z")


class PageFlag(Struct, frozen=True):
    """One enumerator of ``enum pageflags``."""

    name: str
    gate: Condition  # under which it exists
    evidence: Evidence
    place: int  # among the real bits from 0, all options on; -1 for an alias
    alias_of: str | None = None  # as written, which may be an alias itself
    comment: str = ""


class PageFlags(Struct, frozen=True):
    """All flags of a tree.

    The number of a bit depends on the gates before it: ``bits`` gives each number
    with its condition, ``bounds`` the lowest and the highest, ``bit`` the one of a
    configuration.
    """

    path: str
    real: tuple[PageFlag, ...]
    aliases: tuple[PageFlag, ...]
    end: Evidence  # the line of __NR_PAGEFLAGS

    def __iter__(self) -> Iterator[PageFlag]:
        yield from self.real
        yield from self.aliases

    def __contains__(self, name: object) -> bool:
        return any(flag.name == name for flag in self)

    def get(self, name: str) -> PageFlag | None:
        """Returns the (first) enumerator of that name."""
        return next((flag for flag in self if flag.name == name), None)

    def __getitem__(self, name: str) -> PageFlag:
        flag = self.get(name)
        if flag is None:
            raise KeyError(name)
        return flag

    def root(self, name: str) -> PageFlag:
        """Returns the real bit behind a name, through aliases of aliases.

        Raises KeyError for a name that is no flag.
        """
        flag, seen = self[name], {name}
        while flag.alias_of is not None and flag.alias_of not in seen:
            seen.add(flag.alias_of)
            flag = self[flag.alias_of]
        return flag

    def gate(self, name: str) -> Condition:
        """Returns under which configurations the name can be used at all."""
        gates = []
        for flag in self:
            if flag.name == name:
                gate = flag.gate
                if flag.alias_of is not None:
                    gate = gate & self.root(name).gate
                gates.append(gate)
        return any_of(gates)

    def sharing(self, name: str) -> tuple[PageFlag, ...]:
        """Returns the other names of the same bit."""
        root = self.root(name)
        return tuple(
            flag
            for flag in self
            if flag.name != name and self.root(flag.name).name == root.name
        )

    def bits(self, name: str) -> tuple[tuple[int, Condition], ...]:
        """Returns every number that the bit can have, with the configurations
        in which."""
        return _bits(self, self.root(name).place)

    def bounds(self, name: str) -> tuple[int, int]:
        """Returns the lowest and the highest number that the bit can have."""
        numbers = [number for number, _ in self.bits(name)]
        return min(numbers), max(numbers)

    def bit(self, name: str, configuration: Mapping[str, bool]) -> int | None:
        """Returns the number in a configuration (atoms not named are off), None if
        absent."""
        root = self.root(name)
        if not _holds(root.gate, configuration):
            return None
        return sum(_holds(flag.gate, configuration) for flag in self.real[: root.place])


def _holds(gate: Condition, configuration: Mapping[str, bool]) -> bool:
    known = {atom: configuration.get(atom, False) for atom in gate.atoms}
    return gate.assign(known).is_true


@lru_cache(maxsize=512)
def _bits(flags: PageFlags, place: int) -> tuple[tuple[int, Condition], ...]:
    """Flags under one gate come and go together: count gates, not flags."""
    exists = flags.real[place].gate if place < len(flags.real) else TRUE
    groups: dict[Condition, int] = {}
    for flag in flags.real[:place]:
        groups[flag.gate] = groups.get(flag.gate, 0) + 1
    numbers: dict[int, Condition] = {0: exists}
    for gate, size in groups.items():
        counted: dict[int, Condition] = {}
        for number, when in numbers.items():
            for more, case in ((number + size, when & gate), (number, when & ~gate)):
                if case.satisfiable():
                    counted[more] = counted.get(more, FALSE) | case
        numbers = counted
    return tuple(sorted(numbers.items()))


def read_page_flags(header: Header | None) -> PageFlags:
    """Returns the flags of ``include/linux/page-flags.h``.

    Raises FactsMissing where the header or its enum has a form never seen.
    """
    what = "page flags"
    if header is None:
        raise FactsMissing(what, "the tree has no such file", PAGE_FLAGS_H)
    enum = next((enum for enum in header.enums if enum.name == "pageflags"), None)
    if enum is None:
        raise FactsMissing(what, "no enum pageflags in it", header.path)
    if enum.unread is not None:
        raise FactsMissing(
            what, f"cannot read line {enum.unread.line} of its enum", header.path
        )
    names = [enumerator.name for enumerator in enum.enumerators]
    if _END not in names:
        raise FactsMissing(what, f"enum pageflags has no {_END}", header.path)
    end = names.index(_END)
    real, before = _real_bits(header, enum, end)
    behind = tuple(
        _alias(header, enumerator) for enumerator in enum.enumerators[end + 1 :]
    )
    flags = PageFlags(
        header.path,
        real,
        (*before, *behind),
        header.evidence(enum.enumerators[end].line),
    )
    for alias in flags.aliases:
        if flags.get(alias.alias_of or "") is None or flags.root(alias.name).place < 0:
            raise FactsMissing(
                what, f"{alias.name} = {alias.alias_of} is no flag", header.path
            )
    return flags


def _real_bits(
    header: Header, enum: Enum, end: int
) -> tuple[tuple[PageFlag, ...], tuple[PageFlag, ...]]:
    real: list[PageFlag] = []
    aliases: list[PageFlag] = []
    for enumerator in enum.enumerators[:end]:
        starts_at_0 = not real and enumerator.value == "0"
        if enumerator.value is not None and not starts_at_0:
            aliases.append(_alias(header, enumerator))
            continue
        if not _NAME.match(enumerator.name):
            raise FactsMissing(
                "page flags", f"{enumerator.name} in enum pageflags", header.path
            )
        real.append(
            PageFlag(
                enumerator.name,
                enumerator.condition,
                header.evidence(enumerator.line),
                len(real),
                comment=header.comment_on(enumerator.line),
            )
        )
    return tuple(real), tuple(aliases)


def _alias(header: Header, enumerator: Enumerator) -> PageFlag:
    target = (enumerator.value or "").strip("() ")
    if not _NAME.match(target):
        shown = f"{enumerator.name} = {enumerator.value}"
        raise FactsMissing("page flags", f"cannot read {shown!r}", header.path)
    return PageFlag(
        enumerator.name,
        enumerator.condition,
        header.evidence(enumerator.line),
        -1,
        alias_of=target,
        comment=header.comment_on(enumerator.line),
    )


# --- page types -----------------------------------------------------------------


class PageType(Struct, frozen=True):
    """A kind of page that is told by ``page_type``, not by a flag."""

    name: str  # PGTY_slab or, before 6.12, PG_buddy (a mask there, no bit number)
    value: int
    condition: Condition
    evidence: Evidence


class PageTypes(Struct, frozen=True):
    """How this tree keeps page types.

    ``style`` is "value" (``page_type >> shift == PGTY_x``, exclusive values) or
    "cleared-bit" (a type is on where its bit in page_type is 0).
    """

    style: str
    types: tuple[PageType, ...]
    shift: int
    test: Evidence  # a line that shows how a type is tested

    def get(self, name: str) -> PageType | None:
        """Returns the type of that name."""
        return next((kind for kind in self.types if kind.name == name), None)


_SHIFTED = regex(r"page_type\s*\)?\s*>>\s*(\d{1,9})\s*\)?\s*==")
_CLEARED = regex(
    r"page_type\s*&\s*\(\s*PAGE_TYPE_BASE\s*\|[^=]*\)\s*==\s*\(?\s*PAGE_TYPE_BASE"
)


def read_page_types(header: Header | None) -> PageTypes:
    """Returns the page types of ``include/linux/page-flags.h``; raises FactsMissing."""
    what = "page types"
    if header is None:
        raise FactsMissing(what, "the tree has no such file", PAGE_FLAGS_H)
    enum = next((enum for enum in header.enums if enum.name == "pagetype"), None)
    if enum is not None:
        return _valued_types(header, enum)
    return _cleared_bit_types(header)


def _valued_types(header: Header, enum: Enum) -> PageTypes:
    tested = _SHIFTED.search(header.clean)
    if tested is None or enum.unread is not None:
        raise FactsMissing("page types", "their test has a new form", header.path)
    types = []
    for enumerator in enum.enumerators:
        value = integer(enumerator.value or "")
        if value is None:
            raise FactsMissing(
                "page types", f"{enumerator.name} has no plain value", header.path
            )
        types.append(
            PageType(
                enumerator.name,
                value,
                enumerator.condition,
                header.evidence(enumerator.line),
            )
        )
    line = header.line_of(tested.start())
    return PageTypes("value", tuple(types), int(tested[1]), header.evidence(line))


def _cleared_bit_types(header: Header) -> PageTypes:
    tested = next((d for d in header.defines if _CLEARED.search(d.body)), None)
    if tested is None:
        raise FactsMissing(
            "page types", "neither enum pagetype nor PAGE_TYPE_BASE", header.path
        )
    types = []
    for define in header.defines:
        plain = define.params is None and _NAME.match(define.name)
        if not plain or not re.fullmatch(
            r"0x[0-9a-fA-F]{1,16}|0|[1-9]\d{0,18}", define.body.strip()
        ):
            continue
        types.append(
            PageType(
                define.name,
                int(define.body.strip(), 0),
                header.condition(define.line),
                header.evidence(define.line),
            )
        )
    return PageTypes("cleared-bit", tuple(types), 0, header.evidence(tested.line))
