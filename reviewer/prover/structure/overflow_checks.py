# SPDX-License-Identifier: GPL-2.0-or-later
"""A sum or product that became one which does not wrap around: ``size_add(a, b)``.

The two differ where that overflows, which is the point of such a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.divergences import (
    NEW,
    OLD,
    Divergence,
    Sides,
    changed_pair,
)
from reviewer.prover.structure.step_words import quoted
from reviewer.prover.syntax import bare

if TYPE_CHECKING:
    from tree_sitter import Node

# include/linux/overflow.h: what each stands for, and what its body asks
_SATURATING = {
    "size_add": ("+", "check_add_overflow"),
    "size_sub": ("-", "check_sub_overflow"),
    "size_mul": ("*", "check_mul_overflow"),
}
_PRODUCTS = ("array_size", "array3_size")  # made of size_mul()


def overflow_of(sides: Sides, one: Divergence) -> tuple[str, tuple[str, ...]] | None:
    """Returns when a sum or product wraps around on the old side alone, and the
    functions by which the new one does not; None where more differs."""
    old, new = one.edit.old, one.edit.new
    if one.edit.kind != CHANGE or one.words or not len(old) == len(new) == 1:
        return None
    found = changed_pair(sides, old[0], new[0])
    if found is None:
        return None
    used: dict[str, None] = {}
    texts = _plain(sides, OLD, found[OLD], used), _plain(sides, NEW, found[NEW], used)
    if texts[OLD] != texts[NEW] or not used:
        return None
    if not sides.is_only_read(OLD, found[OLD]):
        return None
    before = bare(found[OLD])
    told = f"{quoted(sides.sources[OLD].norm(before))} overflows"
    if not _is_of_sizes(before):
        told += " or an operand is negative"
    return told, tuple(f"{name}()" for name in used)


def _is_of_sizes(node: Node) -> bool:
    """Whether each sum and product has a sizeof in it: it is one of size_t."""
    if node.type != "binary_expression":
        return True
    parts = [bare(part) for part in (node.children[0], node.children[-1])]
    has_size = any(part.type == "sizeof_expression" for part in parts)
    return has_size and all(map(_is_of_sizes, parts))


def _plain(sides: Sides, side: int, node: Node, used: dict[str, None]) -> str:
    """An expression with all parentheses, each call that does not wrap around as an
    operator; of the new side, where the tree says so."""
    node = bare(node)
    source, known = sides.sources[side], sides.definitions[side]
    if node.type == "binary_expression" and len(node.children) == 3:
        one, operator, two = node.children
        parts = (_plain(sides, side, part, used) for part in (one, two))
        return f"({f' {source.text(operator)} '.join(parts)})"
    called = node.child_by_field_name("function")
    given = node.child_by_field_name("arguments")
    if side == NEW and called is not None and given is not None:
        name = source.text(called)
        if operation := _operation(known, name):
            used[name] = None
            text = ""
            for part in given.named_children:
                operand = _plain(sides, side, part, used)
                text = f"({text} {operation} {operand})" if text else operand
            return text
    return source.norm(node)


def _operation(known: Definitions, name: str) -> str:
    """The operator that a function stands for, "" where the tree does not say so."""
    if name in _PRODUCTS:
        bodies = [macro.body for macro in known.macros(name)]
        bodies += [one.body for one in known.functions(name)]
        is_product = any("size_mul" in body for body in bodies)
        return "*" if is_product and _operation(known, "size_mul") else ""
    operation, asks = _SATURATING.get(name, ("", ""))
    bodies = [one.body for one in known.functions(name)]
    return operation if bodies and all(asks in body for body in bodies) else ""
