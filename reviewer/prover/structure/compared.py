# SPDX-License-Identifier: GPL-2.0-or-later
"""What the structure of both sides says: the same, or the same unless ..."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.print_macros import only_prints
from reviewer.prover.names.taken_out import another_keyword
from reviewer.prover.structure.alignment import CHANGE
from reviewer.prover.structure.asked_layouts import sees_const
from reviewer.prover.structure.changed_heads import head_of, told_head
from reviewer.prover.structure.changed_meanings import ChangedMeanings
from reviewer.prover.structure.deciding import ALWAYS
from reviewer.prover.structure.divergences import (
    NAME,
    Divergence,
    Point,
    Sides,
    divergences,
)
from reviewer.prover.structure.done_elsewhere import is_answered
from reviewer.prover.structure.entered_calls import same_when_entered
from reviewer.prover.structure.overlaid_objects import overlaid_object
from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.read_again import normal_forms
from reviewer.prover.structure.reading import read_sides
from reviewer.prover.structure.seen_calls import calls_more_often, is_sure
from reviewer.prover.structure.step_words import CALL, condition_of_an_if
from reviewer.prover.structure.steps import PLAIN, NotRead, inside
from reviewer.prover.structure.told_parts import HERE, told_parts
from reviewer.prover.verdict import (
    DifferingPart,
    FunctionVerdict,
    OutputVerdict,
    Verdict,
    Witness,
)

SAME = "the same (proved)"
PATIENCE = 0.7  # seconds of the solver where the structure has an answer
MOST_STEPS = 6  # of them that are told, so that the verdict is one
MOST_EDITED = 8  # statements of one
STEADY = "nobody changes what two tests ask, one behind the other, between them"
READABLE = "what the new conditions look at is there to be read"
BY_INDEX = "no index goes beyond the end of an array that has another length now"
BY_MEMBERS = "who is handed a struct that changes uses its members, not its bytes"


@dataclass(frozen=True, slots=True)
class Compared:
    """``proved``: nothing differs.  ``parts``: where it may, ``decided``: whether
    each of them has a condition or is a few steps, ``differs``: that one of them is
    sure to show."""

    parts: tuple[DifferingPart, ...]
    decided: bool
    differs: bool
    messages: bool
    assumptions: tuple[str, ...]
    but_for: tuple[str, ...]  # functions that it calls and that change themselves
    unlike: bool  # one side calls a function of another file more often
    steps: bool  # some are steps of which it is not known when they show
    laid_out: bool = False  # a struct has its members in other places
    indexed: bool = False  # it uses an array that has another length
    indirect: bool = False  # one of ``but_for`` only uses what changes
    of_entered: tuple[str, ...] = ()  # what is taken for granted of functions entered
    overlaid: str = ""  # a variable whose bytes are read as such a struct
    lines_told: tuple[str, ...] = ()  # what is taken of macros with __LINE__

    @property
    def proved(self) -> bool:
        """Says whether both sides are proved to be the same."""
        return not self.parts and not self.but_for

    def is_enough(self, conditions: bool) -> bool:
        """Says whether the solver is not needed, with or without ``conditions``."""
        if self.proved or not conditions:
            return self.proved
        if self.only_messages:
            return False  # what is printed may be the same, written otherwise
        if self.steps and not self.differs:
            return False  # the solver may know whether the steps show
        return self.unlike and (self.decided or self.differs)

    @property
    def has_no_otherwise(self) -> bool:
        """Whether what differs is done on every way: nothing is left to be the same."""
        return any(part.when == (ALWAYS,) for part in self.parts)

    @property
    def only_messages(self) -> bool:
        """Whether nothing but lines in the log differs."""
        return self.messages and not self.but_for

    def bounds(self, limits: ProverLimits) -> ProverLimits:
        """Returns what the solver may spend where the structure has an answer."""
        if not self.decided:
            return limits
        return replace(limits, seconds=min(limits.seconds, PATIENCE))


def compared(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
    names: ChangedNames,
) -> Compared | None:
    """Returns what the structure says, None where it says nothing."""
    if names.trees_differ or names.dark or names.packed:
        return None
    heads = told_head(sources, functions, definitions)
    if heads is None:
        return None
    try:
        sides = read_sides(sources, functions, definitions)
        lines = functions[0].first_line, functions[1].first_line
        meanings = ChangedMeanings(names, definitions, lines)
        head = " ".join(map(head_of, sources, functions))
        around = str(sources[1].condition(functions[1].first_line))
        if meanings.is_taken_otherwise(head) or meanings.names_changed(around):
            return None
        if sees_const(meanings, sources[1].text(functions[1].node)):
            return None
        found = divergences(sides, meanings.of)
    except (NotRead, RecursionError):
        return None
    asked_twice = [one for one in found if _is_ruled_out(sides, one)]
    found = [one for one in found if one not in asked_twice]
    told = _told(sides, found, names, functions[1].name)
    if any(_reads_memory(one) for one in asked_twice):
        told = replace(told, assumptions=(*told.assumptions, STEADY))
    if not told.proved:
        if any(map(_has_another_keyword, sources, functions, definitions)):
            return None  # a branch is taken where the macro "if" says so
        again = _read_again(sides, functions, meanings, names)
        if again is None and not heads:
            again = _run_together(sides, functions, meanings, names)
        told = told if again is None else again
    if heads:
        told = _with_head(told, heads, sources[1].path, functions[1].first_line)
    pairs = zip(sources, functions, strict=True)
    overlaid = [overlaid_object(*one, meanings.laid_out) for one in pairs]
    return replace(
        told,
        laid_out=bool(meanings.laid_out),
        indexed=meanings.indexed,
        overlaid="" if told.proved else overlaid[0] or overlaid[1],
    )


def _with_head(
    told: Compared, heads: tuple[str, ...], path: str, line: int
) -> Compared:
    """What the bodies say, and what differs in the heads; that shows to callers, which
    are others, too."""
    part = DifferingPart((f"{HERE} ({path}:{line})",), heads, line)
    return replace(
        told, parts=(part, *told.parts), differs=False, messages=False, steps=True
    )


def _read_again(
    sides: Sides,
    functions: tuple[Function, Function],
    meanings: ChangedMeanings,
    names: ChangedNames,
) -> Compared | None:
    """What both sides say in their normal form; None where they still differ."""
    forms = normal_forms(sides.sources, functions, sides.definitions)
    if forms is None:
        return None
    try:
        again = read_sides(
            (forms[0].source, forms[1].source),
            (forms[0].function, forms[1].function),
            sides.definitions,
        )
        found = divergences(again, meanings.of)
    except (NotRead, RecursionError):
        return None
    told = _told(again, found, names, functions[1].name)
    words = {word for one in (sides, again) for word in _all_words(one)}
    others = names.changed - {functions[1].name, *told.but_for}
    # what a step means is asked of its text, and this one is nobody's: where a name in
    # it is another in any way, the text of the patch is told
    return None if told.parts or not others.isdisjoint(words) else told


def _is_ruled_out(sides: Sides, one: Divergence) -> bool:
    """Whether all that is gone is a test that the one in front of it has answered."""
    if one.edit.kind != CHANGE or one.edit.new or len(one.edit.old) != 1:
        return False
    return is_answered(sides, one.edit.old[0])


def _reads_memory(one: Divergence) -> bool:
    asked = condition_of_an_if(one.edit.old[0])
    return any(sign in asked for sign in ("->", "*", "[", "."))


def _taken_for_lines(sides: Sides) -> Iterator[str]:
    """The line that a macro hands on is another one wherever something moves."""
    if names := sorted(sides.with_lines):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"the line that `{names[0]}()`{more} hands on is only told"


def _run_together(
    sides: Sides,
    functions: tuple[Function, Function],
    meanings: ChangedMeanings,
    names: ChangedNames,
) -> Compared | None:
    """That both sides do the same to the same values; None where that is not proved."""
    try:
        taken = same_when_entered(sides, functions, meanings, names)
    except (NotRead, RecursionError):
        return None
    if taken is None:
        return None
    told = _told(sides, [], names, functions[1].name)
    return replace(told, of_entered=taken)


def _all_words(sides: Sides) -> Iterator[str]:
    for body in sides.bodies:
        for step in inside(body):
            yield from IDENTIFIER.findall(step.text)


def _has_another_keyword(
    source: Source, function: Function, known: Definitions
) -> bool:
    node = function.node
    return bool(another_keyword(known, source, node.start_byte, node.end_byte))


def _told(
    sides: Sides, found: list[Divergence], names: ChangedNames, own: str
) -> Compared:
    """The divergences in words."""
    called = [one for one in found if _is_call_of_changed(one, names)]
    others = [one for one in found if one not in called]
    but_for = sorted({word for one in called for word in one.words} - {own})
    differs = is_sure(sides, others)
    silent = {id(one) for one in others if _is_message(sides, one)}
    told = told_parts(sides, others, differs, names, silent)
    return Compared(
        told.parts,
        len({one.edit.of or id(one) for one in told.steps}) <= MOST_STEPS
        and all(_is_short(one) for one in told.steps),
        differs,
        bool(others) and len(silent) == len(others),
        (READABLE,) if sides.followed else (),
        tuple(but_for),
        calls_more_often(sides, others),
        bool(told.steps),
        indirect=not names.differ.issuperset(but_for),
        lines_told=tuple(_taken_for_lines(sides)),
    )


def _is_short(one: Divergence) -> bool:
    """Whether an edit is no more than a few steps, the first of which are told."""
    return all(len(steps) <= MOST_EDITED for steps in (one.edit.old, one.edit.new))


def _is_call_of_changed(one: Divergence, names: ChangedNames) -> bool:
    """Whether all that differs is what functions do that change themselves."""
    return one.edit.kind == NAME and one.words <= names.functions


# --- messages ------------------------------------------------------------------------


def _is_message(sides: Sides, one: Divergence) -> bool:
    """Whether only lines in the log differ, whose arguments are only looked at, or are
    the same on both sides."""
    if one.edit.kind != CHANGE or not one.points:
        return False
    handed = [_handed(sides, point) for point in one.points]
    is_pair = [point.side for point in one.points] == [0, 1]
    only_text = is_pair and handed[0] == handed[1] is not None
    for point in one.points:
        step = point.step
        found = CALL.match(step.text)
        if found is None or step.kind != PLAIN or step.node is None:
            return False
        known = sides.definitions[point.side]
        if not is_print(found[1]) and not only_prints(known, found[1], is_print):
            return False
        if is_print(found[1]) and known.is_local(found[1]):
            return False
        call = step.node.named_children[0]
        given = call.child_by_field_name("arguments")
        if given is None:
            return False
        if not only_text and not _all_read(sides, point.side, given):
            return False
    return True


def _handed(sides: Sides, point: Point) -> tuple[str, ...] | None:
    """Who is called, and what it is handed beside texts; None for no call."""
    node = point.step.node
    call = node.named_children[0] if node is not None and node.named_children else None
    if call is None or call.type != "call_expression":
        return None
    source, given = sides.sources[point.side], call.child_by_field_name("arguments")
    callee = call.child_by_field_name("function")
    if given is None or callee is None:
        return None
    others = (one for one in given.named_children if one.type not in _TEXTS)
    return source.norm(callee), *map(source.norm, others)


_TEXTS = ("string_literal", "concatenated_string", "comment")


def _all_read(sides: Sides, side: int, given: Node) -> bool:
    source, known = sides.sources[side], sides.definitions[side]
    return all(
        only_reads(source, node, known)
        for node in given.named_children
        if node.type not in _TEXTS
    )


# --- as a verdict ---------------------------------------------------------------------


def with_structure(
    verdict: FunctionVerdict, found: Compared, conditions: bool
) -> FunctionVerdict:
    """Returns a verdict with what the structure says beside it, or instead of it;
    without ``conditions`` only where that is a proof."""
    proofs = (Verdict.EQUAL, Verdict.ONE_CPU)
    if found.proved and verdict.verdict is not Verdict.ONE_CPU:
        taken = (*verdict.assumptions, *found.lines_told, *found.of_entered)
        taken += tuple(one for one in found.assumptions if one == STEADY)
        verdict = replace(
            verdict, verdict=Verdict.EQUAL, why="", outputs=(), assumptions=taken
        )
    if verdict.verdict in proofs and found.overlaid:
        why = f"`{found.overlaid}` is read as a struct with another layout"
        verdict = replace(verdict, verdict=Verdict.NOT_DECIDED, why=why)
    if verdict.verdict in proofs and found.laid_out:
        inside = (BY_INDEX,) if found.indexed else ()
        taken = (*verdict.assumptions, BY_MEMBERS, *inside)
        return replace(verdict, assumptions=taken)
    if verdict.verdict in proofs or not conditions:
        return verdict
    if found.only_messages:
        verdict = replace(verdict, verdict=Verdict.MESSAGE)
    known = "" if found.has_no_otherwise else SAME + _but_for(found)
    told = replace(verdict, parts=found.parts, otherwise=known)
    if verdict.verdict is Verdict.DIFFERS:
        return replace(told, assumptions=(*told.assumptions, *found.lines_told))
    why = told.why if told.by_clock else ""  # a step has none
    taken = (*found.assumptions, *found.lines_told)
    judged = replace(told, outputs=(), why=why, assumptions=taken)
    if found.only_messages:
        return judged
    if found.differs:
        return replace(judged, verdict=Verdict.DIFFERS, outputs=(_first(found),))
    if not found.decided:
        return told
    is_conditional = found.parts and not found.steps
    kind = Verdict.UNLESS if is_conditional else Verdict.BUT_FOR
    return replace(judged, verdict=kind)


def _first(found: Compared) -> OutputVerdict:
    """The first thing that one side alone is sure to do."""
    sure = (part for part in found.parts if part.when == (ALWAYS,))
    part = next(sure, found.parts[0])
    return OutputVerdict(
        "calls", Verdict.DIFFERS, after=", ".join(part.then),
        witness=Witness(()), line=part.line, first="call",
    )  # fmt: skip


def _but_for(found: Compared) -> str:
    names = found.but_for
    if not names:
        return ""
    told = ", ".join(f"{name}()" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    both = ("do", "change themselves"), ("does", "changes itself")
    does, changes = both[len(names) == 1]
    if found.indirect and len(names) == 1:
        changes = "uses what changes"
    elif found.indirect:
        changes = "change or use what changes"
    return f", but for what {told}{more} {does}, which {changes}"
