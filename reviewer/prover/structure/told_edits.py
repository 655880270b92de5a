# SPDX-License-Identifier: GPL-2.0-or-later
"""What an edit does, in words: a call more, another argument, another way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from reviewer.prover.structure.alignment import (
    CONDITION,
    KEPT,
    UNWRAPPED,
    WRAPPED,
    Edit,
)
from reviewer.prover.structure.became_another import of_a_pair
from reviewer.prover.structure.default_cases import of_the_default
from reviewer.prover.structure.divergences import (
    NAME,
    NEW,
    OLD,
    Divergence,
    Sides,
    is_asked_freely,
)
from reviewer.prover.structure.kept_results import called_in, set_by
from reviewer.prover.structure.one_side_alone import apart
from reviewer.prover.structure.step_words import (
    DoneStep,
    condition_of_an_if,
    each_once,
    leaves,
    no_longer,
    quoted,
    step_in_words,
    way_into,
    where_they_part,
)
from reviewer.prover.structure.steps import (
    BREAK,
    CASE,
    GOTO,
    IF,
    LOOP,
    RETURN,
    SWITCH,
    Step,
)
from reviewer.prover.structure.ways_out import differences, steps_to, ways_of

MOST_NAMES = 2  # of names that change
VAGUE = (", which changes", ", which may mean something else")  # named_changes.py


def events(
    sides: Sides, one: Divergence, named: Callable[[str], str]
) -> tuple[str, ...]:
    """Returns what is done there, on the new side unless it says "no longer".

    ``named`` says of a changed name what it was and is.
    """
    edit = one.edit
    if edit.kind == NAME:
        told = quoted(edit.new[0].shown.rstrip("; "))
        return (f"{told} uses {named_in_words(one.words, named)}",)
    if edit.kind == CONDITION:
        return asked_instead(edit.old[0], edit.new[0])
    if edit.kind in (WRAPPED, UNWRAPPED):
        return _of_other_ways(sides, edit)
    if edit.kind == KEPT:
        return _of_kept(sides, one)
    return _of_a_change(sides, edit)


def named_in_words(words: Iterable[str], named: Callable[[str], str]) -> str:
    """Returns what changed about some names: of members of one struct once, of a name
    that only leads to another only where nothing nearer is told."""
    told = list(dict.fromkeys(named(word) for word in sorted(words)))
    roots = {one for one in told if " leads to " not in one and not is_vague(one)}
    behind = {one.rpartition(", which ")[2] for one in roots}
    if roots:
        told = [one for one in told if one in roots or _is_of_its_own(one, behind)]
    return " and ".join(told[:MOST_NAMES])


def is_vague(told: str) -> bool:
    """Says whether it is not told what changed about a name."""
    return told.endswith(VAGUE)


def _is_of_its_own(told: str, behind: set[str]) -> bool:
    """Whether a name leads to a change that is told of no other."""
    return not is_vague(told) and told.rpartition(", which ")[2] not in behind


def _of_other_ways(sides: Sides, edit: Edit) -> tuple[str, ...]:
    """What is done where a new or former if or #if does not lead to what both have."""
    (step,) = edit.new if edit.kind == WRAPPED else edit.old
    side = NEW if edit.kind == WRAPPED else OLD
    told_beside = is_asked_freely(sides, side, step)
    others = [
        leaf
        for number, part in enumerate(step.parts)
        if number != edit.part
        for leaf in leaves(part, () if told_beside else (way_into(step, number),))
    ]
    if step.kind == IF and not others and not told_beside:
        return _of_a_question(edit, step)
    kept = edit.old if edit.kind == WRAPPED else edit.new
    chosen = any(one.parts for one in kept)  # else if: none of it may be done instead
    both = [] if chosen and others else leaves(kept)
    if edit.kind == WRAPPED:
        return each_once(apart(sides, both, others))
    said = apart(sides, others, both)
    if not others:
        said = [f"{told}, too" for told in said]
    return each_once(said)


def _of_a_question(edit: Edit, step: Step) -> tuple[str, ...]:
    """What is done where a new or former if does something itself: it calls a function,
    on its way to what both sides have."""
    asked = quoted(condition_of_an_if(step))
    within = edit.old if edit.kind == WRAPPED else edit.new
    done = step_in_words(within[0]) + (", ..." if len(within) > 1 else "")
    if edit.kind == UNWRAPPED:
        return (f"no longer asks {asked}", f"{done} whatever that gave")
    holds = "that holds" if edit.part == 0 else "that does not hold"
    return (f"asks {asked}", f"{done} only if {holds}")


def _of_kept(sides: Sides, one: Divergence) -> tuple[str, ...]:
    """What is done with the answer of a call by the side that looks at it; under that
    answer, where it is not the condition that is told beside it."""
    told: list[str] = []
    edit = one.edit
    found: tuple[list[DoneStep], list[DoneStep]] = ([], [])
    for side, step in ((OLD, edit.old[0]), (NEW, edit.new[0])):
        if step.parts:
            is_whole = any(point.step is step for point in one.points)
            for number, part in enumerate(step.parts):
                if part and is_whole:
                    found[side].extend(leaves(part, (way_into(step, number),)))
                elif part:
                    found[side].extend(_opened(sides, side, tuple(part)))
        elif name := set_by(step):
            kept = f"keeps in {quoted(name)} what {called_in(step)} gives"
            told.append(no_longer(kept) if side == OLD else kept)
    return each_once([*apart(sides, *found), *told])


def asked_instead(old: Step, new: Step) -> tuple[str, ...]:
    """Returns what an if or loop asks now, and what it asked before."""
    one, two = condition_of_an_if(old), condition_of_an_if(new)
    told = quoted(one), quoted(two)
    if told[0] == told[1]:
        told = where_they_part(one, two)
    verb = "does" if new.kind == LOOP else "asks"
    return (f"{verb} {told[1]}, not {told[0]}",)


def _of_a_change(sides: Sides, edit: Edit) -> tuple[str, ...]:
    ways = ways_of(sides, edit)
    if ways is not None:
        parts = list(differences(ways))
        gone = [no_longer(step_in_words(s)) for one, _two in parts for s in one]
        return each_once(gone + [step_in_words(s) for _one, two in parts for s in two])
    if len(edit.old) == len(edit.new) == 1:
        one, two = edit.old[0], edit.new[0]
        if one.kind == two.kind == GOTO:
            return each_once(_of_gotos(sides, one, two))
        if one.kind == two.kind and not (one.parts or two.parts):
            return (of_a_pair(sides, one, two),)
        if one.kind == two.kind and one.kind in (LOOP, SWITCH):
            heads = asked_instead(one, two) if one.shown != two.shown else ()
            inner = [
                leaves(s for part in step.parts for s in part) for step in (one, two)
            ]
            return each_once([*heads, *apart(sides, *inner)] or [_as_a_whole(edit)])
    alone = not (edit.old and edit.new)
    found = [
        _opened(sides, side, steps) if alone else leaves(steps)
        for side, steps in ((OLD, edit.old), (NEW, edit.new))
    ]
    told = _kept_and_going_on(*found) + apart(sides, *found)
    if way := of_the_default(sides, edit.old, edit.new):
        told = [*way, *(one for one in told if not one.startswith("before, it left"))]
    return each_once(told or [_as_a_whole(edit)])


def _of_gotos(sides: Sides, old: Step, new: Step) -> list[str]:
    """What is passed by on the way from one label to the other; then the labels."""
    names = [step.shown.removeprefix("goto").strip("; ") for step in (old, new)]
    gone = steps_to(sides, OLD, old, names[NEW])
    come = steps_to(sides, NEW, new, names[OLD])
    told = [no_longer(step_in_words(step)) for step in gone]
    told += [step_in_words(step) for step in come]
    return [*told, f"goes to {quoted(names[NEW])}, not {quoted(names[OLD])}"]


def _as_a_whole(edit: Edit) -> str:
    """Of steps that do the same in another order or under other conditions."""
    old, new = (" ".join(s.key for s in steps) for steps in (edit.old, edit.new))
    one, two = where_they_part(old, new)
    return f"does {two}, not {one}"


def _kept_and_going_on(old: list[DoneStep], new: list[DoneStep]) -> list[str]:
    """What was returned at once and is kept now; takes it out of both."""
    calls = {called_in(leaf.step) for leaf in old if leaf.step.kind == RETURN} - {""}
    told: list[str] = []
    for leaf in list(new):
        call = called_in(leaf.step)
        if set_by(leaf.step) and call in calls:
            name = quoted(set_by(leaf.step))
            told.append(f"keeps in {name} what {call} gives and goes on")
            new.remove(leaf)
            gone = next(one for one in old if called_in(one.step) == call)
            old.remove(gone)
            calls.discard(call)
    return told


def _opened(sides: Sides, side: int, steps: tuple[Step, ...]) -> list[DoneStep]:
    """What is done in steps of one side alone: without the conditions that are told
    beside it, which are those that all of it has in common."""
    found = leaves(steps)
    if len(found) > 1 and steps[0].kind == CASE and found[-1].step.kind == BREAK:
        found.pop()  # each case has one
    if len(steps) != 1 or not is_asked_freely(sides, side, steps[0]):
        return found
    common = found[0].around
    if any(leaf.around != common for leaf in found):
        common = () if is_both_ways(steps[0]) else found[0].around[:1]
    return [replace(leaf, around=leaf.around[len(common) :]) for leaf in found]


def is_both_ways(step: Step) -> bool:
    """Says whether more than one part of an if or #if has steps in it."""
    return sum(1 for part in step.parts if part) > 1
