# SPDX-License-Identifier: GPL-2.0-or-later
"""What the brackets of a subject line say: revision, place in the series, kind.

The reading is b4's (``LoreSubject``); the tests compare the two.  Where b4 takes
``v6,1/2``, ``PATCH1/2`` or ``1 of 2`` for nothing, they are read as they are meant.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.patterns import regex

REPLY = regex(
    r"^(?:re|aw|fwd?|antw|sv|vs|odp|ynt|回复|答复|转发)(?:\[\d+\])? ?[:：]"
    r"|^\w{2,3}:\s*\[",
    re.IGNORECASE,
)
REPLY_BEFORE_BRACKET = regex(r"^\w{2,3}:\s*\[")
BRACKET = regex(r"\[([^]]*)\]\s*")
GLUED_REVISION = regex(r"(patch)(v\d+)", re.IGNORECASE)
# "bug#60788: [PATCH 1/2] .." as trackers write it, and "***SPAM*** [PATCH] .."
BEFORE_PREFIX = regex(
    r"[^\[\]]{1,40}(?=\[\s*(?:(?:rfc|resend)[ /-]*)?patch)", re.IGNORECASE
)
NO_BRACKETS = regex(r"((?:rfc )?patch\b[^:\[\]]{0,40}):\s*", re.IGNORECASE)
COUNTER = regex(r"(\d{1,4})/(\d{1,4})")
# v2.1 is a part of v2 sent again; v5.4 and v6.1 are kernels
REVISION = regex(r"(?:v|ver|version|rev)\.?(?:(\d{1,4})|([1-3])\.(\d))")
LONGEST = 1000  # characters of a subject that are looked at
# What people write for a blank, each with what is read in its place.
SPELLINGS = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"[,;:|_(){}\[\]#]+", " "),
        (r"(\d) ?(?:[/\\]|of) ?(\d)", r"\1/\2"),  # 1 / 2, 1 of 2, 1\2
        (r"\b(patch(?:es|set)?|rfc|rft|resend)[-/]?(?=v?\.?\d)", r"\1 "),  # PATCH1/2
        (r"\b(v\d{1,4})-(?=\d+/\d)", r"\1 "),  # v2-1/3
        (r"\b(\d{1,4}/\d{1,4})[-/]?(?=[a-z])", r"\1 "),  # 1/3v2, 1/3/RESEND
        (r"\b(v|ver|version|rev) (?=\d{1,4}(?: |$))", r"\1"),  # v 2
    )
)


class Subject(NamedTuple):
    """A subject line, read."""

    title: str  # without "Re:" and brackets
    prefix: str  # what stood in the brackets, "PATCH net v2 1/3"
    reply: bool
    patch: bool  # the brackets say PATCH
    resend: bool
    revision: int
    counter: int
    expected: int
    revision_given: bool
    counter_given: bool
    minor: int = 0  # 1 for v2.1


def read_subject(text: str) -> Subject:
    """Read a decoded, unfolded subject line."""
    rest = " ".join(text[:LONGEST].split())
    reply = bool(REPLY.search(rest))
    rest = REPLY_BEFORE_BRACKET.sub("[", rest)
    chunks, rest = _bracketed(rest)
    words = _words(" ".join(chunks))
    revisions = [match for word in words if (match := REVISION.fullmatch(word))]
    counters = [match for word in words if (match := COUNTER.fullmatch(word))]
    counter, expected = map(int, counters[-1].groups()) if counters else (1, 1)
    last = revisions[-1] if revisions else None
    return Subject(
        title=rest,
        prefix=" ".join(chunks),
        reply=reply,
        patch=any(word.startswith("patch") for word in words),
        resend=any(word.startswith("resend") for word in words),
        revision=int(last[1] or last[2]) if last else 1,
        counter=counter,
        expected=expected,
        revision_given=last is not None,
        counter_given=bool(counters),
        minor=int(last[3] or 0) if last else 0,
    )


def _bracketed(text: str) -> tuple[list[str], str]:
    """The words of the prefix as they stand there, and the title."""
    rest = _flatten_nested(text)
    if before := BEFORE_PREFIX.match(rest):
        rest = rest[before.end() :]
    elif bare := NO_BRACKETS.match(rest):
        return bare[1].split(), rest[bare.end() :]
    chunks: list[str] = []
    while match := BRACKET.match(rest):
        chunks += GLUED_REVISION.sub(r"\1 \2", match[1]).split()
        rest = rest[match.end() :]
    return chunks, rest


def _words(prefix: str) -> list[str]:
    """The words of the prefix as they are meant, in lower case."""
    text = prefix.lower()
    for pattern, replacement in SPELLINGS:
        text = pattern.sub(replacement, text)
    return [word.strip("-./") for word in text.split()]


def _flatten_nested(text: str) -> str:
    """``[PATCH [RFC] 1/2]`` becomes ``[PATCH RFC 1/2]``."""
    for _ in range(8):
        flat = re.sub(r"\[([^]]*)\[([^\[\]]*)\]", r"[\1\2]", text)
        flat = re.sub(r"\[([^]]*)\]([^\[\]]*)\]", r"[\1\2]", flat)
        if flat == text:
            break
        text = flat
    return text
