# SPDX-License-Identifier: GPL-2.0-or-later
"""``x & K == K`` is ``x & (K == K)``: comparisons and ``!`` bind tighter than ``&``."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import constant_name, operands, operator
from reviewer.rules.mask_precedence.looser_operators import Outer, outer_slip
from reviewer.rules.mask_precedence.shapes import SHAPES
from reviewer.rules.mask_precedence.tighter_operators import Slip, slip_in

RULE = Rule(
    name="mask-precedence",
    summary="a comparison, ! or ?: that does not bind as it was meant to",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
        "<20190531092101.28772-2-colin.king@canonical.com>",
    ),
    needs_tree=False,
    trigger=rb"[&|^]|>>|<<[^;?]{0,2000}\?|[\w)\]]\s*[-+*/]\s*[\w(!*&~][^;?{}]{0,2000}\?"
    rb"|![\w>.()\[\]-]+\s*[!=<>]=?\s*[\w(-]|=\s*\w+\s*\([^;]{0,2000}\)\s*[!=<>]",
    needs=(rb"[{;?!=&|^<>]",),
    shapes=SHAPES,
)
KINDS = ("conditional_expression", "assignment_expression", "binary_expression")


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every expression whose mask is applied after the comparison or
    negation."""
    for source, node in places.nodes(image, *KINDS):
        if (slip := slip_in(source, node)) is not None:
            yield _finding(image, source, node, slip)
        elif (outer := outer_slip(image, source, node)) is not None:
            yield _outer(image, source, node, outer)


def _outer(image: FileImage, source: Source, node: Node, slip: Outer) -> Finding:
    fields = {
        "test": source.norm(node),
        "inner": source.norm(slip.inner),
        "operator": slip.beside,
        "comparison": slip.sign,
        "value": None,
        "computed": source.norm(slip.inner).join(slip.computed),
        "always": slip.always,
        "suggestion": slip.meant,
    }
    sure = Confidence.PROVED if slip.proved else Confidence.LIKELY
    mend = places.replacing_edit(node, slip.meant)
    return places.finding(
        image, RULE, source, node, fields=fields, edits=mend, confidence=sure
    )


def _finding(image: FileImage, source: Source, node: Node, slip: Slip) -> Finding:
    inner = source.norm(slip.inner)
    value = None if slip.sign == "!" else _value(image, source, slip)
    always = _always(image, source, node, slip, value)
    shown = inner if slip.sign == "!" else f"({inner})"
    fields = {
        "test": source.norm(node),
        "inner": inner,
        "operator": slip.beside,
        "comparison": slip.sign,
        "value": None if value is None else str(value),
        "computed": (shown if value is None else str(value)).join(slip.computed),
        "always": always,
        "suggestion": slip.meant,
    }
    mend = places.replacing_edit(node, slip.meant)
    severity = _severity(image, node, source, value)
    return places.finding(
        image, RULE, source, node, fields=fields, edits=mend, severity=severity
    )


def _value(image: FileImage, source: Source, slip: Slip) -> int | None:
    """What the comparison comes to: 0, 1, None where it is not constant."""
    sides = [source.norm(side) for side in operands(slip.inner) or ()]
    if sides and sides[0] == sides[-1] and constant_name(sides[0]):
        return int(slip.sign in ("==", "<=", ">="))
    return constant(image, source.norm(slip.inner))


def _always(
    image: FileImage, source: Source, node: Node, slip: Slip, value: int | None
) -> str | None:
    """ "true" or "false", where the expression has one truth value only."""
    if slip.sign == "!":
        right = (operands(node) or (node, node))[1]
        mask = constant(image, source.norm(right))
        if mask is None:
            return None
        lost = mask > 0 if slip.beside == ">>" else not mask & 1
        return "false" if lost else None
    if value is None:
        return None
    if slip.beside == "&" and value == 0:
        return "false"
    return "true" if slip.beside == "|" and value == 1 else None


def _severity(
    image: FileImage, node: Node, source: Source, value: int | None
) -> Severity:
    """Low where the mask happens to be 1, so that the result is the same."""
    sides = operands(node)
    if value == 1 and operator(node) == "&" and sides is not None:
        compared = operands(sides[1])
        if compared is not None and constant(image, source.norm(compared[0])) == 1:
            return Severity.LOW
    return RULE.severity
