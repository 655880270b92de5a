# SPDX-License-Identifier: GPL-2.0-or-later
"""Concurrent mode: is a difference one that somebody could see?

Two sides that read the same words, but in another order or another number of times,
are given different values by our numbering of the reads alone.  A difference counts
where one side can come to a result that the other cannot, whichever of the values
that the words had in the meantime it reads.
"""

from __future__ import annotations

from itertools import product

import z3

from reviewer.prover.ask.free_variables import Leaf, leaves_of
from reviewer.prover.ask.solve import PATIENCE, Questions
from reviewer.prover.term_types import BitVec, Bool, Model, Term


def tells_sides_apart(
    questions: Questions, model: Model, before: Term, after: Term, given: Bool
) -> bool:
    """Says whether the state of a model tells the two sides apart, however they read
    memory in it."""
    return any(
        _only_here(questions, model, one, two, given)
        for one, two in ((after, before), (before, after))
    )


def only_on_one_side(before: Term, after: Term, given: Bool) -> list[Bool]:
    """Returns conditions of which each means that the result of one side is none that
    the other can come to.

    The other reads any of the values that the first has read of the same word.
    """
    found = []
    for one, two in ((after, before), (before, after)):
        formula = _out_of_reach(one, two, given)
        if formula is not None:
            found.append(formula)
    return found


_MOST = 64  # ways to read


def _out_of_reach(one: Term, two: Term, given: Bool) -> Bool | None:
    history = [leaf for leaf in leaves_of((one,)).values() if _is_load(leaf)]
    mine = [leaf for leaf in leaves_of((two,)).values() if _is_load(leaf)]
    choices = []
    ways = 1
    for leaf in mine:
        same = [
            other
            for other in history
            if _name(other) == _name(leaf) and other.expr.sort() == leaf.expr.sort()
        ]
        choices.append(same or [leaf])
        ways *= len(choices[-1])
        if ways > _MOST:
            return None
    parts = []
    for way in product(*choices):
        read = [(leaf.expr, other.expr) for leaf, other in zip(mine, way, strict=True)]
        possible = [
            _address(leaf) == _address(other)
            for leaf, other in zip(mine, way, strict=True)
            if not _address(leaf).eq(_address(other))
        ]
        reached = z3.And(z3.substitute(given, *read), z3.substitute(two, *read) == one)
        parts.append(z3.Not(z3.And([reached, *possible])))
    return z3.And(parts)


def _address(leaf: Leaf) -> BitVec:
    return leaf.expr.arg(leaf.expr.num_args() - 1)


def _name(leaf: Leaf) -> str:
    return leaf.name.partition("#")[0].partition(" by ")[0]


def _only_here(
    questions: Questions, model: Model, one: Term, two: Term, given: Bool
) -> bool:
    """Whether ``two`` cannot come to what ``one`` comes to."""
    outcome = model.eval(one, model_completion=True)
    history: dict[tuple[str, str], list[Term]] = {}
    for leaf in leaves_of((one, given)).values():
        if _is_load(leaf):
            value = model.eval(leaf.expr, model_completion=True)
            history.setdefault(_word(leaf, model), []).append(value)
    solver = z3.Solver()
    solver.set("rlimit", max(questions.work.granted(questions.timeout), 1))
    solver.set("timeout", int(questions.timeout * 1000 * PATIENCE) + 1)
    solver.add(*questions.facts)
    renamed = []
    for leaf in leaves_of((two, given)).values():
        value = model.eval(leaf.expr, model_completion=True)
        if not _is_load(leaf):
            solver.add(leaf.expr == value)
            continue
        fresh = z3.FreshConst(leaf.expr.sort(), "read")
        renamed.append((leaf.expr, fresh))
        values = history.get(_word(leaf, model), [value])
        solver.add(z3.Or([fresh == other for other in values]))
    solver.add(z3.substitute(z3.And(given, two == outcome), *renamed))
    return bool(solver.check() == z3.unsat)


def _is_load(leaf: Leaf) -> bool:
    if leaf.kind == "memory":
        return True
    return leaf.kind in ("unknown", "state") and leaf.expr.num_args() > 0


def _word(leaf: Leaf, model: Model) -> tuple[str, str]:
    """Which word a leaf is a reading of: its name and its place."""
    place = model.eval(_address(leaf), model_completion=True)
    return _name(leaf), str(place)
