# SPDX-License-Identifier: GPL-2.0-or-later
"""All memory moves on: to the world, or by something that is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.prover.memory.state import Event, committed, told, untold, world_sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from reviewer.prover.interpret.run import Frame
    from reviewer.prover.term_types import Term


def publish(frame: Frame) -> None:
    """Move what was written into the world."""
    state = frame.state
    state.world = told(committed(frame.run.unknowns, state), state.trace)
    state.trace = untold()
    state.memory.clear()


def outside(frame: Frame, name: str, operands: Sequence[Term], node: Node) -> None:
    """Something that we do not follow: all memory may be changed by it."""
    run, state = frame.run, frame.state
    publish(frame)
    before = state.world
    state.world = run.unknowns.apply(
        f"after {name}", "code", [before, *operands], world_sort()
    )
    text, line = frame.where(node)
    run.record.events.append(
        Event(
            "opaque", name, state.alive, tuple(operands), line, text,
            world=before, after=state.world,
        )
    )  # fmt: skip
