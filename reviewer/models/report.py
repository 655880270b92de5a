# SPDX-License-Identifier: GPL-2.0-or-later
"""The result of a review, for whoever shows it."""

from __future__ import annotations

from msgspec import Struct

from reviewer.models.diff import Change, is_missed
from reviewer.models.finding import Judged
from reviewer.models.mail import NotChecked, Patch, Series


class TreeInfo(Struct, frozen=True):
    """Which kernel the review was made against."""

    kind: str  # git, folder, none
    base: str | None
    how: str  # one of tree.base.Candidate's, or none
    kernel: str | None  # "6.12.117", from the top Makefile
    path: str | None = None
    why: str | None = None  # how in words: "v6.12 is the newest tag before ..."
    name: str | None = None  # which of several trees it is


class PatchState(Struct, frozen=True):
    """How a patch fared: for the report's head."""

    patch: Patch
    applied: bool  # as it is
    changes: tuple[Change, ...]

    @property
    def how(self) -> str:
        """Returns how the patch applied: "exact", "three-way", "fuzz" or "hunks"."""
        if self.applied:
            return "exact"
        fitted = {change.how for change in self.changes if change.applied} - {"exact"}
        if any(is_missed(change) for change in self.changes) or not fitted:
            return "hunks"
        return "fuzz" if "fuzz" in fitted else "three-way"


class Report(Struct, frozen=True):
    """The result of a review, all that an output needs."""

    series: Series | None  # None for scan
    tree: TreeInfo
    patches: tuple[PatchState, ...]
    findings: tuple[Judged, ...]
    not_checked: tuple[NotChecked, ...] = ()
    rules: tuple[str, ...] = ()  # names of the rules that ran
    files: int = 0  # how many files were looked at
    # left out of the findings, for somebody has read and dismissed them
    dismissed: tuple[Judged, ...] = ()
