# SPDX-License-Identifier: GPL-2.0-or-later
"""``x | FLAG`` as a test, ``x && FLAG``, ``!p && !p->x``: the wrong sign of two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.kit.expressions import literal
from reviewer.kit.logical_chains import Crash, Range, chains, crashes, ranges
from reviewer.kit.values_as_truth import Logic, logic_slips
from reviewer.rules.logical_vs_bitwise.logical_values import value_slips
from reviewer.rules.logical_vs_bitwise.masked_comparisons import (
    Outside,
    comparisons_outside,
)

RULE = Rule(
    name="logical-vs-bitwise",
    summary="&& for &, || for |, | for &, or a test that a mask decides",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<20201015115550.485235-1-colin.king@canonical.com>",
        "<20200218055801.cosg4fylgfxhk67s@kili.mountain>",
        "<20191007085003.GB3865@mwanda>",
        "<20250522121703.2766764-1-colin.i.king@gmail.com>",
    ),
    needs_tree=False,
    trigger=rb"&|\||\bFIELD_GET\b",
    needs=(rb"[{;?!=&|^<>]",),
)
NOTHING: dict[str, Any] = {
    "constant": None,
    "value": None,
    "always": None,
    "suggestion": None,
    "operator": None,
    "pointer": None,
    "use": None,
    "first": None,
    "second": None,
    "mask": None,
}


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every expression whose operator cannot have been meant."""
    for slip in (*logic_slips(image), *value_slips(image)):
        yield _slip(image, slip)
    for outside in comparisons_outside(image):
        yield _outside(image, outside)
    for chain in chains(image):
        for crash in crashes(chain):
            yield _crash(image, crash)
        for found in ranges(image, chain):
            yield _range(image, found)


def _slip(image: FileImage, slip: Logic) -> Finding:
    source = slip.source
    fields = {
        **NOTHING,
        "form": str(slip.slip),
        "test": source.norm(slip.node),
        "other": source.norm(slip.other),
        "constant": source.norm(slip.constant),
        "value": _shown(slip),
        "always": _word(slip.always),
        "suggestion": slip.right,
    }
    confidence = Confidence.PROVED if slip.proved else Confidence.LIKELY
    return places.finding(
        image,
        RULE,
        source,
        slip.node,
        fields=fields,
        trial=slip.trial,
        confidence=confidence,
    )


def _outside(image: FileImage, found: Outside) -> Finding:
    source = found.source
    shown = source.norm(found.constant)
    fields = {
        **NOTHING,
        "form": "label" if found.label else "outside",
        "test": source.norm(found.node),
        "other": source.norm(found.masked),
        "constant": shown,
        "value": shown if literal(source, found.constant) else hex(found.value),
        "always": _word(found.always),
        "suggestion": found.right,
        "mask": hex(found.mask),
    }
    return places.finding(
        image,
        RULE,
        source,
        found.node,
        fields=fields,
        trial=places.replacing_edit(found.node, found.right) if found.right else (),
        evidence=found.evidence,
    )


def _crash(image: FileImage, crash: Crash) -> Finding:
    chain = crash.chain
    fields = {
        **NOTHING,
        "form": "null",
        "test": chain.source.norm(chain.node),
        "other": chain.source.norm(crash.test),
        "operator": chain.sign,
        "suggestion": "||" if chain.sign == "&&" else "&&",
        "pointer": crash.pointer,
        "use": chain.source.norm(crash.use),
    }
    return places.finding(image, RULE, chain.source, chain.node, fields=fields)


def _range(image: FileImage, found: Range) -> Finding:
    source = found.chain.source
    fields = {
        **NOTHING,
        "form": "range",
        "test": source.norm(found.chain.node),
        "other": found.first.value,
        "always": _word(found.always),
        "operator": found.chain.sign,
        "suggestion": "&&" if found.always else "||",
        "first": source.norm(found.first.node),
        "second": source.norm(found.second.node),
    }
    confidence = Confidence.PROVED if found.proved else Confidence.LIKELY
    return places.finding(
        image, RULE, source, found.chain.node, fields=fields, confidence=confidence
    )


def _shown(slip: Logic) -> str | None:
    if literal(slip.source, slip.constant) is not None:
        return slip.source.norm(slip.constant)
    return None if slip.value is None else hex(slip.value)


def _word(truth: bool | None) -> str | None:
    return None if truth is None else str(truth).lower()
