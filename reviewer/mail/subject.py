"""What the brackets of a subject line say: revision, place in the series, kind.

The reading is b4's (``LoreSubject``); the tests compare the two.
"""

from __future__ import annotations

import re
from typing import NamedTuple

REPLY = re.compile(r"^(?:re|aw|fwd):|^\w{2,3}:\s*\[", re.IGNORECASE)
REPLY_BEFORE_BRACKET = re.compile(r"^\w{2,3}:\s*\[")
BRACKET = re.compile(r"\[([^]]*)\]\s*")
GLUED_REVISION = re.compile(r"(patch)(v\d+)", re.IGNORECASE)
COUNTER = re.compile(r"(\d{1,4})/(\d{1,4})")
REVISION = re.compile(r"v(\d{1,4})", re.IGNORECASE)
LONGEST = 1000  # characters of a subject that are looked at


class Subject(NamedTuple):
    """A subject line, read."""

    title: str  # without "Re:" and brackets
    prefix: str  # what stood in the brackets, "PATCH net v2 1/3"
    reply: bool
    patch: bool  # the brackets say PATCH
    rfc: bool
    resend: bool
    revision: int
    counter: int
    expected: int
    revision_given: bool
    counter_given: bool


def read_subject(text: str) -> Subject:
    """Read a decoded, unfolded subject line."""
    rest = " ".join(text[:LONGEST].split())
    reply = bool(REPLY.search(rest))
    rest = REPLY_BEFORE_BRACKET.sub("[", rest)
    chunks: list[str] = []
    rest = _flatten_nested(rest)
    while match := BRACKET.match(rest):
        chunks += GLUED_REVISION.sub(r"\1 \2", match[1]).split()
        rest = rest[match.end() :]
    words = [chunk.strip(",;") for chunk in chunks]
    lower = [word.lower() for word in words]
    revisions = [match for word in words if (match := REVISION.fullmatch(word))]
    counters = [match for word in words if (match := COUNTER.fullmatch(word))]
    counter, expected = map(int, counters[-1].groups()) if counters else (1, 1)
    return Subject(
        title=rest,
        prefix=" ".join(chunks),
        reply=reply,
        patch=any(word.startswith("patch") for word in lower),
        rfc=any(word.startswith("rfc") for word in lower),
        resend=any(word.startswith("resend") for word in lower),
        revision=int(revisions[-1][1]) if revisions else 1,
        counter=counter,
        expected=expected,
        revision_given=bool(revisions),
        counter_given=bool(counters),
    )


def _flatten_nested(text: str) -> str:
    """``[PATCH [RFC] 1/2]`` becomes ``[PATCH RFC 1/2]``."""
    for _ in range(8):
        flat = re.sub(r"\[([^]]*)\[([^\[\]]*)\]", r"[\1\2]", text)
        flat = re.sub(r"\[([^]]*)\]([^\[\]]*)\]", r"[\1\2]", flat)
        if flat == text:
            break
        text = flat
    return text
