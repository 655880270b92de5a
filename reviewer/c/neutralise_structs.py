# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros in the body of a struct or union, where only fields may stand."""

from __future__ import annotations

import re

from reviewer.c.parts import last_mark, next_non_space
from reviewer.c.text import closing_brace, closing_parenthesis, spaces_for
from reviewer.patterns import regex

_STRUCT = regex(
    rb"u(?:(?<=\bstru)ct|(?<=\bu)nion)\b"  # u first: the rarest letter of both
    rb"\s*(?:[A-Za-z_]\w*\s*)?\{"
)
_LINE_CALL = regex(rb"^[ \t]+([A-Za-z_]\w*)[ \t]*(?=\()", re.MULTILINE)
_NAME = regex(rb"\s*([A-Za-z_]\w*)\s*\Z")
# include/linux/stddef.h: how many arguments stand before the members
_MEMBERS_FROM = {
    b"struct_group": 1,
    b"struct_group_attr": 2,
    b"struct_group_tagged": 2,
    b"__struct_group": 3,
}
_TYPE_FIRST = regex(rb"DECLARE_FLEX_ARRAY|__DECLARE_FLEX_ARRAY|DECLARE_KFIFO\w*TYPE")


def members_from_macros(code: bytearray) -> None:
    """Make fields of ``DECLARE_X(name, ...)`` and of the members of struct_group()."""
    text = bytes(code)
    done = 0
    for match in _STRUCT.finditer(text):
        if match.start() < done:
            continue
        end = done = closing_brace(text, match.end() - 1)
        for call in _LINE_CALL.finditer(text, match.end(), end):
            before = last_mark(text, call.start(1))
            if before in (b";", b"{", b"}") or call[1] in _MEMBERS_FROM:
                _field(code, text, call)


_ENUM = regex(rb"enum(?<!\wenum)\b\s*(?:[A-Za-z_]\w*\s*)?\{")
_ENUM_CALL = regex(rb"(?<=[{,])(\s*)([A-Za-z_]\w*)[ \t]*(\([^()]*\))(?=\s*[,}])")
_STANDS_ALONE = regex(
    rb"(?<=[{,])(\s*)([A-Za-z_]\w*)[ \t]*(\([^()]*\))?(?=[ \t]*\n\s*\w)"
)


def enumerators_from_macros(code: bytearray) -> None:
    """Rewrites ``ENUM_BIT(NAME),`` in an enum: only its name's word."""
    text = bytes(code)
    for match in _ENUM.finditer(text):
        end = closing_brace(text, match.end() - 1)
        body = text[match.end() - 1 : end]
        if b"(" not in body and b",\n" not in body:
            continue
        for call in _ENUM_CALL.finditer(body):
            at = match.end() - 1
            code[at + call.start(3) : at + call.end(3)] = spaces_for(call[3])
        for call in _STANDS_ALONE.finditer(body):
            at = match.end() - 1
            code[at + call.start(2) : at + call.end()] = spaces_for(
                body[call.start(2) : call.end()]
            )


_UNNAMED_BITS = regex(
    rb"(?<=[;{\s])(?:unsigned|signed|int|long|[us]\d+|__\w+|\w+_t)"
    rb"([ \t]*:[ \t]*\w+)(?=[ \t]*;)"
)


def unnamed_bits(code: bytearray) -> None:
    """Rewrites ``unsigned :4;`` as ``unsigned _4;``: padding gets a name."""
    for match in _UNNAMED_BITS.finditer(bytes(code)):
        if last_mark(code, match.start()) in (b";", b"{"):
            field = match[1].replace(b":", b" ")
            room = field.lstrip()
            code[match.start(1) : match.end(1)] = (
                b" " + b"_" * (len(field) - len(room) - 1) + b"_" * len(room)
            )


def _field(code: bytearray, text: bytes, call: re.Match[bytes]) -> None:
    opening, end = call.end(), closing_parenthesis(text, call.end())
    if not end:
        return
    after = next_non_space(text, end)
    inner = text[opening + 1 : end - 1]
    if call[1] in _MEMBERS_FROM:
        _members(code, text, call, end)
    elif text[after : after + 1] == b";":
        names = [(m.start(), m.end(), m[0]) for m in re.finditer(rb"[^,]+", inner)]
        chosen = names[-1:] if _TYPE_FIRST.match(call[1]) else names[:1]
        chosen += [name for name in names if _NAME.match(name[2])]
        for start, stop, name in chosen:
            if _NAME.match(name):
                code[opening:end] = spaces_for(text[opening:end])
                at = opening + 1
                code[at + start : at + stop] = name
                return
        code[opening:end] = spaces_for(text[opening:end])
        if b"\n" not in text[call.start(1) : opening] and opening - call.start(1) > 5:
            # FIELD(): int IELD
            code[call.start(1) : call.start(1) + 4] = b"int "
    elif re.match(rb"[A-Za-z_}]", text[after : after + 1]):
        # MACRO(x) without a semicolon
        code[call.start(1) : end] = spaces_for(text[call.start(1) : end])


def _members(code: bytearray, text: bytes, call: re.Match[bytes], end: int) -> None:
    at = call.end() + 1
    for _argument in range(_MEMBERS_FROM[call[1]]):
        comma = text.find(b",", at, end)
        if comma < 0:
            return
        at = comma + 1
    code[call.start(1) : at] = spaces_for(text[call.start(1) : at])
    code[end - 1] = 0x20
    after = next_non_space(text, end)
    if text[after : after + 1] == b";":
        code[after] = 0x20
