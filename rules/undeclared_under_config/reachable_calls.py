# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the compiler must keep: no condition around them can be a constant.

``if (folio_test_hugetlb(folio))`` is ``if (false)`` where the option is off, and the
call behind it needs no definition.  So a call counts only where every condition on the
way to it hangs on memory, on a parameter or on what a function returns that has no
stub, and where its own function is not left out.  What is not sure is no such call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.conditions import Condition
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.trees import LOOPS
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.kit.assignments import assignments
from reviewer.kit.expressions import (
    COMPARISONS,
    call,
    identifier,
    is_binary,
    literal,
    operand_of,
    operands,
    operator,
    without_casts,
)
from reviewer.utf8 import decode, encode

if TYPE_CHECKING:
    from reviewer.facts import Facts

_MOST_CALLERS = 3  # of static functions, one calling the other
_MOST_NESTED = 12  # operators of one condition
_JUMPS = ("return_statement", "goto_statement", "break_statement", "continue_statement")
_CALM = frozenset(
    {
        "expression_statement",
        "declaration",
        "init_declarator",
        "assignment_expression",
        "return_statement",
        "parenthesized_expression",
        "cast_expression",
        "unary_expression",
        "comma_expression",
        "labeled_statement",
        "else_clause",
        "do_statement",
        "pointer_expression",
        "field_expression",
        "subscript_expression",
        "compound_statement",
        "case_statement",
        "preproc_ifdef",
        "preproc_if",
        "preproc_else",
        "preproc_elif",
    }
)
_ERROR_TESTS = ("IS_ERR", "IS_ERR_OR_NULL", "PTR_ERR", "ERR_PTR")  # of their argument
# walks over what is in memory: include/linux/list.h
_WALKS = ("list_for_each", "hlist_for_each", "llist_for_each", "rb_for_each")


def conditions_if_sure(
    image: FileImage, node: Node, depth: int = _MOST_CALLERS
) -> Condition | None:
    """Returns the #if stacks on the way to a call that is there for sure, joined.

    None where it, or the function around it, may be left out.
    """
    source = image.source
    function = source.function_around(node)
    if function is None or function.broken or not _stays(image, function, node):
        return None
    own: Condition = source.condition(source.line_of(node))
    if "static" not in function.signature.split("(")[0].split():
        return own if "inline" not in function.signature else None
    if depth == 0:
        return None
    for use in _uses_of(source, function.name):
        if (
            function.node.start_byte <= use.start_byte
            and use.end_byte <= function.node.end_byte
        ):
            continue
        around = _when_used(image, use, depth)
        if around is not None:
            return own & around
    return None


@once_per_subject
def _uses_of(source: Source, name: str) -> list[Node]:
    """Every place of a name in a file: most files need not be walked for it."""
    word = encode(name)
    found = []
    for match in re.finditer(rb"\b%s\b" % re.escape(word), source.data):
        node = source.root.descendant_for_byte_range(*match.span())
        if node is not None and node.type == "identifier":
            found.append(node)
    return found


def _when_used(image: FileImage, use: Node, depth: int) -> Condition | None:
    """The same for what needs a static function: a call, or an entry of a table."""
    up = use.parent
    if up is None:
        return None
    if up.type == "call_expression" and up.child_by_field_name("function") == use:
        return conditions_if_sure(image, up, depth - 1)
    if up.type == "initializer_pair":
        return _when_table_used(image, use)
    return None


def _when_table_used(image: FileImage, use: Node) -> Condition | None:
    """When a driver is registered that has a function as its entry:
    ``static struct x_driver a = { .probe = f }; module_x_driver(a);``."""
    source = image.source
    whole = source.enclosing(use, "init_declarator")
    if whole is None or source.enclosing(use, "call_expression") is not None:
        return None
    name = whole.child_by_field_name("declarator")
    if name is None or name.type != "identifier":
        return None
    word = source.text(name)
    for line, words in _registrations(source):
        if [w.rstrip(");,") for w in words[1:3]] == ["(", word]:
            own: Condition = source.condition(line)
            around: Condition = source.condition(source.line_of(use))
            return own & around
    return None


@once_per_subject
def _registrations(source: Source) -> list[tuple[int, list[str]]]:
    """The lines that begin with a call of a macro that registers a driver, as words."""
    found = []
    for line, text in enumerate(source.data.split(b"\n"), 1):
        if text.lstrip().startswith((b"module_", b"builtin_")):
            found.append((line, decode(text).replace("(", " ( ").split()))
    return found


# --- the way to a place ---------------------------------------------------------------


def _stays(image: FileImage, function: Function, node: Node) -> bool:
    """Whether no condition in its function can be known to keep a node from running."""
    at = node
    while (up := at.parent) is not None and at.id != function.node.id:
        if not _is_passed(image, at, up):
            return False
        at = up
    return True


def _is_passed(image: FileImage, at: Node, up: Node) -> bool:
    """Whether one step inwards, from a node to what is in it, is certain: asked once,
    for the calls of a function stand in the same blocks."""
    known = _steps_of(image.source).setdefault(image.facts, {})
    key = (at.id, up.id)
    if key not in known:
        known[key] = _is_sure_step(image, at, up)
    return known[key]


@once_per_subject
def _steps_of(
    source: Source,
) -> WeakKeyDictionary[Facts, dict[tuple[int, int], bool]]:
    """What is known of the steps in a file, for each state of the tree."""
    return WeakKeyDictionary()


def _is_sure_step(image: FileImage, at: Node, up: Node) -> bool:
    condition = up.child_by_field_name("condition")
    inside = condition is not None and at.id != condition.id
    match up.type:
        case "function_definition":
            return True
        case "if_statement":
            wanted = up.child_by_field_name("alternative") != at
            return not inside or _is_open(image, condition, wanted)
        case "conditional_expression":
            wanted = up.child_by_field_name("consequence") == at
            return not inside or _is_open(image, condition, wanted)
        case "while_statement":
            if image.source.is_iterator(up):
                return image.source.text(up).startswith(_WALKS)
            return not inside or _is_open(image, condition, True)
        case "for_statement":
            if condition is None or up.child_by_field_name("initializer") == at:
                return True
            return not inside or _is_open(image, condition, True)
        case "switch_statement":
            return not inside or _varies(image, condition, _MOST_NESTED)
        case "binary_expression":
            sides = operands(up)
            if operator(up) in ("&&", "||") and sides is not None and sides[1] == at:
                return _is_open(image, sides[0], operator(up) == "&&")
            return True
        case "argument_list" | "call_expression":
            return up.type == "argument_list" or _is_evaluated(image, at, up)
    if up.type not in _CALM:
        return False
    return at.type == "case_statement" or _is_reached(image, at, up)


def _is_evaluated(image: FileImage, at: Node, around: Node) -> bool:
    """Whether what stands in the arguments of a call is computed: of a macro it may
    not be."""
    name, _ = call(image.source, around)
    if around.child_by_field_name("function") == at or name in TRANSPARENT:
        return True
    return bool(name) and not image.facts.define(name, near=image.source.path)


def _is_reached(image: FileImage, at: Node, block: Node) -> bool:
    """Whether what stands before a node in its block need not leave it."""
    for before in block.named_children:
        if before.start_byte >= at.start_byte:
            return True
        if not _may_end(image, before):
            return False
    return True


def _may_end(image: FileImage, statement: Node) -> bool:
    """Whether what follows a statement is reached, as far as conditions tell."""
    source = image.source
    kinds = _JUMPS if statement.type not in LOOPS else _JUMPS[:2]
    if not _holds(source, statement, kinds):
        return True
    if statement.type != "if_statement":
        return False
    leaves = [
        part is not None and _holds(source, part, _JUMPS)
        for part in (
            statement.child_by_field_name("consequence"),
            statement.child_by_field_name("alternative"),
        )
    ]
    condition = statement.child_by_field_name("condition")
    if leaves == [True, True]:
        return False
    return _is_open(image, condition, leaves == [False, True])


@once_per_subject
def _holds(source: Source, part: Node, kinds: tuple[str, ...]) -> bool:
    return next(source.walk(part, *kinds), None) is not None


# --- conditions -----------------------------------------------------------------------


def _is_open(
    image: FileImage, node: Node | None, wanted: bool, depth: int = _MOST_NESTED
) -> bool:
    """Whether a condition can turn out as wanted, whatever the options are."""
    if node is None or depth == 0:
        return False
    source = image.source
    node = without_casts(node)
    number = literal(source, node)
    if number is not None:
        return bool(number) is wanted
    sides = operands(node)
    argument = operand_of(node, "!")
    if argument is not None:
        return _is_open(image, argument, not wanted, depth - 1)
    if is_binary(node, "&&", "||") and sides is not None:
        found = [_is_open(image, side, wanted, depth - 1) for side in sides]
        return all(found) if (operator(node) == "&&") is wanted else any(found)
    if node.type == "call_expression":
        name, given = call(source, node)
        if name in TRANSPARENT and len(given) == 1:
            return _is_open(image, given[0], wanted, depth - 1)
        if name not in _ERROR_TESTS:
            from reviewer.rules.undeclared_under_config.functions_seen import may_return

            return may_return(image.facts, source.path, name, wanted)
    return _varies(image, node, depth)


def _varies(image: FileImage, node: Node | None, depth: int) -> bool:
    """Whether the compiler cannot know a value, nor whether it is 0."""
    if node is None or depth == 0:
        return False
    source = image.source
    node = without_casts(node)
    from reviewer.rules.undeclared_under_config.functions_seen import may_return

    match node.type:
        case "identifier":
            return _is_given(image, node, depth)
        case "field_expression":
            return operator(node) == "->" or _varies(
                image, node.child_by_field_name("argument"), depth - 1
            )
        case "pointer_expression" | "unary_expression":
            if operator(node) == "&":
                return False
            return _varies(image, node.child_by_field_name("argument"), depth - 1)
        case "assignment_expression" if operator(node) == "=":
            return _varies(image, node.child_by_field_name("right"), depth - 1)
        case "binary_expression":
            return _of_two_varies(image, node, depth)
        case "call_expression":
            name, given = call(source, node)
            if name in (*TRANSPARENT, *_ERROR_TESTS) and len(given) == 1:
                return _varies(image, given[0], depth - 1)
            return all(
                may_return(image.facts, source.path, name, either)
                for either in (True, False)
            )
    return False


def _of_two_varies(image: FileImage, node: Node, depth: int) -> bool:
    source = image.source
    sides = operands(node)
    if sides is None or operator(node) in ("&&", "||"):
        return False
    vary = [_varies(image, side, depth - 1) for side in sides]
    if all(vary):
        return True
    if not any(vary) or operator(node) in ("|", "^"):
        return False
    other = sides[vary.index(False)]
    from reviewer.kit.values_as_truth import is_constant_or_number

    if not is_constant_or_number(source, other):
        return False
    if operator(node) in ("==", "!=", ">>"):
        return True
    from reviewer.kit.constants import constant

    value = constant(image, source.norm(other))
    if operator(node) in COMPARISONS:
        return value is not None and (value != 0 or _is_signed(image, sides))
    return operator(node) == "&" and bool(value)


def _is_signed(image: FileImage, sides: tuple[Node, ...]) -> bool:
    """Whether one of the sides is a local that may be negative."""
    from reviewer.kit.truth_values import type_of_local

    source = image.source
    function = source.function_around(sides[0])
    names = [identifier(source, side) for side in sides]
    return function is not None and any(
        type_of_local(source, function, name) in ("int", "long", "ssize_t")
        for name in names
        if name is not None
    )


def _is_given(image: FileImage, node: Node, depth: int) -> bool:
    """Whether a name is a parameter of a function that others call, or a local that is
    only ever given what varies."""
    from reviewer.kit.truth_values import parameters, type_of_local

    source = image.source
    function = source.function_around(node)
    name = source.text(node)
    if function is None or type_of_local(source, function, name) is None:
        return False
    if name in parameters(source, function):
        if "static" not in function.signature.split("(")[0].split():
            return True
        return all(  # static, and called by way of a table alone
            not source.text(use).startswith(f"{function.name}(")
            for use in source.everywhere("call_expression")
        )
    values = _values_of(source, function).get(name, [])
    return bool(values) and all(_varies(image, value, depth - 1) for value in values)


@once_per_subject
def _values_of(source: Source, function: Function) -> dict[str, list[Node]]:
    """What each name is given in a function."""
    found: dict[str, list[Node]] = {}
    for _, target, value in assignments(source, function.node):
        found.setdefault(source.text(target), []).append(value)
    return found
