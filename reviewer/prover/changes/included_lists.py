# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are included in the middle of something: lists of ``X(a, b)``.

What such a file stands for is told by the macros that are defined where it is included:
with another X, the table around the #include is another one, though neither its text
nor the list changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from reviewer.c.text import IDENTIFIER
from reviewer.facts.header import Header
from reviewer.prover.changes.file_meanings import included_word, meanings_of
from reviewer.utf8 import decode


def lists_and_words(
    pairs: Iterable[tuple[Header, Header]], unchanged: Iterable[tuple[str, bytes]]
) -> dict[str, frozenset[str]]:
    """Returns the words of each file that is included inside of braces, by the word
    that stands for it; of one that is not found, all macros of who includes it.

    ``pairs``: the files that differ, ``unchanged``: those that both sides see.
    """
    sides = [side for pair in pairs for side in pair]
    within: dict[str, set[str]] = {}
    for side in sides:
        for path in meanings_of(side).within:
            name = path.rpartition("/")[2]
            within.setdefault(name, set()).update(side.macros)
    if not within:
        return {}
    texts: dict[str, set[str]] = {}
    for path, data in [*((s.path, s.data) for s in sides), *unchanged]:
        name = path.rpartition("/")[2]
        if name in within:
            texts.setdefault(name, set()).update(IDENTIFIER.findall(decode(data)))
    return {
        included_word(name): frozenset(texts.get(name, macros))
        for name, macros in within.items()
    }


def words_inside(
    changed: Set[str], lists: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Returns the words of all lists that stand for something else now."""
    return frozenset(one for word in changed & lists.keys() for one in lists[word])


def pastes(pairs: Iterable[tuple[Header, Header]]) -> bool:
    """Says whether a macro of the files that differ makes names which are not seen."""
    sides = (side for pair in pairs for side in pair)
    return any("##" in define.body for side in sides for define in side.defines)
