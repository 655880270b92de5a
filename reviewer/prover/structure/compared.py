# SPDX-License-Identifier: GPL-2.0-or-later
"""What the structure of both sides says: the same, or the same unless ..."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised, without_strings
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.renamed_functions import attributes
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_options import own_option
from reviewer.prover.names.print_macros import only_prints
from reviewer.prover.names.taken_out import another_keyword, does_more
from reviewer.prover.structure.alignment import CHANGE, aligned, is_small_enough
from reviewer.prover.structure.changed_meanings import ChangedMeanings, sees_const
from reviewer.prover.structure.deciding import (
    ALWAYS,
    moved,
    place_of,
    rank,
    what_is_done,
    when_it_shows,
)
from reviewer.prover.structure.declared import Variables, tag_of
from reviewer.prover.structure.divergences import (
    NAME,
    NEW,
    Divergence,
    Sides,
    divergences,
)
from reviewer.prover.structure.flow import Flow
from reviewer.prover.structure.kept_results import bring_calls_together
from reviewer.prover.structure.named_changes import named_change
from reviewer.prover.structure.purity import macros_of, only_reads
from reviewer.prover.structure.same_calls import rewritten
from reviewer.prover.structure.seen_calls import (
    call_that_shows,
    calls_more_often,
    is_sure,
)
from reviewer.prover.structure.steps import PLAIN, NotRead, steps_of
from reviewer.prover.structure.told_edits import CALL, MOST_EVENTS
from reviewer.prover.structure.untouched_rest import is_a_number, what_stays_the_same
from reviewer.prover.verdict import (
    DifferingPart,
    FunctionVerdict,
    OutputVerdict,
    Verdict,
    Witness,
)
from reviewer.utf8 import decode

_OF_A_STATEMENT = re.compile(
    r"\b(?:return|goto|if|else|while|for|do|switch|case|default|break|continue)\b"
)
_KEYWORDS = frozenset(["if", "else", "for", "while", "do", "switch", "case", "return",
                       "goto", "break", "continue", "default"])  # fmt: skip
_ONE_BLOCK = re.compile(r"\s*do\s+while\s*\Z")
_OPENING = re.compile(r"[({\[]")
_INCLUDES = re.compile(r"^[ \t]*#[ \t]*include", re.MULTILINE)
SAME = "the same (proved)"
PATIENCE = 0.7  # seconds of the solver where the structure has an answer
HERE = "in this step"
MOST_STEPS = 3  # of them that are told, so that the verdict is one
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
    if _heads_differ(sources, functions):
        return None
    try:
        sides = read_sides(sources, functions, definitions)
        lines = functions[0].first_line, functions[1].first_line
        meanings = ChangedMeanings(names, definitions, lines)
        head = _head(sources[1], functions[1])
        around = str(sources[1].condition(functions[1].first_line))
        if meanings.is_taken_otherwise(head) or meanings.names_changed(around):
            return None
        if sees_const(meanings, sources[1].text(functions[1].node)):
            return None
        found = divergences(sides, meanings.of)
    except (NotRead, RecursionError):
        return None
    told = _told(sides, found, names, functions[1].name)
    if not told.proved and any(
        map(_has_another_keyword, sources, functions, definitions)
    ):
        return None  # a branch is taken where the macro "if" says so
    return replace(told, laid_out=bool(meanings.laid_out), indexed=meanings.indexed)


def _has_another_keyword(
    source: Source, function: Function, known: Definitions
) -> bool:
    node = function.node
    return bool(another_keyword(known, source, node.start_byte, node.end_byte))


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
    return normalised(decode(head))


def _may_be_code(known: Definitions, word: str) -> bool:
    """Whether a name is a macro that stands for more than a number."""
    return known.is_macro(word) and not is_a_number(known, word)


def _is_one_statement(known: Definitions, name: str) -> bool:
    """Whether a macro is an expression, or do { } while (0), however it is used."""
    for macro in macros_of(known, [name]):
        body = without_strings(macro.body)
        plain = _outside_brackets(body)
        if plain is None or ";" in plain or "##" in body:
            return False
        words = {*(macro.parameters or ()), *_KEYWORDS}
        if not _ONE_BLOCK.match(plain) and words & {*IDENTIFIER.findall(plain)}:
            return False
    return True


def _outside_brackets(text: str) -> str | None:
    """What of a text stands in no brackets, None where one is not closed."""
    found, at = "", 0
    while match := _OPENING.search(text, at):
        end = closing_bracket(text, match.start())
        found, at = found + text[at : match.start()] + " ", end + 1
        if end < 0:
            return None
    found += text[at:]
    return None if any(one in found for one in ")}]") else found


def read_sides(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
) -> Sides:
    """Returns both functions as steps, and how the steps go together; raises NotRead
    where one of them has too many steps or cannot be read as steps."""
    for source, function, known in zip(sources, functions, definitions, strict=True):
        node = function.node
        body = node.end_byte if function.body is None else function.body.start_byte
        if does_more(known, source, node.start_byte, node.end_byte, body):
            raise NotRead("a word is not read as C")
        if own_option(known, source.text(node)):
            raise NotRead("an option that the file sets")
        types = {source.text(one) for one in source.walk(node, "type_identifier")}
        said = (macro.body for word in types for macro in known.macros(word))
        if any(_OF_A_STATEMENT.search(body) for body in said):
            raise NotRead("a macro that is no type")
        if _INCLUDES.search(source.text(node)):
            raise NotRead("an #include inside the function")
    bodies = [
        steps_of(
            source,
            function,
            partial(_may_be_code, known),
            rewritten(source, function, known),
            partial(_is_one_statement, known),
        )
        for source, function, known in zip(sources, functions, definitions, strict=True)
    ]
    if not is_small_enough(*bodies):
        raise NotRead("it is too large")
    own = Variables(sources, (bodies[0], bodies[1]))
    for one, two in ((0, 1), (1, 0)):
        names = frozenset(own.seen[one]) - own.ambiguous_names({})
        bring_calls_together((bodies[one], bodies[two]), definitions[one], names)
    return Sides(
        sources,
        definitions,
        (bodies[0], bodies[1]),
        (Flow(bodies[0]), Flow(bodies[1])),
        aligned(bodies[0], bodies[1]),
        _parameters(sources[1], functions[1]),
    )


def _parameters(source: Source, function: Function) -> dict[str, str]:
    """The parameters' names with their structs' tags; both sides have the same head."""
    declarator = function.node.child_by_field_name("declarator")
    given = (
        [] if declarator is None else source.walk(declarator, "parameter_declaration")
    )
    found: dict[str, str] = {}
    for one in given:
        inner = one.child_by_field_name("declarator")
        name = None if inner is None else next(source.walk(inner, "identifier"), None)
        if inner is not None and name is not None:
            type_ = source.data[one.start_byte : inner.start_byte].decode(
                "utf-8", "replace"
            )
            found[source.text(name)] = tag_of(normalised(type_), source.text(inner))
    return found


def _told(
    sides: Sides, found: list[Divergence], names: ChangedNames, own: str
) -> Compared:
    """The divergences in words."""
    called = [one for one in found if _is_call_of_changed(one, names)]
    others = [one for one in found if one not in called]
    but_for = sorted({word for one in called for word in one.words} - {own})
    differs = is_sure(sides, others)
    silent = {id(one) for one in others if _is_message(sides, one)}
    others.sort(key=lambda one: rank(one, message=id(one) in silent))
    told = [(one, when_it_shows(sides, one, differs)) for one in others]
    path, places = sides.sources[NEW].path, moved(others)
    parts = tuple(
        DifferingPart(
            when or (f"{HERE} ({path}:{place_of(one).step.line})",),
            _with_places(sides, one, names, places),
            place_of(one).step.line,
            what_stays_the_same(sides, one) if len(told) == 1 else "",
            call_that_shows(sides, one),
            id(one) in silent,
        )
        for one, when in told
    )
    steps = [one for one, when in told if not when]
    return Compared(
        parts,
        len(steps) <= MOST_STEPS and all(_is_short(one) for one in steps),
        differs,
        bool(others) and len(silent) == len(others),
        (READABLE,) if sides.followed else (),
        tuple(but_for),
        calls_more_often(sides, others),
        bool(steps),
        indirect=not names.differ.issuperset(but_for),
    )


def _with_places(
    sides: Sides, one: Divergence, names: ChangedNames, places: dict[str, str]
) -> tuple[str, ...]:
    """What is done there; of a step that moves also where it was or is."""
    done = what_is_done(sides, one, partial(named_change, names=names))
    return tuple(places.get(event, event) for event in done)


def _is_short(one: Divergence) -> bool:
    """Whether an edit is told whole in a few words."""
    return all(len(steps) < MOST_EVENTS for steps in (one.edit.old, one.edit.new))


def _is_call_of_changed(one: Divergence, names: ChangedNames) -> bool:
    """Whether all that differs is what functions do that change themselves."""
    return one.edit.kind == NAME and one.words <= names.functions


# --- messages ------------------------------------------------------------------------


def _is_message(sides: Sides, one: Divergence) -> bool:
    """Whether only lines in the log differ, whose arguments are only looked at."""
    if one.edit.kind != CHANGE or not one.points:
        return False
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


def with_structure(
    verdict: FunctionVerdict, found: Compared, conditions: bool
) -> FunctionVerdict:
    """Returns a verdict with what the structure says beside it, or instead of it;
    without ``conditions`` only where that is a proof."""
    proofs = (Verdict.EQUAL, Verdict.ONE_CPU)
    if found.proved and verdict.verdict is not Verdict.ONE_CPU:
        verdict = replace(verdict, verdict=Verdict.EQUAL, why="", outputs=())
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
        return told
    why = told.why if told.by_clock else ""  # a step has none
    judged = replace(told, outputs=(), why=why, assumptions=found.assumptions)
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
