# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros that make text, or another name, of what they are handed: # and ##.

Such a macro says what a variable is called.  Each is looked through with what it is
handed: ``min(a, b)`` pastes a name together, but none of ``a`` and ``b``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from reviewer.c.text import (
    IDENTIFIER,
    closing_bracket,
    split_arguments,
    without_strings,
)
from reviewer.patterns import regex
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.purity import macros_of

# What they are handed is looked at, and told, while the file is compiled.
CHECKS = frozenset([
    "static_assert", "__static_assert", "_Static_assert",  # include/linux/build_bug.h
    "BUILD_BUG_ON", "BUILD_BUG_ON_MSG", "BUILD_BUG_ON_ZERO",  # there
    "compiletime_assert",  # include/linux/compiler_types.h
])  # fmt: skip
_COMMA_BEFORE = regex(r",\s*##")
_TOKEN = regex(r"##|[A-Za-z_]\w*|\d[\w.]*|\S")
_REST = "__VA_ARGS__"


@dataclass(frozen=True, slots=True)
class _Given:
    """What a parameter stands for: whether text of the function is in it; the word that
    it is, "" for more than a word, or for one of the function."""

    is_ours: bool = False
    word: str = ""


_OURS = _Given(is_ours=True)
_UNREADABLE = -1


def shows_names(known: Definitions, words: Iterable[str]) -> bool:
    """Says whether a macro of some names may make text or another name of what it is
    handed, by # or ##; the comma before the last arguments is none of these, nor is
    what is told while the file is compiled."""
    return any(_shows(known, word) for word in words)


def _shows(known: Definitions, name: str) -> bool:
    key = ("shows", name, known.at)
    if key not in known.answers:
        known.answers[key] = bool(known.macros(name)) and _Search(known).shows(name)
    return cast(bool, known.answers[key])


class _Search:
    """A search of a macro, and of those that it hands on what it is given."""

    def __init__(self, known: Definitions) -> None:
        self.known = known
        self.seen = set[tuple[str, tuple[_Given, ...] | None]]()

    def shows(self, name: str, given: tuple[_Given, ...] | None = None) -> bool:
        """Says whether a macro shows what it is given; None: whatever it takes, all of
        it the function's.  One that is looked at already adds nothing."""
        if (name, given) in self.seen:
            return False
        self.seen.add((name, given))
        return any(self._one_shows(macro, given) for macro in self.known.macros(name))

    def _one_shows(self, macro: MacroText, given: tuple[_Given, ...] | None) -> bool:
        if macro.body == "#twice":
            return True
        if macro.parameters is None:
            return self._alias_shows(macro.body, given)
        bound = _bound(macro.parameters, given)
        if not any(one.is_ours for one in bound.values()):
            return False
        return _Text(self, macro.body, bound).shows()

    def _alias_shows(self, body: str, given: tuple[_Given, ...] | None) -> bool:
        """A name without parameters: what is behind it may be handed to its last
        word."""
        if body.isidentifier():
            return self.shows(body, given)
        words = IDENTIFIER.findall(body)
        ours = given is None or any(one.is_ours for one in given)
        at_end = bool(words) and body.endswith(words[-1])
        return ours and at_end and _any_pastes(self.known, words[-1:])


def _any_pastes(known: Definitions, words: Sequence[str]) -> bool:
    return any(
        "#" in _COMMA_BEFORE.sub("", macro.body) for macro in macros_of(known, words)
    )


def _bound(
    parameters: tuple[str, ...], given: tuple[_Given, ...] | None
) -> dict[str, _Given]:
    """What each parameter stands for."""
    found: dict[str, _Given] = {}
    for place, parameter in enumerate(parameters):
        name = parameter.removesuffix("...").strip() or _REST
        if given is None:
            found[name] = _OURS
        elif parameter.endswith("..."):
            rest = given[place:]
            alone = rest[0] if len(rest) == 1 else _Given()
            ours = any(one.is_ours for one in rest)
            found[name] = _Given(ours, alone.word)
        else:
            found[name] = given[place] if place < len(given) else _Given()
    return found


class _Text:
    """The text of a macro, and what its parameters stand for."""

    def __init__(self, search: _Search, body: str, bound: dict[str, _Given]) -> None:
        self.search, self.bound = search, bound
        self.text = _COMMA_BEFORE.sub(",", without_strings(body))
        self.tokens = [(one[0], one.start()) for one in _TOKEN.finditer(self.text)]

    def shows(self) -> bool:
        """Says whether a piece of the function becomes text or part of a name."""
        place = 0
        while place < len(self.tokens):
            token, _ = self.tokens[place]
            if token == "#" and self._is_ours(place + 1):
                return True
            if self._token(place + 1) == "##":
                end, name = self._pasted(place)
                if end == _UNREADABLE:
                    return True
            else:
                end, name = place + 1, self._name(place)
            if self._token(end) == "(" and self._is_name(place):
                if self._is_check(name):
                    place = self._behind_call(end)
                    continue
                if self._call_shows(name, end):
                    return True
            place = end
        return self._end_shows()

    def _token(self, place: int) -> str:
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def _is_name(self, place: int) -> bool:
        return IDENTIFIER.fullmatch(self._token(place)) is not None

    def _is_ours(self, place: int) -> bool:
        one = self.bound.get(self._token(place))
        return one is not None and one.is_ours

    def _name(self, place: int) -> str:
        """The name that stands at a place, "" for one that is not known."""
        token = self._token(place)
        return self.bound[token].word if token in self.bound else token

    def _pasted(self, place: int) -> tuple[int, str]:
        """The place behind the pieces that are put together, and the name they make;
        no place where one of them is the function's."""
        name, is_known = "", True
        while True:
            if self._is_ours(place):
                return _UNREADABLE, ""
            piece = self._name(place)
            name, is_known = name + piece, is_known and bool(piece)
            if self._token(place + 1) != "##":
                return place + 1, name if is_known else ""
            place += 2

    def _is_check(self, name: str) -> bool:
        return name in CHECKS and not self.search.known.is_local(name)

    def _behind_call(self, opening: int) -> int:
        end = closing_bracket(self.text, self.tokens[opening][1])
        if end < 0:
            return len(self.tokens)
        while self._token(opening) and self.tokens[opening][1] <= end:
            opening += 1
        return opening

    def _call_shows(self, name: str, opening: int) -> bool:
        start = self.tokens[opening][1]
        end = closing_bracket(self.text, start)
        if end < 0:
            return True
        given = self._given(self.text[start + 1 : end])
        if not any(one.is_ours for one in given):
            return False
        return not name or self.search.shows(name, given)

    def _given(self, text: str) -> tuple[_Given, ...]:
        found = []
        for argument in split_arguments(text):
            words = IDENTIFIER.findall(argument)
            ours = any(self.bound[word].is_ours for word in words if word in self.bound)
            word = argument if argument.isidentifier() else ""
            if word in self.bound:
                word = self.bound[word].word
            found.append(_Given(ours, word))
            if ours and _REST in words:
                found += [_OURS] * 20  # any of those behind it
        return tuple(found)

    def _end_shows(self) -> bool:
        """What stands behind the macro may be handed to its last word."""
        last = self.tokens[-1][0] if self.tokens else ""
        if not IDENTIFIER.fullmatch(last) or last in self.bound:
            return False
        return _any_pastes(self.search.known, [last])
