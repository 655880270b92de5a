# SPDX-License-Identifier: GPL-2.0-or-later
"""What an edit does, in words: a call more, another argument, another way out."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from reviewer.c.text import common_start
from reviewer.patterns import regex
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.alignment import (
    CONDITION,
    KEPT,
    UNWRAPPED,
    WRAPPED,
    Edit,
    is_scoped,
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
from reviewer.prover.structure.steps import (
    BREAK,
    CONTINUE,
    DECLARATION,
    GOTO,
    IF,
    LABEL,
    LOOP,
    PLAIN,
    RETURN,
    Step,
    inside_parentheses,
)
from reviewer.prover.structure.ways_out import differences, ways_of

MOST_NAMES = 2  # of names that change
LONGEST = 90  # columns of a quoted piece
_OPERATIONS = (
    "binary_expression",
    "unary_expression",
    "parenthesized_expression",
    "cast_expression",
    "conditional_expression",
    "subscript_expression",
    "field_expression",
)
BEFORE = 20  # characters that are told before the first one that differs
MOST_EVENTS = 4  # that are told of one divergence
CALL = regex(r"([A-Za-z_]\w*)\s*\((.*)\)\s*;\Z")


def quoted(text: str) -> str:
    """Returns a piece of code on one line, between back quotes."""
    whole = " ".join(text.split())
    if len(whole) > LONGEST:
        whole = whole[: LONGEST - 4].rstrip() + " ..."
    return f"`{whole}`"


def condition_of_an_if(step: Step) -> str:
    """Returns the condition of an if, without the parentheses around it."""
    return inside_parentheses(step.shown.removeprefix("if").strip())


def events(
    sides: Sides, one: Divergence, named: Callable[[str], str]
) -> tuple[str, ...]:
    """Returns what is done there, on the new side unless it says "no longer".

    ``named`` says of a changed name what it was and is.
    """
    edit = one.edit
    if edit.kind == NAME:
        said = [named(word) for word in sorted(one.words)]
        told = quoted(edit.new[0].shown.rstrip("; "))
        return (f"{told} uses {' and '.join(said[:MOST_NAMES])}",)
    if edit.kind == CONDITION:
        return asked_instead(edit.old[0], edit.new[0])
    if edit.kind in (WRAPPED, UNWRAPPED):
        return _of_other_ways(sides, edit)
    if edit.kind == KEPT:
        return _of_kept(sides, edit)
    return _of_a_change(sides, edit)


def _of_other_ways(sides: Sides, edit: Edit) -> tuple[str, ...]:
    """What is done where a new or former if or #if does not lead to what both have."""
    (step,) = edit.new if edit.kind == WRAPPED else edit.old
    side = NEW if edit.kind == WRAPPED else OLD
    if step.kind == IF and not is_asked_freely(sides, side, step):
        return _of_a_question(edit, step)
    others = [
        inner
        for number, part in enumerate(step.parts)
        if number != edit.part
        for inner in _opened(sides, side, tuple(part), True)
    ]
    if side == NEW and len(edit.old) == len(others) == 1:
        return (_of_a_pair(sides, edit.old[0], others[0]),)
    if side == NEW:
        return row(list(map(no_longer, edit.old)) + list(map(step_in_words, others)))
    said = [step_in_words(inner) for inner in edit.new]
    if not others:
        said = [f"{told}, too" for told in said]
    return row(list(map(no_longer, others)) + said)


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
    for side, step in ((OLD, edit.old[0]), (NEW, edit.new[0])):
        less = "no longer " if side == OLD else ""
        if step.parts:
            for part in step.parts:
                inner = _opened(sides, side, tuple(part), True)
                told += [f"{less}{step_in_words(one)}" for one in inner]
        elif name := set_by(step):
            told.append(f"{less}keeps in {quoted(name)} what {called_in(step)} gives")
    return row(told)


def asked_instead(old: Step, new: Step) -> tuple[str, ...]:
    """Returns what an if or loop asks now, and what it asked before."""
    one, two = condition_of_an_if(old), condition_of_an_if(new)
    told = quoted(one), quoted(two)
    if told[0] == told[1]:
        told = _from_where_they_part(one, two)
    verb = "does" if new.kind == LOOP else "asks"
    return (f"{verb} {told[1]}, not {told[0]}",)


def _of_a_change(sides: Sides, edit: Edit) -> tuple[str, ...]:
    old = _opened(sides, OLD, edit.old, not edit.new)
    new = _opened(sides, NEW, edit.new, not edit.old)
    ways = ways_of(sides, edit)
    if ways is not None:
        apart = list(differences(ways))
        gone = [no_longer(step) for one, _two in apart for step in one]
        return row(gone + [step_in_words(step) for _one, two in apart for step in two])
    if len(old) == len(new) == 1:
        return (_of_a_pair(sides, old[0], new[0]),)
    told = [(step, no_longer(step)) for step in old]
    told += [(step, step_in_words(step)) for step in new]
    calls = {called_in(step) for step in old if step.kind == RETURN} - {""}
    for step in new:
        if set_by(step) and (call := called_in(step)) in calls:
            kept = f"keeps in {quoted(set_by(step))} what {call} gives and goes on"
            less = f"no longer returns {quoted(call)}"
            told = [pair for pair in told if pair[0] is not step and pair[1] != less]
            told.insert(0, (step, kept))
    told.sort(key=lambda pair: pair[0].kind == DECLARATION)
    telling = [pair for pair in told if not _is_idle(pair[0])] or told
    return row([words for _step, words in telling])


def _is_idle(step: Step) -> bool:
    """Whether a declaration gives no value, so that nothing is done there."""
    return step.kind == DECLARATION and "=" not in step.text


def no_longer(step: Step) -> str:
    """Returns that a step is not done any more."""
    return f"no longer {step_in_words(step)}"


def row(told: list[str]) -> tuple[str, ...]:
    """Returns the first of some events, and how many more there are."""
    more = len(told) - MOST_EVENTS
    rest = [f"and {more} more steps"] if more > 0 else []
    return (*told[:MOST_EVENTS], *rest)


def _opened(
    sides: Sides, side: int, steps: tuple[Step, ...], alone: bool
) -> list[Step]:
    """Steps without labels; of an if whose condition is told, what is in it."""
    found: list[Step] = []
    for step in steps:
        if step.kind == LABEL:
            continue
        if alone and is_asked_freely(sides, side, step):
            for part in step.parts:
                found += _opened(sides, side, tuple(part), alone)
        else:
            found.append(step)
    return found


def step_in_words(step: Step) -> str:
    """Returns what a step does: calls `f(x)`, returns `-EINVAL`."""
    text = step.shown.rstrip("; ")
    if step.kind == RETURN:
        value = text.removeprefix("return").strip()
        return f"returns {quoted(value)}" if value else "returns"
    if step.kind == GOTO:
        return f"goes to {quoted(text.removeprefix('goto').strip())}"
    if step.kind == BREAK:
        return "leaves the loop or switch"
    if step.kind == CONTINUE:
        return "goes on with the next round"
    if step.kind == PLAIN and (found := CALL.match(step.text)) and not is_scoped(step):
        return f"{'prints' if is_print(found[1]) else 'calls'} {quoted(text)}"
    return f"does {_told(step)}"


def _told(step: Step) -> str:
    """A step, with the first one in it and the way out at its end:
    `if (x) return -EINVAL`."""
    text = step.shown.rstrip("; ")
    if step.parts and step.parts[0] and step.kind == IF:
        inner = step.parts[0]
        leaves = inner[-1].kind in (RETURN, GOTO, BREAK, CONTINUE)
        dots = " ... " if leaves and len(inner) > 1 else " "
        text += dots + inner[-1 if leaves else 0].shown.rstrip("; ")
        if (len(inner) > 1 and not leaves) or len(step.parts) > 1:
            text += " ..."
    return quoted(text)


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
    if old.kind == new.kind == RETURN:
        values = (step.shown.removeprefix("return") for step in (old, new))
        one, two = (quoted(value.strip(" ;")) for value in values)
        return f"returns {two}, not {one}"
    one, two = (_told(step) for step in (old, new))
    if one == two:
        one, two = _from_where_they_part(old.key, new.key)
    prints = _is_printed(old) and _is_printed(new)
    return f"{'prints' if prints else 'does'} {two}, not {one}"


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


def _from_where_they_part(old: str, new: str) -> tuple[str, str]:
    """Two long texts, each from a little before the first character that differs."""
    same = common_start(old, new, len(old))
    begin = max(0, old.rfind(" ", 0, max(0, same - BEFORE)) + 1)
    dots = "... " if begin else ""
    return quoted(dots + old[begin:]), quoted(dots + new[begin:])


def changed_value(
    sides: Sides, found: tuple[Node, Node], old: Step, one: str, two: str
) -> str:
    """Returns what is done with a value, which is ``two`` and was ``one``."""
    callee = callee_around(sides, NEW, found[1])
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
