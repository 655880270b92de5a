# SPDX-License-Identifier: GPL-2.0-or-later
"""Two texts of a function ``f``, compared with patience: the machine may be busy."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict


def verdict_on(texts: Iterable[str], facts: Facts | None = None) -> FunctionVerdict:
    one, two = (parse("mm/x.c", f"{text}\n".encode()) for text in texts)
    limits = ProverLimits(solver=20.0, seconds=60.0)
    return compare_functions(one, two, facts, facts, "f", limits=limits)[0]
