"""``x & K == K`` is ``x & (K == K)``: comparisons and ``!`` bind tighter than ``&``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.rulekit import places
from reviewer.rulekit.constants import constant
from reviewer.rulekit.expressions import (
    COMPARISONS,
    call,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    without_parentheses,
)
from reviewer.rulekit.truth import is_boolean

RULE = Rule(
    name="mask-precedence",
    summary="a comparison or ! that binds tighter than the mask beside it",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
        "<20190531092101.28772-2-colin.king@canonical.com>",
    ),
    needs_tree=False,
    trigger=rb"[&|^]|>>",
)


@dataclass(frozen=True, slots=True)
class Slip:
    """The operator that binds first by mistake, and what was meant."""

    inner: Node  # what the compiler evaluates first
    sign: str  # its operator: "==", "!"
    beside: str  # the operator that was to be first: "&"
    meant: str  # the whole expression with parentheses
    computed: str  # with the inner part as %s


def check(image: FileImage) -> Iterator[Finding]:
    """Every expression whose mask is applied after the comparison or negation."""
    for source, node in places.nodes(image, "binary_expression"):
        slip = _comparison_first(source, node) or _negation_first(source, node)
        if slip is not None:
            yield _finding(image, source, node, slip)


def _comparison_first(source: Source, node: Node) -> Slip | None:
    """``x & K == K``, ``K == x & M``, ``x & A | B == C``."""
    sides = operands(node)
    if not is_binary(node, "&", "|", "^") or sides is None:
        return None
    left, right = sides
    sign = operator(node)
    if is_binary(right, *COMPARISONS) and not _is_truth(source, left, right):
        first, last = operands(right) or sides
        meant = f"({_masked(source, node, first)}) {operator(right)} "
        computed = f"{source.norm(left)} {sign} %s"
        return Slip(right, operator(right), sign, meant + source.norm(last), computed)
    if is_binary(left, *COMPARISONS) and not _is_truth(source, right, left):
        first, last = operands(left) or sides
        mask = f"({source.norm(last)} {sign} {source.norm(right)})"
        meant = f"{source.norm(first)} {operator(left)} {mask}"
        return Slip(
            left, operator(left), sign, meant, f"%s {sign} {source.norm(right)}"
        )
    return None


def _masked(source: Source, node: Node, last: Node) -> str:
    """``x & A | B`` as it was meant, ``x & (A | B)``; else ``x & K``."""
    left, _ = operands(node) or (node, node)
    sides = operands(left)
    if operator(node) == "|" and is_binary(left, "&") and sides is not None:
        mask = f"{source.norm(sides[1])} | {source.norm(last)}"
        return f"{source.norm(sides[0])} & ({mask})"
    return f"{source.norm(left)} {operator(node)} {source.norm(last)}"


def _is_truth(source: Source, other: Node, comparison: Node) -> bool:
    """Whether & or | joins truth values here, as ``a == b & c == d`` does.

    What is no constant and no flags word is given the benefit of the doubt.
    """
    if is_boolean(source, other):
        return True
    if literal(source, other) in (0, 1):
        return True
    sides = operands(comparison) or ()
    masks = any(is_constant(source, side) for side in (other, *sides))
    if operands(other) is not None and is_binary(other, "&", "|"):
        return not masks
    kind = without_parentheses(other).type
    if kind == "call_expression" or operator(other) == "|":
        return not masks
    return False


def _negation_first(source: Source, node: Node) -> Slip | None:
    """``!x & C``, and ``!x >> N`` which is always 0."""
    sides = operands(node)
    sign = operator(node)
    if sides is None or sign not in ("&", ">>") or sides[0].type != "unary_expression":
        return None
    left, right = sides
    argument = left.child_by_field_name("argument")
    if operator(left) != "!" or argument is None or operator(argument) == "!":
        return None
    if is_boolean(source, argument) or not _is_mask(source, right):
        return None
    meant = f"!({source.norm(argument)} {sign} {source.norm(right)})"
    return Slip(left, "!", sign, meant, f"(%s) {sign} {source.norm(right)}")


def _is_mask(source: Source, node: Node) -> bool:
    node = without_parentheses(node)
    if is_constant(source, node):
        return True
    if node.type == "call_expression":
        name, _ = call(source, node)
        return name in ("BIT", "BIT_ULL", "GENMASK", "GENMASK_ULL")
    number = literal(source, node)
    return is_binary(node, "<<") or (number is not None and number > 1)


def _finding(image: FileImage, source: Source, node: Node, slip: Slip) -> Finding:
    inner = source.norm(slip.inner)
    value = None if slip.sign == "!" else constant(image, inner)
    always = _always(image, source, node, slip, value)
    shown = inner if slip.sign == "!" else f"({inner})"
    fields = {
        "test": source.norm(node),
        "inner": inner,
        "operator": slip.beside,
        "comparison": slip.sign,
        "value": None if value is None else str(value),
        "computed": slip.computed % (shown if value is None else value),
        "always": always,
        "suggestion": slip.meant,
    }
    return places.finding(
        image,
        RULE,
        source,
        node,
        fields=fields,
        edits=places.replaced(node, slip.meant),
        severity=_severity(image, node, source, value),
    )


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
