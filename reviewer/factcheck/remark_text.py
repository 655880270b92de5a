# SPDX-License-Identifier: GPL-2.0-or-later
"""What a remark says: its sentences, the names in them, the code that it shows.

A robot shows code below the name of its function, without the quote mark of a mail:
``drivers/a/b.c:probe() {``, indented lines, ``}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from reviewer.patterns import regex

HEAD = regex(
    r"^(?:(?P<path>[\w+.-]+(?:/[\w+.-]+)*\.[chS]):)?(?:[\w*]++[ ]++)*+[*]?(?P<name>\w+)"
    r"\([^()\n]{0,200}\)[ ]*(?P<open>\{?)[ \t]*$"
)
CODE_LINE = regex(r"^(?:[ ]{4,}|\t+)\S.*(?:[;{}]|\\|&&|\|\||,)[ \t]*$|^[ \t]+}\s*$")
FUNCTION = regex(r"\b([A-Za-z_]\w{2,})\(\)")
NAME = regex(
    r"\b[A-Za-z]\w*(?:->|\.)\w+|\b[A-Za-z]+_\w+|\b[A-Za-z_]\w+(?=\(\))|\b[A-Z][A-Z\d_]{3,}\b"
)
SENTENCE_END = regex(r"(?<=[.?!])\s+(?=[A-Z\d(`\"'])")
LONGEST = 20_000  # characters of a remark that are read
LEAST_CODE = 8  # letters and digits of a line that can be told from others


class Shown(Struct, frozen=True):
    """Code that a remark shows, and whose it says that it is."""

    path: str  # "" where the remark names none
    function: str
    lines: tuple[str, ...]


class Said(Struct, frozen=True):
    """A remark taken apart."""

    sentences: tuple[str, ...]  # without the code, white space as one space
    shown: tuple[Shown, ...]
    functions: tuple[str, ...]  # named with (), in order, each once
    names: tuple[str, ...]  # of C: functions, members, macros, in order

    @property
    def prose(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)

    def sentence_with(self, pattern: re.Pattern[str]) -> str | None:
        """Returns the first sentence that a pattern is found in."""
        return next((one for one in self.sentences if pattern.search(one)), None)


@lru_cache(maxsize=512)
def claims_in(text: str) -> Said:
    """Returns what a remark's text says."""
    prose, shown = _apart(text[:LONGEST].split("\n"))
    paragraphs = (" ".join(one.split()) for one in "\n".join(prose).split("\n\n"))
    sentences = tuple(
        sentence
        for paragraph in paragraphs
        for sentence in SENTENCE_END.split(paragraph)
        if sentence
    )
    joined = " ".join(sentences)
    functions = dict.fromkeys(match[1] for match in FUNCTION.finditer(joined))
    names = dict.fromkeys(match[0] for match in NAME.finditer(joined))
    return Said(sentences, shown, tuple(functions), tuple(names))


def _apart(lines: list[str]) -> tuple[list[str], tuple[Shown, ...]]:
    """The lines of prose, and the code."""
    prose: list[str] = []
    shown: list[Shown] = []
    at = 0
    while at < len(lines):
        head = _head(lines, at)
        end = _end_of_block(lines, at) if head is not None else None
        if head is not None and end is not None:
            body = tuple(line for line in lines[at + 1 : end] if line.strip() != "{")
            shown.append(Shown(head["path"] or "", head["name"], body))
            prose.append("")
            at = end + 1
        elif CODE_LINE.match(lines[at]):
            start = at
            while at < len(lines) and _goes_on(lines, at):
                at += 1
            shown.append(Shown("", "", tuple(lines[start:at])))
            prose.append("")
        else:
            prose.append(lines[at])
            at += 1
    return prose, tuple(shown)


def _head(lines: list[str], at: int) -> re.Match[str] | None:
    """The head of a function, whose brace stands on its line or on the next."""
    head = HEAD.match(lines[at])
    if head is None or head["open"]:
        return head
    return head if lines[at + 1 : at + 2] == ["{"] else None


def _end_of_block(lines: list[str], start: int) -> int | None:
    for at in range(start + 1, min(len(lines), start + 80)):
        if lines[at].rstrip() == "}":
            return at
        inside = lines[at].startswith((" ", "\t", "...")) or lines[at] in ("", "{")
        if not inside and lines[at].strip():
            return None
    return None


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether a line of indented code is followed by more of it."""
    if CODE_LINE.match(lines[at]):
        return True
    return lines[at].startswith(("    ", "\t")) and bool(lines[at].strip())


def squeezed(code: str) -> str:
    """Returns a line of code without white space and comments; "" if it says little."""
    from reviewer.c.text import without_comments

    text = "".join(without_comments(code).split())
    if "..." in text or sum(map(str.isalnum, text)) < LEAST_CODE:
        return ""
    return text


def code_lines(shown: Shown) -> Iterator[str]:
    """Yields the lines of shown code that can be looked for, squeezed."""
    for line in shown.lines:
        text = squeezed(line)
        if text:
            yield text
