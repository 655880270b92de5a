# SPDX-License-Identifier: GPL-2.0-or-later
"""One step that became another, in words: another argument, value, way out."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.text import common_start, split_arguments
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.divergences import NEW, OLD, Sides, changed_pair
from reviewer.prover.structure.kept_results import called_in
from reviewer.prover.structure.step_words import (
    CALL,
    LONGEST,
    quoted,
    target_of,
    where_they_part,
    whole_step,
)
from reviewer.prover.structure.steps import PLAIN, RETURN, Step
from reviewer.prover.structure.table_rows import in_braces, other_rows

_OPERATIONS = (
    "binary_expression",
    "unary_expression",
    "parenthesized_expression",
    "cast_expression",
    "conditional_expression",
    "subscript_expression",
    "field_expression",
)


def of_a_pair(sides: Sides, old: Step, new: Step) -> str:
    """Returns what a step does now and did before, of two that stand for each other."""
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
        given = [step.shown.removeprefix("return").strip(" ;") for step in (old, new)]
        one, two = (quoted(value) if value else "nothing" for value in given)
        if one == two and given[OLD] != given[NEW]:
            one, two = where_they_part(given[OLD], given[NEW])
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
            name = quoted(sides.sources[NEW].text(target))
            return (
                _other_members(sides, found, name) or f"sets {name} to {two}, not {one}"
            )
    whole = parent is not None and parent.type == "expression_statement"
    return f"{'does' if whole else 'takes'} {two}, not {one}"


def _other_members(sides: Sides, found: tuple[Node, Node], name: str) -> str:
    """What a variable has in other members now, "" where it is no row in braces."""
    one, two = (
        in_braces(source.norm(node))
        for source, node in zip(sides.sources, found, strict=True)
    )
    rows = other_rows(one, two, "") if one and two else ""
    return f"{name} {rows}" if rows else ""


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
