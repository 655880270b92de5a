# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule could not decide while it ran, told by the engine in one line a file.

A rule that drops a question without a word makes silence mean nothing.  The kit calls
``give_up`` where it drops one; nobody hears it outside of ``gathered``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_heard: list[Counter[str]] = []
_TOLD = 2  # reasons in a line


def give_up(why: str) -> None:
    """Note that a question of the rule that runs was dropped, and why."""
    if _heard:
        _heard[-1][why] += 1


@contextmanager
def gathered() -> Iterator[Counter[str]]:
    """Yields the questions dropped while the ``with`` lasts, counted by their
    reason."""
    counts: Counter[str] = Counter()
    _heard.append(counts)
    try:
        yield counts
    finally:
        _heard.remove(counts)


def reasons_in_a_line(counts: Counter[str]) -> str:
    """Returns the reasons in a line, the most frequent first."""
    number = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told = "; ".join(why for why, _ in ranked[:_TOLD])
    more = f"; and {len(ranked) - _TOLD} more reasons" if len(ranked) > _TOLD else ""
    what = "a question" if number == 1 else f"{number} questions"
    return f"{what} left open: {told}{more}"
