# SPDX-License-Identifier: GPL-2.0-or-later
"""Declarations of functions that say what the function itself says once more."""

from __future__ import annotations

from reviewer.facts.header import Header, HeaderFunction
from reviewer.patterns import regex

_LAST_WORD = regex(r"(?<=[ *])\w+\s*\Z")


def says_no_more(
    source: Header, one: HeaderFunction, texts: tuple[HeaderFunction, ...]
) -> bool:
    """Says whether a declaration only says what the function's head says, but for
    names of parameters: it may come and go."""
    if one.body:
        return False
    whole = _head_words(source, one)
    return any(
        two.body and whole == _head_words(source, two) and _same_types(one, two)
        for two in texts
    )


def _head_words(source: Header, one: HeaderFunction) -> str:
    """A head without its parameters: with the attributes on both sides of them."""
    text = source.clean[one.start : one.end - len(one.body)]
    given = f"({one.parameters})"
    return "".join(" ".join(text.split()).rstrip("; ").replace(given, "()").split())


def _same_types(one: HeaderFunction, two: HeaderFunction) -> bool:
    sides = [text.parameters.split(",") for text in (one, two)]
    return len(sides[0]) == len(sides[1]) and all(
        said.split() in (known.split(), _LAST_WORD.sub("", known).split())
        for said, known in zip(*sides, strict=True)
    )
