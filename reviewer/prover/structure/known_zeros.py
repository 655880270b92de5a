# SPDX-License-Identifier: GPL-2.0-or-later
"""A variable that is 0 where it is returned: ``if (ret) return ret;`` is before it."""

from __future__ import annotations

from reviewer.prover.structure.divergences import Sides
from reviewer.prover.structure.done_elsewhere import side_of
from reviewer.prover.structure.kept_results import is_private
from reviewer.prover.structure.step_words import condition_of_an_if
from reviewer.prover.structure.steps import (
    CASE,
    GOTO,
    IF,
    LABEL,
    RETURN,
    Step,
    inside,
    steps_before,
)


def both_return_zero(sides: Sides, old: Step, new: Step) -> bool:
    """Says whether of two returns one gives the number 0 and the other a variable that
    is 0 there."""
    if old.kind != RETURN or new.kind != RETURN:
        return False
    values = [step.text.removeprefix("return").strip("; ") for step in (old, new)]
    if values.count("0") != 1:
        return False
    step, name = (new, values[1]) if values[0] == "0" else (old, values[0])
    return name.isidentifier() and _is_zero_at(sides, step, name)


def _is_zero_at(sides: Sides, step: Step, name: str) -> bool:
    side = side_of(sides, step)
    body, known = sides.bodies[side], sides.definitions[side]
    steps = list(inside(body))
    if name not in sides.locals[side] or name in sides.hidden:
        return False
    if known.is_macro(name) or not is_private(steps, known, name):
        return False
    for before in steps_before(body, step):
        if any(one.kind in (LABEL, CASE) for one in inside([before])):
            return False
        if before.kind == IF and condition_of_an_if(before) == name:
            ends = before.parts[0][-1:]
            return (
                len(before.parts) == 1 and bool(ends) and ends[0].kind in (RETURN, GOTO)
            )
        if any(name in one.words for one in inside([before])):
            return False
    return False
