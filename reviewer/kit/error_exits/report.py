# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule says of the error exits that leave something behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from reviewer.api import Confidence, FileImage, Finding, Rule, Severity
from reviewer.kit import places
from reviewer.kit.acquire_release import Sort
from reviewer.kit.error_exits.by_definition import is_given_up, takes_nothing
from reviewer.kit.error_exits.left_behind import LeftBehind, left_behind
from reviewer.models import Evidence


def findings(image: FileImage, rule: Rule, certain: bool) -> Iterator[Finding]:
    """Yields a finding for every exit that leaves what is certain to be left, or for
    every other one. A pair that the tree does not declare is not judged, unless the
    function itself shows it."""
    for left in left_behind(image):
        if left.is_certain is not certain:
            continue
        if takes_nothing(image, left) or is_given_up(image, left):
            continue
        pair = left.resource.pair
        declared = pair.declared(image.facts)
        if declared is not None:
            yield _finding(image, rule, left, (declared,))
        elif pair.sort is Sort.OTHER:
            yield _finding(image, rule, left, ())


def _finding(
    image: FileImage, rule: Rule, left: LeftBehind, declared: tuple[Evidence, ...]
) -> Finding:
    source, resource = left.source, left.resource
    fields: dict[str, Any] = {
        "resource": resource.name,
        "acquire": resource.pair.acquire,
        "release": source.norm(left.release),
        "sort": str(resource.pair.sort),
        "test": source.norm(left.test),
        "exit": source.norm(left.exit),
        "despite_failure": left.despite_failure,
        "label": left.label,
        "remove": left.remove,
        "hands_over": left.exit == left.test.parent,
    }
    path = [
        {"line": source.line_of(node), "test": source.norm(node), "holds": holds}
        for node, holds in left.path
    ]
    found = places.finding(
        image,
        rule,
        source,
        left.exit,
        fields=fields,
        evidence=(
            places.evidence_at(source, resource.call),
            places.evidence_at(source, left.release),
            *declared,
        ),
        severity=Severity.HIGH if resource.pair.sort is Sort.LOCK else Severity.MEDIUM,
        confidence=Confidence.LIKELY,
        proof={"path": path},
    )
    # a function has many exits that read the same: what is left makes them two remarks
    return replace(found, anchor=f"{found.anchor} {resource.name}")
