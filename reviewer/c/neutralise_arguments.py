# SPDX-License-Identifier: GPL-2.0-or-later
"""Types, operators and statements where a macro takes them and a function could not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.neutralise_text import fill
from reviewer.c.parts import FAR, GLUED, NAME_BEFORE
from reviewer.c.text import closing_parenthesis, opening_of, spaces_for
from reviewer.patterns import regex

_TYPEOF = regex(rb"(?:typeof|TYPEOF)\w*[ \t]*(?=\()")
_TYPEOF_NAME = regex(
    rb"(?:__|__builtin_|__unqual_scalar_)?typeof(?:__|_\w+)?\Z"
    rb"|TYPEOF_UNQUAL\Z"
)
_ATOMIC = regex(rb"\b_Atomic[ \t]*(?=\()")
_PRIMITIVE = (
    rb"(?:(?:unsigned|signed|long|short|int|char|double|float|void|bool|_Bool)\b"
    rb"[ \t]*+)++"
)
_TYPE_ARGUMENT = regex(
    rb"[,(](?:(?<=,)|(?<=\w\()|(?<=\w \())"  # a set first: looked for fastest
    rb"(\s*+)((?:(?:const|volatile)[ \t]++)*+"
    rb"(?:(?:struct|union|enum)\s++\w++|" + _PRIMITIVE + rb")"
    rb"(?:[ \t]*+(?:const\b)?+[ \t]*+\*)*+(?:[ \t]*+\[[\w ]*+\])?+)(?=\s*+[,)])"
)
_POINTER_ARGUMENT = regex(rb"[,(](?:(?<=,)|(?<=\w\())\s*\w+([ \t]*\*+)(?=[ \t]*[,)])")
_TAKES_TYPE = regex(
    rb"\b(?:sizeof|_Alignof|alignof|if|while|for|switch|return|case|else)[ \t]*\($"
)
_OFFSETOF = regex(rb"(?:offsetof|_Alignof|__alignof__|alignof|__alignof)(?=[ \t]*\()")
_NO_TYPE_WORD = regex(rb"\W")


def one_word_types(code: bytearray) -> None:
    """Writes a word of the same length in the place of each type that a macro is given
    (``struct page *``) and of each ``typeof(...)``, which the grammar cannot read."""
    text = bytes(code)
    done = 0
    for match in _typeofs(text):
        end = closing_parenthesis(text, match.end())
        if not end or match.start() < done:
            continue
        done = end
        start = match.start()
        while start and text[start - 1] in GLUED:
            start -= 1
        name = text[start : match.end()].rstrip()
        if _TYPEOF_NAME.match(name) or name == b"_Atomic":
            code[start:end] = _one_word(text[start:end])
    if b"offsetof" in text or b"lignof" in text:
        for match in _OFFSETOF.finditer(text):
            if not match.start() or text[match.start() - 1] not in GLUED:
                code[match.start()] = ord("O")
    text = bytes(code)
    for match in _TYPE_ARGUMENT.finditer(text):
        line = text.rfind(b"\n", 0, match.start()) + 1
        if text[match.start() : match.start() + 1] == b"(" and _TAKES_TYPE.search(
            text, max(line, match.start() - 12), match.start() + 1
        ):
            continue
        word = _NO_TYPE_WORD.sub(b"_", match[2].rstrip())
        if word == b"void" and text[match.start() : match.start() + 1] == b"(":
            continue  # f(void) takes nothing
        if word.isalpha() and word.islower():
            word = word.upper()
        start = match.start(2)
        if b"\n" in match[2]:
            kept = match[2].rstrip(b" \t\n*")
            lines = kept.rpartition(b"\n")
            word = spaces_for(lines[0] + lines[1]) + _NO_TYPE_WORD.sub(b"_", lines[2])
        code[start : start + len(word)] = word


def pointer_types(code: bytearray) -> None:
    """Rewrites ``va_arg(ap, foo *)``: the star goes."""
    for match in _POINTER_ARGUMENT.finditer(bytes(code)):
        code[match.start(1) : match.end(1)] = spaces_for(match[1])


def _typeofs(text: bytes) -> Iterator[re.Match[bytes]]:
    if b"typeof" in text or b"TYPEOF" in text:
        yield from _TYPEOF.finditer(text)
    if b"_Atomic" in text:
        yield from _ATOMIC.finditer(text)


def _one_word(text: bytes) -> bytes:
    head, newline, rest = text.partition(b"\n")
    return fill(head) + newline + spaces_for(rest)


_OPERATOR = regex(rb",(\s*(?:==|!=|<=|>=|<<|>>|&&|\|\||[<>&|+*/^-])\s*),(?=\s*[^\s,)])")
_EMPTY = regex(rb",(?=\s*[,)])|(?<=\()\s*,")
_STATEMENT_ARGUMENT = regex(rb";(?=\s*\))")
_DECLARED_BY_CALL = regex(
    rb"^([ \t]+)([A-Z][A-Z0-9_]+)[ \t]*\([^()\n]*\)(?=[ \t]+[A-Za-z_]\w*[ \t]*[;=])",
    re.MULTILINE,
)


def arguments(code: bytearray) -> None:
    """Takes the commas out of ``ASSERTCMP(a, ==, b)``; no argument stays empty."""
    text = bytes(code)
    for match in _OPERATOR.finditer(text):
        code[match.start()] = 0x20
        code[match.end() - 1] = 0x20
    for match in _EMPTY.finditer(text):
        code[match.end() - 1] = 0x20
    for match in _STATEMENT_ARGUMENT.finditer(text):
        end = text.index(b")", match.end())
        opening = opening_of(text, end, max(0, end - FAR))
        name = NAME_BEFORE.search(text, max(0, opening - 80), opening)
        if opening and name is not None and name[1] not in (b"for", b"while"):
            inner = text[opening : match.start()]
            if b"{" not in inner and b"for" not in inner:
                code[opening : match.start()] = inner.replace(b";", b",")
                code[match.start()] = 0x20
    for match in _DECLARED_BY_CALL.finditer(text):
        code[match.end(2) : match.end()] = spaces_for(text[match.end(2) : match.end()])
