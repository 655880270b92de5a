# SPDX-License-Identifier: GPL-2.0-or-later
"""A call whose result is looked at on one side only: ``f(x);`` and ``err = f(x);``.

That a variable holds something else makes no difference where nobody reads it before it
is set again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from reviewer.c.text import IDENTIFIER, closing_bracket
from reviewer.patterns import regex
from reviewer.prover.names.scope_ends import may_have_scope_end
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.steps import (
    BREAK,
    CONTINUE,
    DECLARATION,
    GOTO,
    IF,
    PLAIN,
    RETURN,
    Step,
    inside,
    inside_parentheses,
)

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions
    from reviewer.prover.structure.alignment import Edit
    from reviewer.prover.structure.divergences import Divergence, Point, Sides

_CALLEE = regex(r"[A-Za-z_]\w*(?:(?:->|\.)\w++)*+ ?\(")
_TARGET = regex(r"[\w *]+\Z")
_HINT = regex(r"(?:un)?likely ?(\(.*\))\Z")
_NUMBER = regex(r"-?\w+\Z")
_OUT = frozenset([GOTO, BREAK, CONTINUE])
_COMPARED = regex(r" ?(?:<|>|<=|>=|==|!=) ?-?\w+\Z")
_ADDRESS = regex(r"(?<!&)&\s*\(*\s*(\w+)\s*\)*+(?!\s*(?:->|\[))")


def same_call(old: Step, new: Step) -> bool:
    """Says whether two steps do the same call, of which one keeps or asks the answer;
    nothing else is done in them but what an if leads to."""
    kinds = {old.kind, new.kind}
    if old.text == new.text or kinds == {IF} or RETURN in kinds:
        return False
    one, two = called_in(old), called_in(new)
    return one != "" and one == two and set_by(old) != set_by(new)


def bring_calls_together(
    bodies: tuple[list[Step], list[Step]], known: Definitions, names: frozenset[str]
) -> None:
    """Puts calls of the first body before numbers that are given to its own variables
    (``names``), where the second one asks the same call before it gives them."""
    asked = {called_in(step) for step in inside(bodies[1]) if step.kind == IF} - {""}
    asked -= {called_in(step) for step in inside(bodies[1]) if step.kind == PLAIN}
    steps = list(inside(bodies[0]))
    for block in [bodies[0], *(part for step in steps for part in step.parts)]:
        for at, (one, two) in enumerate(pairwise(block)):
            name, value = _assigned(one)
            if two.kind != PLAIN or set_by(two) or called_in(two) not in asked:
                continue
            is_number = one.kind == PLAIN and name in names and _NUMBER.match(value)
            unseen = is_number and name not in two.words
            if unseen and is_private(steps, known, name):
                block[at : at + 2] = two, one


def set_by(step: Step) -> str:
    """Returns the variable that an assignment or declaration sets, "" for none; the
    whole condition of an if."""
    return step.shown if step.kind == IF else _assigned(step)[0]


def _assigned(step: Step) -> tuple[str, str]:
    """The variable that is set, and what to."""
    target, equals, value = step.text.partition(" = ")
    if not equals or step.kind not in (PLAIN, DECLARATION):
        return "", ""
    if not _TARGET.match(target) or (step.kind == PLAIN) != target.isidentifier():
        return "", ""
    return target.replace("*", " ").split()[-1], value.rstrip("; ")


def called_in(step: Step) -> str:
    """Returns the call that is all a step does but for keeping or asking the answer,
    "" if it does something else."""
    text = step.text.rstrip("; ")
    if step.kind == IF:
        text = inside_parentheses(step.shown.removeprefix("if").strip())
        if hint := _HINT.match(text):
            text = inside_parentheses(hint[1])
        text = text.removeprefix("!").strip()
    elif value := _assigned(step)[1]:
        text = value
    elif step.kind == RETURN:
        text = text.removeprefix("return").strip()
    elif step.kind != PLAIN:
        return ""
    text = text.removeprefix("(void)").strip()
    start = _CALLEE.match(text)
    end = closing_bracket(text, start.end() - 1) if start else -1
    rest = text[end + 1 :]
    whole = end >= 0 and (not rest or (step.kind == IF and _COMPARED.match(rest)))
    return text[: end + 1] if whole and not may_have_scope_end(step.text) else ""


# --- who reads it ---------------------------------------------------------------------


def leave_unread(sides: Sides, found: list[Divergence]) -> None:
    """Takes out the points that only set a variable which nobody reads but steps that
    one side alone has."""
    own = {id(step) for one in found for step in _of_one_side(one.edit)}
    for one in found:
        if one.edit.kind in ("change", "kept") and not one.words:
            one.points = [
                point
                for point in one.points
                if point.way is not None
                or not _is_unread(sides, point, own)
                or _is_read_by_both(found, set_by(point.step))
            ]


def _is_read_by_both(found: list[Divergence], name: str) -> bool:
    """Whether both sides of a step that became another read a variable: when they
    differ is told by what it holds, which has to be the same."""
    return any(
        all(
            any(_reads(step, name) for step in inside(steps))
            for steps in (one.edit.old, one.edit.new)
        )
        for one in found
        if one.edit.kind == "change"
    )


def _reads(step: Step, name: str) -> bool:
    if step.kind == DECLARATION or _assigned(step)[0] == name:
        return name in IDENTIFIER.findall(step.text.partition("=")[2])
    return name in step.words


def _of_one_side(edit: Edit) -> Iterator[Step]:
    for steps in (edit.old, edit.new):
        if edit.kind == "change":
            yield from inside(steps)
        elif edit.kind == "kept":
            yield from (one for part in steps[0].parts for one in inside(part))


def _is_unread(sides: Sides, point: Point, own: set[int]) -> bool:
    step, name = point.step, set_by(point.step)
    if not name or step.parts or step.node is None:
        return False
    if id(step) in own:  # what is done for the value must do nothing else
        whole = step.node.named_children
        field = "value" if step.kind == DECLARATION else "right"
        value = whole[-1].child_by_field_name(field)
        more = len(step.node.children_by_field_name("declarator")) > 1
        if more or value is None or not sides.is_only_read(point.side, value):
            return False
    return not _is_read_again(sides, point, name, own)


def _is_read_again(sides: Sides, point: Point, name: str, own: set[int]) -> bool:
    """Whether a variable that is set may be read before it is set again, by others than
    the steps of one side: what is behind a way out of these is told there."""
    side = point.side
    steps, known = list(inside(sides.bodies[side])), sides.definitions[side]
    if name in sides.hidden or not is_private(steps, known, name):
        return True
    if name not in sides.locals[side] and name not in sides.parameters:
        return True
    flow, seen = sides.flows[side], set[int]()
    waiting = [flow.numbers[id(point.step)]]
    while waiting:
        for number, _way in flow.next[waiting.pop()]:
            here = flow.of[number]
            if here is None or number in seen:
                continue
            seen.add(number)
            if id(here) in own:
                waiting += [] if here.kind in _OUT else [number]
            elif name not in IDENTIFIER.findall(here.text):
                waiting.append(number)
            elif not _is_only_set(here, name):
                return True
    return False


def _is_only_set(step: Step, name: str) -> bool:
    target, value = _assigned(step)
    is_set = target == name and step.kind == PLAIN
    return is_set and name not in IDENTIFIER.findall(value)


def is_private(steps: list[Step], known: Definitions, name: str) -> bool:
    """Says whether nobody but the text of the steps gets at a variable."""
    texts = [IDENTIFIER.findall(step.text) for step in steps]
    near = {word for words in texts if name in words for word in words}
    for step, words in zip(steps, texts, strict=True):
        ends = step.kind == DECLARATION and may_have_scope_end(step.text)
        if name in words and ("volatile" in words or ends):
            return False
        if name in _ADDRESS.findall(step.text):
            return False
    for macro in macros_of(known, near - {name}):
        given = {*(macro.parameters or ()), "__VA_ARGS__"}
        if not given.isdisjoint(_ADDRESS.findall(macro.body)):
            return False  # it may take the address of what it is handed
    used = {word for words in texts for word in words} - {name}
    return not any(
        name in IDENTIFIER.findall(macro.body) and name not in (macro.parameters or ())
        for macro in macros_of(known, used)
    )
