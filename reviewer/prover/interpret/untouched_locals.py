# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a macro that is not followed leaves a local alone that it is given.

A macro may assign its arguments; pr_debug() and its like only hand them on to a
function.  That is read off the text of the macro, and of those that it hands them to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.c.text import closing_token, normalised, split_tokens, without_strings

if TYPE_CHECKING:
    from reviewer.prover.names.definition_texts import MacroText
    from reviewer.prover.names.definitions import Definitions

_TOKEN = re.compile(r"##|\+\+|--|->|<<=|>>=|[-+*/%&|^]=|[=!<>]=|\w+|\S")
_ASSIGNS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
_STEPS = {"++", "--"}
_NO_CALL = {"if", "while", "for", "switch", "return", "sizeof", "typeof", "__typeof__"}
DEEPEST = 12  # macros in macros

Names = dict[str, str]  # parameter of a macro -> the one word that it stands for


def leaves_alone(definitions: Definitions, macro: str, place: int) -> bool:
    """Says whether a macro only looks at its argument number ``place``, from 0."""
    return _leaves(definitions, macro, place, {}, 0)


def _leaves(
    definitions: Definitions, word: str, place: int, names: Names, depth: int
) -> bool:
    macros = definitions.macros(word)
    if not macros:  # a function gets values
        return bool(definitions.functions(word) or definitions.prototypes(word))
    if depth >= DEEPEST:
        return False
    if all("..." in (macro.parameters or [""])[-1] for macro in macros):
        place = min(place, max(len(macro.parameters or ()) for macro in macros) - 1)
    key = word, place, *sorted(names.items())
    if key not in definitions.left_alone:
        definitions.left_alone[key] = False  # in a circle: not known
        definitions.left_alone[key] = all(
            _only_looks(definitions, macro, place, names, depth) for macro in macros
        )
    return definitions.left_alone[key]


def _only_looks(
    definitions: Definitions, macro: MacroText, place: int, names: Names, depth: int
) -> bool:
    """``names``: of the macro's parameters, by number as text."""
    parameters = macro.parameters
    if not parameters or (place >= len(parameters) and "..." not in parameters[-1]):
        return False
    own = parameters[min(place, len(parameters) - 1)]
    if "..." in own:
        own = own.rstrip(". ") or "__VA_ARGS__"
    tokens = _TOKEN.findall(normalised(without_strings(macro.body)))
    if any("asm" in token for token in tokens) or "#twice" in macro.body:
        return False
    bound = {p: names[str(n)] for n, p in enumerate(parameters) if str(n) in names}
    for at, calls in parameter_uses(tokens, own):
        if _assigned(tokens, at):
            return False
        for callee, number, start in calls:
            word = bound.get(callee, callee)
            if word == callee and callee in parameters:
                return False
            given = {str(n): bound.get(w, w) for n, w in _words(tokens, start)}
            # "..." may be any number of arguments: all behind its place
            places = range(number, number + (8 if own not in parameters else 1))
            if not all(_leaves(definitions, word, n, given, depth + 1) for n in places):
                return False
    return True


def parameter_uses(
    tokens: list[str], own: str
) -> Iterator[tuple[int, list[tuple[str, int, int]]]]:
    """Finds where a parameter stands, with the calls around it: (name, argument,
    start)."""
    around: list[tuple[str, int, int]] = []
    for at, token in enumerate(tokens):
        if token in "([{":
            before = tokens[at - 1] if at and token == "(" else ""
            is_call = before[:1].isidentifier() and before not in _NO_CALL
            around.append((before if is_call else "", 0, at))
        elif token in ")]}" and around:
            around.pop()
        elif token == "," and around:
            callee, number, start = around[-1]
            around[-1] = callee, number + 1, start
        elif token == own:
            yield at, [call for call in around if call[0]]


def _assigned(tokens: list[str], at: int) -> bool:
    """Whether what stands at a place may be assigned, or its address be taken."""
    first = last = at
    while (
        first
        and last + 1 < len(tokens)
        and ((tokens[first - 1], tokens[last + 1]) == ("(", ")"))
    ):
        first, last = first - 1, last + 1
    before = tokens[first - 1] if first else ""
    behind = tokens[last + 1] if last + 1 < len(tokens) else ""
    if before == "##":
        return not (first > 1 and tokens[first - 2] == "," and behind in ("", ")"))
    if behind in ("##", ".", "[") or before == "#":
        return True
    return (
        behind in _ASSIGNS
        or behind in _STEPS
        or before in _STEPS
        or (before == "&" and behind != "->")
    )


def _words(tokens: list[str], start: int) -> Iterator[tuple[int, str]]:
    """The arguments of a call that are one word: (number, word)."""
    end = closing_token(tokens, start) % (len(tokens) + 1)  # unclosed: to the end
    for number, argument in enumerate(split_tokens(tokens[start + 1 : end])):
        if len(argument) == 1:
            yield number, argument[0]
