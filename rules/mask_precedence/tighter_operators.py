# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions in which another operator binds first than the one that was meant.

C's comparisons bind tighter than ``&``, ``^`` and ``|``; ``!`` binds tighter than all.
"""

from __future__ import annotations

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.kit.expressions import (
    COMPARISONS,
    call,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import is_boolean
from reviewer.patterns import regex


class Slip(Struct, frozen=True):
    """The operator that binds first by mistake, and what was meant."""

    inner: Node  # what the compiler evaluates first
    sign: str  # its operator: "==", "!"
    beside: str  # the operator that was to be first: "&"
    meant: str  # the whole expression with parentheses
    computed: tuple[str, str]  # what stands before and behind the inner part


def slip_in(source: Source, node: Node) -> Slip | None:
    """Returns the slip that a binary expression is, None for a sound one."""
    if _may_be_cast(source, node) or _hides_commas(source, node):
        return None
    return _comparison_first(source, node) or _negation_first(source, node)


def _may_be_cast(source: Source, node: Node) -> bool:
    """Whether ``a == (u32)&b`` was read as ``(a == (u32)) & b``: a type that the parser
    does not know stands in parentheses, and the sign at what it is of."""
    sign = node.child_by_field_name("operator")
    sides = operands(node)
    if sign is None or sides is None or sign.type not in ("&", "*", "-", "+"):
        return False
    if is_constant(source, sides[1]) or literal(source, sides[1]) is not None:
        return False
    before = source.data[node.start_byte : sign.start_byte]
    behind = source.data[sign.end_byte : sign.end_byte + 1]
    return not behind.isspace() and _ENDS_AS_CAST.search(before) is not None


_ENDS_AS_CAST = regex(rb"(?<![\w)\]])\s*\(\s*[A-Za-z_]\w*\s*\)\s*\Z")


def _hides_commas(source: Source, node: Node) -> bool:
    """Whether arguments of a macro were taken together: ``f(a & 7, ==, 0)``."""
    return source.data.count(b",", node.start_byte, node.end_byte) != (
        source.neutral.count(b",", node.start_byte, node.end_byte)
    )


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
        computed = (f"{source.norm(left)} {sign} ", "")
        return Slip(right, operator(right), sign, meant + source.norm(last), computed)
    if is_binary(left, *COMPARISONS) and not _is_truth(source, right, left):
        first, last = operands(left) or sides
        mask = f"({source.norm(last)} {sign} {source.norm(right)})"
        meant = f"{source.norm(first)} {operator(left)} {mask}"
        computed = ("", f" {sign} {source.norm(right)}")
        return Slip(left, operator(left), sign, meant, computed)
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
    return Slip(left, "!", sign, meant, ("(", f") {sign} {source.norm(right)}"))


def _is_mask(source: Source, node: Node) -> bool:
    node = without_parentheses(node)
    if is_constant(source, node):
        return True
    if node.type == "call_expression":
        name, _ = call(source, node)
        return name in ("BIT", "BIT_ULL", "GENMASK", "GENMASK_ULL")
    number = literal(source, node)
    return is_binary(node, "<<") or (number is not None and number > 1)
