# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of steps that one side alone has, cut into those that hang on one thing."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.prover.structure.alignment import CHANGE, Edit
from reviewer.prover.structure.divergences import NEW, OLD, Sides, is_asked_freely
from reviewer.prover.structure.steps import (
    BREAK,
    CASE,
    CONTINUE,
    GOTO,
    IF,
    RETURN,
    VARIANTS,
    Step,
)

_ENDS = frozenset([RETURN, GOTO, BREAK, CONTINUE])


def cut_edits(sides: Sides) -> None:
    """Cuts the edits of a function in place, where that tells more."""
    edits = sides.alignment.edits
    edits[:] = [part for edit in edits for part in _parts(sides, edit)]


def _parts(sides: Sides, edit: Edit) -> Iterator[Edit]:
    """What one side alone has, cut so that an if which changes nothing by what it asks
    and the steps of one case each stand for themselves."""
    side = NEW if edit.new else OLD
    steps = edit.new or edit.old
    if edit.kind != CHANGE or (edit.old and edit.new) or len(steps) < 2:
        yield edit
        return
    runs: list[list[Step]] = [[]]
    for step in steps:
        apart = step.kind in (IF, VARIANTS) and is_asked_freely(sides, side, step)
        begins = step.kind == CASE and bool(runs[-1]) and runs[-1][-1].kind in _ENDS
        if (apart or begins) and runs[-1]:
            runs.append([])
        runs[-1].append(step)
        if apart:
            runs.append([])
    for run in filter(None, runs):
        cut = tuple(run)
        old, new = ((), cut) if side == NEW else (cut, ())
        yield Edit(CHANGE, old, new, of=id(edit))
