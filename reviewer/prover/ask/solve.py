# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking the solver: equal, or a smallest difference that cannot be explained away.

A difference counts only if it follows from what both sides share: inputs, memory at
entry, configuration, and the answers of unknown functions to questions that both sides
ask.  What only one side asks is chosen by an adversary who wants the sides equal; where
the adversary can, the verdict is "not decided" and says on what it hangs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import z3

from reviewer.prover.ask.free_variables import Leaf, leaf_mask, own_bit
from reviewer.prover.ask.spoken_names import spoken
from reviewer.prover.assume.pages import Assumption
from reviewer.prover.limits import EndedByClock
from reviewer.prover.term_types import Bool, Model, Solver, Term
from reviewer.prover.two_processes import cpu_seconds
from reviewer.prover.work_done import add_work

ATTEMPTS = 16  # models tried before an adversary is believed
MOST_LEAVES = 400
EFFORT = 2_000_000  # steps of the solver that take about a second
PATIENCE = 400  # how much longer than that a busy machine may take, by the clock
OUT_OF_TIME = "the solver ran out of steps"
BACKSTOP = 3  # how much longer a function may take by the processor's time


Literal = tuple[Leaf, "Term", "Term"]  # leaf, expression, value


@dataclass(slots=True)
class Difference:
    """Literals of a model that imply the difference; None where a value varies."""

    model: Model
    literals: list[Literal]
    before: Term | None
    after: Term | None


@dataclass(slots=True)
class SolverAnswer:
    """equal (assumptions used), differs (difference), or neither (why)."""

    equal: bool = False
    used: tuple[str, ...] = ()
    difference: Difference | None = None
    why: str = ""


@dataclass(slots=True)
class SolverWork:
    """The steps of the solver that are left for one function.

    They are what bounds it, for a clock runs faster on a busy machine: the same
    question has the same answer there.  ``math.inf`` for no bound.
    """

    left: float = math.inf

    @classmethod
    def of(cls, seconds: float) -> SolverWork:
        """Returns the work that takes about so many seconds, as steps of the solver."""
        return cls(seconds * EFFORT)

    def granted(self, seconds: float) -> int:
        """Returns how many steps one question may take, 0 if none are left."""
        return max(int(min(seconds * EFFORT, self.left)), 0)

    def done(self, steps: int) -> None:
        """Count what a question took."""
        self.left -= steps
        add_work(steps / EFFORT)


@dataclass(slots=True)
class Questions:
    """What all questions about one pair have in common: one solver, which learns.

    ``facts`` always hold (two locals have two addresses).  ``timeout`` in seconds is
    for one question, as steps of the solver; ``work`` is what all may take.
    ``deadline`` (processor time) ends what takes far longer than its steps should.
    """

    assumptions: list[Assumption]
    facts: list[Bool]
    timeout: float
    deadline: float
    work: SolverWork = field(default_factory=SolverWork)
    solver: Solver = field(default_factory=z3.Solver)
    prepared: bool = False
    masks: list[int] = field(default_factory=list)
    switches: list[Bool] = field(default_factory=list)  # one an assumption
    numbers: list[int] = field(default_factory=list)  # the solver's, of these
    spare: list[Bool] = field(default_factory=list)  # switches of all questions
    effort: int = 0  # that the solver was last given

    def about(self, *formulas: Bool) -> SolverQuestion:
        """Returns a question about some formulas, with the assumptions that concern
        them.

        One at a time: the next one takes back what the last one added.
        """
        if not self.prepared:
            self._prepare()
        self.solver.pop()
        self.solver.push()
        concerned = 0
        for formula in formulas:
            concerned |= leaf_mask(formula)
        chosen: set[int] = set()
        while True:
            more = {
                place
                for place, mask in enumerate(self.masks)
                if place not in chosen and concerned & mask
            }
            if not more:
                break
            chosen |= more
            for place in more:
                concerned |= self.masks[place]
        return SolverQuestion(self, sorted(chosen))

    def asked(self, formula: Bool) -> SolverQuestion:
        """Asks whether a formula can hold; the question that it returns has the
        ``result``."""
        question = self.about(formula)
        question.check(question.flag(formula))
        return question

    def _prepare(self) -> None:
        """The assumptions, each behind a switch: they are told to the solver once."""
        self.prepared = True
        self.solver.set("smt.relevancy", 0)  # small formulas: a third faster without
        self.solver.set("timeout", int(self.timeout * 1000 * PATIENCE) + 1)
        self.solver.add(*self.facts)
        for place, assumption in enumerate(self.assumptions):
            self.masks.append(leaf_mask(assumption.formula))
            switch = z3.Bool(f"assume {place}")
            self.switches.append(switch)
            self.numbers.append(switch.get_id())
            self.solver.add(z3.Implies(switch, assumption.formula))
        self.solver.push()


MOST_MEGABYTES = 256  # of the solver, for all questions about a pair


class SolverQuestion:
    """Formulas are switched on by flags, so that the solver can tell which it used."""

    def __init__(self, common: Questions, assumptions: list[int]) -> None:
        self.common = common
        self.assumptions = assumptions
        self.on = [common.switches[place] for place in assumptions]
        self.core: frozenset[int] = frozenset()
        self.result: z3.CheckSatResult = z3.unknown
        self.flags = 0

    def flag(self, formula: Bool) -> Bool:
        """Returns a switch that turns a formula on, until the next question."""
        spare = self.common.spare
        if self.flags == len(spare):
            spare.append(z3.Bool(f"literal {self.flags}"))
        switch = spare[self.flags]
        self.flags += 1
        self.common.solver.add(z3.Implies(switch, formula))
        return switch

    def check(self, *switches: Bool) -> z3.CheckSatResult:
        """Returns sat, unsat or unknown with the assumptions and these switches on.

        The effort is bounded by the solver's own count of its steps, so that a busy
        machine comes to the same answer as an idle one; ``EndedByClock`` is raised
        where the clock ended it all the same.
        """
        common, solver = self.common, self.common.solver
        effort = common.work.granted(common.timeout)
        if cpu_seconds() > common.deadline:
            raise EndedByClock
        if not effort:
            self.result = z3.unknown
            return self.result
        if effort != common.effort:
            solver.set("rlimit", effort)
            common.effort = effort
        before = steps_taken(solver)
        try:
            self.result = solver.check(*self.on, *switches)
        except z3.Z3Exception as error:
            if not of_memory(error):
                raise
            self.result, common.work.left = z3.unknown, 0  # and no more of this one
            return self.result
        taken = steps_taken(solver) - before
        common.work.done(taken)
        if self.result == z3.unknown and taken < effort and _is_stopped(solver):
            raise EndedByClock
        if self.result == z3.unsat:
            self.core = frozenset(flag.get_id() for flag in solver.unsat_core())
        return self.result

    def model(self) -> Model:
        """Returns the state that the last check found."""
        return self.common.solver.model()

    def used(self) -> tuple[str, ...]:
        """Returns the assumptions that the last proof needed, as far as the core
        tells."""
        names = (
            self.common.assumptions[place].name
            for place in self.assumptions
            if self.common.numbers[place] in self.core
        )
        return tuple(dict.fromkeys(names))


def _is_stopped(solver: Solver) -> bool:
    """Whether it gave up for the clock, where it had steps left."""
    return solver.reason_unknown() in ("timeout", "canceled")


def bound_memory() -> None:
    """Lets z3 take MOST_MEGABYTES more than it has now: some questions take a gigabyte
    within few steps.  Its measure is of the whole process, so each pair starts anew."""
    taken = z3.Z3_get_estimated_alloc_size() >> 20
    z3.set_param("memory_high_watermark_mb", taken + MOST_MEGABYTES)


def of_memory(error: z3.Z3Exception) -> bool:
    """Says whether an error of z3 means that it came to its bound of memory. It may
    come from any call that needs some then, in one of two texts."""
    return "memory" in str(error)


def steps_taken(solver: Solver) -> int:
    """Counts the steps of all solvers so far, as z3 does."""
    return int(solver.statistics().get_key_value("rlimit count"))


def ask(
    questions: Questions,
    before: Term,
    after: Term,
    given: Bool,
    leaves: list[tuple[Leaf, list[Term]]],
    preferences: list[Bool],
    doubtful: list[Leaf],
    attempts: int = ATTEMPTS,
) -> SolverAnswer:
    """Compare two outputs wherever ``given`` holds.

    ``leaves``: what the witness may speak of, with its literals' expressions.
    ``doubtful``: what only one side asks.  ``attempts``: how many states are tried;
    each has to hold against all that the adversary answered to the ones before.
    """
    if before.eq(after):
        return SolverAnswer(equal=True)
    differ = z3.And(given, before != after)
    question = questions.about(differ)
    differs = question.flag(differ)
    result = question.check(differs)
    if result == z3.unsat:
        return SolverAnswer(equal=True, used=question.used())
    if result != z3.sat:
        return SolverAnswer(why=OUT_OF_TIME)

    def robust(model: Model) -> Difference | None:
        fixed = _fixed(leaves, doubtful, model)
        return _robust(question, model, before, after, given, fixed)

    switches = [differs]
    model = _preferred(question, switches, preferences)
    found = robust(model)
    if found is not None:
        return SolverAnswer(difference=found)
    for _attempt in range(attempts - 1):
        block = _refuted(question, differ, doubtful)
        if block is None:
            block = _other_state(model, leaves)
        if block is None:
            break
        switches.append(question.flag(block))
        if question.check(*switches) != z3.sat:
            break
        model = question.model()
        found = robust(model)
        if found is not None and question.check(*switches) == z3.sat:
            ordinary = robust(_preferred(question, switches, preferences))
            return SolverAnswer(difference=ordinary or found)
    if doubtful:
        return SolverAnswer(why=f"it hangs on {spoken(map(_name, doubtful))}")
    return SolverAnswer(why="no witness was found that holds for sure")


def _name(leaf: Leaf) -> str:
    """The name of a leaf, of a member with what it is reached by."""
    is_member = leaf.kind == "memory" and leaf.name.isidentifier()
    return f"->{leaf.name}" if is_member else leaf.name


def _preferred(
    question: SolverQuestion, switches: list[Bool], preferences: list[Bool]
) -> Model:
    """The last model found, made as ordinary as the preferences can make it."""
    model, kept = question.model(), list(switches)
    granted: set[int] = set()
    for preference in preferences:
        if preference.get_id() in granted:
            continue
        switch = question.flag(preference)
        if not z3.is_true(model.eval(preference, model_completion=True)):
            if question.check(*kept, switch) != z3.sat:
                continue
            model = question.model()
        kept.append(switch)
        if z3.is_and(preference):
            granted.update(part.get_id() for part in preference.children())
    return model


def _fixed(
    leaves: list[tuple[Leaf, list[Term]]], doubtful: list[Leaf], model: Model
) -> list[tuple[Leaf, list[Term]]]:
    """The leaves, with what is doubtful in an address as it is in the model.

    "The word at the address that an unknown function names is 0" would tie the
    function to an address; that a word at a known address is 0 ties nobody.
    """
    if not doubtful:
        return leaves
    answers = [
        (leaf.expr, model.eval(leaf.expr, model_completion=True)) for leaf in doubtful
    ]
    answered = 0
    for leaf in doubtful:
        answered |= own_bit(leaf.expr)
    found = []
    for leaf, exprs in leaves:
        if leaf_mask(leaf.expr) & answered:
            exprs = [z3.substitute(expr, *answers) for expr in exprs]
            exprs = [e for e in exprs if not leaf_mask(e) & answered]
        found.append((leaf, exprs))
    return found


def _robust(
    question: SolverQuestion,
    model: Model,
    before: Term,
    after: Term,
    given: Bool,
    leaves: list[tuple[Leaf, list[Term]]],
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
        ended = [model.eval(side, model_completion=True) for side in (before, after)]
        values = z3.Not(z3.And(given, before == ended[0], after == ended[1]))
        core = _implying(question, values, literals, switches)
        if core is not None:
            return Difference(model, core, ended[0], ended[1])
        if z3.is_bool(before):
            return None
    same = z3.Not(z3.And(given, before != after))
    core = _implying(question, same, literals, switches)
    if core is None:
        return None
    one, two = (_settled(question, model, side, core) for side in (before, after))
    return Difference(model, core, one, two)


def _settled(
    question: SolverQuestion, model: Model, side: Term, literals: list[Literal]
) -> Term | None:
    """The value that one side has wherever the literals hold, None if it varies."""
    if side.sort().kind() != z3.Z3_BV_SORT:
        return None
    value = model.eval(side, model_completion=True)
    switches = [question.flag(expr == known) for _leaf, expr, known in literals]
    other = question.flag(side != value)
    return value if question.check(other, *switches) == z3.unsat else None


def _implying(
    question: SolverQuestion, goal: Bool, literals: list[Literal], switches: list[Bool]
) -> list[Literal] | None:
    """A minimal part of the literals that refutes ``goal``; options are tried first,
    so that one is told only if something hangs on it."""
    wanted = question.flag(goal)
    if question.check(wanted, *switches) != z3.unsat:
        return None
    kept = [p for p, s in enumerate(switches) if s.get_id() in question.core]
    for place in sorted(kept, key=lambda p: literals[p][0].kind != "option"):
        if place not in kept or len(kept) > 40:
            continue
        fewer = [switches[other] for other in kept if other != place]
        if question.check(wanted, *fewer) == z3.unsat:
            kept = [p for p in kept if switches[p].get_id() in question.core]
    return [literals[place] for place in kept]


def _refuted(
    question: SolverQuestion, differ: Bool, doubtful: list[Leaf]
) -> Bool | None:
    """The difference with what the adversary answered in the last check put in."""
    if question.result != z3.sat or not doubtful:
        return None
    model = question.model()
    answers = [
        (leaf.expr, model.eval(leaf.expr, model_completion=True)) for leaf in doubtful
    ]
    return z3.substitute(differ, *answers)


def _other_state(model: Model, leaves: list[tuple[Leaf, list[Term]]]) -> Bool | None:
    """A formula that excludes what the model says of the leaves."""
    parts = []
    for leaf, exprs in leaves:
        if leaf.kind != "input":
            for expr in exprs:
                parts.append(expr != model.eval(expr, model_completion=True))
    return z3.Or(parts) if parts else None
