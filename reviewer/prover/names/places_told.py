# SPDX-License-Identifier: GPL-2.0-or-later
"""Words whose meaning hangs on the line that they stand on."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.macro_words import words_with_macros

_PLACES = frozenset(["__LINE__", "__COUNTER__"])


def tells_its_line(known: Definitions, text: str) -> bool:
    """Says whether a word of a text tells on which line it stands, or is a macro of the
    file's own that does; those of the kernel (WARN_ON()) tell it to the log alone."""

    def own_bodies(word: str) -> Iterator[str]:
        if known.is_macro(word) and known.is_local(word):
            yield from (macro.body for macro in known.macros(word))

    return any(word in _PLACES for word in words_with_macros(text, own_bodies))
