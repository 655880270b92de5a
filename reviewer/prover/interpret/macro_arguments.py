# SPDX-License-Identifier: GPL-2.0-or-later
"""Arguments of macros, expanded before they are put in but where they are spelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.c.conditions import TRUE
from reviewer.c.expander import expand, spelled_tokens
from reviewer.c.neutralise_text import with_plain_strings
from reviewer.c.preprocessor import Define
from reviewer.c.text import split_tokens
from reviewer.prover.interpret.untouched_locals import parameter_uses
from reviewer.prover.syntax import parent_of, part_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.names.definition_texts import MacroText


DEEPEST = 24


def hidden_commas(run: Run, source: Source, root: Node) -> Iterator[tuple[int, int]]:
    """Yields where commas stand that the parser was not shown, in calls of macros:
    ``f(a, , b)``."""
    if source.data.count(b",") == source.neutral.count(b","):
        return
    for call in source.walk(root, "call_expression"):
        if run.definitions.is_macro(source.text(part_of(call, "function"))):
            yield from ((at, at + 1) for at in _hidden_in(source, call))


def only_as_tokens(source: Source, use: Node) -> bool:
    """Says whether a macro's use is no expression of C by itself: the parser was not
    shown a comma of it, or it stands for the function of a call, ``op(x)(1)``."""
    if _hidden_in(source, use):
        return True
    function = parent_of(use).child_by_field_name("function")
    called = function is not None and function.id == use.id
    return called and use.type == "call_expression"


def _hidden_in(source: Source, node: Node) -> list[int]:
    """Where commas of a node stand that are not shown; those of comments are none."""
    start, end = node.start_byte, node.end_byte
    shown = source.neutral[start:end]
    if source.data.count(b",", start, end) == shown.count(b","):
        return []
    code = with_plain_strings(source.data[start:end])
    pairs = enumerate(zip(code, shown, strict=True), start)
    return [at for at, (byte, seen) in pairs if byte == ord(",") != seen]


def expanded_before(run: Run, macro: MacroText, arguments: str) -> str | None:
    """Returns the arguments, with macros put in where a macro below makes names or
    strings of them."""
    words = {
        word
        for word in spelled_tokens(arguments)
        if word[0].isalpha() or word[0] == "_"
    }
    if not any(run.definitions.is_macro(word) for word in words):
        return arguments
    given = [" ".join(part) for part in split_tokens(spelled_tokens(arguments)[1:-1])]
    found = []
    for place, argument in enumerate(given):
        if spells_or_pastes(run, macro, place):
            full = _fully(run, argument)
            if full is None:
                return None
            argument = full
        found.append(argument)
    return arguments if found == given else f"({', '.join(found)})"


def spells_or_pastes(run: Run, macro: MacroText, place: int, depth: int = 0) -> bool:
    """Says whether a macro that this one hands its argument to spells or pastes it.

    In the macro's own text that is done with the argument as it is written.
    """
    parameters = macro.parameters
    if not parameters or depth > DEEPEST:
        return depth > DEEPEST
    key = macro.name, macro.path, macro.body, place, run.definitions.at
    known = run.spelling.get(key)
    if known is None:
        run.spelling[key] = False  # in a circle
        own = parameters[min(place, len(parameters) - 1)].rstrip(". ") or "__VA_ARGS__"
        tokens = spelled_tokens(macro.body)
        known = run.spelling[key] = any(
            _spells_at(run, callee, number, depth)
            for _at, calls in parameter_uses(tokens, own)
            for callee, number, _start in calls
        )
    return known


def _spells_at(run: Run, callee: str, number: int, depth: int) -> bool:
    if run.is_primitive(callee):
        return False
    for macro in run.definitions.macros(callee):
        parameters = macro.parameters
        if not parameters:
            continue
        own = parameters[min(number, len(parameters) - 1)]
        own = own.rstrip(". ") or "__VA_ARGS__"
        tokens = spelled_tokens(macro.body)
        for at, _calls in parameter_uses(tokens, own):
            if tokens[at - 1 : at] in (["#"], ["##"]) and tokens[at - 2 : at - 1] != [
                ","
            ]:
                return True
            if tokens[at + 1 : at + 2] == ["##"]:
                return True
        if spells_or_pastes(run, macro, number, depth + 1):
            return True
    return False


def _fully(run: Run, text: str) -> str | None:
    """A text with all its macros put in, None where one has no text to go by."""
    doubtful = False

    def lookup(word: str) -> Define | None:
        nonlocal doubtful
        macros = run.definitions.macros(word)
        if not macros or word in run.being_inlined:
            return None
        one = macros[0]
        if len(macros) != 1 or one.condition != TRUE or one.body == "#twice":
            doubtful = True
            return None
        return Define(one.name, one.parameters, one.body, 0, 0, TRUE)

    found = expand(text, lookup)
    return None if doubtful else found
