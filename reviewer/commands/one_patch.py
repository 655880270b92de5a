# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of a report that is about one patch of the series."""

from __future__ import annotations

from msgspec.structs import replace

from reviewer.engine import Outcome
from reviewer.models import Report


def of_patch(report: Report, index: int, *, with_series: bool = False) -> Report:
    """Returns what was found in, and could not be checked of, the patch of that number.

    ``with_series`` adds what is about the whole series.
    """
    mine = tuple(s for s in report.patches if s.patch.index == index)
    paths = {change.path for state in mine for change in state.changes}
    others = tuple(
        f"patch {s.patch.index}" for s in report.patches if s.patch.index != index
    )
    wanted = {index, None} if with_series else {index}
    return replace(
        report,
        patches=mine,
        findings=tuple(f for f in report.findings if f.patch in wanted),
        dismissed=tuple(f for f in report.dismissed if f.patch in wanted),
        not_checked=tuple(
            item
            for item in report.not_checked
            if (item.file is None or item.file in paths)
            and not item.what.startswith(tuple(f"{name}:" for name in others))
            and item.what not in others
        ),
        files=len(paths),
    )


def outcome_of_patch(outcome: Outcome, index: int, *, first: bool) -> Outcome:
    """Returns the same of an outcome; the first patch tells about the series
    as well."""
    return replace(outcome, report=of_patch(outcome.report, index, with_series=first))
