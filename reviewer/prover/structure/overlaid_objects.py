# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of one variable that are read as a struct which has another layout now.

What is written to an array and read as a struct lies where the struct says: of that a
proof by the names of members says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex

# &v, &v[2]; v, v + 2, which is an address where v is an array
_TAKEN = regex(r"(?<!&)&\s*\(*\s*(\w+)")
_WHOLE = regex(r"(?<![\w.>&])(\w+)(?!\w)(?!\s*(?:\[|\.|->|\())")
_TAG = regex(r"\b(?:struct|union)\s+(\w+)")


def overlaid_object(
    source: Source, function: Function, laid_out: Collection[str]
) -> str:
    """Returns a local variable whose address becomes a pointer in a function that has
    pointers to structs with another layout, "" for none.

    ``laid_out``: the tags of these structs.
    """
    body = function.body
    tags = set(_TAG.findall(source.text(function.node)))
    if body is None or tags.isdisjoint(laid_out):
        return ""
    objects, pointers = _locals(source, body, laid_out)
    if not objects:
        return ""
    for node in source.walk(body, "cast_expression", "assignment_expression"):
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if node.type == "cast_expression":
            kind = node.child_by_field_name("type")
            taken = kind is not None and "*" in source.text(kind)
        else:
            left = node.child_by_field_name("left")
            taken = left is not None and source.text(left) in pointers
        if taken and value is not None and (found := _of(source, value, objects)):
            return found
    for node in source.walk(body, "init_declarator"):
        value, declared = (node.child_by_field_name(f) for f in ("value", "declarator"))
        if value is not None and declared is not None:
            name = source.text(declared).strip("* ")
            if name in pointers and (found := _of(source, value, objects)):
                return found
    return ""


def _of(source: Source, value: Node, objects: Mapping[str, bool]) -> str:
    text = source.text(value)
    taken = [word for word in _TAKEN.findall(text) if word in objects]
    taken += [word for word in _WHOLE.findall(text) if objects.get(word)]
    return taken[0] if taken else ""


def _locals(
    source: Source, body: Node, laid_out: Collection[str]
) -> tuple[dict[str, bool], set[str]]:
    """The variables that hold bytes of their own and are none of these structs, each
    with whether it is an array; the pointers to these structs."""
    objects: dict[str, bool] = {}
    pointers: set[str] = set()
    for node in source.walk(body, "declaration"):
        kind = node.child_by_field_name("type")
        found = _TAG.match(source.text(kind)) if kind is not None else None
        is_one = found is not None and found[1] in laid_out
        for declared in node.children_by_field_name("declarator"):
            if declared.type == "init_declarator":
                inner = declared.child_by_field_name("declarator")
                declared = inner if inner is not None else declared
            names = IDENTIFIER.findall(source.text(declared))
            if declared.type == "pointer_declarator":
                pointers.update(names[:1] if is_one else ())
            elif not is_one:
                is_array = declared.type == "array_declarator"
                objects.update(dict.fromkeys(names[:1], is_array))
    return objects, pointers
