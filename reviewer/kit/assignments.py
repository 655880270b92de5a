# SPDX-License-Identifier: GPL-2.0-or-later
"""What is declared, and what is given a value, by assignments too."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.kit.expressions import operands, operator

ASSIGNMENTS = ("assignment_expression", "init_declarator")


def assigned(node: Node) -> tuple[Node, Node] | None:
    """Returns what an assignment gives a value to, and the value; None for any other
    node.  ``*p = f()`` gives p a value where it declares p, else ``*p``."""
    if node.type == "assignment_expression":
        return operands(node)
    target = declared_name(node)
    value = node.child_by_field_name("value")
    if node.type != "init_declarator" or target is None or value is None:
        return None
    return target, value


def declared_name(node: Node) -> Node | None:
    """Returns what a declarator declares, without the stars in front of it; None for a
    node that has no declarator."""
    target = node.child_by_field_name("declarator")
    while target is not None and target.type == "pointer_declarator":
        target = target.child_by_field_name("declarator")
    return target


_LEVELS = {
    "pointer_declarator": "*", "array_declarator": "[", "function_declarator": "(",
    "parenthesized_declarator": "(",
}  # fmt: skip


def declared_in(declaration: Node) -> Iterator[tuple[Node, str]]:
    """Yields each name that a declaration declares, and what it makes of the type: a
    ``*``, ``[`` or ``(`` a level, the outermost first; ``int (*f)(void)`` is "((*"."""
    for inner in declaration.children_by_field_name("declarator"):
        levels = ""
        name: Node | None = inner
        while name is not None and name.type not in ("identifier", "field_identifier"):
            levels += _LEVELS.get(name.type, "")
            inside = name.child_by_field_name("declarator")
            if name.type == "parenthesized_declarator":
                inside = name.named_child(0)
            name = inside
        if name is not None:
            yield name, levels


def assignments(source: Source, where: Node) -> Iterator[tuple[Node, Node, Node]]:
    """Yields each assignment in a piece of code, ``x |= f()`` too, in its order: the
    node, what is given a value, and the value."""
    whole = where.type == "function_definition"
    for node in (source.below if whole else source.walk)(where, *ASSIGNMENTS):
        found = assigned(node)
        if found is not None:
            yield node, *found


def sets_anew(assignment: Node) -> bool:
    """Says whether the old value is lost: by ``x = f()``, not by ``x |= f()``."""
    return assignment.type == "init_declarator" or operator(assignment) == "="
