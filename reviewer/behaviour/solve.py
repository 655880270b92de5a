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

ATTEMPTS = 5  # models tried before an adversary is believed
MOST_LEAVES = 400


@dataclass(frozen=True, slots=True)
class Leaf:
    """An independent variable of a formula: ``kind`` is input, option, memory,
    state, unknown."""

    expr: Any
    name: str
    kind: str


Literal = tuple[Leaf, Any, Any]  # leaf, expression, value


@dataclass(slots=True)
class Difference:
    """Literals of a model that imply the difference; None where a value varies."""

    model: Any
    literals: list[Literal]
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
    """What all questions about one pair have in common.

    ``facts`` always hold (two locals have two addresses).  ``timeout`` in seconds is
    for one question, ``deadline`` (processor time) for all.
    """

    assumptions: list[Assumption]
    facts: list[Any]
    timeout: float
    deadline: float
    _masks: list[int] = field(default_factory=list)

    def about(self, *formulas: Any) -> Question:
        """A solver for some formulas, with the assumptions that concern them."""
        from reviewer.behaviour.leaves import leaf_mask

        if not self._masks:
            self._masks = [leaf_mask(a.formula) for a in self.assumptions]
        concerned = 0
        for formula in formulas:
            concerned |= leaf_mask(formula)
        chosen: set[int] = set()
        while True:
            more = {
                place
                for place, mask in enumerate(self._masks)
                if place not in chosen and concerned & mask
            }
            if not more:
                break
            chosen |= more
            for place in more:
                concerned |= self._masks[place]
        return Question(self, [self.assumptions[place] for place in sorted(chosen)])


class Question:
    """One solver; formulas are switched on by flags, so that it learns."""

    def __init__(self, common: Questions, assumptions: list[Assumption]) -> None:
        self.common = common
        self.solver = z3.Solver()
        self.names: dict[str, Any] = {}
        self.count = 0
        self.model: Any = None
        self.core: frozenset[str] = frozenset()
        for fact in common.facts:
            self.solver.add(fact)
        for assumption in assumptions:
            flag = self.names.setdefault(
                assumption.name, z3.Bool(f"assume {assumption.name}")
            )
            self.solver.add(z3.Implies(flag, assumption.formula))

    def flag(self, formula: Any) -> Any:
        """A switch that turns a formula on."""
        self.count += 1
        switch = z3.Bool(f"literal {self.count}")
        self.solver.add(z3.Implies(switch, formula))
        return switch

    def check(self, *switches: Any) -> Any:
        """sat, unsat or unknown with the assumptions and these switches on."""
        left = self.common.deadline - time.process_time()
        if left <= 0:
            return z3.unknown
        self.solver.set("timeout", int(min(left, self.common.timeout) * 1000) + 1)
        result = self.solver.check(*self.names.values(), *switches)
        if result == z3.sat:
            self.model = self.solver.model()
        elif result == z3.unsat:
            self.core = frozenset(str(flag) for flag in self.solver.unsat_core())
        return result

    def used(self) -> tuple[str, ...]:
        """The assumptions that the last proof needed, as far as the core tells."""
        return tuple(n for n, flag in self.names.items() if str(flag) in self.core)


def ask(
    questions: Questions,
    before: Any,
    after: Any,
    given: Any,
    leaves: list[tuple[Leaf, list[Any]]],
    preferences: list[Any],
    doubtful: list[str],
    attempts: int = ATTEMPTS,
) -> Answer:
    """Compare two outputs wherever ``given`` holds.

    ``leaves``: what the witness may speak of, with its literals' expressions.
    ``doubtful``: names of what only one side asks.  ``attempts``: how many states
    are tried.
    """
    if before.eq(after):
        return Answer(equal=True)
    differ = z3.And(given, before != after)
    question = questions.about(differ)
    differs = question.flag(differ)
    result = question.check(differs)
    if result == z3.unsat:
        return Answer(equal=True, used=question.used())
    if result != z3.sat:
        return Answer(why="the solver ran out of time")
    switches = [differs]
    for attempt in range(attempts):
        if attempt and question.check(*switches) != z3.sat:
            break
        model = _preferred(question, switches, preferences)
        found = _robust(question, model, before, after, given, leaves)
        if found is not None:
            return Answer(difference=found)
        block = _other_state(model, leaves)
        if block is None:
            break
        switches.append(question.flag(block))
    if doubtful:
        return Answer(why="it hangs on " + ", ".join(doubtful[:4]))
    return Answer(why="no witness was found that holds for sure")


def _preferred(question: Question, switches: list[Any], preferences: list[Any]) -> Any:
    """The last model found, made as ordinary as the preferences can make it."""
    model, kept = question.model, list(switches)
    for preference in preferences:
        switch = question.flag(preference)
        if z3.is_true(model.eval(preference, model_completion=True)):
            kept.append(switch)
        elif question.check(*kept, switch) == z3.sat:
            kept.append(switch)
            model = question.model
    return model


def _robust(
    question: Question,
    model: Any,
    before: Any,
    after: Any,
    given: Any,
    leaves: list[tuple[Leaf, list[Any]]],
) -> Difference | None:
    """The literals of a model that imply the difference; None if they do not."""
    literals: list[Literal] = []
    for leaf, exprs in leaves:
        for expr in exprs:
            value = model.eval(expr, model_completion=True)
            literals.append((leaf, expr, value))
    if len(literals) > MOST_LEAVES:
        return None
    switches = [question.flag(expr == value) for _leaf, expr, value in literals]
    if before.sort().kind() in (z3.Z3_BV_SORT, z3.Z3_BOOL_SORT):
        one = model.eval(before, model_completion=True)
        two = model.eval(after, model_completion=True)
        values = z3.Not(z3.And(given, before == one, after == two))
        core = _implying(question, values, literals, switches)
        if core is not None:
            return Difference(model, core, one, two)
        if z3.is_bool(before):
            return None
    same = z3.Not(z3.And(given, before != after))
    core = _implying(question, same, literals, switches)
    return None if core is None else Difference(model, core, None, None)


def _implying(
    question: Question, goal: Any, literals: list[Literal], switches: list[Any]
) -> list[Literal] | None:
    """A minimal part of the literals that refutes ``goal``."""
    wanted = question.flag(goal)
    if question.check(wanted, *switches) != z3.unsat:
        return None
    kept = [p for p, switch in enumerate(switches) if str(switch) in question.core]
    for place in list(kept):
        if place not in kept or len(kept) > 40:
            continue
        fewer = [switches[other] for other in kept if other != place]
        if question.check(wanted, *fewer) == z3.unsat:
            kept = [other for other in kept if str(switches[other]) in question.core]
    return [literals[place] for place in kept]


def _other_state(model: Any, leaves: list[tuple[Leaf, list[Any]]]) -> Any:
    """A formula that excludes what the model says of the leaves."""
    parts = []
    for leaf, exprs in leaves:
        if leaf.kind != "input":
            for expr in exprs:
                parts.append(expr != model.eval(expr, model_completion=True))
    return z3.Or(parts) if parts else None
