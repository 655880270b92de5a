# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that a header declares always and some .c file defines only sometimes.

Such a call compiles everywhere and links where the file is built; or where the
compiler finds that the call is never made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from reviewer.c.conditions import Condition, any_of
from reviewer.c.text import declares_itself
from reviewer.c.vocabulary import OPTION_TESTS
from reviewer.facts import Facts
from reviewer.kit.gates import breaking_configuration, compiled_when
from reviewer.kit.gates_names import code_of, may_be_thrown_away, uses
from reviewer.kit.gates_symbols import OTHER_PROGRAMS
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import Hit

_WORD = regex(r"\w+")
_MOST_CALLS = 40  # of one function that are looked at


class Linked(Struct, frozen=True):
    """A function and when the kernel or a module has it; ``places`` define it."""

    name: str
    condition: Condition
    places: tuple[Evidence, ...]
    inside: Condition  # when what is built in can call it


class UnlinkedCall(Struct, frozen=True):
    """A call that is compiled in a configuration without the function."""

    place: Evidence
    given: Condition
    configuration: dict[str, bool]


def mentions(facts: Facts, names: Iterable[str]) -> dict[str, list[Hit]]:
    """Says where names stand in C, headers and assembly: one search for all of them."""
    found: dict[str, list[Hit]] = {name: [] for name in names}
    for hit in facts.view.grep(list(found), suffixes=(".c", ".h", ".S")):
        if hit.path.startswith(OTHER_PROGRAMS):
            continue
        for word in set(_WORD.findall(hit.text)).intersection(found):
            found[word].append(hit)
    return found


def defined_when(facts: Facts, name: str, hits: Iterable[Hit]) -> Linked | None:
    """Returns when a function is defined, by its mentions;
    None where that is not certain.

    That is where no .c file defines it, where one does of which the makefiles do not
    tell, or where a header, assembly or a macro may.
    """
    conditions, inside, places = [], [], []
    for path in dict.fromkeys(hit.path for hit in hits):
        header = facts.header(path)
        if header is None or path.endswith(".S") or header.macros_named(name):
            return None
        for function in header.functions_named(name):
            if not function.body:
                continue
            line = header.line_of(function.start)
            gate = compiled_when(facts, path, header.condition(line))
            if "static" in function.returns.split() and path.endswith(".c"):
                continue  # another one, which nobody else can call
            if gate is None or not header.conditionals.balanced:
                return None
            conditions.append(gate)
            inside.append(header.condition(line) & facts.build_gate(path).inside)
            places.append(header.evidence(line))
    if not places:
        return None
    return Linked(name, any_of(conditions), tuple(places), any_of(inside))


def calls_without(
    facts: Facts, function: Linked, where: Condition, hits: Iterable[Hit]
) -> Iterator[UnlinkedCall]:
    """Yields calls of a function that are compiled for sure in a configuration in which
    ``where`` holds and no file defines it, with that configuration.

    ``hits``: the lines of the tree that name it.  A call in a function that asks for an
    option is left out: the compiler may drop it.
    """
    defining = {place.file for place in function.places}
    calls = [h for h in hits if h.path.endswith(".c") and h.path not in defining]
    for hit in calls[:_MOST_CALLS]:
        given = _given(facts, function.name, hit.path, hit.line)
        if given is None:
            continue
        configuration = breaking_configuration(facts, given & where, function.condition)
        if configuration:
            shown = Evidence(hit.path, hit.line, " ".join(hit.text.split())[:160])
            yield UnlinkedCall(shown, given & where, configuration)


def _given(facts: Facts, name: str, path: str, line: int) -> Condition | None:
    """When the call on a line is compiled, None if it is none or may be dropped."""
    header = facts.header(path)
    if header is None or not header.conditionals.balanced:
        return None
    here = [
        use
        for use in uses(path, header.data)
        if use.line == line and use.name == name and use.called
    ]
    code = code_of(path, header.data)[1]
    if not here or declares_itself(code, name) or header.macros_named(name):
        return None
    if may_be_thrown_away(facts, path, header.data, here[0]):
        return None
    for functions in header.functions.values():
        for function in functions:
            if function.start <= here[0].offset < function.end:
                if any(f"{test}(" in function.body for test in OPTION_TESTS):
                    return None
                return compiled_when(facts, path, header.condition(line))
    return None
