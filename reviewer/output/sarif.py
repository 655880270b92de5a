# SPDX-License-Identifier: GPL-2.0-or-later
"""SARIF 2.1.0, for code scanning services and editors.

Paths are relative to the kernel tree (%SRCROOT%); every text is made visible first.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from reviewer import __version__
from reviewer.models import Confidence, Edit, Judged, NotChecked, Report, Severity
from reviewer.output.escaping import code_line, data, is_plain
from reviewer.output.text import dismissed_by
from reviewer.utf8 import decode, encode

SCHEMA = "https://json.schemastore.org/sarif-2.1.0-rtm.5.json"
_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning"}
# How sure we are, on SARIF's scale from 0 to 100.
_RANKS = {Confidence.PROVED: 100.0, Confidence.LIKELY: 80.0, Confidence.QUESTION: 50.0}


def render(report: Report) -> str:
    """Returns one run with the rules that ran, the results, and what was not
    checked."""
    return json.dumps(log(report), indent=1) + "\n"


def log(report: Report) -> dict[str, Any]:
    """Returns the SARIF log as JSON data."""
    findings = (*report.findings, *report.dismissed)
    names = list(dict.fromkeys([*report.rules, *(f.rule for f in findings)]))
    driver = {
        "name": "kpf-review",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(name) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "SRCROOT": {"description": {"text": "the top of the kernel tree"}}
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    _notification(item) for item in report.not_checked
                ],
            }
        ],
        "results": [_result(f, names.index(f.rule)) for f in findings],
        "properties": {
            "kernel": data(report.tree.kernel),
            "base": data(report.tree.base),
            "series": data(report.series.message_id) if report.series else None,
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    """A row of the rule table, from the rule's own description and lesson."""
    from reviewer import rulebook

    row: dict[str, Any] = {"id": name}
    if name in rulebook.names():
        loaded = rulebook.load(name)
        row["shortDescription"] = {"text": loaded.rule.summary}
        level = _LEVELS.get(loaded.rule.severity, "note")
        row["defaultConfiguration"] = {"level": level}
        lesson = loaded.folder / "lesson.md"
        if lesson.exists():
            text = lesson.read_text(encoding="utf-8")
            row["help"] = {"text": text, "markdown": text}
    return row


def _result(finding: Judged, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS.get(finding.severity, "note"),
        "rank": _RANKS[finding.confidence],
        "message": {"text": data(finding.message or finding.rule)},
        "baselineState": "unchanged" if finding.preexisting else "new",
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "patch": finding.patch,
            "fixedLaterBy": finding.fixed_later_by,
        },
    }
    if finding.dismissed_by:
        why = data(f"by {dismissed_by(finding)}")
        result["suppressions"] = [{"kind": "external", "justification": why}]
    if finding.fingerprint:
        result["partialFingerprints"] = {"kpfReview/v1": finding.fingerprint}
    if finding.file and not finding.removed_line:
        region = _region(finding)
        result["locations"] = [{"physicalLocation": _place(finding.file, region)}]
    if finding.evidence:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": data(fact.text.strip() or fact.file)},
                "physicalLocation": _place(fact.file, {"startLine": max(1, fact.line)}),
            }
            for number, fact in enumerate(finding.evidence, 1)
        ]
    if finding.edits and all(is_plain(_text(edit)) for edit in finding.edits):
        result["fixes"] = [_fix(finding)]
    return result


def _region(finding: Judged) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": max(1, finding.line)}
    if finding.width:
        raw = encode(finding.code)
        start, end = finding.column, finding.column + finding.width
        region["startColumn"] = 1 + _characters(raw[:start])
        region["endColumn"] = 1 + _characters(raw[:end])
    if finding.code:
        region["snippet"] = {"text": code_line(finding.code)}
    return region


def _characters(raw: bytes) -> int:
    return len(decode(raw))


def _place(file: str, region: dict[str, Any]) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(file), "uriBaseId": "SRCROOT"},
        "region": region,
    }


def _uri(path: str) -> str:
    """A relative reference; bytes that are no UTF-8 are percent-encoded too."""
    return quote(encode(path), safe="/._-+,~@=")


def _fix(finding: Judged) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "byteOffset": edit.start,
                "byteLength": edit.end - edit.start,
            },
            "insertedContent": {"text": _text(edit)},
        }
        for edit in finding.edits
    ]
    location = {"uri": _uri(finding.file), "uriBaseId": "SRCROOT"}
    change = {"artifactLocation": location, "replacements": replacements}
    return {"artifactChanges": [change]}


def _text(edit: Edit) -> str:
    return decode(edit.text)


def _notification(item: NotChecked) -> dict[str, Any]:
    notification: dict[str, Any] = {
        "level": "note",
        "message": {"text": f"not checked: {data(item.what)}: {data(item.why)}"},
    }
    if item.file:
        location = {"uri": _uri(item.file), "uriBaseId": "SRCROOT"}
        notification["locations"] = [
            {"physicalLocation": {"artifactLocation": location}}
        ]
    return notification
