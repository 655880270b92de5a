# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a name was there before under a condition that was as weak, or weaker."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from reviewer.c.conditions import Condition

_MOST_ALIKE = 50  # conditions that are asked about one use: each is proved


class OlderConditions:
    """The conditions under which a file had a name, read no further than is asked."""

    def __init__(self, conditions: Iterator[Condition]) -> None:
        self._unread = conditions
        self._read: set[Condition] = set()
        self._about: dict[str, list[Condition]] = {}
        self._always = False

    def cover(self, own: Condition) -> bool:
        """Says whether wherever ``own`` holds one of them did; False, too, where more
        are alike than are asked."""
        if self._always or own.is_false or own in self._read:
            return True
        if any(own.implies(one) for one in islice(self._alike(own), _MOST_ALIKE)):
            return True
        return any(one.is_true or one == own for one in self._further())

    def _alike(self, own: Condition) -> Iterator[Condition]:
        """Those that speak of the same; only what never holds implies another."""
        names = _names(own)
        for name in names:
            yield from self._about.get(name, ())
        for one in self._further():
            if one.is_true or not names.isdisjoint(_names(one)):
                yield one

    def _further(self) -> Iterator[Condition]:
        for one in self._unread:
            if one not in self._read:
                self._read.add(one)
                self._always = self._always or one.is_true
                for name in _names(one):
                    self._about.setdefault(name, []).append(one)
                yield one


def _names(condition: Condition) -> frozenset[str]:
    """What it speaks of: an option, be it =y or =m, and what no option decides."""
    return condition.symbols | condition.opaque
