# SPDX-License-Identifier: GPL-2.0-or-later
"""The bytes that a character or a string literal stands for."""

from __future__ import annotations

import re

from reviewer.utf8 import encode

_SIMPLE = {
    "n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27,
    "\\": 92, "'": 39, '"': 34, "?": 63,
}  # fmt: skip
_PIECE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hexadecimal>[0-9a-fA-F]+)|(?P<simple>.))|[^\\]",
    re.DOTALL,
)


def literal_bytes(text: str) -> list[int] | None:
    r"""Returns the bytes between the quotes, escapes read (C11 6.4.4.4, and gcc's \e).

    None where an escape is none that C knows, or names more than a byte holds.
    """
    found: list[int] = []
    for piece in _PIECE.finditer(text):
        value = _escape(piece)
        if value is None:
            found += encode(piece[0])
        elif 0 <= value <= 255:
            found.append(value)
        else:
            return None
    return found


def _escape(piece: re.Match[str]) -> int | None:
    """The value of an escape, -1 for an unknown one, None for a plain character."""
    if piece["octal"]:
        return int(piece["octal"], 8)
    if piece["hexadecimal"]:
        return int(piece["hexadecimal"], 16)
    if piece["simple"]:
        return _SIMPLE.get(piece["simple"], -1)
    return None


_PLAIN = re.compile(r'"([ !#-\[\]-~]*)"\Z')


def character_at(text: str, at: int) -> int | None:
    """Returns one character of a string literal, the 0 behind the last one too.

    None for a literal with escapes, and for a place that is not in it.
    """
    found = _PLAIN.match(text)
    if found is None or not 0 <= at <= len(found[1]):
        return None
    return ord(f"{found[1]}\0"[at])


def string_size(text: str) -> int | None:
    """Returns ``sizeof`` of a string literal with its quotes; None for wide ones and
    others."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return None
    inside = literal_bytes(text[1:-1])
    return None if inside is None else len(inside) + 1
