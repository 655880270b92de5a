# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests whose branch shows that they were meant the other way round.

``if (!ret) { dev_err(..); return ret; }``, ``if (!IS_ERR_OR_NULL(p)) p = get();``, and
``if (!a && !b) return;`` in front of ``a->x``.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.fragment import BARE
from reviewer.kit import places
from reviewer.kit.expressions import (
    NAMED,
    call,
    is_binary,
    object_read,
    operands,
    operator,
    statements,
    terms_of,
    without_parentheses,
    zero_test,
)
from reviewer.kit.paths import jumps_away
from reviewer.kit.truth_values import returned_type
from reviewer.patterns import regex

RESULT = regex(r"(ret|rc|rv|err|error|retval|status|result|res)\d?\Z")
# include/linux/dev_printk.h, printk.h and the many named after them
REPORTS = regex(r"(\w*_)?(err|error|crit|alert|emerg)(_once|_ratelimited)?")
RESULT_TYPES = ("int", "long", "ssize_t", "s32")


class Meant(StrEnum):
    """Which slip."""

    SUCCESS = "success"  # if (!ret) { dev_err(); return ret; }
    DROPPED = "dropped"  # if (!IS_ERR_OR_NULL(p)) p = get();
    EITHER = "either"  # if (!a && !b) return; a->x


class Reversed(Struct, frozen=True):
    """A test and what shows that it is the wrong one."""

    source: Source
    meant: Meant
    name: str
    test: Node
    use: Node


def reversed_tests(image: FileImage) -> Iterator[Reversed]:
    """Yields the tests of functions in focus whose branch shows that the opposite was
    meant, in file order."""
    wide = places.with_functions(image)
    for source, node in places.nodes(wide, "if_statement"):
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        if condition is None or then is None or source.is_iterator(node):
            continue
        test = without_parentheses(condition)
        if node.child_by_field_name("alternative") is not None:
            continue
        found = (
            _success(source, node, test, then)
            or _dropped(source, test, then)
            or _either(source, node, test, then)
        )
        if found is not None:
            yield found


def _negated(source: Source, test: Node) -> Node | None:
    """x of ``!x`` and ``x == 0``."""
    asked = zero_test(source, test)
    return asked[0] if asked is not None and asked[1] else None


def _success(source: Source, node: Node, test: Node, then: Node) -> Reversed | None:
    """An error is reported, and the result that is returned is 0."""
    result = _negated(source, test)
    if result is None or result.type != "identifier":
        return None
    name = source.text(result)
    inside = statements(then)
    if not RESULT.match(name) or len(inside) < 2 or not _returns_number(source, node):
        return None
    last = inside[-1].named_children
    if inside[-1].type != "return_statement" or [source.text(n) for n in last] != [
        name
    ]:
        return None
    if not _is_result_of_call(source, node, name):
        return None
    for statement in inside[:-1]:
        reported = list(source.walk(statement, "call_expression"))
        if statement.type != "expression_statement" or not reported:
            return None
        called, _ = call(source, reported[0])
        if not REPORTS.fullmatch(called):
            return None
    return Reversed(source, Meant.SUCCESS, name, test, inside[-1])


def _is_result_of_call(source: Source, node: Node, name: str) -> bool:
    """Whether the statement before assigns the name what a function returns."""
    before = node.prev_named_sibling
    while before is not None and before.type == "comment":
        before = before.prev_named_sibling
    if before is None or before.type != "expression_statement":
        return False
    assignment = before.named_children[0] if before.named_children else before
    sides = operands(assignment)
    if assignment.type != "assignment_expression" or sides is None:
        return False
    called = without_parentheses(sides[1]).type == "call_expression"
    return called and source.text(sides[0]) == name and operator(assignment) == "="


def _returns_number(source: Source, node: Node) -> bool:
    function = source.function_around(node)
    if function is None or function.name == BARE:
        return True  # of a bare hunk the head is not there
    return returned_type(source, function) in RESULT_TYPES


def _dropped(source: Source, test: Node, then: Node) -> Reversed | None:
    """A good pointer is thrown away, a bad one is kept."""
    asked = _negated(source, test)
    if asked is None or asked.type != "call_expression":
        return None
    name, given = call(source, asked)
    inside = statements(then)
    if name != "IS_ERR_OR_NULL" or len(given) != 1 or len(inside) != 1:
        return None
    assignment = inside[0].named_children[0] if inside[0].named_children else inside[0]
    sides = operands(assignment)
    if assignment.type != "assignment_expression" or sides is None:
        return None
    pointer = object_read(source, given[0])
    right = without_parentheses(sides[1])
    if object_read(source, sides[0]) != pointer or right.type != "call_expression":
        return None
    if any(object_read(source, n) == pointer for n in source.walk(right, *NAMED)):
        return None
    return Reversed(source, Meant.DROPPED, pointer, test, assignment)


def _either(source: Source, node: Node, test: Node, then: Node) -> Reversed | None:
    """``if (!a && !b) return;``, and then a is followed, which may be NULL alone."""
    if not is_binary(test, "&&") or not jumps_away(then):
        return None
    pointers = []
    for operand in terms_of(test, "&&"):
        pointer = _negated(source, operand)
        if pointer is None or pointer.type not in NAMED:
            return None
        pointers.append(object_read(source, pointer))
    if any(one.startswith(f"{two}->") for one in pointers for two in pointers):
        return None  # !p && !p->x crashes before that: logical-vs-bitwise says so
    for name in pointers:
        use = _first_use(source, node, name)
        if use is not None:
            return Reversed(source, Meant.EITHER, name, test, use)
    return None


def _first_use(source: Source, node: Node, name: str) -> Node | None:
    """The first statement behind ``node`` that names a pointer, if it does nothing
    but follow it, in every case."""
    after = node.next_named_sibling
    while after is not None:
        uses = [n for n in source.walk(after, *NAMED) if object_read(source, n) == name]
        if uses:
            first = uses[0].parent
            plain = after.type in ("expression_statement", "declaration")
            if not plain or first is None or first.type != "field_expression":
                return None
            sign = first.child_by_field_name("operator")
            if sign is None or sign.type != "->" or not _is_always_read(first, after):
                return None
            return first
        if after.type in ("labeled_statement", "case_statement", "return_statement"):
            return None
        after = after.next_named_sibling
    return None


def _is_always_read(node: Node, statement: Node) -> bool:
    """Whether a member is read whenever its statement runs: nothing is called with
    it, for that may be a macro."""
    at = node.parent
    while at is not None and at != statement:
        if at.type in (
            "call_expression",
            "conditional_expression",
            "sizeof_expression",
        ):
            return False
        if at.type == "pointer_expression" and operator(at) == "&":
            return False
        if is_binary(at, "&&", "||"):
            return False
        at = at.parent
    return True
