# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a patch tells itself what a remark takes for unintended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import SENTENCE_END, claims_in
from reviewer.followup.comments import files_of
from reviewer.models import Evidence
from reviewer.patterns import regex

UNINTENDED = regex(
    r"\b(?:unintention\w+|inadvertent\w*|accidental\w*|silently|unexpectedly)"
    r" (?P<deed>[a-z]{3,})",
    re.IGNORECASE,
)
# What a patch may do to somebody's settings or results, by words that mean the same
DEEDS = (
    ("discard", "overrid", "overrul", "overwrit", "clobber", "lose", "lost", "reset"),
    ("ignor", "skip", "disregard"),
    ("disabl", "turn"),
    ("renam",),
    ("truncat", "cut"),
    ("fail", "reject", "refus"),
)
COMMENT = regex(r"^\s*(?:/?\*+|//)\s?(?P<text>.*?)(?:\*/)?\s*$")
WORD = regex(r"[A-Za-z_]\w{3,}")
NEAR = 14  # lines of the patch above the quoted one
SHARED = 2  # words beside the deed that both have
# Words that say nothing about what is spoken of
IDLE = frozenset((
    "that", "this", "these", "those", "with", "from", "will", "would", "could",
    "does", "have", "been", "being", "into", "when", "where", "which", "while",
    "there", "here", "then", "than", "also", "only", "existing", "patch", "change",
    "changes", "code", "function", "value", "values", "kernel", "user", "users",
    "unintentionally", "silently",
))  # fmt: skip


def told_by_the_patch(remark: Remark) -> Mark | None:
    """Returns the mark that a comment above the quoted line, or the message of the
    patch, says what the remark asks to be unintended; None where none does."""
    for sentence in claims_in(remark.text).sentences:
        match = UNINTENDED.search(sentence)
        if match is None:
            continue
        for text, place in (*_comments(remark), *_message(remark)):
            if _alike(match["deed"], sentence, text):
                where = (
                    f"a comment there says so: {place.file}:{place.line}"
                    if place is not None
                    else f'its message says so: "{text}"'
                )
                evidence = (place,) if place is not None else ()
                return Mark(Decision.TOLD, sentence, where, evidence, refutes=True)
    return None


def _alike(deed: str, sentence: str, text: str) -> bool:
    """Whether a text has a deed of the same kind, and words of what it is done to."""
    deeds = next((one for one in DEEDS if deed.lower().startswith(one)), None)
    told = {one for one in _words(text) if deeds and one.startswith(deeds)}
    if not told or re.search(r"\bnot\b|n't\b|\bnever\b", text):
        return False
    shared = (_words(sentence) & _words(text)) - told - {deed.lower()}
    return len(shared) >= SHARED


def _words(text: str) -> set[str]:
    return {one.lower() for one in WORD.findall(text)} - IDLE


def _comments(remark: Remark) -> Iterator[tuple[str, Evidence | None]]:
    """The sentences of the comment that stands above the quoted line."""
    anchor = remark.anchor
    if anchor is None or not anchor.file:
        return
    file = next((f for f in files_of(anchor.patch) if f.path == anchor.file), None)
    lines = file.hunks[anchor.hunk].lines[: anchor.last + 1] if file is not None else ()
    matches = [(line, COMMENT.match(line.text)) for line in lines[-NEAR:]]
    told = [(line, match["text"]) for line, match in matches if match and line.new]
    for sentence in SENTENCE_END.split(" ".join(text for _, text in told)):
        begin = " ".join(sentence.split()[:3])
        line = next((line for line, text in told if begin and begin in text), None)
        if line is not None:
            yield sentence, Evidence(anchor.file, line.new or 0, line.text.strip())


def _message(remark: Remark) -> Iterator[tuple[str, Evidence | None]]:
    """The sentences of the patch's message."""
    if remark.patch is None:
        return
    for paragraph in remark.patch.message.split("\n\n"):
        for sentence in SENTENCE_END.split(" ".join(paragraph.split())):
            yield sentence, None
