# SPDX-License-Identifier: GPL-2.0-or-later
"""Which write a word of memory comes from, in one state: past stores and copies.

A term of the solver knows a store through a pointer as something after which all of
memory may be another.  In a state in which the addresses are numbers it is known what
it wrote: a word is what the last write to its address left, or older.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.accesses import zero_bytes, zero_struct
from reviewer.prover.memory.array_elements import pointers_behind
from reviewer.prover.memory.state import memory_of_member
from reviewer.prover.memory.tagged_names import (
    OF,
    WRITE,
    has_elements,
    is_variable,
    label_of,
    written_in,
)
from reviewer.prover.values.solver_terms import constant

if TYPE_CHECKING:
    from reviewer.prover.ask.terms_in_state import InState
    from reviewer.prover.term_types import BitVec, Bool, Decl, Term

THROUGH = "after store through a pointer "
COPY = "after copy "
SEEN = "after what was observed"
WHOLE = "value of "


class MixedWrite(Exception):
    """A write of which it is not known what it left."""


def is_write(name: str) -> bool:
    """Says whether an event only writes memory: a store through a pointer, a copy."""
    return f"after {name}".startswith((THROUGH, COPY))


def kind_of(world: Term) -> str:
    """Says what made a world, by the beginning of its name."""
    name = label_of(world)
    return next((k for k in (THROUGH, COPY, SEEN, WRITE) if name.startswith(k)), "")


def word_at_address(walk: InState, decl: Decl, world: Term, address: BitVec) -> BitVec:
    """Says what ``*address`` is in a world; ``decl`` is the function that says it."""
    bits = decl.range().size()
    while kind := kind_of(world):
        if kind == THROUGH:
            value = _through(walk, world, bits, address)
            if value is not None:
                return value
        elif kind == WRITE:
            value = _written(walk, world, bits, address)
            if value is not None:
                return value
        elif kind == COPY and pointers_behind(address) & pointers_behind(world.arg(1)):
            raise MixedWrite
        world = world.arg(0)
    return decl(world, address)


def named_word(
    walk: InState, key: str, bits: int, world: Term, address: BitVec
) -> BitVec:
    """Returns a word of a member, a variable or an array in a world."""
    while kind := kind_of(world):
        value = None
        if kind == THROUGH:
            value = _named(walk, key, bits, world, address)
        elif kind == COPY:
            value = _copied(walk, key, bits, world, address)
        elif kind == WRITE:
            break
        if value is not None:
            return value
        world = world.arg(0)
    if kind_of(world) == WRITE:
        if written_in(world) == (key, bits):
            return walk.element(world.arg(1), address)
        return named_word(walk, key, bits, world.arg(0), address)
    return z3.Select(memory_of_member(key, bits, world), address)


def _through(walk: InState, world: Term, bits: int, address: BitVec) -> BitVec | None:
    """The value that a store through a pointer left at an address, None elsewhere."""
    _world, there, value = world.children()
    if there.eq(address) and value.size() == bits:
        return value
    if value.size() == bits and walk.is_so(there == address):
        return value
    if not walk.is_so(never_overlap(there, value.size(), address, bits)):
        raise MixedWrite
    return None


def never_overlap(one: BitVec, bits: int, two: BitVec, others: int) -> Bool:
    """Returns the condition that two words do not share a byte; widths in bits."""
    return z3.simplify(
        z3.And(
            z3.UGE(one - two, constant(others // 8, 64)),
            z3.UGE(two - one, constant(bits // 8, 64)),
        )
    )


def _has_address(key: str) -> bool:
    """Whether the memory of a name is indexed by true addresses."""
    return is_variable(key) or has_elements(key)


def _named(
    walk: InState, key: str, bits: int, world: Term, address: BitVec
) -> BitVec | None:
    if _has_address(key):
        return _through(walk, world, bits, address)
    if pointers_behind(world.arg(1)) & pointers_behind(address):
        raise MixedWrite  # it may point into that very struct
    return None


def _written(walk: InState, world: Term, bits: int, address: BitVec) -> BitVec | None:
    """What stores by name left at ``*address``; members lie where nobody points."""
    key, width = written_in(world) or ("", 0)
    array = world.arg(1)
    while array.decl().kind() == z3.Z3_OP_STORE:
        array, there, value = array.children()
        if _has_address(key):
            if width == bits and walk.is_so(there == address):
                return value
            if not walk.is_so(never_overlap(there, width, address, bits)):
                raise MixedWrite
        elif pointers_behind(there) & pointers_behind(address):
            raise MixedWrite
    return None


def _copied(
    walk: InState, key: str, bits: int, world: Term, address: BitVec
) -> BitVec | None:
    """A member of a struct that was copied as a whole, None of another place."""
    name = label_of(world).removeprefix(COPY)
    _world, there, value = world.children()
    member, _, tag = key.partition(OF)
    if name != f"struct {tag}" or has_elements(key):
        if is_variable(key):
            return None
        raise MixedWrite
    if not (there.eq(address) or walk.is_so(there == address)):
        return None
    return _member(walk, member, key, bits, value)


def _member(walk: InState, member: str, key: str, bits: int, value: BitVec) -> BitVec:
    """A member of a struct that is a value."""
    while True:
        name = label_of(value)
        if value.eq(zero_struct()) or value.eq(zero_bytes()):
            return constant(0, bits)
        if name.startswith(f"{WHOLE}struct ") and value.num_args() == 2:
            return named_word(walk, key, bits, value.arg(0), value.arg(1))
        if not name.startswith(".") or "=" not in name:
            raise MixedWrite
        if name[1:].partition("=")[0] == member:
            if value.arg(1).size() != bits:
                raise MixedWrite
            return value.arg(1)
        value = value.arg(0)
