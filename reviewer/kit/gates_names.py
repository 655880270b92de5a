# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that a file uses, and the configurations in which nothing defines them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.api import FileImage, Skipped
from reviewer.c.conditions import Condition, any_of
from reviewer.c.file_memory import once_per_text
from reviewer.c.text import (
    IDENTIFIER,
    declares_itself,
    open_parentheses,
    places_of,
    without_literals,
)
from reviewer.c.vocabulary import NO_NAMES, OPTION_TESTS
from reviewer.doubts import give_up
from reviewer.facts.header import Header
from reviewer.facts.includes import architecture
from reviewer.facts.missing_fact import FactsMissing
from reviewer.kit.changed_code import OlderConditions, before_change, changed_code
from reviewer.kit.header_definitions import all_definitions_read, defined_in
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from reviewer.facts import Facts
    from reviewer.facts.helper_records import Helper

_NO_USE_AFTER = regex(r"(?:\.|->|\bstruct|\bunion|\benum|\bgoto)\s*\Z")
_CALL = regex(r"\s*\(")
_FEW_NAMES = 30  # looked for by themselves
_MOST_NAMES = 300  # in one change that are looked up; beyond, the home ground's
_MOST_GATES = 20  # that one file is asked about: each may take half a second
_MOST_IN_SCAN = 200
_HOME = regex(r"PG_|KPF_|_*Page[A-Z]|folio_")


class Use(Struct, frozen=True):
    """A name in the code of a file."""

    name: str
    line: int
    offset: int  # characters in the decoded text
    called: bool


class Known(Struct, frozen=True):
    """A name as the headers that a file includes define it."""

    name: str
    kind: str  # enumerator, macro, function
    condition: Condition
    evidence: tuple[Evidence, ...]  # the definitions


class Undeclared(Struct, frozen=True):
    """A use in a configuration that does not define the name."""

    use: Use
    known: Known
    configuration: dict[str, bool]
    given: Condition  # when the use is compiled
    own: Condition  # its #if stack alone


# --- uses -----------------------------------------------------------------------


@once_per_text(64)
def code_of(path: str, data: bytes) -> tuple[Header, str]:
    """Returns a file as text and its code: no comments, directives, strings."""
    header = Header(path, data)
    return header, without_literals(header.code)


def uses(path: str, data: bytes) -> Iterator[Use]:
    """Yields every identifier in code that may stand for a macro, enumerator or
    function."""
    yield from _uses_in(*code_of(path, data))


def _uses_in(
    header: Header,
    code: str,
    part: tuple[int, int] | None = None,
    names: Set[str] | None = None,
) -> Iterator[Use]:
    """The same of a part of the code, or of these names."""
    places: Iterable[tuple[str, int]]
    if part is None and names is not None and len(names) == 1:
        (name,) = names
        places = ((name, at) for at in places_of(name, code))
    else:
        found = IDENTIFIER.finditer(code, *(part or (0, len(code))))
        places = ((match[0], match.start()) for match in found)
    for name, at in places:
        if name in NO_NAMES or (names is not None and name not in names):
            continue
        if _NO_USE_AFTER.search(code, max(0, at - 12), at):
            continue
        called = _CALL.match(code, at + len(name)) is not None
        yield Use(name, header.line_of(at), at, called)


def questionable(image: FileImage) -> list[Use]:
    """Returns the uses that nothing answers for: in a
    scan all, in a series the new ones.

    What was compiled before the change under the same condition, or a weaker one, is
    declared; also where it did not change, and an #ifdef around it did.
    """
    source = image.source
    if image.series is None:
        listed = uses(source.path, source.data)
        return [u for u in listed if image.in_focus(u.line, u.line)]
    before = before_change(image)
    if before is None:
        return []
    old, old_code = code_of(source.path, before)
    now, code = code_of(source.path, source.data)
    parts = changed_code(code, now.conditionals, old_code, old.conditionals)
    changed = [use for part in parts for use in _uses_in(now, code, part)]
    names = {use.name for use in changed}
    # most stand somewhere above: of a few names that is found without reading them all
    few = len(names) < _FEW_NAMES
    settled: dict[str, list[Use]] = {name: [] for name in names}
    for use in () if few else _uses_in(old, old_code, names=names):
        settled[use.name].append(use)
    older = {
        name: OlderConditions(
            old.condition(one.line)
            for one in (_uses_in(old, old_code, names={name}) if few else found)
        )
        for name, found in settled.items()
    }
    new = [u for u in changed if not older[u.name].cover(source.condition(u.line))]
    if len({use.name for use in new}) > _MOST_NAMES:
        give_up(f"over {_MOST_NAMES} names are new")
        return [use for use in new if _HOME.match(use.name)]
    return new


def _helper_of(facts: Facts, name: str) -> Helper | None:
    try:
        return facts.helpers.get(name)
    except FactsMissing:
        return None


# --- definitions ----------------------------------------------------------------


class SeenNames:
    """The names that a file can see, with the conditions of their definitions."""

    def __init__(self, facts: Facts, path: str, data: bytes) -> None:
        self._facts = facts
        self._own, self._code = code_of(path, data)
        self._path = path

    def _headers(self, name: str) -> Iterator[Header]:
        from reviewer.facts.forced_headers import forced_headers
        from reviewer.facts.lookup import holds
        from reviewer.facts.pageflags import PAGE_FLAGS_H

        word = encode(name)
        if holds(self._own.data, word):
            yield self._own

        first = (PAGE_FLAGS_H, *forced_headers(self._facts.view))
        for path in first:  # the home ground spares the rest
            header = self._facts.header(path)
            if header is not None and holds(header.data, word):
                yield header
        for path, _ in self._facts.naming(self._path, name):
            if path not in first:
                header = self._facts.header(path)
                if header is not None:
                    yield header

    def known(self, name: str) -> Known | None:
        """Returns the definitions of a name that is not always there.

        None where it is always defined, where no header that the file includes
        defines it, and where one of them mentions it in a way that is not read.
        """

        if declares_itself(self._code, name):
            return None
        if _PASTED.match(name):
            return self._helper(name)
        places: list[tuple[str, Evidence, Condition]] = []
        for header in self._headers(name):
            found = defined_in(header, name)
            if any(condition.is_true for _, _, condition in found):
                return None
            whole = not found or header.conditionals.balanced
            if not whole or not all_definitions_read(header, name):
                return None
            places += found
        return self._joined(name, places) if places else None

    def _helper(self, name: str) -> Known | None:
        """A name that page-flags.h pastes together: generated where no text says so."""
        helper = _helper_of(self._facts, name)
        if helper is None:
            return None
        places = [("function", d.evidence, d.condition) for d in helper.definitions]
        if any(condition.is_true for _, _, condition in places):
            return None
        return self._joined(name, places)

    def _joined(
        self, name: str, places: list[tuple[str, Evidence, Condition]]
    ) -> Known:
        kinds = {kind for kind, _, _ in places}
        kind = kinds.pop() if len(kinds) == 1 else "macro"
        return Known(
            name,
            kind,
            any_of(condition for _, _, condition in places),
            tuple(evidence for _, evidence, _ in places),
        )


_DEFINED_TESTS = OPTION_TESTS.keys() | {"__is_defined"}
_PASTED = regex(
    r"_*(?:Page|folio_(?:test|set|clear)_|SetPage|ClearPage|TestSetPage|TestClearPage)"
)


# --- together -------------------------------------------------------------------


def undeclared(image: FileImage) -> Iterator[Undeclared]:
    """Yields the first use of each name that some configuration does not declare;
    raises Skipped where that cannot be asked of Kconfig."""
    source, facts = image.source, image.facts
    names = SeenNames(facts, source.path, source.data)
    gates: set[Condition] = set()
    unbuilt = False
    asked: dict[str, list[Use]] = {}
    for use in questionable(image):
        for one in (use, *_behind(image, use)):
            asked.setdefault(one.name, []).append(one)
    for name in worth_asking(image, asked):
        known = names.known(name)
        if known is None:
            continue
        for use in asked[name]:
            if known.kind == "function" and not use.called:
                continue
            found = _refuted(image, use, known, gates)
            if found is not None:
                yield found
                break
            unbuilt = unbuilt or _is_open(image, use, known)
    if unbuilt:
        raise Skipped("when it is built", "no makefile that tells", source.path)


def _behind(image: FileImage, use: Use) -> Iterator[Use]:
    """What a macro of the file itself uses, where it is used: one that has one body."""
    header, _ = code_of(image.source.path, image.source.data)
    defines = header.macros.get(use.name, ())
    if len(defines) != 1 or "#" in defines[0].body:
        return
    body = without_literals(defines[0].body)
    params = {p.removesuffix("...") for p in defines[0].params or ()}
    for match in IDENTIFIER.finditer(body):
        if match[0] in NO_NAMES or match[0] in params or match[0] == use.name:
            continue
        if _NO_USE_AFTER.search(body, max(0, match.start() - 12), match.start()):
            continue
        called = _CALL.match(body, match.end()) is not None
        yield Use(match[0], use.line, use.offset, called)


def _is_open(image: FileImage, use: Use, known: Known) -> bool:
    """Whether a use hangs on the makefiles, which do not tell of its file."""
    source, facts = image.source, image.facts
    own = source.condition(use.line)
    if not source.path.endswith(".c") or own.implies(known.condition):
        return False
    return not facts.build_gate(source.path).known


def _refuted(
    image: FileImage, use: Use, known: Known, gates: set[Condition]
) -> Undeclared | None:
    source, facts = image.source, image.facts
    own = source.condition(use.line)
    if own.implies(known.condition) or not source.conditionals.balanced:
        return None
    if may_be_thrown_away(facts, source.path, source.data, use):
        return None
    most = _MOST_GATES if image.series is not None else _MOST_IN_SCAN
    from reviewer.kit.gates import area, breaking_configuration, compile_conditions

    for given in compile_conditions(facts, source.path, own):
        if given.implies(known.condition):
            continue
        gates.add(known.condition)
        if len(gates) > most:
            what = f"{source.path}: names under more than {most} conditions"
            raise Skipped(what, "too many for one file", source.path)
        configuration = breaking_configuration(facts, given, known.condition)
        arch = architecture(source.path)
        from reviewer.kit.other_headers import defined_elsewhere

        near = area(source.path)
        if configuration and not defined_elsewhere(facts, known, arch, near):
            return Undeclared(use, known, configuration, given, own)
    return None


def worth_asking(image: FileImage, asked: Iterable[str]) -> Iterator[str]:
    """Yields the names worth a look: in a scan those that a header gates."""
    if image.series is not None:
        yield from asked
        return
    gated: set[str] = set()
    for path, _data in image.facts.included(image.source.path):
        header = image.facts.header(path)
        if header is not None:
            gated |= gated_names(header)
    own = code_of(image.source.path, image.source.data)[0]
    gated |= gated_names(own)
    yield from (name for name in asked if name in gated)


@lru_cache(maxsize=16384)
def gated_names(header: Header) -> frozenset[str]:
    """Returns the names that a header defines under a condition, and never without."""
    if b"#" not in header.data:
        return frozenset()
    always: set[str] = set()
    gated: set[str] = set()
    for define in header.defines:
        (always if define.condition.is_true else gated).add(define.name)
    for enum in header.enums:
        for member in enum.enumerators:
            (always if member.condition.is_true else gated).add(member.name)
    for name, functions in header.functions.items():
        for function in functions:
            condition = header.condition(header.line_of(function.start))
            (always if condition.is_true else gated).add(name)
    return frozenset(gated - always)


def may_be_thrown_away(facts: Facts, path: str, data: bytes, use: Use) -> bool:
    """Says whether the use stands in arguments that a macro may throw away.

    ``of_match_ptr(x)`` is NULL without CONFIG_OF: x need not exist then.  A test
    whether x is defined (include/linux/kconfig.h) is there because it may not be.
    """
    _, code = code_of(path, data)
    for name in _calls_around(code, use.offset):
        if name in _DEFINED_TESTS:
            return True
        for define in facts.define(name, near=path):
            if define.params is None:
                continue
            body = set(re.findall(r"\w+", define.body))
            words = {p.removesuffix("...") or "__VA_ARGS__" for p in define.params}
            if not words <= body:
                return True
    return False


def _calls_around(code: str, offset: int) -> Iterator[str]:
    """The names before the parentheses that are open at an offset, in its statement."""
    for at in open_parentheses(code, offset):
        word = re.search(r"([A-Za-z_]\w*)\s*\Z", code[max(0, at - 80) : at])
        if word and word[1] not in NO_NAMES:
            yield word[1]
