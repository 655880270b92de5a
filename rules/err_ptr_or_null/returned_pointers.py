# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function returns where it fails: NULL or an error pointer.

By its body, where the file has it and all of it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.kit.acquire_release import PAIRS, How
from reviewer.kit.assignments import assignments
from reviewer.kit.expressions import (
    call,
    literal,
    object_read,
    without_parentheses,
    zero_test,
)
from reviewer.kit.paths import conditions_on_the_way

DEEPEST = 3  # functions of the file that return what another returns


def ways_to_fail(
    source: Source, function: Function, depth: int = DEEPEST
) -> dict[str, Node]:
    """Returns what a function may return, by kind, with the first place of each:
    "error", "null", "good" or "unknown"."""
    ways: dict[str, Node] = {}
    assert function.body is not None
    for node in source.below(function.body, "return_statement"):
        for value in node.named_children[:1]:
            for kind in _kinds(source, function, value, depth):
                ways.setdefault(kind, node)
    return ways


def _kinds(
    source: Source, function: Function, value: Node, depth: int
) -> Iterator[str]:
    for arm in _arms(value):
        if arm.type == "identifier" and literal(source, arm) != 0:
            yield from _of_variable(source, function, arm, depth)
        else:
            yield from _of_expression(source, arm, depth)


def _arms(value: Node) -> Iterator[Node]:
    """The values that ``a ? b : c`` may have; of another expression itself."""
    waiting = [value]
    while waiting:
        node = without_parentheses(waiting.pop())
        if node.type != "conditional_expression":
            yield node
            continue
        arms = [node.child_by_field_name(n) for n in ("alternative", "consequence")]
        if None in arms:
            yield node  # a ?: b
        waiting += [arm for arm in arms if arm is not None]


def _of_expression(source: Source, value: Node, depth: int) -> Iterator[str]:
    if literal(source, value) == 0:
        yield "null"
    elif value.type == "pointer_expression":
        yield "good" if source.text(value).startswith("&") else "unknown"
    elif value.type == "call_expression":
        yield from _of_call(source, value, depth)
    else:
        yield "unknown"


def _of_call(source: Source, node: Node, depth: int) -> Iterator[str]:
    name, given = call(source, node)
    if name in ("ERR_PTR", "ERR_CAST", "dev_err_ptr_probe", "dev_err_cast_probe"):
        zero = name == "ERR_PTR" and bool(given) and literal(source, given[0]) == 0
        yield "null" if zero else "error"
        return
    known = PAIRS.get(name)
    if known is not None and known.how in (How.POINTER, How.ERROR_POINTER):
        yield "good"
        if "__GFP_NOFAIL" in source.text(node):
            return  # include/linux/gfp_types.h: it never fails
        yield "null" if known.how is How.POINTER else "error"
        return
    inner = source.function_named(name)
    if inner is None or depth == 0:
        yield "unknown"
    else:
        yield from ways_to_fail(source, inner, depth - 1)


def _of_variable(
    source: Source, function: Function, value: Node, depth: int
) -> Iterator[str]:
    """By what is assigned to it; NULL is ruled out where a test for it leaves."""
    name = source.text(value)
    given = [
        right
        for _, target, right in assignments(source, function.node)
        if source.text(target) == name
    ]
    addresses = source.below(function.node, "pointer_expression")
    given_away = any(object_read(source, at) == f"&{name}" for at in addresses)
    if not given or given_away or not _begins_empty(source, function, name):
        yield "unknown"
        return
    kinds: set[str] = set()
    for right in given:
        for arm in _arms(right):
            if source.text(arm) != name:  # p = more ? next(p) : p
                kinds.update(_of_expression(source, arm, depth))
    refused = _is_refused(source, function, value, "null")
    if refused or _is_used_untested(source.text(function.node), name):
        kinds.discard("null")
    if "error" in kinds and _is_refused(source, function, value, "error"):
        kinds.discard("error")
    yield from sorted(kinds or {"good"})


def _begins_empty(source: Source, function: Function, name: str) -> bool:
    """Whether a name is a local that no caller and no call before has given a value."""
    assert function.body is not None
    for node in source.below(function.body, "declaration"):
        if any(source.text(n) == name for n in source.walk(node, "identifier")):
            first = node.named_children[0]
            return source.text(first) != "static"
    return False


def _is_used_untested(text: str, name: str) -> bool:
    """Whether a function writes through a pointer and never asks whether it is NULL: it
    returns none."""
    asked = rf"!\s*{name}\b(?!\s*->)|\b{name}\s*([=!]=|\?|&&|\|\|)|\(\s*{name}\s*\)"
    used = re.search(rf"\b{name}\s*->", text)
    return used is not None and re.search(asked, text) is None


def _is_refused(source: Source, function: Function, value: Node, kind: str) -> bool:
    """Whether ``if (!v) return ..`` (or goto) stands above a ``return v``."""
    name = source.text(value)
    labels = [n.start_byte for n in source.below(function.node, "labeled_statement")]
    for condition in conditions_on_the_way(source, value):
        if any(condition.node.end_byte < at < value.start_byte for at in labels):
            return False  # a goto may come from before the test
        if _is_assigned_behind(source, function, name, condition.node):
            return False
        node = without_parentheses(condition.node)
        asked_for = zero_test(source, node)
        if kind == "null" and asked_for is not None:
            its = object_read(source, asked_for[0]) == name
            if its and asked_for[1] != condition.holds:
                return True
        if kind == "error" and node.type == "call_expression":
            asked, given = call(source, node)
            about = len(given) == 1 and object_read(source, given[0]) == name
            if asked.startswith("IS_ERR") and about and not condition.holds:
                return True
    return False


def _is_assigned_behind(
    source: Source, function: Function, name: str, test: Node
) -> bool:
    for node in source.below(function.node, "assignment_expression"):
        left = node.child_by_field_name("left")
        behind = node.start_byte > test.end_byte
        if behind and left is not None and source.text(left) == name:
            return True
    return False
