# SPDX-License-Identifier: GPL-2.0-or-later
"""All memory moves on: to the world, or by something that is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.prover.memory.state import (
    Event,
    empty_trace,
    world_sort,
    world_with_accesses,
    world_with_writes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from reviewer.prover.interpret.run import Frame
    from reviewer.prover.term_types import Term


def publish_writes(frame: Frame) -> None:
    """Moves what was written into the world; nothing is kept apart from it then."""
    state = frame.state
    state.world = world_with_accesses(world_with_writes(state), state.trace)
    state.trace = empty_trace()
    state.memory.clear()


def change_all_memory(
    frame: Frame, name: str, operands: Sequence[Term], node: Node
) -> None:
    """Notes something that is not followed, and that may change all memory."""
    run, state = frame.run, frame.state
    publish_writes(frame)
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
