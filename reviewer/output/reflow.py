# SPDX-License-Identifier: GPL-2.0-or-later
"""Prose that was written for wide windows, in a terminal that is narrower.

A terminal breaks a line that is too long in the middle of a word.  Paragraphs and
list items are wrapped anew, and so is the last column of a table; code, headings and
what fits stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

from reviewer.patterns import regex

_LITERAL = regex(r"[ \t>#|+$]|@@|\d+:|\S+:\s*$|\x1b")
_ITEM = regex(r"(?:[-*]|\d+\.) +")
_BAR = regex(r"(?<!\\)\|")
_RULE = regex(r"[-:]+\Z")  # the row of dashes below a table's head
_NARROWEST = 20  # columns that the last column of a table needs


def rewrapped(text: str, width: int) -> str:
    """Returns the text with its paragraphs of words in lines of at most ``width``."""
    lines = text.split("\n")
    if all(len(line) <= width for line in lines):
        return text
    return "\n".join(_fitted(_with_tables(lines, width), width))


def _with_tables(lines: list[str], width: int) -> list[str]:
    """The lines, each table of them that is too wide made to fit."""
    found: list[str] = []
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        rows = list(group)
        wide = is_table and any(len(row) > width for row in rows)
        found += _table(rows, width) if wide else rows
    return found


def _table(rows: list[str], width: int) -> list[str]:
    """The rows with the columns in line, the last of them wrapped."""
    cells = [[one.strip() for one in _BAR.split(row.strip("| "))] for row in rows]
    words = [row for row in cells if not _RULE.match("".join(row))]
    first = [max(map(len, column)) for column in zip(*words, strict=False)][:-1]
    left = width - sum(first) - 3 * len(first) - 4
    if left < _NARROWEST:
        return rows
    found = []
    for row in cells:
        if row not in words:
            found.append("|".join(["", *("-" * (n + 2) for n in (*first, left)), ""]))
            continue
        start = "".join(f"| {one:<{n}} " for one, n in zip(row, first, strict=False))
        blank = "".join(f"| {'':<{n}} " for n in first)
        last = wrap(row[-1], left, break_long_words=False, break_on_hyphens=False)
        for number, line in enumerate(last or [""]):
            found.append(f"{blank if number else start}| {line:<{left}} |")
    return found


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
