# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions and what happens under them, in the words of the source."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex
from reviewer.prover.structure.divergences import OLD, Divergence, Sides
from reviewer.prover.structure.flow import Branch
from reviewer.prover.structure.step_words import condition_of_an_if, quoted
from reviewer.prover.structure.steps import (
    DECLARATION,
    DO,
    IF,
    LABEL,
    LOOP,
    PLAIN,
    SWITCH,
    VARIANTS,
    Step,
    inside,
    inside_parentheses,
    steps_before,
)

MOST_BRANCHES = 3  # that are told of one divergence
MOST_BEFORE = 6  # steps in which the call is looked for that gave a value
_ASSIGNED = regex(r"(?:^|\s|\*)(\w+)\s*=\s*(?!=)(.*?)\s*;?\Z")
_SIMPLE = regex(r"!\s*(\w+(?:->\w+|\.\w+)*|\w+\([^()]*\))\Z")
_HINT = regex(r"(?:un)?likely\s*(\(.*\))\Z")
_CALL = regex(r"(\w+)\s*\([^()]*\)\Z")
_CALLED = regex(r"(\w+(?:(?:->|\.)\w++)*+) ?\(")
_IS_ERROR = regex(r"(?:(.*?\S)\s*+<\s*+0|IS_ERR\s*\((.+)\))\Z")


def conditions(sides: Sides, one: Divergence, path: str) -> tuple[str, ...]:
    """Returns when a divergence is reached; nothing where it always is."""
    if one.always:
        return ()
    branches = _from_outside(sides, one)
    calls = _by_calls(sides, branches, path) if len(branches) > 1 else ""
    words = {branch_words(sides, side, branch) for side, branch in branches}
    if len(words) > MOST_BRANCHES:
        label = _label_above(sides, one)
        if calls:
            what = f"through {quoted(label)}" if label else "to it"
            return (f"on the ways {what}: {calls}",)
        line = next((p.step.line for p in one.points if p.side != OLD), 0)
        where = (
            f"{path}:{line}" if line else f"before, {path}:{one.points[0].step.line}"
        )
        how = f"through {quoted(label)}" if label else "there"
        return (f"wherever it gets {how} ({where})",)
    if calls:
        return (calls,)
    found: dict[str, None] = {}
    for side, branch in branches:
        was = "before, " if side == OLD else ""
        told = branch_words(sides, side, branch)
        found.setdefault(f"{told} ({was}{path}:{branch.step.line})")
    return tuple(found)


def _by_calls(sides: Sides, branches: list[tuple[int, Branch]], path: str) -> str:
    """Branches that all ask what a call gave, by what they ask: "when a() or b() does
    not give 0"; "" where one of them asks something else."""
    groups: dict[str, dict[str, int]] = {}
    for side, branch in branches:
        found = _answer(sides, side, branch) if side != OLD else None
        if found is None:
            return ""
        groups.setdefault(found[1], {})[found[0]] = branch.step.line
    told = [f"{_listed(names)} {how}" for how, names in groups.items()]
    lines = sorted({line for names in groups.values() for line in names.values()})
    return f"when {', or '.join(told)} ({path}:{', '.join(map(str, lines))})"


def _listed(names: Iterable[str]) -> str:
    *first, last = (f"{name}()" for name in names)
    return f"{', '.join(first)} or {last}" if first else last


def _answer(sides: Sides, side: int, branch: Branch) -> tuple[str, str] | None:
    """The function whose answer a branch looks at, and what it has to be for it."""
    if branch.step.kind != IF or branch.way not in ("yes", "no"):
        return None
    whole = condition_of_an_if(branch.step)
    text = whole
    if hint := _HINT.match(text):
        text = inside_parentheses(hint[1])
    zero = text.startswith("!")
    text = inside_parentheses(text.removeprefix("!").strip())
    error = None if zero else _IS_ERROR.match(text)
    value = (error[1] or error[2]).strip() if error else text
    if called := _CALL.match(value):
        name = called[1]
    elif IDENTIFIER.fullmatch(value):
        name = _asked(sides, side, branch.step, whole).removesuffix("()")
    else:
        return None
    holds = branch.way == "yes"
    how = "gives 0" if zero == holds else "does not give 0"
    if error:
        how = "fails" if holds else "does not fail"
    return (name, how) if name else None


def _from_outside(sides: Sides, one: Divergence) -> list[tuple[int, Branch]]:
    """The branches, without those of an edit whose first step is reached anyway; of
    one that is reached through others only, all that lead to it."""
    steps = [*one.edit.new, *one.edit.old]
    firsts = [side[0] for side in (one.edit.old, one.edit.new) if side]
    points = [point.step for point in one.points]
    if not one.branches:
        return [
            (point.side, branch)
            for point in one.points
            for branch in sides.flows[point.side].reached_by(point.step)
        ]
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
    """Returns one branch as a condition, with the loop that it stands in."""
    words = _branch_words(sides, side, branch)
    return words + loop_in_words(sides, side, branch.step)


def loop_in_words(sides: Sides, side: int, step: Step) -> str:
    """Returns the innermost loop around a step, as words, "" for none."""
    loop = _loop_around(sides.bodies[side], step)
    return "" if loop is None else f" in {quoted(loop.shown)}"


def _loop_around(steps: list[Step], wanted: Step) -> Step | None:
    """The innermost loop around a step."""
    for step in steps:
        for part in step.parts:
            if any(one is wanted for one in inside(part)):
                inner = _loop_around(part, wanted)
                return step if inner is None and step.kind in (LOOP, DO) else inner
    return None


def _branch_words(sides: Sides, side: int, branch: Branch) -> str:
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
            return f"when {quoted(inside_parentheses(value))} is no case of its own"
        case = branch.way.removeprefix("case").strip()
        return f"when {quoted(inside_parentheses(value))} is {quoted(case)}"
    if step.kind == VARIANTS:
        if branch.way == "otherwise" or branch.way.startswith("#else"):
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
    return f"{words}, what {came} gave" if came else words


def _asked(sides: Sides, side: int, step: Step, condition: str) -> str:
    """The call before an if that gave what the if looks at, with nothing between them
    but steps without others in them that do not touch it."""
    words = IDENTIFIER.findall(condition)
    for before in steps_before(sides.bodies[side], step)[:MOST_BEFORE]:
        found = _ASSIGNED.search(before.shown)
        if before.parts or before.kind not in (PLAIN, DECLARATION):
            return ""
        if found is not None and found[1] in words:
            callee = _CALLED.match(found[2]) if "(" in found[2] else None
            return f"{callee[1]}()" if callee else ""
        if not before.words.isdisjoint(words):
            return ""
    return ""
