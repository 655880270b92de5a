# SPDX-License-Identifier: GPL-2.0-or-later
"""``u |= 1 << 31`` into 64 bits, ``1 << KPF_ARCH``, and ``GENMASK(2, 4)``."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.rules.shift_width.genmask import Swapped, swapped
from reviewer.rules.shift_width.int_shifts import Form, Shift, shifts

RULE = Rule(
    name="shift-width",
    summary="an int shifted too far, a mask shifted out, or GENMASK() bits swapped",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<Yw90nHF82AyG35Mk@kili>",
        "<20210318164513.19600-1-colin.king@canonical.com>",
    ),
    trigger=rb"<<|>>|\bGENMASK",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every shift whose result is not the bit that it names, and masks out of
    order."""
    for shift in shifts(image):
        yield _finding(image, shift)
    for mask in swapped(image):
        yield _order(image, mask)


def _order(image: FileImage, mask: Swapped) -> Finding:
    fields = {
        "form": "order",
        "test": mask.source.norm(mask.node),
        "macro": mask.macro,
        "number": str(mask.low),
        "high": str(mask.high),
        "wide": None,
        "suggestion": mask.right,
    }
    return places.finding(
        image, RULE, mask.source, mask.node, fields=fields, edits=mask.edits
    )


def _finding(image: FileImage, shift: Shift) -> Finding:
    source = shift.source
    fields = {
        "form": str(shift.form),
        "test": source.norm(shift.node),
        "number": None if shift.number is None else str(shift.number),
        "wide": shift.wide,
        "suggestion": shift.right,
    }
    likely = shift.form is Form.VARIABLE
    return places.finding(
        image,
        RULE,
        source,
        shift.node,
        fields=fields,
        edits=places.replacing_edit(shift.node, shift.right) if shift.right else (),
        evidence=shift.evidence,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )
