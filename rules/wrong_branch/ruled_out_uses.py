# SPDX-License-Identifier: GPL-2.0-or-later
"""Pointers and results used just where a test before says that they cannot be.

``if (!p) p->x``, ``if (!IS_ERR(p)) PTR_ERR(p)``: what the test proves is read off the
conditions on the way (paths.py), the nearest first; a condition that says something
else about the pointer ends the search, and so does whatever may change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.trees import LOOPS
from reviewer.doubts import give_up
from reviewer.fragment import BARE
from reviewer.kit import places
from reviewer.kit.expressions import (
    NAMED,
    around,
    bare_test,
    call,
    object_read,
    operands,
    operator,
    without_parentheses,
    zero_test,
)
from reviewer.kit.logical_chains import NO_READ
from reviewer.kit.paths import CONDITIONS, conditions_on_the_way
from reviewer.kit.truth_values import type_of_local
from reviewer.patterns import regex

_BASE = regex(r"\w+")
MOST_TESTS = 50  # on the way to one use
MOST_SUSPECTS = 40  # of one file: each costs a walk through its function
# include/linux/err.h: what takes the error out of a pointer
ERROR_OF = ("PTR_ERR", "ERR_CAST")
# They name a member without reading it, or may set what they are given.
UNREAD = regex(
    r"[A-Z_0-9]+|_*typeof\w*|\w*_size|\w*sizeof\w*|\w*[aA]lignof\w*|offsetof\w*|container_of\w*"
    r"|\w*entry\w*|\w*each\w*|swap|\w*xchg\w*|get_user|lockdep_\w+|rcu_\w+"
)
SETS = regex(r"\w*each\w*|swap|\w*xchg\w*|get_user|va_arg|[A-Z_0-9]+")
ASKS = ("IS_ERR", "IS_ERR_OR_NULL", "PTR_ERR", "PTR_ERR_OR_ZERO", "WARN_ON", "ERR_CAST")
LOGS = regex(r"\w*_(err|warn|info|dbg|debug|notice|crit|emerg)(_\w+)?|printk")


class Form(StrEnum):
    """What goes wrong."""

    NULL = "null"  # p->x where p is NULL
    CALLED = "called"  # ops->p() where ops->p is NULL
    ERROR = "error"  # p->x where IS_ERR(p)
    VALID = "valid"  # PTR_ERR(p) where p is no error
    ZERO = "zero"  # PTR_ERR(p) where p is NULL


class Wrong(Struct, frozen=True):
    """A use that the test before it rules out."""

    source: Source
    form: Form
    pointer: str
    test: Node  # the condition
    use: Node
    inside: bool  # the use stands in a branch of the test, not behind it


def wrong_uses(image: FileImage) -> Iterator[Wrong]:
    """Yields the uses of pointers in functions in focus that a test before rules out;
    of one test the first use of a kind."""
    seen = set()
    asked = 0
    kinds = ("call_expression", "field_expression", "pointer_expression")
    for source, node in places.nodes(places.with_functions(image), *kinds):
        pointer = _taken(source, node) or _followed(node) or _called(node)
        if pointer is None or not _may_be_ruled_out(source, node, pointer):
            continue
        found = _suspect(source, node, pointer)
        if found is None or (found.test.id, found.form) in seen:
            continue
        asked += 1
        if asked > MOST_SUSPECTS:
            give_up(f"over {MOST_SUSPECTS} uses behind a test of what they use")
            return
        if not _may_be_set(source, found.test, node, found.pointer):
            seen.add((found.test.id, found.form))
            yield found


def _taken(source: Source, node: Node) -> Node | None:
    """p of ``PTR_ERR(p)``."""
    if node.type != "call_expression":
        return None
    name, given = call(source, node)
    if name not in ERROR_OF or len(given) != 1:
        return None
    pointer = without_parentheses(given[0])
    return pointer if pointer.type in NAMED else None


def _called(node: Node) -> Node | None:
    """ops->p of ``ops->p()`` and ``(*ops->p)()``."""
    if node.type != "call_expression":
        return None
    function = node.child_by_field_name("function")
    if function is None:
        return None
    pointer = without_parentheses(function)
    if pointer.type == "pointer_expression" and operator(pointer) == "*":
        pointer = without_parentheses(pointer.named_children[0])
    return pointer if pointer.type == "field_expression" else None


def _followed(node: Node) -> Node | None:
    """p of ``p->x`` and ``*p``."""
    sign = node.child_by_field_name("operator")
    if node.type == "call_expression" or sign is None:
        return None
    if sign.type != ("->" if node.type == "field_expression" else "*"):
        return None
    argument = node.child_by_field_name("argument")
    pointer = without_parentheses(argument) if argument is not None else None
    return pointer if pointer is not None and pointer.type in NAMED else None


def _may_be_ruled_out(source: Source, use: Node, pointer: Node) -> bool:
    """Whether a condition of the function is about the pointer, and it is read."""
    function = source.function_around(use)
    if function is not None:
        name = object_read(source, pointer)
        if name not in _asked_about(source, function):
            return False
    return use.type == "call_expression" or _is_read(source, use)


@once_per_subject
def _asked_about(source: Source, function: Function) -> frozenset[str]:
    """What the conditions of a function name, but for what is only a way to a member:
    no test of ``p->x`` says what p is."""
    found = set()
    for node in source.below(function.node, *CONDITIONS, "binary_expression"):
        if node.type == "binary_expression":
            sides = operands(node) if operator(node) in ("&&", "||") else None
            condition = sides[0] if sides is not None else None
        else:
            condition = node.child_by_field_name("condition")
        for named in source.walk(condition, *NAMED) if condition is not None else ():
            above = named.parent
            if above is None or above.type != "field_expression":
                found.add(object_read(source, named))
    return frozenset(found)


def _is_read(source: Source, node: Node) -> bool:
    """Whether the member is read: no ``&p->x``, no sizeof, no macro that names it."""
    inner, up = node, node.parent
    while up is not None and not up.type.endswith("statement"):
        if up.type in NO_READ:
            return False
        if up.type == "pointer_expression" and operator(up) == "&":
            return False
        if up.type == "call_expression" and up.child_by_field_name("function") != inner:
            name, _ = call(source, up)
            if UNREAD.fullmatch(name):
                return False
        if up.type in ("declaration", "macro_type_specifier", "ERROR"):
            return up.type == "declaration"
        inner, up = up, up.parent
    return True


def _suspect(source: Source, use: Node, pointer: Node) -> Wrong | None:
    """A use that the nearest test of its pointer rules out."""
    name = object_read(source, pointer)
    takes_error = _taken(source, use) is not None
    base = _BASE.match(name)
    for condition in islice(conditions_on_the_way(source, use), MOST_TESTS):
        if base is None or base[0] not in source.text(condition.node):
            continue
        test = bare_test(source, condition.node)
        about = [n for n in source.walk(test, *NAMED) if object_read(source, n) == name]
        if not about and _may_change(source, test, name):
            return None
        if not about:
            continue
        form = _form(source, test, name, condition.holds, takes_error)
        if form is None or _in_one_chain(test, use):
            return None
        if form is Form.NULL and use.type == "call_expression":
            form = Form.CALLED
        return Wrong(source, form, name, test, use, _is_inside(test, use))
    return None


def _form(
    source: Source, test: Node, name: str, holds: bool, takes_error: bool
) -> Form | None:
    """What a test that is true (or false) says of a use of the pointer ``name``."""
    found = zero_test(source, test)
    if found is None:
        return None
    node, holds = found[0], found[1] != holds  # whether what is asked about is not 0
    null: bool | None = None
    error: bool | None = None
    if node.type == "call_expression":
        asked, given = call(source, node)
        if len(given) != 1 or object_read(source, given[0]) != name:
            return None
        if asked == "IS_ERR" or (asked == "IS_ERR_OR_NULL" and not holds):
            error = holds
        elif asked == "IS_ERR_OR_NULL" and not takes_error:
            error = True
    elif object_read(source, node) == name:
        null = not holds
    if takes_error:
        return Form.VALID if error is False else Form.ZERO if null else None
    return Form.NULL if null else Form.ERROR if error else None


def _in_one_chain(test: Node, use: Node) -> bool:
    """Whether both stand in one && or ||, which logical-vs-bitwise looks at."""
    at: Node | None = test
    while at is not None and not at.start_byte <= use.start_byte < at.end_byte:
        at = at.parent
    return at is not None and at.type == "binary_expression"


def _is_inside(test: Node, use: Node) -> bool:
    """Whether a use belongs to the very statement or expression of the test."""
    at: Node | None = test
    kinds = ("if_statement", "while_statement", "conditional_expression")
    while at is not None and at.type not in kinds:
        at = at.parent
    return at is not None and at.end_byte >= use.end_byte


# --- what may change a pointer --------------------------------------------------------


def _may_be_set(source: Source, test: Node, use: Node, name: str) -> bool:
    """Whether a pointer may have changed between a test and a use, or control may
    have come from elsewhere."""
    function = source.function_around(use)
    whole = function.node if function is not None else source.root
    start, end = test.end_byte, use.start_byte
    kinds = ("labeled_statement", "case_statement", "preproc_if", "preproc_ifdef")
    for node in source.walk(whole, *kinds):
        if start <= node.start_byte < end:
            return True
    plain = name.isidentifier()
    if function is not None and function.name != BARE:
        plain = type_of_local(source, function, name) is not None
    for loop in _loops(test, use):
        if _may_change(source, loop, name):
            return True
    for node in source.walk(whole, *NAMED, "call_expression", "assignment_expression"):
        if not start <= node.start_byte < end:
            inside_only = not plain or node.type != "identifier"
            if inside_only or source.text(node) != name or not _by_address(node):
                continue
            return True  # its address is known somewhere: a call may set it
        if node.type == "call_expression":
            called, _ = call(source, node)
            harmless = LOGS.fullmatch(called) or called in ASKS
            if not plain and not harmless:
                return True
        elif node.type != "assignment_expression" and _is_set(source, node, name):
            return True
    return False


def _loops(test: Node, use: Node) -> Iterator[Node]:
    """The loops around a use that the test stands outside of."""
    at = use.parent
    while at is not None and not at.start_byte <= test.start_byte < at.end_byte:
        if at.type in LOOPS:
            yield at
        at = at.parent


def _may_change(source: Source, where: Node, name: str) -> bool:
    return any(_is_set(source, node, name) for node in source.walk(where, *NAMED))


def _is_set(source: Source, node: Node, name: str) -> bool:
    """Whether a mention of a pointer, or of what it is read from, may set it."""
    text = object_read(source, node)
    if text != name and not name.startswith((f"{text}->", f"{text}.")):
        return False
    base, up = node, node.parent
    while up is not None and up.type == "parenthesized_expression":
        base, up = up, up.parent
    if up is None:
        return False
    if up.type in ("update_expression", "init_declarator", "declaration"):
        return (
            up.type == "update_expression"
            or up.child_by_field_name("declarator") == base
        )
    if up.type == "assignment_expression":
        return up.child_by_field_name("left") == base
    if up.type == "argument_list" and up.parent is not None:
        called, _ = call(source, up.parent)
        return bool(SETS.fullmatch(called)) and called not in ASKS
    return _by_address(node)


def _by_address(node: Node) -> bool:
    up = around(node)
    return up is not None and up.type == "pointer_expression" and operator(up) == "&"
