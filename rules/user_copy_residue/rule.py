# SPDX-License-Identifier: GPL-2.0-or-later
"""``ret = copy_to_user(...); if (ret) return ret;``: bytes not copied, as an errno."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.models import Edit, Evidence
from reviewer.rules.user_copy_residue.returned_residue import (
    Returned,
    returned_residues,
)

RULE = Rule(
    name="user-copy-residue",
    summary="the bytes that copy_to_user() did not copy, returned as if an errno",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=("<0bdfa8c2-cb22-4bec-8773-584060613043@kili.mountain>",),
    needs_tree=False,
    trigger=rb"copy_(?:from|to|in)_(?:user|sockptr)|clear_user|\breturn\b",
    needs=(rb"copy_(?:from|to|in)_|clear_user",),
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every copy whose residue leaves a function that returns errnos."""
    for found in returned_residues(image):
        yield _finding(image, found)


def _finding(image: FileImage, found: Returned) -> Finding:
    source = found.source
    exit_ = source.norm(found.exit).rstrip(";")
    evidence: tuple[Evidence, ...] = ()
    if found.name is not None:
        evidence = (places.evidence_at(source, found.copy),)
    return places.finding(
        image,
        RULE,
        source,
        found.exit,
        fields={"callee": found.callee, "exit": exit_},
        edits=_edits(found),
        evidence=evidence,
        confidence=Confidence.LIKELY,
    )


def _edits(found: Returned) -> tuple[Edit, ...]:
    """-EFAULT in the place of the residue, where nothing else comes that way."""
    value = found.exit.named_children[0]
    if found.name is None:
        text = found.source.text(value)
        return places.replacing_edit(value, f"{text} ? -EFAULT : 0")
    return places.replacing_edit(value, "-EFAULT") if found.under_test else ()
