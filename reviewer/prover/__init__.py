# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves whether a function does after a change what it did before, for all inputs.

A way through it, from the two texts of a file to a verdict:

* ``changes`` finds what a change means: which names, functions, parameters and table
  entries are different ones now, and in which order functions have to be judged;
* ``names`` says what a name means in the tree under review, ``values`` what a C value
  is, ``memory`` where values live;
* ``interpret`` runs a function on unknown inputs, all its ways at once;
* ``assume`` holds what may be taken for granted: pages, options, configurations;
* ``structure`` lays both texts side by side: the same unless a branch is taken;
* ``ask`` puts questions to the solver, and reads its answers;
* ``judge`` compares what both sides do and says it: equal, differs when, not decided;
* ``callers`` says who can see a difference: those that call the function.

Whoever asks from outside needs eight names: ``judged_files`` with its ``FileQuestion``
and a ``SeriesBudget``, ``compare_files`` and ``compare_functions`` with their
``ProverLimits``, and ``FunctionVerdict`` with its ``Verdict``.  They are loaded when
they are asked for: starting up does not load z3.

``kpf-review help prover`` tells it at length.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.prover.callers.judged_file import FileQuestion, judged_files
    from reviewer.prover.judge.compare import compare_files, compare_functions
    from reviewer.prover.limits import ProverLimits
    from reviewer.prover.series_budget import SeriesBudget
    from reviewer.prover.verdict import FunctionVerdict, Verdict

__all__ = [
    "FileQuestion",
    "FunctionVerdict",
    "ProverLimits",
    "SeriesBudget",
    "Verdict",
    "compare_files",
    "compare_functions",
    "judged_files",
]

_HOMES = {
    "FileQuestion": "callers.judged_file",
    "compare_files": "judge.compare",
    "compare_functions": "judge.compare",
    "ProverLimits": "limits",
    "SeriesBudget": "series_budget",
    "FunctionVerdict": "verdict",
    "Verdict": "verdict",
    "judged_files": "callers.judged_file",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
