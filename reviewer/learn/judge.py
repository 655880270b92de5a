# SPDX-License-Identifier: GPL-2.0-or-later
"""One door to all judges."""

from __future__ import annotations

import re

from reviewer.learn.course import Exercise, Question
from reviewer.learn.judgement import Judgement, judged_right, judged_wrong, quoted
from reviewer.learn.workbench import Workbench

_NEVER = ("", "none", "never", "no", "nothing")


def judge_exercise(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Judge an answer to an exercise; nothing of it is executed."""
    if exercise.kind == "condition":
        from reviewer.learn.conditions import judge_condition

        return judge_condition(bench, exercise, answer)
    if exercise.kind == "function":
        from reviewer.learn.functions import judge_function

        return judge_function(bench, exercise, answer)
    if exercise.kind == "review":
        from reviewer.learn.reviews import judge_review

        return judge_review(bench, exercise, answer)
    if exercise.kind == "files":
        from reviewer.learn.files import judge_files

        return judge_files(bench, exercise, answer)
    if exercise.kind == "v4":
        from reviewer.learn.new_version import judge_v4

        return judge_v4(answer)
    from reviewer.learn.replies import judge_reply

    return judge_reply(bench, exercise, answer)


def judge_question(bench: Workbench, question: Question, answer: str) -> Judgement:
    """Judge an answer to a question."""
    if question.kind == "choice":
        return _choice(question, answer)
    given = {word.strip().lower() for word in answer.replace(",", " ").split()}
    given -= {"and", "pages", "page", *_NEVER}
    truth = facts_of(bench, question)
    known = possible_answers(bench, question)
    given = {name.removeprefix("pg_") for name in given}
    strange = sorted(given - known)
    if strange:
        return judged_wrong(
            f"There is no {quoted(strange)} here, but {quoted(sorted(known))}."
        )
    extra, missing = sorted(given - truth), sorted(truth - given)
    says = []
    if extra:
        says.append(f"Not for {quoted(extra)}.")
    if missing:
        says.append(f"{len(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    return judged_wrong(*says) if says else judged_right(question.explain)


def _choice(question: Question, answer: str) -> Judgement:
    letter = answer.strip().lower().rstrip(".)")
    place = ord(letter) - ord("a") if len(letter) == 1 else -1
    if not 0 <= place < len(question.options):
        last = chr(ord("a") + len(question.options) - 1)
        return judged_wrong(f"Answer with a letter from a to {last}.")
    option = question.options[place]
    if option.right:
        return judged_right(option.why, question.explain)
    return judged_wrong(option.why)


def facts_of(bench: Workbench, question: Question) -> set[str]:
    """Returns the right answer, from the tree."""
    if question.kind == "bits":
        flags = bench.facts.page_flags
        mask = flags.bit(question.of, {}) or 0
        return {
            flag.name.removeprefix("PG_").lower()
            for flag in flags.real
            if flag.gate.is_true and mask >> (flags.bit(flag.name, {}) or 0) & 1
        }
    field = bench.facts.mapping_field
    return {
        state.label
        for state in field.states
        if _is_true(bench, question.of, state.value)
    }


def possible_answers(bench: Workbench, question: Question) -> set[str]:
    """Returns all names that a question could be answered with."""
    if question.kind == "bits":
        return {f.name.removeprefix("PG_").lower() for f in bench.facts.page_flags.real}
    return {state.label for state in bench.facts.mapping_field.states}


def _is_true(bench: Workbench, condition: str, mapping: int) -> bool:
    """A condition about ``mapping``, evaluated as C does."""
    from reviewer.c.constants import evaluate
    from reviewer.facts.kpf import PAGE_C

    def number(match: re.Match[str]) -> str:
        if match[0] == "mapping":
            return f"{mapping}UL"
        values = bench.facts.constant(match[0], near=PAGE_C)
        return str(values[0].value.value) if values else match[0]

    value = evaluate(re.sub(r"[A-Za-z_]\w*", number, condition), lambda _name: ())
    return value is not None and value.value != 0
