# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call more or less leaves as it was: the result and the calls behind it.

They are as they were if all that follows looks at numbers and at variables that only
this function knows.
"""

from __future__ import annotations

from reviewer.c.text import IDENTIFIER, STRINGS
from reviewer.patterns import regex
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.divergences import Divergence, Point, Sides
from reviewer.prover.structure.step_words import CALL, condition_of_an_if
from reviewer.prover.structure.steps import GOTO, IF, LABEL, PLAIN, RETURN, Step, inside

REST = "its result and the calls behind it are"
_PLACE = regex(r"&\s*\w+(?:->\w+)?(?:\.\w+)*(?=\s*(?:,|\Z))")
_TAKEN = regex(r"&\s*\(?\s*(\w+)(?!->)\b")
_READS = regex(r"->|\[|(?:^|[(,=!<>&|?:+-])\s*\*|\+\+|--|(?<![=!<>])=(?!=)|\(|&(?!&)")
_CHANGES = regex(r"\+\+|--|(?<![=!<>])=(?!=)|[{;]")
_NUMBER = regex(r"\(?-?\s*(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\)?\Z")


def what_stays_the_same(sides: Sides, one: Divergence) -> str:
    """Returns what stays the same where only calls are added or taken away, "" where
    that is not seen."""
    edit = one.edit
    if edit.kind != CHANGE or (edit.old and edit.new) or not one.points:
        return ""
    if not all(_is_a_call(sides, point) for point in one.points):
        return ""
    private = _private(sides, one.points[0].side)
    steps = [point.step for point in one.points]
    if all(_rest_is_private(sides, point, private, steps) for point in one.points):
        return REST
    return ""


def _is_a_call(sides: Sides, point: Point) -> bool:
    """Whether a step is a call that changes no variable of the function itself."""
    found = CALL.match(point.step.text)
    known = sides.definitions[point.side]
    if point.step.kind != PLAIN or found is None or _CHANGES.search(found[2]):
        return False
    return not any(
        known.is_macro(word) and not is_a_number(known, word)
        for word in IDENTIFIER.findall(STRINGS.sub(" ", point.step.text))
    )


def _private(sides: Sides, side: int) -> frozenset[str]:
    """Variables and parameters whose address is nowhere taken."""
    steps = list(inside(sides.bodies[side]))
    names = set(sides.parameters) | sides.locals[side]
    for step in steps:
        names -= set(_TAKEN.findall(step.text))
    return frozenset(names)


def _rest_is_private(
    sides: Sides, point: Point, private: frozenset[str], own: list[Step]
) -> bool:
    flow, known = sides.flows[point.side], sides.definitions[point.side]
    for number in flow.reachable(flow.numbers[id(point.step)]):
        step = flow.of[number]
        if step is None or any(step is mine for mine in own):
            continue
        if step.kind in (GOTO, LABEL):
            continue
        if step.kind == IF:
            text = condition_of_an_if(step)
        elif step.kind == RETURN:
            text = step.text.removeprefix("return").rstrip("; ")
        elif (found := CALL.match(step.text)) and step.kind == PLAIN:
            if known.is_macro(found[1]) or found[1] in private:
                return False
            text = _PLACE.sub(lambda place: IDENTIFIER.findall(place[0])[0], found[2])
        else:
            return False
        if not _is_private(text, private, known):
            return False
    return True


def _is_private(text: str, private: frozenset[str], known: Definitions) -> bool:
    """Whether an expression hangs on private variables and numbers alone."""
    text = STRINGS.sub(" ", text)
    if _READS.search(text.replace("&&", " ")):
        return False
    return all(
        word in private or word in ("NULL", "true", "false") or is_a_number(known, word)
        for word in IDENTIFIER.findall(text)
    )


def is_a_number(known: Definitions, word: str) -> bool:
    """Says whether a name is a macro that stands for a number, whichever counts."""
    bodies = [macro.body.strip() for macro in known.macros(word)]
    return bool(bodies) and all(_NUMBER.match(body) for body in bodies)
