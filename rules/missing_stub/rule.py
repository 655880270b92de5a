# SPDX-License-Identifier: GPL-2.0-or-later
"""A function of a header that has no stub, or one of another shape."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Confidence, Edit, Finding, Rule, Scope, Severity, Step
from reviewer.kit.gates import fragment
from reviewer.kit.gates_stubs import (
    Differing,
    Unmatched,
    Unstubbed,
    clashing_stubs,
    differing_stubs,
    missing_stubs,
    removed_stubs,
)
from reviewer.rules.missing_stub.loose_stubs import Loose, loose_stubs

RULE = Rule(
    name="missing-stub",
    summary="a gated function of a header without a stub, or with one that is wrong",
    severity=Severity.MEDIUM,
    scope=Scope.STEP,
    precedent=(
        'ceda150379d9 ("dax: add empty static inline for CONFIG_DAX=n")',
        "<874ka5awdp.ffs@tglx>",
    ),
    trigger=rb"\w\s*\(",
    languages=(".h",),
    whole_tree=True,
)


def check(step: Step) -> Iterator[Finding]:
    """Yields stubs that callers need, and stubs that differ."""
    for lack in missing_stubs(step):
        yield _unmatched(step, "missing", lack)
    for pair in differing_stubs(step):
        yield _differing(step, pair)
    for clash in clashing_stubs(step):
        yield _unmatched(step, "clash", clash)
    for loose in loose_stubs(step):
        yield _loose(step, loose)
    for gone in removed_stubs(step):
        yield _removed(step, gone)


def _unmatched(step: Step, kind: str, found: Unmatched) -> Finding:
    return RULE.finding(
        step.change.path,
        found.line,
        {
            "kind": kind,
            "name": found.name,
            "exists": str(found.condition),
            "caller": f"{found.other.file}:{found.other.line}",
            "config": fragment(
                step.series.after, found.configuration, found.given, found.condition
            ),
        },
        evidence=(found.other,),
    )


def _removed(step: Step, gone: Unstubbed) -> Finding:
    function, call = gone.function, gone.call
    return RULE.finding(
        step.change.diff.old_path or step.change.path,
        gone.line,
        {
            "kind": "removed",
            "name": gone.name,
            "exists": str(gone.stub),
            "caller": f"{call.place.file}:{call.place.line}",
            "definition": f"{function.places[0].file}:{function.places[0].line}",
            "config": fragment(
                step.series.after, call.configuration, call.given, function.condition
            ),
        },
        confidence=Confidence.QUESTION,
        evidence=(call.place, function.places[0]),
        removed_line=True,
    )


def _loose(step: Step, loose: Loose) -> Finding:
    return RULE.finding(
        step.change.path,
        loose.line,
        {
            "kind": "loose",
            "name": loose.name,
            "lacks": loose.lacks,
            "exists": str(loose.condition),
            "includers": [place.file for place in loose.includers],
            "config": fragment(
                step.series.after, loose.configuration, loose.given, loose.condition
            ),
        },
        evidence=loose.includers,
        edits=_as_static_inline(step, loose),
    )


def _as_static_inline(step: Step, loose: Loose) -> tuple[Edit, ...]:
    """What makes the line begin with ``static inline``."""
    assert step.post is not None
    lines = step.post.source.data.split(b"\n")
    start = sum(len(line) + 1 for line in lines[: loose.line - 1])
    head = re.match(rb"(?:static\s+|inline\s+)?(?=\w)", lines[loose.line - 1])
    if head is None:
        return ()
    return (Edit(start, start + head.end(), b"static inline "),)


def _differing(step: Step, pair: Differing) -> Finding:
    return RULE.finding(
        step.change.path,
        pair.line,
        {
            "kind": "differs",
            "name": pair.name,
            "what": pair.what,
            "stub": pair.of_stub,
            "real": pair.of_real,
        },
        evidence=(pair.stub, pair.real),
    )
