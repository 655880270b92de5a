# SPDX-License-Identifier: GPL-2.0-or-later
"""A step that both sides do, at two places: what it passes on the way, in words."""

from __future__ import annotations

from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.divergences import NEW, OLD, Divergence, Sides
from reviewer.prover.structure.flow import Branch
from reviewer.prover.structure.kept_results import called_in
from reviewer.prover.structure.step_words import (
    leaves,
    no_longer,
    quoted,
    step_in_words,
    whole_step,
)
from reviewer.prover.structure.steps import (
    GOTO,
    IF,
    LABEL,
    PLAIN,
    RETURN,
    Step,
    block_of,
    inside,
)
from reviewer.prover.structure.wording import branch_words, conditions

MOST_WAYS = 2  # out of what is passed, that are told
_Placed = tuple[Step, Divergence]


def moved_steps(sides: Sides, found: list[Divergence]) -> dict[str, str]:
    """Returns what is said of steps that one side does at one place and the other at
    another, by what is said of a step that is gone or new; of a call that is done in
    the condition of an if, too."""
    steps: tuple[dict[str, list[_Placed]], dict[str, list[_Placed]]] = ({}, {})
    for one in found:
        for point in one.points if one.edit.kind == CHANGE else ():
            step = point.step
            asked = step.kind == IF and called_in(step)
            if step.kind == PLAIN or asked:
                text = asked or step.text.rstrip("; ")
                steps[point.side].setdefault(text, []).append((step, one))
    _add_inner(steps, found)
    told: dict[str, str] = {}
    others = _other_jumps(sides)
    for text, old in steps[OLD].items():
        new = steps[NEW].get(text, [])
        if len(old) != 1 or len(new) != 1 or old[0][0].kind != PLAIN:
            continue
        sides.moved |= {old[0][0].text}
        words = step_in_words(old[0][0])
        if new[0][0].kind == PLAIN:
            around = [_guard_within(*one) for one in (old[0], new[0])]
            where = _from_there(sides, old[0], new[0], others)
            if not where:
                continue
            if around[OLD] != around[NEW]:
                only = _only(*around)
                where = only if where.startswith("in line") else f"{only}, {where}"
            guarded = no_longer(words + around[OLD]), words + around[NEW]
            both = (*guarded, no_longer(words), words)
            comma = "," if where.startswith("not ") else ""
            told |= dict.fromkeys(both, f"{words}{comma} {where}")
        else:
            asks = f"asks what {quoted(text)} gives in line {new[0][0].line}"
            told[no_longer(words)] = asks
    return told


def _guard_within(step: Step, one: Divergence) -> str:
    """What a step hangs on within what one side alone has, as words behind it."""
    edit = one.edit
    alone = leaves(edit.old) + leaves(edit.new)
    return next((leaf.hangs_on for leaf in alone if leaf.step is step), "")


def _only(old: str, new: str) -> str:
    """What a step hangs on and did not before, or the other way round, in words."""
    if not old:
        return f"only{new}"
    return f"{new.strip()}, before{old}" if new else f"not only{old}"


def _add_inner(
    steps: tuple[dict[str, list[_Placed]], dict[str, list[_Placed]]],
    found: list[Divergence],
) -> None:
    """Adds what stands within a new statement, or within one that is gone, where the
    other side does it alone: an if that is put around a step takes in another one."""
    for side in (OLD, NEW):
        wanted = steps[1 - side].keys() - steps[side].keys()
        for one in found if wanted else ():
            edits = (one.edit.old, one.edit.new)
            both = {step.text for step in inside(edits[1 - side])}
            for step in inside(edits[side]):
                text = step.text.rstrip("; ")
                if step.kind == PLAIN and text in wanted and step.text not in both:
                    steps[side].setdefault(text, []).append((step, one))


def _other_jumps(sides: Sides) -> bool:
    """Whether a goto leads to another label, or a label stands at another place."""
    return any(
        any(step.kind == LABEL for step in inside([*edit.old, *edit.new]))
        or any(step.kind == GOTO for step in inside(edit.old))
        for edit in sides.alignment.edits
    )


def moved_ifs(sides: Sides, found: list[Divergence]) -> dict[int, str]:
    """Returns what an if with all that is in it stands before now and stood behind, or
    the other way round, by the id of its divergence, where one side has it at one place
    and the other at another."""
    steps: tuple[dict[str, list[Divergence]], dict[str, list[Divergence]]] = ({}, {})
    for one in found:
        alone = [*one.edit.old, *one.edit.new]
        if one.edit.kind == CHANGE and len(alone) == 1 and alone[0].parts:
            side = NEW if one.edit.new else OLD
            steps[side].setdefault(alone[0].key, []).append(one)
    told: dict[int, str] = {}
    for key, old in steps[OLD].items():
        new = steps[NEW].get(key, [])
        if len(old) == len(new) == 1:
            steps_moved = old[0].edit.old[0], new[0].edit.new[0]
            where = _past_what(sides, *steps_moved)
            words = f"does {whole_step(steps_moved[1])} {where}"
            told[id(old[0])] = told[id(new[0])] = words
    return told


def _from_there(sides: Sides, old: _Placed, new: _Placed, others: bool) -> str:
    """Where a step is done now, and where it was; "" where it is gone on some of the
    ways and new on others, for ``others`` jumps lead there."""
    always = [
        flow.is_always_reached(placed[0])
        for flow, placed in zip(sides.flows, (old, new), strict=True)
    ]
    path = sides.sources[NEW].path
    if always == [False, True] and (whens := conditions(sides, old[1], path)):
        return f"on every way, before only {' or '.join(whens)}"
    if always == [True, False] and (whens := conditions(sides, new[1], path)):
        return f"only {' or '.join(whens)}, before on every way"
    return "" if others else _past_what(sides, old[0], new[0])


def _past_what(sides: Sides, old: Step, new: Step) -> str:
    """What a step stands before now and stood behind, or the other way round, and on
    which ways out between them that counts."""
    lines = f"in line {new.line}, not in line {old.line}"
    was_in, is_in = block_of(sides.bodies[OLD], old), block_of(sides.bodies[NEW], new)
    mates = {id(one): two for one, two in sides.alignment.common}
    here, there = _place(is_in, new), _place(was_in, old)
    before = [mates[id(step)] for step in was_in[:there] if id(step) in mates]
    behind = [mates[id(step)] for step in was_in[there + 1 :] if id(step) in mates]
    if before and (last := _place(is_in, before[-1])) > here:
        passed = is_in[here + 1 : last + 1]
        how, was, also = "before", "behind", "also"
    elif behind and 0 <= (first := _place(is_in, behind[0])) < here:
        passed = is_in[first:here]
        how, was, also = "behind", "before", "no longer"
    else:
        return lines
    stay = {id(two) for two in mates.values()}
    passed = [step for step in passed if id(step) in stay]  # not what moves along
    if not passed:
        return lines
    told = f"{how} {whole_step(passed[0])}, not {was} it"
    if len(passed) > 1:
        ends = passed[0], passed[-1]
        one, two = map(whole_step, ends if how == "before" else ends[::-1])
        told = f"{how} {one}, not {was} {two}"
    ways = _ways_out_of(sides, passed)
    return f"{told}, so {also} {' or '.join(ways)}" if ways else told


def _ways_out_of(sides: Sides, passed: list[Step]) -> list[str]:
    """When control leaves some steps of the new side for good, in words, the first
    few."""
    flow = sides.flows[NEW]
    outs = [step for step in inside(passed) if step.kind in (RETURN, GOTO)]
    bits = sum(1 << flow.numbers[id(step)] for step in outs)
    told: dict[str, None] = {}
    for step in inside(passed):
        for target, way in flow.next[flow.numbers[id(step)]]:
            if step.kind == IF and flow.always[target] & bits:
                told[branch_words(sides, NEW, Branch(step, way))] = None
    return list(told)[:MOST_WAYS]


def _place(steps: list[Step], wanted: Step) -> int:
    return next((n for n, step in enumerate(steps) if step is wanted), -1)
