# SPDX-License-Identifier: GPL-2.0-or-later
"""``devm_kzalloc()`` and ``kfree()``: released by hand, and once more by the device."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.rules.devm_mixed_release.by_argument import (
    ACTION,
    ACTION_HEADERS,
    BY_ARGUMENT,
)
from reviewer.rules.devm_mixed_release.released_by_hand import (
    MANAGED,
    Mixed,
    mixed_releases,
)

RULE = Rule(
    name="devm-mixed-release",
    summary="what a devm_ function gave, released by hand too",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=("<4aa37522-9072-ac8d-0ba7-c2234c3228bc@gmx.de>",),
    trigger=rb"devm_|drmm_|irq|_put\b|free\b|iounmap|disable|unregister|regmap_exit",
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every plain release of what is managed."""
    for mixed in mixed_releases(image):
        found = _finding(image, mixed)
        if found is not None:
            yield found


def _finding(image: FileImage, mixed: Mixed) -> Finding | None:
    source = mixed.source
    if not _is_declared(image, mixed.called):
        return None  # this tree has no such function, or has it elsewhere
    fields: dict[str, Any] = {
        "name": mixed.name,
        "release": source.norm(mixed.release),
        "managed": mixed.called,
        "action": mixed.called == ACTION,
        "failed": mixed.failed,
    }
    return places.finding(
        image,
        RULE,
        source,
        mixed.release,
        fields=fields,
        evidence=(places.evidence_at(source, mixed.managed),),
        confidence=Confidence.LIKELY,
    )


def _is_declared(image: FileImage, name: str) -> bool:
    paths: tuple[str, ...]
    if name == ACTION:
        paths = ACTION_HEADERS
    elif name in BY_ARGUMENT:
        paths = (BY_ARGUMENT[name].header,)
    else:
        paths = MANAGED[name][1]
    headers = (image.facts.header(path) for path in paths)
    return any(
        header is not None and re.search(rf"\b{name}\b", header.text) is not None
        for header in headers
    )
