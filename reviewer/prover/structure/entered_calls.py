# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of the file that one side alone calls, read where they are called.

A block that became a function does what it did if the function does it: both sides are
run with it (``same_steps``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.formula import TRUE
from reviewer.c.source import Function
from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.names.definition_texts import FunctionText
from reviewer.prover.names.places_told import tells_its_line
from reviewer.prover.structure.call_order import is_whole
from reviewer.prover.structure.calls_written_out import calls
from reviewer.prover.structure.changed_meanings import ChangedMeanings
from reviewer.prover.structure.declared import Variables
from reviewer.prover.structure.divergences import Sides
from reviewer.prover.structure.graph_places import Graph
from reviewer.prover.structure.guards_written_out import guards, scoped_guards
from reviewer.prover.structure.normal_form import (
    OF_A_FRAME,
    OneFunction,
    body_of,
    names_said,
    rewritten_by,
)
from reviewer.prover.structure.one_side import BothSides
from reviewer.prover.structure.plain_arguments import arguments
from reviewer.prover.structure.plain_expressions import casts, sizes
from reviewer.prover.structure.program_graph import graph_of
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.reading import read_sides
from reviewer.prover.structure.same_steps import SameSteps
from reviewer.prover.structure.steps import NotRead, inside
from reviewer.prover.structure.ways_written_out import twins_apart
from reviewer.utf8 import decode

_REWRITINGS = (twins_apart, scoped_guards, guards, arguments, calls, sizes, casts)
_OF_A_PLACE = frozenset(["static", "__func__", "__FUNCTION__", "__PRETTY_FUNCTION__",
                         "__LINE__", "__COUNTER__", "alloca", "_THIS_IP_",
                         "_RET_IP_"])  # fmt: skip
_ODD_HEADS = frozenset(
    [
        "naked",
        "__naked",
        "noreturn",
        "__noreturn",
        "__weak",
        "weak",
        "alias",
        "asm",
        "__asm__",
    ]
)
_DIRECTIVES = regex(rb"(?m)^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)")
_INCLUDES = regex(rb"(?m)^[ \t]*#[ \t]*include\b")
MOST_CALLEES = 6  # of one side


@dataclass
class _Callees:
    """The functions that each side may enter, by their names."""

    sides: Sides
    functions: tuple[Function, Function]
    entered: set[str] = field(default_factory=set)
    found: dict[tuple[int, str], Graph | None] = field(default_factory=dict)
    bodies: dict[tuple[int, str], OneFunction] = field(default_factory=dict)

    def texts(self, side: int) -> str:
        """Returns the text of a side's function, and of those that it may enter."""
        source, function = self.sides.sources[side], self.functions[side]
        texts = [source.text(function.node)]
        for name in self.candidates(side):
            (one,) = source.functions_named(name)
            texts.append(source.text(one.node))
        return "\n".join(texts)

    def candidates(self, side: int) -> list[str]:
        """Returns the functions that a side calls and the other does not name, and
        those that these call."""
        source, known = self.sides.sources[side], self.sides.definitions[side]
        other = self.sides.sources[1 - side].text(self.functions[1 - side].node)
        left = {*IDENTIFIER.findall(other), self.functions[side].name}
        waiting, found = [self.functions[side].node], list[str]()
        while waiting and len(found) < MOST_CALLEES:
            text = source.text(waiting.pop())
            for name in dict.fromkeys(IDENTIFIER.findall(text)):
                if name in left or name in found or not known.is_local(name):
                    continue
                ones = source.functions_named(name)
                if len(ones) == 1 and self._may_enter(side, ones[0]):
                    found.append(name)
                    waiting.append(ones[0].node)
        return found

    def _may_enter(self, side: int, function: Function) -> bool:
        known = self.sides.definitions[side]
        texts = known.functions(function.name)
        if function.broken or len(texts) != 1 or texts[0].path != known.path:
            return False
        head = set(IDENTIFIER.findall(function.signature))
        is_plain = "static" in head and head.isdisjoint(_ODD_HEADS)
        is_one = self._is_there(side, texts[0]) and not known.may_be_defined(
            function.name
        )
        return is_plain and is_one and "..." not in function.signature

    def _is_there(self, side: int, text: FunctionText) -> bool:
        """Whether a function is compiled wherever the one that is compared is."""
        line = self.functions[side].first_line
        around = self.sides.sources[side].condition(line)
        return text.condition == TRUE or not (around & ~text.condition).satisfiable()

    def written_out(self) -> list[tuple[int, str]]:
        """Returns the functions whose calls became the expression that they return."""
        found = []
        for side in (0, 1):
            words = {w for (n, _), body in self.bodies.items() if n == side
                     for w in body.words}  # fmt: skip
            found += [(side, name) for name in self.candidates(side)
                      if name not in words]  # fmt: skip
        return found

    def __call__(self, side: int, name: str) -> Graph | None:
        key = side, name
        if key not in self.found:
            self.found[key] = self._graph(side, name)
            if self.found[key] is not None:
                self.entered.add(name)
        return self.found[key]

    def _graph(self, side: int, name: str) -> Graph | None:
        if name not in self.candidates(side):
            return None
        source, known = self.sides.sources[side], self.sides.definitions[side]
        (function,) = source.functions_named(name)
        body = body_of(source, function, known, self.texts(1 - side))
        if body is None or not self._is_movable(side, body, name):
            raise NotRead(f"{name}() is not read")
        body = rewritten_by(body, _REWRITINGS)
        self.bodies[side, name] = body
        return graph_of(body)

    def _is_movable(self, side: int, body: OneFunction, name: str) -> bool:
        """Whether a function does the same where it is called: its parameters are its
        own, and nothing in it hangs on where it stands."""
        for one, ones in body.variables.items():
            if ones[0].is_parameter and not body.is_private(one):
                return False
        head = body.function.node.child_by_field_name("declarator")
        if head is None or not is_whole(body, head):
            return False
        if any(_is_an_object(one) for one in body.walk("compound_literal_expression")):
            return False
        mains = {n for one in (0, 1) for n in self.bodies[one, ""].variables}
        shown = {n for n in body.variables if not body.is_private(n)}
        if not shown.isdisjoint(self.bodies[side, ""].variables):
            return False
        said = self._names_of_macros(body)
        if not said.isdisjoint(mains | body.variables.keys()):
            return False
        text = body.source.text(body.function.node)
        direct = set(IDENTIFIER.findall(text.partition("{")[2]))
        if not direct.isdisjoint(_OF_A_PLACE) or tells_its_line(body.known, text):
            return False
        if any(word.startswith(OF_A_FRAME) for word in direct):
            return False
        whole = IDENTIFIER.findall(self.sides.sources[side].text(
            self.sides.sources[side].root))  # fmt: skip
        for macro in macros_of(body.known, direct):
            words = IDENTIFIER.findall(macro.body)
            if any(word.startswith(OF_A_FRAME) for word in words):
                return False
            if macro.body == "#twice" or "_RET_IP_" in words or "_THIS_IP_" in words:
                return False
            if "static" in words and whole.count(name) > 2:
                return False  # one variable for several places
            if body.known.is_local(macro.name) and not _OF_A_PLACE.isdisjoint(words):
                return False
        return True

    def _names_of_macros(self, body: OneFunction) -> set[str]:
        """The names in the texts of the macros of a function, but for parameters."""
        found: set[str] = set()
        for macro in macros_of(body.known, body.words):
            given = {*(macro.parameters or ()), "__VA_ARGS__"}
            found |= {*names_said(macro.body)} - given
        return found


def same_when_entered(
    sides: Sides,
    functions: tuple[Function, Function],
    meanings: ChangedMeanings,
    names: ChangedNames,
) -> tuple[str, ...] | None:
    """Returns what is taken for granted where both sides are proved to do the same,
    None where they are not."""
    own = functions[1].name
    if own in names.leading_to_another(own) or names.trees_differ:
        return None
    run = _Callees(sides, functions)
    graphs = []
    for side in (0, 1):
        body = body_of(
            sides.sources[side], functions[side], sides.definitions[side],
            run.texts(1 - side),
        )  # fmt: skip
        if body is None:
            return None
        run.bodies[side, ""] = rewritten_by(body, _REWRITINGS)
    for side in (0, 1):
        graphs.append(graph_of(run.bodies[side, ""]))
    both = BothSides(run)
    steps = SameSteps((graphs[0], graphs[1]), both)
    if not steps.are_the_same() or not _means_the_same(run, meanings, names):
        return None
    if not both.ended:
        return ()
    shown = ", ".join(f"`{name}`" for name in sorted(both.ended))
    return (f"nobody keeps the address of {shown} beyond the function that it is of",)


def _is_an_object(literal: Node) -> bool:
    """Whether a value without a name is used by its address: it ends with its block."""
    above, kind = literal.parent, literal.child_by_field_name("type")
    while above is not None and above.type == "parenthesized_expression":
        above = above.parent
    is_row = kind is not None and kind.child_by_field_name("declarator") is not None
    return is_row or (above is not None and above.type == "pointer_expression")


def _has_the_same_macros(run: _Callees, side: int, name: str) -> bool:
    """Whether no macro of a function that is entered is another one where its caller
    stands."""
    source, known = run.sides.sources[side], run.sides.definitions[side]
    (one,) = source.functions_named(name)
    nodes = sorted((one.node, run.functions[side].node), key=lambda n: n.start_byte)
    between = source.data[nodes[0].end_byte : nodes[1].start_byte]
    changed = {decode(word) for word in _DIRECTIVES.findall(between)}
    words = set(IDENTIFIER.findall(source.text(one.node)))
    for macro in macros_of(known, words):
        words.update(IDENTIFIER.findall(macro.body))
    return changed.isdisjoint(words) and not _INCLUDES.search(between)


def _means_the_same(
    run: _Callees, meanings: ChangedMeanings, names: ChangedNames
) -> bool:
    """Whether no name in any of the functions is another on one side."""
    sides = run.sides
    known = Variables(sides.sources, sides.bodies).struct_tags(sides.parameters)
    read = [(sides.bodies[side], known) for side in (0, 1)]
    run.entered.update(name for _side, name in run.written_out())
    for side, name in [*run.bodies, *run.written_out()]:
        if name:
            if not _has_the_same_macros(run, side, name):
                return False
            source, there = sides.sources[side], sides.definitions[side]
            (one,) = source.functions_named(name)
            entered = read_sides((source, source), (one, one), (there, there))
            read.append((entered.bodies[0], {}))
    others = names.changed - {run.functions[1].name} - run.entered
    for body, tags in read:
        for step in inside(body):
            if meanings.of(step, tags) - run.entered:
                return False
            if not others.isdisjoint(IDENTIFIER.findall(step.text)):
                return False
    return True
