# SPDX-License-Identifier: GPL-2.0-or-later
"""A parameter that the kernel-doc block above the function lacks, or has too many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from tree_sitter import Node

from reviewer.api import Edit, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.models import Evidence
from reviewer.rules.kernel_doc_mismatch.documented import Mismatch, Named, mismatches

RULE = Rule(
    name="kernel-doc-mismatch",
    summary="a kernel-doc block that lacks a parameter, or names one that is gone",
    severity=Severity.LOW,
    scope=Scope.FILE,
    precedent=("<20240922141800.3622319-1-kbusch@meta.com>",),
    needs_tree=False,
    trigger=rb"\*\s*@\w|\w\s*\(|,|\)",
    needs=(rb"/\*\*",),
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every parameter that a block and its function do not agree on."""
    for mismatch in mismatches(image):
        if _renamed(mismatch):
            for node, name, was in zip(
                mismatch.undocumented, mismatch.names, mismatch.excess, strict=True
            ):
                edit = Edit(was.start, was.end, name.encode())
                yield _finding(image, mismatch, node, name, was, (edit,))
            continue
        for node, name in zip(mismatch.undocumented, mismatch.names, strict=True):
            yield _finding(image, mismatch, node, name, None)
        for was in mismatch.excess:
            yield _finding(image, mismatch, mismatch.function.node, "", was)


def _renamed(mismatch: Mismatch) -> bool:
    """Whether each name that is gone stands for one that is not there: the only one,
    or all in their order, beginning alike."""
    if len(mismatch.names) != len(mismatch.excess):
        return False
    pairs = zip(mismatch.names, mismatch.excess, strict=True)
    return len(mismatch.names) == 1 or all(
        now[:1] == was.name[:1] for now, was in pairs
    )


def _finding(
    image: FileImage,
    mismatch: Mismatch,
    node: Node,
    name: str,
    was: Named | None,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    source = mismatch.source
    fields: dict[str, Any] = {
        "function": mismatch.function.name,
        "missing": name,
        "excess": was.name if was is not None else "",
    }
    evidence: tuple[Evidence, ...] = ()
    if was is not None:
        line = source.line_at(was.start)
        evidence = (Evidence(source.path, line, source.line_text(line).strip()),)
    found = places.finding(
        image,
        RULE,
        source,
        node,
        fields=fields,
        edits=edits,
        evidence=evidence,
    )
    # Several parameters of one function have one statement.  The parameters may stand
    # outside the patch, and have changed where the author's tree is a newer one.
    anchor = f"{name} {fields['excess']}"
    return replace(found, anchor=anchor, whole_tree=True)
