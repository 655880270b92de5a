"""Asking the solver: equal, or a smallest difference that cannot be explained away.

A difference counts only if it follows from what both sides share: inputs, memory at
entry, configuration, and the answers of unknown functions to questions that both
sides ask.  What only one side asks is chosen by an adversary who wants the sides
equal; where the adversary can, the verdict is "not decided" and says on what it
hangs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import z3

from reviewer.behaviour.model import Assumption

ATTEMPTS = 6  # models tried before an adversary is believed
MOST_LEAVES = 400


@dataclass(frozen=True, slots=True)
class Leaf:
    """An independent variable of a formula: ``kind`` is input, option, memory,
    state, unknown."""

    expr: Any
    name: str
    kind: str


@dataclass(slots=True)
class Difference:
    """A set of literals that imply the difference, smallest first found."""

    model: Any
    literals: list[tuple[Leaf, Any, Any]]  # leaf, literal, value
    before: Any
    after: Any


@dataclass(slots=True)
class Answer:
    """equal (assumptions used), differs (difference), or neither (why)."""

    equal: bool = False
    used: tuple[str, ...] = ()
    difference: Difference | None = None
    why: str = ""


@dataclass(slots=True)
class Questions:
    """A solver over one pair of runs, with its limits."""

    assumptions: list[Assumption]
    facts: list[Any]  # always true, such as that two locals have two addresses
    timeout: float
    deadline: float
    flags: dict[str, Any] = field(default_factory=dict)
    solver: Any = None

    def __post_init__(self) -> None:
        self.solver = z3.Solver()
        self.solver.set("timeout", int(self.timeout * 1000))
        for fact in self.facts:
            self.solver.add(fact)
        for assumption in self.assumptions:
            flag = self.flags.setdefault(
                assumption.name, z3.Bool(f"assume {assumption.name}")
            )
            self.solver.add(z3.Implies(flag, assumption.formula))

    def check(self, *formulas: Any, core: bool = False) -> Any:
        """sat, unsat or unknown under all assumptions."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return z3.unknown
        self.solver.set("timeout", int(min(left, self.timeout) * 1000) + 1)
        self.solver.push()
        for formula in formulas:
            self.solver.add(formula)
        result = self.solver.check(*self.flags.values())
        self.model = self.solver.model() if result == z3.sat else None
        self.core = self.solver.unsat_core() if result == z3.unsat else []
        self.solver.pop()
        del core
        return result

    def used(self) -> tuple[str, ...]:
        """The assumptions that the last proof needed, as far as the core tells."""
        needed = {str(flag) for flag in self.core}
        return tuple(name for name, flag in self.flags.items() if str(flag) in needed)


def same(one: Any, two: Any) -> Any:
    """Equality of two outputs, which may be Bools, words or worlds."""
    return one == two


def ask(
    questions: Questions,
    before: Any,
    after: Any,
    given: Any,
    leaves: Any,
    preferences: list[Any],
    doubtful: Any,
) -> Answer:
    """Compare two outputs under ``given``.

    ``leaves(before, after)`` yields (trusted leaf, refinement into literals);
    ``doubtful(before, after)`` names what only one side asks.
    """
    if before.eq(after):
        return Answer(equal=True)
    differ = z3.simplify(before != after)
    if z3.is_false(differ):
        return Answer(equal=True)
    result = questions.check(given, differ)
    if result == z3.unsat:
        return Answer(equal=True, used=questions.used())
    if result != z3.sat:
        return Answer(why="the solver ran out of time")
    blocked: list[Any] = []
    for _attempt in range(ATTEMPTS):
        model = _preferred(questions, [given, differ, *blocked], preferences)
        if model is None:
            break
        found = _robust(questions, model, before, after, given, leaves)
        if found is not None:
            return Answer(difference=found)
        block = _other_state(model, leaves)
        if block is None:
            break
        blocked.append(block)
    names = doubtful()
    if names:
        return Answer(why="it hangs on " + ", ".join(names[:4]))
    return Answer(why="no witness was found that holds for sure")


def _preferred(questions: Questions, wanted: list[Any], preferences: list[Any]) -> Any:
    """A model, as ordinary as the preferences can make it."""
    kept = list(wanted)
    if questions.check(*kept) != z3.sat:
        return None
    model = questions.model
    for preference in preferences:
        if z3.is_true(model.eval(preference, model_completion=True)):
            kept.append(preference)
            continue
        if questions.check(*kept, preference) == z3.sat:
            kept.append(preference)
            model = questions.model
    return model


def _robust(
    questions: Questions, model: Any, before: Any, after: Any, given: Any, leaves: Any
) -> Difference | None:
    """The literals of a model that imply the difference; None if they do not."""
    literals: list[tuple[Leaf, Any, Any]] = []
    for leaf, exprs in leaves:
        for expr in exprs:
            value = model.eval(expr, model_completion=True)
            literals.append((leaf, expr == value, value))
    if len(literals) > MOST_LEAVES:
        return None
    if before.sort().kind() in (z3.Z3_BV_SORT, z3.Z3_BOOL_SORT):
        one = model.eval(before, model_completion=True)
        two = model.eval(after, model_completion=True)
        goals = [z3.Not(z3.And(given, before == one, after == two))]
        goals.append(z3.Not(z3.And(given, before != after)))
    else:
        one = two = None
        goals = [z3.Not(z3.And(given, before != after))]
    for position, goal in enumerate(goals):
        core = _implying(questions, goal, literals)
        if core is not None:
            if position == 1:
                one = two = None
            return Difference(model, core, one, two)
    return None


def _implying(
    questions: Questions, goal: Any, literals: list[tuple[Leaf, Any, Any]]
) -> list[tuple[Leaf, Any, Any]] | None:
    """A minimal part of the literals that refutes ``goal``."""
    solver = questions.solver
    left = questions.deadline - time.monotonic()
    if left <= 0:
        return None
    solver.push()
    try:
        solver.set("timeout", int(min(left, questions.timeout) * 1000) + 1)
        solver.add(goal)
        flags = []
        for place, (_leaf, literal, _value) in enumerate(literals):
            flag = z3.Bool(f"literal {place}")
            solver.add(z3.Implies(flag, literal))
            flags.append(flag)
        always = list(questions.flags.values())
        if solver.check(*always, *flags) != z3.unsat:
            return None
        names = {str(flag) for flag in solver.unsat_core()}
        kept = [place for place in range(len(literals)) if f"literal {place}" in names]
        for place in list(reversed(kept)):
            if time.monotonic() > questions.deadline:
                break
            fewer = [flags[other] for other in kept if other != place]
            if solver.check(*always, *fewer) == z3.unsat:
                kept.remove(place)
        return [literals[place] for place in kept]
    finally:
        solver.pop()


def _other_state(model: Any, leaves: Any) -> Any:
    """A formula that excludes what the model says of the leaves."""
    parts = []
    for leaf, exprs in leaves:
        if leaf.kind in ("option", "state", "unknown"):
            parts += [
                expr != model.eval(expr, model_completion=True) for expr in exprs
            ]
    return z3.Or(parts) if parts else None
