# SPDX-License-Identifier: GPL-2.0-or-later
"""Words whose meaning hangs on the line that they stand on."""

from __future__ import annotations

from reviewer.c.text import IDENTIFIER
from reviewer.prover.names.definitions import Definitions

_PLACES = frozenset(["__LINE__", "__COUNTER__"])
_DEEPEST = 8  # macros in macros


def tells_its_line(known: Definitions, word: str, depth: int = 0) -> bool:
    """Says whether a word tells on which line it stands, or is a macro of the file's
    own that does; those of the kernel (WARN_ON()) tell it to the log alone."""
    if word in _PLACES:
        return True
    if depth > _DEEPEST or not known.is_macro(word) or not known.is_local(word):
        return False
    bodies = (macro.body for macro in known.macros(word))
    words = {inner for body in bodies for inner in IDENTIFIER.findall(body)} - {word}
    return any(tells_its_line(known, inner, depth + 1) for inner in words)
