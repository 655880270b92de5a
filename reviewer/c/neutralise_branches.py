# SPDX-License-Identifier: GPL-2.0-or-later
"""#if groups: which stay as nodes of the tree, which lose their lines or branches.

A group whose branches are whole statements stays: the grammar has nodes for it.
Where a group cuts through an expression, a list or a pair of braces, its directive
lines go, and where its branches exclude each other, all but one of them too.
"""

from __future__ import annotations

import re
from itertools import chain

from msgspec import Struct, field

from reviewer.c.neutralise_text import DirectiveSpan
from reviewer.c.parts import last_mark, next_non_space
from reviewer.c.text import innermost_brace, spaces_for
from reviewer.patterns import regex

_OPENING = (b"if", b"ifdef", b"ifndef")
_DEEPEST = 64  # #if in #if: the kernel stays below ten
_MIDDLE = (b"else", b"elif", b"elifdef", b"elifndef")


class DirectiveGroup(Struct):
    """#if ... #endif: its directives, the last one the #endif."""

    lines: list[DirectiveSpan] = field(default_factory=list)
    flat: bool = False  # its directives are not shown to the parser
    never: bool = False  # #if 0

    def branches(self) -> list[tuple[int, int]]:
        """Returns byte ranges between the directives."""
        return [
            (a.end, b.start) for a, b in zip(self.lines, self.lines[1:], strict=False)
        ]


def groups(
    lines: list[DirectiveSpan],
) -> tuple[list[DirectiveGroup], list[DirectiveSpan]]:
    """Returns the groups, inner ones first, and the conditionals without a partner."""
    stack: list[DirectiveGroup] = []
    closed: list[DirectiveGroup] = []
    stray: list[DirectiveSpan] = []
    for line in lines:
        if line.keyword in _OPENING:
            stack.append(DirectiveGroup([line], flat=len(stack) > _DEEPEST))
        elif line.keyword in _MIDDLE:
            if stack:
                stack[-1].lines.append(line)
            else:
                stray.append(line)
        elif line.keyword == b"endif":
            if stack:
                group = stack.pop()
                group.lines.append(line)
                closed.append(group)
            else:
                stray.append(line)
    for group in stack:
        stray += group.lines
    return closed, stray


_NEVER = regex(rb"#\s*if\s+0\s*\Z")
_NOT_C = regex(
    rb"#\s*(?:ifdef\s+(?:__cplusplus|__ASSEMBLY__|__ASSEMBLER__)\b"
    rb"|if\s+defined\s*\(?\s*(?:__cplusplus|__ASSEMBLY__|__ASSEMBLER__)\s*\)?\s*\Z)"
)
_C_ONLY = regex(
    rb"#\s*(?:ifndef\s+(?:__cplusplus|__ASSEMBLY__|__ASSEMBLER__)\b"
    rb"|if\s+!\s*defined\s*\(?\s*(?:__cplusplus|__ASSEMBLY__|__ASSEMBLER__)\s*\)?\s*\Z)"
)


def decide_groups(
    code: bytearray, text: bytes, found: list[DirectiveGroup]
) -> list[tuple[int, int]]:
    """Decide for every group, inner ones first; the byte ranges that were blanked."""
    blanked: list[tuple[int, int]] = []
    for group in found:
        branches = group.branches()
        first_line = text[group.lines[0].start : group.lines[0].end].strip()
        if group.flat:
            continue
        group.never = _NEVER.match(first_line) is not None
        if _NOT_C.match(first_line):
            _drop(code, branches[:1], blanked)
        elif _C_ONLY.match(first_line):
            _drop(code, branches[1:], blanked)
        if not _whole(code, group, branches):
            take_out_branches(code, group, blanked)
    return blanked


def take_out_branches(
    code: bytearray, group: DirectiveGroup, blanked: list[tuple[int, int]]
) -> None:
    """Take a group's directive lines out, and the branches that cannot stay."""
    group.flat = True
    branches = group.branches()
    if group.never:
        _drop(code, branches[:1], blanked)
        branches = branches[1:]
    if len(branches) > 1 and not _a_list(code, branches):
        full = [b for b in branches if code[b[0] : b[1]].strip()] or branches
        keep = full[0]
        _drop(code, [branch for branch in branches if branch != keep], blanked)


def _drop(
    code: bytearray,
    branches: list[tuple[int, int]],
    blanked: list[tuple[int, int]],
) -> None:
    for start, end in branches:
        branch = bytes(code[start:end])
        if branch.strip():
            code[start:end] = spaces_for(branch)
            blanked.append((start, end))


def _net(code: bytearray, start: int, end: int) -> tuple[int, int]:
    return (
        code.count(b"{", start, end) - code.count(b"}", start, end),
        code.count(b"(", start, end) - code.count(b")", start, end),
    )


def _a_list(code: bytearray, branches: list[tuple[int, int]]) -> bool:
    """Whether all branches are items that end with a comma."""
    bodies = [bytes(code[start:end]).strip() for start, end in branches]
    return all(not body or body.endswith(b",") for body in bodies)


def _whole(
    code: bytearray, group: DirectiveGroup, branches: list[tuple[int, int]]
) -> bool:
    """Whether every branch is a row of whole statements or declarations."""
    before = last_mark(code, group.lines[0].start)
    lists = before == b"," or before == b"{"
    ends_with_comma = False
    for start, end in branches:
        if _net(code, start, end) != (0, 0):
            return False
        first = next_non_space(code, start, end)
        if first >= end:
            continue
        ending = last_mark(code, end)
        if ending not in b";}" and not (lists and ending == b","):
            return False
        ends_with_comma = ends_with_comma or ending == b","
        opening = bytes(code[first : first + 5])
        if opening[:1] in b"})" or opening[:2] in (b"&&", b"||"):
            return False
        if re.match(rb"else\b", opening):
            return False
    if lists and ends_with_comma:
        return before != b"" and _in_enum(code, group.lines[0].start)
    return not before or before in b";}:{"


_BRACE = regex(rb"[{}]")
_ENUM = regex(rb"\benum\b[^;{}()=]*\Z")


def _in_enum(code: bytearray, at: int) -> bool:
    """Whether the innermost open brace before ``at`` is an enum's."""
    brace = innermost_brace(code, at)
    head = bytes(code[max(0, brace - 200) : max(0, brace)])
    return brace >= 0 and _ENUM.search(head) is not None


_LIST = regex(rb"(?:=|\benum\b[^;{}()=]*|[,{(\]])\s*\Z")


def in_lists(code: bytearray, places: list[int]) -> set[int]:
    """Returns the places, of a sorted list, that are in an initialiser or an enum.

    No directive may stand there, nor right behind a ``=``.
    """
    if not places:
        return set()
    found: set[int] = set()
    open_at: list[int] = []
    place = iter([*places, len(code) + 1])
    at, seen, mark = next(place), 0, b""
    braces = (mark.start() for mark in _BRACE.finditer(code))
    for brace in chain(braces, [len(code)]):
        while at <= brace:
            # only what is new: in a header of nothing but #defines all is space
            mark = last_mark(code[seen:at], at - seen) or mark
            if mark == b"=" or (open_at and _is_list(code, open_at[-1])):
                found.add(at)
            at, seen = next(place), at
        if at > len(code):
            break
        if code[brace : brace + 1] == b"{":
            open_at.append(brace)
        elif open_at:
            open_at.pop()
    return found


def _is_list(code: bytearray, brace: int) -> bool:
    return _LIST.search(bytes(code[max(0, brace - 200) : brace])) is not None
