# SPDX-License-Identifier: GPL-2.0-or-later
"""What the structure of both sides says: the same, or the same unless ..."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.c.text import outside_brackets, plain
from reviewer.patterns import regex
from reviewer.prover.changes.renamed_functions import attributes
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure import wording
from reviewer.prover.structure.alignment import (
    CHANGE,
    CONDITION,
    aligned,
    is_scoped,
    is_small_enough,
)
from reviewer.prover.structure.changed_meanings import ChangedMeanings
from reviewer.prover.structure.divergences import (
    NAME,
    NEW,
    OLD,
    Divergence,
    Sides,
    condition_of,
    divergences,
)
from reviewer.prover.structure.flow import Flow
from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.steps import (
    DECLARATION,
    IF,
    PLAIN,
    RETURN,
    NotRead,
    Step,
    inside,
    steps_of,
)
from reviewer.prover.structure.values_apart import differing_part
from reviewer.prover.verdict import (
    FunctionVerdict,
    OutputVerdict,
    Part,
    Verdict,
    Witness,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Function, Source
    from reviewer.prover.changes.changed_names import Names
    from reviewer.prover.limits import Limits
    from reviewer.prover.names.definitions import Definitions

SAME = "the same (proved)"
ALWAYS = "always"
PATIENCE = 2.0  # seconds of the solver where the structure has an answer
READABLE = "what the new conditions look at is there to be read"
_CALL = regex(r"([A-Za-z_]\w*)\s*\((.*)\)\s*;\Z")


@dataclass(frozen=True, slots=True)
class Compared:
    """``proved``: nothing differs.  ``parts``: where it may, ``decided``: whether
    each of them has a condition, ``differs``: that one of them is sure to show."""

    parts: tuple[Part, ...]
    decided: bool
    differs: bool
    messages: bool
    assumptions: tuple[str, ...]
    but_for: tuple[str, ...]  # functions that it calls and that change themselves
    unlike: bool  # one side calls a function of another file more often

    @property
    def proved(self) -> bool:
        """Whether both sides are the same."""
        return not self.parts and not self.but_for

    def is_enough(self, conditions: bool) -> bool:
        """Says whether the solver is not needed, with or without ``conditions``."""
        if self.proved or not conditions:
            return self.proved
        if self.only_messages:
            return False  # what is printed may be the same, written otherwise
        return self.unlike and (self.decided or self.differs)

    @property
    def has_no_otherwise(self) -> bool:
        """Whether what differs is done on every way: nothing is left to be the same."""
        return any(part.when == (ALWAYS,) for part in self.parts)

    @property
    def only_messages(self) -> bool:
        """Whether nothing but lines in the log differs."""
        return self.messages and not self.but_for

    def bounds(self, limits: Limits) -> Limits:
        """Returns what the solver may spend where the structure has an answer."""
        if not self.decided:
            return limits
        return replace(limits, seconds=min(limits.seconds, PATIENCE))


def compared(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
    names: Names,
) -> Compared | None:
    """Returns what the structure says, None where it says nothing."""
    if names.trees_differ or names.dark or names.packed:
        return None
    if _heads_differ(sources, functions):
        return None
    try:
        sides = read_sides(sources, functions, definitions)
        meanings = ChangedMeanings(names, definitions)
        head = _head(sources[1], functions[1])
        around = str(sources[1].condition(functions[1].first_line))
        if meanings.is_taken_otherwise(head) or meanings.is_hard(around):
            return None
        found = divergences(sides, meanings.of)
    except (NotRead, RecursionError):
        return None
    return _told(sides, found, names, functions[1].name)


def _heads_differ(
    sources: tuple[Source, Source], functions: tuple[Function, Function]
) -> bool:
    """Whether the functions are declared or compiled otherwise."""
    one, two = (
        (
            _head(source, function),
            str(source.condition(function.first_line)),
            attributes(source, function),
        )
        for source, function in zip(sources, functions, strict=True)
    )
    return one != two


def _head(source: Source, function: Function) -> str:
    """What stands before the body of a function."""
    end = function.node.end_byte if function.body is None else function.body.start_byte
    head = source.data[function.node.start_byte : end]
    return plain(head.decode("utf-8", "surrogateescape"))


def read_sides(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
) -> Sides:
    bodies = [
        steps_of(source, function, known.is_macro)
        for source, function, known in zip(sources, functions, definitions, strict=True)
    ]
    if not is_small_enough(*bodies):
        raise NotRead("it is too large")
    return Sides(
        sources,
        definitions,
        (bodies[0], bodies[1]),
        (Flow(bodies[0]), Flow(bodies[1])),
        aligned(bodies[0], bodies[1]),
        _parameters(sources[1], functions[1]),
    )


def _parameters(source: Source, function: Function) -> frozenset[str]:
    """The names of the parameters; the head is the same on both sides."""
    declarator = function.node.child_by_field_name("declarator")
    given = (
        [] if declarator is None else source.walk(declarator, "parameter_declaration")
    )
    return frozenset(
        source.text(name)
        for one in given
        if (inner := one.child_by_field_name("declarator")) is not None
        for name in list(source.walk(inner, "identifier"))[:1]
    )


def _told(sides: Sides, found: list[Divergence], names: Names, own: str) -> Compared:
    """The divergences in words."""
    called = [one for one in found if _is_call_of_changed(one, names)]
    others = [one for one in found if one not in called]
    but_for = sorted({word for one in called for word in one.words} - {own})
    messages = bool(others) and all(_is_message(sides, one) for one in others)
    differs = _surely(sides, others)
    parts = []
    decided = True
    for one in others:
        when = wording.conditions(sides, one, sides.sources[NEW].path)
        if not when and one.always:
            phrase = _value_condition(sides, one)
            decided &= bool(phrase)
            when = (f"when {phrase}",) if phrase and not differs else (ALWAYS,)
        elif not when:
            when = ("behind one of the others",)
        parts.append(Part(when, wording.events(one), one.points[0].step.line))
    return Compared(
        tuple(parts), decided, differs, messages,
        (READABLE,) if sides.followed else (), tuple(but_for), _unlike(sides, others),
    )  # fmt: skip


def _is_call_of_changed(one: Divergence, names: Names) -> bool:
    """Whether all that differs is what functions do that change themselves."""
    return one.edit.kind == NAME and one.words <= names.functions


# --- what differs, where it is reached ----------------------------------------------


def _value_condition(sides: Sides, one: Divergence) -> str:
    """When an edit that is always reached makes no difference, "" if that is not
    seen."""
    edit = one.edit
    where = f"({sides.sources[NEW].path}:{one.points[0].step.line})"
    if edit.kind == NAME:
        words = ", ".join(wording.quoted(word) for word in sorted(one.words)[:3])
        return f"{words} is not what it was {where}"
    if edit.kind == CONDITION:
        return _of_conditions(sides, edit.old[0], edit.new[0], where)
    if edit.kind != CHANGE:
        return ""
    if len(edit.old) == len(edit.new) == 1:
        return _of_a_pair(sides, edit.old[0], edit.new[0], where)
    if not edit.old or not edit.new:
        return _of_one_side(sides, one, where)
    return ""


def _of_conditions(sides: Sides, old: Step, new: Step, where: str) -> str:
    one, two = (wording.condition_of_an_if(step) for step in (old, new))
    told = tuple(wording.quoted(text) for text in (one, two))
    if not (sides.only_reads(OLD, old) and sides.only_reads(NEW, new)):
        return f"{told[0]} and {told[1]} do or give something else {where}"
    for short, long in ((one, two), (two, one)):
        for joint in ("&&", "||"):
            rest = long.removeprefix(f"{short} {joint} ")
            if rest == long or not (_is_one(short, joint) and _is_one(rest, joint)):
                continue
            first, then = wording.quoted(short), wording.quoted(rest)
            if joint == "&&":
                return f"{first} and not {then} {where}"
            return f"{then} and not {first} {where}"
    return f"{told[0]} and {told[1]} differ {where}"


def _is_one(text: str, joint: str) -> bool:
    """Whether a text is one operand of && or || as it stands, or some of one kind."""
    outside = outside_brackets(text)
    if outside is None:
        return False
    return not any(one in outside for one in _LOOSER if one != joint)


_LOOSER = ("&&", "||", "? ", "?:", ", ")


def _of_a_pair(sides: Sides, old: Step, new: Step, where: str) -> str:
    if old.kind != new.kind or old.kind not in (PLAIN, RETURN, DECLARATION):
        return ""
    if old.node is None or new.node is None or is_scoped(old) or is_scoped(new):
        return ""
    found = differing_part(sides.sources, old.node, new.node)
    if found is None:
        return ""
    one, two = (
        source.norm(node) for source, node in zip(sides.sources, found, strict=True)
    )
    still = all(
        only_reads(source, node, known)
        for source, node, known in zip(
            sides.sources, found, sides.definitions, strict=True
        )
    )
    if all(node.type == "number_literal" for node in found):
        return f"it counts that {one} became {two} {where}"
    what = "differ" if still else "do or give something else"
    return f"{wording.quoted(one)} and {wording.quoted(two)} {what} {where}"


def _of_one_side(sides: Sides, one: Divergence, where: str) -> str:
    """Steps that one side alone has: calls whose result nobody takes, and ifs."""
    steps = [point.step for point in one.points]
    if any(is_scoped(step) for step in steps):
        return ""
    told = []
    for point in one.points:
        step = point.step
        if step.kind == IF and condition_of(step) is not None:
            told.append(f"{wording.quoted(step.shown)} holds or does something")
        elif step.kind == PLAIN and _CALL.match(step.text):
            told.append(f"{wording.quoted(step.shown)} does something that shows")
        else:
            return ""
    return f"{' or '.join(dict.fromkeys(told))} {where}" if len(steps) <= 2 else ""


# --- what is sure ---------------------------------------------------------------------


def _surely(sides: Sides, found: list[Divergence]) -> bool:
    """Whether calls are only added, or only taken away, and one of them always."""
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


def _is_seen(sides: Sides, side: int, step: Step) -> bool:
    """Whether a statement is a call of a function of another file, for its effect."""
    found = _CALL.match(step.text)
    if step.kind != PLAIN or found is None or step.node is None:
        return False
    name, known = found[1], sides.definitions[side]
    call = step.node.named_children[0]
    if call.type != "call_expression" or is_print(name):
        return False
    return bool(
        known.prototypes(name)
        and not known.is_macro(name)
        and not known.functions(name)
        and not known.reads_only(name)
        and all("void" in returns.split() for returns, _given in known.prototypes(name))
    )


def _unlike(sides: Sides, found: list[Divergence]) -> bool:
    """Whether one side calls a function of another file, for its effect, more often."""
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


def _is_message(sides: Sides, one: Divergence) -> bool:
    """Whether only lines in the log differ, whose arguments are only looked at."""
    if one.edit.kind != CHANGE or not one.points:
        return False
    for point in one.points:
        step = point.step
        found = _CALL.match(step.text)
        if found is None or step.kind != PLAIN or step.node is None:
            return False
        if not is_print(found[1]) or found[1] == "dev_err_probe":
            return False
        call = step.node.named_children[0]
        given = call.child_by_field_name("arguments")
        if given is None or not _all_read(sides, point.side, given):
            return False
    return True


def _all_read(sides: Sides, side: int, given: Node) -> bool:
    source, known = sides.sources[side], sides.definitions[side]
    return all(
        only_reads(source, node, known)
        for node in given.named_children
        if node.type not in ("string_literal", "concatenated_string", "comment")
    )


# --- as a verdict ---------------------------------------------------------------------


def with_shape(verdict: FunctionVerdict, found: Compared) -> FunctionVerdict:
    """Returns a verdict with what the structure says beside it, or instead of it."""
    if verdict.verdict in (Verdict.EQUAL, Verdict.ONE_CPU):
        return verdict
    if found.proved:
        return replace(verdict, verdict=Verdict.EQUAL, why="", outputs=())
    if found.only_messages:
        verdict = replace(verdict, verdict=Verdict.MESSAGE)
    known = "" if found.has_no_otherwise else SAME + _but_for(found.but_for)
    told = replace(verdict, parts=found.parts, otherwise=known)
    if verdict.verdict is Verdict.DIFFERS:
        return told
    judged = replace(told, outputs=(), assumptions=found.assumptions)
    if found.only_messages:
        return judged
    if found.differs:
        return replace(judged, verdict=Verdict.DIFFERS, outputs=(_first(found),))
    if found.decided:
        return replace(judged, verdict=Verdict.UNLESS)
    return told


def _first(found: Compared) -> OutputVerdict:
    """The first thing that one side alone is sure to do."""
    part = next(part for part in found.parts if part.when == (ALWAYS,))
    return OutputVerdict(
        "calls",
        Verdict.DIFFERS,
        after=", ".join(part.then),
        witness=Witness(()),
        line=part.line,
        first="call",
    )


def _but_for(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    told = ", ".join(f"{name}()" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    does = "does, which changes itself"
    if len(names) > 1:
        does = "do, which change themselves"
    return f", but for what {told}{more} {does}"
