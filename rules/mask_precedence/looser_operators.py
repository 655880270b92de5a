# SPDX-License-Identifier: GPL-2.0-or-later
"""Operators that bind looser than they look: ``?:``, ``=``, and any beside a ``!``.

``A | on ? B : 0`` is ``(A | on) ? B : 0``, as ``a + b ? c : 0`` is ``(a + b) ? c : 0``;
``ret = f() < 0`` gives ret a truth value, and ``!x == 3`` compares one with 3.
"""

from __future__ import annotations

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    COMPARISONS,
    identifier,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    terms_of,
    without_parentheses,
)
from reviewer.kit.truth_values import BOOLS, is_boolean, truth_use, type_of_local
from reviewer.kit.values_as_truth import is_flag, may_be_flag
from reviewer.patterns import regex

# Locals that hold what a function returned, where no declaration is in sight.
RESULT = regex(r"(ret|rc|rv|err|error|retval|status|result|res|fd|len)\d?\Z")
BITWISE = ("|", "<<", ">>")
_LABEL = regex(r"\)\s*&&")
SUMS = ("+", "-", "*", "/")  # x % 2 ? a : b is what everybody writes


class Outer(Struct, frozen=True):
    """An expression whose outer operator takes more than was meant."""

    inner: Node  # what the compiler evaluates first
    sign: str  # its operator
    beside: str  # the operator that was to be first
    meant: str
    computed: tuple[str, str]  # what stands before and behind the inner part
    always: str | None
    proved: bool


def outer_slip(image: FileImage, source: Source, node: Node) -> Outer | None:
    """Returns the slip that an expression is, None for a sound one."""
    if node.type == "conditional_expression":
        return _conditional(image, source, node)
    if node.type == "assignment_expression":
        return _assignment(source, node)
    return _negation(image, source, node)


def _conditional(image: FileImage, source: Source, node: Node) -> Outer | None:
    """``A | on ? B : 0``, ``n << (a == b) ? 1 : 2``."""
    condition = node.child_by_field_name("condition")
    sides = operands(condition) if condition is not None else None
    if condition is None or sides is None:
        return None
    if is_binary(condition, *SUMS):
        return _sum(source, node, condition, sides)
    if not is_binary(condition, *BITWISE):
        return None
    left, right = sides
    sign = operator(condition)
    fixed = [term for term in terms_of(condition, "|") if is_flag(source, term)]
    known = [constant(image, source.norm(term)) for term in fixed]
    always = sign == "|" and any(known)
    if sign == "|" and fixed and not is_flag(source, right):
        likely = any(
            value is None and may_be_flag(image, source, term)
            for value, term in zip(known, fixed, strict=True)
        )
        if not always and not likely:
            return None
    elif sign == "|" or not is_boolean(source, right) or is_boolean(source, left):
        return None  # a | of truth values is a truth value
    truth = "true" if always or fixed else None
    return _outer(source, node, condition, sides, truth, always)


def _sum(
    source: Source, node: Node, condition: Node, sides: tuple[Node, Node]
) -> Outer | None:
    """``off + len ? len : 0``: nobody asks whether a sum is 0 without parentheses.

    A difference is asked for that, as an inequality: it has to end in a truth value, or
    in what is then chosen.
    """
    left, right = sides
    branches = (node.child_by_field_name(n) for n in ("consequence", "alternative"))
    chosen = [source.norm(without_parentheses(one)) for one in branches if one]
    asked = is_boolean(source, right) and not is_boolean(source, left)
    again = source.norm(right) in chosen and literal(source, right) is None
    summed = operator(condition) == "+" and literal(source, right) is None
    flag = [one for one in node.named_children[1:] if is_constant(source, one)]
    if summed and flag and "0" in chosen:
        return None  # a flag that says whether there is an offset is or-ed, not added
    if not (summed or asked or again):  # n + 1 ? asks whether n is not -1
        return None
    return _outer(source, node, condition, sides, None, False)


def _outer(
    source: Source,
    node: Node,
    condition: Node,
    sides: tuple[Node, Node],
    always: str | None,
    proved: bool,
) -> Outer:
    """A ``?:`` that takes all of ``condition``, and was meant for its last operand."""
    left, right = sides
    sign = operator(condition)
    rest = source.norm(node).removeprefix(source.norm(condition))
    meant = f"{source.norm(left)} {sign} ({source.norm(right)}{rest})"
    return Outer(condition, sign, "?:", meant, ("(", f"){rest}"), always, proved)


def _assignment(source: Source, node: Node) -> Outer | None:
    """``if ((ret = f(x) < 0))``."""
    sides = operands(node)
    if operator(node) != "=" or sides is None or not is_binary(sides[1], *COMPARISONS):
        return None
    target, right = sides
    compared = operands(right)
    name = identifier(source, target)
    if name is None or compared is None or truth_use(source, node) is None:
        return None
    if without_parentheses(compared[0]).type != "call_expression":
        return None
    function = source.function_around(node)
    kind = type_of_local(source, function, name) if function is not None else None
    if kind in BOOLS or (kind is None and not RESULT.match(name)):
        return None
    sign = operator(right)
    call = source.norm(compared[0])
    meant = f"({name} = {call}) {sign} {source.norm(compared[1])}"
    return Outer(right, sign, "=", meant, (f"{name} = (", ")"), None, proved=True)


def _negation(image: FileImage, source: Source, node: Node) -> Outer | None:
    """``!x == 3``, ``!len < 16``."""
    sides = operands(node)
    if sides is None or not is_binary(node, *COMPARISONS):
        return None
    left, right = sides
    argument = left.child_by_field_name("argument")
    if left.type != "unary_expression" or operator(left) != "!" or argument is None:
        return None
    if operator(argument) == "!" or is_boolean(source, argument):
        return None
    if argument.type == "cast_expression" and _LABEL.search(source.text(argument)):
        return None  # !(f(x)) && y was read as a cast of the address of a label
    number = literal(source, right)
    if number is None and is_constant(source, right):
        number = constant(image, source.norm(right))
    if number is None or 0 <= number <= 1:
        return None
    sign = operator(node)
    holds = {
        "==": False, "!=": True, "<": number > 1, "<=": number > 1,
        ">": number < 0, ">=": number < 0,
    }[sign]  # fmt: skip
    meant = f"!({source.norm(argument)} {sign} {source.norm(right)})"
    truth = "true" if holds else "false"
    computed = ("(", f") {sign} {source.norm(right)}")
    return Outer(left, "!", sign, meant, computed, truth, proved=True)
