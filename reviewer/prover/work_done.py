# SPDX-License-Identifier: GPL-2.0-or-later
"""How much was worked on proofs so far, counted and not timed.

The unit is what takes about a second of processor time: steps of the solver, and nodes
of syntax.  The same functions cost the same on every machine.
"""

from __future__ import annotations

NODES = 2_000  # of syntax, looked at in about a second

_done = 0.0


def work_done() -> float:
    """Returns the work of this process, and of the copies of it that have ended."""
    return _done


def add_work(seconds: float) -> None:
    """Counts work that takes about so many seconds."""
    global _done
    _done += seconds
