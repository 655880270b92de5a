# SPDX-License-Identifier: GPL-2.0-or-later
"""Both sides of a function as steps that are laid side by side."""

from __future__ import annotations

import re
from functools import partial

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised, without_strings
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_options import own_option
from reviewer.prover.names.taken_out import does_more
from reviewer.prover.structure.alignment import aligned, is_small_enough
from reviewer.prover.structure.cut_edits import cut_edits
from reviewer.prover.structure.declared import Variables, tag_of
from reviewer.prover.structure.divergences import Sides
from reviewer.prover.structure.flow import Flow
from reviewer.prover.structure.kept_results import bring_calls_together
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.same_calls import rewritten
from reviewer.prover.structure.steps import NotRead, steps_of
from reviewer.prover.structure.untouched_rest import is_a_number

_OF_A_STATEMENT = re.compile(
    r"\b(?:return|goto|if|else|while|for|do|switch|case|default|break|continue)\b"
)
_KEYWORDS = frozenset(["if", "else", "for", "while", "do", "switch", "case", "return",
                       "goto", "break", "continue", "default"])  # fmt: skip
_ONE_BLOCK = re.compile(r"\s*do\s+while\s*\Z")
_OPENING = re.compile(r"[({\[]")
_INCLUDES = re.compile(r"^[ \t]*#[ \t]*include", re.MULTILINE)


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
            partial(may_be_code, known),
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
    sides = Sides(
        sources,
        definitions,
        (bodies[0], bodies[1]),
        (Flow(bodies[0]), Flow(bodies[1])),
        aligned(bodies[0], bodies[1]),
        _parameters(sources[1], functions[1]),
    )
    cut_edits(sides)
    return sides


def may_be_code(known: Definitions, word: str) -> bool:
    """Says whether a name is a macro that stands for more than a number."""
    return known.is_macro(word) and not is_a_number(known, word)


def may_be_statements(known: Definitions, name: str, several: bool) -> bool:
    """Says whether a macro that is handed expressions is part of one, or do { } while
    (0); ``several``: or some of them, one behind the other."""
    for macro in macros_of(known, [name]):
        if macro.name in _KEYWORDS:  # include/linux/compiler.h counts branches
            continue
        plain = outside_brackets(without_strings(macro.body))
        if plain is None or (";" in plain and not several):
            return False
        words = _KEYWORDS & {*IDENTIFIER.findall(plain)}
        if words and not _ONE_BLOCK.match(plain):
            return False
    return True


def _is_one_statement(known: Definitions, name: str) -> bool:
    """Whether a macro is an expression, or do { } while (0), however it is used."""
    for macro in macros_of(known, [name]):
        body = without_strings(macro.body)
        plain = outside_brackets(body)
        if plain is None or ";" in plain or "##" in body:
            return False
        words = {*(macro.parameters or ()), *_KEYWORDS}
        if not _ONE_BLOCK.match(plain) and words & {*IDENTIFIER.findall(plain)}:
            return False
    return True


def outside_brackets(text: str) -> str | None:
    """Returns what of a text stands in no brackets, None where one is not closed."""
    found, at = "", 0
    while match := _OPENING.search(text, at):
        end = closing_bracket(text, match.start())
        found, at = found + text[at : match.start()] + " ", end + 1
        if end < 0:
            return None
    found += text[at:]
    return None if any(one in found for one in ")}]") else found


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
