# SPDX-License-Identifier: GPL-2.0-or-later
"""Accesses that are observed by themselves: volatile ones, and READ_ONCE().

C11 5.1.2.3: an access to a volatile object is a side effect, made as often and in the
order that the text says, whatever is done with the value.  So each of them moves the
*trace* of the state on, and a read gives a value of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory import stopping_states
from reviewer.prover.memory.state import Event, world_sort, world_with_writes
from reviewer.prover.memory.tagged_names import memory_name
from reviewer.prover.values.integers import Value, from_outside, plain_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.prover.interpret.run import Frame
    from reviewer.prover.memory.places import Place
    from reviewer.prover.term_types import BitVec, Term


def read(frame: Frame, place: Place, what: str) -> Value:
    """Returns the value of an access that is seen; ``what`` it is, for a person."""
    run, state = frame.run, frame.state
    name, operands = _access_in_words(frame, place, what)
    ctype = plain_type(place.ctype)
    given = [state.trace, world_with_writes(state), *operands]
    expr = run.unknowns.apply(name, "read", given, z3.BitVecSort(ctype.bits))
    note_visible_event(frame, name, operands)
    return from_outside(expr, ctype)


def write(frame: Frame, place: Place, value: Value, what: str) -> None:
    """Notes a write that is seen; what is written is the caller's to store."""
    name, operands = _access_in_words(frame, place, what)
    note_visible_event(frame, name, [*operands, value.expr])


def note_visible_event(
    frame: Frame, name: str, operands: Sequence[Term], world: Term | None = None
) -> None:
    """Notes what is done and can be seen, and changes no memory by itself.

    ``world``: memory that is shown with it.
    """
    run, state = frame.run, frame.state
    text, line = frame.here()
    given = [state.trace, *operands, *([] if world is None else [world])]
    after = run.unknowns.apply(f"after {name}", "code", given, world_sort())
    run.record.events.append(
        Event(
            "observed", name, state.alive, tuple(operands), line, text,
            world=state.trace, after=after,
        )
    )  # fmt: skip
    state.trace = after


def _access_in_words(frame: Frame, place: Place, what: str) -> tuple[str, list[BitVec]]:
    """What is accessed: its name, and the address or the value that tells which."""

    run, ctype = frame.run, plain_type(place.ctype)
    if place.kind in ("memory", "deref"):
        stopping_states.note_access(run, frame.state, place.key, place.lies_at)
    if place.kind == "memory":
        return f"{what} of {memory_name(place.key).shown()}", [place.lies_at]
    if place.kind == "deref":
        return f"{what} of *({ctype})", [place.lies_at]
    return f"{what} of a local {ctype}", []
