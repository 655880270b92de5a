# SPDX-License-Identifier: GPL-2.0-or-later
"""Where values live: locals, members of struct values, memory.

``p->f`` is the memory named ``f`` at the address ``p``.  A pointer that is known to
be ``&p->f`` is read and written as that field (``accesses``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.array_elements import memory_of
from reviewer.prover.memory.casts_of_structs import PAGES, check_bytes
from reviewer.prover.memory.state import address_sort
from reviewer.prover.memory.tagged_names import (
    FIELD,
    LOCAL,
    MemoryName,
    begins_with,
    field_key,
    has_elements,
    is_container,
    is_variable,
)
from reviewer.prover.values.integers import CType, Value, resize

if TYPE_CHECKING:
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.term_types import BitVec, Term


# of unions that a place lies in: the holder, its address, the names in one place
Union = tuple[CType, "BitVec | None", frozenset[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be read, assigned or have its address taken.

    ``kind``: local (``slot``), member (``parent``, ``key``), memory (``key``,
    ``address``), whole (a struct at ``address``), deref (unknown memory at
    ``address``).
    """

    kind: str
    ctype: CType
    slot: int = 0
    parent: Place | None = None
    key: str = ""
    address: BitVec | None = None
    over: tuple[Union, ...] = ()  # what lies in the same place, see union_members

    @property
    def lies_at(self) -> BitVec:
        """The address of a place that has one: all but locals and their members."""
        assert self.address is not None
        return self.address


def key_of(holder: CType, name: str) -> str:
    """Returns the name of the memory that a member of a struct is: ``a.len`` is not
    ``b.len``."""
    if holder.kind != "struct" or holder.name in PAGES or "<" in holder.name:
        return name
    return MemoryName("member", name, holder.name.partition(" ")[2]).key()


def pointed_at(run: Run, address: BitVec, ctype: CType) -> Place:
    """Returns the place at an address that is a ``ctype *``; it is volatile if the
    pointer's type or what lies there is declared so."""
    found = _pointed_at(run, address, ctype)
    if ctype.volatile and not found.ctype.volatile:
        return replace(found, ctype=replace(found.ctype, volatile=True))
    return found


def _pointed_at(run: Run, address: BitVec, ctype: CType) -> Place:
    if ctype.kind == "struct":
        return Place("whole", ctype, address=address)
    known = run.stack.get(address.get_id())
    if known is not None and not known[1].array and known[1].bits == ctype.bits:
        return Place("memory", known[1], key=known[0], address=address)
    elements = memory_of(run, address, ctype)
    if elements is not None:
        over = run.union_places.get(_array_of(address).get_id())
        shared = over[1] if over else ()
        return Place("memory", ctype, key=elements, address=address, over=shared)
    found = _member_behind(address)
    if found is not None:
        key, holder = found
        declared = run.field_types.get(key, ctype)
        over = run.union_places.get(address.get_id())
        if address.decl().kind() == z3.Z3_OP_ITE and key in run.place_sharers:
            return Place("deref", ctype, address=address)
        if declared.bits == ctype.bits and not declared.array:
            shared = over[1] if over else ()
            return Place("memory", ctype, key=key, address=holder, over=shared)
    check_bytes(run, address)
    return Place("deref", ctype, address=address)


def _array_of(address: BitVec) -> BitVec:
    """The address of the first element, of a sum that begins with it."""
    while z3.is_app(address) and address.decl().kind() == z3.Z3_OP_BADD:
        address = address.arg(0)
    return address


def _member_behind(address: BitVec) -> tuple[str, BitVec] | None:
    """(field, holder) of an address that was made by ``&p->f``."""
    if z3.is_app(address):
        key = field_key(address)
        if key is not None:
            return key, address.arg(0)
        if address.decl().kind() == z3.Z3_OP_ITE:
            one = _member_behind(address.arg(1))
            two = _member_behind(address.arg(2))
            if one and two and one[0] == two[0]:
                return one[0], z3.If(address.arg(0), one[1], two[1])
    return None


def member_address(
    run: Run, holder: BitVec, name: str, ctype: CType, first: bool
) -> BitVec:
    """Returns ``&p->name``: a struct at offset 0 has the address of its holder."""
    if first and ctype.kind == "struct":
        return holder
    run.field_types.setdefault(name, ctype)
    return member_term(name, holder)


def member_term(key: str, holder: BitVec) -> BitVec:
    """Returns ``&holder->key``; of a container_of() it is the pointer that it was made
    of."""
    if is_container(holder, key):
        return holder.arg(0)
    return z3.Function(FIELD + key, address_sort(), address_sort())(holder)


def address_of_member(run: Run, place: Place) -> BitVec:
    """Returns where a member lies, and notes its type and what else lies there."""
    run.field_types.setdefault(place.key, place.ctype)
    address = member_term(place.key, place.lies_at)
    if place.over:
        run.union_places[address.get_id()] = address, place.over
    return address


def address_of(run: Run, place: Place) -> Value:
    """Evaluates ``&place``; raises Unsupported for a place that has no address."""
    pointer = run.machine.pointer(place.ctype)
    if place.kind == "memory" and not is_variable(place.key):
        if has_elements(place.key):
            return Value(resize(place.lies_at, False, pointer.bits), pointer)
        return Value(
            resize(address_of_member(run, place), False, pointer.bits), pointer
        )
    if place.address is not None:
        return Value(resize(place.lies_at, False, pointer.bits), pointer)
    raise run.unsupported("address of a value that has none")


def name_in_union(run: Run, key: str, bits: int, address: BitVec) -> tuple[str, BitVec]:
    """Returns the name that a word goes by where the tree puts two into one union, and
    its address.

    ``page->_mapcount.counter`` is the word that ``page->page_type`` is, too.
    """
    if (
        bits == 32
        and run.inputs.united
        and z3.is_app(address)
        and address.num_args() == 1
    ):
        member = field_key(address)
        if member is not None:
            one = run.inputs.united.get((member, key))
            if one is not None:
                return one, address.arg(0)
    return key, address


def is_local_address(expr: Term) -> bool:
    """Says whether a value is where a local variable lies, which nobody can see."""
    stack = [expr]
    while stack:
        part = stack.pop()
        if not z3.is_app(part) or part.decl().kind() == z3.Z3_OP_SELECT:
            continue
        if part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            if begins_with(part, LOCAL, FIELD):
                if part.num_args() == 0:
                    return True
            else:
                continue
        stack.extend(part.children())
    return False
