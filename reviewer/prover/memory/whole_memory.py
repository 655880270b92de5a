# SPDX-License-Identifier: GPL-2.0-or-later
"""All memory moves on: to the world, or by something that is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer.prover.memory.state import UNTOLD, WORLD, Event, committed, told

if TYPE_CHECKING:
    from reviewer.prover.interpret.run import Frame


def publish(frame: Frame) -> None:
    """Move what was written into the world."""
    state = frame.state
    state.world = told(committed(frame.run.unknowns, state), state.trace)
    state.trace = UNTOLD
    state.memory.clear()


def outside(frame: Frame, name: str, operands: list[Any], node: Any) -> None:
    """Something that we do not follow: all memory may be changed by it."""
    run, state = frame.run, frame.state
    publish(frame)
    before = state.world
    state.world = run.unknowns.apply(
        f"after {name}", "code", [before, *operands], WORLD
    )
    text, line = frame.where(node)
    run.events.append(
        Event(
            "opaque", name, state.alive, tuple(operands), line, text,
            world=before, after=state.world,
        )
    )  # fmt: skip
