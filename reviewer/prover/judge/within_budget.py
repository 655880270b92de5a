# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that are compared as long as something is left of a series' budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from reviewer.c.source import Source
from reviewer.prover.limits import OUT_OF_SERIES, ProverLimits
from reviewer.prover.own_process import begin
from reviewer.prover.two_processes import in_two_processes
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.prover.work_done import work_done

Compare = Callable[[str], FunctionVerdict]


def within_budget(
    compare: Compare,
    names: Sequence[str],
    post: Source,
    mode: str,
    limits: ProverLimits,
) -> list[FunctionVerdict]:
    """Returns the verdict on each function, by ``compare``, or "not decided" where the
    budget of the series is used up, or the solver has died of that function.

    Two processes may work on them by turns, so that each place of two has half of what
    is left: the same functions are compared where one process does it all.
    """
    budget = limits.budget
    share = math.inf
    if budget is not None:
        share = budget.left() / (2 if len(names) > 1 else 1)
    spent = [0.0, 0.0]

    def one(item: tuple[int, str]) -> FunctionVerdict:
        place, name = item
        why = begin((post.path, name))
        if budget is not None and (spent[place % 2] >= share or budget.is_late()):
            why = OUT_OF_SERIES
        if why:
            (verdict,) = not_compared([name], post, mode, why)
            return verdict
        begun = work_done()
        verdict = compare(name)
        spent[place % 2] += work_done() - begun
        return verdict

    return in_two_processes(one, list(enumerate(names)), limits.processes)


def not_compared(
    names: Iterable[str], post: Source, mode: str, why: str
) -> tuple[FunctionVerdict, ...]:
    """Returns the verdicts on functions that are not looked at: not decided.

    ``post``: the file after the change.
    """
    lines = {one.name: one.first_line for one in post.functions}
    found = []
    for name in names:
        old, _, new = name.partition(">")
        found.append(FunctionVerdict(
            new or old, old, Verdict.NOT_DECIDED, (), why, mode,
            file=post.path, line=lines.get(new or old, 0),
        ))  # fmt: skip
    return tuple(found)
