# SPDX-License-Identifier: GPL-2.0-or-later
"""Whoever commented on the last version is told of the next one."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.mail.people import are_same, name_in_a_sentence, recipients
from reviewer.models import Address

RULE = Rule(
    name="submission-recipients",
    summary="somebody who commented on the last version is not among the recipients",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=("<ZfyRsyq03aYVcZ13@casper.infradead.org>",),
    needs_tree=False,
)
RULE_TEXT = (
    "Notify people that commented on your patch about new versions",
    "adding them to the patches CC list",
)


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields one finding that names all who are missing."""
    old = submission.last_before(view)
    if old is None or view.series is None or not submission.is_whole(view.series):
        return
    reached = recipients(view.series)
    if not any(h for p in view.series.patches for h in (p.headers.to, p.headers.cc)):
        return  # not sent yet, or an archive that keeps no recipients
    missing: list[Address] = []
    from reviewer.mail import earlier_posting

    for reply in earlier_posting.human_replies(old):
        person = reply.headers.sender
        if not any(are_same(person, one) for one in (*reached, *missing)):
            missing.append(person)
    if missing:
        yield submission.on_message(
            RULE,
            view.series.patches[0] if len(view.series.patches) == 1 else None,
            fields={
                "people": [name_in_a_sentence(one) for one in missing],
                "addresses": [one.email for one in missing],
                "version": old.version,
            },
            evidence=submission.sentence_of_the_tree(view, *RULE_TEXT),
            subject=view.series.subject,
        )
