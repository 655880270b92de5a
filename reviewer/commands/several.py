# SPDX-License-Identifier: GPL-2.0-or-later
"""Several series reviewed at once, each on its own base, told as one result.

The patches are numbered on from series to series, so that every output names each
of them without two having one number.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from reviewer.engine import Outcome
from reviewer.models import Judged, NotChecked, PatchState, Report, Series

MOST_NAMED = 3  # series in the subject of the whole


def merged_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """Returns one outcome of several; the first as it is where there is only one."""
    if len(outcomes) == 1:
        return outcomes[0]
    states: list[PatchState] = []
    findings: list[Judged] = []
    every: list[Series] = []
    before = 0
    for outcome in outcomes:
        report = outcome.report
        assert report.series is not None
        states += (_moved(state, before) for state in report.patches)
        findings += (_renumbered(finding, before) for finding in report.findings)
        every.append(report.series)
        before += report.series.expected
    first = outcomes[0].report
    reports = [outcome.report for outcome in outcomes]
    return Outcome(
        replace(
            first,
            series=_together(every, states, before, reports),
            patches=tuple(states),
            findings=tuple(findings),
            not_checked=tuple(
                dict.fromkeys(item for report in reports for item in _named(report))
            ),
            files=sum(report.files for report in reports),
        ),
        tuple(dict.fromkeys(name for one in outcomes for name in one.crashed)),
    )


def _moved(state: PatchState, before: int) -> PatchState:
    patch = replace(state.patch, index=state.patch.index + before)
    changes = tuple(replace(change, patch=patch) for change in state.changes)
    return replace(state, patch=patch, changes=changes)


def _renumbered(finding: Judged, before: int) -> Judged:
    """What is about a whole series stands at its first patch."""
    later = finding.fixed_later_by
    return replace(
        finding,
        patch=(finding.patch or 1) + before,
        fixed_later_by=None if later is None else later + before,
    )


def _named(report: Report) -> list[NotChecked]:
    """What was not checked; its "patch 1" is of a series that has to be named."""
    assert report.series is not None
    name = report.series.subject
    return [
        replace(item, what=f"{name}: {item.what}")
        if item.what.startswith("patch ")
        else item
        for item in report.not_checked
    ]


def _together(
    every: Sequence[Series],
    states: Sequence[PatchState],
    expected: int,
    reports: Sequence[Report],
) -> Series:
    subjects = [series.subject for series in every]
    named = "; ".join(subjects[:MOST_NAMED])
    more = f"; {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
    notes = [note for series in every for note in series.notes]
    base = reports[0].tree.base
    notes += [
        f"{one.series.subject}: looked at against {one.tree.base or 'the files'}"
        for one in reports[1:]
        if one.tree.base != base and one.series is not None
    ]
    return replace(
        every[0],
        subject=f"{len(every)} series: {named}{more}",
        patches=tuple(state.patch for state in states),
        expected=expected,
        cover=None,
        replies=(),
        notes=tuple(notes),
    )
