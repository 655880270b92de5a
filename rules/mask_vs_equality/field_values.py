# SPDX-License-Identifier: GPL-2.0-or-later
"""What an expression is for each value of the field, and what an assignment leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.vocabulary import BUG_IF_TRUE, TRANSPARENT, WARN_IF_TRUE
from reviewer.kit.expressions import (
    call,
    is_constant,
    literal,
    object_read,
    operands,
    operator,
    type_of_cast,
)
from reviewer.rules.mask_vs_equality import known_bits
from reviewer.rules.mask_vs_equality.known_bits import KnownBits

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.rules.mask_vs_equality.value_flow import ValueFlow

SMALL = {"u8": 0xFF, "unsigned char": 0xFF, "__u8": 0xFF, "uint8_t": 0xFF}


def value_of(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    """Returns what an expression is; records it where asked, carries out
    assignments."""
    result = _evaluate(flow, node, state)
    if node.id in flow.wanted and state.possible:
        values = flow.subject.values
        possible = (v for n, v in enumerate(values) if state.possible >> n & 1)
        flow.records[node.id] = SeenValues(
            frozenset(possible), dict(zip(values, result, strict=True))
        )
    return result


def _evaluate(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    match node.type:
        case "parenthesized_expression" | "argument_list" | "comma_expression":
            return _last(flow, node, state)
        case "compound_statement":
            flow.block(node, state)
            return flow.unknown
        case "identifier" | "field_expression" | "subscript_expression":
            return _read(flow, node, state)
        case "number_literal" | "true" | "false" | "null":
            return _all(flow, literal(flow.source, node))
        case "binary_expression":
            return _binary(flow, node, state)
        case "unary_expression":
            return _unary(flow, node, state)
        case "cast_expression":
            return _cast(flow, node, state)
        case "conditional_expression":
            return _choice(flow, node, state)
        case "assignment_expression":
            return _assignment(flow, node, state)
        case "call_expression":
            return _call(flow, node, state)
        case "update_expression" | "pointer_expression":
            return _pointer(flow, node, state)
        case "sizeof_expression" | "offsetof_expression" | "alignof_expression":
            return flow.unknown
    for child in node.named_children:
        flow.statement(child, state)
    return flow.unknown


def _all(flow: ValueFlow, number: int | None) -> Vector:
    if number is None:
        return flow.unknown
    return (known_bits.constant(number),) * len(flow.field)


def operand_values(flow: ValueFlow, node: Node, other: Vector) -> Vector:
    """Returns the values of a constant operand, unknown where the other operand is:
    there its value is not needed."""
    if other == flow.unknown:
        return flow.unknown
    return _all(flow, flow.constant(flow.source.text(node)))


def _last(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    result = flow.unknown
    for child in node.named_children:
        if child.type != "comment":
            result = value_of(flow, child, state)
    return result


def _read(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    name = object_read(flow.source, node)
    if name in state.known:
        return state.known[name]
    if node.type != "identifier":
        for child in node.named_children:
            value_of(flow, child, state)
    return flow.unknown


def _binary(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    sides = operands(node)
    if sides is None:
        return flow.unknown
    sign = operator(node)
    left = value_of(flow, sides[0], state)
    if sign in ("&&", "||"):
        true, false = flow.split(state, left)
        go_on, skip = (true, false) if sign == "&&" else (false, true)
        right = value_of(flow, sides[1], go_on)
        flow.become(state, [go_on, skip])
        return tuple(_logical(sign, a, b) for a, b in zip(left, right, strict=True))
    if is_constant(flow.source, sides[1]):
        right = operand_values(flow, sides[1], left)
    else:
        right = value_of(flow, sides[1], state)
        if is_constant(flow.source, sides[0]):
            left = operand_values(flow, sides[0], right)
    return result_for_each(sign, left, right)


def result_for_each(sign: str, left: Vector, right: Vector) -> Vector:
    """Returns the results of a binary operator, one for each value of the field."""
    return tuple(
        known_bits.binary(sign, a, b) for a, b in zip(left, right, strict=True)
    )


def _unary(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    argument = node.child_by_field_name("argument")
    if argument is None:
        return flow.unknown
    value = value_of(flow, argument, state)
    match operator(node):
        case "!":
            return tuple(known_bits.negate(b) for b in value)
        case "~":
            return tuple(known_bits.invert(b) for b in value)
        case "-":
            zero = known_bits.constant(0)
            return tuple(known_bits.binary("-", zero, b) for b in value)
        case "+":
            return value
    return flow.unknown


def _cast(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    inner = node.child_by_field_name("value")
    if inner is None:
        return flow.unknown
    value = value_of(flow, inner, state)
    kind = type_of_cast(flow.source, node)
    if kind in ("bool", "_Bool"):
        return tuple(known_bits.boolean(b.truth) for b in value)
    if kind in SMALL:
        mask = known_bits.constant(SMALL[kind])
        return tuple(known_bits.binary("&", b, mask) for b in value)
    return value


def _choice(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    condition = node.child_by_field_name("condition")
    then = node.child_by_field_name("consequence")
    other = node.child_by_field_name("alternative")
    if condition is None or other is None:
        return flow.unknown
    result = value_of(flow, condition, state)
    true, false = flow.split(state, result)
    one = value_of(flow, then, true) if then is not None else result
    two = value_of(flow, other, false)
    flow.become(state, [true, false])
    return tuple(_chosen(c, a, b) for c, a, b in zip(result, one, two, strict=True))


def _call(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    name, arguments = call(flow.source, node)
    values = [value_of(flow, argument, state) for argument in arguments]
    if name in TRANSPARENT and len(values) == 1:
        stored = state.known.get(object_read(flow.source, node))
        return stored if stored is not None else values[0]
    if name in WARN_IF_TRUE | BUG_IF_TRUE and values:
        return tuple(known_bits.boolean(b.truth) for b in values[0])
    return flow.unknown


def _pointer(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    """``&x`` lets x change, ``*p`` may be the object itself, ``x++`` changes x."""
    argument = node.child_by_field_name("argument")
    if node.type == "pointer_expression" and operator(node) == "*":
        known = state.known.get(object_read(flow.source, node))
        if known is None and argument is not None:
            value_of(flow, argument, state)
        return known or flow.unknown
    if argument is not None:
        assign_to(flow, argument, flow.unknown, state)
    return flow.unknown


def _assignment(flow: ValueFlow, node: Node, state: KnownState) -> Vector:
    sides = operands(node)
    if sides is None:
        return flow.unknown
    value = value_of(flow, sides[1], state)
    sign = operator(node)
    if sign != "=":
        old = value_of(flow, sides[0], state)
        if is_constant(flow.source, sides[1]):
            value = operand_values(flow, sides[1], old)
        value = result_for_each(sign[:-1], old, value)
    elif object_read(flow.source, sides[0]) == flow.subject.root:
        if is_constant(flow.source, sides[1]):
            value = operand_values(flow, sides[1], flow.field)
    elif sides[0].type != "identifier":
        for child in sides[0].named_children:
            value_of(flow, child, state)
    assign_to(flow, sides[0], value, state)
    return value


def assign_to(flow: ValueFlow, target: Node, value: Vector, state: KnownState) -> None:
    """Notes in a state what an assignment to ``target`` makes known, or unknown."""
    name = object_read(flow.source, target)
    if target.type == "pointer_declarator":
        name = name.lstrip("*")
    root = flow.subject.root
    if name == root:
        _assign_root(flow, value, state)
    elif root.startswith((f"{name}->", f"{name}.", f"{name}[")) or (
        f"({name})" in root or root == f"*{name}"
    ):
        forget_all(flow, state)
    elif value == flow.unknown:
        state.known.pop(name, None)
    else:
        if name in flow.bools:
            value = tuple(known_bits.boolean(b.truth) for b in value)
        state.known[name] = value


def _assign_root(flow: ValueFlow, value: Vector, state: KnownState) -> None:
    """The object changes: its new values follow from what is assigned."""
    mask = flow.subject.mask
    new = 0
    for number, result in enumerate(value):
        if not state.possible >> number & 1:
            continue
        field_value = result.value & mask
        if result.known & mask != mask or field_value not in flow.subject.values:
            new = flow.everything
            break
        new |= 1 << flow.subject.values.index(field_value)
    state.possible = new
    state.known = {flow.subject.root: flow.field}


def forget_all(flow: ValueFlow, state: KnownState) -> None:
    """Makes a state one in which nothing is known but the field's own values."""
    fresh = flow.fresh()
    state.possible, state.known = fresh.possible, fresh.known


def forget_assigned(flow: ValueFlow, loop: Node, state: KnownState) -> None:
    """Forget what a loop assigns anywhere in it."""
    for node in _assigned_in(loop):
        assign_to(flow, node, flow.unknown, state)


def _logical(sign: str, a: KnownBits, b: KnownBits) -> KnownBits:
    stop = sign == "||"  # the truth of the left side that decides
    if a.truth is stop or b.truth is stop:
        return known_bits.boolean(stop)
    if a.truth is None or b.truth is None:
        return known_bits.UNKNOWN_BOOL
    return known_bits.boolean(not stop)


def _chosen(condition: KnownBits, a: KnownBits, b: KnownBits) -> KnownBits:
    if condition.truth is not None:
        return a if condition.truth else b
    known = a.known & b.known & ~(a.value ^ b.value)
    return KnownBits(known, a.value & known)


def _assigned_in(node: Node) -> list[Node]:
    """The targets of assignments, updates and ``&x`` below a node."""
    found = []
    stack = [node]
    while stack:
        here = stack.pop()
        target = None
        if here.type == "assignment_expression":
            target = here.child_by_field_name("left")
        elif here.type == "update_expression" or (
            here.type == "pointer_expression" and operator(here) == "&"
        ):
            target = here.child_by_field_name("argument")
        elif here.type == "init_declarator":
            target = here.child_by_field_name("declarator")
        if target is not None:
            found.append(target)
        stack.extend(here.named_children)
    return found


# --- what is known of a field's values at one place of a function ---------------------

Vector = tuple[KnownBits, ...]  # what an expression is, for each value of the field
Constant = Callable[[str], int | None]  # the value of a constant expression's text


class StudiedField(Struct, frozen=True):
    """The object under study, and the field in it."""

    root: str  # as expressions.key() writes it
    mask: int
    values: tuple[int, ...]  # that the field can have, sorted


class KnownState(Struct):
    """What is known at one point: possible values (a bit set of indices), locals."""

    possible: int
    known: dict[str, Vector]

    def copy(self) -> KnownState:
        return KnownState(self.possible, dict(self.known))


class SeenValues(Struct, frozen=True):
    """What an expression is, and for which values control gets there."""

    possible: frozenset[int]  # values of the field
    results: dict[int, KnownBits]  # by value of the field

    def truth(self, value: int) -> bool | None:
        """Says whether the expression is true for a value; None: not known."""
        return self.results[value].truth
