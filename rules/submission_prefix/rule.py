"""RESEND says that nothing changed: only then it is right."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, SeriesView, Severity
from reviewer.models import Series
from reviewer.rulekit import submission, submission_earlier

RULE = Rule(
    name="submission-prefix",
    summary="RESEND on a posting that was changed",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=("<ZfyRsyq03aYVcZ13@casper.infradead.org>",),
    needs_tree=False,
)
RULE_TEXT = ('Don\'t add "RESEND" when you are submitting a modified version',)


def check(view: SeriesView) -> Iterator[Finding]:
    """Each patch of a RESEND whose code differs from what was sent before."""
    series = view.series
    if series is None:
        return
    resent = [p for p in series.patches if "resend" in p.subject_prefix.lower()]
    old = _first_sending(view, series)
    if not resent or old is None:
        return
    for before, after in submission_earlier.pairs(old, series):
        if after in resent and submission_earlier.likeness(before, after) < 1.0:
            yield submission.on_message(
                RULE,
                after,
                fields={"version": series.version},
                evidence=submission.cited(view, *RULE_TEXT),
            )


def _first_sending(view: SeriesView, series: Series) -> Series | None:
    """The posting of the same number that is not a RESEND."""
    earlier: tuple[Series, ...] = view.context.get("earlier", ())
    for old in earlier:
        prefixes = [patch.subject_prefix.lower() for patch in old.patches]
        if old.version == series.version and "resend" not in " ".join(prefixes):
            return old
    return None
