# SPDX-License-Identifier: GPL-2.0-or-later
"""``bool flags``, then ``flags & IOCB_DIRECT``: the bit is not kept there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import (
    Confidence,
    Edit,
    FileImage,
    Finding,
    Rule,
    Scope,
    Severity,
    Step,
)
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.rules.flags_narrowed.narrow_words import (
    Form,
    Narrow,
    narrow_words,
    places_of,
)
from reviewer.rules.flags_narrowed.narrowed_members import narrowed_members

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
    steps_too=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every mask of which nothing, or not all, is left in a narrower type."""
    for found in narrow_words(image):
        yield _finding(image, found)


def check_step(step: Step) -> Iterator[Finding]:
    """Yields every member of a header's struct that gets too narrow for a mask
    elsewhere."""
    for found, source in narrowed_members(step):
        assert step.post is not None
        user = FileImage(source, step.post.facts)
        place = f"{source.path}:{source.line_of(found.node)}"
        declared = found.width.evidence
        assert declared is not None
        yield Finding(
            rule=RULE.name,
            severity=RULE.severity,
            confidence=Confidence.PROVED,
            file=step.change.path,
            line=declared.line,
            fields={**_fields(source, found), "place": place, "suggestion": None},
            evidence=places_of(user, found),
            anchor=declared.text,
        )


def _fields(source: Source, found: Narrow) -> dict[str, Any]:
    return {
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
        "place": None,
    }


def _finding(image: FileImage, found: Narrow) -> Finding:
    source = image.source
    edits: tuple[Edit, ...] = ()
    if found.right is not None and found.at is not None:
        edits = places.replacing_edit(found.at, found.right)
    likely = found.form is Form.ANY
    return places.finding(
        image,
        RULE,
        source,
        found.node,
        fields=_fields(source, found),
        edits=edits,
        evidence=places_of(image, found),
        severity=Severity.MEDIUM if likely else None,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )
