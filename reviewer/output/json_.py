# SPDX-License-Identifier: GPL-2.0-or-later
"""Schema 1 of ``--format json``; ``schema.json`` describes it, fields are only added.

Every string is made visible first (``output/escaping.py``); a fix that would not
survive that unchanged is left out, for it would not apply.
"""

from __future__ import annotations

import json
from typing import Any

from reviewer import __version__
from reviewer.models import Judged, PatchState, Report
from reviewer.output.escaping import data, is_plain

SCHEMA = 1


def render(report: Report) -> str:
    """Returns the envelope, as indented ASCII JSON with a final newline."""
    return json.dumps(envelope(report), indent=1, allow_nan=False) + "\n"


def envelope(report: Report) -> dict[str, Any]:
    """Returns the report as JSON data; ``behaviour`` and ``scan`` use it as well."""
    tree = report.tree
    return {
        "schema": SCHEMA,
        "tool": {"name": "kpf-review", "version": __version__},
        "series": _series(report),
        "tree": {
            "kind": tree.kind,
            "base": data(tree.base),
            "how": tree.how,
            "why": data(tree.why),
            "name": data(tree.name),
            "kernel": data(tree.kernel),
        },
        "findings": [finding_data(finding) for finding in report.findings],
        "dismissed": [
            {
                **finding_data(finding),
                "dismissed": {
                    "by": finding.dismissed_by,
                    "why": data(finding.dismissed_why),
                },
            }
            for finding in report.dismissed
        ],
        "not_checked": [
            {
                "what": data(item.what),
                "why": data(item.why),
                "file": data(item.file),
                "todo": data(item.todo),
            }
            for item in report.not_checked
        ],
    }


def _series(report: Report) -> dict[str, Any] | None:
    series = report.series
    if series is None:
        return None
    return {
        "message_id": data(series.message_id),
        "subject": data(series.subject),
        "version": series.version,
        "patches": [_patch(state) for state in report.patches],
    }


def _patch(state: PatchState) -> dict[str, Any]:
    return {
        "index": state.patch.index,
        "message_id": data(state.patch.headers.message_id),
        "commit": data(state.patch.commit),
        "subject": data(state.patch.headers.subject or state.patch.title),
        "applied": state.applied,
        "how": state.how,
    }


def finding_data(finding: Judged) -> dict[str, Any]:
    """Returns one finding as JSON data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "patch": finding.patch,
        "file": data(finding.file),
        "line": finding.line,
        "code": data(finding.code),
        "message": data(finding.message),
        "body": data(finding.comment),
        "evidence": [
            {"file": data(fact.file), "line": fact.line, "text": data(fact.text)}
            for fact in finding.evidence
        ],
        "fix": finding.fix if finding.fix and is_plain(finding.fix) else None,
        "proof": None if finding.proof is None else data(finding.proof),
        "preexisting": finding.preexisting,
        "fixed_later_by": finding.fixed_later_by,
        "fingerprint": finding.fingerprint,
    }
