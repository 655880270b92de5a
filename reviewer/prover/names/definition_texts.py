# SPDX-License-Identifier: GPL-2.0-or-later
"""The texts of definitions: of functions, macros and enums, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from reviewer.c.formula import Condition
from reviewer.c.preprocessor import Define
from reviewer.c.text import COMMENT, closing_bracket
from reviewer.facts.header import Enum, Header
from reviewer.prover.names.visible_headers import volatile_names, words_defined
from reviewer.utf8 import encode

# What the compiler of a kernel file defines or not: Makefile (KBUILD_CPPFLAGS),
# Kbuild (bounds.h is generated with __GENERATING_BOUNDS_H).
FIXED = {
    "defined(__KERNEL__)": True,
    "defined(__ASSEMBLY__)": False,
    "defined(__ASSEMBLER__)": False,
    "defined(__GENERATING_BOUNDS_H)": False,
    "defined(__CHECKER__)": False,
    "defined(__cplusplus)": False,
    "defined(MODULE)": False,
}


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function definition, as text, under a condition."""

    name: str
    returns: str
    parameters: str
    body: str
    condition: Condition
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class MacroText:
    """A #define under a condition; ``parameters`` is None for a plain name."""

    name: str
    parameters: tuple[str, ...] | None
    body: str
    condition: Condition
    path: str


@dataclass(frozen=True, slots=True)
class EnumText:
    """The members of an enum: name, value and when it is compiled."""

    members: tuple[tuple[str, str | None, Condition], ...]


def has_body(data: bytes, name: str) -> bool:
    """Says whether a file may define a function: ``name(...)`` and a brace.

    Comments between the two are stepped over, strings are not.  What leads to a name
    asks a common header for thousands: then all such names of it are listed once.
    """
    word = encode(name)
    known = _with_body.get(data, 0)
    if isinstance(known, int) and known < _ASKED_OFTEN:
        _with_body[data] = known + 1
        if len(_with_body) > _FILES_KEPT:
            del _with_body[next(iter(_with_body))]
        return _is_before_body(data, word)
    if _NAME.fullmatch(word) is None:
        return _is_before_body(data, word)
    if isinstance(known, int):
        known = _with_body[data] = frozenset(_ALL_BEFORE_BODY.findall(data))
    return word in known


def _is_before_body(data: bytes, word: bytes) -> bool:
    place = data.find(word)
    while place >= 0:
        end = place + len(word)
        inside = place > 0 and _IN_WORD.match(data, place - 1)
        if not inside and _HEAD.match(data, end):
            return True
        place = data.find(word, end)
    return False


# By content: how often a file was asked, then all its names with a body.
_with_body: dict[bytes, int | frozenset[bytes]] = {}
_ASKED_OFTEN = 8  # one list costs as much as that, or a little more
_FILES_KEPT = 1500
_NAME = re.compile(rb"[A-Za-z_]\w*")
_BODY = rb"\s*+\((?:[^;{}/]++|" + COMMENT + rb"|/)*+\{"
_HEAD = re.compile(_BODY)
_ALL_BEFORE_BODY = re.compile(rb"\b[A-Za-z_]\w*+(?=" + _BODY + rb")")
_IN_WORD = re.compile(rb"\w")
TO_BRACE = rb"(?:\s|__\w+|" + COMMENT + rb")*\{"
# What may follow a name that is defined; of a comment or a directive only the start.
ENDS_TYPEDEF = rb"\s*(?:[;/#]|\)\s*[(/#])"
ENDS_VARIABLE = rb"[ \t\r]*(?:[\[=;/]|__|asm)"


UP_TO_ITS_END = re.compile(r"[;={}]")  # where a declarator with its attributes ends


def variable_pattern(name: str) -> re.Pattern[str]:
    """Finds the declaration of a global variable, up to what follows its name."""
    return re.compile(
        rf"^(?!typedef\b|return\b|goto\b|else\b)[A-Za-z_][\w \t*]*?[\s*]"
        rf"{re.escape(name)}\b(?:\[[^\]\n]*\])*[ \t]*(?=[=;]|__|asm\b)",
        re.MULTILINE,
    )


def pattern_of(name: str, follows: bytes) -> re.Pattern[bytes]:
    """Finds a name with what follows it in a file that was not read for comments.

    A pattern that begins with a plain word is looked for fastest.
    """
    word = re.escape(encode(name))
    return re.compile(word + rb"(?<!\w" + word + rb")" + follows)


def defined_once(macros: tuple[MacroText, ...]) -> tuple[MacroText, ...]:
    """Drops a name that is defined twice in one configuration: it has no text to go
    by."""
    bodies: dict[str, set[str]] = {}
    for macro in macros:
        bodies.setdefault(str(macro.condition), set()).add(macro.body)
    if all(len(texts) == 1 for texts in bodies.values()):
        return macros
    return tuple(replace(macro, body="#twice") for macro in macros)


def functions_in(source: Header, name: str) -> tuple[FunctionText, ...]:
    """Returns a file's definitions of a function, each under its condition."""
    return tuple(
        FunctionText(
            name,
            found.returns,
            found.parameters,
            source.clean[found.end - len(found.body) : found.end],
            compiled_when(source, source.line_of(found.start)),
            source.path,
            source.line_of(found.start),
        )
        for found in source.bodies_of(name)
    )


def macros_in(source: Header, name: str) -> tuple[MacroText, ...]:
    """Returns a file's definitions of a macro, each under its condition."""
    return tuple(
        MacroText(
            name,
            parameters_of(define),
            define.body,
            compiled_when(source, define.line),
            source.path,
        )
        for define in source.macros.get(name, ())
    )


def structs_in(
    source: Header, pattern: re.Pattern[str]
) -> tuple[tuple[str, Header, int], ...]:
    """Returns the structs of a file that begin with a pattern, up to its brace."""
    found = []
    for match in pattern.finditer(source.clean):
        end = closing_bracket(source.clean, match.end() - 1)
        if end > 0:
            found.append((source.clean[match.start() : end + 1], source, match.start()))
    return tuple(found)


def typedefs_in(
    source: Header, pattern: re.Pattern[str]
) -> tuple[tuple[str, Condition], ...]:
    """Returns a file's typedefs of a pattern, each under its condition."""
    return tuple(
        (match[0], compiled_when(source, source.line_of(match.start())))
        for match in pattern.finditer(source.code)
    )


def parameters_of(define: Define) -> tuple[str, ...] | None:
    """Returns the parameters of a #define, None for one that takes none."""
    return define.params if define.params is None else tuple(define.params)


def enum_text(source: Header, enum: Enum) -> EnumText:
    """Returns an enum's members, each with its value and when it is compiled."""
    return EnumText(
        tuple(
            (member.name, member.value, compiled_when(source, member.line))
            for member in enum.enumerators
        )
    )


def line_starts_of(code: str, name: str) -> set[int]:
    """Finds where the lines with a name begin, and the lines before them."""
    found: set[int] = set()
    place = code.find(name)
    while place >= 0:
        start = code.rfind("\n", 0, place) + 1
        found |= {start, code.rfind("\n", 0, max(start - 1, 0)) + 1}
        place = code.find(name, place + 1)
    return found


class Places:
    """In which of some headers a word stands; it is looked for when it is asked for,
    for of twenty thousand words a review asks for a few hundred. Who asks for more has
    a list of all made."""

    def __init__(self, words: list[frozenset[bytes]]) -> None:
        self._words = words
        self._found: dict[bytes, tuple[int, ...]] = {}
        self._all: dict[bytes, int | list[int]] | None = None

    def of(self, word: bytes) -> tuple[int, ...]:
        """Returns the numbers of the headers, those included first coming first."""
        if word not in self._found:
            self._found[word] = self._look_for(word)
        return self._found[word]

    def _look_for(self, word: bytes) -> tuple[int, ...]:
        if len(self._found) < _WORDS_BY_ONE:
            numbered = enumerate(self._words)
            return tuple(place for place, words in numbered if word in words)
        if self._all is None:
            self._all = _by_word(self._words)
        found = self._all.get(word, [])
        return (found,) if isinstance(found, int) else tuple(found)

    def some_of(self, words: frozenset[bytes]) -> frozenset[bytes]:
        """Returns those of many words that stand in any of them."""
        return frozenset().union(*(words & here for here in self._words))


_WORDS_BY_ONE = 300  # looked for one by one: a list of all takes as long


def _by_word(headers: list[frozenset[bytes]]) -> dict[bytes, int | list[int]]:
    """Where each word stands; most stand in one header only."""
    found: dict[bytes, int | list[int]] = {}
    for place, words in enumerate(headers):
        for word in words:
            before = found.setdefault(word, place)
            if isinstance(before, list):
                before.append(place)
            elif before != place:
                found[word] = [before, place]
    return found


class WordPlaces(NamedTuple):
    """Where a word may be a macro, and where another name."""

    macros: Places
    others: Places


@lru_cache(maxsize=4)
def places_in(headers: tuple[tuple[str, bytes], ...]) -> WordPlaces:
    """Says in which of the headers a word may be a macro, and in which another name.

    One review asks for the same headers of the same file again and again.
    """
    words = [words_defined(data) for _path, data in headers]
    return WordPlaces(
        Places([one.macros for one in words]), Places([one.others for one in words])
    )


@lru_cache(maxsize=4)
def undefined_in(headers: tuple[tuple[str, bytes], ...]) -> frozenset[bytes]:
    """Returns the names that one of the headers undefines."""
    found = (words_defined(data).undefined for _path, data in headers)
    return frozenset().union(*found)


def taken_away_elsewhere(
    headers: tuple[tuple[str, bytes], ...], name: str, path: str
) -> bool:
    """Says whether a header undefines a macro that another one, ``path``, defines."""
    word = encode(name)
    return word in undefined_in(headers) and any(
        other != path and word in words_defined(data).undefined
        for other, data in headers
    )


@lru_cache(maxsize=4)
def volatile_in(headers: tuple[tuple[str, bytes], ...]) -> frozenset[bytes]:
    """Returns the names that one of the headers declares with ``volatile``."""
    return frozenset().union(*(volatile_names(data) for _path, data in headers))


def may_define(data: bytes, name: str) -> Iterator[tuple[int, int]]:
    """Finds where a function may be defined: from a blank line to a brace at column 0.

    Its line begins with a letter at column 0 and goes on to ``name(``.
    """
    wanted = encode(name) + b"("
    place = data.find(wanted)
    while place >= 0:
        start = data.rfind(b"\n", 0, place) + 1
        if data[start : start + 1].isalpha() and start < place:
            end = data.find(b"\n}", place)
            yield (
                data.rfind(b"\n\n", 0, start) + 1,
                len(data) if end < 0 else end + 2,
            )
        place = data.find(wanted, place + 1)


@lru_cache(maxsize=4096)
def compiled_when(source: Header, line: int) -> Condition:
    """Returns the condition of a line, without the header's own include guard."""
    condition = source.condition(line)
    known = dict(FIXED)
    for name in condition.atoms:
        if name.startswith("defined(") and name[8:-1] in include_guards(source):
            known[name] = False
    return condition.assign(known)


@lru_cache(maxsize=512)
def include_guards(source: Header) -> frozenset[str]:
    """Returns the names that a header defines under ``#ifndef`` of the name itself."""
    return frozenset(
        define.name
        for define in source.defines
        if define.params is None
        and not define.body
        and define.name.isupper()
        and f"defined({define.name})" in source.condition(define.line).atoms
    )
