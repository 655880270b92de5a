# SPDX-License-Identifier: GPL-2.0-or-later
"""``bool flags``, then ``flags & IOCB_DIRECT``: the bit is not kept there."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import (
    Confidence,
    Edit,
    FileImage,
    Finding,
    Rule,
    Scope,
    Severity,
)
from reviewer.kit import places
from reviewer.rules.flags_narrowed.narrow_words import (
    Form,
    Narrow,
    narrow_words,
    places_of,
)

RULE = Rule(
    name="flags-narrowed",
    summary="a mask beyond the bits of the type that it is tested in or kept in",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "217e85f97031 (\"drm/amdkfd: Fix type of 'dbg_flags' in 'struct "
        "kfd_process'\")",
    ),
    trigger=rb"&|\|=|[=!]=|\b(?:bool|_Bool|char|short|\w*[us](?:8|16)|u?int(?:8|16)_t)\b",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Every mask of which nothing, or not all, is left in a narrower type."""
    for found in narrow_words(image):
        yield _finding(image, found)


def _finding(image: FileImage, found: Narrow) -> Finding:
    source = image.source
    fields = {
        "form": str(found.form),
        "test": source.norm(found.node),
        "name": found.name,
        "type": found.width.kind,
        "bits": found.width.bits,
        "truth": found.width.is_bool,
        "mask": source.norm(found.mask),
        "value": f"{found.value:#x}",
        "lost": list(found.lost),
        "suggestion": found.right,
    }
    edits: tuple[Edit, ...] = ()
    if found.right is not None and found.at is not None:
        edits = places.replaced(found.at, found.right)
    likely = found.form is Form.ANY
    return places.finding(
        image,
        RULE,
        source,
        found.node,
        fields=fields,
        edits=edits,
        evidence=places_of(image, found),
        severity=Severity.MEDIUM if likely else None,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )
