# SPDX-License-Identifier: GPL-2.0-or-later
"""The changelog of versions: missing, not up to date, or in the commit message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.models import Patch, Series

RULE = Rule(
    name="submission-changelog",
    summary="a new version without its changelog, or with it in the commit message",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=(
        "<20190911130156.12628-1-walter-zh.wu@mediatek.com>",
        "<20230928194801.2278999-1-mmaurer@google.com>",
    ),
    needs_tree=False,
)
RULE_TEXT = (
    "version, add a ``patch changelog``",
    "example of such comments might be ``patch changelogs``",
    "should be the patch changelog",
)
# DRM keeps these changelogs in its commit messages, by agreement.
KEPT_IN_MESSAGES = ("drivers/gpu/", "include/drm/", "include/uapi/drm/")


_SENT_AGAIN = r"(?i)\bre-?(?:send|sent|post(?:ed)?|submi(?:t|tted|ssion))\b"


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields one finding for a series without changelog, one a patch that
    commits it."""
    series = view.series
    if series is None or series.version < 2:
        return
    cited = submission.sentence_of_the_tree(view, *RULE_TEXT)
    for patch in submission.own_patches(view):
        from reviewer.rules.submission_changelog import changelogs as changelog

        line = changelog.line_in_message(patch.message, series.version)
        if line and not _customary(patch, view):
            fields = {"kind": "committed", "version": series.version, "latest": 0}
            yield submission.on_message(
                RULE, patch, line=line, fields=fields, evidence=cited
            )
    if not submission.own_patches(view) or not submission.is_whole(series):
        return
    if _is_resend(series) or not _is_for_this_tree(view):
        return
    kind, latest = _missing(series)
    if kind == "missing" and _may_have_a_cover_letter(series):
        return
    if kind:
        fields = {"kind": kind, "version": series.version, "latest": latest}
        yield submission.on_message(
            RULE,
            series.patches[0] if len(series.patches) == 1 else None,
            fields=fields,
            evidence=cited,
            confidence=Confidence.LIKELY,
            subject=series.subject,
        )


def _missing(series: Series) -> tuple[str | None, int]:
    """What is wrong with the changelog as a whole, and the last version it has."""
    from reviewer.rules.submission_changelog import changelogs as changelog

    text = submission.without_diffstat(submission.whole_text(series))
    named = [v for v in changelog.versions_in(text) if v <= series.version]
    if named and max(named) < series.version - 1:
        return "outdated", max(named)
    below = [series.cover.body] if series.cover else []
    below += [patch.notes for patch in series.patches]
    told = changelog.mentions_changes(
        "\n".join(submission.without_diffstat(part) for part in below)
    )
    told = told or any(map(submission.above_scissors, series.patches))
    in_message = any(
        changelog.names_a_version(patch.message) for patch in series.patches
    )
    return (None if told or named or in_message else "missing"), 0


def _may_have_a_cover_letter(series: Series) -> bool:
    """Whether the place where most series tell what is new may only not be at hand.

    Several patches in a file need not be all that was sent, and a first patch that
    answers nothing is no proof: not everybody sends a series as one thread.
    """
    return series.cover is None and series.expected > 1


def _is_resend(series: Series) -> bool:
    prefixes = [patch.subject_prefix for patch in series.patches]
    said = "\n".join([*prefixes, submission.whole_text(series)])
    return re.search(_SENT_AGAIN, said) is not None


def _is_for_this_tree(view: SeriesView) -> bool:
    """Whether the patches are for this project: another one has rules of its own.

    So where not one of the files is in the tree, nor a file beside it in the folder at
    the top: man-pages and user space tools are reviewed on the kernel's lists too.
    """
    if view.before is None or not view.changes:
        return True
    tree = view.before.view
    tops = {change.path.split("/")[0] for change in view.changes}
    olds = [change.diff.old_path for change in view.changes if change.diff.old_path]
    return any(map(tree.exists, olds)) or any(tree.files(top) for top in sorted(tops))


def _customary(patch: Patch, view: SeriesView) -> bool:
    paths = [change.path for change in view.changes if change.patch is patch]
    return any(path.startswith(KEPT_IN_MESSAGES) for path in paths)
