# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review learn``: the course, at the terminal, offline, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session
from reviewer.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.learn.course import Chapter
    from reviewer.learn.progress import Progress
    from reviewer.learn.workbench import Workbench

HELP = "a course on reviewing page-flag patches, with exercises, offline"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("chapter", nargs="?", help="number or name; default: go on")
    parser.add_argument("--list", action="store_true", help="the chapters, and yours")
    parser.add_argument("--reset", action="store_true", help="forget your progress")
    parser.add_argument(
        "--answer", metavar="TEXT|FILE", help="judge one answer, ask nothing"
    )
    parser.add_argument(
        "--step", default="1", metavar="N", help="which exercise, or 'question'"
    )
    parser.add_argument(
        "--start", action="store_true", help="print what an exercise begins with"
    )
    parser.add_argument(
        "--tree", metavar="DIR", help="judge on this kernel tree what it has names for"
    )
    parser.add_argument("--html", metavar="DIR", help="write the course as pages")
    parser.add_argument("--force", action="store_true", help="with --html: overwrite")


def run(args: argparse.Namespace, session: Session) -> Result:
    """Lists, resets, judges one answer, writes pages, or teaches.

    Raises UsageError for a chapter or step that there is not, and without a terminal.
    """
    from reviewer.learn import course, progress

    reached = progress.load(progress.state_folder(session.environ))
    if args.reset:
        reached.reset()
        return Result("", 0, ("kpf-review: your progress is forgotten",))
    if args.list:
        return Result(_listed(reached))
    if args.html:
        return _pages(args)
    if args.answer is not None or args.start:
        if not args.chapter:
            raise UsageError("--answer and --start need a chapter")
        one = course.chapter(args.chapter)
        return _start(args, one) if args.start else _judged(args, session, one, reached)
    return _taught(args, session, reached)


def _listed(reached: Progress) -> str:
    from reviewer.learn.course import chapters

    lines = []
    for one in chapters():
        done = sum(reached.is_done(one, step) for step in one.steps)
        state = "done" if reached.finished(one) else f"{done}/{len(one.steps)}"
        lines.append(f"{one.number}  {state:>4}  {one.name:<30} {one.title}")
    return "\n".join(lines) + "\n"


def _step(args: argparse.Namespace, one: Chapter) -> str:
    if args.step not in one.steps:
        raise UsageError(f"chapter {one.number} has the steps {', '.join(one.steps)}")
    return str(args.step)


def _start(args: argparse.Namespace, one: Chapter) -> Result:
    from reviewer.learn.lesson import exercise_text, question_text, text_to_edit
    from reviewer.learn.workbench import Workbench

    step = _step(args, one)
    if step == "question":
        return Result(question_text(one.question) + "\n")
    exercise = one.exercises[int(step) - 1]
    with Workbench.open() as bench:
        edited = exercise.kind in ("function", "files", "v4", "reply")
        text = (text_to_edit if edited else exercise_text)(bench, exercise)
    return Result(f"{text}\n" if text and not text.endswith("\n") else text)


def _judged(
    args: argparse.Namespace, session: Session, one: Chapter, reached: Progress
) -> Result:
    """One answer, judged: status 0 right, 1 not."""
    from reviewer.learn.judge import judge_exercise, judge_question
    from reviewer.learn.lesson import read_answer, verdict_lines
    from reviewer.learn.workbench import Workbench

    step = _step(args, one)
    answer = read_answer(args.answer) if _is_file(args.answer) else args.answer
    notes: tuple[str, ...] = ()
    with Workbench.open() as bench, _own_tree(args) as own:
        if step == "question":
            judgement = judge_question(bench, one.question, answer)
        else:
            exercise = one.exercises[int(step) - 1]
            if args.tree and not own.suits(exercise):
                notes = (f"kpf-review: not for {args.tree}: judged on the miniature",)
                own = bench
            judgement = judge_exercise(own, exercise, answer)
    if judgement.right:
        reached.mark(one, step)
    text = "\n".join(verdict_lines(judgement, session.color, session.width))
    return Result(text + "\n", 0 if judgement.right else 1, notes)


def _own_tree(args: argparse.Namespace) -> Workbench:
    """The tree that is named, else one more miniature."""
    from reviewer.learn.workbench import MINIATURE, Workbench

    return Workbench.open(Path(args.tree) if args.tree else MINIATURE)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _pages(args: argparse.Namespace) -> Result:
    from reviewer.learn.pages import course_pages
    from reviewer.output.html import write_pages

    written = write_pages(course_pages(), Path(args.html), force=args.force)
    return Result("", 0, tuple(f"wrote {path}" for path in written))


def _taught(args: argparse.Namespace, session: Session, reached: Progress) -> Result:
    from reviewer.learn import course
    from reviewer.learn.lesson import Left, Lesson
    from reviewer.learn.workbench import Workbench

    if session.terminal is None:
        raise UsageError("nobody to talk to; see --answer")
    one = course.chapter(args.chapter) if args.chapter else reached.next_chapter()
    if one is None:
        return Result("", 0, ("kpf-review: the course is done; --reset begins anew",))
    with Workbench.open() as bench, _own_tree(args) as own:
        while one is not None:
            lesson = Lesson(
                session.terminal, bench, one, reached, session.color, session.width, own
            )
            try:
                lesson.run()
            except Left:
                return Result("", 0, ("kpf-review: to go on: kpf-review learn",))
            if args.chapter:
                break
            following = reached.next_chapter()
            if following is not None and following.number <= one.number:
                return Result("", 0, (_left(reached),))  # something was skipped
            one = following
    return Result("", 0, (_left(reached),))


def _left(reached: Progress) -> str:
    one = reached.next_chapter()
    if one is None:
        return "kpf-review: the course is done. Go and review something."
    return f"kpf-review: next is {one.number}, {one.title}: kpf-review learn"
