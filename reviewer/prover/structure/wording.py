# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions and what happens under them, in the words of the source."""

from __future__ import annotations

from reviewer.c.text import matching
from reviewer.patterns import regex
from reviewer.prover.structure.alignment import (
    CONDITION,
    UNWRAPPED,
    WRAPPED,
    Edit,
)
from reviewer.prover.structure.divergences import NAME, OLD, Divergence, Sides
from reviewer.prover.structure.flow import Branch
from reviewer.prover.structure.steps import (
    DO,
    IF,
    LABEL,
    LOOP,
    SWITCH,
    VARIANTS,
    Step,
    inside,
)

LONGEST = 90  # columns of a quoted piece
MOST_EVENTS = 4  # that are told of one divergence
MOST_BRANCHES = 3  # that are told of one divergence
_ASSIGNED = regex(r"(?:^|\s|\*)(\w+)\s*=\s*(?!=)(.*?)\s*;?\Z")
_NAME = regex(r"[A-Za-z_]\w*")
_SIMPLE = regex(r"!\s*(\w+(?:->\w+|\.\w+)*|\w+\([^()]*\))\Z")


def quoted(text: str) -> str:
    """Returns a piece of code on one line, between back quotes."""
    whole = " ".join(text.split())
    if len(whole) > LONGEST:
        whole = whole[: LONGEST - 4].rstrip() + " ..."
    return f"`{whole}`"


def conditions(sides: Sides, one: Divergence, path: str) -> tuple[str, ...]:
    """Returns when a divergence is reached; nothing where it always is."""
    if one.always:
        return ()
    if len(one.branches) > MOST_BRANCHES:
        label = _label_above(sides, one)
        told = sorted({branch.step.line for _side, branch in one.branches})
        lines = ", ".join(str(line) for line in told[:6]) + (
            " and others" if len(told) > 6 else ""
        )
        what = f"through {quoted(label)}" if label else "to it"
        return (f"on the ways {what} that leave from lines {lines} of {path}",)
    found: dict[str, None] = {}
    for side, branch in _from_outside(one):
        was = "before, " if side == OLD else ""
        words = branch_words(sides, side, branch)
        found.setdefault(f"{words} ({was}{path}:{branch.step.line})")
    return tuple(found)


def _from_outside(one: Divergence) -> list[tuple[int, Branch]]:
    """The branches, without those of an edit whose first step is reached anyway."""
    steps = [*one.edit.new, *one.edit.old]
    firsts = [side[0] for side in (one.edit.old, one.edit.new) if side]
    points = [point.step for point in one.points]
    if not all(first in points for first in firsts):
        return one.branches
    own = list(inside(steps))
    return [pair for pair in one.branches if pair[1].step not in own] or one.branches


def _label_above(sides: Sides, one: Divergence) -> str:
    """The label through which control comes to the first point."""
    point = one.points[0]
    flow = sides.flows[point.side]
    here = flow.numbers[id(point.step)]
    for number in range(here - 1, 0, -1):
        step = flow.of[number]
        if step is None or not flow.always[number] >> here & 1:
            return ""
        if step.kind == LABEL:
            return step.shown
    return ""


def branch_words(sides: Sides, side: int, branch: Branch) -> str:
    """Returns one branch as a condition."""
    step = branch.step
    if step.kind == IF:
        return _of_an_if(sides, side, step, branch.way == "yes")
    if step.kind == LOOP:
        where = "in" if branch.way == "yes" else "behind the whole of"
        return f"{where} {quoted(step.shown)}"
    if step.kind == DO:
        where = "in another round of" if branch.way == "yes" else "behind"
        return f"{where} the loop {quoted(step.shown)}"
    if step.kind == SWITCH:
        value = step.shown.removeprefix("switch").strip()
        if branch.way == "default":
            return f"when {quoted(_bare(value))} is no case of its own"
        case = branch.way.removeprefix("case").strip()
        return f"when {quoted(_bare(value))} is {quoted(case)}"
    if step.kind == VARIANTS:
        if branch.way == "otherwise":
            return f"where {quoted(step.names[0])} does not hold"
        return f"under {quoted(branch.way)}"
    return f"at {quoted(step.shown)}"


def _of_an_if(sides: Sides, side: int, step: Step, holds: bool) -> str:
    condition = condition_of_an_if(step)
    simple = _SIMPLE.match(condition)
    if simple and not holds:
        condition, holds = simple[1], True
    words = f"when {quoted(condition)}" if holds else f"when not {quoted(condition)}"
    came = _asked(sides, side, step, condition)
    return f"{words}, what {came} gave," if came else words


def condition_of_an_if(step: Step) -> str:
    """Returns the condition of an if, without the parentheses around it."""
    return _bare(step.shown.removeprefix("if").strip())


def _bare(text: str) -> str:
    """A condition without the parentheses around all of it."""
    if text.startswith("(") and matching(text, 0) == len(text) - 1:
        return text[1:-1].strip()
    return text


def _asked(sides: Sides, side: int, step: Step, condition: str) -> str:
    """The call just before an if that gave what the if looks at."""
    flow = sides.flows[side]
    before = flow.of[flow.numbers[id(step)] - 1]
    found = _ASSIGNED.search(before.shown) if before is not None else None
    if before is None or before.parts or found is None or "(" not in found[2]:
        return ""
    if found[1] not in _NAME.findall(condition):
        return ""
    callee = _NAME.match(found[2])
    return f"{callee[0]}()" if callee else ""


def events(one: Divergence) -> tuple[str, ...]:
    """Returns what happens there, on each side."""
    edit = one.edit
    if edit.kind == NAME:
        names = ", ".join(quoted(word) for word in sorted(one.words)[:3])
        return (f"{quoted(edit.new[0].shown)} uses {names}, which changes",)
    if edit.kind == CONDITION:
        return (f"{quoted(edit.old[0].shown)} became {quoted(edit.new[0].shown)}",)
    if edit.kind == WRAPPED:
        return tuple(
            f"{_told(step)} is no longer done" for step in edit.old[:MOST_EVENTS]
        )
    if edit.kind == UNWRAPPED:
        return tuple(f"{_told(step)} is done, too" for step in edit.new[:MOST_EVENTS])
    return _changed(edit)


def _changed(edit: Edit) -> tuple[str, ...]:
    old = [step for step in edit.old if step.kind != LABEL]
    new = [step for step in edit.new if step.kind != LABEL]
    if len(old) == len(new) == 1 and _told(old[0]) == _told(new[0]):
        return (f"{quoted(old[0].text)} became {quoted(new[0].text)}",)
    if len(old) == len(new) == 1:
        return (f"{_told(old[0])} became {_told(new[0])}",)
    found = [f"{_told(step)} is gone" for step in old[:MOST_EVENTS]]
    if len(old) > MOST_EVENTS:
        found.append(f"and {len(old) - MOST_EVENTS} more steps")
    found += [f"{_told(step)} is new" for step in new[:MOST_EVENTS]]
    if len(new) > MOST_EVENTS:
        found.append(f"and {len(new) - MOST_EVENTS} more steps")
    return tuple(found)


def _told(step: Step) -> str:
    """A step, with the first one in it: `if (x) return -EINVAL`."""
    text = step.shown.rstrip("; ")
    if step.parts and step.parts[0] and step.kind == IF:
        text += " " + step.parts[0][0].shown.rstrip("; ")
        if len(step.parts[0]) > 1 or len(step.parts) > 1:
            text += " ..."
    return quoted(text)
