# SPDX-License-Identifier: GPL-2.0-or-later
"""KPF_ numbers changed, reused or removed, and new ones without their companions."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, Severity, Skipped, Step
from reviewer.kit.gates_symbols import AROUND, is_incomplete
from reviewer.rules.kpf_abi.kpf_numbers import Breach, abi_breaches

RULE = Rule(
    name="kpf-abi",
    summary="a KPF_ number changed, reused or removed, or new without its companions",
    severity=Severity.HIGH,
    scope=Scope.STEP,
    precedent=('1d40a5ea01d5 ("mm: mark pages in use for page tables")',),
    trigger=rb"KPF_",
    languages=(".h",),
)
COMPANIONS = {"documentation", "tool", "setter", "left-in-tool"}  # in other files


def check(step: Step) -> Iterator[Finding]:
    """Yields what one patch does to the numbers; companions count over the whole
    series. Raises Skipped where a patch that is not at hand may bring one."""
    unknown: Breach | None = None
    for breach in abi_breaches(step):
        if breach.kind in COMPANIONS and is_incomplete(step.series):
            unknown = breach
        else:
            yield _finding(step, breach)
    if unknown is not None:
        raise Skipped(f"companions of {unknown.bit.name}", AROUND, unknown.file)


def _finding(step: Step, breach: Breach) -> Finding:
    bit, other = breach.bit, breach.other
    old_path = step.change.diff.old_path or step.change.path
    fields = {
        "kind": breach.kind,
        "bit": bit.name,
        "number": bit.number,
        "other": other.name if other is not None else None,
        "other_number": other.number if other is not None else None,
        "missing": list(breach.missing),
        "companion": breach.file,
    }
    return RULE.finding(
        old_path if breach.removed else step.change.path,
        bit.evidence.line,
        fields,
        severity=breach.severity,
        confidence=breach.confidence,
        evidence=breach.evidence or (bit.evidence,),
        anchor=f"{breach.kind} {bit.name}",
        removed_line=breach.removed,
    )
