# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that came, went or moved, and what names them or does not."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity, Status
from reviewer.mail.subject import read_subject
from reviewer.models import Series
from reviewer.rules.stale_reference import build_files, maintainers
from reviewer.rules.stale_reference.moved_files import Reference, moved_files

RULE = Rule(
    name="stale-reference",
    summary="a file that is named where it is no more, or that nothing names",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=(
        "<20241105152813.60823-1-lukas.bulwahn@redhat.com>",
        "<20250504033502.37809-1-lukas.bulwahn@redhat.com>",
        "<20240301145907.32732-1-lukas.bulwahn@gmail.com>",
    ),
    whole_tree=True,
    languages=(".c", ".h", ".S", "Kconfig", "Makefile", "MAINTAINERS"),
    status=Status.PREVIEW,
)


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields what the whole series leaves without its file, or a file without it."""
    if view.before is None or view.after is None or view.series is None:
        return
    if not _is_whole(view.series):
        return  # the patch that is not there may be the one that names it
    moved = moved_files(view)
    found = (
        maintainers.left_behind(view, moved),
        maintainers.without_a_file(view),
        build_files.objects_left_behind(view, moved),
        build_files.not_built(view, moved),
        build_files.not_sourced(view, moved),
        build_files.documents_left_behind(view, moved),
    )
    for references in found:
        for reference in references:
            yield _finding(reference)


def _is_whole(series: Series) -> bool:
    """Whether all patches are there that the subjects announce."""
    announced = [read_subject(p.headers.subject).expected for p in series.patches]
    lone = max(announced, default=1) > len(series.patches)
    return not (lone or series.missing or series.left_out)


def _finding(found: Reference) -> Finding:
    breaks = found.kind == "object"
    return RULE.finding(
        found.file,
        found.line,
        {
            "kind": found.kind,
            "path": found.path,
            "named": found.named,
            "where": f"{found.file}:{found.line}",
        },
        severity=Severity.MEDIUM if breaks else Severity.LOW,
        confidence=Confidence.LIKELY if breaks else Confidence.QUESTION,
        patch=found.patch,
        code=found.code,
        anchor=f"{found.kind} {found.path} {found.named}",
        whole_tree=True,
    )
