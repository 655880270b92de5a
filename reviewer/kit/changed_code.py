# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of code a file did not have before, under the condition that they have.

Of a file of thousands of lines a patch changes a few; what stands in all others was
looked at when they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from reviewer.c.conditions import Condition

if TYPE_CHECKING:
    from reviewer.api import FileImage

BEFORE = 16  # characters above a line that say what its first word is
_Line = tuple[str, str]  # the code, and the end of what stands before it
Conditions = Callable[[int], Condition]  # of a line, from 1


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
    code: str, condition: Conditions, old: str, old_condition: Conditions
) -> Iterator[tuple[int, int]]:
    """Yields (start, end) of each line of ``code`` that ``old`` lacks, in order.

    A line is there before where its text is, what stands right before it is, and the
    condition that it is compiled under is.
    """
    before: dict[_Line, list[int]] = {}
    for number, (line, _, _) in enumerate(_lines(old), 1):
        before.setdefault(line, []).append(number)
    known: dict[_Line, frozenset[Condition]] = {}
    for number, (line, start, end) in enumerate(_lines(code), 1):
        if not line[0] or line[0].isspace():
            continue
        if line in before:
            if line not in known:
                known[line] = frozenset(map(old_condition, before[line]))
            if condition(number) in known[line]:
                continue
        yield start, end


def _lines(code: str) -> Iterator[tuple[_Line, int, int]]:
    """Each line with where it starts and ends."""
    start = 0
    for text in code.split("\n"):
        end = start + len(text)
        yield (text, code[max(0, start - BEFORE) : start]), start, end
        start = end + 1
