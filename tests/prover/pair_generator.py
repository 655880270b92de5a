# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes pairs of functions by seed, of every kind in turn."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pairs import events, language_more, scopes, series, wrapped
from pairs.draft import MAKERS, Dice, Pair

__all__ = ["MAKERS", "Pair", "generated"]
EACH = 6  # how often a kind comes in a round, at least about
SOURCES = (
    *wrapped.SOURCES,
    events,
    wrapped,
    language_more,
    scopes,
    series,
)  # which enter their makers in MAKERS


def generated(seed: int, count: int, kinds: tuple[str, ...] = ()) -> list[Pair]:
    """``count`` pairs, numbered from 1, of the kinds (default: all) in turn."""
    rng = random.Random(seed)
    makers = [
        (kind, maker)
        for kind in MAKERS
        if not kinds or kind in kinds
        for maker in MAKERS[kind] * max(1, EACH // len(MAKERS[kind]))
    ]
    order: list[int] = []
    pairs = []
    for number in range(1, count + 1):
        if not order:
            order = list(range(len(makers)))
            rng.shuffle(order)
        kind, maker = makers[order.pop()]
        pairs.append(Pair(number, kind, maker.__name__, maker(Dice(rng))))
    return pairs
