"""``u |= 1 << 31`` into 64 bits, ``1 << KPF_ARCH``: an int is too narrow for it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.rules.shift_width.int_shifts import Form, Shift, shifts

RULE = Rule(
    name="shift-width",
    summary="an int shifted into its sign or beyond, or a mask shifted out",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<Yw90nHF82AyG35Mk@kili>",
        "<20210318164513.19600-1-colin.king@canonical.com>",
    ),
    trigger=rb"<<|>>",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Every shift whose result is not the bit that it names."""
    for shift in shifts(image):
        yield _finding(image, shift)


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
        edits=places.replaced(shift.node, shift.right) if shift.right else (),
        evidence=shift.evidence,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )
