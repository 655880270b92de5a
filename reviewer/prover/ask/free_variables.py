# SPDX-License-Identifier: GPL-2.0-or-later
"""The independent variables in a formula, sorted by who can answer for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import z3

from reviewer.prover.memory.state import entry_world, world_sort
from reviewer.prover.memory.tagged_names import (
    FIELD,
    LOCAL,
    WRITE,
    field_name,
    input_name,
    memory_in,
)
from reviewer.prover.term_types import Term
from reviewer.prover.values import solver_terms
from reviewer.prover.values.solver_terms import expression, number_of, of_context

_STRUCTURE = (WRITE, "after ", "world", FIELD)
_SIDES = ("[before]", "[after]")

# What may have any value, of the names that stand for one: an address, a switch.
# A size or a number has one that we do not know.
_FREE = ("&", "static key ")
_STATES = ("page type", "mapcount", "type data", "zone and node")


@dataclass(frozen=True, slots=True)
class Leaf:
    """An independent variable of a formula: ``kind`` is input, option, memory,
    state, unknown, or constant (a number that the tree does not tell)."""

    expr: Term
    name: str
    kind: str


class _Memory:
    """The leaves of every term that was asked about, as sets of bits.

    Terms are numbers (see ``solver_terms``); ``roots`` keeps them from being used
    again.
    """

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.masks: dict[int, int] = {}
        self.roots: list[Term] = []

    def mask(self, expr: Term) -> int:
        """Bit n is set where ``leaves[n]`` is in the term."""
        root = number_of(expr)
        found = self.masks.get(root)
        if found is None:
            self.roots.append(expr)
            self._walk(root)
            found = self.masks[root]
        return found

    def _walk(self, root: int) -> None:
        masks, stack = self.masks, [(root, False)]
        while stack:
            term, ready = stack.pop()
            if term in masks:
                continue
            kind = solver_terms.kind(term)
            parts = solver_terms.args(term) if kind >= 0 else []
            if parts and not ready:
                stack.append((term, True))
                stack += [(part, False) for part in parts if part not in masks]
                continue
            mask = 0
            for part in parts:
                mask |= masks[part]
            if kind in (z3.Z3_OP_UNINTERPRETED, z3.Z3_OP_SELECT):
                expr = expression(term)
                leaf = _leaf(expr) if parts else _constant(expr)
                if leaf is not None:
                    mask |= 1 << len(self.leaves)
                    self.leaves.append(leaf)
            masks[term] = mask


@of_context
def _memory() -> _Memory:
    return _Memory()


def leaf_mask(expr: Term) -> int:
    """Returns the leaves of a term as a set of bits: bit n stands for leaf n."""
    return _memory().mask(expr)


def own_bit(expr: Term) -> int:
    """Returns the bit of a leaf itself, without the leaves in its arguments."""
    below = 0
    for part in expr.children():
        below |= _memory().mask(part)
    return _memory().mask(expr) & ~below


def leaves_of(exprs: Iterable[Term]) -> dict[int, Leaf]:
    """Returns the leaves of some terms, each by a number of its own."""
    mask = 0
    for expr in exprs:
        mask |= _memory().mask(expr)
    found = {}
    while mask:
        place = (mask & -mask).bit_length() - 1
        found[place] = _memory().leaves[place]
        mask &= mask - 1
    return found


def _constant(expr: Term) -> Leaf | None:
    if expr.decl().kind() != z3.Z3_OP_UNINTERPRETED:
        return None
    name = expr.decl().name()
    if z3.is_bool(expr):
        if name.startswith(("assume ", "literal ")):
            return None
        return Leaf(expr, name, "option")
    if not z3.is_bv(expr):
        return None
    given = input_name(expr)
    if given is not None:
        return Leaf(expr, given, "input")
    name = name.partition("|")[0]
    free = name.startswith(_FREE) and not name.startswith(LOCAL)
    return Leaf(expr, name, "unknown" if free else "constant")


def _leaf(expr: Term) -> Leaf | None:
    kind = expr.decl().kind()
    if kind == z3.Z3_OP_SELECT:
        array = expr.arg(0)
        if array.decl().kind() != z3.Z3_OP_UNINTERPRETED:
            return None
        memory = memory_in(array)
        key = array.decl().name().partition(":")[0] if memory is None else memory[0]
        key, count, number = key.partition("#")  # of a load in concurrent mode
        name = field_name(key) + count + number
        known = array.num_args() == 0 and not any(side in key for side in _SIDES)
        return Leaf(expr, name, "memory" if known else "unknown")
    if kind != z3.Z3_OP_UNINTERPRETED or not (z3.is_bool(expr) or z3.is_bv(expr)):
        return None
    name = expr.decl().name()
    if name.startswith(_STRUCTURE):
        return None
    if name.startswith("*(") and expr.num_args() == 2 and expr.arg(0).eq(entry_world()):
        return Leaf(expr, name.partition("|")[0], "memory")
    if name.startswith("PG_") or name in _STATES:
        if expr.arg(0).sort() == world_sort() and expr.arg(0).eq(entry_world()):
            return Leaf(expr, name, "state")
        return Leaf(expr, name, "unknown")
    return Leaf(expr, name.partition("|")[0], "unknown")
