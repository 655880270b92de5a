# SPDX-License-Identifier: GPL-2.0-or-later
"""The helpers around page flags: generated, hand-written, real and stub.

Source: include/linux/page-flags.h, whose generator macros are expanded as they are
found there (``expansion``), and the headers beside it that hold hand-written ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache

from reviewer.c.conditions import integer
from reviewer.facts.accesses import Access, AccessReader, PageRole, assertions
from reviewer.facts.header import Header, words
from reviewer.facts.helper_definitions import KINDS, definitions_in, mentions_definition
from reviewer.facts.helper_records import Helper, HelperDefinition, Policy
from reviewer.facts.kept_helpers import HelpersOfHeader, all_helpers, kept_helpers
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.models import Evidence
from reviewer.patterns import regex

# Headers that hold hand-written PageX() and folio_test_x() helpers (6.1, 6.12).
BESIDE = (
    "include/linux/page_idle.h",
    "include/linux/mm.h",
    "include/linux/huge_mm.h",
    "include/linux/hugetlb.h",
    "include/linux/ksm.h",
    "include/linux/swap.h",
    "include/linux/migrate.h",
    "include/linux/memcontrol.h",
)

_DELEGATES = regex(r"\{\s*(?:return\s+)?(\w+)\s*\([^;]*\)\s*;\s*\}")


class Helpers:
    """All helpers; those beside page-flags.h are read when asked for by name."""

    def __init__(self, header: Header, beside: Iterable[Header] = ()) -> None:
        self._header = header
        self._beside = tuple(beside)
        self._named: dict[str, Helper] = {}
        self._read: dict[str, list[HelperDefinition]] = {}

    def _definitions(self, name: str) -> list[HelperDefinition]:
        """The definitions of one name in page-flags.h, without reading all."""
        if name not in self._read:
            kept = self._kept_by_name
            found = (
                definitions_in(self._header, name) if kept is None else kept.get(name)
            )
            self._read[name] = found or []
        return self._read[name]

    @cached_property
    def _kept_by_name(self) -> dict[str, list[HelperDefinition]] | None:
        """All definitions in page-flags.h, where an earlier run kept them."""
        kept = kept_helpers(self._header)
        return None if kept is None else _by_name(kept)

    @cached_property
    def _own(self) -> dict[str, list[HelperDefinition]]:
        found = _by_name(all_helpers(self._header))
        self._read.update(found)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __getitem__(self, name: str) -> Helper:
        helper = self.get(name)
        if helper is None:
            raise KeyError(name)
        return helper

    def get(self, name: str) -> Helper | None:
        """Returns the helper of that name, None if no header here defines it."""
        if name not in self._named:
            definitions = list(self._definitions(name))
            # where one definition is always there, no other header can have one
            if not any(definition.condition.is_true for definition in definitions):
                for header in self._beside:
                    if mentions_definition(header, name):
                        definitions += definitions_in(header, name)
            if not definitions:
                return None
            self._named[name] = Helper(name, tuple(definitions), self)
        return self._named[name]

    def __iter__(self) -> Iterator[Helper]:
        """Every helper of page-flags.h, in its order."""
        for name in self._own:
            yield self[name]

    def everywhere(self) -> Iterator[Helper]:
        """Yields every helper, those of the headers beside it included (slower)."""
        names = dict.fromkeys(self._own)
        for header in self._beside:
            for name in (*header.functions, *header.macros):
                if any(pattern.match(name) for _, pattern in KINDS[:-1]) or re.match(
                    r"_*Page[A-Z]|_*folio_test_", name
                ):
                    names[name] = None
        for name in names:
            helper = self.get(name)
            if helper is not None and any(d.takes for d in helper.definitions):
                yield helper

    def of_flag(self, flag: str) -> tuple[Helper, ...]:
        """Returns the helpers whose bit operation has this number."""
        return tuple(self._by_flag.get(flag, ()))

    @cached_property
    def _by_flag(self) -> dict[str, list[Helper]]:
        found: dict[str, list[Helper]] = {}
        for helper in self:
            if helper.flag is not None:
                found.setdefault(helper.flag, []).append(helper)
        return found

    @cached_property
    def unread(self) -> tuple[Evidence, ...]:
        """Generator calls that could not be expanded."""
        unread = dict.fromkeys(all_helpers(self._header).unread)
        return tuple(self._header.evidence(line) for _, line in unread)

    def without_delegation(self, definition: HelperDefinition) -> HelperDefinition:
        """Returns the real definition that this one does nothing but call."""
        for _ in range(4):
            if definition.flag is not None or definition.is_macro:
                break
            called = _DELEGATES.fullmatch(words(definition.body))
            helper = self.get(called[1]) if called else None
            if helper is None or not helper.real:
                break
            definition = helper.real[0]
        return definition

    # --- what they read ---------------------------------------------------------

    def accesses(self, definition: HelperDefinition) -> frozenset[Access]:
        """Returns the words that a definition reads or writes."""
        return self._reader.accesses(definition.parameters, definition.body)

    @cached_property
    def _reader(self) -> AccessReader:
        return AccessReader(self._header, self._function, self._number)

    def _function(self, name: str) -> tuple[str, str] | None:
        """Parameters and body of a function: of its real definition."""
        definitions = self._definitions(name)
        if not definitions:
            return None
        real = [d for d in definitions if not d.stub] or definitions
        longest = max(real, key=lambda d: len(d.body))
        return None if longest.is_macro else (longest.parameters, longest.body)

    def _number(self, text: str, depth: int = 0) -> int | None:
        plain = integer(text)
        if plain is not None:
            return plain
        defines = self._header.macros.get(text, ())
        if len(defines) != 1 or depth > 8:
            return None
        return self._number(defines[0].body.strip("() "), depth + 1)

    def policy(self, name: str) -> Policy | None:
        """Returns what PF_HEAD or FOLIO_SECOND_PAGE says; None where it is not
        #defined."""
        return _policy(self, name)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that the invocations of this header use."""
        names = {d.policy: None for ds in self._own.values() for d in ds if d.policy}
        found = (self.policy(name) for name in names)
        return tuple(policy for policy in found if policy is not None)

    def read_policy(self, name: str) -> Policy | None:
        """Reads what ``policy`` says from the #define, each time anew."""
        defines = self._header.macros.get(name, ())
        if not defines:
            return None
        define = defines[0]
        evidence = self._header.evidence(define.line)
        if define.params is None:
            place = self._number(name)
            pages = {0: PageRole.HEAD, 1: PageRole.SECOND}.get(
                place if place is not None else -1
            )
            return Policy(name, frozenset({pages or PageRole.OTHER}), (), evidence)
        call = f"{name}({', '.join(('page', '1')[: len(define.params)])})"
        stated = tuple(
            condition
            for condition in assertions(define.body)
            if "PagePoisoned" not in condition
        )
        return Policy(name, self._reader.page_of(call), stated, evidence)


def _by_name(all_of_it: HelpersOfHeader) -> dict[str, list[HelperDefinition]]:
    found: dict[str, list[HelperDefinition]] = {}
    for definition in all_of_it.definitions:
        found.setdefault(definition.name, []).append(definition)
    return found


@lru_cache(maxsize=512)
def _policy(helpers: Helpers, name: str) -> Policy | None:
    return helpers.read_policy(name)


# --- definitions of a header ----------------------------------------------------


def read_helpers(read: Callable[[str], Header | None]) -> Helpers:
    """Returns the helpers of a tree; raises FactsMissing where page-flags.h is
    absent."""
    header = read(PAGE_FLAGS_H)
    if header is None:
        raise FactsMissing("helpers", "the tree has no such file", PAGE_FLAGS_H)
    beside = tuple(h for h in map(read, BESIDE) if h is not None)
    return _helpers(header, beside)


@lru_cache(maxsize=64)
def _helpers(header: Header, beside: tuple[Header, ...]) -> Helpers:
    return Helpers(header, beside)
