# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and writes: of locals, of members of struct values, of memory.

A pointer that could point to anything writes to all memory (the world moves on) and
reads what the world says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory import (
    casts_of_structs,
    stopping_states,
    union_members,
    volatile_accesses,
)
from reviewer.prover.memory.places import (
    Place,
    address_of_member,
    key_of,
    name_in_union,
)
from reviewer.prover.memory.state import (
    Event,
    indeterminate_value,
    memory_of_member,
    world_sort,
    world_with_writes,
)
from reviewer.prover.memory.tagged_names import has_elements, is_variable
from reviewer.prover.memory.whole_memory import change_all_memory, publish_writes
from reviewer.prover.values.integers import (
    UNKNOWN,
    CType,
    Value,
    convert,
    number,
    plain_type,
    resize,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.prover.interpret.run import Frame, Run
    from reviewer.prover.term_types import BitVec, Bool

APART = "fields-do-not-overlap"


def read(frame: Frame, place: Place) -> Value:
    """Returns the value that stands in a place; reading what is volatile can be seen.
    Raises Unsupported for an array in a local struct."""
    run, state = frame.run, frame.state
    ctype = place.ctype
    if ctype.volatile and place.kind != "whole" and not ctype.array:
        return volatile_accesses.read(frame, place, "volatile read")
    if place.kind == "local":
        value = state.env.get(place.slot)
        if value is None:
            value = uninitialised(run, ctype)
            state.env[place.slot] = value
        return value
    if place.kind == "member":
        assert place.parent is not None
        if ctype.array:  # its elements would be memory that nobody else sees
            raise run.unsupported("an array in a local struct")
        return member_of(run, read(frame, place.parent), place.key, ctype)
    if ctype.array:
        if place.kind == "memory":
            return _decayed(run, place)
        return Value(resize(place.lies_at, False, ctype.bits), ctype)
    if place.kind in ("memory", "deref"):
        stopping_states.note_access(run, state, place.key, place.lies_at)
    elif place.kind == "whole":
        stopping_states.note_access(run, state, key_of(ctype, "*"), place.lies_at)
    if place.kind == "memory":
        loaded = load(frame, place.key, ctype.bits, place.lies_at)
        return run.element_of_table(frame, place, run.received(loaded, ctype))
    world = world_with_writes(state)
    name = f"*({ctype})" if place.kind == "deref" else f"value of {ctype}"

    def fresh(suffix: str) -> BitVec:
        sort = z3.BitVecSort(ctype.bits)
        return run.unknowns.apply(
            f"{name}{suffix}", "read", [world, place.lies_at], sort
        )

    return run.received(by_turn(frame, name, place.lies_at, fresh), ctype)


def _decayed(run: Run, place: Place) -> Value:
    """An array as a pointer to its first element."""
    pointer = run.machine.pointer(place.ctype.to or UNKNOWN)
    if is_variable(place.key) or has_elements(place.key):
        address = place.lies_at
    else:
        address = address_of_member(run, place)
    return Value(resize(address, False, pointer.bits), pointer)


def uninitialised(run: Run, ctype: CType) -> Value:
    """Returns what a variable holds before it is written."""
    return indeterminate_value(run.unknowns, ctype)


def load(frame: Frame, key: str, bits: int, address: BitVec) -> BitVec:
    """Read the memory of a field; each load is of its own in concurrent mode."""
    run, state = frame.run, frame.state
    key, address = name_in_union(run, key, bits, address)
    run.record.memory_touched.add(key)
    run.widths[key] = bits
    array = state.memory.get(key)
    if array is not None and array.sort().range().size() != bits:
        array = None
        publish_writes(frame)
    if array is not None:
        return z3.simplify(z3.Select(array, address))

    def fresh(suffix: str) -> BitVec:
        name = f"{key}{suffix}"
        encoded = run.encoded(name, bits, state.world, address)
        if encoded is not None:
            return encoded
        return z3.Select(memory_of_member(name, bits, state.world), address)

    return fresh("") if key in run.private else by_turn(frame, key, address, fresh)


def by_turn(
    frame: Frame, key: str, address: BitVec, fresh: Callable[[str], BitVec]
) -> BitVec:
    """Returns a value that others may change between two looks at it (concurrent mode).

    ``fresh`` makes the value of the look that a suffix names: "" is the first one at
    this address, "#1" the second.
    """
    run, state = frame.run, frame.state
    run.record.foreign_memory_read = True
    if not (run.inputs.concurrent or run.inputs.synchronised):
        return fresh("")
    how = f" by {run.primitive}" if run.inputs.strict and run.primitive else ""
    seen = state.reads.setdefault(key, {})
    others = [pair for place, pair in seen.items() if place != address.get_id()]
    mine = seen.get(address.get_id(), (address, 0))[1]
    seen[address.get_id()] = address, mine + 1
    run.record.read_counts[key] = max(
        run.record.read_counts.get(key, 0), sum(n for _a, n in seen.values())
    )
    if len(others) > _OTHERS:
        total = mine + sum(count for _address, count in others)
        return fresh(f"##{total}{how}")
    value = None
    turns: list[tuple[Bool, int]] = [(z3.BoolVal(True), mine)]
    for other, count in others:  # it may be the same word
        same = other == address
        turns = [(z3.And(when, same), turn + count) for when, turn in turns] + [
            (z3.And(when, z3.Not(same)), turn) for when, turn in turns
        ]
    for when, turn in reversed(turns):
        here = fresh(f"#{turn}{how}" if turn else how)
        value = here if value is None else z3.If(z3.simplify(when), here, value)
    assert value is not None  # there is always one turn
    return value


_OTHERS = 2  # addresses that may be the one that is read


def member_of(run: Run, struct: Value, name: str, ctype: CType) -> Value:
    """Returns ``struct.name`` of a struct that is a value."""
    expr = struct.expr
    if z3.is_app(expr):
        made = expr.decl().name()
        if made.startswith(".") and "=" in made:
            written = made[1:].partition("=")[0]
            if written == name:
                return Value(resize(expr.arg(1), False, ctype.bits), ctype)
            if run.types.has_union(struct.ctype):
                sort = z3.BitVecSort(ctype.bits)
                other = run.unknowns.apply(f".{name}", "operation", [expr], sort)
                return Value(other, ctype)
            return member_of(run, Value(expr.arg(0), struct.ctype), name, ctype)
        if expr.decl().kind() == z3.Z3_OP_ITE:
            one = member_of(run, Value(expr.arg(1), struct.ctype), name, ctype)
            two = member_of(run, Value(expr.arg(2), struct.ctype), name, ctype)
            return Value(z3.If(expr.arg(0), one.expr, two.expr), ctype)
    if expr.eq(zero_struct()):
        return number(0, ctype)
    sort = z3.BitVecSort(ctype.bits)
    return Value(run.unknowns.apply(f".{name}", "operation", [expr], sort), ctype)


def zero_struct() -> BitVec:
    """Returns a struct value all of whose members are 0."""
    return z3.Const("{0}", z3.BitVecSort(64))


def zero_bytes() -> BitVec:
    """Returns a struct value all of whose bytes are 0, those of no member, too."""
    return z3.Const("{0} in every byte", z3.BitVecSort(64))


def with_member(struct: Value, name: str, value: Value) -> Value:
    """Returns a struct value with one member replaced."""
    wide = value.expr.sort()
    function = z3.Function(
        f".{name}={wide}", struct.expr.sort(), wide, struct.expr.sort()
    )
    return Value(function(struct.expr, value.expr), struct.ctype)


def write(frame: Frame, place: Place, value: Value, node: Node) -> None:
    """Assign; ``value`` is converted to the type of the place."""
    run, state = frame.run, frame.state
    value = convert(value, place.ctype, run.opaque)
    if place.ctype.volatile and place.kind != "whole":
        volatile_accesses.write(frame, place, value, "volatile write")
        place = replace(place, ctype=plain_type(place.ctype))
    if place.kind == "local":
        state.env[place.slot] = value
    elif place.kind == "member":
        assert place.parent is not None
        struct = read(frame, place.parent)
        if place.over:  # the other members of the union are something else now
            name = f"{struct.ctype} under .{place.key}"
            changed = run.opaque(name, [struct.expr, value.expr], struct.expr.size())
            struct = Value(changed, struct.ctype)
        write(frame, place.parent, with_member(struct, place.key, value), node)
    elif place.kind == "memory":
        stopping_states.note_access(run, state, place.key, place.lies_at)
        store(frame, place.key, place.lies_at, value, node)
        if place.over:
            union_members.forget_other_members(frame, place, value, node)
    else:
        if place.kind == "deref":
            stopping_states.note_access(run, state, place.key, place.lies_at)
        else:
            stopping_states.note_access(
                run, state, key_of(place.ctype, "*"), place.lies_at
            )
        kind = "copy" if place.kind == "whole" else "store through a pointer"
        kind += f" by {run.primitive}" if run.inputs.strict and run.primitive else ""
        change_all_memory(
            frame, f"{kind} {place.ctype}", [place.lies_at, value.expr], node
        )


def store(frame: Frame, key: str, address: BitVec, value: Value, node: Node) -> None:
    """Write a field; seen by everything that happens later."""
    run, state = frame.run, frame.state
    bits = value.ctype.bits
    key, address = name_in_union(run, key, bits, address)
    run.record.memory_touched.add(key)
    run.widths[key] = bits
    if run.inputs.concurrent and key not in run.private:
        _seen_by_others(frame, key, address, value, node)
        return
    array = state.memory.get(key)
    if array is None or array.sort().range().size() != bits:
        if array is not None:
            publish_writes(frame)
        if run.encoded(key, bits, state.world, address) is not None:
            change_all_memory(frame, f"write of {key}", [address, value.expr], node)
            return
        array = memory_of_member(key, bits, state.world)
    state.memory[key] = z3.Store(array, address, value.expr)
    casts_of_structs.forget_aliases(run, state, key, address, value.expr)
    if key not in run.private:
        text, line = frame.where(node)
        run.record.events.append(
            Event("store", key, state.alive, (address, value.expr), line, text, key)
        )
        if APART in run.inputs.assumed:
            run.record.assumptions[APART] = None
        else:
            publish_writes(frame)  # any other field may have been changed with it


def _seen_by_others(
    frame: Frame, key: str, address: BitVec, value: Value, node: Node
) -> None:
    """A store that others see, in its order; what is there later is theirs, too."""
    run, state = frame.run, frame.state
    text, line = frame.where(node)
    run.record.events.append(
        Event("store", key, state.alive, (address, value.expr), line, text, key)
    )
    how = f" by {run.primitive}" if run.inputs.strict and run.primitive else ""
    given = [state.world, address, value.expr]
    state.world = run.unknowns.apply(
        f"stored {key}{how}", "operation", given, world_sort()
    )
