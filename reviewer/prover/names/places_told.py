# SPDX-License-Identifier: GPL-2.0-or-later
"""Words whose meaning hangs on the line that they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.c.text import (
    CALLED,
    IDENTIFIER,
    closing_bracket,
    split_arguments,
    without_strings,
)
from reviewer.c.vocabulary import KEYWORDS
from reviewer.patterns import regex
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.macro_words import words_with_macros

_PLACES = frozenset(["__LINE__", "__COUNTER__"])
_BESIDE_A_LINE = frozenset(["__FILE__", "__func__", "__FUNCTION__"])
_LINE = regex(r"\b(?:line|line_?no|line_?num|lineno\w*)\s*\Z")  # int line
_PASTED = regex(r"[^,\s#]\s*##(?!#)")  # a##b; not the comma of ``, ##__VA_ARGS__``


def tells_its_line(known: Definitions, text: str) -> bool:
    """Says whether a word of a text tells on which line it stands, or is a macro of the
    file's own that does; those of the kernel (WARN_ON()) tell it to the log alone."""
    return any(word in _PLACES for word in _words(known, text))


def macros_with_their_line(
    known: Definitions, text: str, is_print: Callable[[str], bool]
) -> frozenset[str] | None:
    """Returns the macros of the file's own that hand the line they stand on to what
    takes it for one: ``assfail(#e, __FILE__, __LINE__)``.  None where a word of the
    text does anything else with its line."""
    found: set[str] = set()
    for word in set(_words(known, text)):
        if word == "__COUNTER__":
            return None
        for body in _own_bodies(known, word):
            if "__LINE__" not in IDENTIFIER.findall(body):
                continue
            if not _only_hands_it_on(known, body, is_print):
                return None
            found.add(word)
    is_told = not found and tells_its_line(known, text)
    return (
        None if is_told or "__LINE__" in IDENTIFIER.findall(text) else frozenset(found)
    )


def _words(known: Definitions, text: str) -> Iterator[str]:
    return words_with_macros(text, lambda word: _own_bodies(known, word))


def _own_bodies(known: Definitions, word: str) -> Iterator[str]:
    if known.is_macro(word) and known.is_local(word):
        yield from (macro.body for macro in known.macros(word))


def _only_hands_it_on(
    known: Definitions, body: str, is_print: Callable[[str], bool]
) -> bool:
    """Whether each ``__LINE__`` of a macro is an argument that is taken for a line."""
    code = without_strings(body)
    left = IDENTIFIER.findall(code).count("__LINE__")
    for call in CALLED.finditer(code):
        end = closing_bracket(code, call.end() - 1)
        arguments = split_arguments(code[call.end() : end]) if end > 0 else []
        lines = [n for n, one in enumerate(arguments) if one == "__LINE__"]
        if lines and not _takes_a_line(known, call[1], arguments, lines, is_print):
            return False
        left -= len(lines)
    return left == 0


def _takes_a_line(
    known: Definitions,
    called: str,
    arguments: list[str],
    lines: list[int],
    is_print: Callable[[str], bool],
) -> bool:
    """Whether a call takes these arguments for a line: it prints, is handed the file or
    the function beside it, or calls its parameter so; and makes no name of it."""
    if called in KEYWORDS:
        return False
    if is_print(called):
        return True

    def bodies(word: str) -> Iterator[str]:
        if known.is_macro(word) and not is_print(word):
            yield from (macro.body for macro in known.macros(word))

    reached = words_with_macros(called, bodies)
    if any(_PASTED.search(body) for word in reached for body in bodies(word)):
        return False
    heads = [one.parameters for one in known.functions(called)]
    heads += [parameters for _type, parameters in known.prototypes(called)]
    named = [head.split(",") for head in heads]
    return not _BESIDE_A_LINE.isdisjoint(arguments) or any(
        all(n < len(head) and _LINE.search(head[n]) for n in lines) for head in named
    )
