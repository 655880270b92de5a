# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody asked for on the last version, and nothing came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from reviewer.api import (
    Confidence,
    Evidence,
    Finding,
    Rule,
    Scope,
    SeriesView,
    Severity,
    Skipped,
    Status,
)
from reviewer.followup.comments import MOST, Comment
from reviewer.followup.follow import Followed, follow
from reviewer.kit import submission
from reviewer.mail.people import are_same, name_in_a_sentence
from reviewer.models import Patch, Series
from reviewer.rules.unaddressed_comment.commented_line import StillThere, still_there
from reviewer.rules.unaddressed_comment.requests import is_open, is_wish

RULE = Rule(
    name="unaddressed-comment",
    summary="a comment on the last version without an answer, its lines as they were",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=(
        "<20251206190332.53874d41@jic23-huawei>",
        "<5d1ddf7e-2df5-4563-81e5-e0cfa7ef58da@ijzerbout.nl>",
    ),
    needs_tree=False,
    status=Status.PREVIEW,
)
MOST_TOLD = 3  # comments of one person on one patch that are told one by one


class Asked(Struct):
    """What one person asked on one patch, and the lines as they are now."""

    patch: Patch
    comments: list[tuple[Comment, StillThere]]


def check(view: SeriesView) -> Iterator[Finding]:
    """Looks up every comment on the posting before; one finding a person and patch.

    Raises Skipped at the end where there were more comments than are looked up.
    """
    old = submission.last_before(view)
    if old is None or view.series is None or view.series.version <= old.version:
        return
    comments = follow(old, view.series)
    for asked in _open(comments, old, view.series):
        yield _finding(asked, old)
    if len(comments) == MOST:
        raise Skipped("unaddressed-comment", f"of the comments the first {MOST} only")


def _open(comments: Sequence[Followed], old: Series, new: Series) -> list[Asked]:
    """The wishes that nothing came of, by patch and person."""
    found: list[Asked] = []
    for followed in comments:
        comment = followed.comment
        if not (is_open(followed, old) and is_wish(comment.text)):
            continue
        place = still_there(comment.anchor, new)
        if place is None:
            continue
        for one in found:
            known = one.comments[0][0].author
            if one.patch is place.patch and are_same(known, comment.author):
                one.comments.append((comment, place))
                break
        else:
            found.append(Asked(place.patch, [(comment, place)]))
    return found


def _finding(asked: Asked, old: Series) -> Finding:
    comment, place = asked.comments[0]
    told = [
        {
            "text": _shortened(one.text),
            "line": one.anchor.lines[-1][1:].strip(),
            "file": there.path,
        }
        for one, there in asked.comments[:MOST_TOLD]
    ]
    fields = {
        "person": name_in_a_sentence(comment.author),
        "version": old.version,
        "message_id": comment.reply.headers.message_id or "",
        "comments": told,
        "more": len(asked.comments) - len(told),
    }
    return RULE.finding(
        place.path,
        place.line,
        fields,
        confidence=Confidence.QUESTION,
        patch=asked.patch.index,
        code=place.text,
        evidence=tuple(
            Evidence(there.path, there.line, there.text.strip())
            for _, there in asked.comments[1:MOST_TOLD]
        ),
    )


def _shortened(text: str) -> str:
    """The first two lines of a comment."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return "\n".join(line[:120] for line in lines[:2])
