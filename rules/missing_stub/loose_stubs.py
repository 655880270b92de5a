# SPDX-License-Identifier: GPL-2.0-or-later
"""Stubs of headers that are not ``static inline``: each includer gets one of its own.

Without ``static`` every file that includes the header defines the function, and two of
them do not link.  With ``static`` alone the compiler warns of those that do not use it
(-Wunused-function, which is part of -Wall; an error with CONFIG_WERROR).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from msgspec import Struct

from reviewer.api import Step
from reviewer.c.conditions import FALSE, Condition, atom
from reviewer.c.formula import MODULE
from reviewer.facts import Facts
from reviewer.facts.header import Header, HeaderFunction
from reviewer.facts.helper_definitions import definitions_in
from reviewer.facts.includes import included_paths
from reviewer.kit.gates import breaking_configuration, compiled_when
from reviewer.kit.gates_stubs import new_header
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import encode

_MOST_HITS = 60  # lines that may include the header
_MOST_FILES = 8  # that are asked when they are built
_WORD = regex(r"\w+")
# a macro in front of a function may say anything
_MACRO = regex(r"_*[A-Z][A-Z0-9_]+\Z")


class Loose(Struct, frozen=True):
    """A stub that lacks ``static`` or ``inline``, and files that include it."""

    name: str
    line: int
    lacks: str  # static, inline
    condition: Condition
    includers: tuple[Evidence, ...]
    given: Condition
    configuration: dict[str, bool]


def loose_stubs(step: Step) -> Iterator[Loose]:
    """Yields the stubs that a patch adds to a header without ``static`` or ``inline``,
    where some configuration of their includers does not build with them."""
    header = new_header(step)
    if header is None or step.post is None:
        return
    added = step.change.added
    files: list[_Includer] | None = None
    for name, functions in header.functions.items():
        for function in functions:
            line = header.line_of(function.start)
            condition = header.condition(line)
            if not function.body or line not in added or not condition.symbols:
                continue
            lacks = _lacks(header, function)
            if lacks == "inline" and _is_used(header, name):
                continue
            if lacks is None or not _is_paired(header, name, condition):
                continue
            if files is None:
                files = list(_includers(step.post.facts, header.path))
            found = _broken(step.post.facts, header.path, name, lacks, condition, files)
            if found is not None:
                yield Loose(name, line, lacks, condition, *found)


def _lacks(header: Header, function: HeaderFunction) -> str | None:
    """The missing word; None where both are there, or a macro may stand for them."""
    start = max(header.code.rfind(mark, 0, function.start) for mark in ";{}")
    opened = header.code.find("(", function.start)
    said = set(_WORD.findall(header.code[start + 1 : opened])) - {function.name}
    if any(_MACRO.match(word) for word in said):
        return None
    if any("inline" in word or "weak" in word or "unused" in word for word in said):
        # gnu_inline without static or extern is a definition: compiler_types.h
        is_plain = "inline" in said and not said & {"static", "extern"}
        return "static" if is_plain else None
    if "extern" in said or "__attribute__" in said:
        return None
    return "inline" if "static" in said else "static"


def _is_used(header: Header, name: str) -> bool:
    """Whether the header has the name beside its definitions and declarations."""
    found = re.findall(rf"\b{re.escape(name)}\b", header.code)
    return len(found) > len(header.functions[name])


def _is_paired(header: Header, name: str, condition: Condition) -> bool:
    """Whether the header declares the function elsewhere for the other options."""
    others = [d for d in definitions_in(header, name) if d.condition != condition]
    return any(not d.is_macro and d.generator is None for d in others)


class _Includer(Struct, frozen=True):
    """A .c file that includes the header, and when it is built."""

    place: Evidence
    given: Condition
    data: bytes


def _includers(facts: Facts, path: str) -> Iterator[_Includer]:
    """Some of those that include it themselves, or by one header in between."""
    found: dict[str, None] = {}
    between: list[str] = []
    for place in _including(facts, path):
        if place.file.endswith(".h"):
            between.append(place.file)
        else:
            yield from _built(facts, place, found)
    for other in between[:_MOST_FILES]:
        if len(found) >= _MOST_FILES:
            return
        for place in _including(facts, other):
            if place.file.endswith(".c"):
                yield from _built(facts, place, found)


def _built(
    facts: Facts, place: Evidence, found: dict[str, None]
) -> Iterator[_Includer]:
    if len(found) >= _MOST_FILES or place.file in found:
        return
    header = facts.header(place.file)
    if header is None or not header.conditionals.balanced:
        return
    given = compiled_when(facts, place.file, header.condition(place.line))
    if given is not None:
        found[place.file] = None
        yield _Includer(place, given, header.data)


def _including(facts: Facts, path: str) -> Iterator[Evidence]:
    """The #include lines of a header, those of its own folder first."""
    folder, _, name = path.rpartition("/")
    seen: set[str] = set()
    for under in ((folder,), ()):
        for number, hit in enumerate(facts.view.grep([name], under)):
            if number > _MOST_HITS:
                break
            if hit.path in seen or "include" not in hit.text:
                continue
            text = encode(f"\n{hit.text}\n")
            if any(path in ways for ways in included_paths(hit.path, text)):
                seen.add(hit.path)
                yield Evidence(hit.path, hit.line, " ".join(hit.text.split()))


def _mentions(facts: Facts, one: _Includer, word: bytes, path: str) -> bool:
    """Whether the file, or another header that it includes, has the function's name."""
    others = (data for other, data in facts.included(one.place.file) if other != path)
    return word in one.data or any(word in data for data in others)


def _in_the_kernel(given: Condition) -> Condition:
    """When a file is in vmlinux: two modules may have a function of one name."""
    for name in given.atoms:
        if name.endswith(MODULE):
            given &= ~atom(name)
    return given


def _broken(
    facts: Facts,
    path: str,
    name: str,
    lacks: str,
    condition: Condition,
    files: list[_Includer],
) -> tuple[tuple[Evidence, ...], Condition, dict[str, bool]] | None:
    """Files that do not build together, or one that gets what it does not use."""
    simplest = sorted(files, key=lambda one: len(one.given.symbols))
    if lacks == "inline":
        word = encode(name)
        groups = [[one] for one in simplest if not _mentions(facts, one, word, path)]
    else:
        groups = [list(two) for two in combinations(simplest, 2)]
    for group in groups[:_MOST_FILES]:
        given = condition
        for one in group:
            given &= one.given if lacks == "inline" else _in_the_kernel(one.given)
        configuration = breaking_configuration(facts, given, FALSE)
        if configuration:
            return tuple(one.place for one in group), given, configuration
    return None
