# SPDX-License-Identifier: GPL-2.0-or-later
"""What decides: the condition under which an edit changes something, and the step that
is another one then.

Where the edit is reached is told only if nothing nearer is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.c.text import IDENTIFIER
from reviewer.prover.structure import wording
from reviewer.prover.structure.alignment import CHANGE, CONDITION, WRAPPED
from reviewer.prover.structure.became_another import changed_value
from reviewer.prover.structure.divergences import (
    NEW,
    OLD,
    Divergence,
    Point,
    Sides,
    changed_pair,
    condition_of,
    differing_part,
    is_asked_freely,
)
from reviewer.prover.structure.flow import Branch
from reviewer.prover.structure.one_side_alone import apart
from reviewer.prover.structure.overflow_checks import overflow_of
from reviewer.prover.structure.purity import macros_of, only_reads
from reviewer.prover.structure.seen_calls import head_of
from reviewer.prover.structure.step_words import (
    LONGEST,
    condition_of_an_if,
    each_once,
    leaves,
    quoted,
)
from reviewer.prover.structure.steps import (
    CASE,
    IF,
    LABEL,
    RETURN,
    VARIANTS,
    Step,
    inside,
)
from reviewer.prover.structure.told_edits import asked_instead, events, is_both_ways
from reviewer.prover.structure.two_tests import UnlikeTests, assumed, difference
from reviewer.prover.syntax import bare
from reviewer.utf8 import decode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.prover.names.definitions import Definitions

ALWAYS = "always"
_CONSTANTS = ("number_literal", "char_literal", "string_literal", "concatenated_string")
_ARMS = ("consequence", "alternative")


def when_it_shows(sides: Sides, one: Divergence, differs: bool) -> tuple[str, ...]:
    """Returns when something else is done; nothing for a step that is always done, of
    which it is not known when that shows."""
    if differs and one.always:
        return (ALWAYS,) if _is_done_whole(sides, one) else ()
    path, point = sides.sources[NEW].path, place_of(one)
    if over := overflow_of(sides, one):
        return (f"when {over[0]} ({path}:{point.step.line})",)
    found = _nearest(sides, one)
    if found is not None:
        where = wording.loop_in_words(sides, point.side, point.step)
        return (f"when {found.words}{where} ({path}:{point.step.line})",)
    phrase = _both_in_words(sides, one)
    if one.edit.kind == CONDITION and VARIANTS in (
        one.edit.old[0].kind,
        one.edit.new[0].kind,
    ):
        return (f"where {phrase} ({path}:{point.step.line})",) if phrase else ()
    outside = _outermost(sides, one)
    if outside is not None:
        side, branch = outside
        was = "before, " if side == OLD else ""
        words = wording.branch_words(sides, side, branch)
        return (f"{words} ({was}{path}:{branch.step.line})",)
    reached = wording.conditions(sides, one, path)
    if len(reached) == 1 and (operands := _unlike_operands(sides, one)):
        words, bracket, place = reached[0].rpartition(" (")
        return (f"{words} and {operands}{bracket}{place}",) if bracket else reached
    if reached or not one.always:
        return reached or ("on a way that only one side has",)
    return (f"when {phrase} ({path}:{point.step.line})",) if phrase else ()


def _outermost(sides: Sides, one: Divergence) -> tuple[int, Branch] | None:
    """The way into an if that one side alone has, where what is done in it hangs on
    more than that; None where it does not, or another way leads into it."""
    if one.edit.kind != CHANGE or len([*one.edit.old, *one.edit.new]) != 1:
        return None
    side = NEW if one.edit.new else OLD
    (step,) = one.edit.new or one.edit.old
    if not is_asked_freely(sides, side, step) or is_both_ways(step):
        return None
    if len({leaf.around for leaf in leaves([step])}) == 1:
        return None
    if any(inner.kind in (LABEL, CASE) for inner in inside([step])):
        return None
    way = next((n for n, part in zip(step.names, step.parts, strict=True) if part), "")
    return side, Branch(step, way)


def _is_done_whole(sides: Sides, one: Divergence) -> bool:
    """Whether every step of a divergence is always done: a return among them is not."""
    return all(
        sides.flows[point.side].is_always_reached(point.step) for point in one.points
    )


def place_of(one: Divergence) -> Point:
    """Returns the first point of a divergence on the new side, of the old one if there
    is none."""
    return next((p for p in one.points if p.side == NEW), one.points[0])


def what_is_done(
    sides: Sides, one: Divergence, named: Callable[[str], str]
) -> tuple[str, ...]:
    """Returns what is done then, on the new side unless it says "no longer"; of tests
    of which it is not seen where they differ only what they ask."""
    edit, found = one.edit, _nearest(sides, one)
    if over := overflow_of(sides, one):
        return (f"no longer wraps around, by {' and '.join(over[1])}",)
    if found is None:
        guard = _new_guard(sides, one)
        return (guard,) if guard else events(sides, one, named)
    if edit.kind == CHANGE:
        other = _other_value(sides, one)
        return (other,) if other else events(sides, one, named)
    old, new = edit.old[0], edit.new[0]
    if stop := _stop(sides, found):
        return (f"no longer {stop}",)
    if found.holds is None or IF not in (old.kind, new.kind):
        return asked_instead(old, new)
    ways = (old.parts, new.parts) if found.holds else (new.parts, old.parts)
    off = ways[0][1] if len(ways[0]) > 1 else []
    on = ways[1][0]
    less, more = (off, on) if found.holds else (on, off)
    return each_once(apart(sides, leaves(less), leaves(more)))


def _nearest(sides: Sides, one: Divergence) -> UnlikeTests | None:
    """Where the two values of an edit differ, None where that is not seen."""
    if one.words:
        return None  # what both have in common differs as well
    old, new = one.edit.old, one.edit.new
    if one.edit.kind == CONDITION and old[0].kind == new[0].kind == IF:
        tests = condition_of(old[0]), condition_of(new[0])
        if tests[0] is not None and tests[1] is not None:
            return difference(sides, tests[0], tests[1])
    if one.edit.kind == CHANGE and "bool" in head_of(sides).split():
        values = [_returned(steps) for steps in (old, new)]
        if values[0] is not None and values[1] is not None:
            return difference(sides, values[0], values[1])
    choice = _chosen(sides, one)
    return None if choice is None else choice[0]


def _returned(steps: tuple[Step, ...]) -> Node | None:
    if len(steps) != 1 or steps[0].kind != RETURN or steps[0].split:
        return None
    node = steps[0].node
    return node.named_children[0] if node is not None and node.named_children else None


def _chosen(
    sides: Sides, one: Divergence
) -> tuple[UnlikeTests, tuple[Node, Node], tuple[Node, Node]] | None:
    """A value that became one of two, or the other way round: when it is another one,
    what it was and is in the text, what it is then."""
    old, new = one.edit.old, one.edit.new
    if one.edit.kind != CHANGE or len(old) != 1 or len(new) != 1:
        return None
    found = changed_pair(sides, old[0], new[0])
    for side, choice in enumerate(map(bare, found or ())):
        test = choice.child_by_field_name("condition")
        arms = [choice.child_by_field_name(arm) for arm in _ARMS]
        if choice.type != "conditional_expression" or test is None or found is None:
            continue
        other = sides.sources[1 - side].norm(bare(found[1 - side]))
        for at, arm in enumerate(arms):
            off = arms[1 - at]
            if arm is None or off is None:
                continue
            same = sides.sources[side].norm(bare(arm)) == other
            if same and sides.is_only_read(side, test):
                kept = bare(found[1 - side])
                when = assumed(sides, side, test, holds=at == 1)
                when = replace(when, behind=(kept,) if side == NEW else ())
                return when, found, (kept, off) if side == NEW else (off, kept)
    return None


def _other_value(sides: Sides, one: Divergence) -> str:
    choice = _chosen(sides, one)
    if choice is None:
        return ""
    when, found, values = choice
    told = [
        quoted(source.norm(node))
        for source, node in zip(sides.sources, values, strict=True)
    ]
    said = changed_value(sides, found, one.edit.old[0], told[0], told[1])
    stop = _stop(sides, when)
    return (
        f"{said.removesuffix(f', not {told[0]}')}, no longer {stop}" if stop else said
    )


# --- what a test that is new there guards ---------------------------------------------


def _new_guard(sides: Sides, one: Divergence) -> str:
    """What is not done any more because of an if that is new around it: a division by
    0, a pointer that is followed."""
    edit = one.edit
    if edit.kind != WRAPPED or edit.new[0].kind != IF or len(edit.new[0].parts) > 1:
        return ""
    test, node = condition_of(edit.new[0]), edit.old[0].node
    if one.words or test is None or node is None or edit.old[0].parts:
        return ""
    if not only_reads(sides.sources[NEW], test, sides.definitions[NEW]):
        return ""
    when = assumed(sides, NEW, test, holds=False)
    stop = _stop(sides, replace(when, behind=(node,)))
    return f"no longer {stop}" if stop else ""


def _stop(sides: Sides, found: UnlikeTests) -> str:
    """How the old side stops where what is guarded now is 0, "" where it does not."""
    source = sides.sources[OLD]
    for node in found.behind if found.guarded else ():
        for part in _asked_always(node):
            told = quoted(source.norm(part))
            at = part.child_by_field_name("argument") or part
            if part.type == "binary_expression":
                by = part.child_by_field_name("right")
                if by is not None and source.norm(bare(by)) == found.guarded:
                    return f"divides by it ({told})"
            elif source.norm(bare(at)) == found.guarded:
                return f"follows it ({told})"
    return ""


def _asked_always(node: Node) -> Iterator[Node]:
    """The divisions and the pointers followed in an expression, without those behind
    another test of it."""
    operator = node.child_by_field_name("operator")
    how = "" if operator is None else operator.type
    if node.type in ("sizeof_expression", "conditional_expression"):
        return
    if node.type == "binary_expression" and how in ("/", "%"):
        yield node
    if how in ("->", "*") and node.type in ("field_expression", "pointer_expression"):
        yield node
    if node.type == "pointer_expression" and how == "&":
        return  # an address is not followed
    for child in node.children[: 1 if how in ("&&", "||") else None]:
        yield from _asked_always(child)


def _unlike_operands(sides: Sides, one: Divergence) -> str:
    """That the one value that an if compares with a number is not the value that it
    compared, "" where more of the if is another."""
    if one.edit.kind != CONDITION or one.words:
        return ""
    tests = [condition_of(steps[0]) for steps in (one.edit.old, one.edit.new)]
    if tests[0] is None or tests[1] is None:
        return ""
    found = differing_part(sides.sources, tests[0], tests[1])
    if found is None or not all(
        _is_compared(known, node)
        for known, node in zip(sides.definitions, found, strict=True)
    ):
        return ""
    if not all(sides.only_reads(side, steps[0])
               for side, steps in enumerate((one.edit.old, one.edit.new))):  # fmt: skip
        return ""
    was, now = (s.norm(n) for s, n in zip(sides.sources, found, strict=True))
    return f"{quoted(now)} is not {quoted(was)}"


def _is_compared(known: Definitions, node: Node) -> bool:
    """Whether a variable or member stands beside a number in a comparison: one below
    0 would be another one beside another type."""
    parent = node.parent
    if node.type not in ("identifier", "field_expression") or parent is None:
        return False
    operator = parent.child_by_field_name("operator")
    if operator is None or operator.type not in _COMPARISONS:
        return False
    others = [one for one in parent.named_children if one != node]
    if len(others) != 1 or others[0].text is None:
        return False
    other = decode(others[0].text)
    bodies = [macro.body.strip() for macro in macros_of(known, [other])]
    named = bool(bodies) and bodies[-1].isdigit()
    return other.isdigit() or (
        named and all(IDENTIFIER.fullmatch(b) for b in bodies[:-1])
    )


_COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")


def _both_in_words(sides: Sides, one: Divergence) -> str:
    """That what was and what is there are not the same, "" where more differs."""
    old, new = one.edit.old, one.edit.new
    if one.words:
        return ""
    if one.edit.kind == CONDITION:
        heads = old[0], new[0]
        if not all(
            step.kind == VARIANTS or (step.kind == IF and sides.only_reads(side, step))
            for side, step in enumerate(heads)
        ):
            return ""
        return "{} and {} differ".format(*map(quoted, map(condition_of_an_if, heads)))
    if one.edit.kind != CHANGE or len(old) != 1 or len(new) != 1:
        return ""
    found = changed_pair(sides, old[0], new[0])
    if found is None or all(node.type in _CONSTANTS for node in found):
        return ""
    if not all(sides.is_only_read(side, node) for side, node in enumerate(found)):
        return ""
    both = [source.norm(n) for source, n in zip(sides.sources, found, strict=True)]
    if max(map(len, both)) > LONGEST:
        return "the two differ"
    return "{} and {} differ".format(*map(quoted, both))
