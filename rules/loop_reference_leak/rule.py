# SPDX-License-Identifier: GPL-2.0-or-later
"""``return ret;`` inside for_each_child_of_node(), without of_node_put(child)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.kit.error_exits.flow import flow_of
from reviewer.models import Evidence
from reviewer.rules.loop_reference_leak.left_loops import LOOPS, Left, left_loops

RULE = Rule(
    name="loop-reference-leak",
    summary="a loop over nodes is left without the put of the last one",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=(
        "<20240721-device_for_each_child_node-available-v2-3-f33748fd8b2d@gmail.com>",
    ),
    trigger=rb"\b(?:for_each_|fwnode_for_each_|device_for_each_)\w+",
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every return or goto that leaves such a loop with its reference."""
    source = image.source
    for function in places.functions_in_focus(image):
        text = source.text(function.node)
        if not any(f"{name}(" in text for name in LOOPS):
            continue
        flow = flow_of(source, function)
        for left in left_loops(flow) if flow is not None else ():
            defined = _defined(image, left)
            if defined is not None:
                yield _finding(image, left, defined)


def _defined(image: FileImage, left: Left) -> Evidence | None:
    """Where this tree defines the loop, None if it does not."""
    header = image.facts.header(left.loop.header)
    macros = header.macros.get(left.loop.name, ()) if header is not None else ()
    if header is None or len(macros) != 1:
        return None
    return header.evidence(macros[0].line)


def _finding(image: FileImage, left: Left, defined: Evidence) -> Finding:
    source = image.source
    found = places.finding(
        image,
        RULE,
        source,
        left.exit,
        fields={
            "loop": left.loop.name,
            "variable": left.variable,
            "release": left.loop.release,
        },
        evidence=(places.evidence_at(source, left.head), defined),
        confidence=Confidence.LIKELY,
    )
    # one exit may leave two loops
    return replace(found, anchor=f"{found.anchor} {left.variable}")
