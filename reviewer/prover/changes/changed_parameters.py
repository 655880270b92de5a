# SPDX-License-Identifier: GPL-2.0-or-later
"""A parameter that a change adds or removes: what its callers in the file give it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.c.neutralise_toplevel import syscall_marks
from reviewer.c.source import Function, Source
from reviewer.c.trees import function_declarator
from reviewer.prover.syntax import part_of
from reviewer.utf8 import encode

JUDGED = "its parameters changed; it is judged with its callers"
ANOTHER_CALL = "another macro makes a system call of it"
_CONSTANT = re.compile(r"-?(?:\d\w*|true|false|NULL|[A-Z][A-Z0-9_]*)\Z")


@dataclass(frozen=True, slots=True)
class Signatures:
    """``differ``: one side has a parameter that the other has not.  ``bound``: of
    each side, the parameters that all callers give the same constant."""

    differ: bool = False
    bound: tuple[dict[str, str], dict[str, str]] = ({}, {})


def signatures(
    sources: tuple[Source, Source], one: Function, two: Function
) -> Signatures:
    """Compares the parameters of both sides; callers are looked for in each file."""
    names = [parameters_of(sources[0], one), parameters_of(sources[1], two)]
    if len(names[0]) == len(names[1]) or set(names[0]) == set(names[1]):
        return Signatures()
    bound: list[dict[str, str]] = []
    left = False
    for side, other, source, function in (
        (names[0], names[1], sources[0], one),
        (names[1], names[0], sources[1], two),
    ):
        known = {}
        for place, name in enumerate(side):
            if name in other:
                continue
            given = _given(source, function, place)
            if given is None:
                left = True
            else:
                known[name] = given
        bound.append(known)
    return Signatures(left, (bound[0], bound[1]))


def system_call_macro(function: Function) -> str:
    """Returns the macro that makes a system call of a function, "" for none."""
    return syscall_marks(encode(function.signature))[0]


def parameters_of(source: Source, function: Function) -> list[str]:
    """Returns the names of a function's parameters, in their order."""
    declarator = function_declarator(function.node)
    if declarator is None:
        return []
    found = []
    for child in part_of(declarator, "parameters").named_children:
        at = child.child_by_field_name("declarator")
        while at is not None and at.type != "identifier":
            at = at.child_by_field_name("declarator")
        if at is not None:
            found.append(source.text(at))
    return found


def _given(source: Source, function: Function, place: int) -> str | None:
    """The constant that all calls in the file have at a place; None: no such one."""
    if "static" not in function.signature.split():
        return None  # others call it, too
    values = set()
    for node in _uses(source, function):
        call = node.parent
        if call is None or call.type != "call_expression":
            return None  # a pointer to it is taken
        called = part_of(call, "function")
        arguments = part_of(call, "arguments")
        given = [child for child in arguments.named_children if child.type != "comment"]
        if called.id != node.id or len(given) <= place:
            return None
        values.add(source.norm(given[place]))
    value = values.pop() if len(values) == 1 else ""
    return value if _CONSTANT.match(value) else None


def _uses(source: Source, function: Function) -> Iterator[Node]:
    for node in source.everywhere("identifier"):
        if source.text(node) != function.name:
            continue
        parent = node.parent
        if parent is None or parent.type != "function_declarator":
            yield node
