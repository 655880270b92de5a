# SPDX-License-Identifier: GPL-2.0-or-later
"""All places where both sides part, in words: what tells most first, and once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial

from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.deciding import (
    ALWAYS,
    place_of,
    what_is_done,
    when_it_shows,
)
from reviewer.prover.structure.divergences import NAME, NEW, OLD, Divergence, Sides
from reviewer.prover.structure.known_zeros import both_return_zero
from reviewer.prover.structure.moved_steps import moved_ifs, moved_steps
from reviewer.prover.structure.named_changes import named_change
from reviewer.prover.structure.one_side_alone import how_late
from reviewer.prover.structure.seen_calls import call_that_shows
from reviewer.prover.structure.step_words import LEFT, MADE, SAID, leaves
from reviewer.prover.structure.steps import DECLARATION, GOTO, RETURN
from reviewer.prover.structure.told_edits import named_in_words
from reviewer.prover.structure.untouched_rest import what_stays_the_same
from reviewer.prover.verdict import DifferingPart

HERE = "in this step"
ELSEWHERE, NAMES, DECLARED, MESSAGE = range(MADE + 10, MADE + 14)


@dataclass(frozen=True, slots=True)
class ToldParts:
    """What is told of each place, and the divergences that are steps without a
    condition."""

    parts: tuple[DifferingPart, ...]
    steps: tuple[Divergence, ...]


def told_parts(
    sides: Sides,
    found: list[Divergence],
    differs: bool,
    names: ChangedNames,
    silent: Collection[int],
) -> ToldParts:
    """Returns the divergences in words.

    ``differs``: one of them is sure to show.  ``silent``: by id those that only print.
    """
    path = sides.sources[NEW].path
    found = [one for one in found if not _is_same_zero(sides, one)]
    elsewhere, ifs = moved_steps(sides, found), moved_ifs(sides, found)
    told: list[tuple[int, Divergence, DifferingPart]] = []
    steps: list[Divergence] = []
    for one in found:
        when = when_it_shows(sides, one, differs)
        if not when:
            steps.append(one)
        line = place_of(one).step.line
        then = what_is_done(sides, one, partial(named_change, names=names))
        moves = [event for event in then if event in elsewhere]
        if moves and len(moves) < len(then):
            then = tuple(event for event in then if event not in elsewhere)
        if id(one) in ifs:
            then = (ifs[id(one)],)
            moves = list(then)
        part = DifferingPart(
            when or (f"{HERE} ({path}:{line})",),
            tuple(elsewhere.get(event, event) for event in then),
            line,
            what_stays_the_same(sides, one) if len(found) == 1 else "",
            call_that_shows(sides, one),
            id(one) in silent,
            one.edit.kind == NAME,
        )
        late = ELSEWHERE if len(moves) == len(then) else _rank(sides, one)
        told.append((MESSAGE if part.message else late, one, part))
    told.sort(key=lambda row: row[0])
    return ToldParts(tuple(_merged(told, names)), tuple(steps))


def _is_same_zero(sides: Sides, one: Divergence) -> bool:
    old, new = one.edit.old, one.edit.new
    if one.edit.kind != CHANGE or one.words or not len(old) == len(new) == 1:
        return False
    return both_return_zero(sides, old[0], new[0])


def _rank(sides: Sides, one: Divergence) -> int:
    """How late a divergence is told: what leads elsewhere and what is called first."""
    if one.edit.kind == NAME:
        return NAMES
    if {point.step.kind for point in one.points} == {DECLARATION}:
        return DECLARED
    edit = one.edit
    both: tuple[set[str], set[str]] = (set(), set())
    ranks: dict[str, int] = {}
    kinds: tuple[set[str], set[str]] = (set(), set())
    for side, steps in ((OLD, edit.old), (NEW, edit.new)):
        for leaf in leaves(steps):
            both[side].add(leaf.step.text)
            ranks[leaf.step.text] = late = how_late(sides, leaf)
            if late not in (MADE, SAID):
                kinds[side].add(leaf.step.kind)
    ways = kinds[OLD] | kinds[NEW]
    is_bare = "return;" in both[OLD] | both[NEW]
    if all(kinds) and ways <= {RETURN, GOTO} and (GOTO in ways or is_bare):
        return LEFT  # another way to leave, seldom another end
    alone = both[OLD] ^ both[NEW] or both[OLD]
    return min((ranks[text] for text in alone), default=MADE)


def _merged(
    told: Iterable[tuple[int, Divergence, DifferingPart]], names: ChangedNames
) -> list[DifferingPart]:
    """The parts, those of which the same is told as one with all their conditions."""
    found: dict[tuple[str, ...], DifferingPart] = {}
    uses: dict[tuple[str, ...], int] = {}
    for _late, one, part in told:
        key = part.then
        if one.edit.kind == NAME:
            key = (NAME, named_in_words(one.words, partial(named_change, names=names)))
        if part.when == (ALWAYS,) or part.same:
            key = (*key, str(part.line))
        first = found.setdefault(key, part)
        if first is part:
            continue
        uses[key] = uses.get(key, 0) + 1
        found[key] = replace(
            first,
            when=_both(first.when, part.when),
            shows="",  # of one place only
        )
        if one.edit.kind == NAME:
            first_step = _statement(found[key])
            said = named_in_words(one.words, partial(named_change, names=names))
            found[key] = replace(
                found[key], then=(f"{first_step} and {uses[key]} more use {said}",)
            )
    return list(found.values())


def _both(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    """The conditions of two parts that are told as one: none where one has none."""
    free = [when for when in (*one, *two) if when.startswith(HERE)]
    return tuple(dict.fromkeys(free or [*one, *two]))


def _statement(part: DifferingPart) -> str:
    """The statement that is told of a name."""
    return part.then[0].partition("` ")[0] + "`"
