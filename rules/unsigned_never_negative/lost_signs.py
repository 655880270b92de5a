# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a negative value is looked for, returned or kept in a type that has none.

``u32 ret; if (ret < 0)``, ``bool f() { return -EINVAL; }``, and ``bool ret = f();
return ret;`` in a function that returns int.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Function, Source
from reviewer.c.trees import LOOPS
from reviewer.kit import places
from reviewer.kit.assignments import assigned, assignments, declared_in, sets_anew
from reviewer.kit.expressions import (
    MIRRORED,
    around,
    call,
    calls_by_name,
    is_binary,
    literal,
    operand_of,
    operands,
    operator,
    without_casts,
    without_parentheses,
)
from reviewer.kit.truth_values import returned_type
from reviewer.patterns import regex
from reviewer.rules.unsigned_never_negative.integer_types import Integer, integer_type

# include/uapi/asm-generic/errno-base.h, errno.h, include/linux/errno.h
ERROR_NAME = regex(r"E[A-Z0-9]{2,}")
_WORTH_A_LOOK = regex(r"[<>]=?\s*0\b|\b0\s*[<>]=?|-\s*(?:1\b|E[A-Z])|\breturn\b")
# Checks at compile time, and of types: include/linux/build_bug.h, typecheck.h
_COMPILED = regex(r"BUILD_BUG_ON\w*|_*static_assert|typecheck\w*|__builtin_\w+")
_STATUS = regex(r"(ret|rc|err|error|res|result|rv|status|r)\w*")  # names of an error
_NARROW = 32  # bits below which a value is promoted to int and compared as it is
# What reads the result as a mode or a truth, wherever it is: include/linux/sysfs.h
_READ_BY_THE_CORE = ("umode_t",)
_RETURNS_ERRORS = ("int", "long", "ssize_t", "s32")


class Form(StrEnum):
    """What goes wrong."""

    COMPARED = "compared"  # u32 ret; ret < 0
    RETURNED = "returned"  # bool f() { return -EINVAL; }
    KEPT = "kept"  # bool ret = f(); return ret;


class LostSign(Struct, frozen=True):
    """A negative value that its type cannot hold."""

    source: Source
    form: Form
    node: Node
    name: str  # the variable, or the function
    kind: str  # its type as it is written
    type: Integer
    declared: Node
    always: bool = False  # the comparison is always true, not never
    from_call: str = ""  # the function whose error is lost
    error: Node | None = None  # where that function returns it
    loop: bool = False
    harmless: bool = False  # true, and nothing goes wrong today


def lost_signs(image: FileImage) -> Iterator[LostSign]:
    """Yields the negative values that functions in focus look for, return or keep in a
    type without any."""
    source = image.source
    for function in places.functions_in_focus(image):
        if _WORTH_A_LOOK.search(source.text(function.node)):
            yield from _compared(image, function)
            yield from _returned(image, function)
            yield from _kept(image, function)


# --- compared ---------------------------------------------------------------------


def _compared(image: FileImage, function: Function) -> Iterator[LostSign]:
    source = image.source
    for test in source.walk(function.node, "binary_expression"):
        sides = operands(test)
        if operator(test) not in MIRRORED or sides is None:
            continue
        for one, other, sign in (
            (sides[0], sides[1], operator(test)),
            (sides[1], sides[0], MIRRORED[operator(test)]),
        ):
            limit = _constant(source, other)
            variable = _variable(one)
            if limit is None or variable is None:
                continue
            found = _one_comparison(image, function, test, variable, sign, limit)
            if found is not None:
                yield found


def _one_comparison(
    image: FileImage,
    function: Function,
    test: Node,
    variable: Node,
    sign: str,
    limit: int,
) -> LostSign | None:
    source = image.source
    if limit == 0 and sign not in ("<", ">="):
        return None
    name = source.text(variable)
    declared = _declaration(source, function, name)
    given_to = _given_to(source, test)
    if declared is None or any(map(_COMPILED.fullmatch, given_to)):
        return None
    kind = _type_text(source, declared)
    found = integer_type(image.facts, source.path, kind)
    if found is None or found.signed or (limit < 0 and found.bits >= _NARROW):
        return None
    if sign == ">=" and not places.always_built(source, test):
        return None  # a build that takes this way always
    bounded = _is_bounded(source, test, name)
    is_asserted = any(map(str.isupper, given_to))  # WARN_ON(x < 0 || x > MAX)
    if bounded and (limit < 0 or sign not in ("<", ">=") or is_asserted):
        return None
    return LostSign(
        source,
        Form.COMPARED,
        test,
        name,
        kind,
        found,
        declared,
        always=sign in (">=", ">", "!="),
        from_call="" if bounded else _last_call(source, function, test, name),
        loop=_decides_loop(test) and not bounded,
        harmless=bounded,
    )


def _constant(source: Source, node: Node) -> int | None:
    """0, or what is below it: ``-1`` and ``-EINVAL``; of an error the number is -1."""
    node = without_parentheses(node)
    if node.type == "number_literal":
        return 0 if literal(source, node) == 0 else None
    argument = operand_of(node, "-")
    if argument is None:
        return None
    if argument.type == "identifier":
        return -1 if ERROR_NAME.fullmatch(source.text(argument)) else None
    value = literal(source, argument) if argument.type == "number_literal" else None
    return -value if value else None


def _variable(node: Node) -> Node | None:
    """x of ``x``, ``(x = f())`` and ``x--``, which all have the type of x."""
    node = without_parentheses(node)
    if node.type == "assignment_expression":
        node = node.child_by_field_name("left") or node
    elif node.type == "update_expression":
        node = node.child_by_field_name("argument") or node
    return node if node.type == "identifier" else None


def _declaration(source: Source, function: Function, name: str) -> Node | None:
    """The one declaration of a local or parameter that is no pointer and no array."""
    found = [
        (node, levels)
        for node in source.walk(function.node, "declaration", "parameter_declaration")
        for declared, levels in declared_in(node)
        if source.text(declared) == name
    ]
    return found[0][0] if len(found) == 1 and not found[0][1] else None


def _type_text(source: Source, declaration: Node) -> str:
    kind = declaration.child_by_field_name("type")
    return source.norm(kind) if kind is not None else ""


def _given_to(source: Source, test: Node) -> list[str]:
    """The macros and functions in whose arguments a test stands."""
    calls = (up for up in source.parents(test) if up.type == "call_expression")
    return [call(source, up)[0] for up in calls]


def _is_bounded(source: Source, test: Node, name: str) -> bool:
    """Whether a bound on the other side stands beside a test, which takes a negative
    number for the large one it is."""
    chain = test
    for up in source.parents(test):
        if is_binary(up, "&&", "||"):
            chain = up
        elif up.type.endswith("statement") or up.type == "declaration":
            break
    if chain == test:
        return False
    for other in source.walk(chain, "binary_expression"):
        sides = operands(other)
        if other == test or sides is None or operator(other) not in MIRRORED:
            continue
        if operator(other) in ("==", "!="):
            continue
        if any(source.text(without_casts(side)) == name for side in sides):
            return True
    return False


def _last_call(source: Source, function: Function, test: Node, name: str) -> str:
    """The function whose result the variable has, by the last assignment above."""
    called = ""
    for node, target, value in assignments(source, function.node):
        if node.start_byte > test.end_byte:
            break
        if source.text(target) != name:
            continue
        right = without_parentheses(value)
        given = right.type == "call_expression" and sets_anew(node)
        function_named = right.child_by_field_name("function") if given else None
        called = source.norm(function_named) if function_named is not None else ""
    return called


def _decides_loop(test: Node) -> bool:
    inner, up = test, test.parent
    while up is not None:
        if up.type in LOOPS:
            return up.child_by_field_name("condition") == inner
        if up.type.endswith("statement"):
            return False
        inner, up = up, up.parent
    return False


# --- returned ---------------------------------------------------------------------


def _returned(image: FileImage, function: Function) -> Iterator[LostSign]:
    source = image.source
    kind = returned_type(source, function)
    if not kind or function.body is None:
        return
    wanted = []
    for node in source.walk(function.body, "return_statement"):
        value = node.named_children[0] if node.named_children else None
        if value is not None and _is_error(source, value):
            wanted.append(value)
    if not wanted:
        return
    found = integer_type(image.facts, source.path, kind)
    if found is None or found.signed or found.bits >= _NARROW:
        return
    known = found.boolean or kind in _READ_BY_THE_CORE
    if not known and not _is_taken_for_error(source, function.name):
        return
    for value in wanted:
        yield LostSign(
            source, Form.RETURNED, value, function.name, kind, found, function.node
        )


def _is_taken_for_error(source: Source, name: str) -> bool:
    """Whether a caller in the file looks for an error in what a function returns: keeps
    it and asks for less than 0, or returns it from a function of int."""
    for node in calls_by_name(source).get(name, ()):
        function = source.function_around(node)
        if function is None or function.broken:
            continue
        text = source.text(function.node)
        up = around(node)
        if up is None:
            continue
        if is_binary(up, "<"):
            return True
        returns = returned_type(source, function) in _RETURNS_ERRORS
        if up.type == "return_statement" and returns:
            return True
        kept = assigned(up)
        variable = source.text(kept[0]) if kept is not None else ""
        if variable.isidentifier() and re.search(rf"\b{variable}\s*<\s*0\b", text):
            return True
    return False


def _is_error(source: Source, node: Node) -> bool:
    argument = operand_of(without_parentheses(node), "-")
    return (
        argument is not None
        and argument.type == "identifier"
        and ERROR_NAME.fullmatch(source.text(argument)) is not None
    )


# --- kept -------------------------------------------------------------------------


def _kept(image: FileImage, function: Function) -> Iterator[LostSign]:
    """``u8 ret = f();`` and ``return ret;``, where f() of the same file returns -E."""
    source = image.source
    if function.body is None or returned_type(source, function) not in _RETURNS_ERRORS:
        return
    names = {
        source.text(value)
        for node in source.walk(function.body, "return_statement")
        for value in node.named_children[:1]
        if value.type == "identifier"
    }
    for name in sorted(names):
        declared = _declaration(source, function, name)
        if declared is None:
            continue
        kind = _type_text(source, declared)
        if kind in _RETURNS_ERRORS:
            continue
        found = integer_type(image.facts, source.path, kind)
        if found is None or found.signed or _is_asked(source, function, name):
            continue
        harmless = found.bits >= _NARROW
        for node, called in _assigned_calls(source, function, name):
            error = _error_of(source, called)
            if error is None and harmless and _STATUS.fullmatch(name):
                error = _handed_on(source, called)
            if error is not None:
                yield LostSign(
                    source,
                    Form.KEPT,
                    node,
                    name,
                    kind,
                    found,
                    declared,
                    from_call=called,
                    error=error,
                    harmless=harmless,
                )
                break


def _is_asked(source: Source, function: Function, name: str) -> bool:
    """Whether ``name < 0`` stands in a function, which is a remark of its own."""
    text = source.text(function.node)
    return re.search(rf"(?<![\w.>]){re.escape(name)}\s*<\s*0\b", text) is not None


def _assigned_calls(
    source: Source, function: Function, name: str
) -> Iterator[tuple[Node, str]]:
    for node, target, value in assignments(source, function.node):
        right = without_parentheses(value)
        if source.text(target) == name and right.type == "call_expression":
            yield node, call(source, right)[0]


def _error_of(source: Source, name: str) -> Node | None:
    """The first ``return -E...`` of a function of the file that returns int."""
    for node in _returned_by(source, name):
        if _is_error(source, node.named_children[0]):
            return node
    return None


def _handed_on(source: Source, name: str) -> Node | None:
    """``return spi_write(...);`` of a function of the file that returns int, and ends
    in nothing else."""
    ends = _returned_by(source, name)
    calls = all(end.named_children[0].type == "call_expression" for end in ends)
    return ends[0] if ends and calls else None


def _returned_by(source: Source, name: str) -> list[Node]:
    """The statements in which a function of the file that may return errors returns
    something; none for any other function."""
    function = source.function_named(name)
    if function is None or returned_type(source, function) not in _RETURNS_ERRORS:
        return []
    ends = source.walk(function.node, "return_statement")
    return [end for end in ends if end.named_children]
