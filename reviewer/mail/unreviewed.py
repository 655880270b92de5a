# SPDX-License-Identifier: GPL-2.0-or-later
"""The mails of an input that no review looks at, each with the reason.

Silence about a series must not mean that a patch beside it was dropped.  A reply
that only talks is no patch and is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from reviewer.mail.message import Message
from reviewer.mail.threads import Mailbox, Posting, changed_lines, is_cover
from reviewer.models import NotChecked
from reviewer.patterns import regex

COMBINED = regex(r"^diff --(?:cc|combined) ", re.MULTILINE)
INDENTED = regex(r"^[ \t]+diff --git ", re.MULTILINE)
QUOTED = regex(r"^> ?diff --git ", re.MULTILINE)
LONE_RETURNS = regex(rb"\r(?:diff --git |--- )")
# What stands beside a diff and is one too, but not to git: the parents' hunks of a
# merge, and diff -c (a file's two headers, then a line of stars)
MERGED = regex(
    r"^diff --(?:cc|combined) (?P<file>[^\n]+)\n(?:(?!diff |@@@)[^\n]*\n){0,12}@@@",
    re.MULTILINE,
)
IN_CONTEXT = regex(
    r"^\*\*\* (?P<file>[^\s*]+)[^\n]*\n--- [^\n]+\n\*{15}[^\n]*\n\*\*\* \d",
    re.MULTILINE,
)
OTHER_DIFFS = (
    (MERGED, "a combined diff (of a merge), which git am does not take"),
    (IN_CONTEXT, "a context diff (diff -c), which git am does not take"),
)
MOST = 50  # lines about one mailbox


def unreviewed_patches(
    box: Mailbox, reviewed: Sequence[Posting], named: Iterable[Posting]
) -> tuple[NotChecked, ...]:
    """Returns what of a mailbox is a patch, or says so, and is in no posting reviewed.

    ``named``: postings that are told about elsewhere, as older revisions are.
    """
    known = {id(mail) for one in (*reviewed, *named) for mail in one.mails()}
    lines = {
        line
        for one in box.postings
        for mail in one.mails()
        for line in changed_lines(mail)
    }
    found = [
        *(_line(mail, TWIN) for mail in box.twins),
        *(
            _line(mail, "another patch has its number")
            for posting in reviewed
            for mail in posting.doubles
        ),
        *_others(box, known, lines),
    ]
    left = len(found) - MOST
    rest = [NotChecked(f"{left} more mails", "not reviewed either")] if left > 0 else []
    return (*found[:MOST], *rest)


TWIN = "another mail with the same Message-ID is reviewed, this one has another patch"


def _others(box: Mailbox, known: set[int], lines: set[str]) -> Iterator[NotChecked]:
    for mail in box.mails:
        if id(mail) in known:
            continue
        if is_cover(mail):
            if not _has_patches(box, mail):
                yield _line(mail, "a cover letter, its patches are not here")
        elif box.is_part(mail):
            continue  # of a posting that is told about by itself
        elif mail.has_diff:
            if not set(changed_lines(mail)) <= lines:
                yield _line(mail, _counter_patch(mail))
        elif not mail.subject.reply and _says_patch(mail):
            yield _line(mail, why_no_diff(mail))


def _says_patch(mail: Message) -> bool:
    return mail.subject.patch or mail.subject.counter_given


def _has_patches(box: Mailbox, cover: Message) -> bool:
    """Whether some revision of what it announces is here with its patches."""
    return any(
        posting.head.subject.title == cover.subject.title
        or (posting.root == box.root(cover) and posting.revision != _revision(cover))
        for posting in box.postings
    )


def _revision(mail: Message) -> int:
    return mail.subject.revision


def _counter_patch(mail: Message) -> str:
    who = mail.sender.name or mail.sender.email or "somebody"
    how = "review it from a file with that mail alone"
    if mail.message_id:
        how += f", or by 'kpf-review {mail.message_id}'"
    return f"a reply by {who} with a patch of its own: {how}"


def _line(mail: Message, why: str) -> NotChecked:
    name = mail.subject_line or mail.message_id or "a mail without a subject"
    return NotChecked(name, why)


def unread_diffs(text: str) -> Iterator[tuple[str, str]]:
    """Yields file and kind of each diff in a mail that git passes over."""
    for pattern, why in OTHER_DIFFS:
        for match in islice(pattern.finditer(text), MOST):
            yield match["file"], why


def why_no_diff(mail: Message) -> str:
    """Returns what is in a mail in the place of a diff that git could read."""
    text = mail.text
    if IN_CONTEXT.search(text):
        return "only a context diff (diff -c) in it, which git am does not take"
    if COMBINED.search(text):
        return "only a combined diff (of a merge) in it, which git am does not take"
    if LONE_RETURNS.search(mail.raw):
        return "its lines end with a carriage return alone: git am finds no diff in it"
    if INDENTED.search(text):
        return "its diff is indented: git am finds none (format=flowed, or pasted)"
    if not mail.subject.reply and QUOTED.search(text):
        return "its diff is quoted with '>': git am finds none"
    if mail.content_type.startswith("text/html"):
        return "only HTML in it"
    return "no diff in it"
