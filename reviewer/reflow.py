# SPDX-License-Identifier: GPL-2.0-or-later
"""Prose that was written for wide windows, in a terminal that is narrower.

A terminal breaks a line that is too long in the middle of a word.  Paragraphs and
list items are wrapped anew; code, tables, headings and what fits stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

from reviewer.patterns import regex

_LITERAL = regex(r"[ \t>#|+$]|@@|\d+:|\S+:\s*$|\x1b")
_ITEM = regex(r"(?:[-*]|\d+\.) +")


def fitted(text: str, width: int) -> str:
    """The text with its paragraphs of words in lines of at most ``width``."""
    lines = text.split("\n")
    if all(len(line) <= width for line in lines):
        return text
    return "\n".join(_fitted(lines, width))


def _fitted(lines: list[str], width: int) -> Iterator[str]:
    held: list[str] = []
    fenced = False
    for line in lines:
        fence = line.startswith("```")
        goes_on = bool(held) and _ITEM.match(held[0]) and re.match(r" {2,4}\S", line)
        literal = fenced or fence or (not goes_on and bool(_LITERAL.match(line)))
        if literal or not line.strip() or _ITEM.match(line):
            yield from _wrapped(held, width)
            held = []
        if literal or not line.strip():
            yield line
        else:
            held.append(line)
        fenced = fenced != fence
    yield from _wrapped(held, width)


def _wrapped(held: list[str], width: int) -> Iterator[str]:
    if all(len(line) <= width for line in held):
        yield from held
        return
    item = _ITEM.match(held[0])
    yield from wrap(
        " ".join(line.strip() for line in held),
        width,
        subsequent_indent=" " * (item.end() if item else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
