# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros of a subsystem that only print: dprintk() of include/linux/sunrpc/debug.h."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.c.text import CALLED, IDENTIFIER, without_strings
from reviewer.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.prover.names.definitions import Definitions

# include/linux/compiler.h, kconfig.h, printk.h: what asks, and what prints nothing
_ASKS = frozenset(["if", "while", "unlikely", "likely", "IS_ENABLED", "no_printk"])
_DOES = regex(r"(?<![=!<>])=(?!=)|<<=|>>=|\+\+|--")
_LEAVES = frozenset(["goto", "return", "break", "continue", "asm", "for", "switch"])
DEEPEST = 6  # macros in macros


def only_prints(
    definitions: Definitions, name: str, is_print: Callable[[str], bool]
) -> bool:
    """Says whether a macro, in each of its texts, only asks whether to print and
    prints, by functions that ``is_print`` knows, and prints in one of them."""
    return _prints(definitions, name, is_print, 0) is True


def _prints(
    definitions: Definitions, name: str, is_print: Callable[[str], bool], depth: int
) -> bool | None:
    """Whether a macro prints, None where it may do something else."""
    macros = definitions.macros(name)
    if not macros or depth > DEEPEST:
        return None
    found = False
    for macro in macros:
        text = without_strings(macro.body)
        words = IDENTIFIER.findall(text)
        if _DOES.search(text) or not _LEAVES.isdisjoint(words):
            return None
        handed = set(macro.parameters or ())
        for word in CALLED.findall(text):
            if word in handed:
                return None
            if is_print(word) and not definitions.is_local(word):
                found = True
            elif word not in _ASKS or definitions.is_local(word):
                inner = _prints(definitions, word, is_print, depth + 1)
                if inner is None:
                    return None
                found = found or inner
    return found
