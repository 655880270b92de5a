# SPDX-License-Identifier: GPL-2.0-or-later
"""Every right and every wrong answer of every exercise is judged so."""

from __future__ import annotations

import importlib.util
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from reviewer import rulebook
from reviewer.learn.course import Chapter, Exercise, chapters, rules_of
from reviewer.learn.judge import facts_of, judge_exercise, judge_question
from reviewer.learn.workbench import Workbench


def _answers():
    place = Path(__file__).with_name("answers.py")
    spec = importlib.util.spec_from_file_location("answers", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


written_out = _answers().written_out
EXERCISES = [
    pytest.param(one, exercise, id=f"{one.number}.{number}")
    for one in chapters()
    for number, exercise in enumerate(one.exercises, 1)
]
CHAPTERS = [pytest.param(one, id=one.name) for one in chapters()]


@pytest.fixture(scope="module")
def bench():
    with Workbench.open() as opened:
        yield opened


@pytest.mark.parametrize(("chapter", "exercise"), EXERCISES)
def test_right_answers_are_right(bench, chapter: Chapter, exercise: Exercise) -> None:
    assert len(set(exercise.right)) >= 2
    for recipe in exercise.right:
        answer = written_out(bench, exercise, recipe)
        judgement = judge_exercise(bench, exercise, answer)
        assert judgement.right is True, (answer, judgement.says)


@pytest.mark.parametrize(("chapter", "exercise"), EXERCISES)
def test_wrong_answers_are_wrong_with_their_own_witness(
    bench, chapter: Chapter, exercise: Exercise
) -> None:
    assert len(exercise.wrong) >= 2
    for recipe, says in exercise.wrong:
        answer = written_out(bench, exercise, recipe)
        judgement = judge_exercise(bench, exercise, answer)
        assert judgement.right is False, answer
        told = " ".join(" ".join(judgement.says).split())
        assert says in told, (answer, told)
        assert len(told) > 20, answer


@pytest.mark.kernel
def test_answers_on_a_real_tree(linux_6_12: Path) -> None:
    """Conditions and functions are judged alike on the learner's own tree."""
    tried = 0
    with Workbench.open(linux_6_12) as own:
        for exercise in (e for c in chapters() for e in c.exercises if own.suits(e)):
            tried += 1
            right, (wrong, _) = exercise.right[0], exercise.wrong[0]
            assert judge_exercise(own, exercise, right).right is True, right
            assert judge_exercise(own, exercise, wrong).right is False, wrong
    assert tried >= 8


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_questions(bench, chapter: Chapter) -> None:
    question = chapter.question
    if question.kind == "choice":
        assert sum(option.right for option in question.options) == 1
        for place, option in enumerate(question.options):
            judgement = judge_question(bench, question, chr(ord("a") + place))
            assert judgement.right is option.right
            assert option.why in judgement.says
        assert judge_question(bench, question, "z").right is False
        return
    truth = facts_of(bench, question)
    assert judge_question(bench, question, ", ".join(sorted(truth))).right
    for answer in (*question.wrong, "none", "fish"):
        assert judge_question(bench, question, answer).right is False


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapters_are_whole(chapter: Chapter) -> None:
    assert len(chapter.text.split()) > 120
    assert max(map(len, chapter.text.splitlines())) <= 90
    assert max(map(len, chapter.picture.splitlines())) <= 90
    assert chapter.exercises
    for exercise in chapter.exercises:
        assert len(exercise.hints) >= 2


def test_every_rule_is_reached_by_a_chapter() -> None:
    reached = {rule for chapter in chapters() for rule in rules_of(chapter)}
    assert reached == set(rulebook.names())
    for chapter in chapters()[:-1]:
        for pattern in chapter.rules:
            assert any(fnmatchcase(rule, pattern) for rule in rules_of(chapter)), (
                pattern
            )


@pytest.mark.parametrize(
    "answer",
    [
        "1); } int x(void) { return (1",
        "mapping & PAGE_MAPPING_KSM; system(0)",
        '"a" "b"',
        "mapping = 3",
        "page++",
        "",
        "x" * 10_000,
        "((((((((((",
        "\x1b[31m",
        "no_such_helper(page)",
    ],
)
def test_hostile_conditions_are_refused(bench, answer: str) -> None:
    exercise = next(e for c in chapters() for e in c.exercises if e.kind == "condition")
    assert judge_exercise(bench, exercise, answer).right is not True
