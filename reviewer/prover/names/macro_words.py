# SPDX-License-Identifier: GPL-2.0-or-later
"""The words that a text may come to stand for: its own, and those of its macros."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from reviewer.c.text import IDENTIFIER


def words_with_macros(
    text: str, bodies_of: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    """Yields the words of a text and those of the macros in it, each once.

    ``bodies_of``: the bodies of a macro, none for another word.
    """
    waiting, seen = IDENTIFIER.findall(text), set[str]()
    while waiting:
        word = waiting.pop()
        if word not in seen:
            seen.add(word)
            yield word
            waiting += (w for body in bodies_of(word) for w in IDENTIFIER.findall(body))
