# SPDX-License-Identifier: GPL-2.0-or-later
"""What a macro of a file is at one of its lines: #define and #undef, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reviewer.c.formula import TRUE, Condition, any_of
from reviewer.c.preprocessor import Define, undefs
from reviewer.c.text import normalised
from reviewer.facts.header import Header
from reviewer.prover.names.definition_texts import FIXED
from reviewer.prover.names.macro_words import words_with_macros

Live = tuple[tuple[Define, Condition], ...]
_END = 1 << 30


@lru_cache(maxsize=256)
def redefined_macros(source: Header) -> frozenset[str]:
    """Returns the names that the file defines and undefines, or defines twice in one
    configuration, or defines within a function: each place has its own meaning."""
    found = {undef.name for undef in undefs(source.data)}
    for name, defines in source.macros.items():
        found |= {name for one in defines if _inside(source, one.line)}
        for place, one in enumerate(defines):
            again = one.condition.assign({f"defined({name})": True})
            found |= {
                name for two in defines[:place] if (again & two.condition).satisfiable()
            }
    return frozenset(found)


def _inside(source: Header, line: int) -> bool:
    """Whether a line is in the body of a function."""
    return any(first < line < last for first, last in _bodies(source))


@lru_cache(maxsize=64)
def _bodies(source: Header) -> tuple[tuple[int, int], ...]:
    return tuple(
        (source.line_of(function.start), source.line_of(function.end))
        for functions in source.functions.values()
        for function in functions
        if function.body
    )


@lru_cache(maxsize=64)
def macros_by_place(source: Header) -> frozenset[str]:
    """Returns what ``redefined_macros`` does, and what is defined behind the first
    function."""
    first = min((start for start, _end in _bodies(source)), default=_END)
    later = {define.name for define in source.defines if define.line > first}
    return redefined_macros(source) | later


def definitions_at_line(
    source: Header, name: str, at: int | None, fixed: dict[str, bool]
) -> Live:
    """Returns the definitions of a name that hold at a line (None: at the end of the
    file).

    Each comes with the condition under which no later one takes its place.
    """
    events: list[tuple[int, Define | None, Condition]] = [
        (one.line, one, source.condition(one.line))
        for one in source.macros.get(name, ())
    ]
    if b"undef" in source.data:
        events += [
            (one.line, None, source.condition(one.line))
            for one in undefs(source.data)
            if one.name == name
        ]
    events.sort(key=lambda event: event[0])
    state: list[tuple[Define, Condition]] = []
    for line, define, condition in events:
        if at is not None and line >= at:
            break
        condition = _where_defined(condition.assign(fixed), name, state)
        left = [(one, when & ~condition) for one, when in state]
        state = [(one, when) for one, when in left if when.satisfiable()]
        if define is not None and condition.satisfiable():
            state.append((define, condition))
    return tuple(state)


def _where_defined(
    condition: Condition, name: str, state: list[tuple[Define, Condition]]
) -> Condition:
    """A condition that asks whether the name is defined, with what is known of it."""
    atom = f"defined({name})"
    if not state or atom not in condition.atoms:
        return condition
    known = any_of(when for _define, when in state)
    yes, no = condition.assign({atom: True}), condition.assign({atom: False})
    return any_of([yes & known, no & ~known])


def undefined_at(source: Header, name: str, at: int | None) -> bool:
    """Says whether the file itself takes a name away before a line, in every case."""
    return any(
        one.name == name and one.condition == TRUE and (at is None or one.line < at)
        for one in undefs(source.data)
    )


def hangs_on_its_place(source: Header, text: str) -> bool:
    """Says whether a text at file level, or a macro in it, uses a name that is another
    macro at another line."""
    moving = redefined_macros(source)
    if not moving:
        return False

    def bodies_of(word: str) -> Iterator[str]:
        return (one.body for one in source.macros.get(word, ()))

    return any(word in moving for word in words_with_macros(text, bodies_of))


def moved_macros(sides: tuple[Header, Header], lines: tuple[int, int]) -> set[str]:
    """Returns the macros of a file that are something else at a line of each side."""
    one, two = sides
    return {
        name
        for name in macros_by_place(one) | macros_by_place(two)
        if _at_line(one, name, lines[0]) != _at_line(two, name, lines[1])
    }


def _at_line(source: Header, name: str, line: int) -> tuple[str, ...]:
    """What a macro is at a line, as text."""
    live = definitions_at_line(source, name, line, FIXED)
    return tuple(
        f"{one.params} {normalised(one.body)} {condition}" for one, condition in live
    )
