# SPDX-License-Identifier: GPL-2.0-or-later
"""Which differences are sure to be seen: a call of another file, a number returned."""

from __future__ import annotations

from collections import Counter

from tree_sitter import Node

from reviewer.c.vocabulary import NEVER_RETURN
from reviewer.patterns import regex
from reviewer.prover.interpret import locks
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.names.alike_functions import are_one, does_nothing, is_pure
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.became_another import callee_around
from reviewer.prover.structure.divergences import (
    NEW,
    OLD,
    Divergence,
    Sides,
    changed_pair,
)
from reviewer.prover.structure.step_words import CALL
from reviewer.prover.structure.steps import PLAIN, RETURN, Step, inside
from reviewer.prover.structure.ways_out import differences, ways_of

_LITERAL = regex(r"\(?\s*+(-?)\s*+(0|[1-9]\d{0,8}|0x[0-9a-fA-F]{1,7})\s*+\)?\Z")
_TRUTH = {"true": 1, "false": 0, "null": 0}
_AROUND = frozenset(["assignment_expression", "init_declarator", "cast_expression",
                     "parenthesized_expression"])  # fmt: skip
_STATEMENTS = frozenset(["expression_statement", "declaration", "return_statement"])
_NARROW = frozenset(["bool", "_Bool", "char", "short", "u8", "s8", "u16", "s16"])
_WIDE = frozenset(["int", "long", "ssize_t", "loff_t", "s32", "s64"])


def is_sure(sides: Sides, found: list[Divergence]) -> bool:
    """Says whether one of the divergences is reached on every way and shows: calls are
    only added or only taken away, or one call or number became another."""
    if _may_not_return(sides):
        return False
    if len(found) == 1 and _is_another(sides, found[0]):
        return True
    kept = {(bool(one.edit.old), bool(one.edit.new)) for one in found}
    if len(kept) != 1 or kept == {(True, True)}:
        return False
    if any(one.edit.kind != CHANGE for one in found):
        return False
    return any(
        one.always
        and any(
            sides.flows[point.side].is_always_reached(point.step)
            and _is_seen(sides, point.side, point.step)
            for point in one.points
        )
        for one in found
    )


def calls_more_often(sides: Sides, found: list[Divergence]) -> bool:
    """Says whether one side calls a function of another file, for its effect, more
    often."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for one in found:
        for side, steps in enumerate((one.edit.old, one.edit.new)):
            if one.edit.kind == CHANGE:
                counts[side].update(
                    step.text.partition("(")[0].strip()
                    for step in inside(steps)
                    if _is_seen(sides, side, step)
                )
    return counts[0] != counts[1]


def call_that_shows(sides: Sides, one: Divergence) -> str:
    """Returns the function of another file that one side alone calls where a
    divergence is reached, "" for none."""
    sides_of: list[tuple[int, Step]] = []
    ways = ways_of(sides, one.edit)
    if ways is not None:
        for old, new in differences(ways):
            sides_of += [(OLD, step) for step in old] + [(NEW, step) for step in new]
    elif one.edit.kind == CHANGE and not (one.edit.old and one.edit.new):
        sides_of = [(point.side, point.step) for point in one.points]
    if len({side for side, _step in sides_of}) != 1:
        return ""
    side, step = sides_of[0]
    found = CALL.match(step.text)
    return found[1] if found and _is_seen(sides, side, step) else ""


def _may_not_return(sides: Sides) -> bool:
    """Whether it calls panic() or its kin, behind which nothing is reached."""
    return any(
        not step.words.isdisjoint(NEVER_RETURN)
        for body in sides.bodies
        for step in inside(body)
    )


# --- one side's call ------------------------------------------------------------------


def _is_seen(sides: Sides, side: int, step: Step) -> bool:
    """Whether a statement is a call of a function of another file, for its effect."""
    found = CALL.match(step.text)
    if step.kind != PLAIN or found is None or step.node is None:
        return False
    inner = step.node.named_children
    if not inner or inner[0].type != "call_expression":
        return False
    return _is_seen_call(sides.definitions[side], found[1])


def _is_seen_call(known: Definitions, name: str) -> bool:
    if is_print(name):
        return False
    if locks.is_lock(name):
        return True
    return bool(
        known.prototypes(name)
        and not known.is_macro(name)
        and not known.functions(name)
        and not known.reads_only(name)
        and not is_pure(known, name)
        and not does_nothing(known, name)
    )


# --- one expression that became another -----------------------------------------------


def _is_another(sides: Sides, one: Divergence) -> bool:
    old, new = one.edit.old, one.edit.new
    if one.edit.kind != CHANGE or len(old) != 1 or len(new) != 1 or one.words:
        return False
    steps = old[0], new[0]
    if not all(
        flow.is_always_reached(step)
        for flow, step in zip(sides.flows, steps, strict=True)
    ):
        return False
    found = changed_pair(sides, *steps)
    if found is None:
        return False
    if old[0].kind == RETURN and all(
        _parent(node) == "return_statement" for node in found
    ):
        return _are_other_numbers(sides, found, head_of(sides))
    callees = [callee_around(sides, side, node) for side, node in enumerate(found)]
    if callees[0] and callees[0] == callees[1]:
        calls = (found[0].parent, found[1].parent)
        return all(
            given is not None and given.parent is not None and _is_done(given.parent)
            for given in calls
        ) and _is_handed_another(sides, found, callees[0])
    return all(_is_done(node) for node in found) and _is_called_in_place(sides, found)


def _parent(node: Node) -> str:
    return "" if node.parent is None else node.parent.type


def _is_done(node: Node) -> bool:
    """Whether a call is made whenever its statement is reached."""
    at = node.parent
    while at is not None and at.type in _AROUND:
        at = at.parent
    return at is not None and at.type in _STATEMENTS


def head_of(sides: Sides) -> str:
    """Returns what stands before the parameters of a function: its type and name; ""
    of one that does nothing any more."""
    node = sides.bodies[NEW][0].node if sides.bodies[NEW] else None
    while node is not None and node.type != "function_definition":
        node = node.parent
    if node is None:
        return ""
    return sides.sources[NEW].text(node).partition("(")[0]


def _is_handed_another(sides: Sides, found: tuple[Node, Node], callee: str) -> bool:
    """Whether one function of another file is called with another number or string."""
    if not all(_is_seen_call(known, callee) for known in sides.definitions):
        return False
    if all(node.type == "string_literal" for node in found):
        one, two = (s.text(n) for s, n in zip(sides.sources, found, strict=True))
        return one != two and "\\" not in one.replace("\\n", "") + two.replace(
            "\\n", ""
        )
    given = " ".join(given for _r, given in sides.definitions[NEW].prototypes(callee))
    return _are_other_numbers(sides, found, given)


def _are_other_numbers(sides: Sides, found: tuple[Node, Node], types: str) -> bool:
    """Whether both are numbers that differ in any of these types, bool too."""
    one, two = (number_of(sides, side, node) for side, node in enumerate(found))
    if one is None or two is None or one == two:
        return False
    words = frozenset(types.replace("*", " ").replace(",", " ").split())
    if words & _WIDE and not words & _NARROW:
        return True
    return one * two == 0 and 0 <= one + two < 128


def number_of(sides: Sides, side: int, node: Node) -> int | None:
    """Returns a number that is written there, or is all that the body of a macro says,
    None for anything else."""
    if node.type in _TRUTH:
        return _TRUTH[node.type]
    text = sides.sources[side].text(node).strip()
    sign = -1 if text.startswith("-") else 1
    word = text.removeprefix("-").strip()
    bodies = {macro.body.strip() for macro in sides.definitions[side].macros(word)}
    if len(bodies) == 1:
        text = ("-" if sign < 0 else "") + bodies.pop()
    value = _LITERAL.match(text)
    if value is None:
        return None
    return int(value[2], 0) * (-1 if value[1] else 1)


def _is_called_in_place(sides: Sides, found: tuple[Node, Node]) -> bool:
    """Whether one function of another file is called in another's place."""
    if not all(node.type == "call_expression" for node in found):
        return False
    names = [_part(sides, side, node, "function") for side, node in enumerate(found)]
    given = [_part(sides, side, node, "arguments") for side, node in enumerate(found)]
    if names[0] == names[1] or given[0] != given[1]:
        return False
    known = sides.definitions
    for name in names:
        if not all(name.isidentifier() and _is_seen_call(one, name) for one in known):
            return False
    if set(known[OLD].prototypes(names[0])) != set(known[NEW].prototypes(names[1])):
        return False
    return not any(are_one(one, names[0], names[1]) for one in known)


def _part(sides: Sides, side: int, node: Node, field: str) -> str:
    part = node.child_by_field_name(field)
    return "" if part is None else sides.sources[side].norm(part)
