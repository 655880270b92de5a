# SPDX-License-Identifier: GPL-2.0-or-later
"""An explanation as data: parts with lines, each with the place it was read from."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from reviewer.c.conditions import Condition
from reviewer.models import Evidence


class Line(Struct, frozen=True):
    """One thing that the tree says; ``evidence`` is where."""

    text: str
    evidence: Evidence | None = None


class Part(Struct, frozen=True):
    """A question about a name and its answer; without lines, the reason why."""

    title: str
    lines: tuple[Line, ...]
    picture: tuple[str, ...] = ()


class Explanation(Struct, frozen=True):
    """What a tree says about a name."""

    name: str
    kind: str  # "page flag", "KPF bit", "helper", "value of a field", "page type", ...
    summary: str  # one sentence
    parts: tuple[Part, ...]


def part(title: str, lines: Iterable[Line], otherwise: str) -> Part:
    """Returns a part that is never empty: ``otherwise`` says why there is nothing."""
    found = tuple(dict.fromkeys(lines))
    return Part(title, found or (Line(otherwise),))


def condition_words(condition: Condition) -> str:
    """Returns a condition as the end of a sentence: "always", "with CONFIG_KSM"."""
    if condition.is_true:
        return "always"
    return "never" if condition.is_false else f"with {condition}"
