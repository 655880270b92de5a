# SPDX-License-Identifier: GPL-2.0-or-later
"""Comments, strings and directives: what is not C code, taken out of its way.

Every function here returns as many bytes as it was given, with the newlines where
they were.
"""

from __future__ import annotations

import re

from msgspec import Struct

from reviewer.c.parts import by_parts
from reviewer.c.text import HIDDEN, spaces_for
from reviewer.patterns import regex

_NOT_PLAIN = regex(rb"[^\w%:.,/ \n-]")
_LINE = regex(rb"#[^\n\\]*+(?:\\.[^\n\\]*+|\\\Z)*+", re.DOTALL)
_KEYWORD = regex(rb"#[ \t\\\n]*+(\w*+(?:(?:\\\n)++\w++)*+)")


def fill(text: bytes) -> bytes:
    """Returns underscores of the same length for one identifier; newlines stay."""
    return re.sub(rb"[^\n]", b"_", text)


def _plain(match: re.Match[bytes]) -> bytes:
    text = match[0]
    if text[:1] == b"/":
        return spaces_for(text)
    quote, inner = text[:1], text[1:-1]
    if b"\n" in inner:  # a string over several lines, joined by backslashes
        lines = inner.split(b"\n")
        head = quote + b"_" * len(lines[0][:-1]) + quote
        rest = [b" " * len(line) for line in lines[1:]]
        return b"\n".join([head, *rest]) + b" "
    if quote == b'"':
        return quote + _NOT_PLAIN.sub(b"_", inner) + quote
    return text if len(inner) < 12 else quote + b"_" + quote + b" " * (len(inner) - 1)


def with_plain_strings(data: bytes) -> bytes:
    """Returns comments as spaces, and strings that hold nothing that looks
    like code."""
    if b"\r" in data:
        data = data.replace(b"\\\r\n", b" \\\n")  # a line that goes on
    return usual_bytes(by_parts(data, _with_plain_hidden))


def _with_plain_hidden(data: bytes) -> bytes:
    return HIDDEN.sub(_plain, data)


def usual_bytes(text: bytes) -> bytes:
    """Returns other white space as spaces, and letters beyond ASCII as a letter."""
    return text.translate(_USUAL)  # which takes less than to look whether there is one


_USUAL = bytes(
    0x20 if byte in b"\r\f\v\0" else 0x5F if byte > 0x7F else byte
    for byte in range(256)
)


_REST = regex(rb"[ \t\r\f\v]*[^\s]")


class DirectiveSpan(Struct):
    """A preprocessor line, its continuation lines included (bytes, half open)."""

    start: int
    end: int
    keyword: bytes  # "if", "define", ...; "" for a lone #


def directives(text: bytes) -> list[DirectiveSpan]:
    """Returns the directives of a text without comments, in order."""
    found = []
    for match in _LINE.finditer(text):
        line = text.rfind(b"\n", 0, match.start()) + 1
        if text[line : match.start()].strip():
            continue
        keyword = _KEYWORD.match(match[0])
        assert keyword is not None
        word = keyword[1].replace(b"\\\n", b"")
        found.append(DirectiveSpan(match.start(), match.end(), word))
    return found


def with_joined_lines(data: bytes, plain: bytes, lines: list[DirectiveSpan]) -> bytes:
    """Returns the text without comments, a backslash at the end of each line that ends
    within a comment of a directive which goes on behind it.

    ``data``: the file; ``plain``: the same without comments; ``lines``: its directives.
    """
    joined = bytearray(plain)
    for line in lines:
        opened = data.rfind(b"/*", line.start, line.end)
        if opened < 0 or plain[opened] != 0x20 or b"//" in data[line.start : opened]:
            continue
        closed = data.find(b"*/", opened + 2)
        if closed < line.end or not _REST.match(data, closed + 2):
            continue
        at = data.find(b"\n", opened)
        while 0 <= at < closed:
            if joined[at - 1] == 0x20:
                joined[at - 1] = 0x5C
            at = data.find(b"\n", at + 1)
    return bytes(joined)


def without_directives(text: bytes, lines: list[DirectiveSpan]) -> bytearray:
    """Returns the text with every directive as spaces."""
    code = bytearray(text)
    for line in lines:
        code[line.start : line.end] = spaces_for(text[line.start : line.end])
    return code


_PARAMETERS = regex(rb"(#[ \t]*define[ \t]+\w+\()([^()]*)\)", re.DOTALL)
_NAMED_REST = regex(rb"(\w)([ \t]*)\.\.\.")
_JUNK_AFTER = regex(rb"([ \t]*#[ \t]*(?:else|endif|ifn?def[ \t]+\w+)\b)([^\n]+)")
_PROSE = (b"error", b"warning", b"pragma", b"ident", b"line", b"")


def readable(line: bytes, keyword: bytes) -> bytes:
    """Returns a directive as tree-sitter-c can read it."""
    split = _SPLIT_KEYWORD.match(line) if b"\\\n" in line else None
    if split is not None:
        line = _whole_first(split) + line[split.end() :]
    if keyword == b"define":
        return _with_body(_PARAMETERS.sub(_plain_parameters, line))
    if keyword in _PROSE:
        return spaces_for(line)
    if keyword in (b"else", b"endif", b"ifdef", b"ifndef"):
        return _JUNK_AFTER.sub(lambda m: m[1] + spaces_for(m[2]), line)
    if keyword.startswith(b"include"):
        return _ended(line) if _FILE.search(line) else spaces_for(line)
    return line


_SPLIT_KEYWORD = regex(rb"(#[ \t\\\n]*+)(\w++(?:(?:\\\n)++\w++)++)")


def _whole_first(split: re.Match[bytes]) -> bytes:
    """A keyword that a backslash cuts, whole in front of the line breaks."""
    word = split[2].replace(b"\\\n", b"")
    return split[1] + word + b"\\\n" * split[2].count(b"\n")


_FILE = regex(rb'[>"][ \t\n\\]*\Z')


def _ended(line: bytes) -> bytes:
    """Where the grammar wants the end of the line, white space would hide it."""
    end = len(line.rstrip(b" \t"))
    gap = len(line) - end
    if gap == 0:
        return line
    if gap == 1:
        return line[:end] + b"\r"
    return line[:end] + b"//" + line[end + 2 :]


_NO_BODY = regex(
    rb"#[ \t]*define[ \t]+\w+(?:\([^()]*\))?"
    rb"(?=[ \t]|\\\n)[ \t]*((?:\\\n[ \t]*)*)\Z"
)


def _with_body(line: bytes) -> bytes:
    """Keep the grammar from reading the next line as the body of an empty macro."""
    match = _NO_BODY.match(line)
    if match is None:
        return line
    if b"\n" not in match[1]:
        return _ended(line)
    room = re.search(rb"\n( )", match[1])
    if room is None:
        return spaces_for(line)
    at = match.start(1) + room.start(1)
    return line[:at] + b"_" + line[at + 1 :]


def _plain_parameters(match: re.Match[bytes]) -> bytes:
    inner = _NAMED_REST.sub(lambda rest: rest[1] + rest[2] + b"   ", match[2])
    return match[1] + inner + b")"
