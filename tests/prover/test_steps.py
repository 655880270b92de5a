# SPDX-License-Identifier: GPL-2.0-or-later
"""What bounds a proof is counted in steps of the solver, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import z3

from reviewer.c.source import parse
from reviewer.prover.ask import solve
from reviewer.prover.ask.solve import Questions, SolverWork
from reviewer.prover.interpret import run
from reviewer.prover.judge import compare
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict

HARD = (
    "int f(int x, int y, int z) { return x * y * z; }",
    "int f(int x, int y, int z) { return z * y * x + (x * x * y == 1234567 * z); }",
)
MANY = (
    "int f(int x, int y) { if (x > y) return x % 7 * y; return y & x; }",
    "int f(int x, int y) { if (y >= x) return x & y; return y * (x % 7) + (x == 99); }",
)


def clock(times: float) -> Callable[[], float]:
    """A processor that seems so many times as busy, from now on.

    From now on only: a deadline by this clock is compared with the real one, too.
    """
    real = solve.cpu_seconds
    begun = real()

    def told() -> float:
        return begun + (real() - begun) * times

    return told


def verdict(
    case: tuple[str, str], monkeypatch, times: float, seconds: float = 30.0
) -> FunctionVerdict:
    with monkeypatch.context() as patch:
        slow = clock(times)
        patch.setattr(solve, "cpu_seconds", slow)
        patch.setattr(compare, "cpu_seconds", slow)
        one, two = (parse("mm/x.c", f"{text}\n".encode()) for text in case)
        limits = ProverLimits(solver=0.3, seconds=seconds)
        found = compare_functions(one, two, None, None, "f", limits=limits)[0]
    return found


@pytest.mark.parametrize("case", [HARD, MANY], ids=["hard", "many questions"])
def test_a_slow_machine_comes_to_the_same_answer(case, monkeypatch) -> None:
    answers = []
    for times in (0.5, 1.0, 4.0):
        found = verdict(case, monkeypatch, times)
        answers.append((found.verdict, found.outputs, found.why))
    assert answers[0] == answers[1] == answers[2]


def test_each_question_may_take_the_same_steps(monkeypatch) -> None:
    granted: list[list[int]] = []
    real = SolverWork.granted

    def noted(self: SolverWork, seconds: float) -> int:
        granted[-1].append(real(self, seconds))
        return granted[-1][-1]

    monkeypatch.setattr(SolverWork, "granted", noted)
    for times in (0.25, 4.0):  # by the clock, a second would be over in the middle
        granted.append([])
        verdict(MANY, monkeypatch, times, seconds=1.0)
    assert granted[0] == granted[1]
    assert len(granted[0]) > 2


def test_when_the_steps_are_used_up_nothing_is_known() -> None:
    x, y = z3.BitVecs("x y", 64)
    work = SolverWork.of(0.05)
    questions = Questions([], [], 10.0, float("inf"), work)
    hard = z3.And(x * x * y == 1234567, y * y * x == 7654321)
    first = questions.asked(hard)
    assert first.result == z3.unknown
    assert work.left <= 0
    assert questions.asked(x == 1).result == z3.unknown
    fresh = Questions([], [], 10.0, float("inf"), SolverWork.of(1.0))
    assert fresh.asked(x == 1).result == z3.sat


EASY = ("int f(int x) { return x; }", "int f(int x) { return x + 1; }")
BRANCH = (
    "int g(int); int f(int x, int y) { g(y); if (x) g(1); return y; }",
    "int g(int); int f(int x, int y) { g(y); if (x) g(2); return y; }",
)


@pytest.mark.parametrize("conditions", [False, True])
@pytest.mark.parametrize("mode", ["quiescent", "concurrent"])
@pytest.mark.parametrize("case", [EASY, BRANCH], ids=["easy", "a branch"])
def test_what_the_clock_ends_is_told_and_nothing_else_is_said(
    case, mode, conditions, monkeypatch
) -> None:
    """Wherever it runs out, after so many looks at it: but for what the texts alone
    say, which is always the same."""
    one, two = (parse("mm/x.c", f"{text}\n".encode()) for text in case)
    answers, of_texts = set(), set()
    for looks in (0, 1, 2, 4, 8, 16, 32, 64, 1000):
        left = iter([0.0] * looks)
        monkeypatch.setattr(compare, "cpu_seconds", lambda: 0.0)
        for module in (solve, run):
            monkeypatch.setattr(module, "cpu_seconds", partial(next, left, 1e9))
        bounds = ProverLimits(solver=0.1, seconds=1.0)
        (found,) = compare_functions(
            one, two, None, None, "f", mode=mode, conditions=conditions, limits=bounds
        )
        said = (found.verdict, found.outputs, found.parts)
        if found.by_clock:
            assert conditions or said == ("not decided", (), ())
            of_texts.add(said)
        else:
            answers.add((*said, found.why))
    assert len(answers) == len(of_texts) == 1


def test_a_question_that_the_solver_ends_by_the_clock(monkeypatch) -> None:
    monkeypatch.setattr(solve, "PATIENCE", 0)  # one millisecond
    assert verdict(HARD, monkeypatch, 1.0).by_clock


@pytest.mark.parametrize("case", [HARD, MANY], ids=["hard", "many questions"])
def test_what_was_asked_before_does_not_matter(case, monkeypatch) -> None:
    """The solver goes by the numbers of terms, which come in the order of asking."""
    alone = verdict(case, monkeypatch, 1.0)
    for order in ("zyx", "yxz", "xzy", "zxy"):
        takes = ", ".join(f"int {name}" for name in order)
        one = f"int f({takes}) {{ return {' - '.join(order)}; }}"
        verdict((one, one.replace("-", "+")), monkeypatch, 1.0)
        again = verdict(case, monkeypatch, 1.0)
        assert (again.outputs, again.why) == (alone.outputs, alone.why)
    many = [z3.BitVec(f"junk {number}", 64) + number for number in range(500)]
    again = verdict(case, monkeypatch, 1.0)
    assert (again.outputs, again.why) == (alone.outputs, alone.why)
    del many


def test_a_question_that_takes_much_memory_is_given_up(monkeypatch) -> None:
    """z3 raises then, and its bound is one of the whole process."""
    same = ("int f(int x) { return x + x; }", "int f(int x) { return 2 * x; }")
    with monkeypatch.context() as patch:
        patch.setattr(solve, "MOST_MEGABYTES", 1)
        found = verdict(HARD, patch, 1.0)
    assert (found.verdict, found.why) == ("not decided", solve.OUT_OF_TIME)
    assert verdict(same, monkeypatch, 1.0).verdict == "equal"


@pytest.mark.parametrize("text", [b"max. memory exceeded", "out of memory"], ids=str)
@pytest.mark.parametrize(
    ("owner", "call"),
    [(z3.Solver, "check"), (z3.Solver, "push"), (compare, "lift_both")],
    ids=["asked", "told", "lifted"],
)
def test_the_solver_may_end_for_memory_at_any_call(
    owner, call, text, monkeypatch
) -> None:
    """Which call meets the bound first, and in which words, differs from run to run."""

    def full(*_given: object) -> None:
        raise z3.Z3Exception(text)

    with monkeypatch.context() as patch:
        patch.setattr(owner, call, full)
        found = verdict(HARD, patch, 1.0)
    assert (found.verdict, found.why) == ("not decided", solve.OUT_OF_TIME)
