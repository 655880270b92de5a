# SPDX-License-Identifier: GPL-2.0-or-later
"""What an edit does, in words: a call more, another argument, another way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tree_sitter import Node

from reviewer.c.text import common_start, split_arguments
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.alignment import (
    CONDITION,
    KEPT,
    UNWRAPPED,
    WRAPPED,
    Edit,
)
from reviewer.prover.structure.divergences import (
    NAME,
    NEW,
    OLD,
    Divergence,
    Sides,
    changed_pair,
    is_asked_freely,
)
from reviewer.prover.structure.kept_results import called_in, set_by
from reviewer.prover.structure.step_words import (
    CALL,
    GUARDED,
    LONGEST,
    DoneStep,
    condition_of_an_if,
    leaves,
    no_longer,
    quoted,
    row,
    step_in_words,
    target_of,
    way_into,
    where_they_part,
    whole_step,
)
from reviewer.prover.structure.steps import (
    BREAK,
    CASE,
    GOTO,
    IF,
    LOOP,
    PLAIN,
    RETURN,
    SWITCH,
    Step,
)
from reviewer.prover.structure.ways_out import differences, steps_to, ways_of

MOST_NAMES = 2  # of names that change
_OPERATIONS = (
    "binary_expression",
    "unary_expression",
    "parenthesized_expression",
    "cast_expression",
    "conditional_expression",
    "subscript_expression",
    "field_expression",
)


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
        return _of_kept(sides, edit)
    return _of_a_change(sides, edit)


def named_in_words(words: Iterable[str], named: Callable[[str], str]) -> str:
    """Returns what changed about some names, of members of one struct once."""
    told = dict.fromkeys(named(word) for word in sorted(words))
    return " and ".join(list(told)[:MOST_NAMES])


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
    both = leaves(edit.old if edit.kind == WRAPPED else edit.new)
    if edit.kind == WRAPPED:
        return row(apart(sides, both, others))
    said = apart(sides, others, both)
    if not others:
        said = [f"{told}, too" for told in said]
    return row(said)


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


def _of_kept(sides: Sides, edit: Edit) -> tuple[str, ...]:
    """What is done with the answer of a call by the side that looks at it."""
    told: list[str] = []
    found: tuple[list[DoneStep], list[DoneStep]] = ([], [])
    for side, step in ((OLD, edit.old[0]), (NEW, edit.new[0])):
        if step.parts:
            alone = [part for part in step.parts if part]
            for part in alone:
                found[side].extend(_opened(sides, side, tuple(part)))
        elif name := set_by(step):
            kept = f"keeps in {quoted(name)} what {called_in(step)} gives"
            told.append(no_longer(kept) if side == OLD else kept)
    return row([*apart(sides, *found), *told])


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
        return row(gone + [step_in_words(s) for _one, two in parts for s in two])
    if len(edit.old) == len(edit.new) == 1:
        one, two = edit.old[0], edit.new[0]
        if one.kind == two.kind == GOTO:
            return row(_of_gotos(sides, one, two))
        if one.kind == two.kind and not (one.parts or two.parts):
            return (_of_a_pair(sides, one, two),)
        if one.kind == two.kind and one.kind in (LOOP, SWITCH):
            heads = asked_instead(one, two) if one.shown != two.shown else ()
            inner = [
                leaves(s for part in step.parts for s in part) for step in (one, two)
            ]
            return row([*heads, *apart(sides, *inner)] or [_as_a_whole(edit)])
    alone = not (edit.old and edit.new)
    found = [
        _opened(sides, side, steps) if alone else leaves(steps)
        for side, steps in ((OLD, edit.old), (NEW, edit.new))
    ]
    told = _kept_and_going_on(*found) + apart(sides, *found)
    return row(told or [_as_a_whole(edit)])


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


# --- what one side alone does ---------------------------------------------------------


def apart(sides: Sides, old: list[DoneStep], new: list[DoneStep]) -> list[str]:
    """Returns what one side does and the other does not, what tells most first; then
    what is done on both and hangs on something else."""
    told: list[tuple[int, str]] = []
    rests = [list(old), list(new)]
    for same in (_is_done_alike, _is_the_step, _is_of_one_kind):
        for one in list(rests[OLD]):
            two = next((leaf for leaf in rests[NEW] if same(one, leaf)), None)
            if two is None:
                continue
            rests[OLD].remove(one)
            rests[NEW].remove(two)
            if same is _is_the_step:
                told.append((GUARDED, _guarded(one, two)))
            elif same is _is_of_one_kind:
                pair = _of_a_pair(sides, one.step, two.step)
                told.append((two.rank, pair + two.hangs_on))
    told += [(leaf.rank, no_longer(leaf.words)) for leaf in rests[OLD]]
    told += [(leaf.rank, leaf.words) for leaf in rests[NEW]]
    told.sort(key=lambda pair: pair[0])
    if told and told[0][0] < GUARDED:
        told = [pair for pair in told if pair[0] != GUARDED]
    return [words for _rank, words in told]


def _is_done_alike(one: DoneStep, two: DoneStep) -> bool:
    return _is_the_step(one, two) and one.around == two.around


def _is_the_step(one: DoneStep, two: DoneStep) -> bool:
    given = [leaf.given.text if leaf.given else "" for leaf in (one, two)]
    return one.step.text == two.step.text and given[0] == given[1]


def _is_of_one_kind(one: DoneStep, two: DoneStep) -> bool:
    """Whether two steps call one function, store to one place, or are what is returned
    under one condition."""
    steps = one.step, two.step
    if one.given or two.given or steps[0].kind != steps[1].kind:
        return False
    if steps[0].kind == RETURN:
        return one.around == two.around
    calls = [CALL.match(step.text) for step in steps]
    if calls[0] and calls[1]:
        return calls[0][1] == calls[1][1] and not is_print(calls[0][1])
    targets = [target_of(step) for step in steps]
    return targets[0] != "" and targets[0] == targets[1]


def _guarded(one: DoneStep, two: DoneStep) -> str:
    told = step_in_words(two.step)
    if not one.around:
        return f"{told} only{two.hangs_on}"
    if not two.around:
        return f"{told}, not only{one.hangs_on}"
    return f"{told}{two.hangs_on}, not{one.hangs_on}"


# --- one step that became another -----------------------------------------------------


def _of_a_pair(sides: Sides, old: Step, new: Step) -> str:
    found = None if old.split or new.split else changed_pair(sides, old, new)
    if found is not None:
        found = _in_its_expression(sides, found)
        one, two = (
            quoted(source.norm(node))
            for source, node in zip(sides.sources, found, strict=True)
        )
        if one != two:
            return changed_value(sides, found, old, one, two)
    if told := _handed_otherwise(old, new):
        return told
    if old.kind == new.kind == RETURN:
        given = (step.shown.removeprefix("return") for step in (old, new))
        one, two = (quoted(value.strip(" ;")) for value in given)
        if one != two:
            return f"returns {two}, not {one}"
    values = [_value_of(step) for step in (old, new)]
    if target_of(old) == target_of(new) != "" and max(map(len, values)) > LONGEST:
        one, two = where_they_part(values[OLD], values[NEW])
        return f"sets {quoted(target_of(new))} to {two}, not {one}"
    one, two = (whole_step(step) for step in (old, new))
    if one == two or common_start(old.key, new.key, LONGEST) > LONGEST // 2:
        one, two = where_they_part(old.key, new.key)
    prints = _is_printed(old) and _is_printed(new)
    return f"{'prints' if prints else 'does'} {two}, not {one}"


def _value_of(step: Step) -> str:
    return step.text.partition("=")[2].strip(" ;")


def _handed_otherwise(old: Step, new: Step) -> str:
    """What one function is handed more or less, "" where something else differs."""
    calls = called_in(old), called_in(new)
    callee, bracket, _rest = calls[0].partition("(")
    if not bracket or calls[1].partition("(")[0] != callee:
        return ""
    if old.text.replace(calls[0], "") != new.text.replace(calls[1], ""):
        return ""
    given = [
        [arg.strip() for arg in split_arguments(call[len(callee) + 1 : -1])]
        for call in calls
    ]
    gone = [arg for arg in given[OLD] if arg not in given[NEW]]
    come = [arg for arg in given[NEW] if arg not in given[OLD]]
    kept = [[a for a in args if a not in (*gone, *come)] for args in given]
    if kept[OLD] != kept[NEW] or not (gone or come):
        return ""
    if any(len(arg) > LONGEST for arg in (*gone, *come)):
        return ""  # cut where they are still the same
    name = callee.strip()
    verb = "prints" if is_print(name) else f"hands {name}()"
    more, less = (" and ".join(map(quoted, args)) for args in (come, gone))
    if not come:
        return f"no longer {verb} {less}"
    return f"{verb} {more}, too" if not gone else f"{verb} {more}, not {less}"


def _in_its_expression(sides: Sides, found: tuple[Node, Node]) -> tuple[Node, Node]:
    """What is shown of two that differ: with the sum, the product that they are part
    of, as far as that is short; 7 and 6 alone say nothing."""
    one, two = found
    while one.parent is not None and two.parent is not None:
        above = one.parent, two.parent
        if not all(node.type in _OPERATIONS for node in above):
            break
        texts = (s.norm(node) for s, node in zip(sides.sources, above, strict=True))
        if max(map(len, texts)) > LONGEST // 2:
            break
        one, two = above
    return one, two


def _is_printed(step: Step) -> bool:
    found = CALL.match(step.text) if step.kind == PLAIN else None
    return found is not None and is_print(found[1])


def changed_value(
    sides: Sides, found: tuple[Node, Node], old: Step, one: str, two: str
) -> str:
    """Returns what is done with a value, which is ``two`` and was ``one``."""
    callee, part = callee_around(sides, NEW, found[1]), found[1].parent
    while not callee and part is not None and part.type in _OPERATIONS:
        if callee := callee_around(sides, NEW, part):
            return f"hands {callee}() {two} in an argument, not {one}"
        part = part.parent
    if callee:
        what = "prints" if is_print(callee) else f"hands {callee}()"
        return f"{what} {two}, not {one}"
    if found[0].type == found[1].type == "call_expression":
        return f"calls {two}, not {one}"
    parent = found[1].parent
    if old.kind == RETURN and parent is not None and parent.type == "return_statement":
        return f"returns {two}, not {one}"
    field = {"assignment_expression": "left", "init_declarator": "declarator"}
    if parent is not None and parent.type in field:
        target = parent.child_by_field_name(field[parent.type])
        if target is not None and target != found[1]:
            return f"sets {quoted(sides.sources[NEW].text(target))} to {two}, not {one}"
    whole = parent is not None and parent.type == "expression_statement"
    return f"{'does' if whole else 'takes'} {two}, not {one}"


def callee_around(sides: Sides, side: int, node: Node) -> str:
    """Returns the function that is handed an expression, or a part of a string, "" if
    none is."""
    parent = node.parent
    if parent is not None and parent.type == "concatenated_string":
        parent = parent.parent
    if parent is None or parent.type != "argument_list" or parent.parent is None:
        return ""
    callee = parent.parent.child_by_field_name("function")
    if callee is None or callee.type != "identifier":
        return ""
    return sides.sources[side].text(callee)
