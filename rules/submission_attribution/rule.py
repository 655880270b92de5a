# SPDX-License-Identifier: GPL-2.0-or-later
"""A reviewer's diff became part of the patch, and nobody says whose it is."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity, Status
from reviewer.kit import submission
from reviewer.mail.earlier_posting import human_replies
from reviewer.mail.people import are_same, name_in_a_sentence, named_in, person_of
from reviewer.models import Patch, Reply, Series

RULE = Rule(
    name="submission-attribution",
    summary="a diff out of a reply was taken over without naming who wrote it",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=("<ZfyRsyq03aYVcZ13@casper.infradead.org>",),
    needs_tree=False,
    status=Status.PREVIEW,  # too few real threads to measure it by
)
RULE_TEXT = (
    "it is used to give attribution to co-authors",
    "A Suggested-by: tag indicates that the patch idea is suggested",
)
FEWEST = 4  # lines of code that are not there by chance
SHORTEST = 12  # characters of such a line
SHARE = 0.8  # of the reviewer's lines, at least


def check(view: SeriesView) -> Iterator[Finding]:
    """Compares the lines that replies to earlier postings add with those of this."""
    series = view.series
    if series is None:
        return
    earlier: tuple[Series, ...] = view.context.get("earlier", ())
    for old in earlier:
        own = set(submission.added_lines(old.patches))
        for reply in human_replies(old):
            offered = _offered(reply) - own if reply.has_diff else set()
            if len(offered) < FEWEST:
                continue
            patch, taken = _taken_by(offered, series)
            if patch and taken >= SHARE * len(offered):
                yield from _unnamed(view, series, patch, reply, taken)


def _offered(reply: Reply) -> set[str]:
    """The lines of code that a reply's own diff adds."""
    lines = (line for line in reply.body.split("\n") if line.startswith("+"))
    texts = (" ".join(line[1:].split()) for line in lines if line[:4] != "+++ ")
    return {text for text in texts if len(text) >= SHORTEST}


def _taken_by(offered: set[str], series: Series) -> tuple[Patch | None, int]:
    """The patch that holds most of the lines, and how many."""
    counted = [
        (len(offered & set(submission.added_lines([patch]))), patch)
        for patch in series.patches
    ]
    most, patch = max(counted, key=lambda pair: pair[0], default=(0, None))
    return (patch, most) if most else (None, 0)


def _unnamed(
    view: SeriesView, series: Series, patch: Patch, reply: Reply, taken: int
) -> Iterator[Finding]:
    person = reply.headers.sender
    people = [patch.author, *(person_of(t.value) for t in patch.trailers)]
    told = submission.whole_text(series)
    if any(are_same(person, one) for one in people) or named_in(told, person):
        return
    yield submission.on_message(
        RULE,
        patch,
        fields={
            "person": name_in_a_sentence(person),
            "message_id": reply.headers.message_id or "",
            "lines": taken,
        },
        evidence=submission.sentence_of_the_tree(view, *RULE_TEXT),
        confidence=Confidence.LIKELY,
    )
