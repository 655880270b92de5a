# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging marks on a patch: the engine's findings are what has to be found.

An answer is ``none`` or entries parted by ``;`` or line ends: the number of a line of
the patch and the letter of a remark, or the remark in one's own words.
"""

from __future__ import annotations

import re

from msgspec import Struct

from reviewer.learn.course import Exercise, PossibleRemark
from reviewer.learn.judgement import Judgement, judged_right, judged_wrong
from reviewer.learn.workbench import Workbench, state_of, worth_saying
from reviewer.models import Judged
from reviewer.output.draft.quote import DiffRow
from reviewer.patterns import regex

_ENTRY = regex(r"(?:line\s+)?(\d+)[\s:.,)-]*(.*)", re.DOTALL)


class Expected(Struct, frozen=True):
    """A finding, and the line of the patch it belongs to."""

    line: int  # from 1, in the numbered patch
    finding: Judged


class Paper(Struct, frozen=True):
    """An exercise's patch with its numbered lines and what is to be found in it."""

    rows: tuple[DiffRow, ...]
    expected: tuple[Expected, ...]

    def numbered(self) -> str:
        """Returns the patch as it is shown, each line with its number."""
        return "\n".join(f"{n:>3} {row.text}" for n, row in enumerate(self.rows, 1))


def paper(bench: Workbench, exercise: Exercise) -> Paper:
    """Returns the patch of an exercise, reviewed by the engine."""
    from reviewer.output.draft import quote

    series = bench.patch_of(exercise)
    report = bench.reviewed(series)
    state = state_of(report)
    rows = quote.rows(state.patch.diff, [change.diff for change in state.changes])
    expected = []
    for finding in worth_saying(report):
        where = quote.place(finding, state.patch, state.changes, rows)
        if where is not None and where.row is not None and finding.file:
            expected.append(Expected(where.row + 1, finding))
    return Paper(rows, tuple(expected))


def judge_review(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Says whether exactly the right lines are marked, with remarks that are true."""
    sheet = paper(bench, exercise)
    marks = read_marks(answer)
    if isinstance(marks, str):
        return judged_wrong(marks)
    wanted: dict[int, list[Judged]] = {}
    for one in sheet.expected:
        wanted.setdefault(one.line, []).append(one.finding)
    says = []
    for line, remark in marks.items():
        if not 1 <= line <= len(sheet.rows):
            says.append(f"The patch has no line {line}.")
        elif line not in wanted:
            says.append(_not_there(sheet, exercise, line))
        else:
            says += _remark(exercise, remark, line, wanted[line])
    for line in wanted:
        if line not in marks:
            says.append(
                "There is something else that a reviewer would stop at."
                if marks
                else "There is something in it that a reviewer would stop at."
            )
            break
    if says:
        return judged_wrong(*says)
    return judged_right(*(f"Line {one.line}: {_lower(one.finding.message)}."
                   for one in sheet.expected))  # fmt: skip


def read_marks(answer: str) -> dict[int, str] | str:
    """Returns line -> remark; a text where the answer cannot be read."""
    text = answer.strip()
    if text.lower().rstrip(".") in ("none", "nothing", "ok", "looks good"):
        return {}
    marks: dict[int, str] = {}
    for entry in re.split(r"[;\n]+", text):
        if not entry.strip():
            continue
        match = _ENTRY.fullmatch(entry.strip())
        if match is None or len(match[1]) > 6:
            return (
                "A mark is the number of a line and a letter, as in '12 a', marks are"
                " parted by ';'; 'none' says that the patch is right."
            )
        marks[int(match[1])] = match[2].strip()
    return marks or "Nothing is marked; 'none' says that the patch is right."


def _not_there(sheet: Paper, exercise: Exercise, line: int) -> str:
    text = sheet.rows[line - 1].text
    for part, why in exercise.fine:
        if part in text:
            return f"Line {line} is right. {why}"
    near = [one for one in sheet.expected if abs(one.line - line) <= 2]
    if near:
        return f"Not line {line}, but it is close: which line decides?"
    return f"Line {line} is right, there is nothing to say about it."


def _remark(
    exercise: Exercise, remark: str, line: int, findings: list[Judged]
) -> list[str]:
    """What is false about a remark on a line that deserves one."""
    if not remark:
        return [f"Line {line} it is. And what about it?"]
    chosen = chosen_remark(exercise, remark)
    if chosen is None:
        if len(remark) == 1:
            return [f"There is no remark {remark!r}."]
        return []  # in the learner's own words: the place decides
    if chosen.rule in {finding.rule for finding in findings}:
        return []
    return [f"Line {line} it is, but not for that reason. {chosen.why}".strip()]


def chosen_remark(exercise: Exercise, remark: str) -> PossibleRemark | None:
    """Returns the remark of a letter."""
    place = ord(remark.lower()) - ord("a") if len(remark) == 1 else -1
    return exercise.remarks[place] if 0 <= place < len(exercise.remarks) else None


def _lower(text: str) -> str:
    return text.rstrip(".")
