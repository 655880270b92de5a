# SPDX-License-Identifier: GPL-2.0-or-later
"""A chapter at a terminal: read, answer, do, with hints in steps."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import Protocol

from msgspec import Struct

from reviewer.learn.course import Chapter, Exercise, Question
from reviewer.learn.judge import judge_exercise, judge_question
from reviewer.learn.judgement import Judgement
from reviewer.learn.progress import Progress
from reviewer.learn.workbench import Workbench
from reviewer.output.reflow import rewrapped
from reviewer.visible_text import spelt_out

_BOLD, _GREEN, _RED, _DIM = "1", "32;1", "31;1", "2"
_HELP = "hint, solution, skip, quit"
_EDITED = ("function", "files", "v4", "reply")
_SUFFIXES = {"function": ".c", "files": ".txt", "v4": ".eml", "reply": ".eml"}


class Left(Exception):
    """The learner has gone: quit, or the end of the input."""


class Terminal(Protocol):
    """Whom an interactive command talks to."""

    def show(self, text: str) -> None:
        """Prints lines."""

    def ask(self, prompt: str) -> str | None:
        """Returns a line of input; None at its end."""

    def edit(self, text: str, suffix: str) -> str | None:
        """Returns the text as the user's editor left it; None where none can be
        started."""


class Lesson(Struct):
    """One chapter with one learner."""

    terminal: Terminal
    bench: Workbench
    chapter: Chapter
    progress: Progress
    color: bool
    width: int
    own: Workbench | None = None  # the learner's tree, for exercises that suit it

    def run(self) -> None:
        """Goes through all steps that are not done yet.  Raises Left."""
        chapter = self.chapter
        self.say(self.paint(f"{chapter.number}. {chapter.title}", _BOLD), "")
        self.say(chapter.text, "", chapter.picture, "")
        if not self.progress.is_done(chapter, "question"):
            self.question(chapter.question)
        for number, exercise in enumerate(chapter.exercises, 1):
            if not self.progress.is_done(chapter, str(number)):
                self.exercise(number, exercise)
        self.say(*self.further(), "")

    # --- steps ------------------------------------------------------------------------

    def question(self, question: Question) -> None:
        """Asks the chapter's question until it is answered.  Raises Left."""
        self.say(self.paint("Question", _BOLD), "", question_text(question), "")

        def judge(answer: str) -> Judgement:
            return judge_question(self.bench, question, answer)

        self.until_right(
            "question", judge, ("Read the page and the picture again.",), ""
        )

    def exercise(self, number: int, exercise: Exercise) -> None:
        """Gives an exercise, from 1, until it is done.  Raises Left."""
        of = len(self.chapter.exercises)
        self.say(self.paint(f"Exercise {number} of {of}", _BOLD), "", exercise.task, "")
        shown = exercise_text(self.bench, exercise)
        if shown:
            self.say(shown, "")

        bench = self.bench
        if self.own is not None and self.own.suits(exercise):
            bench = self.own

        def judge(answer: str) -> Judgement:
            return judge_exercise(bench, exercise, answer)

        draft = text_to_edit(self.bench, exercise) if exercise.kind in _EDITED else None
        self.until_right(
            str(number),
            judge,
            exercise.hints,
            solution(self.bench, exercise),
            draft,
            _SUFFIXES.get(exercise.kind, ""),
        )
        self.say(exercise.done, "")
        if exercise.kind == "reply":
            from reviewer.learn.replies import model_reply

            self.say(model_reply(self.bench, exercise), "")

    def until_right(
        self,
        step: str,
        judge: Callable[[str], Judgement],
        hints: tuple[str, ...],
        answer: str,
        draft: str | None = None,
        suffix: str = "",
    ) -> None:
        """Ask until the answer is right, skipped or left."""
        told = 0
        if draft is None:
            self.say(self.paint(f"({_HELP})", _DIM))
        else:
            self.say(self.paint(f"(edit, FILE, {_HELP})", _DIM))
        while True:
            given = self.terminal.ask("> ")
            if given is None or given.strip() in ("quit", "q"):
                raise Left
            word = given.strip()
            if word in ("skip", ""):
                if word:
                    return
                continue
            if word == "hint":
                self.say(hints[min(told, len(hints) - 1)], "")
                told += 1
                continue
            if word == "solution":
                self.say(answer or hints[-1], "")
                continue
            if draft is not None:
                edited = self.edited(word, draft, suffix)
                if edited is None:
                    continue
                word = draft = edited
            judgement = judge(word)
            self.say(*self.verdict(judgement), "")
            if judgement.right:
                self.progress.mark(self.chapter, step)
                return

    def edited(self, word: str, draft: str, suffix: str) -> str | None:
        """Returns the learner's text: from the editor, or from a file that is named."""
        if word in ("edit", "e"):
            text = self.terminal.edit(draft, suffix)
            if text is None:
                self.say("No editor could be started: set EDITOR, or name a file.", "")
            return text
        try:
            return read_answer(word)
        except OSError as error:
            self.say(f"{word}: {error.strerror}; 'edit' opens your editor.", "")
            return None

    # --- words ------------------------------------------------------------------------

    def verdict(self, judgement: Judgement) -> list[str]:
        """Returns the lines that tell a judgement, in this terminal's width."""
        return list(verdict_lines(judgement, self.color, self.width))

    def further(self) -> list[str]:
        """Returns the lines that say where to read on."""
        return further(self.chapter, self.width)

    def say(self, *texts: str) -> None:
        """Shows texts, one below the other."""
        for text in texts:
            self.terminal.show(rewrapped(text, self.width))

    def paint(self, text: str, code: str) -> str:
        """Returns text in a colour of the terminal, if it has any."""
        return f"\x1b[{code}m{text}\x1b[m" if self.color else text


def verdict_lines(judgement: Judgement, color: bool, width: int) -> list[str]:
    """Returns right, wrong or not decided, and why."""
    head = {True: "Right.", False: "Not yet.", None: "Not decided."}[judgement.right]
    if color:
        code = _GREEN if judgement.right else _RED
        head = f"\x1b[{code}m{head}\x1b[m"
    lines = [head]
    for paragraph in judgement.says:
        if "\n" in paragraph or paragraph.startswith(" "):
            lines += ["", *(spelt_out(row) for row in paragraph.split("\n"))]
        else:
            lines += ["", *wrap(spelt_out(paragraph), min(width, 78))]
    return lines


def further(chapter: Chapter, width: int) -> list[str]:
    """Says where to read on."""
    from reviewer.learn.course import rules_of

    wanted = (*rules_of(chapter), *chapter.explain)
    names = [f"kpf-review explain {name}" for name in wanted]
    if not names:
        return []
    return ["To look things up:", *(f"  {name}" for name in names)]


def question_text(question: Question) -> str:
    """Returns the question with its options, if it has some."""
    lines = [question.ask.strip("\n")]
    if question.options:
        lines.append("")
    for place, option in enumerate(question.options):
        lines.append(f"  {chr(ord('a') + place)}) {option.text}")
    return "\n".join(lines)


def exercise_text(bench: Workbench, exercise: Exercise) -> str:
    """Returns what an exercise shows: the patch, the code, the mail."""
    if exercise.kind == "review":
        from reviewer.learn.reviews import paper

        lines = [paper(bench, exercise).numbered(), ""]
        for place, remark in enumerate(exercise.remarks):
            lines.append(f"  {chr(ord('a') + place)}) {remark.text}")
        return "\n".join(lines)
    if exercise.kind in ("function", "v4"):
        return exercise.start.strip("\n")
    if exercise.kind == "reply":
        return bench.patch_of(exercise).patches[0].diff.rstrip("\n")
    return "\n".join(exercise.paths)


def text_to_edit(bench: Workbench, exercise: Exercise) -> str:
    """Returns what the editor opens with."""
    if exercise.kind == "files":
        from reviewer.learn.files import patches_together

        return patches_together(bench, exercise.paths)
    if exercise.kind == "reply":
        from reviewer.learn.replies import blank_reply

        return blank_reply(bench, exercise)
    return exercise.start.lstrip("\n")


def solution(bench: Workbench, exercise: Exercise) -> str:
    """Returns a right answer, for who gives up."""
    if exercise.kind == "reply":
        from reviewer.learn.replies import model_reply

        return model_reply(bench, exercise)
    return exercise.hints[-1] if exercise.kind == "files" else exercise.right[0]


def read_answer(name: str) -> str:
    """Returns an answer from a file, its first 300,000 characters at most; raises
    OSError."""
    with open(name, encoding="utf-8", errors="surrogateescape") as file:
        return file.read(300_000)
