# SPDX-License-Identifier: GPL-2.0-or-later
"""``review-perpatch-check-cmd`` and ``review-series-check-cmd`` of b4.

One object, for b4 keeps the last one of a tool; ``details`` must be a string, which b4
shows as a list if it holds one as JSON.  The states are those of b4: pass, warn and
fail.  As b4 does for its own checks, what was there before the series counts as passed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from reviewer.models import Confidence, Judged, Report, Severity
from reviewer.output.escaping import terminal_line
from reviewer.output.text import dismissed_by, where

_ORDER = ("pass", "warn", "fail")


def render(report: Report) -> str:
    """Returns a JSON list of one check result."""
    findings = sorted(report.findings, key=lambda f: -_ORDER.index(state_of(f)))
    status = state_of(findings[0]) if findings else "pass"
    details = [
        {
            "status": state_of(finding),
            "context": where(finding),
            "state": finding.severity.value,
            "description": _description(finding),
        }
        for finding in findings
    ]
    details += [
        {
            "status": "pass",
            "context": where(finding),
            "state": "dismissed",
            "description": f"{_description(finding)} by {dismissed_by(finding)}",
        }
        for finding in report.dismissed
    ]
    details += [
        {
            "status": "skip",
            "context": terminal_line(item.what),
            "state": "not checked",
            "description": terminal_line(item.why),
        }
        for item in report.not_checked
    ]
    return _result(status, _summary(findings, report), json.dumps(details))


def nothing(why: str) -> str:
    """Returns the check result where there was nothing that could be judged."""
    return _result("warn", "not checked", terminal_line(why))


def _result(status: str, summary: str, details: str) -> str:
    result = {
        "tool": "kpf-review",
        "status": status,
        "summary": summary,
        "url": "",
        "details": details,
    }
    return json.dumps([result]) + "\n"


def state_of(finding: Judged) -> str:
    """Returns fail: certain and serious; warn: to be looked at; pass: only to
    be known."""
    if finding.preexisting or finding.severity == Severity.INFO:
        return "pass"
    asked = finding.confidence == Confidence.QUESTION
    return "fail" if finding.severity == Severity.HIGH and not asked else "warn"


def _description(finding: Judged) -> str:
    label = "(not new) " if finding.preexisting else ""
    return f"{label}{terminal_line(finding.message)} [{finding.rule}]"


def _summary(findings: list[Judged], report: Report) -> str:
    found = count_by_severity([f for f in findings if not f.preexisting])
    left = {"dismissed": report.dismissed, "not checked": report.not_checked}
    more = [f"{len(items)} {what}" for what, items in left.items() if items]
    return ", ".join([found or "nothing to say", *more])


def count_by_severity(findings: Sequence[Judged]) -> str:
    """Returns ``2 high, 1 medium``."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[s]} {s.value}" for s in Severity if counts[s])
