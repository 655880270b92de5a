# SPDX-License-Identifier: GPL-2.0-or-later
"""A C file as bare code: for the question whether anything in it is worth parsing.

Comments are blank, each string and character constant is a number, and what the parser
would see side by side stands side by side: directives are out of the way, the bodies of
macros and the conditions of ``#if`` follow at the end.  Offsets are not those of the
file.  What this says may hold too much of the file, and never too little.
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from reviewer.c.neutralise_branches import DirectiveGroup, groups
from reviewer.c.neutralise_text import (
    DirectiveSpan,
    directives,
    usual_bytes,
    without_directives,
)
from reviewer.c.parts import last_mark
from reviewer.c.text import without_comments_and_strings
from reviewer.patterns import regex

_WITH_CODE = (b"define", b"if", b"elif")
_BETWEEN = b"\n;\n"  # no expression goes on beyond it
_ENDS = b";{}:,"  # behind one of these no expression is cut through
_SIGN = regex(rb"[!&|^?<>]|==")
_STATEMENT_ENDS = regex(rb"[;{}]")


class BareCode(Struct, frozen=True):
    """The text, and whether it is all that the parser may see.

    ``is_cut``: it is not, for ``#if`` within ``#if`` cuts through an expression with an
    operator, in more ways than are gone through.
    """

    text: bytes
    is_cut: bool


def bare_code(data: bytes) -> BareCode:
    """Returns the bare code of a file, in time that grows with its length."""
    if b"\r" in data:
        data = data.replace(b"\\\r\n", b" \\\n")
    plain = usual_bytes(without_comments_and_strings(data))
    lines = directives(plain)
    code = bytes(without_directives(plain, lines))
    parts = [code, *(_of_directive(plain, line) for line in lines)]
    is_cut = False
    for group in groups(lines)[0]:
        ways = _ways(code, group, lines)
        if ways is None:
            is_cut = True
            break
        parts += ways
    text = _BETWEEN.join(part for part in parts if part)
    return BareCode(text.replace(b"\\\n", b" \n"), is_cut)


def _of_directive(plain: bytes, line: DirectiveSpan) -> bytes:
    if line.keyword not in _WITH_CODE:
        return b""
    return plain[line.start : line.end].replace(b"#", b" ")


def _ways(
    code: bytes, group: DirectiveGroup, lines: list[DirectiveSpan]
) -> list[bytes] | None:
    """A statement that a group of #if cuts through, with each branch alone, for the
    parser is given one; None where there is more than this group in it."""
    marks = (last_mark(code, line.start) for line in group.lines)
    if all(not mark or mark in _ENDS for mark in marks):
        return []
    first, last = group.lines[0].start, group.lines[-1].end
    start = 0
    for sign in (b";", b"{", b"}"):
        start = max(start, code.rfind(sign, start, first) + 1)
    found = _STATEMENT_ENDS.search(code, last)
    end = found.start() if found else len(code)
    if not _SIGN.search(code, start, end):
        return []
    inside = bisect_left(lines, end, key=_start) - bisect_left(lines, start, key=_start)
    if inside > len(group.lines):
        return None
    branches = [code[one:other] for one, other in group.branches()]
    return [code[start:first] + one + code[last:end] for one in (*branches, b"")]


def _start(line: DirectiveSpan) -> int:
    return line.start
