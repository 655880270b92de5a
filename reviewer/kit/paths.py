# SPDX-License-Identifier: GPL-2.0-or-later
"""What must hold, or must have failed, for control to reach an expression.

The conditions of each ``if``, ``?:``, ``&&`` and ``||`` around it, and of each ``if``
before it that leaves: for rules that look for one particular test.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Source
from reviewer.c.vocabulary import TRUTH_OF_ARGUMENT, WARN_IF_TRUE
from reviewer.kit.expressions import (
    call,
    is_binary,
    operand_of,
    operands,
    operator,
    statements,
    without_parentheses,
)

_LEAVES = (
    "return_statement",
    "goto_statement",
    "break_statement",
    "continue_statement",
)

CONDITIONS = (
    "if_statement",
    "while_statement",
    "for_statement",
    "conditional_expression",
)


class PathCondition(Struct, frozen=True):
    """An expression that is true (or, where not ``holds``, false) on the way."""

    node: Node
    holds: bool


def conditions_on_the_way(source: Source, node: Node) -> Iterator[PathCondition]:
    """Yields the conditions on the way to ``node``, the nearest first, taken apart."""
    for whole, holds in _around(source, node):
        yield from _parts(source, whole, holds)


def _around(source: Source, node: Node) -> Iterator[tuple[Node, bool]]:
    inner, up = node, node.parent
    while up is not None and up.type != "function_definition":
        if up.type in CONDITIONS:
            condition = up.child_by_field_name("condition")
            if condition is not None and condition != inner:
                other = up.child_by_field_name("alternative")
                yield condition, other is None or other != inner
        elif up.type == "binary_expression" and operator(up) in ("&&", "||"):
            sides = operands(up)
            if sides is not None and sides[1] == inner:
                yield sides[0], operator(up) == "&&"
        elif up.type == "compound_statement":
            yield from _left_before(source, up, inner)
        inner, up = up, up.parent


def _left_before(
    source: Source, block: Node, last: Node
) -> Iterator[tuple[Node, bool]]:
    """``if (x) return;`` before ``last`` in its block: x is false behind it."""
    leaving = _leaving(source, block)
    before = bisect_right(leaving, last.start_byte, key=itemgetter(0))
    for number in reversed(range(before)):  # the nearest first
        yield leaving[number][1], False


@once_per_subject
def _leaving(_source: Source, block: Node) -> list[tuple[int, Node]]:
    """The end and the condition of each ``if`` of a block that leaves it."""
    found = []
    for child in block.named_children:
        if child.type != "if_statement" or child.child_by_field_name("alternative"):
            continue
        then = child.child_by_field_name("consequence")
        condition = child.child_by_field_name("condition")
        if then is not None and condition is not None and jumps_away(then):
            found.append((child.end_byte, condition))
    return found


def false_behind(source: Source, statement: Node) -> Iterator[PathCondition]:
    """Yields what must have failed behind an ``if`` that leaves; nothing behind
    another statement."""
    condition = statement.child_by_field_name("condition")
    then = statement.child_by_field_name("consequence")
    if condition is None or then is None or not jumps_away(then):
        return
    if statement.child_by_field_name("alternative") is None:
        yield from _parts(source, condition, holds=False)


def jumps_away(statement: Node) -> bool:
    """Says whether a statement ends in a jump away from what follows it."""
    if statement.type == "compound_statement":
        inside = statements(statement)
        return bool(inside) and jumps_away(inside[-1])
    return statement.type in _LEAVES


def _parts(source: Source, node: Node, holds: bool) -> Iterator[PathCondition]:
    """``a && b`` that holds is a and b; ``!a`` is a that fails; unlikely(a) is a."""
    node = without_parentheses(node)
    sides = operands(node)
    if sides is not None and is_binary(node, "&&" if holds else "||"):
        for side in sides:
            yield from _parts(source, side, holds)
        return
    argument = operand_of(node, "!")
    if argument is not None:
        yield from _parts(source, argument, not holds)
        return
    called, arguments = call(source, node)
    if arguments and (called in TRUTH_OF_ARGUMENT or called in WARN_IF_TRUE):
        yield from _parts(source, arguments[0], holds)
        return
    yield PathCondition(node, holds)


def in_different_arms(one: Node, two: Node) -> bool:
    """Says whether two nodes stand in different arms of one if or ``?:``."""
    arms = dict(_arms(one))
    return any(arms.get(top, arm) != arm for top, arm in _arms(two))


def _arms(node: Node) -> Iterator[tuple[int, str]]:
    inner, up = node, node.parent
    while up is not None:
        if up.type in ("if_statement", "conditional_expression"):
            for arm in ("consequence", "alternative"):
                if up.child_by_field_name(arm) == inner:
                    yield up.id, arm
        elif up.type == "switch_statement":
            return
        inner, up = up, up.parent
