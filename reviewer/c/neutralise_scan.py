# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding one's way in C text without comments: parentheses, neighbours, words."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.patterns import regex

_PARENTHESIS = regex(rb"[()]")
_LONGEST_CALL = 65_536  # bytes between ( and ): what is longer is left alone
_DEEPEST = 24
SPACE = b" \t\n"


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro call at top level that the parser is not shown (bytes)."""

    name: str
    start: int
    end: int


# Four levels deep in one match; possessive, so that nothing is tried twice
_BALANCED = regex(
    rb"\([^()]*+(?:\([^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)[^()]*+)*+\)[^()]*+)*+\)"
)


def closing(code: bytes | bytearray, opening: int) -> int:
    """Just behind the ``)`` that closes the ``(`` at ``opening``, 0 if none does."""
    limit = opening + _LONGEST_CALL
    match = _BALANCED.match(code, opening, limit)
    if match is not None:
        return match.end()
    depth = 0
    for mark in _PARENTHESIS.finditer(code, opening, limit):
        depth += 1 if mark[0] == b"(" else -1
        if depth == 0:
            return mark.end()
        if depth > _DEEPEST:
            break
    return 0


_AFTER = regex(rb"[ \t\n]*")


def next_mark(code: bytes | bytearray, at: int) -> int:
    """Where the first byte that is no space stands, from ``at`` on."""
    match = _AFTER.match(code, at)
    assert match is not None
    return match.end()


def last_mark(code: bytes | bytearray, before: int) -> bytes:
    """The last byte before ``before`` that is no space, empty at the start."""
    step = 256
    while before > 0:
        tail = code[max(0, before - step) : before].rstrip(SPACE)
        if tail:
            return bytes(tail[-1:])
        before -= step
        step *= 4
    return b""


NAME_BEFORE = regex(rb"\b([A-Za-z_]\w*)[ \t]*\Z")


def opening_of(text: bytes, closing_at: int) -> int:
    """The ``(`` that the ``)`` at ``closing_at`` closes, 0 if it is far."""
    depth = 0
    for at in range(closing_at, max(0, closing_at - 400), -1):
        if text[at] == 0x29:
            depth += 1
        elif text[at] == 0x28:
            depth -= 1
            if depth == 0:
                return at
    return 0


GLUED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.>#")
KEYWORDS = frozenset(
    b"if while for switch return sizeof else do case goto asm defined typeof "
    b"__typeof__ static_assert _Static_assert _Generic while".split()
)
