# SPDX-License-Identifier: GPL-2.0-or-later
"""Tags that people gave to the version before: lost, or kept over a rewrite."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.mail.people import name_in_a_sentence, named_in, person_of
from reviewer.models import Patch, Series

RULE = Rule(
    name="submission-tags",
    summary="a tag given to the last version is gone, or kept though the patch changed",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=("<2062139.NgBsaNRSFp@positron.chronox.de>",),
    needs_tree=False,
)
CARRIED = ("should be added by author to the applicable patches when sending",)
REWRITTEN = ("However if the patch has changed substantially in following",)
MUCH_CHANGED = 0.4  # of the changed lines are the same, at most


def check(view: SeriesView) -> Iterator[Finding]:
    """Compares each patch with the one of its title in the posting before."""
    old = submission.last_before(view)
    if old is None or view.series is None:
        return
    from reviewer.mail import earlier_posting

    for before, after in earlier_posting.matching_patches(old, view.series):
        from reviewer.mail.earlier_posting import likeness

        same = likeness(before, after)
        if same == 1.0:
            yield from _dropped(view, old, before, after)
        elif same <= MUCH_CHANGED:
            yield from _kept(view, old, before, after)


def _dropped(
    view: SeriesView, old: Series, before: Patch, after: Patch
) -> Iterator[Finding]:
    from reviewer.mail.earlier_posting import TAGS, given_tags, has_tag

    assert view.series is not None
    told = submission.whole_text(view.series)
    given = list(given_tags(before, old))
    given += [
        (trailer.name.capitalize(), person_of(trailer.value))
        for trailer in before.trailers
        if trailer.name.capitalize() in TAGS
    ]
    for name, person in dict.fromkeys(given):
        if has_tag(after, name, person) or named_in(told, person):
            continue
        yield submission.on_message(
            RULE,
            after,
            fields={
                "kind": "dropped",
                "tag": name,
                "person": name_in_a_sentence(person),
            }
            | {"version": old.version},
            evidence=submission.sentence_of_the_tree(view, *CARRIED),
        )


def _kept(
    view: SeriesView, old: Series, before: Patch, after: Patch
) -> Iterator[Finding]:
    """Tags that were on the patch before it was written anew, in one finding."""
    from reviewer.mail.earlier_posting import has_tag

    kept = [
        trailer
        for trailer in after.trailers
        if trailer.name.capitalize() in ("Reviewed-by", "Tested-by")
        and has_tag(before, trailer.name, person_of(trailer.value))
    ]
    if not kept:
        return
    given = [person_of(trailer.value) for trailer in kept]
    people = {one.email.lower() or one.name: name_in_a_sentence(one) for one in given}
    yield submission.on_message(
        RULE,
        after,
        line=submission.line_of(after.message, kept[0].value),
        fields={"kind": "kept", "tag": kept[0].name, "version": old.version}
        | {"person": ", ".join(people.values())},
        evidence=submission.sentence_of_the_tree(view, *REWRITTEN),
        severity=Severity.INFO,
        confidence=Confidence.QUESTION,
    )
