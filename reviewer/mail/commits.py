# SPDX-License-Identifier: GPL-2.0-or-later
"""Local commits as the series that mailing them makes."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace

from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail.git import commits_of, format_patch, parent
from reviewer.mail.series import assemble
from reviewer.models import Series
from reviewer.patterns import regex

COMMIT_LINE = regex(rb"^From ([0-9a-f]{40,64}) Mon Sep 17 00:00:00 2001$", re.M)
NUMBER = regex(rb"^Subject: \[PATCH 0*(\d{1,9})/\d+\]", re.MULTILINE)
HEADER_WINDOW = 4096


def read_range(repo: Path, revisions: str, bounds: Limits) -> Series:
    """Returns the commits of ``A..B`` as a series, see ``reviewer.mail.open_range``.

    Raises InputError where there is no commit in the range.
    """
    raw = format_patch(repo, revisions)
    mails = _split(raw, commits_of(repo, revisions))
    if not mails:
        raise InputError(f"{revisions}: no commit in this range")
    series = assemble([mail for _, mail in mails], bounds=bounds, name=revisions)
    commits = {number: commit for number, (commit, _) in enumerate(mails, start=1)}
    return replace(
        series,
        base_commit=parent(repo, commits[1]),
        patches=tuple(
            replace(patch, commit=commits[patch.index]) for patch in series.patches
        ),
    )


def _split(raw: bytes, commits: set[bytes]) -> list[tuple[str, bytes]]:
    """Commit and mail of each patch.

    A commit message may hold a line that looks like git's separator, even with a
    header below it: only those count that name a commit of the range for the first
    time, which a message cannot do before, and that bring the next number.
    """
    starts: list[re.Match[bytes]] = []
    left = set(commits)
    for match in COMMIT_LINE.finditer(raw):
        if match[1] not in left:
            continue
        left.remove(match[1])
        numbered = NUMBER.search(raw, match.end(), match.end() + HEADER_WINDOW)
        if numbered and int(numbered[1]) == len(starts) + 1:
            starts.append(match)
    ends = [match.start() for match in starts[1:]] + [len(raw)]
    return [
        (match[1].decode("ascii"), raw[match.end() + 1 : end])
        for match, end in zip(starts, ends, strict=False)
    ]
