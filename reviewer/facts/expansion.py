# SPDX-License-Identifier: GPL-2.0-or-later
"""Macro expansion, as far as headers write functions with it.

A generator is a #define of the file whose body defines a function with a pasted name,
or calls another generator.  Which ones there are, how many arguments they take and
what they make is read from the definitions, so that no name and no argument count of
any kernel version is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from reviewer.c.conditions import TRUE, Condition
from reviewer.c.expander import with_arguments
from reviewer.c.preprocessor import Define
from reviewer.c.text import CALLED, closing_bracket, split_arguments
from reviewer.facts.header import Header, HeaderFunction, scan_functions
from reviewer.patterns import regex

_MAKES_FUNCTION = regex(r"##\s*\w+\s*\([^(){}]*\)\s*\{")
_UNPASTED = regex(r"(?<![#\w])([A-Za-z_]\w*)\s*\([^(){}]*\)\s*\{")
_PASTED = regex(r"\b(\w+)\s*##\s*(?=(\w+))")
_DEEPEST = 12  # generators that call generators; the kernel has three levels
_MOST_EXPANSIONS = 500  # of one call of a generator; the kernel's make up to ten
_LONGEST = 64 * 1024  # characters of one expansion


class Invocation(Struct, frozen=True):
    """A generator called at file level."""

    name: str
    arguments: tuple[str, ...]
    line: int
    condition: Condition


class Generated(Struct, frozen=True):
    """A function that an invocation makes."""

    function: HeaderFunction
    text: str  # the whole definition, white space as in the macro
    invocation: Invocation
    generator: Define  # the innermost macro, the one whose body holds the function
    arguments: tuple[str, ...]  # that the innermost macro was called with
    condition: Condition


def substitute(define: Define, arguments: tuple[str, ...]) -> str | None:
    """Returns the body with its parameters replaced, None where their number
    differs."""
    if _pastes_nothing_given(define):
        return None  # of a form that is not known here
    return with_arguments(define, f"({', '.join(arguments)})")


def _pastes_nothing_given(define: Define) -> bool:
    """Says whether a variadic macro pastes two words neither of which is a parameter.

    What it makes then has no name of its own, whatever it is called with.
    """
    names = {name.removesuffix("...") for name in define.params or ()}
    if not any(name.endswith("...") for name in define.params or ()):
        return False
    return any(names.isdisjoint(pair) for pair in _PASTED.findall(define.body))


def macro_calls(
    text: str, macros: Mapping[str, tuple[Define, ...]]
) -> Iterator[tuple[str, tuple[str, ...], int, int]]:
    """Yields calls in ``text`` of function-like macros: name, arguments, start, end."""
    at = 0 if macros else len(text)
    while match := CALLED.search(text, at):
        at = match.end()
        if match[1] not in macros:
            continue
        closing = closing_bracket(text, match.end() - 1)
        if closing < 0:
            return
        arguments = tuple(split_arguments(text[match.end() : closing]))
        yield match[1], arguments, match.start(), closing + 1
        at = closing + 1


class Generators:
    """The generator macros of a header and what they make in it."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self.macros = _generator_macros(header)
        self.unread: list[tuple[str, int]] = []  # calls that could not be expanded
        self._left = 0

    @cached_property
    def invocations(self) -> tuple[Invocation, ...]:
        """Every call of a generator at file level, in order."""
        header = self._header
        found = []
        for name, arguments, start, _ in macro_calls(header.code, self.macros):
            line = header.line_of(start)
            found.append(Invocation(name, arguments, line, header.condition(line)))
        return tuple(found)

    def generated(self, named: str | None = None) -> Iterator[Generated]:
        """Yields every function that the header's generators make, in order.

        With ``named`` only that function, and only what may make it is expanded: a
        pasted name contains an argument of the call.
        """
        if named is None:
            yield from self._made_by(self.invocations)
            return
        calls: Iterable[Invocation] = self.invocations
        if named not in self._unpasted:
            calls = [c for c in calls if any(a and a in named for a in c.arguments)]
        for made in self._made_by(calls):
            if made.function.name == named:
                yield made

    @cached_property
    def _unpasted(self) -> frozenset[str]:
        """Functions that stand in a generator's body under their own name."""
        bodies = (define.body for defines in self.macros.values() for define in defines)
        return frozenset(name for body in bodies for name in _UNPASTED.findall(body))

    def _made_by(self, invocations: Iterable[Invocation]) -> Iterator[Generated]:
        for invocation in invocations:
            self._left = _MOST_EXPANSIONS
            made = list(
                self._expand(
                    invocation,
                    invocation.name,
                    invocation.arguments,
                    invocation.condition,
                    0,
                )
            )
            if not made or self._left < 0:
                self.unread.append((invocation.name, invocation.line))
            yield from made

    def _expand(
        self,
        invocation: Invocation,
        name: str,
        arguments: tuple[str, ...],
        condition: Condition,
        depth: int,
    ) -> Iterator[Generated]:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return
        for define in self.macros[name]:
            both = _both(condition, self._header.condition(define.line))
            body = substitute(define, arguments) if both is not None else None
            if body is None or both is None or len(body) > _LONGEST:
                continue
            for nested, inner, _, _ in macro_calls(body, self.macros):
                yield from self._expand(invocation, nested, inner, both, depth + 1)
            if "{" not in body:
                continue
            for function in scan_functions(body):
                yield Generated(
                    function,
                    body[function.start : function.end],
                    invocation,
                    define,
                    arguments,
                    both,
                )


def _both(one: Condition, two: Condition) -> Condition | None:
    """The conjunction, None where it can never hold."""
    if two == TRUE or one.implies(two):
        return one
    both = one & two
    return both if both.satisfiable() else None


def _generator_macros(header: Header) -> dict[str, tuple[Define, ...]]:
    if b"##" not in header.data and b"#\\" not in header.data:
        return {}  # a name is pasted, or made by what pastes one
    function_like = {
        name: defines
        for name, defines in header.macros.items()
        if any(define.params is not None for define in defines)
    }
    found = {
        name
        for name, defines in function_like.items()
        if any(_MAKES_FUNCTION.search(define.body) for define in defines)
    }
    while True:
        callers = {
            name
            for name, defines in function_like.items()
            if name not in found
            and any(_only_calls(define.body, found) for define in defines)
        }
        if not callers:
            return {
                name: function_like[name] for name in function_like if name in found
            }
        found |= callers


def _only_calls(body: str, names: set[str]) -> bool:
    """Whether the body is nothing but calls of ``names``: one at least."""
    called = [match[1] for match in CALLED.finditer(body)]
    return bool(called) and all(name in names for name in called) and "{" not in body
