# SPDX-License-Identifier: GPL-2.0-or-later
"""How often a rule's remarks were right, as read by people.

The counts are those of ``tests/bench/labels``, condensed by ``tests/bench/measured.py``
into ``measured.json`` beside this file, which travels in the wheel.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

DATA = Path(__file__).with_name("measured.json")
LEAST = 0.8  # of the interval's lower end: below it a rule is a preview
# With fewer remarks the lower end stays below LEAST even where all of them are right.
ENOUGH = 16


class Counts(Struct, frozen=True):
    """Remarks that were read: true and wanted, true and not wanted, wrong."""

    right: int = 0
    unwanted: int = 0
    wrong: int = 0

    @property
    def n(self) -> int:
        """All of them."""
        return self.right + self.unwanted + self.wrong

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.right + other.right,
            self.unwanted + other.unwanted,
            self.wrong + other.wrong,
        )


class Measured(Struct, frozen=True):
    """What was read of one rule, over all sets."""

    rule: str
    first: Counts  # when the remarks were read, before what was wrong was mended
    now: Counts  # those of them that are made still
    by_author: int  # of now: labelled by whoever wrote the rule
    patches: int  # of mail, that have such a remark
    of: int  # patches of mail that the rule was run on
    sets: tuple[str, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share that is right, now."""
        return wilson(self.now.right, self.now.n)

    @property
    def per_thousand(self) -> float:
        """Patches of mail with a remark, of a thousand."""
        return 1000 * self.patches / self.of if self.of else 0.0

    @property
    def verdict(self) -> str:
        """Says whether what was read lets the rule be on.

        "in sample": only what was mended on these very remarks reaches the bound.
        """
        if self.now.n < ENOUGH:
            return "n too small"
        if self.interval[0] < LEAST:
            return "below 0.8"
        first, _ = wilson(self.first.right, self.first.n)
        return "holds" if first >= LEAST else "in sample"


def of_rules(names: Sequence[str]) -> list[Measured]:
    """Returns what was read of each rule, in order; counts of 0 where nothing was."""
    data = _data()
    return [_of(name, data) for name in names]


def _of(rule: str, data: dict[str, Any]) -> Measured:
    rows = [row for row in data["rows"] if row["rule"] == rule]
    mails = {name: one for name, one in data["sets"].items() if one["patches"]}
    return Measured(
        rule,
        sum((Counts(*row["first"]) for row in rows), Counts()),
        sum((Counts(*row["now"]) for row in rows), Counts()),
        sum(row["by_author"] for row in rows),
        sum(row["patches"] for row in rows if row["set"] in mails),
        sum(one["patches"] for one in mails.values() if rule not in one["without"]),
        tuple(row["set"] for row in rows),
    )


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return found


def sets() -> dict[str, Any]:
    """Returns the sets that were read: what they are, and of how many patches."""
    found: dict[str, Any] = _data()["sets"]
    return found


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Returns the 95 % interval of a share, sound for small numbers too."""
    if not trials:
        return 0.0, 1.0
    z = 1.96  # standard deviations for 95 %
    share = hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
