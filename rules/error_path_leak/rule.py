# SPDX-License-Identifier: GPL-2.0-or-later
"""``if (ret) return ret;`` where the next error exit says ``goto put_node``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.kit.pairs import Sort
from reviewer.models import Evidence
from reviewer.rules.error_path_leak.by_definition import is_given_up, takes_nothing
from reviewer.rules.error_path_leak.left_behind import LeftBehind, left_behind

RULE = Rule(
    name="error-path-leak",
    summary="an error exit that leaves what a path that goes on releases",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<aDVRLqgJWMxYU03G@stanley.mountain>",
        "<e3012f0c-1621-40e6-bf7d-03c276f6e07f@kili.mountain>",
        "<c3b517eb-3805-48bf-be89-0082bff65913@kili.mountain>",
    ),
    trigger=rb"\breturn\b|\bgoto\b|\(",
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every error exit that leaves what another path releases."""
    for left in left_behind(image):
        if takes_nothing(image, left) or is_given_up(image, left):
            continue
        pair = left.resource.pair
        declared = pair.declared(image.facts)
        if declared is not None:
            yield _finding(image, left, (declared,))
        elif pair.sort is Sort.OTHER:  # the function itself shows the pair
            yield _finding(image, left, ())


def _finding(
    image: FileImage, left: LeftBehind, declared: tuple[Evidence, ...]
) -> Finding:
    source, resource = left.source, left.resource
    fields: dict[str, Any] = {
        "resource": resource.name,
        "acquire": resource.pair.acquire,
        "release": source.norm(left.release),
        "sort": str(resource.pair.sort),
        "test": source.norm(left.test),
        "holds": left.holds,
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
        RULE,
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
