# SPDX-License-Identifier: GPL-2.0-or-later
"""The series does not apply here and does not say what it was made for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.mail.people import is_robot
from reviewer.models import Series
from reviewer.tree.hunk_places import HAS_IT

RULE = Rule(
    name="submission-base-commit",
    summary="a series that does not apply names no base-commit",
    severity=Severity.INFO,
    scope=Scope.SERIES,
    precedent=("<202101221058.hb4j7V8L-lkp@intel.com>",),
    needs_tree=False,
)
RULE_TEXT = (
    "it is absolutely necessary for them to know what is the base",
    "start the review process, it is often useful for them to know where",
)
# What a subject's brackets hold beside the name of a tree: "PATCH v2 01/12 RESEND".
COUNTED = r"(?i)(?:re-?)?(?:patch\w*|send|post)|v\d+(?:\.\d+)?|\d+/\d+|\d+"
DRAFT = r"(?i)\b(?:rfc|wip|poc|draft|test)\b"


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields one finding a series, and only where the base would have helped."""
    series = view.series
    if series is None or view.before is None or series.base_commit is not None:
        return
    if any(_is_placed(series, patch.subject_prefix) for patch in series.patches):
        return
    missed = [
        change
        for change in view.changes
        if not change.applied and not change.diff.binary and change.diff.hunks
    ]
    if any(change.why == HAS_IT for change in missed):
        return  # it was taken already: that the base is not named harms nobody
    if not missed or series.missing or not submission.is_whole(series):
        return
    yield submission.on_message(
        RULE,
        series.patches[0] if len(series.patches) == 1 else None,
        fields={},
        evidence=submission.sentence_of_the_tree(view, *RULE_TEXT),
        subject=series.subject,
    )


def _is_placed(series: Series, prefix: str) -> bool:
    """Whether nobody has to be asked for a base: the brackets of a subject name a tree
    ("net-next", "6.6.y"), the series is a draft to be talked about, or a robot sent it.
    """
    if any(is_robot(patch.headers.sender) for patch in series.patches):
        return True
    if re.search(DRAFT, prefix):
        return True
    words = re.findall(r"[^\s,\[\]]+", prefix)
    return any(not re.fullmatch(COUNTED, word) for word in words)
