# SPDX-License-Identifier: GPL-2.0-or-later
"""Where two functions part: the steps of one side alone, and the branches to them.

Both sides run the same text on the same state until one of them gets to a point that
is found here.  So whoever takes none of the branches to such a point sees no
difference at all, whatever the code in between does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import without_strings
from reviewer.patterns import regex
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.places_told import macros_with_their_line
from reviewer.prover.structure.alignment import (
    CHANGE,
    CONDITION,
    KEPT,
    UNWRAPPED,
    WRAPPED,
    Alignment,
    Edit,
    is_scoped,
)
from reviewer.prover.structure.declared import Declared, Variables
from reviewer.prover.structure.flow import Branch, Flow
from reviewer.prover.structure.hidden_jumps import no_hidden_jumps
from reviewer.prover.structure.kept_results import leave_unread, set_by
from reviewer.prover.structure.purity import follows_pointers, only_reads
from reviewer.prover.structure.steps import (
    BLOCK,
    CASE,
    DECLARATION,
    DO,
    GOTO,
    IF,
    LABEL,
    PLAIN,
    RETURN,
    SWITCH,
    VARIANTS,
    NotRead,
    Step,
    inside,
)
from reviewer.prover.structure.ways_out import differences, ways_of

OLD, NEW = 0, 1
NAME = "name"  # the kind of an edit that is a word which means something else
_DIRECTIVE = regex(r"#\s*[a-z]")
_IDLE = frozenset([";", "fallthrough;", "__attribute__((__fallthrough__));"])


@dataclass(frozen=True, slots=True)
class Point:
    """A step that one side alone gets to, or a branch that leads elsewhere."""

    side: int
    step: Step
    way: str | None = None  # of the branch


@dataclass(slots=True)
class Divergence:
    """One edit that can be reached: its points, the branches to them."""

    edit: Edit
    points: list[Point]
    branches: list[tuple[int, Branch]] = field(default_factory=list)
    always: bool = False
    words: frozenset[str] = frozenset()  # in it that mean something else


@dataclass(slots=True)
class Sides:
    """Both sides of a function, read as steps."""

    sources: tuple[Source, Source]
    definitions: tuple[Definitions, Definitions]
    bodies: tuple[list[Step], list[Step]]
    flows: tuple[Flow, Flow]
    alignment: Alignment
    parameters: dict[str, str] = field(default_factory=dict)  # tags of structs
    locals: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()
    hidden: frozenset[str] = frozenset()  # locals that are declared more than once
    followed: dict[str, None] = field(default_factory=dict)  # pointers, newly read
    moved: frozenset[str] = frozenset()  # texts of steps that both do, at two places
    with_lines: frozenset[str] = frozenset()  # macros that hand on their line

    def only_reads(self, side: int, step: Step) -> bool:
        """Says whether the condition of an if changes nothing."""
        condition = condition_of(step)
        return condition is not None and self.is_only_read(side, condition)

    def is_only_read(self, side: int, node: Node) -> bool:
        """Says whether an expression changes nothing; notes the pointers in it."""
        source = self.sources[side]
        if not only_reads(source, node, self.definitions[side]):
            return False
        self.followed.update(dict.fromkeys(follows_pointers(source, node)))
        return True


def changed_pair(sides: Sides, old: Step, new: Step) -> tuple[Node, Node] | None:
    """Returns the one expression of a statement that became another, None if it is
    more than one, or none that has a value."""
    if old.kind != new.kind or old.kind not in (PLAIN, RETURN, DECLARATION):
        return None
    if old.node is None or new.node is None or is_scoped(old) or is_scoped(new):
        return None
    return differing_part(sides.sources, old.node, new.node)


def condition_of(step: Step) -> Node | None:
    """Returns the syntax node of an if's condition."""
    return None if step.node is None else step.node.child_by_field_name("condition")


def divergences(
    sides: Sides, changed: Callable[[Step, Mapping[str, str]], frozenset[str]]
) -> list[Divergence]:
    """Returns where both sides part, in the order of the text.

    ``changed``: the names in a step of both sides that mean something else on one.
    Raises NotRead where a change is none of steps.
    """
    _refuse(sides)
    variables = Variables(sides.sources, sides.bodies)
    left = variables.changed_declarations(sides.alignment)
    others = variables.names_of_others(sides.alignment, sides.parameters)
    moved = _moved_labels(sides)
    sides.locals = frozenset(variables.seen[OLD]), frozenset(variables.seen[NEW])
    known = variables.struct_tags(sides.parameters)
    sides.hidden = variables.ambiguous_names(sides.parameters)
    found = [
        Divergence(edit, list(_points(sides, edit, left)))
        for edit in sides.alignment.edits
        if not _is_same_way(sides, edit, others)
    ]
    for old, new in sides.alignment.common:
        words = changed(new, known) | changed(old, known)
        words |= others & (old.words | new.words)
        if old.kind == GOTO and _target(old) in moved:
            words |= {_target(old)}
        if words:
            point = Point(NEW, new)
            edit = Edit(NAME, (old,), (new,))
            found.append(Divergence(edit, [*_cases(sides, point)], words=words))
    for one in found:
        if one.edit.kind != NAME:
            one.words = frozenset(
                word
                for step in inside([*one.edit.old, *one.edit.new])
                for word in changed(step, known) | (others & step.words)
            )
            if one.edit.kind == KEPT and one.words:
                one.points.append(Point(NEW, one.edit.new[0]))
    _leave_ways_out(sides, found)
    leave_unread(sides, found)
    for one in found:
        one.points = [p for p in one.points if sides.flows[p.side].is_reached(p.step)]
    found = [one for one in found if one.points]
    edited = _edited(found)
    for one in found:
        _reach(sides, one, edited)
    return sorted(found, key=lambda one: one.points[0].step.line)


def _refuse(sides: Sides) -> None:
    """What no comparison of steps can see."""
    for edit in sides.alignment.edits:
        for step in inside([*edit.old, *edit.new]):
            if _DIRECTIVE.search(without_strings(step.text)) and not step.parts:
                raise NotRead("a preprocessor line changes")
    for side, body in enumerate(sides.bodies):
        words = (word for step in inside(body) for word in step.words)
        with_lines = macros_with_their_line(
            sides.definitions[side], " ".join(words), is_print
        )
        if with_lines is None:
            raise NotRead("it says on which line it stands")
        sides.with_lines |= with_lines
        labels = sides.flows[side].labels.keys()
        no_hidden_jumps(sides.definitions[side], body, frozenset(labels))


def _is_same_way(sides: Sides, edit: Edit, others: frozenset[str]) -> bool:
    """Whether both sides do the same from there to the end, by another goto."""
    ways = ways_of(sides, edit)
    if ways is None or any(True for _ in differences(ways)):
        return False
    return all(step.words.isdisjoint(others) for way in ways for step in way)


def _leave_ways_out(sides: Sides, found: list[Divergence]) -> None:
    """Takes out the points that are reached only by a goto which is an edit itself:
    what is done behind it is told there."""
    starts: tuple[list[Step], list[Step]] = ([], [])
    for edit in sides.alignment.edits:
        if ways_of(sides, edit) is not None:
            starts[OLD].append(edit.old[0])
            starts[NEW].append(edit.new[0])
    for one in found:
        if one.edit.kind == CHANGE and not (one.edit.old and one.edit.new):
            one.points = [
                point
                for point in one.points
                if point.way is not None
                or not sides.flows[point.side].is_behind(point.step, starts[point.side])
            ]


def _target(step: Step) -> str:
    return step.text.removeprefix("goto").rstrip("; ").strip()


def _moved_labels(sides: Sides) -> frozenset[str]:
    """The labels of both sides that stand at different places."""
    kept = {new.shown for _old, new in sides.alignment.common if new.kind == LABEL}
    one, two = (flow.labels.keys() for flow in sides.flows)
    return frozenset(one & two) - kept


def _points(
    sides: Sides, edit: Edit, left: dict[int, list[Declared]]
) -> Iterator[Point]:
    if edit.kind in (WRAPPED, UNWRAPPED):
        side = NEW if edit.kind == WRAPPED else OLD
        yield from _other_ways(sides, edit, side)
        return
    if edit.kind == CONDITION:
        yield Point(NEW, edit.new[0])
        return
    if edit.kind == KEPT:
        for side, steps in ((OLD, edit.old), (NEW, edit.new)):
            if set_by(steps[0]) and not steps[0].parts:
                yield Point(side, steps[0])
            for inner in (one for part in steps[0].parts for one in part):
                yield from _of_step(sides, side, inner, left, True)
        return
    alone = not (edit.old and edit.new)
    for side, steps in ((OLD, edit.old), (NEW, edit.new)):
        for step in steps:
            yield from _of_step(sides, side, step, left, alone)


def _other_ways(sides: Sides, edit: Edit, side: int) -> Iterator[Point]:
    """The ways around the part that both sides have, and the whole of an if whose
    condition may do something."""
    step = (edit.new if side == NEW else edit.old)[0]
    if not is_asked_freely(sides, side, step):
        yield Point(side, step)
        return
    own = step.names[edit.part]
    for _target, way in sides.flows[side].next[sides.flows[side].numbers[id(step)]]:
        if way != own:
            yield Point(side, step, way)
    for part in step.parts:
        for inner in inside(part) if part is not step.parts[edit.part] else ():
            if inner.kind == CASE:  # a switch leads into it
                yield from _cases(sides, Point(side, inner))


def is_asked_freely(sides: Sides, side: int, step: Step) -> bool:
    """Says whether an if changes nothing by what it asks, or is an #if."""
    return step.kind == VARIANTS or (step.kind == IF and sides.only_reads(side, step))


def _of_step(
    sides: Sides, side: int, step: Step, left: dict[int, list[Declared]], alone: bool
) -> Iterator[Point]:
    known = sides.definitions[side]
    if step.kind == LABEL or (
        step.text in _IDLE and not known.is_local(step.text.rstrip(";"))
    ):
        return
    if step.kind == DECLARATION and not any(
        not one.is_idle for one in left.get(id(step), _unknown(step))
    ):
        return
    if step.kind == CASE:
        yield from _cases(sides, Point(side, step))
    elif step.kind == BLOCK or (alone and is_asked_freely(sides, side, step)):
        for part in step.parts:
            for inner in part:
                yield from _of_step(sides, side, inner, left, alone)
    else:
        if step.kind == DO:
            # its head stands behind its body, which may never get there
            for part in step.parts:
                for inner in part:
                    yield from _of_step(sides, side, inner, left, alone=True)
        yield Point(side, step)
        for inner in inside([step]):  # a jump into it goes around its head
            if inner.kind == LABEL:
                yield from (
                    Point(side, one) for one in inside([step]) if one is not step
                )
                return


def _unknown(step: Step) -> list[Declared]:
    """Of a declaration deeper in a step of one side: it is taken for one that does."""
    return [Declared("", "", "", step.text)]


def _cases(sides: Sides, point: Point) -> list[Point]:
    """A case label is no step: the way to it is what counts."""
    if point.step.kind != CASE:
        return [point]
    flow = sides.flows[point.side]
    number = flow.numbers[id(point.step)]
    return [
        Point(point.side, step, way)
        for node, step in enumerate(flow.of)
        if step is not None and step.kind == SWITCH
        for target, way in flow.next[node]
        if target == number and way == point.step.shown
    ]


def _edited(found: Iterable[Divergence]) -> set[int]:
    return {
        id(point.step)
        for one in found
        for point in one.points
        if point.way is None
        and one.edit.kind != CONDITION  # which both may answer alike
    }


def _reach(sides: Sides, one: Divergence, edited: set[int]) -> None:
    """How a divergence is reached, but for ways through another one."""
    seen: set[tuple[int, int, str]] = set()
    for point in one.points:
        flow = sides.flows[point.side]
        if point.way is not None:
            branches = [Branch(point.step, point.way)]
        elif flow.is_always_reached(point.step):
            one.always = True
            continue
        else:
            branches = flow.reached_by(point.step)
        for branch in branches:
            key = (point.side, id(branch.step), branch.way)
            if key not in seen and id(branch.step) not in edited:
                seen.add(key)
                one.branches.append((point.side, branch))


__all__ = ["CHANGE", "PLAIN", "Divergence", "Point", "Sides", "divergences"]


# --- one statement that became another: the one expression in it that is another ------

_CALL = "call_expression"
_WHOLE = frozenset(["expression_statement", "argument_list", "return_statement",
                    "declaration", "init_declarator", "comment",
                    "parenthesized_expression"])  # fmt: skip


def differing_part(
    sources: tuple[Source, Source], old: Node, new: Node
) -> tuple[Node, Node] | None:
    """Returns the smallest expressions that hold all the difference, None for none."""
    while True:
        pairs = _unlike_children(sources, old, new)
        if pairs is None or len(pairs) != 1:
            break
        first, second = pairs[0]
        if not (first.is_named and second.is_named):
            break
        if first.type in ("comment", "type_descriptor", "string_content"):
            break
        if _is_no_value(old, first):
            break
        old, new = first, second
    if old.type in _WHOLE or new.type in _WHOLE:
        return None
    return old, new


def _is_no_value(above: Node, part: Node) -> bool:
    """Whether a part alone is no expression: what is assigned to, a member's name,
    what & or sizeof stands before."""
    if above.type in ("sizeof_expression", "field_expression", "cast_expression"):
        return True
    if above.type in ("assignment_expression", "update_expression"):
        left = above.child_by_field_name("left")
        return above.type == "update_expression" or part == left
    if above.type == "init_declarator":
        return part != above.child_by_field_name("value")
    if above.type == "pointer_expression":
        return above.children[0].type == "&"
    if above.type == _CALL:
        return part == above.child_by_field_name("function")
    return above.type == "declaration" and part.type != "init_declarator"


def _unlike_children(
    sources: tuple[Source, Source], old: Node, new: Node
) -> list[tuple[Node, Node]] | None:
    """The children that are not the same text, None where they do not go together."""
    if (
        old.type != new.type
        or old.child_count != new.child_count
        or not old.child_count
    ):
        return None
    return [
        (one, two)
        for one, two in zip(old.children, new.children, strict=True)
        if sources[0].norm(one) != sources[1].norm(two)
    ]
