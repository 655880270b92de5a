# SPDX-License-Identifier: GPL-2.0-or-later
"""Preprocessor directives of a C file, read as text.

Directives are taken from the text and not from the syntax tree: a parser that does
not preprocess loses them where a condition cuts a statement in two.
"""

from __future__ import annotations

from msgspec import Struct

from reviewer.c.file_memory import once_per_text
from reviewer.c.text import blank_comments
from reviewer.patterns import regex
from reviewer.utf8 import decode

_INNER = b"\x01"  # stands for a newline inside a comment
_BLANK_ALL = bytes(0x0D if c == 0x0D else 1 if c == 0x0A else 0x20 for c in range(256))
_SPACE = b" \t\f\v\r" + _INNER
_CONTINUED = rb"\\[ \t]*\r?\n"
_DIRECTIVE = regex(
    rb"#[ \t\x01]*(?:" + _CONTINUED + rb"[ \t\x01]*)*"
    rb"([A-Za-z_]+(?:(?:" + _CONTINUED + rb")+[A-Za-z_]+)*)"
    rb"([^\n\\]*+(?:(?:" + _CONTINUED + rb"|\\[^\n])[^\n\\]*+)*+)"
)
_SPLICE = regex(_CONTINUED)
_ENDS_CONTINUED = regex(rb"\\[ \t]*\r?\n\Z")


class Directive(Struct, frozen=True):
    """One directive: ``#name text``, comments out, continuation lines joined."""

    name: str
    text: str
    line: int  # of the "#"
    end_line: int  # of its last continuation line


@once_per_text(64)
def directives(data: bytes) -> tuple[Directive, ...]:
    """Returns all directives of a file in order; the null directive ``#`` is
    left out."""
    # a comment that spans lines does not end the directive that it stands in
    clean = blank_comments(data.replace(_INNER, b" "), _BLANK_ALL)
    found = []
    line, position = 1, 0
    for match in _DIRECTIVE.finditer(clean):
        start, end = match.span()
        line_start = clean.rfind(b"\n", 0, start) + 1
        if line_start < start and clean[line_start:start].strip(_SPACE):
            continue
        if _is_continued(clean, line_start):
            continue
        # newlines of comments are none in ``clean``, and nothing has moved
        line += data.count(b"\n", position, start)
        position = start
        name, raw = match.groups()
        end_line = line + data.count(b"\n", start, end)
        if end_line > line:  # a backslash may stand within a word
            raw = _SPLICE.sub(b"", raw).replace(_INNER, b" ")
            name = _SPLICE.sub(b"", name)
        found.append(Directive(name.decode(), decode(raw).strip(), line, end_line))
    return tuple(found)


def _is_continued(clean: bytes, line_start: int) -> bool:
    """Whether the line that begins at ``line_start`` belongs to the one before."""
    tail = clean[max(0, line_start - 16) : line_start]
    return b"\\" in tail and _ENDS_CONTINUED.search(tail) is not None
