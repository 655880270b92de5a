# SPDX-License-Identifier: GPL-2.0-or-later
"""Which way a function's caller tests the pointer that it was given.

``p = f(); if (!p)`` asks for NULL, ``p = f(); if (IS_ERR(p))`` for an error pointer.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.vocabulary import TRUTH_OF_ARGUMENT, WARN_IF_TRUE
from reviewer.kit import places
from reviewer.kit.assignments import declared_name
from reviewer.kit.expressions import (
    NAMED,
    call,
    is_binary,
    literal,
    object_read,
    operand_of,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import type_of_local
from reviewer.patterns import regex

_ASKS = regex(r"\bIS_ERR|!|\bNULL\b")
_ARMS = ("compound_statement", "else_clause", "if_statement")
_WRAPPERS = TRUTH_OF_ARGUMENT | WARN_IF_TRUE


class Tested(Struct, frozen=True):
    """A pointer that a function returned, and the first test of it."""

    source: Source
    function: Function
    called: str
    call: Node
    pointer: str
    test: Node
    asks_error: bool  # IS_ERR(p), not !p
    negated: bool  # p, !IS_ERR(p)
    other: str = ""  # what is tested in the pointer's place


def tested_results(image: FileImage) -> Iterator[Tested]:
    """Yields the pointers that functions in focus are given by a call and test in one
    way only."""
    source = image.source
    for function in places.functions_in_focus(image):
        if not _ASKS.search(source.text(function.node)):
            continue
        for node in source.below(function.node, "call_expression"):
            found = _tested(source, function, node)
            if found is None or _is_tested_otherwise(found):
                continue
            if found.other and _is_wanted(found):
                continue
            yield found


def _tested(source: Source, function: Function, node: Node) -> Tested | None:
    name, _ = call(source, node)
    kept = _kept_in(source, node) if name else None
    if kept is None:
        return None
    pointer, whole = kept
    condition = _own_condition(whole)
    if condition is None:
        condition = _next_condition(whole)
    if condition is None:
        return None
    for test, asks_error, negated in _asked(source, condition, pointer):
        if asks_error and _is_behind_arms(source, whole, condition):
            return None  # the other arm may well give an error pointer
        return Tested(source, function, name, node, pointer, test, asks_error, negated)
    if condition.parent is None or condition == _own_condition(whole):
        return None
    for test, other, negated in _errors_asked(source, condition):
        return Tested(
            source, function, name, node, pointer, test, False, negated, other
        )
    return None


def _kept_in(source: Source, node: Node) -> tuple[str, Node] | None:
    """The variable that the result is put into as it is, and the assignment."""
    up = node.parent
    while up is not None and up.type in ("parenthesized_expression", "cast_expression"):
        if up.type == "cast_expression" and not _is_to_pointer(source, up):
            return None  # another type may be another thing
        up = up.parent
    if up is None:
        return None
    if up.type == "init_declarator" and up.parent is not None:
        if "__free" in source.text(up.parent):
            return None
        declared = declared_name(up)
        plain = declared == up.child_by_field_name("declarator")
        if declared is None or declared.type != "identifier" or plain:
            return None
        return source.text(declared), up.parent
    if up.type != "assignment_expression" or operator(up) != "=":
        return None
    left = up.child_by_field_name("left")
    if left is None or left.type not in NAMED:
        return None
    name = object_read(source, left)
    if "[" in name or not _may_be_pointer(source, left):
        return None
    return name, up


def _is_to_pointer(source: Source, cast: Node) -> bool:
    kind = cast.child_by_field_name("type")
    return kind is not None and source.text(kind).rstrip().endswith("*")


def _may_be_pointer(source: Source, left: Node) -> bool:
    """A local must be a pointer, of a member the type is not known here."""
    function = source.function_around(left)
    if left.type != "identifier" or function is None:
        return True
    kind = type_of_local(source, function, source.text(left))
    return kind is None or kind.endswith("*")


def _own_condition(assignment: Node) -> Node | None:
    """The condition that an assignment is part of: ``if (!(p = f()))``."""
    at: Node | None = assignment
    while at is not None and at.type not in ("expression_statement", "declaration"):
        if at.parent is not None and at.parent.type == "if_statement":
            return at if at == at.parent.child_by_field_name("condition") else None
        at = at.parent
    return None


def _next_condition(assignment: Node) -> Node | None:
    """The condition of the if that is the very next statement; behind an if whose
    arm ends in the assignment, what follows that if."""
    statement: Node | None = assignment
    while statement is not None and statement.type not in (
        "expression_statement",
        "declaration",
    ):
        statement = statement.parent
    after = statement.next_named_sibling if statement is not None else None
    declares = statement is not None and statement.type == "declaration"
    while after is not None and (
        after.type == "comment" or (declares and after.type == "declaration")
    ):
        after = after.next_named_sibling
    if after is None and statement is not None and not declares:
        after = _behind_arms(statement)
    if after is None or after.type != "if_statement":
        return None
    return after.child_by_field_name("condition")


def _is_behind_arms(source: Source, assignment: Node, condition: Node) -> bool:
    """Whether a condition is that of an if behind the one that assigns."""
    tested = source.enclosing(condition, "if_statement")
    block = source.enclosing(assignment, "compound_statement", "else_clause")
    inside = source.enclosing(assignment, "if_statement")
    if tested is None or inside == tested:
        return False
    return tested.parent != block


def _behind_arms(last: Node) -> Node | None:
    """What follows the outermost if that the last statement of an arm ends."""
    inner, at = last, last.parent
    while at is not None and at.type in _ARMS:
        if at.type == "compound_statement" and inner.next_named_sibling is not None:
            return inner.next_named_sibling
        inner, at = at, at.parent
    return None


def _errors_asked(source: Source, condition: Node) -> Iterator[tuple[Node, str, bool]]:
    """``IS_ERR(x)`` as the whole of a condition: the test, x, whether it is negated."""
    node, negated = without_parentheses(condition), False
    argument = operand_of(node, "!")
    if argument is not None:
        node, negated = without_parentheses(argument), True
    name, given = call(source, node) if node.type == "call_expression" else ("", ())
    if name == "IS_ERR" and len(given) == 1 and given[0].type in NAMED:
        yield node, object_read(source, given[0]), negated


def _asked(
    source: Source, condition: Node, pointer: str
) -> Iterator[tuple[Node, bool, bool]]:
    """What a condition asks about a pointer: the test, whether it asks for an error,
    and whether for a good one."""
    for name, test, asks_error, negated in _all_asked(source, condition):
        if name == pointer:
            yield test, asks_error, negated


def _all_asked(
    source: Source, condition: Node
) -> Iterator[tuple[str, Node, bool, bool]]:
    """The same about every pointer, each by its name."""
    waiting = [(condition, False)]
    while waiting:
        node, negated = waiting.pop()
        node = without_parentheses(node)
        sides = operands(node)
        if is_binary(node, "&&", "||") and sides is not None:
            waiting += [(sides[1], negated), (sides[0], negated)]
        elif (argument := operand_of(node, "!")) is not None:
            waiting.append((argument, not negated))
        elif is_binary(node, "==", "!=") and sides is not None:
            name = _named(source, sides[0])
            if name and literal(source, sides[1]) == 0:
                yield name, node, False, (operator(node) == "!=") ^ negated
        elif node.type == "call_expression":
            called, given = call(source, node)
            if len(given) != 1:
                continue
            if called in _WRAPPERS:
                waiting.append((given[0], negated))
            elif called == "IS_ERR" and (name := _named(source, given[0])):
                yield name, node, True, negated
        elif name := _named(source, node):
            yield name, node, False, not negated


def _named(source: Source, node: Node) -> str:
    """The object that an expression is, or assigns to; "" for another one."""
    node = without_parentheses(node)
    if node.type == "assignment_expression":
        node = node.child_by_field_name("left") or node
    return object_read(source, node) if node.type in NAMED else ""


@once_per_subject
def _calls_about(source: Source, body: Node) -> dict[str, dict[str, int]]:
    """The functions that a body gives nothing but a pointer, by its name, with where
    they do so first."""
    found: dict[str, dict[str, int]] = {}
    for node in source.below(body, "call_expression"):
        name, given = call(source, node)
        about = _named(source, given[0]) if len(given) == 1 else ""
        if about:
            found.setdefault(about, {}).setdefault(name, node.start_byte)
    return found


@once_per_subject
def _asked_about(source: Source, body: Node) -> dict[str, set[bool]]:
    """Whether the conditions of a body ask for an error, by what they ask about."""
    found: dict[str, set[bool]] = {}
    for kind in ("if_statement", "conditional_expression", "while_statement"):
        for node in source.below(body, kind):
            condition = node.child_by_field_name("condition")
            if condition is not None:
                for name, _, asks, _ in _all_asked(source, condition):
                    found.setdefault(name, set()).add(asks)
    return found


@once_per_subject
def _returned(source: Source, body: Node) -> set[str]:
    return {
        _named(source, value)
        for node in source.below(body, "return_statement")
        for value in node.named_children
    }


def _is_tested_otherwise(found: Tested) -> bool:
    """Whether the function asks the other question about the pointer as well, or
    both at once, or uses the error that it is."""
    body = found.function.body
    assert body is not None
    called = _calls_about(found.source, body).get(found.pointer, {}).keys()
    if called & {"IS_ERR_OR_NULL", "PTR_ERR_OR_ZERO"}:
        return True
    if not found.asks_error:
        return "IS_ERR" in called
    return False in _asked_about(found.source, body).get(found.pointer, ())


def _is_wanted(found: Tested) -> bool:
    """Whether the other pointer may well be what is to be tested: it is new to the
    function too, or the one that the call gave is tested or returned somewhere."""
    source, body = found.source, found.function.body
    assert body is not None
    calls = _calls_about(source, body)
    if any(name.startswith("IS_ERR") for name in calls.get(found.pointer, ())):
        return True
    if found.pointer in _returned(source, body) | _asked_about(source, body).keys():
        return True
    given = call(source, found.call)[1]
    return not any(object_read(source, one) == found.other for one in given) and all(
        first >= found.test.start_byte
        for name, first in calls.get(found.other, {}).items()
        if name.startswith("IS_ERR")
    )
