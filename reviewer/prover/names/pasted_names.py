# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that only the preprocessor writes: ``CAT(PG_, lru)`` is PG_lru.

Whether a piece of code uses a changed name cannot be seen where macros paste it
together; then it is asked whether their tokens could make that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from typing import TYPE_CHECKING

from reviewer.c.text import STRINGS

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions

_TOKEN = re.compile(r"\w+")
MOST = 200  # macros in macros


def makes_one_of(definitions: Definitions, text: str, changed: frozenset[str]) -> bool:
    """Says whether the macros in a text may paste one of some names together."""
    tokens = pasted_tokens(definitions, _TOKEN.findall(STRINGS.sub(" ", text)))
    return tokens is not None and any(is_made_of(name, tokens) for name in changed)


def pasted_tokens(
    definitions: Definitions, words: Iterable[str]
) -> frozenset[str] | None:
    """Returns some words and the tokens of all macros in them; None if none pastes.

    What is put together may come out of one macro and be given to another.
    """
    own = frozenset(words)
    if not paste(definitions, own):
        return None
    return own.union(*(_tokens_of(definitions, word)[0] for word in own))


def paste(definitions: Definitions, words: Iterable[str]) -> bool:
    """Says whether one of some words is a macro that pastes, or leads to one."""
    return any(_tokens_of(definitions, word)[1] for word in words)


def _tokens_of(definitions: Definitions, word: str) -> tuple[frozenset[str], bool]:
    """The tokens of a macro and of those in it, and whether one of them pastes."""
    if word in definitions.pieces:
        return definitions.pieces[word]
    found: set[str] = set()
    pastes = False
    waiting, seen = [word], {word}
    while waiting and len(seen) < MOST:
        for macro in definitions.macros(waiting.pop()):
            pastes = pastes or "##" in macro.body
            own = {parameter.rstrip(". ") for parameter in macro.parameters or ()}
            new = set(_TOKEN.findall(STRINGS.sub(" ", macro.body))) - own
            found |= new
            waiting += [token for token in new - seen if not token[0].isdigit()]
            seen |= new
    definitions.pieces[word] = frozenset(found), pastes
    return definitions.pieces[word]


def is_made_of(name: str, pieces: Set[str]) -> bool:
    """Says whether a name is two pieces or more in a row."""
    if not any(name[:end] in pieces for end in range(1, len(name))):
        return False
    ends = {0}
    for end in range(1, len(name) + 1):
        for start in tuple(ends):
            if (start, end) != (0, len(name)) and name[start:end] in pieces:
                ends.add(end)
                break
    return len(name) in ends
