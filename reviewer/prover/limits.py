# SPDX-License-Identifier: GPL-2.0-or-later
"""What reading one function may cost, and how it says that it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer import limits
from reviewer.prover.series_budget import SeriesBudget

BY_CLOCK = "it was ended by the clock: on a faster machine there may be an answer"
SOLVER_DIED = "the solver ended by signal "
OUT_OF_SERIES = "out of time for this series (kpf.behaviourTime)"


class Unsupported(Exception):
    """The function cannot be lifted; the text says why, for the person who reads."""


class EndedByClock(Exception):
    """The clock ended what its steps should have ended long before.

    On a machine with less to do there may be another answer, so that nothing at all is
    said of the function: it is none of the errors that a smaller try makes up for.
    """

    def __init__(self) -> None:
        super().__init__(BY_CLOCK)


class TooLarge(Unsupported):
    """The function is past a limit: there is no smaller way to look at it."""


@dataclass(frozen=True, slots=True)
class ProverLimits:
    """What one function may cost; past it the verdict is "not decided".

    ``solver`` and ``seconds`` in seconds, ``nodes`` in syntax nodes looked at.
    """

    depth: int = 10  # inlined calls and macros inside each other
    deep_first: bool = False  # where callees are likely to matter
    nodes: int = 12_000
    unroll: int = 16  # rounds of a loop
    rounds: int = 0  # of any loop, where ways with more of them are left out: see cuts
    solver: float = field(  # one question
        default_factory=lambda: limits.in_force().solver_time / 1000
    )
    seconds: float = 8.0  # one function, both sides
    processes: int = 1  # at a time
    # of all functions of a series; no part of what is asked
    budget: SeriesBudget | None = field(default=None, repr=False, compare=False)

    def depths(self, trees_differ: bool) -> tuple[int, ...]:
        """Says how deep callees are looked into: first not at all, which proves most.

        ``trees_differ``: the sides are two kernels, and callees need not be the same.
        """
        if not self.depth:
            return (0,)
        if trees_differ:
            return (self.depth,)
        return (self.depth, 0) if self.deep_first else (0, self.depth)
