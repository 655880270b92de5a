# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file defines and includes, and macro expansion.

Everything is read as text and with the condition under which it holds; nothing is
included and no compiler is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from reviewer.c.conditionals import conditionals
from reviewer.c.conditions import Condition
from reviewer.c.directives import directives
from reviewer.c.text import (
    blank_comments,
    closing_brace,
    own_commas,
    without_comments_and_strings,
)
from reviewer.patterns import regex
from reviewer.utf8 import decode

_DEFINE = regex(r"([A-Za-z_$][\w$]*)(\(([^()]*)\))?", re.ASCII)
_PARAMETER = regex(r"[A-Za-z_$][\w$]*(\s*\.\.\.)?\Z|\.\.\.\Z", re.ASCII)
_INCLUDE = regex(r"<([^>]+)>|\"([^\"]+)\"")


class Define(Struct, frozen=True):
    """One #define.  ``params`` is None for an object-like macro.

    A variadic macro keeps its last parameter as written, ``...`` or ``args...``.
    """

    name: str
    params: tuple[str, ...] | None
    body: str  # comments out, continuation lines joined, white space single
    line: int
    end_line: int
    condition: Condition


class Undef(Struct, frozen=True):
    """One #undef."""

    name: str
    line: int
    condition: Condition


class Include(Struct, frozen=True):
    """One #include; ``path`` as written, a macro's name where ``kind`` is macro."""

    path: str
    kind: str  # "<", '"' or "macro"
    line: int
    condition: Condition


class Enumerator(Struct, frozen=True):
    """A member of an enum; ``name`` is "" where a macro generates members."""

    enum: str  # the tag, "" for an anonymous enum
    name: str
    value: str | None  # text of the initialiser
    index: int  # place among the enum's members as written, from 0
    line: int
    condition: Condition
    enum_line: int  # tells two anonymous enums apart


@lru_cache(maxsize=128)
def defines(data: bytes) -> tuple[Define, ...]:
    """Returns all #define of a file, in order; malformed ones are left out."""
    found = []
    stack = conditionals(data)
    for directive in directives(data):
        if directive.name != "define":
            continue
        match = _DEFINE.match(directive.text)
        if match is None:
            continue
        params: tuple[str, ...] | None = None
        body = directive.text[match.end() :]
        if match[2] is not None:
            params = _parameters(match[3])
            if params is None:
                continue
        elif body[:1] == "(":
            continue  # a parameter list that is no list of names
        condition = stack.at(directive.line)
        body = " ".join(body.split())
        found.append(
            Define(
                match[1], params, body, directive.line, directive.end_line, condition
            )
        )
    return tuple(found)


def _parameters(text: str) -> tuple[str, ...] | None:
    if not text.strip():
        return ()
    names = tuple("".join(part.split()) for part in text.split(","))
    return names if all(_PARAMETER.match(name) for name in names) else None


@lru_cache(maxsize=128)
def undefs(data: bytes) -> tuple[Undef, ...]:
    """Returns all #undef of a file."""
    stack = conditionals(data)
    return tuple(
        Undef(directive.text.split()[0], directive.line, stack.at(directive.line))
        for directive in directives(data)
        if directive.name == "undef" and directive.text
    )


def includes(data: bytes) -> tuple[Include, ...]:
    """Returns all #include and #include_next of a file."""
    stack = conditionals(data)
    found = []
    for directive in directives(data):
        if directive.name not in ("include", "include_next") or not directive.text:
            continue
        match = _INCLUDE.match(directive.text)
        path = (match[1] or match[2]) if match else directive.text
        kind = directive.text[0] if match else "macro"
        found.append(Include(path, kind, directive.line, stack.at(directive.line)))
    return tuple(found)


# --- enums ------------------------------------------------------------------------

_ENUM = regex(rb"enum(?<!\wenum)\b\s*(?:__packed\s+)?([A-Za-z_]\w*)?[^;{}()=]*\{")
_BLANKS = regex(rb"[^\r\n]")
_MEMBER = regex(rb"\s*([A-Za-z_]\w*)\s*([^=]*?)(?:=(.*))?\Z", re.DOTALL)
_ATTRIBUTE = regex(rb"(?:__\w+|DEPRECATED)?\s*+(?:\(.*\))?\s*+\Z", re.DOTALL)


@lru_cache(maxsize=128)
def enumerators(data: bytes) -> tuple[Enumerator, ...]:
    """Returns the members of all enums of a file, in order.

    A member that a macro generates (``FOO(a, b)``) has no name and no value, nor have
    those of an #include: what follows it without an initialiser has no known value
    either.
    """
    if b"enum" not in data:
        return ()
    text = _code_only(data)
    found: list[Enumerator] = []
    for match in _ENUM.finditer(text):
        end = closing_brace(text, match.end() - 1)
        end -= text[end - 1 : end] == b"}"
        tag = (match[1] or b"").decode()
        found += _members(data, text, match.end(), end, tag)
    return tuple(found)


def _code_only(data: bytes) -> bytes:
    """Comments, strings and directives as blanks, at the same length."""
    text = without_comments_and_strings(data)
    lines = text.split(b"\n")
    for directive in directives(data):
        for number in range(directive.line - 1, min(directive.end_line, len(lines))):
            lines[number] = _BLANKS.sub(b" ", lines[number])
    return b"\n".join(lines)


def _members(
    data: bytes, text: bytes, start: int, end: int, tag: str
) -> Iterator[Enumerator]:
    stack = conditionals(data)
    enum_line = text.count(b"\n", 0, start) + 1
    line, counted = enum_line, start
    included = _includes_in(data, start, end)
    index = -1
    for first, last in _pieces(text, start, end):
        index += 1
        match = _MEMBER.match(text, first, last)
        name, value = "", None
        if match and _ATTRIBUTE.match(match[2]) and not _is_call(match):
            name = match[1].decode()
            value = _original(data, match) if match[3] is not None else None
        begin = match.start(1) if match else first
        line += text.count(b"\n", counted, begin)
        counted = begin
        while included and included[0] < line:
            at = included.pop(0)
            yield Enumerator(tag, "", None, index, at, stack.at(at), enum_line)
            index += 1
        yield Enumerator(tag, name, value, index, line, stack.at(line), enum_line)
    for at in included:
        index += 1
        yield Enumerator(tag, "", None, index, at, stack.at(at), enum_line)


def _includes_in(data: bytes, start: int, end: int) -> list[int]:
    """The lines of the #includes in a part of a file."""
    if b"include" not in data[start:end]:
        return []
    first, last = (data.count(b"\n", 0, at) + 1 for at in (start, end))
    return [
        one.line
        for one in directives(data)
        if one.name == "include" and first < one.line <= last
    ]


def _is_call(match: re.Match[bytes]) -> bool:
    """``FOO(a, b)``: members that a macro makes, not a member with an attribute."""
    return match[2][:1] == b"("


def _original(data: bytes, match: re.Match[bytes]) -> str:
    text = blank_comments(data[match.start(3) : match.end(3)])
    kept = (line for line in text.split(b"\n") if line.lstrip()[:1] != b"#")
    return " ".join(decode(b" ".join(kept)).split())


def _pieces(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans between the commas that are not inside parentheses or braces."""
    first = start
    for comma in own_commas(text, start, end):
        yield first, comma
        first = comma + 1
    if text[first:end].strip():
        yield first, end


# --- expansion --------------------------------------------------------------------
