# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros that take the address of a variable that they are handed, or give it another
value; or hand it to one that does.

The variable is a number or a pointer: ``v[i]`` and ``v->m`` are not part of it.
"""

from __future__ import annotations

from typing import cast

from reviewer.c.text import (
    CALLED,
    IDENTIFIER,
    closing_bracket,
    split_arguments,
    without_strings,
)
from reviewer.c.vocabulary import KEYWORDS
from reviewer.patterns import regex
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.print_macros import put_together

ADDRESS = regex(r"(?<!&)&\s*+\(*+\s*+(\w++)\s*+\)*+(?!\s*(?:->|\[))")
# what is handed to these words of C and of gcc is not run, or is a value
_WORDS = KEYWORDS | {"typeof", "__typeof__", "__typeof", "typeof_unqual", "_Generic",
                     "__alignof__", "_Alignof", "static_assert"}  # fmt: skip
_REST = "__VA_ARGS__"
_SET = regex(
    r"(?<![.\w>])([A-Za-z_]\w*)\s*\)*\s*(?:[-+*/%&|^]?=(?!=)|<<=|>>=|\+\+|--)"
    r"|(?:\+\+|--)\s*\(*\s*([A-Za-z_]\w*)"
)
_ASM = regex(r"\basm\b|__asm")
_PASTES = regex(r"(?<!,)(?<!, )##")


def takes_address(known: Definitions, name: str, place: int) -> bool:
    """Says whether a macro may take the address of an argument, counted from 0; a
    function is handed a value."""
    return _Search(known, sets=False).answer(name, place)


def may_change(known: Definitions, name: str, place: int) -> bool:
    """Says whether a macro may take the address of an argument, or set it."""
    return _Search(known, sets=True).answer(name, place)


class _Search:
    """A search of a macro, and of those that it hands on what it is given."""

    def __init__(self, known: Definitions, *, sets: bool) -> None:
        self.known, self.sets = known, sets
        self.seen = set[tuple[str, int, tuple[str, ...]]]()

    def answer(self, name: str, place: int) -> bool:
        """Says what the search finds; each macro is searched once."""
        known = self.known
        key = ("changes", self.sets, name, place, known.at)
        if key not in known.answers:
            known.answers[key] = self.finds(name, place, ())
        return cast(bool, known.answers[key])

    def finds(self, name: str, place: int, given: tuple[str, ...]) -> bool:
        """Says whether it is done here, or in one that this one hands it to.
        ``given``: the words that it gets, "" for what is no word."""
        if name.startswith("__builtin_") or name in _WORDS:
            return self.sets and name.startswith("__builtin_va_")
        if (name, place, given) in self.seen:
            return False  # it is being looked at, or was
        self.seen.add((name, place, given))
        macros = self.known.macros(name)
        if not macros and self.sets:  # one that is not seen may be a macro
            known = self.known
            return not (known.functions(name) or known.prototypes(name))
        return any(self._in_one(one, place, given) for one in macros)

    def _in_one(self, macro: MacroText, place: int, given: tuple[str, ...]) -> bool:
        if macro.body == "#twice":
            return True
        if macro.parameters is None:
            last = IDENTIFIER.findall(macro.body)[-1:]
            called = bool(last) and macro.body.endswith(last[0])
            return called and self.finds(last[0], place, given)
        if not macro.parameters:
            return False
        names = [one.removesuffix("...").strip() or _REST for one in macro.parameters]
        own = names[min(place, len(names) - 1)]
        handed = dict.fromkeys(names, "") | dict(zip(names, given, strict=False))
        text = put_together(without_strings(macro.body), handed)
        if _PASTES.search(text) or own in ADDRESS.findall(text):
            return True
        if self.sets and (own in _is_set(text) or _ASM.search(text)):
            return True
        behind = max(0, place - len(names) + 1)
        return any(
            self._handed_on(callee, number + behind, arguments, handed)
            for callee, arguments in _calls(text)
            for number, argument in enumerate(arguments)
            if argument.replace("##", "").strip("() ") == own
        )

    def _handed_on(
        self, callee: str, place: int, arguments: list[str], handed: dict[str, str]
    ) -> bool:
        name = handed.get(callee, callee)
        given = tuple(
            handed.get(one, one) if one.isidentifier() else "" for one in arguments
        )
        more = 8 if _REST in "".join(arguments) else 0
        places = range(place, place + 1 + more)
        return not name or any(self.finds(name, one, given) for one in places)


def _is_set(text: str) -> list[str]:
    return [one or two for one, two in _SET.findall(text)]


def _calls(text: str) -> list[tuple[str, list[str]]]:
    found = []
    for match in CALLED.finditer(text):
        end = closing_bracket(text, match.end() - 1)
        found.append((match[1], split_arguments(text[match.end() : end])))
    return found
