# SPDX-License-Identifier: GPL-2.0-or-later
"""An explanation for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from reviewer.explain.model import Explanation, Line, Part
from reviewer.visible_text import spelt_out

_BOLD, _DIM = "1", "2"
_INDENT = "  "


def render(explanation: Explanation, *, color: bool, width: int) -> str:
    """Returns headed parts; each line ends in, or is followed by, its file:line."""
    width = min(width, 100)
    lines = [*wrap(f"{explanation.name} ({explanation.kind})", width), ""]
    lines[0] = _paint(lines[0], _BOLD, color)
    lines += wrap(f"{explanation.summary}.", width)
    for part in explanation.parts:
        lines += ["", _paint(part.title, _BOLD, color)]
        lines += _part(part, color, width)
    return spelt_lines("\n".join(lines), color) + "\n"


def _part(part: Part, color: bool, width: int) -> Iterator[str]:
    for line in part.lines:
        yield from _line(line, color, width)
    if part.picture:
        yield ""
        for row in part.picture:
            yield f"{_INDENT}{row}"


def _line(line: Line, color: bool, width: int) -> Iterator[str]:
    rows = wrap(line.text, width - 4, break_long_words=False, break_on_hyphens=False)
    for number, row in enumerate(rows):
        yield (_INDENT if number == 0 else _INDENT * 2) + row
    if line.evidence is not None:
        place = f"{line.evidence.file}:{line.evidence.line}"
        yield _INDENT * 3 + _paint(place, _DIM, color)


def spelt_lines(text: str, color: bool) -> str:
    """Returns text from a tree made visible; our own colours stay."""
    if not color:
        return spelt_out(text)
    parts = text.split("\x1b[")
    return "\x1b[".join(spelt_out(piece) for piece in parts)


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[m" if color else text
