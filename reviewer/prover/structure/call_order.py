# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls in an expression, and which of them are sure to come first."""

from __future__ import annotations

from itertools import pairwise

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.guards_written_out import RESULT
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.structure.reading import may_be_code, may_be_statements

_READS = ("field_expression", "subscript_expression")


def are_statements(body: OneFunction, node: Node, several: bool) -> bool:
    """Says whether the macros in a statement leave it one, or ``several`` of which none
    says what is done with the next."""
    for word in dict.fromkeys(IDENTIFIER.findall(body.source.text(node))):
        if (
            word in body.variables
            or is_print(word)
            or not may_be_code(body.known, word)
        ):
            continue
        if not may_be_statements(body.known, word, several):
            return False
    return True


def is_whole(body: OneFunction, node: Node) -> bool:
    """Says whether all words of some code are in its tree."""
    leaves = (one for one in body.source.walk(node) if not one.child_count)
    said = "".join(body.squeezed(one) for one in leaves if one.type != "comment")
    return said == body.squeezed(node)


def calls_in(body: OneFunction, node: Node) -> list[Node]:
    """The calls in an expression, the outer ones first; what a macro is handed is its
    own."""
    found: list[Node] = []
    for one in body.source.walk(node, "call_expression"):
        inside = any(
            last.start_byte <= one.start_byte < last.end_byte
            and not _calls_function(body, last)
            for last in found
        )
        if not inside:
            found.append(one)
    return found


def _is_inside(node: Node, whole: Node, kind: str) -> bool:
    at: Node | None = node
    while at is not None:
        if at.type == kind:
            return True
        if at == whole:
            return False
        at = at.parent
    return False


def _calls_function(body: OneFunction, node: Node) -> bool:
    callee = node.child_by_field_name("function")
    if callee is None:
        return False
    if callee.type != "identifier":
        return callee.type in ("field_expression", "parenthesized_expression")
    name = body.text(callee)
    return name in body.variables or is_function(body.known, name)


def is_pure(body: OneFunction, call: Node) -> bool:
    """Says whether a call only looks, and at nothing that is observed by itself."""
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "identifier":
        return False
    name, readers = body.text(callee), body.known.readers
    if name in body.variables or not readers.looks_only(name):
        return False
    return not readers.primitives_of(name)


def come_first(body: OneFunction, node: Node, calls: list[Node]) -> bool:
    """Says whether the calls of an expression, of which the outer ones are given first,
    are sure to be made before all else in it, the inner ones first."""
    for outer, inner in pairwise(calls):
        is_in = outer.start_byte <= inner.start_byte < outer.end_byte
        if not is_in or not _calls_function(body, outer):
            return False
    last = calls[-1]
    return all(
        _is_calm(body, one, node)
        for one in body.source.walk(node)
        if one.end_byte <= last.start_byte or one.start_byte >= last.end_byte
    ) and not any(
        body.source.enclosing(last, kind) is not None
        and _is_inside(last, node, kind)
        for kind in ("conditional_expression", "sizeof_expression")
    ) and not _is_behind_choice(body, last, node)  # fmt: skip


def _is_behind_choice(body: OneFunction, call: Node, whole: Node) -> bool:
    at: Node | None = call
    while at is not None and at != whole:
        at = at.parent
        operator = None if at is None else at.child_by_field_name("operator")
        if operator is not None and body.text(operator) in ("&&", "||"):
            return True
    return False


def _is_calm(body: OneFunction, one: Node, whole: Node) -> bool:
    """Whether a part beside a call has the same value before and behind it."""
    if one.type in _READS or (
        one.type == "pointer_expression" and body.text(one)[0] == "*"
    ):
        above = one.parent
        if above is not None and body.text(above).startswith("&"):
            return above.type == "pointer_expression"
        left = whole.child_by_field_name("left")
        base = next(iter(one.named_children), None)
        return left == one and base is not None and base.type == "identifier" and (
            body.is_private(body.text(base))
        )  # fmt: skip
    if one.type != "identifier":
        return True
    name = body.text(one)
    if name == RESULT:
        return True
    if name in body.variables:
        return body.is_private(name)
    above = one.parent
    if above is not None and above.type == "call_expression":
        return True
    if above is not None and body.text(above).startswith("&"):
        return above.type == "pointer_expression"
    return body.is_constant(name) or is_function(body.known, name)


def depth_of(node: Node, inner: Node) -> int:
    """Returns how many parentheses stand around an expression."""
    found = 0
    while node != inner:
        node, found = node.named_children[0], found + 1
    return found


def comma_parts(node: Node | None) -> list[Node]:
    """Returns the expressions that commas divide, in their order."""
    if node is None:
        return []
    if node.type != "comma_expression":
        return [node]
    left, right = (node.child_by_field_name(one) for one in ("left", "right"))
    return [*comma_parts(left), *comma_parts(right)]
