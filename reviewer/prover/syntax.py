# SPDX-License-Identifier: GPL-2.0-or-later
"""Pieces of C as trees, and the parts of a tree."""

from __future__ import annotations

from functools import lru_cache

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.prover.limits import Unsupported
from reviewer.utf8 import encode


@lru_cache(maxsize=512)
def snippet(text: str) -> Source:
    """Parses a piece of C from the tree by itself."""
    return parse("<snippet>", encode(text))


def part_of(node: Node, name: str) -> Node:
    """Returns the part of a node that the grammar has there always.

    Raises Unsupported where a broken tree has none.
    """
    found = node.child_by_field_name(name)
    if found is None:
        raise Unsupported(f"a {node.type} without its {name}")
    return found


def parent_of(node: Node) -> Node:
    """Returns the node that a node stands in; Unsupported for the top of a tree."""
    if node.parent is None:
        raise Unsupported(f"a {node.type} that stands in nothing")
    return node.parent


def block_of(function: Function) -> Node:
    """Returns the body of a function definition; Unsupported where it has none."""
    if function.body is None:
        raise Unsupported(f"{function.name}() without a body")
    return function.body


def bare(node: Node) -> Node:
    """Returns an expression without the parentheses around it; one with a comment
    inside of them keeps them."""
    while node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def first_token(node: Node) -> str:
    """Returns the type of a node's first child, "" for a node without any."""
    child = node.child(0)
    return "" if child is None else child.type


def only_function(source: Source, name: str) -> Function | None:
    """Returns the function of that name, None where there is none, or several."""
    found = source.functions_named(name)
    return found[0] if len(found) == 1 else None
