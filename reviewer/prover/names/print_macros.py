# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros of a subsystem that only print: dprintk() of include/linux/sunrpc/debug.h."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.c.text import (
    CALLED,
    IDENTIFIER,
    closing_bracket,
    split_arguments,
    without_strings,
)
from reviewer.patterns import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from reviewer.prover.names.definitions import Definitions

# include/linux/compiler.h, kconfig.h, printk.h: what asks, and what prints nothing
_ASKS = frozenset(["if", "while", "unlikely", "likely", "IS_ENABLED", "no_printk"])
_DOES = regex(r"(?<![=!<>])=(?!=)|<<=|>>=|\+\+|--")
_PASTED = regex(r"[A-Za-z_]\w*(?:\s*##\s*[A-Za-z_]\w*)+")
_LEAVES = frozenset(["goto", "return", "break", "continue", "asm", "for", "switch"])
DEEPEST = 6  # macros in macros


def only_prints(
    definitions: Definitions, name: str, is_print: Callable[[str], bool]
) -> bool:
    """Says whether a macro, in each of its texts, only asks whether to print and
    prints, by functions that ``is_print`` knows, and prints in one of them."""
    return _prints(definitions, name, is_print, 0, ()) is True


def _prints(
    definitions: Definitions,
    name: str,
    is_print: Callable[[str], bool],
    depth: int,
    given: tuple[str, ...],
) -> bool | None:
    """Whether a macro that is given some texts prints, None where it may do something
    else."""
    macros = definitions.macros(name)
    if not macros or depth > DEEPEST:
        return None
    found = False
    for macro in macros:
        handed = dict.fromkeys(macro.parameters or (), "")
        handed |= dict(zip(handed, given, strict=False))
        text = put_together(without_strings(macro.body), handed)
        words = IDENTIFIER.findall(text)
        if _DOES.search(text) or not _LEAVES.isdisjoint(words):
            return None
        for match in CALLED.finditer(text):
            word = match[1]
            if word in handed:
                return None
            if is_print(word) and not definitions.is_local(word):
                found = True
            elif word not in _ASKS or definitions.is_local(word):
                end = closing_bracket(text, match.end() - 1)
                texts = tuple(split_arguments(text[match.end() : end]))
                inner = _prints(definitions, word, is_print, depth + 1, texts)
                if inner is None:
                    return None
                found = found or inner
    return found


def put_together(text: str, handed: dict[str, str]) -> str:
    """Returns a text with the names that ## makes of words that are known, as the
    ``dev_err`` of ``dev_##level##type`` (include/drm/drm_print.h)."""

    def name(match: re.Match[str]) -> str:
        pieces = IDENTIFIER.findall(match[0])
        made = "".join(handed.get(piece, piece) for piece in pieces)
        return made if made.isidentifier() else match[0]

    return _PASTED.sub(name, text)
