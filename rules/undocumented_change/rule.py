# SPDX-License-Identifier: GPL-2.0-or-later
"""A KPF_ bit that is reported for other pages than before, and pagemap.rst silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.api import Confidence, Finding, Rule, Scope, Severity, Skipped, Step
from reviewer.facts.missing_fact import FactsMissing

if TYPE_CHECKING:
    from reviewer.rules.undocumented_change.kpf_bit_conditions import Reports
    from reviewer.rules.undocumented_change.reports_compared import ReportChange

RULE = Rule(
    name="undocumented-change",
    summary="a user-visible bit of /proc/kpageflags changes without documentation",
    severity=Severity.MEDIUM,
    scope=Scope.STEP,
    precedent=("<ZfyRsyq03aYVcZ13@casper.infradead.org>",),
    languages=(".c",),
)
MOST_NAMES = 4  # of the bits, in a mail


def check(step: Step) -> Iterator[Finding]:
    """Yields one finding for a patch that changes which pages report a bit of the
    ABI; raises Skipped where its page is not at hand."""
    from reviewer.facts.kpf import PAGE_C, PAGEMAP_RST

    if PAGE_C not in _paths(step) or _is_fix(step):
        return
    if any(step.series.touches(path) for path in PAGEMAP_RST):
        return
    # hardly a patch comes this far: what compares the reports is loaded here
    from reviewer.rules.undocumented_change.kpf_bit_conditions import (
        differing_bits,
        reported_bits,
    )
    from reviewer.rules.undocumented_change.reports_compared import (
        changed_reports,
        mended_reports,
    )

    old, new = reported_bits(step.pre), reported_bits(step.post)
    if step.pre is None or step.post is None or old is None or new is None:
        return
    if old.text == new.text:
        return
    from reviewer.kit.missing_facts import skipped_for

    try:
        if step.post.facts.kpf.documentation is None:
            raise Skipped(RULE.name, "the tree has no such file", PAGEMAP_RST[0])
        bits = differing_bits(step.pre, old, new)
        right = mended_reports(step, old, bits)
        found = changed_reports(
            step, old, new, [bit for bit in bits if bit not in right]
        )
    except FactsMissing as missing:
        raise skipped_for(missing) from None
    from reviewer.kit.gates_symbols import AROUND, is_incomplete

    if found and is_incomplete(step.series):
        raise Skipped(RULE.name, AROUND, step.change.path)
    if found:
        yield _finding(step, new, found)


def _paths(step: Step) -> set[str]:
    """The path of the file before the patch, and after it."""
    return {image.source.path for image in (step.pre, step.post) if image is not None}


def _is_fix(step: Step) -> bool:
    """Whether the patch says that it restores what was: that is documented already."""
    return any(t.name.lower() == "fixes" for t in step.change.patch.trailers)


def _finding(step: Step, new: Reports, found: tuple[ReportChange, ...]) -> Finding:
    from reviewer.facts.kpf import PAGEMAP_RST

    names = [change.bit for change in found]
    proved = any(change.proved for change in found)
    witness = next((change.witness for change in found if change.witness), None)
    documentation = step.post.facts.kpf.documentation if step.post else None
    fields = {
        "bits": names[:MOST_NAMES],
        "more": max(0, len(names) - MOST_NAMES),
        "witness": witness,
        "documentation": documentation.path if documentation else PAGEMAP_RST[0],
    }
    described = [
        entry.evidence
        for entry in (step.post.facts.kpf.description(n) for n in names if step.post)
        if entry is not None
    ]
    return RULE.finding(
        step.change.path,
        _line(step, new, names),
        fields,
        confidence=Confidence.PROVED if proved else Confidence.LIKELY,
        evidence=tuple(described[:1]),
        anchor=f"undocumented {' '.join(names)}",
        function=new.function.name,
    )


def _line(step: Step, new: Reports, names: list[str]) -> int:
    """The added line that most of the bits hang on."""
    added = step.change.added
    first = new.function.first_line
    nearest = Counter[int]()
    for name in names:
        lines = [line for s in new.bits.get(name, ()) for line in s.lines]
        here = next((line for line in lines if line in added), None)
        if here is not None:
            nearest[here] += 1
    if nearest:
        most = max(nearest.values())
        return min(line for line, count in nearest.items() if count == most)
    inside = [n for n in added if first <= n <= new.function.last_line]
    return min(inside, default=first)
