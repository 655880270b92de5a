# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds to what a rule saw what follows from its place, and how sure it may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from reviewer.api import FileImage, SeriesView
from reviewer.engine.run import ReviewRun
from reviewer.models import Change, Confidence, Finding, Judged, Severity
from reviewer.patterns import regex
from reviewer.rulebook import LoadedRule
from reviewer.utf8 import decode, encode


def with_place_described(finding: Finding, image: FileImage) -> Judged:
    """Add what follows from the place: code, function, anchor, fingerprint."""
    source = image.source
    function = source.function_at(finding.line)
    name = finding.function or (function.name if function else None)
    code = source.line_text(finding.line)
    anchor = finding.anchor or " ".join(code.split())
    placed = Judged.of(finding, code=code, function=name, anchor=anchor)
    return replace(placed, fingerprint=fingerprint(placed))


def judged_in_series(finding: Finding, whole: SeriesView) -> Judged:
    """Returns the same for a finding of a series rule, which has no parsed file."""
    code = finding.code
    if not code and whole.after is not None and finding.line > 0:
        lines = _lines(whole.after.view.read(finding.file) or b"")
        if finding.line <= len(lines) and not finding.removed_line:
            code = decode(lines[finding.line - 1])
    anchor = finding.anchor or " ".join(code.split())
    completed = Judged.of(finding, code=code, anchor=anchor)
    title = "" if finding.file else _title(finding, whole)
    return replace(completed, fingerprint=fingerprint(completed, title))


@lru_cache(maxsize=2)  # a file may have thousands of findings
def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def _title(finding: Finding, whole: SeriesView) -> str:
    """The title of the patch, else of the series, that a remark on a message is on."""
    if whole.series is None:
        return ""
    for patch in whole.series.patches:
        if patch.index == finding.patch:
            return patch.title
    first = whole.series.cover or next(iter(whole.series.patches), None)
    return first.title if first is not None else ""


def fingerprint(finding: Finding, title: str = "") -> str:
    """Returns what names a remark in every version of a series.

    It is of the rule, the file, the function and the statement, and of no line number.
    A remark on a message is of the title as well, without ``[PATCH v2]``: the messages
    of all series have the same "file".
    """
    parts = [finding.rule, finding.file, finding.function or "", finding.anchor]
    if not finding.file:
        parts[3] = _PREFIXES.sub("", finding.anchor)
        parts.append(title)
    return _hashed(parts)


def _hashed(parts: list[str]) -> str:
    import hashlib

    text = encode("\0".join(parts))
    return hashlib.sha256(text).hexdigest()[:16]


_PREFIXES = regex(r"\A(?:\s*\[[^\]]*\])+\s*")  # of a subject


def in_order(findings: Iterable[Judged]) -> tuple[Judged, ...]:
    """Returns findings by patch, notes last, then file, line and rule.

    Remarks of one rule on one statement, or on two that read the same, are told apart:
    each of them is named by its own words as well, so that who dismisses one keeps the
    other.  One that is alone later has its plain name, and is shown again.
    """
    found = sorted(findings, key=_order)
    counts = Counter((one.patch, one.fingerprint) for one in found)
    seen: Counter[str] = Counter()
    told = []
    for one in found:
        if one.fingerprint and counts[one.patch, one.fingerprint] > 1:
            own = sorted((k, v) for k, v in one.fields.items() if isinstance(v, str))
            name = _hashed([one.fingerprint, *(f"{k}={v}" for k, v in own)])
            seen[f"{one.patch} {name}"] += 1
            name = _hashed([name, str(seen[f"{one.patch} {name}"])])
            one = replace(one, fingerprint=name)
        told.append(one)
    return tuple(told)


def _order(finding: Judged) -> tuple[Any, ...]:
    return (
        finding.patch or 0,
        finding.severity.rank if finding.severity.rank == 3 else 0,
        finding.file,
        finding.line,
        finding.rule,
    )


def no_surer_than(
    change: Change, finding: Judged, rule: LoadedRule, run: ReviewRun
) -> Judged:
    """Returns a finding, no surer than the file is that it stands in.

    Of a file that the patch was fitted to nothing is proved; where another file of the
    series does not apply as it is, nothing that facts of the tree are part of.
    """
    if change.how != "exact":
        finding = replace(finding, proof=None)
    elif run.is_exact or not rule.rule.needs_tree:
        return finding
    if finding.confidence is Confidence.PROVED:
        return replace(finding, confidence=Confidence.LIKELY)
    return finding


def made_less_grave(finding: Judged) -> Judged:
    """Returns a finding on code that a patch only moves: marked as there before, and
    not as high as a new fault."""
    high = finding.severity is Severity.HIGH
    severity = Severity.MEDIUM if high else finding.severity
    return replace(finding, preexisting=True, severity=severity)
