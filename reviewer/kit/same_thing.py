# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether two expressions in two functions of a file name one and the same thing.

``&pdev->dev`` in probe is ``dev`` in remove, where that was made of ``&pdev->dev``;
``priv->clk`` and ``my->clk`` are one, where both point to a struct sensor.
"""

from __future__ import annotations

from collections import Counter

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.kit.assignments import assignments
from reviewer.kit.expressions import object_read
from reviewer.kit.truth_values import parameters, type_of_local
from reviewer.patterns import regex

_FIRST = regex(r"(&?)([A-Za-z_]\w*)(.*)")
DEEPEST = 2  # locals that stand for another expression


def place_of(
    source: Source, function: Function, text: str, depth: int = 0
) -> str | None:
    """Returns an expression with its first name replaced by what that is in every
    function of the file: the struct that it points to, where no other local or
    parameter of the function does, else the number of the parameter. None where it is
    neither, or an element of an array."""
    parts = _FIRST.fullmatch(text)
    if parts is None or "[" in text or "(" in text:
        return None
    address, first, rest = parts.groups()
    kind = type_of_local(source, function, first)
    if kind is None:
        return None
    stands_for = _initial(source, function, first) if depth < DEEPEST else ""
    if stands_for and not address:
        if not rest:
            return place_of(source, function, stands_for, depth + 1)
        if rest.startswith("->") and stands_for.startswith("&"):
            inner = f"{stands_for[1:]}.{rest[2:]}"
            return place_of(source, function, inner, depth + 1)
    pointer = kind.startswith("struct ") and kind.endswith("*")
    if pointer and _types(source, function)[kind] == 1:
        return f"{address}{kind}{rest}"
    given = parameters(source, function)
    if first in given:
        return f"{address}parameter {given.index(first)}{rest}"
    return None


@once_per_subject
def _types(source: Source, function: Function) -> Counter[str]:
    """How many locals and parameters of a function have each type."""
    names = {
        source.text(one)
        for node in source.walk(function.node, "declaration", "parameter_declaration")
        for one in source.walk(node, "identifier")
    }
    kinds = (type_of_local(source, function, name) for name in names)
    return Counter(kind for kind in kinds if kind is not None)


def _initial(source: Source, function: Function, name: str) -> str:
    """``&pdev->dev`` of ``struct device *dev = &pdev->dev;``, "" of a call's result."""
    for node, declared, value in assignments(source, function.node):
        if node.type != "init_declarator" or source.text(declared) != name:
            continue
        named = value.type in ("identifier", "field_expression", "pointer_expression")
        return object_read(source, value) if named else ""
    return ""
