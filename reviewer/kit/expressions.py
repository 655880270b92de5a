# SPDX-License-Identifier: GPL-2.0-or-later
"""Small questions about C expressions.

All functions take tree-sitter nodes and the bytes they were parsed from; the text
that they return is that of the file, never that of the neutralised copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from tree_sitter import Node

from reviewer.c.conditions import integer
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Source
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.patterns import regex

NAMED = ("identifier", "field_expression")  # what stands for an object by its name
COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})
CONSTANT_NAME = regex(r"_*[A-Z][A-Z0-9]*(_\w*)?\Z")  # KPF_KSM, PG_lru, S_IFMT
# a < b says what b > a says
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def operator(node: Node) -> str:
    """Returns the operator of a unary, binary or assignment expression, else ""."""
    found = node.child_by_field_name("operator")
    return found.type if found is not None else ""


def without_parentheses(node: Node) -> Node:
    """Returns the expression inside any number of parentheses."""
    while node.type == "parenthesized_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def without_casts(node: Node) -> Node:
    """Returns the expression without parentheses and casts around it."""
    while True:
        node = without_parentheses(node)
        value = node.child_by_field_name("value")
        if node.type != "cast_expression" or value is None:
            return node
        node = value


def identifier(source: Source, node: Node) -> str | None:
    """Returns the name, where the bare expression is just a name."""
    node = without_casts(node)
    return source.text(node) if node.type == "identifier" else None


def operands(node: Node) -> tuple[Node, Node] | None:
    """Returns both sides of a binary or assignment expression."""
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    return (left, right) if left is not None and right is not None else None


def is_binary(node: Node, *operators: str) -> bool:
    """Says whether it is a binary expression with one of the operators."""
    return node.type == "binary_expression" and operator(node) in operators


def operand_of(node: Node, sign: str) -> Node | None:
    """Returns x of ``!x`` (or ``-x``, ``~x``); None for any other expression."""
    if node.type != "unary_expression" or operator(node) != sign:
        return None
    return node.child_by_field_name("argument")


def around(node: Node) -> Node | None:
    """Returns what an expression stands in, parentheses aside; None at the top."""
    up = node.parent
    while up is not None and up.type == "parenthesized_expression":
        up = up.parent
    return up


def around_casts(node: Node) -> Node | None:
    """Returns what an expression stands in, parentheses and casts aside; None at the
    top."""
    up = around(node)
    while up is not None and up.type == "cast_expression":
        up = around(up)
    return up


def bare_test(source: Source, node: Node) -> Node:
    """Returns the test inside likely(), unlikely() and parentheses."""
    node = without_parentheses(node)
    while node.type == "call_expression":
        name, given = call(source, node)
        if name not in TRANSPARENT or len(given) != 1:
            break
        node = without_parentheses(given[0])
    return node


def zero_test(
    source: Source, node: Node, *, unsigned: bool = False
) -> tuple[Node, bool] | None:
    """Returns what a test asks to be 0 or not, and whether the test holds for 0; None
    where it compares with something else.

    ``!x`` and ``x == NULL`` hold for 0; ``x``, ``x != 0`` and, of what is
    ``unsigned``, ``x > 0`` do not.
    """
    of_zero, node = False, bare_test(source, node)
    while (argument := operand_of(node, "!")) is not None:
        of_zero, node = not of_zero, bare_test(source, argument)
    sides = operands(node)
    if node.type != "binary_expression" or sides is None:
        return node, of_zero
    left, right = sides
    signs = ("==", "!=", ">") if unsigned else ("==", "!=")
    if operator(node) in signs and literal(source, right) == 0:
        return without_parentheses(left), of_zero ^ (operator(node) == "==")
    if operator(node) in ("==", "!=") and literal(source, left) == 0:
        return without_parentheses(right), of_zero ^ (operator(node) == "==")
    return None


def statements(body: Node) -> list[Node]:
    """Returns the statements of a block, comments aside, or the one without braces."""
    if body.type != "compound_statement":
        return [body]
    return [child for child in body.named_children if child.type != "comment"]


def next_statement(statement: Node) -> Node | None:
    """Returns the node behind a statement in its block, comments aside; None at the
    end."""
    after = statement.next_named_sibling
    while after is not None and after.type == "comment":
        after = after.next_named_sibling
    return after


def terms_of(node: Node, sign: str) -> Iterator[Node]:
    """Yields A, B and C of ``A | B | C``, joined by ``sign``; the node itself where it
    has no such operator."""
    left = [node]  # a loop: an expression may have thousands of operators
    while left:
        term = without_parentheses(left.pop())
        sides = operands(term)
        if is_binary(term, sign) and sides is not None:
            left += reversed(sides)
        else:
            yield term


def literal(source: Source, node: Node) -> int | None:
    """Returns the value of an integer literal, ``true``, ``false`` or ``NULL``."""
    node = without_casts(node)
    if node.type in ("true", "false"):
        return int(node.type == "true")
    text = source.text(node)
    if node.type == "null" or text == "NULL":
        return 0
    if node.type != "number_literal":
        return None
    return integer(text)


def constant_name(text: str) -> bool:
    """Says whether a name is spelled as constants are."""
    return CONSTANT_NAME.match(text) is not None


class _Made(Enum):
    """What an expression is made of."""

    LITERALS = 0
    NAMES = 1  # of constants, and literals
    OTHER = 2


_NO_CONSTANT = frozenset({"field_expression", "assignment_expression", "ERROR"})


@once_per_subject
def _made_of(source: Source) -> dict[int, _Made]:
    """By the id of a node: each part of ``a & B & C & D`` is asked about."""
    return {}


def is_constant(source: Source, node: Node) -> bool:
    """Says whether an expression is made of names spelled as constants, and literals.

    ``PG_lru``, ``S_IFMT | 0xff``, ``BIT(PG_lru)``; a literal alone is not meant.
    """
    if node.type == "identifier":
        return CONSTANT_NAME.match(source.text(node)) is not None
    known = _made_of(source)
    stack = [node]
    while stack:
        here = stack[-1]
        parts = here.named_children
        found = [known.get(part.id) for part in parts]
        if here.type in _NO_CONSTANT or _Made.OTHER in found:
            known[here.id] = _Made.OTHER
        elif here.type == "identifier":
            is_name = CONSTANT_NAME.match(source.text(here))
            known[here.id] = _Made.NAMES if is_name else _Made.OTHER
        elif None in found:  # those first, and this one again
            stack += [part for part in parts if part.id not in known]
            continue
        else:
            with_names = _Made.NAMES in found
            known[here.id] = _Made.NAMES if with_names else _Made.LITERALS
        stack.pop()
    return known[node.id] is _Made.NAMES


def object_read(source: Source, node: Node) -> str:
    """Returns a name for the object an expression reads: casts, spaces, wrappers gone.

    ``(unsigned long)READ_ONCE(folio->mapping)`` and ``folio -> mapping`` are both
    "folio->mapping".
    """
    node = without_casts(node)
    if node.type == "call_expression":
        name, arguments = call(source, node)
        if name in TRANSPARENT and len(arguments) == 1:
            return object_read(source, arguments[0])
    return re.sub(r"\s+", "", source.text(node))


def call(source: Source, node: Node) -> tuple[str, tuple[Node, ...]]:
    """Returns name and arguments of a call; the name is "" if it is by a pointer."""
    known = source.calls.get(node.id)
    if known is None:
        known = source.calls[node.id] = _call(source, node)
    return known


def _call(source: Source, node: Node) -> tuple[str, tuple[Node, ...]]:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    name = ""
    if function is not None and function.type == "identifier":
        name = source.text(function)
    if arguments is None:
        return name, ()
    return name, tuple(c for c in arguments.named_children if c.type != "comment")


@once_per_subject
def calls_by_name(source: Source) -> dict[str, list[Node]]:
    """Returns every call of a file, by the name that is called."""
    found: dict[str, list[Node]] = {}
    for node in source.everywhere("call_expression"):
        found.setdefault(call(source, node)[0], []).append(node)
    return found


def cast_to(source: Source, node: Node) -> tuple[str, Node | None]:
    """Returns the type of a cast and what is cast, ("", None) for what is none.

    The grammar reads ``(u8)(x)`` as a call of ``(u8)``.
    """
    if node.type == "cast_expression":
        return type_of_cast(source, node), node.child_by_field_name("value")
    called = node.child_by_field_name("function")
    given = call(source, node)[1]
    if called is None or called.type != "parenthesized_expression" or len(given) != 1:
        return "", None
    return source.norm(without_parentheses(called)), given[0]


def type_of_cast(source: Source, node: Node) -> str:
    """Returns the type that a cast expression names, white space normalised."""
    kind = node.child_by_field_name("type")
    return " ".join(source.text(kind).split()) if kind is not None else ""


def in_error(node: Node) -> bool:
    """Says whether a node lies in, or holds, text that did not parse."""
    if node.has_error:
        return True
    up = node.parent
    while up is not None:
        if up.type == "ERROR":
            return True
        up = up.parent
    return False
