# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a text and of the macros in it are gone through once."""

from __future__ import annotations

from collections import Counter

from reviewer.prover.names.macro_words import words_with_macros


def test_each_macro_is_opened_once_however_they_name_each_other() -> None:
    """Of forty macros that each name all later ones there are 2^38 ways to the last."""
    macros = {
        f"A{i}": " ".join(f"A{j}" for j in range(i + 1, 40)) + " last"
        for i in range(40)
    }
    opened: Counter[str] = Counter()

    def bodies_of(word: str) -> list[str]:
        opened[word] += 1
        return [macros[word]] if word in macros else []

    found = list(words_with_macros("x + A0", bodies_of))
    assert set(found) == {"x", "last", *macros}
    assert set(opened.values()) == {1}
    assert len(found) == len(opened)


def test_a_macro_that_names_itself_ends() -> None:
    bodies = {"A": ["A + B"], "B": ["A"]}
    found = words_with_macros("A", lambda word: bodies.get(word, []))
    assert sorted(found) == ["A", "B"]
