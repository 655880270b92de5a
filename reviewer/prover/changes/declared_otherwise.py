# SPDX-License-Identifier: GPL-2.0-or-later
"""Declarations of a file in a form that is not read.

Of 11,365 pieces of code at file level in 500 files of 6.12 these were 20, most with a
macro in front of the name.  Any name of their head may be what they declare.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reviewer.c.neutralise_words import CALLED
from reviewer.c.text import blocks, closing_bracket, own_commas
from reviewer.facts.header import Header
from reviewer.patterns import regex
from reviewer.prover.changes.trace_events import is_in_an_event

_ENUM = regex(r"\benum\b")
_CALL_ALONE = regex(
    r"\s*(?:(?:static|extern|const|inline)\s+)*+\w++\s*+\([^{}]*\)\s*+\Z"
)
_SEVERAL = regex(  # what is longer is not written by hand
    r"^(?!typedef\b)([A-Za-z_][^;{}()#,]{0,300}+),[^;{}#]{1,4000}+;", re.MULTILINE
)
_FIRST_NAME = regex(r"[\s*]*([A-Za-z_]\w*)")
_LONGEST_HEAD = 500  # of a declaration, up to where it is another's text
_NO_NAME = (
    r"(?!(?:int|char|long|short|void|unsigned|signed|bool|struct|union|const|static"
    r"|inline|extern|typeof|__typeof__|sizeof|if|else|for|while|do|switch|case|default"
    r"|break|continue|goto|return|volatile|enum|asm|__asm__|__attribute(?:__)?)\b)"
)
_CALLED = regex(r"\b(\w+)\s*(?=\()")
_MAY_BE_DECLARED = regex(rf"\b{_NO_NAME}([A-Za-z_]\w*)\s*(?=[\[(=,;]|\Z)")
_IN_PARENTHESES = regex(rf"\([\s*]*{_NO_NAME}([A-Za-z_]\w*)\s*\)")
_PARENTHESES = regex(r"\([^()]*\)")
_DEEPEST = 4  # parentheses in parentheses


def declared_otherwise(
    source: Header, begins: Sequence[int]
) -> Iterator[tuple[list[str], str, int]]:
    """Yields what stands at file level and is no function, no enum, no call of a macro
    and none of what ``begins`` at those offsets: the names that it may declare, its
    text and its line.  Of ``int a = 1, b;`` all but the first."""
    yield from _further_variables(source)
    ends = {one.end for texts in source.functions.values() for one in texts}
    begins = sorted(begins)
    for start, head, end in blocks(source.code, prototypes=True):
        if end in ends or bisect_left(begins, start) < bisect_left(begins, end):
            continue
        if is_in_an_event(source, start, end):
            continue
        text = source.code[start:head]
        if not _ENUM.search(text) and not _CALL_ALONE.match(text):
            both_ends = f"{text[:_LONGEST_HEAD]} {text[-_LONGEST_HEAD:]}"
            yield _names(both_ends), source.code[start:end], source.line_of(start)


def _names(head: str) -> list[str]:
    """The names that a head may declare, without the parameters in it."""
    head = _without_attributes(head)
    found = _IN_PARENTHESES.findall(head)
    for _level in range(_DEEPEST):
        head = _PARENTHESES.sub("()", head)
        found += _MAY_BE_DECLARED.findall(head)
    return list(dict.fromkeys(found))


def _without_attributes(head: str) -> str:
    """A head without ``__attribute__((...))`` and its kind: what they say is used, not
    declared."""
    kept, at, begin = "", 0, 0
    while found := _CALLED.search(head, begin):
        begin = found.end()
        if found[1].encode() not in CALLED:
            continue
        end = closing_bracket(head, begin)
        if end < 0:
            break
        kept, at = f"{kept}{head[at : found.start()]} ", end + 1
        begin = at
    return kept + head[at:]


def _further_variables(source: Header) -> Iterator[tuple[list[str], str, int]]:
    for found in _SEVERAL.finditer(source.code):
        commas = [*own_commas(found[0]), len(found[0])]
        for start, end in pairwise(commas):
            name = _FIRST_NAME.match(found[0], start + 1)
            if name is not None:
                text = found[1] + found[0][start:end]
                yield [name[1]], text, source.line_of(found.start())
