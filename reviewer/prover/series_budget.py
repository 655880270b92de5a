# SPDX-License-Identifier: GPL-2.0-or-later
"""What all functions of a series may cost together.

What was proved when it is used up is told, and the rest is "not decided".  It is
counted as ``work_done`` does, so that a busy machine decides the same functions; a
clock only ends what takes far longer than its steps should.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer.prover.two_processes import cpu_seconds
from reviewer.prover.work_done import work_done

BACKSTOP = 3  # how much longer it may take by the processor's time


@dataclass(slots=True)
class SeriesBudget:
    """The work for one series, in ``seconds``; it begins now."""

    seconds: float
    _begun: float = field(default_factory=work_done)
    _started: float = field(default_factory=cpu_seconds)

    def left(self) -> float:
        """Returns how much work is left, 0 where none is."""
        if self.is_late():
            return 0.0
        return max(self.seconds - (work_done() - self._begun), 0.0)

    def is_late(self) -> bool:
        """Says whether the clock ends it, whatever is left."""
        return cpu_seconds() - self._started > BACKSTOP * self.seconds
