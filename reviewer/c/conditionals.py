# SPDX-License-Identifier: GPL-2.0-or-later
"""The #if stack of a file: under which condition each line is compiled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from reviewer.c.conditions import KERNEL, is_defined, parse_condition
from reviewer.c.directives import Directive, directives
from reviewer.c.formula import TRUE, Condition, atom
from reviewer.c.text import blank_comments
from reviewer.patterns import regex

# Limits that no kernel file comes near; beyond them conditions are opaque.
_DEEPEST = 150  # nested #if groups
_MOST_BRANCHES = 400  # #elif in one group
_ASKED_NAME = regex(r"[A-Za-z_$][\w$]*")


class Leg(Struct, frozen=True):
    """One leg of an #if group."""

    line: int  # of its #if, #elif or #else
    first: int  # first line of what it encloses
    last: int  # last line, less than ``first`` where it is empty
    own: Condition  # this leg is taken, given that the group is reached
    condition: Condition  # own and everything around it
    directive: str  # as written: "ifdef CONFIG_KSM", "else"


class Group(Struct, frozen=True):
    """An #if ... #endif with its legs; ``outer`` is what encloses it."""

    line: int
    end_line: int
    outer: Condition
    branches: tuple[Leg, ...]


class _Open(Struct):
    """A group whose #endif has not come yet."""

    outer: Condition
    line: int
    not_taken: Condition  # all legs so far were false
    legs: list[tuple[Directive, Condition, Condition]]
    has_else: bool = False


class Conditionals:
    """The presence condition of every line of a file.

    Unbalanced directives leave ``balanced`` false and are listed in ``problems`` as
    (line, what is wrong); the rest is still read.
    """

    def __init__(self, data: bytes, known: Mapping[str, bool] = KERNEL) -> None:
        self.problems: list[tuple[int, str]] = []
        self._known = known
        self._starts = [0]
        self._conditions = [TRUE]
        self._groups: list[Group] = []
        self._stack: list[_Open] = []
        listed = directives(data)
        self._guard = _include_guard(data, listed)
        for place, directive in enumerate(listed):
            self._read(directive, place)
        last = listed[-1].end_line if listed else 0
        after_all = max(last, data.count(b"\n") + 1) + 1
        while self._stack:
            self.problems.append((self._stack[-1].line, "#if without #endif"))
            self._close(after_all, after_all)
        self.groups: tuple[Group, ...] = tuple(
            sorted(self._groups, key=lambda group: group.line)
        )

    @property
    def balanced(self) -> bool:
        """Whether every #if has its #endif, and nothing else has."""
        return not self.problems

    def at(self, line: int) -> Condition:
        """Returns the condition under which a line (from 1) is compiled; for a line
        with a directive, that of the code around its #if group."""
        return self._conditions[bisect_right(self._starts, line) - 1]

    def unlike(
        self, other: Conditionals, lines: range, shift: int = 0
    ) -> Iterator[int]:
        """Yields those of the lines that are compiled otherwise than those of another
        file that are ``shift`` lines above."""
        edges = {lines.start, *self._starts}
        edges.update(start + shift for start in other._starts)
        inside = sorted(edge for edge in edges if edge in lines)
        for first, end in pairwise([*inside, lines.stop]):
            if self.at(first) != other.at(first - shift):
                yield from range(first, end)

    def _from(self, line: int, condition: Condition) -> None:
        self._starts.append(line)
        self._conditions.append(condition)

    def _read(self, directive: Directive, place: int) -> None:
        name = directive.name
        if name in ("if", "ifdef", "ifndef"):
            outer = self._conditions[-1]
            own = TRUE if place == self._guard else self._test(directive)
            if len(self._stack) >= _DEEPEST:
                own, outer = atom(f"nested deeper than {_DEEPEST} levels"), TRUE
            self._stack.append(_Open(outer, directive.line, ~own, []))
            self._leg(directive, own)
        elif name in ("elif", "elifdef", "elifndef", "else"):
            self._alternative(directive)
        elif name == "endif":
            if self._stack:
                self._close(directive.line, directive.end_line)
            else:
                self.problems.append((directive.line, "#endif without #if"))

    def _alternative(self, directive: Directive) -> None:
        if not self._stack:
            self.problems.append((directive.line, f"#{directive.name} without #if"))
            return
        group = self._stack[-1]
        if group.has_else:
            self.problems.append((directive.line, f"#{directive.name} after #else"))
        own = group.not_taken
        if directive.name == "else":
            group.has_else = True
        elif len(group.legs) > _MOST_BRANCHES:
            own = atom(f"one of more than {_MOST_BRANCHES} branches")
        else:
            test = self._test(directive)
            own = group.not_taken & test
            group.not_taken = group.not_taken & ~test
        self._leg(directive, own)

    def _leg(self, directive: Directive, own: Condition) -> None:
        group = self._stack[-1]
        condition = group.outer & own
        group.legs.append((directive, own, condition))
        self._from(directive.line, group.outer)
        self._from(directive.end_line + 1, condition)

    def _close(self, line: int, end_line: int) -> None:
        group = self._stack.pop()
        ends = [leg.line for leg, _, _ in group.legs[1:]] + [line]
        branches = tuple(
            Leg(
                leg.line,
                leg.end_line + 1,
                end - 1,
                own,
                condition,
                f"{leg.name} {leg.text}".strip(),
            )
            for (leg, own, condition), end in zip(group.legs, ends, strict=True)
        )
        self._groups.append(Group(group.line, end_line, group.outer, branches))
        self._from(line, group.outer)

    def _test(self, directive: Directive) -> Condition:
        name, text = directive.name, directive.text
        if name in ("if", "elif"):
            return parse_condition(text, self._known)
        asked = _ASKED_NAME.match(text)  # what follows the name is ignored
        word = asked[0] if asked else text.split()[0] if text else "nothing"
        test = is_defined(word).assign(self._known)
        return ~test if name in ("ifndef", "elifndef") else test


@lru_cache(maxsize=128)
def conditionals(data: bytes) -> Conditionals:
    """Returns the conditionals of a file, remembered by its content."""
    return Conditionals(data)


_GUARD_NAME = regex(
    r"(?!\w{256})(?:\w*_H_*|\w*(?:INCLUDED?|HEADER|HPP?)_*|_\w*_H_\w*)\Z"
)


def _include_guard(data: bytes, listed: tuple[Directive, ...]) -> int | None:
    """Which directive opens the include guard, if the file has one.

    It is the first #if of the file, tests that a name is not defined, and the next
    directive defines that name to nothing.  A trace header has the form
    ``#if !defined(_TRACE_X_H) || defined(TRACE_HEADER_MULTI_READ)``.
    """
    opening = next((i for i, d in enumerate(listed) if d.name.startswith("if")), None)
    if opening is None or opening + 1 >= len(listed):
        return None
    test, definition = listed[opening], listed[opening + 1]
    words = definition.text.split()
    if definition.name != "define" or not words or words[1:] not in ([], ["1"]):
        return None
    if not _tests_absence(test, words[0]):
        return None
    if _GUARD_NAME.match(words[0]) or _encloses_all(data, listed, opening):
        return opening
    return None


def _tests_absence(directive: Directive, name: str) -> bool:
    if directive.name == "ifndef":
        return directive.text.split()[:1] == [name]
    absent = parse_condition(directive.text).assign({f"defined({name})": False})
    return directive.name == "if" and absent.is_true


def _encloses_all(data: bytes, listed: tuple[Directive, ...], opening: int) -> bool:
    """Whether all code of the file is inside the group that ``opening`` opens."""
    depth = 0
    for directive in listed[opening:]:
        depth += directive.name.startswith("if") - (directive.name == "endif")
        if depth == 0:
            break
        if depth == 1 and directive.name.startswith("el"):
            return False
    else:
        return False
    lines = blank_comments(data).split(b"\n")
    outside = lines[: listed[opening].line - 1] + lines[directive.end_line :]
    return all(not line.strip() or line.lstrip()[:1] == b"#" for line in outside)
