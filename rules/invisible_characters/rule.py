# SPDX-License-Identifier: GPL-2.0-or-later
"""Bidi controls, zero-width characters and lookalike letters in the code of a patch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.text import HIDDEN
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode
from reviewer.visible_text import is_plain

RULE = Rule(
    name="invisible-characters",
    summary="characters that are not seen, or are taken for others, in code",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=("CVE-2021-42574", "CVE-2021-42694"),
    needs_tree=False,
    trigger=rb"[\x80-\xff]",
    on_fragments=True,
    textual=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields each kind of such a character once a line."""
    for one in deceptive_characters(image.source.data, image.focus):
        yield _finding(image, one)


def _finding(image: FileImage, one: Unseen) -> Finding:
    return RULE.finding(
        image.source.path,
        one.line,
        {
            "kind": one.kind,
            "place": one.place,
            "characters": list(one.characters),
            "word": one.word,
        },
        severity=_severity(one),
        column=one.column,
        width=one.width,
    )


def _severity(one: Unseen) -> Severity:
    """High where what is compiled, or its order, is not what is shown."""
    if one.kind == "byte-order-mark":
        return Severity.LOW
    if one.kind == "bidi" or one.place == "code":
        return RULE.severity
    return Severity.MEDIUM if one.place == "string" else Severity.LOW


# --- characters in C that a reader does not see, or takes for others ------------------
# The classes are those of "Trojan Source" (CVE-2021-42574, CVE-2021-42694): bidi
# controls reorder what is shown, zero-width characters and letters that look like Latin
# ones make two names of what reads as one.  Letters of people's names, signs of units
# and quotes in comments and strings are ordinary text, and left alone.


_BEYOND_ASCII = regex(rb"[^\n]*[\x80-\xff][^\n]*")
_IN_COMMENT = regex(rb"[ \t]*\*(?:[ \t]|\Z)")  # of a comment begun further up
BOM = b"\xef\xbb\xbf"

_BIDI = regex("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOTHING_SHOWN = regex(
    "[\u00ad\u034f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0"
    "\U000e0000-\U000e007f]"
)
_SPACES = regex("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_WORDS = regex(r"[^\W\d]\w*")
# Letters that can be taken for Latin ones: Greek, Cyrillic, Armenian, full width, the
# mathematical alphabets
_FOREIGN = regex(
    "[\u0370-\u03ff\u0400-\u052f\u0531-\u0587\uff21-\uff5a\U0001d400-\U0001d7ff]"
)


class Unseen(Struct, frozen=True):
    """One kind of such a character on one line."""

    kind: str  # bidi, zero-width, space, lookalike, byte-order-mark
    place: str  # code, string, comment
    line: int
    column: int  # bytes, from 0
    width: int
    characters: tuple[str, ...]  # "U+202E", in order, each once
    word: str  # the identifier, for lookalikes in their plain spelling; else ""


def deceptive_characters(data: bytes, lines: frozenset[int] | None) -> Iterator[Unseen]:
    """Yields the deceptive characters on the given lines of a text (None: on all).

    Each kind is told once a line.
    """
    if data.startswith(BOM) and (lines is None or 1 in lines):
        yield Unseen("byte-order-mark", "code", 1, 0, len(BOM), ("U+FEFF",), "")
    places: list[tuple[int, int, str]] | None = None
    number, counted = 1, 0
    for match in _BEYOND_ASCII.finditer(data):
        number += data.count(b"\n", counted, match.start())
        counted = match.start()
        if lines is not None and number not in lines:
            continue
        if places is None:
            places = [
                (
                    part.start(),
                    part.end(),
                    "comment" if part[0][:1] == b"/" else "string",
                )
                for part in HIDDEN.finditer(data)
            ]
        start = match.start()
        if start == 0 and match[0].startswith(BOM):
            start = len(BOM)
        yield from _on_line(data[start : match.end()], number, start, places)


def _on_line(
    text: bytes, number: int, start: int, places: list[tuple[int, int, str]]
) -> Iterator[Unseen]:
    shown = decode(text)
    begun = start if start != len(BOM) or number != 1 else 0
    told: set[str] = set()
    for kind, match in _suspects(shown):
        column = len(encode(shown[: match.start()]))
        place = _place(text, start + column, places)
        if kind in told or (place != "code" and kind in ("space", "lookalike")):
            continue
        told.add(kind)
        found = [m for k, m in _suspects(shown) if k == kind]
        yield Unseen(
            kind,
            place,
            number,
            start - begun + column,
            len(encode(match[0])),
            tuple(dict.fromkeys(name for m in found for name in _names(kind, m[0]))),
            match[0] if kind == "lookalike" else "",
        )


def _suspects(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for kind, pattern in (
        ("bidi", _BIDI),
        ("zero-width", _NOTHING_SHOWN),
        ("space", _SPACES),
    ):
        for match in pattern.finditer(text):
            yield kind, match
    for match in _WORDS.finditer(text):
        word = match[0]
        if word.isascii():
            continue
        mixed = not is_plain(word) and _FOREIGN.search(word)
        if mixed or not _FOREIGN.sub("", word).strip("_0123456789"):
            yield "lookalike", match


def _names(kind: str, text: str) -> Iterator[str]:
    pattern = _FOREIGN if kind == "lookalike" else re.compile(r"[^\x00-\x7f]")
    for character in pattern.findall(text):
        yield f"U+{ord(character):04X}"


def _place(text: bytes, at: int, places: list[tuple[int, int, str]]) -> str:
    for first, last, name in places:
        if first <= at < last:
            return name
        if first > at:
            break
    return "comment" if _IN_COMMENT.match(text) else "code"
