# SPDX-License-Identifier: GPL-2.0-or-later
"""What is proved of a series when its time is used up, in one process and in two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewer.c.source import parse
from reviewer.prover import (
    FileQuestion,
    FunctionVerdict,
    ProverLimits,
    SeriesBudget,
    Verdict,
    compare_functions,
    judged_files,
)
from reviewer.prover.judge import compare
from reviewer.prover.limits import OUT_OF_SERIES
from reviewer.prover.work_done import add_work

NAMES = tuple("abcdefg")
PRE = "".join(f"int {n}(int x) {{ return x + 2; }}\n" for n in NAMES)
POST = PRE.replace("x + 2", "2 + x")
SOURCES = parse("mm/x.c", PRE.encode()), parse("mm/x.c", POST.encode())


def late(found: tuple[FunctionVerdict, ...]) -> list[str]:
    """The functions for which nothing was left; all others are proved."""
    for one in found:
        assert (one.verdict is Verdict.EQUAL) != (one.why == OUT_OF_SERIES)
        assert one.line == 1 + NAMES.index(one.name)
    return [one.name for one in found if one.why]


@pytest.mark.parametrize("processes", [1, 2])
def test_the_same_functions_are_decided_however_many_work(
    processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs a hundred more: of 350 each half has 175, which two of it use up."""
    versions = compare.versions

    def costly(*given: Any) -> Any:
        add_work(100)
        return versions(*given)

    monkeypatch.setattr(compare, "versions", costly)
    budget = SeriesBudget(350)
    limits = ProverLimits(processes=processes, budget=budget)
    found = compare_functions(*SOURCES, None, None, NAMES, limits=limits)
    assert late(found) == ["e", "f", "g"]
    assert budget.left() == 0
    found = compare_functions(*SOURCES, None, None, NAMES, limits=limits)
    assert late(found) == [*NAMES]


def test_a_file_that_comes_too_late_is_told() -> None:
    question = FileQuestion(*SOURCES, (None, None), budget=SeriesBudget(0))
    few = replace(question, only=("b", "d"))
    found, some = judged_files([question, few], lambda _path: None)
    assert late(found) == [*NAMES]
    assert late(some) == ["b", "d"]


def test_work_is_counted_in_steps() -> None:
    """A proof costs something, and the same again."""
    left = []
    for _turn in range(2):
        budget = SeriesBudget(10)
        limits = ProverLimits(budget=budget)
        compare_functions(*SOURCES, None, None, NAMES, limits=limits)
        left.append(budget.left())
    assert 0 < left[0] < 10
    assert left[0] == pytest.approx(left[1])
