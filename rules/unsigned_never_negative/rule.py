# SPDX-License-Identifier: GPL-2.0-or-later
"""``u32 ret; if (ret < 0)``: a type that has no negative values is asked for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.rules.unsigned_never_negative.lost_signs import Form, LostSign, lost_signs

RULE = Rule(
    name="unsigned-never-negative",
    summary="a negative value looked for, returned or kept in a type that has none",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<20250901135726.17601-3-rongqianfeng@vivo.com>",
        "<ad0a6ad9-099b-40a4-ae91-b9dca622ff4e@moroto.mountain>",
    ),
    trigger=(
        rb"unsigned|\bbool\b|\bchar\b|\b_*u\d+\b|\w_t\b|[<>]=?\s*0|0\s*[<>]|-\s*E[A-Z]"
    ),
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every negative value that the type of what holds it does not have."""
    for lost in lost_signs(image):
        yield _finding(image, lost)


def _finding(image: FileImage, lost: LostSign) -> Finding:
    source = lost.source
    fields: dict[str, Any] = {
        "form": str(lost.form),
        "name": lost.name,
        "type": lost.kind,
        "test": source.norm(lost.node),
        "always": lost.always,
        "call": lost.from_call,
        "loop": lost.loop,
        "boolean": lost.type.boolean,
        "harmless": lost.harmless,
    }
    shown = [lost.declared] + ([lost.error] if lost.error is not None else [])
    return places.finding(
        image,
        RULE,
        source,
        lost.node,
        fields=fields,
        evidence=tuple(places.evidence_at(source, node) for node in shown),
        severity=_severity(lost),
    )


def _severity(lost: LostSign) -> Severity:
    """High where an error is lost or a loop never ends; low for a useless test."""
    if lost.harmless:
        return Severity.INFO
    if lost.form is not Form.COMPARED or lost.from_call or lost.loop:
        return Severity.HIGH if lost.form is not Form.RETURNED else Severity.MEDIUM
    return Severity.LOW
