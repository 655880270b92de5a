# SPDX-License-Identifier: GPL-2.0-or-later
"""A case that is new or gone: what the default does that stands for it on the other
side."""

from __future__ import annotations

from reviewer.prover.structure.divergences import NEW, OLD, Sides
from reviewer.prover.structure.step_words import former_way, step_in_words
from reviewer.prover.structure.steps import (
    BREAK,
    CASE,
    CONTINUE,
    GOTO,
    RETURN,
    SWITCH,
    Step,
    inside,
)

_LEAVES = (RETURN, GOTO, CONTINUE)


def of_the_default(
    sides: Sides, old: tuple[Step, ...], new: tuple[Step, ...]
) -> tuple[str, ...]:
    """Returns how the default leaves the switch for more than the end of it, where one
    side has cases of their own that are left to the default on the other one, and do
    not leave so; nothing where no more than cases comes or goes."""
    own = old or new
    if (old and new) or not own or own[0].kind != CASE:
        return ()
    side = OLD if old else NEW
    switch = next(
        (
            step
            for step in inside(sides.bodies[side])
            if step.kind == SWITCH and any(one is own[0] for one in step.parts[0])
        ),
        None,
    )
    mates = {id(pair[side]): pair[1 - side] for pair in sides.alignment.common}
    other = None if switch is None else mates.get(id(switch))
    if switch is None or other is None or _falls_in(switch.parts[0], own):
        return ()
    back = {id(pair[1 - side]) for pair in sides.alignment.common}
    cases = [step for step in other.parts[0] if step.kind == CASE]
    if any(id(one) not in back or "..." in one.text for one in cases):
        return ()  # one of them may be for the same value
    way = _way_of_the_default(other.parts[0])
    if way is None or any(step.text == way.text for step in inside(own)):
        return ()
    if side == OLD:
        return (f"{step_in_words(way)}, as in `default`",)
    return (f"before, it {former_way(way)}, as in `default`",)


def _falls_in(block: list[Step], own: tuple[Step, ...]) -> bool:
    """Whether the cases go on into one that both sides have, or are fallen into."""
    first = next(n for n, step in enumerate(block) if step is own[0])
    before = block[first - 1] if first else None
    ends = (BREAK, RETURN, GOTO, CONTINUE)
    return own[-1].kind not in ends or (before is not None and before.kind not in ends)


def _way_of_the_default(block: list[Step]) -> Step | None:
    """The return or jump that the default ends with, None for none: it goes on behind
    the switch, hangs on more, or there is no default."""
    start = next((n for n, s in enumerate(block) if s.text.startswith("default")), None)
    for step in block[start + 1 :] if start is not None else ():
        if step.kind in _LEAVES:
            return step
        if step.kind in (BREAK, CASE) or step.parts:
            return None
    return None
