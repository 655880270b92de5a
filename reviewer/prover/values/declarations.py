# SPDX-License-Identifier: GPL-2.0-or-later
"""What declarations say, with the types that the tree gives them."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.prover.syntax import part_of, snippet
from reviewer.prover.values.c_types import FUNCTION, Types
from reviewer.prover.values.integers import CType


def parameters_of_type(types: Types, function: CType) -> list[CType] | None:
    """Returns the types of the parameters of a function type, None where they are not
    known."""
    if not function.name.startswith(FUNCTION):
        return None
    source = snippet(f"void f{function.name.removeprefix(FUNCTION)};")
    found = []
    for part in source.walk(source.root, "parameter_declaration"):
        declarator = part.child_by_field_name("declarator")
        base = types.base(part, source)
        found.append(types.declared(base, declarator, source)[1])
    return found


def declarations(
    types: Types, node: Node, source: Source
) -> list[tuple[Node | None, str, CType]]:
    """Returns (initialiser or None, name, type) of every variable of a declaration
    node."""
    base = types.base(node, source)
    found = []
    for declarator in node.children_by_field_name("declarator"):
        value = None
        inner = declarator
        if declarator.type == "init_declarator":
            value = declarator.child_by_field_name("value")
            inner = part_of(declarator, "declarator")
        name, ctype = types.declared(base, inner, source)
        found.append((value, name, ctype))
    return found
