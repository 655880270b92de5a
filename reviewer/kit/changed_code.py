# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file did not have before, or not under the condition that it has now.

Of a file of thousands of lines a patch changes a few; what stands in all others was
looked at when they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice, repeat
from operator import add

from reviewer.api import FileImage
from reviewer.c.conditionals import Conditionals
from reviewer.c.conditions import Condition
from reviewer.c.text import common_start

_MOST_ALIKE = 50  # conditions that are asked about one use: each is proved
_FEW = 8  # lines that are looked for one by one
BEFORE = 16  # characters above a line that say what its first word is


def before_change(image: FileImage) -> bytes | None:
    """Returns a file before the change that makes it what it is; b"" for a new one.

    None for a state that no change of the series makes: it is not on trial.
    """
    assert image.series is not None
    path = image.source.path
    changes = image.series.by_path.get(path, [])
    made = [change for change in changes if change.post == image.source.data]
    if not made:
        return None
    return (changes[0] if image.focus is None else made[0]).pre or b""


def changed_code(
    code: str, conditions: Conditionals, old: str, old_conditions: Conditionals
) -> Iterator[tuple[int, int]]:
    """Yields (start, end) of each line of ``code`` that ``old`` lacks, in order.

    A line is there before where its text is, what stands right before it is, and the
    condition that it is compiled under is.
    """
    lines, old_lines = code.split("\n"), old.split("\n")
    above = common_start(code, old, len(code))
    same = code.count("\n", 0, above)
    end = common_start(code[::-1], old[::-1], min(len(code), len(old)) - above)
    below = len(lines) - code.count("\n", len(code) - end)
    below += _reach(lines[below:])  # what stands before these is another
    shift = len(lines) - len(old_lines)
    asked = [
        *conditions.unlike(old_conditions, range(1, same + 1)),
        *range(same + 1, below + 1),
        *conditions.unlike(old_conditions, range(below + 1, len(lines) + 1), shift),
    ]
    starts, old_starts = _starts(lines), _starts(old_lines)
    before = _places(old_lines, {lines[number - 1] for number in asked})
    for number in asked:
        line, start = lines[number - 1], starts[number - 1]
        if not line or line.isspace():
            continue
        head, own = code[max(0, start - BEFORE) : start], conditions.at(number)
        if not any(
            old[max(0, old_starts[place] - BEFORE) : old_starts[place]] == head
            and old_conditions.at(place + 1) == own
            for place in before[line]
        ):
            yield start, start + len(line)


def _reach(lines: list[str]) -> int:
    """How many lines it takes until what stands before a line is all in them."""
    lengths = accumulate(len(line) + 1 for line in lines)
    return next((n for n, far in enumerate(lengths, 1) if far >= BEFORE), len(lines))


def _starts(lines: list[str]) -> list[int]:
    """The offset of each line in the text."""
    return [0, *accumulate(map(add, map(len, lines), repeat(1)))]


def _places(lines: list[str], wanted: set[str]) -> dict[str, list[int]]:
    """Where each of the wanted lines stands; blank ones are left out."""
    found: dict[str, list[int]] = {
        line: [] for line in wanted if line and not line.isspace()
    }
    if len(found) > _FEW:
        for place, text in enumerate(lines):
            if text in found:
                found[text].append(place)
        return found
    for text, places in found.items():
        for _ in range(lines.count(text)):
            places.append(lines.index(text, places[-1] + 1 if places else 0))
    return found


class OlderConditions:
    """The conditions under which a file had a name, read no further than is asked."""

    def __init__(self, conditions: Iterator[Condition]) -> None:
        self._unread = conditions
        self._read: set[Condition] = set()
        self._about: dict[str, list[Condition]] = {}
        self._always = False

    def cover(self, own: Condition) -> bool:
        """Says whether one of the older conditions held wherever ``own`` holds.

        Of those that speak of the same options the first ones are compared: False may
        mean that there were too many."""
        if self._always or own.is_false or own in self._read:
            return True
        if any(own.implies(one) for one in islice(self._alike(own), _MOST_ALIKE)):
            return True
        return any(one.is_true or one == own for one in self._further())

    def _alike(self, own: Condition) -> Iterator[Condition]:
        """Those that speak of the same; only what never holds implies another."""
        names = _speaks_of(own)
        for name in names:
            yield from self._about.get(name, ())
        for one in self._further():
            if one.is_true or not names.isdisjoint(_speaks_of(one)):
                yield one

    def _further(self) -> Iterator[Condition]:
        for one in self._unread:
            if one not in self._read:
                self._read.add(one)
                self._always = self._always or one.is_true
                for name in _speaks_of(one):
                    self._about.setdefault(name, []).append(one)
                yield one


def _speaks_of(condition: Condition) -> frozenset[str]:
    """What it speaks of: an option, be it =y or =m, and what no option decides."""
    return condition.symbols | condition.opaque
