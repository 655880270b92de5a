# SPDX-License-Identifier: GPL-2.0-or-later
"""Patchwork checks: one JSON object a line and patch, as its API takes them.

``POST /api/patches/ID/checks/`` takes state (success, warning, fail), target_url,
context and description; ``message_id`` tells which patch it is for.  netdev's NIPA runs
a test in the tree and takes its exit status, 0 for success, 250 for a warning, anything
else for a failure, and a line of description (linux-netdev/nipa: ``core/test.py``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from reviewer.models import Judged, PatchState, Report
from reviewer.output.b4check import count_by_severity, state_of
from reviewer.output.escaping import data, terminal_line

_STATES = {"pass": "success", "warn": "warning", "fail": "fail"}
_ORDER = ("pass", "warn", "fail")
_NIPA = {"pass": 0, "warn": 250, "fail": 1}


def render(report: Report) -> str:
    """Returns a line of JSON for each patch of the series."""
    return "".join(f"{json.dumps(_check(s, report))}\n" for s in report.patches)


def nipa(report: Report) -> str:
    """Returns one line for ``$DESC_FD`` of a test of NIPA."""
    return f"{_description(report.findings, report.dismissed)}\n"


def nipa_status(report: Report) -> int:
    """Returns the exit status that NIPA reads."""
    return _NIPA[max(map(state_of, report.findings), key=_ORDER.index, default="pass")]


def _check(patch: PatchState, report: Report) -> dict[str, object]:
    mine = [f for f in report.findings if f.patch == patch.patch.index]
    gone = [f for f in report.dismissed if f.patch == patch.patch.index]
    worst = max(map(state_of, mine), key=_ORDER.index, default="pass")
    return {
        "message_id": data(patch.patch.headers.message_id),
        "state": _STATES[worst],
        "target_url": "",
        "context": "kpf-review",
        "description": _description(mine, gone),
    }


def _description(findings: Sequence[Judged], dismissed: Sequence[Judged]) -> str:
    new = [f for f in findings if not f.preexisting]
    left = f", {len(dismissed)} dismissed" if dismissed else ""
    if not new:
        return f"nothing to say{left}"
    worst = min(new, key=lambda f: f.severity.rank)
    return f"{count_by_severity(new)}{left}: {terminal_line(worst.message)}"[:255]
