# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a count goes that a loop makes: ``1 << (9 + i)`` with ``i < 33``.

Only of loops whose ends are known numbers, and whose variable nothing else in the
body changes or compares before the shift: a guard may keep the count small.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit.assignments import assignments
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    COMPARISONS,
    identifier,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    without_parentheses,
)

LINEAR = ("+", "-", "*")  # the largest value is at one of the ends


def known_number(image: FileImage, source: Source, node: Node) -> int | None:
    """Returns the value of a literal, or of an expression of literals and constants."""
    number = literal(source, node)
    if number is None and (
        is_constant(source, node) or not any(source.walk(node, "identifier"))
    ):
        number = constant(image, source.norm(node))
    return number


def largest_in_loop(image: FileImage, source: Source, count: Node) -> int | None:
    """Returns the largest value of a count in the loop around it; None where
    not known."""
    name = _variable_of(source, count)
    loop = _loop_of(source, count, name) if name is not None else None
    if name is None or loop is None or _is_guarded(source, loop, count, name):
        return None
    ends = _ends(image, source, loop, name)
    text = source.norm(count)
    word = re.compile(rf"\b{re.escape(name)}\b")
    values = [constant(image, word.sub(f"({end})", text)) for end in ends]
    known = [value for value in values if value is not None]
    return max(known) if known and len(known) == len(values) else None


def _variable_of(source: Source, count: Node) -> str | None:
    """The one name in a count that is no constant, where it grows evenly."""
    names = []
    left = [count]
    while left:
        term = without_parentheses(left.pop())
        sides = operands(term)
        if is_binary(term, *LINEAR) and sides is not None:
            left += sides
        elif term.type == "identifier" and not is_constant(source, term):
            names.append(source.text(term))
        elif literal(source, term) is None and not is_constant(source, term):
            return None
    return names[0] if len(names) == 1 else None


def _loop_of(source: Source, node: Node, name: str) -> Node | None:
    """The innermost for or while loop around a node with a condition on a name."""
    at: Node | None = node
    while at is not None and at.type != "function_definition":
        condition = at.child_by_field_name("condition")
        if at.type in ("for_statement", "while_statement") and condition is not None:
            sides = operands(without_parentheses(condition))
            if sides is not None and identifier(source, sides[0]) == name:
                return at
        at = at.parent
    return None


def _ends(image: FileImage, source: Source, loop: Node, name: str) -> tuple[int, ...]:
    """The first and the last value of a loop's variable; the last alone where only that
    is known, and none where neither is."""
    condition = loop.child_by_field_name("condition")
    update = _update_of(loop)
    condition = without_parentheses(condition) if condition is not None else None
    sides = operands(condition) if condition is not None else None
    if condition is None or update is None or sides is None:
        return ()
    first = _first(image, source, loop, name)
    end = known_number(image, source, sides[1])
    step = source.norm(update).replace(" ", "")
    sign = operator(condition)
    if end is None:
        return ()
    if step in (f"{name}++", f"++{name}", f"{name}+=1") and sign in ("<", "<=", "!="):
        last = end if sign == "<=" else end - 1
        if first is None:
            return (last,)
        return (first, last) if first <= last else ()
    if step in (f"{name}--", f"--{name}", f"{name}-=1") and sign in (">", ">=", "!="):
        last = end if sign == ">=" else end + 1
        return (first, last) if first is not None and first >= last else ()
    return ()


def _update_of(loop: Node) -> Node | None:
    """What a loop does to its variable: of a while loop, by its last statement."""
    if loop.type == "for_statement":
        return loop.child_by_field_name("update")
    body = loop.child_by_field_name("body")
    last = body.named_children[-1:] if body is not None else []
    if not last or last[0].type != "expression_statement":
        return None
    return last[0].named_child(0) if last[0].named_children else None


def _first(image: FileImage, source: Source, loop: Node, name: str) -> int | None:
    """What a loop's variable begins with: ``i = 0``, ``int i = 0``."""
    start = loop.child_by_field_name("initializer")
    if start is None:
        return None
    for _, target, value in assignments(source, start):
        if source.text(target) == name:
            return known_number(image, source, value)
    return None


def _is_guarded(source: Source, loop: Node, count: Node, name: str) -> bool:
    """Whether the body compares the variable before the count, or changes it."""
    body = loop.child_by_field_name("body")
    if body is None:
        return True
    compared = (
        side
        for node in source.walk(body, "binary_expression")
        if operator(node) in COMPARISONS and node.start_byte < count.start_byte
        for side in operands(node) or ()
    )
    update = _update_of(loop)
    changed = (
        node.child_by_field_name("left") or node.child_by_field_name("argument")
        for node in source.walk(body, "assignment_expression", "update_expression")
        if update is None or node.id != update.id
    )
    return any(
        side is not None and _is_about(source, side, name)
        for side in (*compared, *changed)
    )


def _is_about(source: Source, side: Node, name: str) -> bool:
    """Whether one side of a comparison is a name, or a sum with it."""
    return identifier(source, side) == name or _variable_of(source, side) == name
