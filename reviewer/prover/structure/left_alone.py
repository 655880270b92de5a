# SPDX-License-Identifier: GPL-2.0-or-later
"""Variables that code which is not understood only looks at: it keeps their values."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.prover.structure.handed_addresses import may_change
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.syntax import bare

_VALUES = frozenset(["binary_expression", "unary_expression", "subscript_expression",
                     "conditional_expression", "cast_expression"])  # fmt: skip


def may_be_set_in(body: OneFunction, node: Node, end: int = -1) -> list[str]:
    """Returns the private variables that code may set, in the order of the text; of a
    loop only up to the byte ``end``."""
    found: dict[str, bool] = {}
    for one in body.source.walk(node, "identifier"):
        name = body.text(one)
        if 0 <= end <= one.start_byte or name not in body.variables:
            continue
        if body.is_private(name):
            found[name] = found.get(name, False) or not _is_only_read(body, one)
    return [name for name, is_set in found.items() if is_set]


def _is_only_read(body: OneFunction, name: Node) -> bool:
    """Whether a variable is no more than read where it stands."""
    node, above = name, name.parent
    while above is not None and above.type == "parenthesized_expression":
        if _is_head(body, above):
            return _is_left_by(body, above, node)
        node, above = above, above.parent
    if above is None:
        return False
    if above.type == "field_expression":  # p->x, not s.x
        is_arrow = any(child.type == "->" for child in above.children)
        return is_arrow and above.child_by_field_name("argument") == node
    if above.type in _VALUES:
        return True
    if above.type == "comma_expression":
        return _of_a_head(body, node)
    call = above.parent if above.type == "argument_list" else None
    callee = None if call is None else call.child_by_field_name("function")
    if call is None or callee is None:
        return False
    called = body.text(callee)
    if callee.type != "identifier" or called in body.variables:
        return True
    if is_function(body.known, called):
        return True
    given = [one for one in above.named_children if one.type != "comment"]
    return not may_change(body.known, called, given.index(node))


def _is_head(body: OneFunction, node: Node) -> bool:
    loop = node.parent
    return (
        loop is not None
        and loop.type == "while_statement"
        and body.source.is_iterator(loop)
        and loop.child_by_field_name("condition") == node
    )


def _of_a_head(body: OneFunction, node: Node) -> bool:
    """Whether a loop of a macro leaves what stands between its commas alone."""
    above = node.parent
    while above is not None and above.type == "comma_expression":
        above = above.parent
    if above is None or above.type != "parenthesized_expression":
        return False
    return _is_head(body, above) and _is_left_by(body, above, node)


def _is_left_by(body: OneFunction, head: Node, node: Node) -> bool:
    loop = head.parent
    if loop is None:
        return False
    name = body.source.text(loop).partition("(")[0].strip()
    given = _between_commas(head.named_children[0])
    places = [place for place, one in enumerate(given) if bare(one) == bare(node)]
    return len(places) == 1 and not may_change(body.known, name, places[0])


def _between_commas(node: Node) -> list[Node]:
    if node.type != "comma_expression":
        return [node]
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return [node]
    return [*_between_commas(left), *_between_commas(right)]
