# SPDX-License-Identifier: GPL-2.0-or-later
"""A way out that became another: what is done from a return or goto to the end.

`return err;` is the same as `goto out;` with nothing but `return err;` behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from reviewer.prover.structure.alignment import CHANGE, Edit, is_scoped
from reviewer.prover.structure.flow import EXIT
from reviewer.prover.structure.steps import GOTO, LABEL, PLAIN, RETURN, Step, inside

if TYPE_CHECKING:
    from reviewer.prover.structure.divergences import Sides

LONGEST_RUN = 12  # steps to the end


def ways_of(sides: Sides, edit: Edit) -> tuple[list[Step], list[Step]] | None:
    """Returns what both sides do from an edit to the end of the function, None where
    the edit is no other way out, or the way is not straight."""
    if edit.kind != CHANGE or len(edit.old) != 1 or len(edit.new) != 1:
        return None
    steps = edit.old[0], edit.new[0]
    kinds = {step.kind for step in steps}
    if GOTO not in kinds or not kinds <= {RETURN, GOTO}:
        return None
    if any(is_scoped(step) for body in sides.bodies for step in inside(body)):
        return None  # what is undone at the end of a block
    runs = [_run(sides, side, step) for side, step in enumerate(steps)]
    if runs[0] is None or runs[1] is None:
        return None
    words = frozenset[str]().union(*(s.words for run in runs for s in run or []))
    if not words.isdisjoint(sides.hidden):
        return None  # one name may be two variables
    return runs[0], runs[1]


def differences(
    ways: tuple[list[Step], list[Step]],
) -> Iterator[tuple[list[Step], list[Step]]]:
    """Yields what one way does and the other does not, in turn."""
    keys = [step.text for step in ways[0]], [step.text for step in ways[1]]
    matcher: SequenceMatcher[str] = SequenceMatcher(None, *keys, False)
    for tag, start, end, start_2, end_2 in matcher.get_opcodes():
        if tag != "equal":
            yield ways[0][start:end], ways[1][start_2:end_2]


def steps_to(sides: Sides, side: int, step: Step, label: str) -> list[Step]:
    """Returns the steps between a goto and a label behind the one that it leads to;
    none where that is not the straight way."""
    flow = sides.flows[side]
    found: list[Step] = []
    number = flow.numbers[id(step)]
    for _ in range(LONGEST_RUN):
        here = flow.of[number]
        if here is None or here.kind not in (GOTO, LABEL, PLAIN):
            return []
        if here.kind == LABEL and here.shown == label:
            return found
        if here.kind == PLAIN:
            found.append(here)
        ((number, _way),) = flow.next[number]
    return []


def _run(sides: Sides, side: int, step: Step) -> list[Step] | None:
    """The steps that follow, without labels and gotos; None where it branches."""
    flow = sides.flows[side]
    found: list[Step] = []
    number = flow.numbers[id(step)]
    for _ in range(LONGEST_RUN):
        here = flow.of[number]
        if here is None or here.kind not in (GOTO, LABEL, PLAIN, RETURN):
            return None
        if here.kind in (PLAIN, RETURN):
            found.append(here)
        ((number, _way),) = flow.next[number]
        if number == EXIT:
            return found
    return None
