# SPDX-License-Identifier: GPL-2.0-or-later
"""What the submission rules share: places in a mail, citations of the tree's rules.

What is asked of a submission stands in the tree under review, in Documentation/process;
a finding cites the line and the section where it stands there.  The sentences are
searched by their words: the documents move and are rewrapped from release to release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from reviewer.api import Confidence, Evidence, Finding, Rule, SeriesView, Severity
from reviewer.mail.parse import QUOTE, SCISSORS
from reviewer.mail.subject import read_subject
from reviewer.models import Patch, Series
from reviewer.patterns import regex

PROCESS = (
    "Documentation/process/submitting-patches.rst",
    "Documentation/process/5.Posting.rst",
    "Documentation/SubmittingPatches",
)
# Patterns are compiled when first used: a silent review does not pay for them.
REPLY = r"(?i)\s*\w{2,3}\s*:\s*(?:\[|re\b)"
UNDERLINE = r"[=\-~^\"]{4,}\s*\Z"
LONGEST = 500  # characters of a line that are looked at
DIFFSTAT = (
    r"^ \S.* \| +(?:\d+|Bin|Unk)\b.*$|^ \.\.\./.*$|^ \d+ files? changed.*$"
    r"|^ (?:create|delete) mode \d+ .*$|^ (?:rename|copy|mode change) .*$"
    r"|^base-commit: .*$|^change-id: .*$|^prerequisite-.*$|^---\s*$"
)


def own_patches(view: SeriesView) -> tuple[Patch, ...]:
    """Returns the patches that were submitted as such: none from a reply or a cover
    letter."""
    if view.series is None:
        return ()
    return tuple(
        patch
        for patch in view.series.patches
        if not re.match(REPLY, patch.headers.subject)
        and not re.search(r"\b0+/\d", patch.subject_prefix)
    )


def last_before(view: SeriesView) -> Series | None:
    """Returns the posting before the one under review, with what was said
    until then."""
    earlier: tuple[Series, ...] = view.context.get("earlier", ())
    if not earlier or view.series is None:
        return None
    from reviewer.mail.earlier_posting import sent_before

    return sent_before(earlier[-1], view.series)


def sentence_of_the_tree(view: SeriesView, *sentences: str) -> tuple[Evidence, ...]:
    """Says where the tree says so: the first of the sentences that is found.

    Without a tree, or where it says nothing of the kind, there is no evidence.
    """
    if view.after is None:
        return ()
    for path in PROCESS:
        data = view.after.view.read(path)
        if data is None:
            continue
        text = data.decode("utf-8", "replace")
        for sentence in sentences:
            found = _found(text, sentence)
            if found is not None:
                return (Evidence(path, *found),)
    return ()


@lru_cache(maxsize=64)
def _found(text: str, sentence: str) -> tuple[int, str] | None:
    """The line of the sentence and the heading above it."""
    words = r"\s+".join(re.escape(word) for word in sentence.split())
    match = re.search(words, text)
    if match is None:
        return None
    lines = text.split("\n")
    line = text.count("\n", 0, match.start()) + 1
    for number in range(line - 1, 0, -1):
        if re.match(UNDERLINE, lines[number]) and lines[number - 1].strip():
            return line, lines[number - 1].strip()
    return line, ""


def on_message(
    rule: Rule,
    patch: Patch | None,
    *,
    line: int = 0,
    fields: Mapping[str, Any] | None = None,
    evidence: tuple[Evidence, ...] = (),
    severity: Severity | None = None,
    confidence: Confidence = Confidence.PROVED,
    subject: str = "",
) -> Finding:
    """Returns a finding about a commit message, or
    (``patch`` None) about the whole series.

    ``line`` counts the lines of ``Patch.message`` from 1; 0 is the subject.
    """
    code = subject
    if patch is not None:
        lines = patch.message.split("\n")
        code = lines[line - 1] if 0 < line <= len(lines) else patch.headers.subject
    return Finding(
        rule=rule.name,
        severity=severity or rule.severity,
        confidence=confidence,
        file="",
        line=line,
        fields=dict(fields or {}),
        evidence=evidence,
        code=code or " ",
        patch=patch.index if patch is not None else None,
    )


def without_diffstat(notes: str) -> str:
    """Returns the text below the ``---`` line that a person wrote."""
    lines = notes.split("\n")
    kept = (line for line in lines if not re.match(DIFFSTAT, line[:LONGEST]))
    return "\n".join(kept).strip()


def line_of(message: str, text: str) -> int:
    """Returns the last line of a message that holds a text, 0 if there is none."""
    lines = message.split("\n")
    return max((n for n, line in enumerate(lines, 1) if text in line), default=0)


def whole_text(series: Series) -> str:
    """Returns all that the sender wrote: cover letter, messages, notes."""
    parts = [series.cover.body] if series.cover else []
    for patch in series.patches:
        parts += [patch.message, patch.notes]
    return "\n".join(parts)


def above_scissors(patch: Patch) -> str:
    """Returns what the sender wrote above the line below
    which the patch begins, less quotes.

    git am drops it: it is for those who read the mail.
    """
    cut = SCISSORS.search(patch.body)
    return QUOTE.sub("", patch.body[: cut.start()]).strip() if cut else ""


def is_whole(series: Series) -> bool:
    """Says whether nothing the sender wrote can be missing: all patches, and the cover.

    A patch of a series that came alone ("3/7") may have its changelog in a cover
    letter that is not here.
    """
    if series.missing:
        return False
    subjects = [read_subject(patch.headers.subject) for patch in series.patches]
    announced = max((subject.expected for subject in subjects), default=1)
    if announced > len(series.patches):
        return False
    if series.cover is not None:
        return True
    if len(series.patches) == 1:
        return not _answers_its_cover(series.patches[0])
    return not _threaded(series)


# What git send-email and b4 number: 20250709151402.7811-2-ann@example.org
_NUMBERED_ID = regex(r"\A(?P<stem>.*-)\d+(?P<rest>-[^@]*@.*)")


def _answers_its_cover(patch: Patch) -> bool:
    """Whether a patch that came alone was sent below a mail of the same batch."""
    own = _NUMBERED_ID.fullmatch(patch.headers.message_id or "")
    above = _NUMBERED_ID.fullmatch(_answered(patch) or "")
    if own is not None and above is not None and own.groups() == above.groups():
        return True
    counted = read_subject(patch.headers.subject).counter_given
    return counted and _answered(patch) is not None


def _threaded(series: Series) -> bool:
    """Whether the patches answer a mail that is not here: the cover letter."""
    known = {patch.headers.message_id for patch in series.patches}
    answered = {_answered(patch) for patch in series.patches}
    return bool(answered - known - {None})


def _answered(patch: Patch) -> str | None:
    """The mail that a patch answers; some mailers only write References."""
    headers = patch.headers
    return headers.in_reply_to or (headers.references or (None,))[-1]


def added_lines(patches: Iterable[Patch]) -> list[str]:
    """Returns what the patches add, white space normalised, in order."""
    return [
        " ".join(line[1:].split())
        for patch in patches
        for line in patch.diff.split("\n")
        if line.startswith("+") and not line.startswith("+++ ")
    ]
