# SPDX-License-Identifier: GPL-2.0-or-later
"""What a review does grows with its input, and no faster.

Counted are calls of functions, which no busy machine changes.  Of a shape at n, 2n and
4n the second step costs twice the first where the work is linear, and four times where
it is quadratic; what a run does whatever its input cancels out.
"""

from __future__ import annotations

import os
import sys
from types import FrameType

import growing
import growing_changes
import growing_more
import growing_rules
import growing_threads
import pytest

from reviewer.followup import comments, follow

MAILS = (
    growing.SHAPES | growing_more.MORE | growing_rules.RULES | growing_changes.CHANGES
)
SHAPES = {name: ("", make) for name, make in MAILS.items()} | growing_threads.THREADS
# of the further ones those that grew too fast once; KPF_GROWTH=all takes all of them
GREW = (
    *("versions", "replies to replies", "ors of bit numbers", "ands of flags"),
    *("tests of one flag", "patches", "variables", "recipients", "parts"),
    "arguments",
    *("followup: remarks under lines", "followup: answers to one reply"),
    *("followup: replies with a remark", "factcheck: remarks under one line"),
    "error pointers",
)
ALL = "KPF_GROWTH" in os.environ
CHOSEN = SHAPES if ALL else [*growing.SHAPES, *GREW]

SMALLEST = 60
STARTS = {"#elif": 1100}  # from there on, what c/conditions.py bounds
STEEPEST = 2.7  # n log n gives 2.3 here; the rest is what starts at one size only
FEW = 5_000  # calls that a step may cost before its growth is looked at


def calls_of(run, *arguments: str) -> int:
    """How many functions a run in this process calls."""
    calls = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        # a pattern is compiled once, which is no work that the input makes
        nonlocal calls
        if not frame.f_globals.get("__name__", "").startswith("re."):
            calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        status, _, said = run(*arguments)
    finally:
        sys.setprofile(None)
    assert status in (0, 1, 3), said
    assert "internal error" not in said
    return calls


@pytest.mark.parametrize("name", CHOSEN)
def test_the_work_grows_no_faster_than_the_input(name: str, world, here) -> None:
    for kept in (comments._files_of, comments._where, follow._changes, follow._quoted):
        kept.cache_clear()  # so that no other test has read the mail already
    counts = []
    least = STARTS.get(name, 25 if name in growing_threads.THREADS else SMALLEST)
    for size in (4, least, 2 * least, 4 * least):  # 4: loads what is needed
        command, make = SHAPES[name]
        words = [*command.split(), str(world.mail(make(size), "mail.mbox")), "-q"]
        if command != "followup":
            words += ["--tree", str(world.tree)]
        counts.append(calls_of(here, *words))
    counts = counts[1:]
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second <= FEW or second <= STEEPEST * max(first, FEW / 2), counts


def test_a_quadratic_would_be_seen() -> None:
    """The measure itself: 60, 120 and 240 squared, on top of a start of its own."""
    counts = [100_000 + 3 * size**2 for size in (60, 120, 240)]
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second > max(FEW, STEEPEST * max(first, FEW / 2))
