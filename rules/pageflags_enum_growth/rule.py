# SPDX-License-Identifier: GPL-2.0-or-later
"""A new name in ``enum pageflags`` without what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, Severity, Skipped, Step
from reviewer.kit.gates_symbols import AROUND, is_incomplete
from reviewer.rules.pageflags_enum_growth.enum_companions import Gap, missing_companions

RULE = Rule(
    name="pageflags-enum-growth",
    summary="a new page flag without what belongs to it elsewhere",
    severity=Severity.HIGH,
    scope=Scope.STEP,
    precedent=('ee38d94a0ad8 ("page flags: prioritize kasan bits over last-cpuid")',),
    trigger=rb"PG_",
    languages=(".h",),
    whole_tree=True,
)


def check(step: Step) -> Iterator[Finding]:
    """Yields one finding for each companion that the tree lacks after the whole
    series; raises Skipped where a patch that is not at hand may bring it."""
    unknown: Gap | None = None
    for gap in missing_companions(step):
        if gap.file is not None and is_incomplete(step.series):
            unknown = gap
        else:
            yield _finding(step, gap)
    if unknown is not None:
        raise Skipped(f"companions of {unknown.flag.name}", AROUND, unknown.file)


def _finding(step: Step, gap: Gap) -> Finding:
    flag = gap.flag
    fields = {
        "kind": gap.kind,
        "flag": flag.name,
        "alias_of": flag.alias_of,
        "gate": None if flag.gate.is_true else str(flag.gate),
        "companion": gap.file,
        "detail": gap.detail,
    }
    return RULE.finding(
        step.change.path,
        flag.evidence.line,
        fields,
        severity=gap.severity,
        confidence=gap.confidence,
        evidence=gap.evidence,
        anchor=f"{gap.kind} {flag.name}",
    )
