# SPDX-License-Identifier: GPL-2.0-or-later
"""``k & PG_lru``: the number of a bit used as if it were the bit."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import missing_facts, places
from reviewer.rules.bit_number_as_mask.bit_numbers import (
    Misuse,
    as_masks,
    as_numbers,
    tested_names,
)

RULE = Rule(
    name="bit-number-as-mask",
    summary="the number of a bit used as a mask, or a mask as a bit number",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<1a6dc6a5-b5b6-494c-b94b-f6655da51bb9@moroto.mountain>",
        "<YEsbGCmx4Jh3fApi@mwanda>",
        "<YtZ/Rnrm8Y+uPjDq@kili>",
    ),
    trigger=rb"[&|^]|_bit\b|<<",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every use of a bit number as a mask, and of a mask as a bit number."""
    for misuse in as_masks(image):
        yield _finding(image, misuse, "mask")
    for misuse in as_numbers(image):
        yield _finding(image, misuse, "shift")
    missing_facts.need_bit_numbers(image)


def _finding(image: FileImage, misuse: Misuse, kind: str) -> Finding:
    number = misuse.number
    declared = number is None or number.kind != "bit"
    proved = declared and misuse.certain
    fields = {
        "test": misuse.source.norm(misuse.whole),
        "name": misuse.name,
        "number": misuse.shown,
        "kind": kind,
        "bits": misuse.bits,
        "effect": misuse.effect,
        "really": tested_names(image, misuse),
        "declared": misuse.declared,
        "suggestion": misuse.suggestion,
        "helper": None,
    }
    return places.finding(
        image,
        RULE,
        misuse.source,
        misuse.whole,
        fields=fields,
        edits=places.replacing_edit(misuse.node, misuse.right) if misuse.right else (),
        evidence=misuse.evidence,
        confidence=Confidence.PROVED if proved else Confidence.LIKELY,
    )
