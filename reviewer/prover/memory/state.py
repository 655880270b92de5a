# SPDX-License-Identifier: GPL-2.0-or-later
"""The state of a symbolic run: locals, memory, and what has happened so far.

A *world* stands for all memory and all that the outside has been told.  A call to
a function that we do not know maps a world to a new one, and so does an unknown
piece of code; both are uninterpreted functions of the world and the arguments,
shared between the two sides of a comparison.  So two runs that end in the same
world made the same calls, with the same arguments, in the same order, on the same
memory.  What is observed by itself, as a volatile access is, moves a second world on,
the *trace*, which is put into the first one by the next call.  Between two calls
memory is one array per field name (``p->flags`` and ``q->flags`` may alias,
``p->flags`` and ``p->lru`` do not), read from the world when first used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

import z3

from reviewer.prover.memory.tagged_names import memory_label, write_label
from reviewer.prover.term_types import BitVec, Bool, Sort, Term
from reviewer.prover.values.integers import CType, Value, choose
from reviewer.prover.values.solver_terms import (
    all_of,
    is_false,
    is_true,
    number_of,
    of_context,
)

z3.set_param("ctrl_c", False)  # it would keep Ctrl-C to itself and we went on
OTHER_TEXT = 200  # characters of source that name an opaque piece in a result


@of_context
def address_sort() -> Sort:
    """Returns the sort of an address."""
    return z3.BitVecSort(64)


@of_context
def world_sort() -> Sort:
    """Returns the solver's sort for all memory at one moment, a "world"."""
    return z3.DeclareSort("World")


@of_context
def entry_world() -> Term:
    """Returns the world in which a function is called."""
    return z3.Const("world", world_sort())


@of_context
def empty_trace() -> Term:
    """Returns the trace in which nothing was observed since the last call."""
    return z3.Const("world of nothing observed", world_sort())


@dataclass(frozen=True, slots=True)
class Event:
    """A store, a call or an opaque piece of code, with the path it lies on."""

    kind: str  # store, call, opaque, observed
    name: str
    guard: Bool
    operands: tuple[Term, ...]
    line: int
    text: str
    key: str = ""  # of a store: the memory that it writes
    exact: bool = True  # the operands were converted to the types of a prototype
    world: Term | None = None  # as it was handed all that was done before
    after: Term | None = None  # as it left it
    result: Term | None = None  # of a call


@dataclass(slots=True)
class State:
    """One path (or several merged ones) at one point of the program."""

    alive: Bool
    env: dict[int, Value]
    world: Term
    memory: dict[str, Term] = field(default_factory=dict)  # what was written since
    # concurrent: how often each address of a memory was read so far
    reads: dict[str, dict[int, tuple[Term, int]]] = field(default_factory=dict)
    trace: Term = field(
        default_factory=empty_trace
    )  # volatile accesses since the last call

    def copy(self, alive: Bool) -> State:
        """Returns the same state on a narrower path."""
        reads = {key: dict(seen) for key, seen in self.reads.items()}
        return State(
            alive, dict(self.env), self.world, dict(self.memory), reads, self.trace
        )

    @property
    def dead(self) -> bool:
        """Whether no path leads here."""
        return is_false(self.alive)


@dataclass(slots=True)
class Unknowns:
    """The uninterpreted functions of one run: shared by name between runs.

    ``applied`` maps the id of each application to (expression, name, kind), kind
    being ``call``, ``read``, ``operation``, ``code`` or ``constant``.
    """

    applied: dict[int, tuple[Term, str, str]] = field(default_factory=dict)

    @overload
    def apply(
        self, name: str, kind: str, operands: Sequence[Term], sort: z3.BitVecSortRef
    ) -> BitVec: ...
    @overload
    def apply(
        self, name: str, kind: str, operands: Sequence[Term], sort: z3.BoolSortRef
    ) -> Bool: ...
    @overload
    def apply(
        self, name: str, kind: str, operands: Sequence[Term], sort: Sort
    ) -> Term: ...
    def apply(self, name: str, kind: str, operands: Sequence[Term], sort: Sort) -> Term:
        """Returns the value of the unknown ``name`` for these operands."""
        sorts = [operand.sort() for operand in operands]
        label = f"{name}|{','.join(_spelt(s) for s in sorts)}|{_spelt(sort)}"
        if operands:
            expr = z3.Function(label, *sorts, sort)(*operands)
        else:
            expr = z3.Const(label, sort)
        self.applied.setdefault(expr.get_id(), (expr, name, kind))
        return expr


@of_context
def _spellings() -> dict[int, tuple[Sort, str]]:
    return {}


def _spelt(sort: Sort) -> str:
    number, known = sort.get_id(), _spellings()
    if number not in known:  # there are few sorts, printing is slow
        known[number] = sort, str(sort)
    return known[number][1]


@of_context
def _simple() -> dict[int, tuple[Bool, Bool]]:
    return {}


def simplified(flag: Bool) -> Bool:
    """Folds a condition if it is constant."""
    number, known = number_of(flag), _simple()
    if number not in known:
        known[number] = flag, z3.simplify(flag)
    return known[number][1]


def both_hold(one: Bool, two: Bool) -> Bool:
    """Returns ``one && two``, folded if it is constant: a path, and a condition
    on it."""
    if is_true(one):
        return simplified(two)
    if is_true(two):
        return simplified(one)
    return simplified(all_of(one, two))


def memory_of_member(key: str, bits: int, world: Term) -> Term:
    """Returns the memory of all fields of one name, as it is in a world."""
    sort = z3.ArraySort(address_sort(), z3.BitVecSort(bits))
    if world.eq(entry_world()):
        return z3.Const(memory_label(key, bits), sort)
    return z3.Function(memory_label(key, bits), world_sort(), sort)(world)


def world_with_writes(state: State) -> Term:
    """Returns the world with all that was written since it began."""
    world = state.world
    for key in sorted(state.memory):
        array = state.memory[key]
        bits = array.sort().range().size()
        before = memory_of_member(key, bits, state.world)
        if array.eq(before):
            continue
        step = z3.Function(
            write_label(key, bits), world_sort(), array.sort(), world_sort()
        )
        world = z3.If(array == before, world, step(world, array))
    return world


def world_with_accesses(world: Term, trace: Term) -> Term:
    """Returns a world in which the accesses of a trace have been seen."""
    if trace.eq(empty_trace()):
        return world
    step = z3.Function(
        "after what was observed", world_sort(), world_sort(), world_sort()
    )
    return z3.If(trace == empty_trace(), world, step(world, trace))


def indeterminate_value(unknowns: Unknowns, ctype: CType) -> Value:
    """Says what a variable holds before it is written."""
    name = f"uninitialised {ctype}"
    expr = unknowns.apply(name, "constant", [], z3.BitVecSort(ctype.bits))
    return Value(expr, ctype)


def merge(unknowns: Unknowns, flag: Bool, one: State, two: State) -> State:
    """Returns the state after a branch: ``one`` where ``flag`` holds, else ``two``."""
    if one.dead:
        return two
    if two.dead:
        return one
    env = {}
    for slot, value in one.env.items():
        other = two.env.get(slot)
        env[slot] = choose(
            flag, value, other or indeterminate_value(unknowns, value.ctype)
        )
    for slot, value in two.env.items():
        if slot not in env:
            env[slot] = choose(flag, indeterminate_value(unknowns, value.ctype), value)
    world = one.world if one.world.eq(two.world) else z3.If(flag, one.world, two.world)
    memory = {}
    for key in sorted(one.memory.keys() | two.memory.keys()):
        sample = one.memory.get(key)
        if sample is None:
            sample = two.memory[key]
        bits = sample.sort().range().size()
        first = one.memory.get(key)
        second = two.memory.get(key)
        if first is None:
            first = memory_of_member(key, bits, one.world)
        if second is None:
            second = memory_of_member(key, bits, two.world)
        memory[key] = first if first.eq(second) else z3.If(flag, first, second)
    reads = {key: dict(seen) for key, seen in one.reads.items()}
    for key, seen in two.reads.items():
        both = reads.setdefault(key, {})
        for place, (address, count) in seen.items():
            both[place] = address, max(count, both.get(place, (address, 0))[1])
    alive = simplified(z3.Or(one.alive, two.alive))
    trace = one.trace if one.trace.eq(two.trace) else z3.If(flag, one.trace, two.trace)
    return State(alive, env, world, memory, reads, trace)
