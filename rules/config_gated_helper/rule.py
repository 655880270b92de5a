# SPDX-License-Identifier: GPL-2.0-or-later
"""A helper that is constant without its option, and a raw test in its place."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Finding, Rule, Scope, Severity, Step
from reviewer.rules.config_gated_helper.replaced_helpers import Swap, replaced_helpers

RULE = Rule(
    name="config-gated-helper",
    summary="a helper with a stub replaced by a raw test that has none, or the reverse",
    severity=Severity.INFO,
    scope=Scope.STEP,
    precedent=(
        'dee3d0bef2b0 ("proc: rewrite stable_page_flags()")',
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
    ),
    trigger=rb"\w\s*\(",
)


def check(step: Step) -> Iterator[Finding]:
    """Yields every helper with a stub that a raw test replaces, or the reverse, once
    for each helper and function."""
    for swap in replaced_helpers(step):
        yield _finding(step, swap)


def _finding(step: Step, swap: Swap) -> Finding:
    assert step.post is not None
    helper = swap.helper
    stub = helper.stub
    return RULE.finding(
        step.post.source.path,
        swap.line,
        {
            "helper": helper.name,
            "gained": swap.gained,
            "option": str(helper.gate),
            "value": stub.value,
            "generator": stub.generator,
            "off_counts": swap.off_counts,
        },
        severity=Severity.MEDIUM if swap.off_counts else RULE.severity,
        evidence=(stub.evidence, helper.real.evidence),
        function=swap.function,
    )
