# SPDX-License-Identifier: GPL-2.0-or-later
"""Operators on values and pointers, and what both sides of a choice become."""

from __future__ import annotations

from dataclasses import replace

import z3

from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.interpret.sizes import element_size
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import casts_of_structs, places, union_members
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.state import State, address_sort
from reviewer.prover.memory.tagged_names import (
    FIELD,
    elements_key,
    field_key,
    is_stack,
    memory_name,
)
from reviewer.prover.values.integers import (
    U64,
    UNKNOWN,
    Value,
    address64,
    binary,
    common_type,
    convert,
    number,
    promote,
    resize,
)
from reviewer.prover.values.qualifiers import as_volatile


def member(run: Run, holder: Place, name: str) -> Place:
    """Returns the place ``holder.name``."""
    declared = run.types.field(holder.ctype, name)
    ctype = declared.ctype if declared else replace(UNKNOWN, name=f"type of .{name}")
    if holder.ctype.volatile:
        ctype = as_volatile(ctype)
    over = declared.over if declared else frozenset()
    if over:
        union_members.note_shared_place(run, holder.ctype, name, over)
    if holder.kind in ("local", "member"):
        own = ((holder.ctype, None, over),) if over else ()
        return Place("member", ctype, parent=holder, key=name, over=own)
    key = places.key_of(holder.ctype, name)
    if holder.kind == "memory":  # a struct of unknown type inside a struct
        inner = z3.Function(FIELD + holder.key, address_sort(), address_sort())
        holder_address = inner(holder.lies_at)
    else:
        holder_address = holder.lies_at
        if holder.ctype.kind == "struct":
            run.record.struct_addresses.setdefault(
                holder_address.get_id(), (holder_address, holder.ctype.name)
            )
    if holder.ctype.kind == "struct":
        casts_of_structs.note_member_address(
            run, holder_address, holder.ctype.name, key
        )
        if ctype.array:
            casts_of_structs.note_member_address(
                run, holder_address, holder.ctype.name, elements_key(key)
            )
    shared = holder.over
    if over:
        shared = (*shared, (holder.ctype, holder_address, over))
    if ctype.kind == "struct":
        first = declared is not None and declared.first
        address = places.member_address(run, holder_address, key, ctype, first)
        if declared is not None and not first and not over:
            run.members[address.get_id()] = (address, holder_address, key)
        return Place("whole", ctype, address=address, over=shared)
    return Place("memory", ctype, key=key, address=holder_address, over=shared)


def operate(run: Run, operator: str, one: Value, two: Value) -> Value:
    """Applies a binary operator, pointer arithmetic included."""
    pointers = [value.ctype.kind == "pointer" for value in (one, two)]
    if all(pointers):
        check_offsets(run, one)
        check_offsets(run, two)
    if any(pointers) and operator in ("+", "-"):
        if all(pointers):
            return _distance(run, one, two)
        if pointers[1]:
            one, two = two, one
        return moved_pointer(run, operator, one, two)
    if any(pointers) and not (one.ctype.is_scalar and two.ctype.is_scalar):
        one, two = _as_word(one), _as_word(two)
    return binary(operator, one, two, run.opaque)


def element_at(run: Run, array: Place | None, pointer: Value, offset: Value) -> Place:
    """Returns the place of an element, ``array`` being what the pointer is of."""
    moved = moved_pointer(run, "+", pointer, offset)
    to = pointer.ctype.to or UNKNOWN
    address = address64(moved)
    if array is not None and array.kind == "memory" and array.ctype.array:
        if to.kind == "struct":
            return Place("whole", to, address=address, over=array.over)
        key = elements_key(array.key)
        if is_stack(array.key):
            run.private.add(key)
        return Place("memory", to, key=key, address=address, over=array.over)
    return places.pointed_at(run, address, to)


def check_offsets(run: Run, pointer: Value) -> None:
    """Raise Unsupported for the address of a member whose struct is another one now,
    where it is taken for a number: the member may lie elsewhere.

    What is read at such an address, or a call that is given it returns, is none.
    """
    left = [pointer.expr] if run.inputs.changed else []
    while left:
        term = left.pop()
        key = field_key(term)
        struct = "" if key is None else memory_name(key).struct
        if struct and struct in run.inputs.changed:
            raise Unsupported(f"{struct} is laid out otherwise")
        if term.decl().kind() != z3.Z3_OP_SELECT and not _is_answer(run, term):
            left += [part for part in term.children() if z3.is_bv(part)]


def _is_answer(run: Run, term: z3.ExprRef) -> bool:
    """Whether a term is what an unknown call, read or piece of code gave."""
    applied = run.unknowns.applied.get(term.get_id())
    return applied is not None and applied[2] in ("call", "read", "code")


def _as_word(value: Value) -> Value:
    """An untyped value beside a pointer is a word."""
    if value.ctype.is_scalar:
        return value
    return Value(resize(value.expr, False, 64), U64)


def moved_pointer(run: Run, operator: str, pointer: Value, offset: Value) -> Value:
    """Returns ``pointer + offset`` or ``pointer - offset``, in elements of what it
    points at."""
    to = pointer.ctype.to or UNKNOWN
    size = element_size(run, to)
    result = replace(pointer.ctype, array=False, name="")
    if size is None or not offset.ctype.is_scalar:
        name = f"{pointer.ctype} {operator} {offset.ctype}"
        expr = run.opaque(name, [pointer.expr, offset.expr], result.bits)
        return Value(expr, result)
    index = promote(offset, run.opaque)
    by = resize(index.expr, index.ctype.signed, result.bits)
    if z3.is_bv_value(by) and by.as_long() == 0:
        return Value(pointer.expr, result)
    distance = by * resize(size.expr, False, result.bits)
    if z3.is_bv_value(size.expr) and z3.is_bv_value(by):
        distance = z3.simplify(distance)
    moved = pointer.expr + distance if operator == "+" else pointer.expr - distance
    return Value(moved, result)


def _distance(run: Run, one: Value, two: Value) -> Value:
    size = element_size(run, one.ctype.to or UNKNOWN)
    if size is None or not z3.is_bv_value(size.expr):
        name = f"{one.ctype} - {two.ctype}"
        expr = run.opaque(name, [one.expr, two.expr], run.machine.long_bits)
        return Value(expr, run.machine.long)
    by = number(size.expr.as_long(), run.machine.long)
    return Value((one.expr - two.expr) / by.expr, run.machine.long)


def rejoin_after_branch(frame: Frame, before: State, jumps: dict[str, int]) -> None:
    """Restores the condition of the path from before the branches of an expression, all
    of which end here unless one of them jumped; raises Unsupported for a label inside
    an expression.

    ``({ return x; })`` and macros with a goto jump in the middle of an expression.
    """
    if frame.jumps.get("joined") != jumps.get("joined"):
        raise Unsupported("a label inside an expression")
    if frame.jumps == jumps:
        frame.state.alive = before.alive


def to_common_type(run: Run, one: Value, two: Value) -> tuple[Value, Value]:
    """Converts the two results of ?: to their common type (C11 6.5.15)."""
    if one.ctype == two.ctype:
        # of two voids neither is a value: ASSERT(x) is x ? (void)0 : assfail(..)
        return one, one if one.ctype.kind == "void" else two
    if one.ctype.kind == "pointer" or two.ctype.kind == "pointer":
        ctype = one.ctype if one.ctype.kind == "pointer" else two.ctype
        return convert(one, ctype, run.opaque), convert(two, ctype, run.opaque)
    if one.ctype.is_scalar and two.ctype.is_scalar:
        one, two = promote(one, run.opaque), promote(two, run.opaque)
        both = common_type(one.ctype, two.ctype)
        return convert(one, both, run.opaque), convert(two, both, run.opaque)
    return convert(one, UNKNOWN, run.opaque), convert(two, UNKNOWN, run.opaque)
