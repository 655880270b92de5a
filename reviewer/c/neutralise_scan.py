# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding one's way in C text without comments: parentheses, neighbours, words."""

from __future__ import annotations

from reviewer.patterns import regex

SPACE = b" \t\n"
FAR = 400  # bytes between parentheses of a call whose head is looked for


_AFTER = regex(rb"[ \t\n]*")


def next_non_space(code: bytes | bytearray, at: int, end: int | None = None) -> int:
    """Says where the first byte that is no space stands, from ``at`` on; ``end`` where
    none does before it."""
    match = _AFTER.match(code, at, len(code) if end is None else end)
    assert match is not None
    return match.end()


def last_mark(code: bytes | bytearray, before: int) -> bytes:
    """Returns the last byte before ``before`` that is no space, empty at the start."""
    step = 256
    while before > 0:
        tail = code[max(0, before - step) : before].rstrip(SPACE)
        if tail:
            return bytes(tail[-1:])
        before -= step
        step *= 4
    return b""


NAME_BEFORE = regex(rb"\b([A-Za-z_]\w*)[ \t]*\Z")


GLUED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.>#")
KEYWORDS = frozenset(
    b"if while for switch return sizeof else do case goto asm defined typeof "
    b"__typeof__ static_assert _Static_assert _Generic while".split()
)
