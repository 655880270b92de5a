"""The independent variables in a formula, sorted by who can answer for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3

from reviewer.behaviour.places import FIELD
from reviewer.behaviour.solve import Leaf
from reviewer.behaviour.state import ENTRY, WORLD

_STRUCTURE = ("write ", "after ", "world", FIELD)
_STATES = ("page type", "mapcount", "type data", "zone and node")
_seen: dict[int, tuple[Any, frozenset[int], dict[int, Leaf]]] = {}
_KEPT = 60_000


def _facts(expr: Any) -> tuple[Any, frozenset[int], dict[int, Leaf]]:
    """(expr, ids of the leaves, the leaves) of a term; remembered by its id."""
    found = _seen.get(expr.get_id())
    if found is not None:
        return found
    if len(_seen) > _KEPT:
        _seen.clear()
    visited: set[int] = set()
    leaves: dict[int, Leaf] = {}
    stack = [expr]
    while stack:
        part = stack.pop()
        key = part.get_id()
        if key in visited:
            continue
        visited.add(key)
        known = _seen.get(key)
        if known is not None:
            leaves.update(known[2])
            continue
        if part.num_args():
            stack.extend(part.children())
            leaf = _leaf(part)
        else:
            leaf = _constant(part)
        if leaf is not None:
            leaves[key] = leaf
    entry = (expr, frozenset(leaves), leaves)
    _seen[expr.get_id()] = entry
    return entry


def leaf_ids(expr: Any) -> frozenset[int]:
    """The ids of the leaves of a term."""
    return _facts(expr)[1]


def leaves_of(exprs: Iterable[Any]) -> dict[int, Leaf]:
    """The leaves of some terms, by id."""
    found: dict[int, Leaf] = {}
    for expr in exprs:
        found.update(_facts(expr)[2])
    return found


def _constant(expr: Any) -> Leaf | None:
    if expr.decl().kind() != z3.Z3_OP_UNINTERPRETED:
        return None
    name = expr.decl().name()
    if z3.is_bool(expr):
        if name.startswith(("assume ", "literal ")):
            return None
        return Leaf(expr, name, "option")
    if not z3.is_bv(expr):
        return None
    if name.startswith("input "):
        return Leaf(expr, name.removeprefix("input "), "input")
    return Leaf(expr, name.partition("|")[0], "unknown")


def _leaf(expr: Any) -> Leaf | None:
    kind = expr.decl().kind()
    if kind == z3.Z3_OP_SELECT:
        array = expr.arg(0)
        if array.decl().kind() != z3.Z3_OP_UNINTERPRETED:
            return None
        name = array.decl().name().removeprefix("memory ").partition(":")[0]
        return Leaf(expr, name, "memory" if array.num_args() == 0 else "unknown")
    if kind != z3.Z3_OP_UNINTERPRETED or not (z3.is_bool(expr) or z3.is_bv(expr)):
        return None
    name = expr.decl().name()
    if name.startswith(_STRUCTURE):
        return None
    if name.startswith("PG_") or name in _STATES:
        if expr.arg(0).sort() == WORLD and expr.arg(0).eq(ENTRY):
            return Leaf(expr, name, "state")
        return Leaf(expr, name, "unknown")
    return Leaf(expr, name.partition("|")[0], "unknown")
