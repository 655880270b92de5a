# SPDX-License-Identifier: GPL-2.0-or-later
"""The variables that a function declares, and which of them are others now.

A declaration without a value does nothing when it is reached; it says what a name is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import normalised
from reviewer.patterns import regex
from reviewer.prover.structure.alignment import CHANGE, KEPT, Alignment
from reviewer.prover.structure.steps import DECLARATION, NotRead, Step, inside
from reviewer.utf8 import decode

_LITERAL = regex(
    r"-?\s*(?:\d\w*|NULL|true|false|'(?:\\.|[^'\\])'|\"(?:\\.|[^\"\\])*\""
    r"|-\s*E[A-Z]+|\{\s*0?\s*\})\Z"
)
# the tags of an int, of a void pointer, of an array of numbers or a pointer to them
NUMBER, ADDRESS, NUMBERS = "#", "*", "[]"
_NUMBERS = frozenset(["int", "long", "unsigned", "char", "short", "bool", "u8", "u16",
                      "u32", "u64", "s8", "s16", "s32", "s64", "size_t", "ssize_t",
                      "loff_t"])  # fmt: skip
_STRUCT = regex(r"(?:(?:const|volatile|register)\s+)*struct\s+(\w+)(?:\s+const)?\s*\Z")
_UNNAMED = regex(r"(?:const\s+)?struct\s*\{[^{}]*\}\s*\Z")  # no other names it
_PLAIN_FORM = regex(r"\*?\s*(?:const\s+|__restrict\s+)?\w+\Z")
_ROW_FORM = regex(r"(?:\*\s*\w+|\w+\s*\[[^\[\]]*+\])\Z")
_FREED = regex(r"\b__free ?\( ?\w+ ?\)")  # include/linux/cleanup.h
_SPACE = regex(r"\s+")


@dataclass(frozen=True, slots=True)
class Declared:
    """One variable: its type and form in the words of the source, its first value."""

    name: str
    type: str
    form: str  # *name[3]
    value: str

    @property
    def meaning(self) -> tuple[str, str]:
        """What the name stands for."""
        return self.type, self.form

    @property
    def is_idle(self) -> bool:
        """Whether it makes no difference when it is reached."""
        return not self.value


def variables(source: Source, step: Step) -> list[Declared]:
    """Returns what a declaration declares.

    Raises NotRead for one that says more than names, types and values.
    """
    node = step.node
    if node is None or node.type != "declaration":
        raise NotRead("a type is declared in it")
    declarators = node.children_by_field_name("declarator")
    if not declarators:
        raise NotRead("a type is declared in it")
    type_ = _plain(source, node.start_byte, declarators[0].start_byte)
    if ("{" in type_ and not _UNNAMED.match(type_)) or "#" in step.text:
        raise NotRead("a type is declared in it")
    found = [_variable(source, type_, one) for one in declarators]
    told = type_ + ",".join(
        one.form + (f"={one.value}" if one.value else "") for one in found
    )
    without = _FREED.sub("", step.text)
    if without != step.text and _squeezed(f"{told};") == _squeezed(without):
        # the same variable, of which something is done where its scope ends
        return [Declared(one.name, type_, one.form, step.text) for one in found]
    if _squeezed(f"{told};") != _squeezed(step.text):
        return [Declared(one.name, step.text, one.form, step.text) for one in found]
    if "static" in type_.split() or "extern" in type_.split():
        raise NotRead("a static variable changes")
    return found


def _variable(source: Source, type_: str, node: Node) -> Declared:
    value = node.child_by_field_name("value")
    inner = node.child_by_field_name("declarator")
    form = inner if node.type == "init_declarator" and inner is not None else node
    name: Node | None = form
    while name is not None and name.type != "identifier":
        below = name.child_by_field_name("declarator")
        if below is None and name.named_child_count == 1:
            below = name.named_children[0]
        name = below
    if name is None:
        raise NotRead("a declaration is not read")
    told = "" if value is None else normalised(source.text(value))
    return Declared(source.text(name), type_, normalised(source.text(form)), told)


def _plain(source: Source, start: int, end: int) -> str:
    return normalised(decode(source.data[start:end]))


def _squeezed(text: str) -> str:
    return _SPACE.sub("", text)


def tag_of(type_: str, form: str) -> str:
    """Returns the tag of a struct that a name is declared as or as a pointer to, of
    another number NUMBER, of an array of them NUMBERS, of a void pointer ADDRESS, ""
    of anything else."""
    if type_.removeprefix("const ") == "void" and form.startswith("*"):
        return ADDRESS if form[1:].strip().isidentifier() else ""
    if type_.split()[-1:] and type_.split()[-1] in _NUMBERS and form.isidentifier():
        return NUMBER
    if type_.split()[-1:] and type_.split()[-1] in _NUMBERS and _ROW_FORM.match(form):
        return NUMBERS
    found = _STRUCT.match(type_)
    return found[1] if found and _PLAIN_FORM.match(form) else ""


def _is_literal(value: str) -> bool:
    return _LITERAL.match(value) is not None


class Variables:
    """The variables of both sides, each with the lists of steps that it is seen in."""

    def __init__(
        self, sources: tuple[Source, Source], bodies: tuple[list[Step], list[Step]]
    ) -> None:
        self.sources = sources
        self.scopes: tuple[dict[int, tuple[int, ...]], ...] = ({}, {})
        self.seen: tuple[dict[str, list[tuple[Declared, Step]]], ...] = ({}, {})
        self.unread: tuple[set[int], set[int]] = (set(), set())
        self.leading: tuple[set[int], set[int]] = (set(), set())
        for side in (0, 1):
            self._look(side, bodies[side], ())
            for step in bodies[side]:
                if step.kind != DECLARATION:
                    break
                self.leading[side].add(id(step))

    def _look(self, side: int, steps: list[Step], around: tuple[int, ...]) -> None:
        here = (*around, id(steps))
        for step in steps:
            self.scopes[side][id(step)] = here
            if step.kind == DECLARATION:
                self._declare(side, step)
            for part in step.parts:
                self._look(side, part, here)

    def _declare(self, side: int, step: Step) -> None:
        try:
            for one in variables(self.sources[side], step):
                self.seen[side].setdefault(one.name, []).append((one, step))
        except NotRead:
            self.unread[side].add(id(step))

    def struct_tags(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Returns the variables of both sides and the parameters, each with the tag
        of the struct that it is or points to, "" where that is not seen."""
        found = dict(parameters)
        for name in self.seen[0].keys() & self.seen[1].keys():
            types = {tag_of(one.type, one.form)
                     for side in self.seen for one, _step in side[name]}  # fmt: skip
            found[name] = types.pop() if len(types) == 1 else ""
            if name in parameters and found[name] != parameters[name]:
                found[name] = ""
        return found

    def ambiguous_names(self, parameters: Mapping[str, str]) -> frozenset[str]:
        """Returns the names that a side declares more than once, or that are those of
        parameters too: which variable is meant is not told by the name."""
        return frozenset(
            name
            for side in self.seen
            for name, ones in side.items()
            if len(ones) > 1 or name in parameters
        )

    def changed_declarations(self, alignment: Alignment) -> dict[int, list[Declared]]:
        """Returns what declarations say on one side only, by the ``id`` of their step.

        Raises NotRead for one that is not read.
        """
        found: dict[int, list[Declared]] = {}
        leading: tuple[list[Step], list[Step]] = ([], [])
        for edit in alignment.edits:
            if edit.kind not in (CHANGE, KEPT):
                continue
            here: tuple[list[Step], list[Step]] = ([], [])
            for side, steps in enumerate((edit.old, edit.new)):
                for step in steps:
                    if step.kind == DECLARATION:
                        found[id(step)] = variables(self.sources[side], step)
                        here[side].append(step)
                        if id(step) in self.leading[side]:
                            leading[side].append(step)
            _cancel(found, *here)
        _cancel(found, *leading)
        return found

    def names_of_others(
        self, alignment: Alignment, parameters: Iterable[str]
    ) -> frozenset[str]:
        """Returns the names of changed declarations that stand for another variable in
        code which both sides have."""
        names = {
            one.name
            for edit in alignment.edits
            for side, steps in enumerate((edit.old, edit.new))
            for step in steps
            for one in self._in(side, step)
        }
        given = frozenset(parameters)
        return frozenset(n for n in names if not self._is_one(n, alignment, given))

    def _in(self, side: int, step: Step) -> Iterator[Declared]:
        for ones in self.seen[side].values():
            for one, where in ones:
                if where is step or _is_within(step, where):
                    yield one

    def _is_one(
        self, name: str, alignment: Alignment, parameters: frozenset[str]
    ) -> bool:
        one, two = (self.seen[side].get(name, []) for side in (0, 1))
        own = [step for _declared, step in (*one, *two)]
        used = [pair for pair in alignment.common if name in pair[0].words
                and not any(step in own for step in pair)]  # fmt: skip
        if not used:
            return True
        aside = [
            step
            for side, ones in enumerate((one, two))
            for _declared, step in ones
            if self._is_aside(side, step, name, alignment, used)
        ]
        one, two = (
            [pair for pair in ones if not any(pair[1] is step for step in aside)]
            for ones in (one, two)
        )
        if aside and not one and not two:
            return name in parameters
        if len(one) != 1 or len(two) != 1 or one[0][0].meaning != two[0][0].meaning:
            return False
        return all(
            self.scopes[side][id(declared[0][1])][-1]
            in self.scopes[side][id(pair[side])]
            for pair in used
            for side, declared in enumerate((one, two))
        )

    def _is_aside(
        self,
        side: int,
        step: Step,
        name: str,
        alignment: Alignment,
        used: list[tuple[Step, Step]],
    ) -> bool:
        """Whether a declaration is of a block in which nothing that both sides have
        uses the name, and no step of the other side alone uses it."""
        block = self.scopes[side][id(step)][-1]
        if any(block in self.scopes[side][id(pair[side])] for pair in used):
            return False
        return not any(
            name in one.words
            for edit in alignment.edits
            if edit.kind in (CHANGE, KEPT)
            for one in inside((edit.old, edit.new)[1 - side])
        )


def _cancel(found: dict[int, list[Declared]], old: list[Step], new: list[Step]) -> None:
    """Take out what both sides say; a value that is no literal has its time."""
    for one in old:
        for mine in list(found[id(one)]):
            if not (mine.is_idle or _is_literal(mine.value)):
                continue
            other = next((two for two in new if mine in found[id(two)]), None)
            if other is not None:
                found[id(one)].remove(mine)
                found[id(other)].remove(mine)


def _is_within(step: Step, other: Step) -> bool:
    return any(
        one is other or _is_within(one, other) for part in step.parts for one in part
    )
