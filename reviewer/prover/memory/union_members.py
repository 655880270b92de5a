# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of a union lie in the same place: a store to one changes the others.

What they are then is an unknown function of what they were and of what was stored;
where both sides of a comparison store the same, it is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.state import memory_of_member
from reviewer.prover.memory.tagged_names import UNDER, elements_key
from reviewer.prover.memory.whole_memory import change_all_memory

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.prover.interpret.run import Frame, Run
    from reviewer.prover.memory.places import Place
    from reviewer.prover.term_types import BitVec
    from reviewer.prover.values.integers import CType, Value

DEEPEST = 4  # structs inside the members of a union


def note_shared_place(run: Run, holder: CType, name: str, over: frozenset[str]) -> None:
    """Remember which names share a place; for structs in it, those of their members."""
    known = run.place_sharers.setdefault(name, set())
    if over <= known:
        return
    known |= over
    for sibling in over:
        member = run.types.field(holder, sibling)
        if member is not None and member.ctype.kind == "struct":
            known |= run.types.names_at(member.ctype.name)
    known.discard(name)


def forget_other_members(frame: Frame, place: Place, value: Value, node: Node) -> None:
    """Forgets, after a store to ``place``, what the other members were.

    Only those that either side of the comparison looks at (``run.inputs.relevant``).
    """

    run, state = frame.run, frame.state
    run.record.union_written = True
    relevant = run.inputs.relevant
    if relevant is None or run.inputs.concurrent:
        return
    for holder, address, names in place.over:
        if address is None:
            continue
        for key, bits, at, is_array in _words(run, holder, address, names, 0):
            if key not in relevant or (key == place.key and at is place.address):
                continue
            if run.encoded(key, bits, state.world, at) is not None:
                change_all_memory(frame, f"store over {key}", [at, value.expr], node)
                continue
            array = state.memory.get(key)
            if array is None or array.sort().range().size() != bits:
                array = memory_of_member(key, bits, state.world)
            name = f"{holder}.{key}{UNDER}.{place.key}"
            if is_array:
                given = [array, at, value.expr]
                told = run.marked(name)
                new = run.unknowns.apply(told, "operation", given, array.sort())
            else:
                old = z3.Select(array, at)
                new = z3.Store(array, at, run.opaque(name, [old, value.expr], bits))
            state.memory[key] = new


def _words(
    run: Run, holder: CType, address: BitVec, names: frozenset[str], depth: int
) -> Iterator[tuple[str, int, BitVec, bool]]:
    """(memory, bits, address, whether it is an array) of some members of a struct."""
    from reviewer.prover.memory import places

    for name in sorted(names):
        member = run.types.field(holder, name)
        if member is None:
            continue
        ctype = member.ctype
        if ctype.array:
            to = ctype.to
            if to is not None and to.is_scalar:
                yield elements_key(places.key_of(holder, name)), to.bits, address, True
        elif ctype.kind == "struct":
            inner = run.types.fields(ctype.name)
            if depth < DEEPEST and inner:
                own = places.key_of(holder, name)
                at = places.member_address(run, address, own, ctype, member.first)
                every = frozenset(inner)
                yield from _words(run, ctype, at, every, depth + 1)
        else:
            own = places.key_of(holder, name)
            key, at = places.name_in_union(run, own, ctype.bits, address)
            yield key, ctype.bits, at, False
