# SPDX-License-Identifier: GPL-2.0-or-later
"""Text in the columns of a terminal: cut, filled up and broken into lines.

A letter of East Asia takes two columns there, and an accent of its own none.
"""

from __future__ import annotations

import textwrap
import unicodedata

NEAR = 12  # columns in which a cut looks for the end of a word
MORE = "..."


def counted(number: int, one: str, many: str = "") -> str:
    """Returns a number with its noun: "1 file", "2 files", "3 replies"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def width_of(text: str) -> int:
    """Returns how many columns a line of text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Returns a text in at most that many columns, where it can behind a whole word."""
    if width_of(text) <= width:
        return text
    kept = text
    while kept and width_of(kept) > width - len(MORE):
        kept = kept[: min(len(kept) - 1, max(0, width - len(MORE)))]
    space = -1 if text[len(kept)].isspace() else kept.rfind(" ")
    if space > max(0, len(kept) - NEAR):
        kept = kept[:space]
    return kept.rstrip(" ,;:") + MORE


def padded(text: str, width: int) -> str:
    """Returns a text cut or filled up to that many columns."""
    text = cut(text, width)
    return text + " " * (width - width_of(text))


def wrapped(
    text: str, width: int, indent: str, *, first: str | None = None, most: int = 0
) -> list[str]:
    """Returns a text in indented lines; ``most`` of them where that is not 0.

    ``first`` stands before the first one in place of the indent.
    """
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not most or len(lines) <= most:
        return lines
    last = cut(f"{lines[most - 1]} {lines[most].strip()}", width)
    return [*lines[: most - 1], last if last.endswith(MORE) else last + MORE]


def fitting(parts: list[str], width: int) -> str:
    """Returns those of the parts, from the first, that fit into that many columns."""
    for count in range(len(parts), 0, -1):
        line = "; ".join(parts[:count])
        more = "" if count == len(parts) else f"; {MORE}"
        if width_of(line + more) <= width:
            return line + more
    return cut(parts[0], width) if parts else ""
