# SPDX-License-Identifier: GPL-2.0-or-later
"""git am drops what stands below the first ``---``: message or Signed-off-by there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.mail.people import are_same, person_of
from reviewer.models import Patch

RULE = Rule(
    name="submission-message-lost",
    summary="commit message or sign-off below the first ---, which git am drops",
    severity=Severity.HIGH,
    scope=Scope.SERIES,
    precedent=(
        "<20250916090109.91132-2-ethan.w.s.graham@gmail.com>",
        "<163410.1659964655@warthog.procyon.org.uk>",
    ),
    needs_tree=False,
)
RULE_TEXT = (
    "marking for patch handling tools where the changelog message ends",
    "serves the essential purpose of marking",
)
SIGNED_OFF = r"(?im)^Signed-off-by:[ \t]*(\S.*)$"


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields patches whose text, or whose sign-off, never becomes part of the
    commit."""
    for patch in submission.own_patches(view):
        kind = _lost(patch)
        if kind:
            yield submission.on_message(
                RULE,
                patch,
                fields={"kind": kind},
                evidence=submission.sentence_of_the_tree(view, *RULE_TEXT),
            )


def _lost(patch: Patch) -> str | None:
    """ "message", "sign-off", or None where nothing is lost."""
    if "signed-off-by:" not in patch.notes.lower():
        return None
    kept = [person_of(value) for value in re.findall(SIGNED_OFF, patch.message)]
    for value in re.findall(SIGNED_OFF, patch.notes):
        person = person_of(value)
        by_author = are_same(person, patch.author) or are_same(
            person, patch.headers.sender
        )
        if by_author and not any(are_same(person, one) for one in kept):
            return "sign-off" if patch.message.strip() else "message"
    return None
