# SPDX-License-Identifier: GPL-2.0-or-later
"""Flags put together with a logical operator: ``x &= !A``, ``flags = A || B``.

Where a value is made and no question is asked, ``!``, ``&&`` and ``||`` leave a 0 or 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    call,
    identifier,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import (
    BOOLS,
    CONDITION_FIRST,
    PREDICATE_NAME,
    is_boolean,
    type_of_local,
)
from reviewer.kit.values_as_truth import Logic, Slip, in_directive, is_flag, may_be_flag


def value_slips(image: FileImage) -> Iterator[Logic]:
    """Yields the truth values in focus that are used as a number with bits."""
    kinds = ("binary_expression", "assignment_expression")
    for source, node in places.nodes(image, *kinds):
        sides = operands(node)
        if sides is None or in_directive(source, node):
            continue
        found = None
        if operator(node) in ("&", "&="):
            found = _negated(image, source, node, sides)
        elif operator(node) in ("||", "&&"):
            found = _label(source, node, sides) or _value(image, source, node, sides)
        if found is not None:
            yield found


def _negated(
    image: FileImage, source: Source, node: Node, sides: tuple[Node, Node]
) -> Logic | None:
    """``x & !FLAG``, ``x &= !FLAG``: nothing is left of x."""
    for mask, other in (sides[::-1], sides):
        inner = without_parentheses(mask)
        if inner.type != "unary_expression" or operator(inner) != "!":
            continue
        argument = inner.child_by_field_name("argument")
        if argument is None or not is_flag(source, argument):
            continue
        if is_boolean(source, other) or is_constant(source, other):
            continue
        value = constant(image, source.norm(argument))
        if value == 0 or (value is None and not may_be_flag(image, source, argument)):
            continue
        right = f"{source.norm(other)} {operator(node)} ~{source.norm(argument)}"
        known = value is not None
        return Logic(source, node, Slip.NOT, argument, other, value, right, None, known)
    return None


def _label(source: Source, node: Node, sides: tuple[Node, Node]) -> Logic | None:
    """``case A || B:`` is ``case 1:``."""
    up = node.parent
    if up is None or up.type != "case_statement":
        return None
    if up.child_by_field_name("value") != node:
        return None
    if not all(is_flag(source, side) for side in sides):
        return None
    first, second = (source.norm(side) for side in sides)
    right = f"case {first}: case {second}"
    return Logic(
        source, node, Slip.CASE, sides[1], sides[0], None, right, None, proved=True
    )


def _value(
    image: FileImage, source: Source, node: Node, sides: tuple[Node, Node]
) -> Logic | None:
    """``flags = A || B``, ``f(GFP_KERNEL || __GFP_ZERO)``, ``v = hi << 8 || lo``."""
    if operator(node) != "||" or not _is_wanted_as_value(source, node):
        return None
    if all(is_flag(source, side) for side in sides):
        values = [constant(image, source.norm(side)) for side in sides]
        for side, value in zip(sides, values, strict=True):
            if value in (0, 1, -1):
                return None
            if value is None and not may_be_flag(image, source, side):
                return None
        known = None not in values
    elif any(_is_shifted(source, side) for side in sides):
        known = False
    else:
        return None
    right = f"{source.norm(sides[0])} | {source.norm(sides[1])}"
    return Logic(source, node, Slip.VALUE, sides[1], sides[0], None, right, None, known)


def _is_shifted(source: Source, node: Node) -> bool:
    """``x << 8``: put in its place, to be joined with something by |."""
    node = without_parentheses(node)
    sides = operands(node)
    if not is_binary(node, "<<") or sides is None:
        return False
    count = literal(source, sides[1])
    return (count is not None and count > 0) or is_constant(source, sides[1])


def _is_wanted_as_value(source: Source, node: Node) -> bool:
    """Whether an expression is stored, or handed over, as something other than a
    truth value."""
    up = node.parent
    while up is not None and up.type == "parenthesized_expression":
        node, up = up, up.parent
    if up is None:
        return False
    if up.type == "argument_list" and up.parent is not None:
        called, _ = call(source, up.parent)
        asks = CONDITION_FIRST.fullmatch(called) or "assert" in called
        return bool(called) and not asks and not called.isupper()
    if up.type == "assignment_expression" and operator(up) == "=":
        target = up.child_by_field_name("left")
    elif up.type == "init_declarator":
        target = up.child_by_field_name("declarator")
    else:
        return False
    name = identifier(source, target) if target is not None else None
    if name is None:
        return False
    function = source.function_around(node)
    kind = type_of_local(source, function, name) if function is not None else None
    if kind is None:
        return not PREDICATE_NAME.search(name)
    return kind not in BOOLS
