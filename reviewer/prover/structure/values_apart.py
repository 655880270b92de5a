# SPDX-License-Identifier: GPL-2.0-or-later
"""One statement that became another: the one expression in it that is another."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.source import Source

_CALL = "call_expression"
_WHOLE = frozenset(["expression_statement", "argument_list", "return_statement",
                    "declaration", "init_declarator", "comment",
                    "parenthesized_expression"])  # fmt: skip


def differing_part(
    sources: tuple[Source, Source], old: Node, new: Node
) -> tuple[Node, Node] | None:
    """Returns the smallest expressions that hold all the difference, None for none."""
    while True:
        pairs = _unlike_children(sources, old, new)
        if pairs is None or len(pairs) != 1:
            break
        first, second = pairs[0]
        if not (first.is_named and second.is_named):
            break
        if first.type in ("comment", "type_descriptor", "string_content"):
            break
        if _is_no_value(old, first):
            break
        old, new = first, second
    if old.type in _WHOLE or new.type in _WHOLE:
        return None
    return old, new


def _is_no_value(above: Node, part: Node) -> bool:
    """Whether a part alone is no expression: what is assigned to, a member's name,
    what & or sizeof stands before."""
    if above.type in ("sizeof_expression", "field_expression", "cast_expression"):
        return True
    if above.type in ("assignment_expression", "update_expression"):
        left = above.child_by_field_name("left")
        return above.type == "update_expression" or part == left
    if above.type == "init_declarator":
        return part != above.child_by_field_name("value")
    if above.type == "pointer_expression":
        return above.children[0].type == "&"
    if above.type == _CALL:
        return part == above.child_by_field_name("function")
    return above.type == "declaration" and part.type != "init_declarator"


def _unlike_children(
    sources: tuple[Source, Source], old: Node, new: Node
) -> list[tuple[Node, Node]] | None:
    """The children that are not the same text, None where they do not go together."""
    if (
        old.type != new.type
        or old.child_count != new.child_count
        or not old.child_count
    ):
        return None
    return [
        (one, two)
        for one, two in zip(old.children, new.children, strict=True)
        if sources[0].norm(one) != sources[1].norm(two)
    ]
