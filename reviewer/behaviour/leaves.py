"""The independent variables in a formula, sorted by who can answer for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from reviewer.behaviour.places import FIELD
from reviewer.behaviour.solve import Leaf

_STRUCTURE = ("write ", "after ", "world", "memory ", FIELD, "zone and node", "type data")


def parts(*exprs: Any) -> dict[int, Any]:
    """All sub-terms, by id."""
    seen: dict[int, Any] = {}
    stack = list(exprs)
    while stack:
        expr = stack.pop()
        key = expr.get_id()
        if key in seen:
            continue
        seen[key] = expr
        stack.extend(expr.children())
    return seen


def leaves_of(terms: dict[int, Any]) -> Iterator[Leaf]:
    """The leaves among the terms."""
    for expr in terms.values():
        leaf = _leaf(expr)
        if leaf is not None:
            yield leaf


def _leaf(expr: Any) -> Leaf | None:
    if not z3.is_app(expr):
        return None
    if not (z3.is_bool(expr) or z3.is_bv(expr)):
        return None
    kind = expr.decl().kind()
    if kind == z3.Z3_OP_SELECT:
        array = expr.arg(0)
        if z3.is_app(array) and array.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            name = array.decl().name().removeprefix("memory ").partition(":")[0]
            if array.num_args() == 0:
                return Leaf(expr, name, "memory")
            return Leaf(expr, f"->{name}", "unknown")
        return None
    if kind != z3.Z3_OP_UNINTERPRETED:
        return None
    name = expr.decl().name()
    if name.startswith(_STRUCTURE[:3]) or name.startswith(FIELD):
        return None
    if name.startswith("input "):
        return Leaf(expr, name.removeprefix("input "), "input")
    if z3.is_bool(expr) and expr.num_args() == 0:
        return None if name.startswith(("assume ", "literal ")) else Leaf(
            expr, name, "option"
        )
    if expr.num_args() and expr.arg(0).sort().name() == "World" and (
        name.startswith("PG_") or name in ("page type", "mapcount", "type data", "zone and node")
    ):
        return Leaf(expr, name, "state")
    return Leaf(expr, name.partition("|")[0], "unknown")
