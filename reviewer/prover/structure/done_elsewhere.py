# SPDX-License-Identifier: GPL-2.0-or-later
"""What one side alone does at a place, and the other does by another way: behind the
label that it goes to, in the tail that it falls into, at the end of a scope.

Of such a step it is not said that it is no longer done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER, normalised, without_strings
from reviewer.patterns import regex
from reviewer.prover.interpret.guard_classes import calls_at_file_level
from reviewer.prover.limits import Unsupported
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.scope_ends import may_have_scope_end
from reviewer.prover.structure.alignment import CONDITION, KEPT
from reviewer.prover.structure.divergences import (
    NEW,
    OLD,
    Sides,
    condition_of,
    is_asked_freely,
)
from reviewer.prover.structure.flow import EXIT, Branch, Flow
from reviewer.prover.structure.step_words import (
    CALL,
    condition_of_an_if,
    quoted,
    target_of,
)
from reviewer.prover.structure.steps import (
    BREAK,
    CASE,
    CONTINUE,
    GOTO,
    IF,
    PLAIN,
    RETURN,
    Step,
    inside,
    steps_before,
)
from reviewer.prover.structure.wording import branch_words
from reviewer.prover.syntax import bare, part_of

if TYPE_CHECKING:
    from tree_sitter import Node

WAYS_OUT = (RETURN, GOTO, BREAK, CONTINUE)
MOST_BRANCHES = 2  # that are told
_DOES = regex(r"\w\s*\(|[+-]{2}|[^=!<>]=[^=]")  # or something set
SOMETIMES = "only on some of the ways"
_SCOPED = regex(r"\b(?:__free|guard|CLASS|scoped_guard|scoped_cond_guard)\s*\(\s*(\w+)")


def side_of(sides: Sides, step: Step) -> int:
    """Returns the side that a step is of."""
    return OLD if id(step) in sides.flows[OLD].numbers else NEW


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """When the other side does it, "" for always, else "only when `x`"; the line."""

    when: str
    line: int


def done_elsewhere(
    sides: Sides, step: Step, taken: Collection[int]
) -> Elsewhere | None:
    """Returns when the other side does what a step of one side does, behind the place
    where both part; None where it does not.

    ``taken``: by id the steps of the other side that stand for others.  What both do
    behind it in the same way does not count.
    """
    side = side_of(sides, step)
    parting = _Parting.of(sides, side, step)
    mates = _mates(sides, 1 - side)
    flow, other = sides.flows[side], sides.flows[1 - side]
    found = {
        other.numbers[id(one)]
        for one in inside(sides.bodies[1 - side])
        if one.text == step.text
        and one.kind == step.kind
        and id(one) not in taken
        and mates.get(id(one)) is not step
    }
    found = {node for node in found if not parting.is_another(node, step)}
    if not found or not parting.places:
        return None
    own = {
        flow.numbers[id(mate)]
        for node in found
        if (here := other.of[node]) is not None
        and (mate := mates.get(id(here))) is not None
    }
    after = [target for target, _way in flow.next[flow.numbers[id(step)]]]
    if EXIT not in other.reached(parting.places, found):
        line = min(here.line for node in found if (here := other.of[node]))
        return None if EXIT not in flow.reached(after, own) else Elsewhere("", line)
    beyond = flow.reached(after, parting.closed)
    alone = {
        node
        for node in found & other.reached(parting.places, parting.closed_there)
        if (here := other.of[node]) is None
        or (mate := mates.get(id(here))) is None
        or flow.numbers[id(mate)] not in beyond
    }
    if not alone:
        return None
    line = min(here.line for node in alone if (here := other.of[node]))
    branches = list(_branches(other, parting.places, alone))
    words = dict.fromkeys(branch_words(sides, 1 - side, one) for one in branches)
    if not 0 < len(words) <= MOST_BRANCHES:
        return Elsewhere(SOMETIMES, line)
    return Elsewhere(f"only {' or '.join(words)}", line)


def ends_there(sides: Sides, step: Step) -> bool:
    """Says whether the function of the other side is over where both part on the way
    to a step."""
    return _Parting.of(sides, side_of(sides, step), step).places == [EXIT]


def ruled_out(sides: Sides, step: Step) -> str:
    """Returns the test of the old side that a way out is all of, where it holds on no
    way: the test just before it, which both sides have, has left then; "" otherwise."""
    for one in inside(sides.bodies[OLD]):
        if one.kind != IF or len(one.parts) != 1 or one.parts[0] != [step]:
            continue
        asked = condition_of_an_if(one)
        before, mates = steps_before(sides.bodies[OLD], one), _mates(sides, OLD)
        if _DOES.search(asked) or not before or id(before[0]) not in mates:
            return ""
        first = mates[id(before[0])]
        condition = condition_of(first)
        if first.kind != IF or condition is None or not first.parts[0]:
            return ""
        leaves_it = len(first.parts) == 1 and first.parts[0][-1].kind in WAYS_OUT
        if not leaves_it or asked not in _alternatives(sides.sources[NEW], condition):
            return ""
        return f"{quoted(asked)}, which the test in line {first.line} rules out"
    return ""


def is_answered(sides: Sides, step: Step) -> bool:
    """Says whether all of an if of the old side is a way out that the test just before
    it rules out, and neither test changes anything: then it asks for nothing."""
    if step.kind != IF or len(step.parts) != 1 or len(step.parts[0]) != 1:
        return False
    if not ruled_out(sides, step.parts[0][0]):
        return False
    first = steps_before(sides.bodies[OLD], step)[0]
    condition = condition_of(first)
    return (
        is_asked_freely(sides, OLD, first)
        and is_asked_freely(sides, OLD, step)
        and condition is not None
        and condition_of_an_if(step) in _alternatives(sides.sources[OLD], condition)
        and len(first.parts) == 1
        and bool(first.parts[0])
        and first.parts[0][-1].kind in WAYS_OUT
    )


def _alternatives(source: Source, condition: Node) -> Iterator[str]:
    """What stands between the || of a condition."""
    node = bare(condition)
    sign = node.child_by_field_name("operator")
    if node.type == "binary_expression" and sign is not None and sign.type == "||":
        for side in ("left", "right"):
            yield from _alternatives(source, part_of(node, side))
    else:
        yield normalised(source.text(node))


def may_leave_at_once(sides: Sides, step: Step) -> bool:
    """Says whether the other side may leave where both part on the way to a step: by a
    jump among the steps that it alone has there, or right behind them."""
    side = side_of(sides, step)
    other, mates = sides.flows[1 - side], _mates(sides, 1 - side)
    own = _mates(sides, side).get(id(step))  # another test leads to it
    waiting, seen = list(_Parting.of(sides, side, step).places), set[int]()
    while waiting:
        node = waiting.pop()
        here = other.of[node]
        if here is None or here is own or node in seen:
            continue
        seen.add(node)
        if here.kind in WAYS_OUT:
            return True
        if id(here) not in mates:
            waiting += [target for target, _way in other.next[node]]
    return False


def may_do_so_anew(sides: Sides) -> bool:
    """Says whether something that is new may lead to where a way out that is gone led:
    a call, which may give the same, a jump, the label that another case has now."""
    for edit in sides.alignment.edits:
        cases = [step for step in inside(edit.old) if step.kind == CASE]
        own = () if edit.kind == CONDITION else inside(edit.new)
        if edit.kind == KEPT:  # the same call
            own = (step for one in edit.new for part in one.parts for step in part)
        if cases or any(step.kind in WAYS_OUT or "(" in step.text for step in own):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Parting:
    """Where both sides part on the ways to a step: the ``places`` that the other side
    is at then, and the steps of each side just before."""

    flow: Flow  # of the other side
    places: list[int]
    closed: frozenset[int]
    closed_there: frozenset[int]

    @classmethod
    def of(cls, sides: Sides, side: int, step: Step) -> _Parting:
        flow, other = sides.flows[side], sides.flows[1 - side]
        mates = _mates(sides, side)
        before: dict[int, list[tuple[int, str]]] = {}
        for node in flow.reached([flow.entry]):
            for target, way in flow.next[node]:
                before.setdefault(target, []).append((node, way))
        places: set[int] = set()
        closed: set[int] = set()
        closed_there: set[int] = set()
        waiting, seen = [flow.numbers[id(step)]], set[int]()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            here = flow.of[node]
            mate = None if here is None else mates.get(id(here))
            there = None if mate is None else other.numbers[id(mate)]
            if node == flow.entry and there != other.entry:
                places.add(other.entry)
            for above, way in before.get(node, ()):
                step_above = flow.of[above]
                beside = None if step_above is None else mates.get(id(step_above))
                if beside is None:
                    waiting.append(above)
                    continue
                number = other.numbers[id(beside)]
                targets = [one for one, how in other.next[number] if how == way]
                if there in targets:  # both are still together
                    waiting.append(above)
                    continue
                places.update(targets)
                closed.add(above)
                closed_there.add(number)
        return cls(other, sorted(places), frozenset(closed), frozenset(closed_there))

    def is_another(self, node: int, step: Step) -> bool:
        """Says whether a variable of a step is set on the way to a node: it is not the
        same that is done there."""
        names = step.words
        behind = self.flow.reached([*self.places], {node})
        return any(
            (here := self.flow.of[one]) is not None
            and names & {*IDENTIFIER.findall(target_of(here))[-1:]}
            for one in behind
        )


def _mates(sides: Sides, side: int) -> dict[int, Step]:
    """The steps of the other side that those of one side have in common with it."""
    return {id(pair[side]): pair[1 - side] for pair in sides.alignment.common}


def _branches(flow: Flow, places: list[int], wanted: set[int]) -> Iterator[Branch]:
    """The branches behind some places behind which every way leads to a wanted node."""
    escapes = {
        node
        for node in flow.reached([*places])
        if node not in wanted and EXIT in flow.reached([node], wanted)
    }
    for node in sorted(flow.reached([*places], wanted) & escapes):
        here = flow.of[node]
        for target, way in flow.next[node] if here is not None else ():
            if target not in escapes and target != EXIT:
                assert here is not None
                yield Branch(here, way)


# --- in a function that is called -----------------------------------------------------


def called_function(known: Definitions, step: Step) -> tuple[str, str, str]:
    """Returns the first function of the same file that a step calls: its name, place
    and body; three times "" where there is none, or several of one name."""
    for name in IDENTIFIER.findall(without_strings(step.text)):
        found = known.functions(name) if known.is_local(name) else ()
        if len(found) == 1 and found[0].path == known.path:
            return name, f"{found[0].path}:{found[0].line}", found[0].body
    return "", "", ""


def is_done_in(body: str, step: Step) -> bool:
    """Says whether the body of a function has what a step does: a call of the same
    function, or the same text."""
    text = normalised(body)
    found = CALL.match(step.text) if step.kind == PLAIN else None
    if found is not None:
        return found[1] in IDENTIFIER.findall(without_strings(text))
    told = step.text.rstrip("; ")
    value = told.removeprefix("return").strip()
    if step.kind == RETURN and (value in ("", "0") or value.islower()):
        return False  # a variable of that function is another one
    return told in text


def new_callee_with(sides: Sides, step: Step) -> str:
    """Returns the function of the file that the new side calls and that does a call
    which is gone, as it did not before; "" for none."""
    if step.kind != PLAIN or not CALL.match(step.text):
        return ""
    for one in inside(sides.bodies[NEW]):
        name, _place, body = called_function(sides.definitions[NEW], one)
        if name and is_done_in(body, step):
            _name, _place, before = called_function(sides.definitions[OLD], one)
            if not (before and is_done_in(before, step)):
                return name
    return ""


# --- at the end of a scope ------------------------------------------------------------


def left_to_scope(sides: Sides, step: Step) -> str:
    """Returns what of the other side calls at the end of a scope the function that a
    step calls, on the same variable: "__free(kfree)"; "" where nothing does."""
    found = CALL.match(step.text) if step.kind == PLAIN else None
    if found is None:
        return ""
    side = side_of(sides, step)
    known = sides.definitions[1 - side]
    given = {*IDENTIFIER.findall(found[2])}
    own = {one.text for one in inside(sides.bodies[side])}
    for one in inside(sides.bodies[1 - side]):
        if one.text in own or not may_have_scope_end(one.text):
            continue
        if not given <= {*IDENTIFIER.findall(one.text)}:
            continue
        for how, name in _scopes(known, one):
            if found[1] in _words_of_class(known, name):
                return how
    return ""


def _scopes(known: Definitions, step: Step) -> Iterator[tuple[str, str]]:
    """What of a step is undone at the end of a scope, and the class that it is of; of
    a loop that is a macro, too."""
    for found in _SCOPED.finditer(step.text):
        yield f"{found[0]})".replace(" ", ""), found[1]
    for word in step.words if step.parts else ():
        for macro in known.macros(word):
            for found in _SCOPED.finditer(macro.body):
                yield f"{word}()", found[1]


def _words_of_class(known: Definitions, name: str) -> Iterable[str]:
    try:
        texts = list(calls_at_file_level(known, r"DEFINE_\w+", name))
    except Unsupported:
        return ()
    return {word for text in texts for word in IDENTIFIER.findall(text)}
