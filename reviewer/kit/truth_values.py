# SPDX-License-Identifier: GPL-2.0-or-later
"""Where an expression is used as a truth value.

``x & K`` in a condition asks "is it non-zero"; ``flags = x & K`` wants the bits.  Only
the first can be the wrong question, so a rule about tests asks here first.
"""

from __future__ import annotations

import re

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.kit.assignments import declared_in
from reviewer.kit.expressions import (
    COMPARISONS,
    call,
    is_binary,
    literal,
    operands,
    operator,
    type_of_cast,
    without_parentheses,
)
from reviewer.patterns import regex

BOOLS = ("bool", "_Bool")
# Macros and functions whose first argument is a condition: include/asm-generic/bug.h,
# include/linux/mmdebug.h, compiler.h, lockdep.h, kunit, fs/xfs/xfs_linux.h.
CONDITION_FIRST = regex(
    r"(VM_)?(WARN|BUG)(_ON)?(_\w+)?|ASSERT\w*|\w*_ASSERT|assert\w*|\w+_assert"
    r"|(un)?likely|KUNIT_(EXPECT|ASSERT)_(TRUE|FALSE)|BUILD_BUG_ON\w*|XFS_IS_CORRUPT"
)
WAITS = regex(r"_*wait_(event|var_event|on_bit)\w*")
PREDICATE_NAME = regex(r"(^|_)(is|has|have|can|should|test|needs?|want)(_|$)", re.I)
CONDITION_HOLDERS = ("if_statement", "while_statement", "do_statement")


class TruthUse(Struct, frozen=True):
    """A test: ``node`` is true if and only if the expression asked for is non-zero,
    or is zero where ``negated``."""

    node: Node
    negated: bool
    explicit: bool  # it is written as a test: !!x, x != 0


def truth_use(source: Source, node: Node, about: str = "") -> TruthUse | None:
    """Says how ``node`` is used as a truth value; None where its bits are wanted.

    ``about`` is a word for what is tested ("ksm"): a function or local named after it
    is taken to hold a truth value, where its type is int.
    """
    use = _spelled(source, node)
    if use.explicit or _is_condition(source, use.node, about):
        return use
    return None


def _spelled(source: Source, node: Node) -> TruthUse:
    """Climb through the ways to write "non-zero": !!x, x != 0, x > 0, (bool)x."""
    use = TruthUse(node, False, False)
    outer = node
    while (up := outer.parent) is not None:
        if up.type == "parenthesized_expression" and not _is_head(up):
            outer = up
            continue
        if up.type == "unary_expression" and operator(up) == "!":
            use = TruthUse(up, not use.negated, True)
        elif up.type == "cast_expression" and type_of_cast(source, up) in BOOLS:
            use = TruthUse(up, use.negated, True)
        elif up.type == "binary_expression" and (sign := _against_zero(source, up)):
            use = TruthUse(up, use.negated ^ (sign == "=="), True)
        else:
            break
        outer = up
    return use


def _is_head(node: Node) -> bool:
    """Whether parentheses belong to an if, while or switch, not to an expression."""
    return node.parent is not None and node.parent.type in (
        *CONDITION_HOLDERS,
        "switch_statement",
    )


def _against_zero(source: Source, comparison: Node) -> str | None:
    """The operator of ``x != 0``, ``x == 0``, ``x > 0``, or of ``0 != x``."""
    sides = operands(comparison)
    sign = operator(comparison)
    if sides is None:
        return None
    left, right = (literal(source, side) for side in sides)
    if right == 0 and sign in ("==", "!=", ">"):
        return sign
    return sign if left == 0 and sign in ("==", "!=") else None


def _is_condition(
    source: Source, node: Node, about: str, *, followed: bool = True
) -> bool:
    """Whether the place that an expression stands in wants a truth value.

    A variable that it is stored in is looked at where it is ``followed``.
    """
    up = node.parent
    if up is None:
        return False
    match up.type:
        case "parenthesized_expression":
            if _is_head(up):
                assert up.parent is not None
                return up.parent.type != "switch_statement"
            return _is_condition(source, up, about, followed=followed)
        case "for_statement":
            return up.child_by_field_name("condition") == node
        case "binary_expression":
            return operator(up) in ("&&", "||")
        case "conditional_expression":
            if up.child_by_field_name("condition") == node:
                return True
            return _is_condition(source, up, about, followed=followed)
        case "cast_expression":
            return _is_condition(source, up, about, followed=followed)
        case "argument_list":
            return _is_condition_argument(source, up, node)
        case "return_statement":
            return returns_truth(source, up, about)
        case "init_declarator" | "assignment_expression":
            return followed and _is_truth_variable(source, up)
    return False


def _is_condition_argument(source: Source, arguments: Node, node: Node) -> bool:
    parent = arguments.parent
    if parent is None or parent.type != "call_expression":
        return False
    name, given = _called(source, parent)
    if name.startswith("read_poll_timeout"):
        return len(given) > 2 and given[2] == node
    if WAITS.fullmatch(name):
        return len(given) > 1 and given[0] != node
    return bool(given) and given[0] == node and bool(CONDITION_FIRST.fullmatch(name))


@once_per_subject
def _called(source: Source, node: Node) -> tuple[str, tuple[Node, ...]]:
    """As ``call``, which lists the arguments: each of thousands asks for them."""
    return call(source, node)


def returns_truth(source: Source, node: Node, about: str) -> bool:
    """Says whether the function around ``node`` returns a truth value."""
    function = source.function_around(node)
    if function is None:
        return False
    kind = returned_type(source, function)
    return kind in BOOLS or (kind == "int" and sounds_like_a_test(function.name, about))


def sounds_like_a_test(name: str, about: str) -> bool:
    """Says whether a name is that of a truth value: ``is_ksm``, ``has_x``, or one with
    the word ``about`` in it, "ksm"."""
    if about and about.lower() in re.split(r"_|(?<=[a-z])(?=[A-Z])", name.lower()):
        return True
    if about and name.lower().endswith(about.lower()):
        return True
    return bool(PREDICATE_NAME.search(name))


def _is_truth_variable(source: Source, assignment: Node) -> bool:
    """Whether ``v = x & K`` stores a truth value.

    A bool does; another local does where every use of it is a test.
    """
    if assignment.type == "assignment_expression":
        if operator(assignment) != "=":
            return False
        target = assignment.child_by_field_name("left")
    else:
        target = assignment.child_by_field_name("declarator")
    if target is None or target.type != "identifier":
        return False
    name = source.text(target)
    function = source.function_around(assignment)
    if function is None:
        return False
    kind = type_of_local(source, function, name)
    if kind is None:
        return False
    return kind in BOOLS or only_tested(source, function, name)


def type_of_local(source: Source, function: Function, name: str) -> str | None:
    """Returns the declared type of a local or parameter, None if it is no such
    thing."""
    return _declared(source, function).get(name)


def returned_type(source: Source, function: Function) -> str:
    """Returns the type of what a function returns, "" for a pointer."""
    declarator = function.node.child_by_field_name("declarator")
    kind = function.node.child_by_field_name("type")
    if declarator is None or declarator.type != "function_declarator" or kind is None:
        return ""
    return source.norm(kind)


@once_per_subject
def _declared(source: Source, function: Function) -> dict[str, str]:
    """The types of all locals and parameters; the first where a name has several."""
    found: dict[str, str] = {}
    for declaration in source.below(
        function.node, "declaration", "parameter_declaration"
    ):
        kind = declaration.child_by_field_name("type")
        if kind is None:
            continue
        for name, levels in declared_in(declaration):
            if "(" not in levels:
                whole = " ".join(source.text(kind).split()) + levels
                found.setdefault(source.text(name), whole)
    return found


@once_per_subject
def _identifiers(source: Source, body: Node) -> dict[str, list[Node]]:
    """The identifiers in a function's body by their names."""
    found: dict[str, list[Node]] = {}
    for node in source.walk(body, "identifier"):
        found.setdefault(source.text(node), []).append(node)
    return found


def parameters(source: Source, function: Function) -> tuple[str, ...]:
    """Returns the names of a function's parameters, "" for one without a name."""
    declarator = function.node.child_by_field_name("declarator")
    if declarator is None:
        return ()
    lists = source.walk(declarator, "parameter_list")
    own = next(lists, None)  # behind it may come those of a parameter that is called
    return tuple(
        next((source.text(n) for n in source.walk(given, "identifier")), "")
        for given in (own.named_children if own is not None else ())
        if given.type == "parameter_declaration"
    )


def only_tested(source: Source, function: Function, name: str) -> bool:
    """Says whether a local is assigned once and each use of it is a test."""
    if function.body is None:
        return False
    uses = assignments = 0
    for node in _identifiers(source, function.body).get(name, ()):
        up = node.parent
        if up is None:
            return False
        if up.type in ("init_declarator", "declaration"):
            assignments += up.type == "init_declarator"
        elif (
            up.type == "assignment_expression"
            and up.child_by_field_name("left") == node
        ):
            assignments += 1
        elif _is_plain_test(source, node):
            uses += 1
        else:
            return False
    return assignments == 1 and uses > 0


def _is_plain_test(source: Source, node: Node) -> bool:
    use = _spelled(source, node)
    if use.explicit:
        return True
    return _is_condition(source, use.node, "", followed=False)


def needs_parentheses(test: Node) -> bool:
    """Says whether a comparison put in the place of ``test`` must be parenthesised."""
    up = test.parent
    if up is None or up.type in ("parenthesized_expression", "argument_list"):
        return False
    if is_binary(up, "&&", "||"):
        return False
    if up.type == "conditional_expression":
        return False
    return up.type in ("binary_expression", "unary_expression", "cast_expression")


def is_boolean(source: Source, node: Node) -> bool:
    """Says whether an expression is written as a truth value: a test, ! or a bool."""
    node = without_parentheses(node)
    if node.type in ("true", "false", "preproc_defined"):
        return True
    if node.type == "unary_expression":
        return operator(node) == "!"
    if node.type == "cast_expression":
        return type_of_cast(source, node) in BOOLS
    sides = operands(node)
    if node.type == "binary_expression" and sides is not None:
        if operator(node) in (*COMPARISONS, "&&", "||"):
            return True
        joined = operator(node) in ("&", "|", "^")
        return joined and all(is_boolean(source, side) for side in sides)
    if node.type == "call_expression":
        name, _ = call(source, node)
        return bool(PREDICATE_NAME.search(name)) or name in ("IS_ENABLED", "test_bit")
    if node.type == "identifier":
        function = source.function_around(node)
        if function is not None:
            return type_of_local(source, function, source.text(node)) in BOOLS
    return False
