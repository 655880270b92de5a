# SPDX-License-Identifier: GPL-2.0-or-later
"""ASCII art drawn as SVG: the picture that the terminal shows, on a page.

Boxes of ``+``, ``-`` and ``|`` become rectangles, ``-->`` an arrow, and everything else
is text in its column.  There is one picture, so the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from reviewer.output.escaping import html
from reviewer.patterns import regex

_WIDE, _HIGH = 8.4, 20.0  # of a character, in user units of the viewBox
_EDGE = 6.0
_BORDER = regex(r"\+(?:-+\+)+")
_ARROW = regex(r"(?<!\S)(?:<?-+>|<-+)(?!\S)")
_WORDS = regex(r"\S+(?: \S+)*")
_WRONG = regex(r"\d !")  # a value that is not what it should be


class _Border(Struct, frozen=True):
    """A line ``+---+--+`` of a box: its row, and the columns of its corners."""

    row: int
    corners: tuple[int, ...]


def drawing(picture: str, name: str, title: str) -> str:
    """Returns a picture as SVG; ``name`` makes its ids unique on a page."""
    rows = [line.expandtabs(8).rstrip() for line in picture.split("\n")]
    wide = max(map(len, rows), default=0) * _WIDE + 2 * _EDGE
    high = len(rows) * _HIGH + 2 * _EDGE
    heard = f"{title}: {'; '.join(_heard(rows))}"
    parts = [*_boxes(rows), *_texts(rows)]
    return (
        f'<figure class="scroll" tabindex="0" role="group" aria-label="picture">'
        f'<svg class="drawing" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}"'
        f' role="img" aria-labelledby="{name}"><title id="{name}">{html(heard)}</title>'
        f"{''.join(parts)}</svg></figure>"
    )


def _heard(rows: Sequence[str]) -> Iterator[str]:
    """The words of each row, without what is drawn."""
    for row in rows:
        told = _ARROW.sub(lambda m: "to" if ">" in m[0] else "from", row)
        words = re.sub(r"[+|]|-{2,}", " ", _BORDER.sub(" ", told)).split()
        if words:
            yield " ".join(words)


def _x(column: float) -> float:
    return _EDGE + column * _WIDE


def _middle(row: float) -> float:
    return _EDGE + (row + 0.5) * _HIGH


# --- boxes ----------------------------------------------------------------------------


def _boxes(rows: Sequence[str]) -> Iterator[str]:
    borders = [
        _Border(n, tuple(m.start() + at for at, c in enumerate(m[0]) if c == "+"))
        for n, row in enumerate(rows)
        for m in _BORDER.finditer(row)
    ]
    for top in borders:
        bottom = _below(top, borders)
        if bottom is not None:
            walls = list(_walls(rows, top, bottom))
            for left, right in pairwise(walls):
                yield _rectangle(left, right, top.row, bottom.row)


def _below(top: _Border, borders: Sequence[_Border]) -> _Border | None:
    """The next border that closes the boxes below this one."""
    ends = {top.corners[0], top.corners[-1]}
    return next(
        (one for one in borders if one.row > top.row and ends <= {*one.corners}), None
    )


def _walls(rows: Sequence[str], top: _Border, bottom: _Border) -> Iterator[int]:
    """The corners from which a wall goes all the way down."""
    between = rows[top.row + 1 : bottom.row]
    for corner in top.corners:
        at_end = corner in (top.corners[0], top.corners[-1])
        if at_end or all(row[corner : corner + 1] == "|" for row in between):
            yield corner


def _rectangle(left: int, right: int, top: int, bottom: int) -> str:
    x, y = _x(left + 0.5), _middle(top)
    wide, high = (right - left) * _WIDE, (bottom - top) * _HIGH
    return (
        f'<rect class="box" x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}">'
        "</rect>"
    )


# --- words ----------------------------------------------------------------------------


def _texts(rows: Sequence[str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        left = _BORDER.sub(lambda m: " " * len(m[0]), row)
        for match in _ARROW.finditer(left):
            yield _arrow(number, match)
        left = _ARROW.sub(lambda m: " " * len(m[0]), left)
        left = _without_walls(rows, number, left)
        for match in _WORDS.finditer(left):
            yield _text(number, match.start(), match[0])


def _without_walls(rows: Sequence[str], number: int, row: str) -> str:
    """A row without the ``|`` that stand between two borders: they are drawn."""

    def is_wall(column: int) -> bool:
        for other in range(number - 1, -1, -1):
            above = rows[other][column : column + 1]
            if above == "+":
                return True
            if above != "|" and not _is_border(rows[other], column):
                return False
        return False

    return "".join(" " if c == "|" and is_wall(at) else c for at, c in enumerate(row))


def _is_border(row: str, column: int) -> bool:
    return any(m.start() <= column < m.end() for m in _BORDER.finditer(row))


def _text(row: int, column: int, words: str) -> str:
    kind = ' class="on-text"' if _WRONG.fullmatch(words) else ""
    y = _middle(row) + 4.5
    return f'<text x="{_x(column):g}" y="{y:g}"{kind}>{html(words)}</text>'


def _arrow(row: int, match: re.Match[str]) -> str:
    """A line with a tip at the end, or at both."""
    y, start, end = _middle(row), _x(match.start()), _x(match.end())
    tips = ""
    if match[0].endswith(">"):
        tips += f"M{end:g} {y:g} l-7 -4 v8 z"
    if match[0].startswith("<"):
        tips += f"M{start:g} {y:g} l7 -4 v8 z"
    return (
        f'<path class="line" d="M{start:g} {y:g} H{end:g}"></path>'
        f'<path class="tip" d="{tips}"></path>'
    )
