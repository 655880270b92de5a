# SPDX-License-Identifier: GPL-2.0-or-later
"""Macro calls at the top level of a file: definitions, declarations, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.parts import last_mark, next_non_space
from reviewer.c.text import closing_parenthesis, own_commas, spaces_for
from reviewer.patterns import regex

_HEAD = rb"([A-Za-z_]\w*+)[ \t]*+(?=\()"
_CALL = regex(_HEAD)
_CALL_IN_LINE = regex(rb"\n" + _HEAD)  # ^ would be looked for at every byte
_LONE_WORD = regex(rb"^[A-Z][A-Z0-9_]+[ \t]*$", re.MULTILINE)
_NEXT_CALL = regex(rb"[ \t\n]*([A-Za-z_]\w*)[ \t]*(?=\()")
_STORED = rb"([ \t]*+(?:(?:static|extern|const|inline)[ \t\n]++)++)" + _HEAD
_STORED_CALL = regex(_STORED)
_STORED_CALL_BEHIND = regex(rb"[\n;{}]" + _STORED)
_SYSCALL = regex(
    rb"(?!\w{256})(?:\w*SYSCALL(?:32|64|_COMPAT)?_(?:DEFINE|WITH_FD)\w*\d|BPF_CALL_\d"
    rb"|\w*SYSCALL32?_DEFINE\w*)\Z"
)
_PER_CPU = regex(rb"(?:DEFINE|DECLARE)_PER_CPU\w*\Z|DEFINE_EARLY_PER_CPU\w*\Z")
_TRACE = regex(
    rb"(?!\w{256})(?:\w*TRACE_EVENT\w*|DEFINE_EVENT\w*|DECLARE_EVENT_CLASS\w*|DECLARE_TRACE\w*"
    rb"|DEFINE_TRACE\w*|FTRACE_ENTRY\w*|\w+_EVENT_CLASS|TRACE_\w+|EVENT_CLASS)\Z"
)
_NO_MACRO = frozenset(b"if while for switch return sizeof asm __asm__ typeof".split())


def top_level(code: bytearray) -> None:
    """Make definitions of SYSCALL_DEFINE & co., blank calls that lack a ``;``.

    Such as ``EXPORT_SYMBOL(x)``, ``PAGEFLAG(Dirty, dirty, PF_HEAD) TESTSCFLAG(...)``.
    """
    text = bytes(code)
    for match in _each(_STORED_CALL, _STORED_CALL_BEHIND, text):
        _stored(code, text, match)
    text = bytes(code)
    done = 0
    for match in _each(_CALL, _CALL_IN_LINE, text):
        if match.start(1) < done or match[1] in _NO_MACRO:
            continue
        before = last_mark(code, match.start(1))
        if before and before not in b";}":
            continue
        done = _one(code, text, match)


def _each(
    first: re.Pattern[bytes], others: re.Pattern[bytes], text: bytes
) -> Iterator[re.Match[bytes]]:
    """The matches of a pattern at the start, then of the one for the rest."""
    match = first.match(text)
    if match is not None:
        yield match
    yield from others.finditer(text, match.end() if match is not None else 0)


def lone_words(code: bytearray) -> None:
    """Blank a word in capitals that stands alone: a macro for whole definitions."""
    for match in _LONE_WORD.finditer(bytes(code)):
        if last_mark(code, match.start()) in (b"", b";", b"}", b")"):
            code[match.start() : match.end()] = spaces_for(match[0])


def _one(code: bytearray, text: bytes, match: re.Match[bytes]) -> int:
    """Treat one call at column 0; where to go on."""
    name, end = match[1], closing_parenthesis(text, match.end())
    if not end:
        return match.end()
    after = next_non_space(text, end)
    follows = text[after : after + 1]
    if _TRACE.match(name):
        code[match.start(1) : end] = spaces_for(text[match.start(1) : end])
    elif _SYSCALL.match(name):
        if follows == b"{" or follows == b";":
            _syscall(code, match.start(1), match.end(), end)
    elif _PER_CPU.match(name):
        _per_cpu(code, match.start(1), match.end(), end)
    elif follows == b"{":
        _definition(code, match.start(1), match.end(), end)
    elif follows not in (b";", b"=", b"[", b",") or not follows:
        return _bare(code, text, match)
    return end


def _bare(code: bytearray, text: bytes, match: re.Match[bytes]) -> int:
    """Blank calls without ``;``, one behind the other, the last one's too."""
    found: re.Match[bytes] | None = match
    at = match.start(1)
    while found is not None:
        end = closing_parenthesis(text, found.end())
        if not end:
            break
        after = next_non_space(text, end)
        if found is not match and text[after : after + 1] == b"{":
            break
        start = found.start(1)
        code[start:end] = spaces_for(text[start:end])
        at = end
        found = _NEXT_CALL.match(text, at)
    return at


def _syscall(code: bytearray, start: int, opening: int, end: int) -> None:
    """``SYSCALL_DEFINE2(dup2, int, a, int, b)``: ``long  dup2(int a, int b)``."""
    inner = bytes(code[opening + 1 : end - 1])
    code[start:opening] = b"long".ljust(opening - start)
    found = [opening + 1 + at for at in own_commas(inner)]
    if not found:
        return  # long (getpid) is a declarator already
    code[opening] = 0x20
    code[found[0]] = ord("(")
    for comma in found[1::2]:
        code[comma] = 0x20


def syscall_marks(head: bytes) -> tuple[str, list[tuple[int, int]]]:
    """Returns the macro that makes a system call of a head such as
    ``SYSCALL_DEFINE2(dup2, int, a, int, b)``, and where its marks stand that are none
    of a declaration: its parenthesis, every other comma. "" for another head."""
    match = _CALL.match(head)
    if match is None or not _SYSCALL.match(match[1]):
        return "", []
    opening = match.end()
    commas = [*own_commas(head, opening + 1, closing_parenthesis(head, opening) - 1)]
    marks = [opening, *commas[:1], *commas[1::2]]
    return match[1].decode(), [(at, at + 1) for at in marks]


def _per_cpu(code: bytearray, start: int, opening: int, end: int) -> None:
    """``DEFINE_PER_CPU(struct x, y)``: ``struct x  y``."""
    inner = bytes(code[opening + 1 : end - 1])
    found = list(own_commas(inner))
    if not found:
        return
    code[start : opening + 1] = b" " * (opening + 1 - start)
    code[opening + 1 + found[0]] = 0x20
    code[end - 1] = 0x20
    bracket = inner[: found[0]].find(b"[")
    if bracket >= 0:
        first = opening + 1 + bracket
        last = opening + 1 + found[0]
        code[first:last] = spaces_for(bytes(code[first:last]))


def _definition(code: bytearray, start: int, opening: int, end: int) -> None:
    """``MACRO(name, ...) {`` at top level: ``long (name    ) {``."""
    inner = bytes(code[opening + 1 : end - 1])
    first = re.match(rb"\s*[A-Za-z_]\w*", inner)
    if opening - start < 4 or first is None:
        return
    code[start:opening] = b"long".ljust(opening - start)
    rest = opening + 1 + first.end()
    code[rest : end - 1] = spaces_for(bytes(code[rest : end - 1]))


def _stored(code: bytearray, text: bytes, match: re.Match[bytes]) -> None:
    """``static DEFINE_X(name)``: as if ``static`` were not there."""
    name, end = match[2], closing_parenthesis(text, match.end())
    if not end:
        return
    after = next_non_space(text, end)
    follows = text[after : after + 1]
    if _PER_CPU.match(name):
        _per_cpu(code, match.start(2), match.end(), end)
    elif follows == b"{" and name.isupper():
        _definition(code, match.start(2), match.end(), end)
    elif name.upper() == name and follows in (b";", b"="):
        code[match.start(1) : match.end(1)] = spaces_for(match[1])
    elif name.upper() == name and match[1][:1] not in (b" ", b"\t"):
        code[match.start(1) : end] = spaces_for(text[match.start(1) : end])
