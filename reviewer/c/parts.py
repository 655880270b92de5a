# SPDX-License-Identifier: GPL-2.0-or-later
"""C text in parts: functions, of which most stay as they are in the patches of a
series, and what stands beside a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.c.file_memory import once_per_text
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


# --- a file, part by part

_FUNCTION_END = b"\n}\n"
_PARTS_KEPT = 4096
_LARGEST_KEPT = 16_384  # bytes
_SMALL = 16_384  # bytes of a file: most are headers, which no patch of a series changes


def by_parts(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Returns ``change(data)``, made of the parts of a C file one by one.

    ``change`` replaces comments, strings and character constants, each by itself.
    """
    if len(data) < _SMALL:
        return change(data)
    return b"".join(
        _remembered(part, change) if len(part) <= _LARGEST_KEPT else change(part)
        for part in parts_of(data)
    )


@once_per_text(_PARTS_KEPT)
def _remembered(part: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return change(part)


def parts_of(data: bytes) -> Iterator[bytes]:
    """Yields the parts of a C file, each to the end of a function.

    No comment or string goes from one into the next: a string ends with its line, which
    is a brace alone, and what stands behind a comment that may be open is one part.
    """
    start = 0
    while (found := data.find(_FUNCTION_END, start)) >= 0:
        end = found + len(_FUNCTION_END)
        opened = data.rfind(b"/*", start, end)
        if opened >= 0 and data.rfind(b"*/", opened + 2, end) < 0:
            break
        yield data[start:end]
        start = end
    yield data[start:]
