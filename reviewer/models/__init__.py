# SPDX-License-Identifier: GPL-2.0-or-later
"""The data that flows through a review, as frozen records.

Text that came by mail is ``str`` decoded as UTF-8 with ``surrogateescape`` and is
raw: only ``output/`` makes it safe to show.  Lines are counted from 1.
"""

from __future__ import annotations

from reviewer.models.diff import Change, DiffLine, FileDiff, Hunk, is_missed
from reviewer.models.finding import (
    Confidence,
    Edit,
    Evidence,
    Finding,
    Judged,
    Severity,
)
from reviewer.models.mail import (
    Address,
    Cover,
    Headers,
    NotChecked,
    Patch,
    Reply,
    Series,
    Trailer,
)
from reviewer.models.report import PatchState, Report, TreeInfo

__all__ = [
    "Address",
    "Change",
    "Confidence",
    "Cover",
    "DiffLine",
    "Edit",
    "Evidence",
    "FileDiff",
    "Finding",
    "Headers",
    "Hunk",
    "Judged",
    "NotChecked",
    "Patch",
    "PatchState",
    "Reply",
    "Report",
    "Series",
    "Severity",
    "Trailer",
    "TreeInfo",
    "is_missed",
]
