# SPDX-License-Identifier: GPL-2.0-or-later
"""Where control goes: branches, jumps out of a place, and where they meet again."""

from __future__ import annotations

from collections.abc import Callable

import z3

from reviewer.prover.interpret.run import Frame
from reviewer.prover.memory.state import State, both_hold, merge
from reviewer.prover.term_types import Bool


def branch(
    frame: Frame, flag: Bool, yes: Callable[[], None], no: Callable[[], None]
) -> None:
    """Run two callables on the two sides of a condition and merge."""
    before, left = frame.state, jumps_so_far(frame)
    frame.state = before.copy(both_hold(before.alive, flag))
    yes()
    after_yes = frame.state
    frame.state = before.copy(both_hold(before.alive, z3.Not(flag)))
    no()
    if frame.jumps.get("joined") != left.get("joined"):
        flag = after_yes.alive  # a jump came in from outside, whatever the flag
    frame.state = merge(frame.run.unknowns, flag, after_yes, frame.state)
    if jumps_so_far(frame) == left:
        frame.state.alive = before.alive


def jumps_so_far(frame: Frame) -> dict[str, int]:
    """Returns how many jumps to each target, or joins at a label, were run so far."""
    return dict(frame.jumps)


def jump_to(frame: Frame, target: str) -> None:
    """Leaves the path by a jump: the state waits at the target."""
    frame.jumps[target] = frame.jumps.get(target, 0) + 1
    if target == "return":  # the function's own variables are gone
        state = frame.state
        state.env = {
            slot: value
            for slot, value in state.env.items()
            if not slot or slot in frame.outer
        }
    frame.waiting.setdefault(target, []).append(frame.state)
    frame.state = frame.state.copy(z3.BoolVal(False))


def arrive_at(frame: Frame, target: str) -> None:
    """Merge all that jumped to ``target`` with what falls through."""
    states = frame.waiting.pop(target, [])
    if states and target.startswith("label"):
        frame.jumps["joined"] = frame.jumps.get("joined", 0) + 1
    for state in states:
        frame.state = merge_states(frame, state, frame.state)


def merge_states(frame: Frame, one: State, two: State) -> State:
    """Returns the one state of two ways that come to the same point: each value is the
    one way's where that way was taken, else the other's."""
    return merge(frame.run.unknowns, one.alive, one, two)


def bring_back_in(frame: Frame, before: dict[str, int], *targets: str) -> None:
    """Forgets the jumps to some targets, all of which the run has come to by now, and
    brings back those to targets of the same name further out (``before``)."""
    for target in targets:
        frame.jumps.pop(target, None)
        if target in before:
            frame.jumps[target] = before[target]
