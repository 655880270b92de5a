# SPDX-License-Identifier: GPL-2.0-or-later
"""The course as data: chapters in TOML, in the order of their file names.

A chapter has a page of text, a picture, one question and some exercises.  Every
exercise carries right and wrong answers of its own: the tests judge them all, and the
first right one is shown to who gives up.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewer.errors import UsageError

FOLDER = Path(__file__).parent / "chapters"


_PLAIN = (
    "start",
    "reference",
    "given",
    "name",
    "concurrent",
    "path",
    "subject",
    "message",
)  # fields of an exercise that are taken as they are


class Option(Struct, frozen=True):
    """A possible answer to a choice."""

    text: str
    right: bool
    why: str


class Question(Struct, frozen=True):
    """A question: ``choice``, or ``states`` and ``bits``, which the tree answers."""

    ask: str
    kind: str
    explain: str  # said after the right answer
    options: tuple[Option, ...] = ()
    of: str = ""  # states: a C condition; bits: a name used as a mask
    wrong: tuple[str, ...] = ()  # for the tests


class PossibleRemark(Struct, frozen=True):
    """What could be said about a line; ``rule`` is empty where it would be false."""

    text: str
    rule: str
    why: str


class Exercise(Struct, frozen=True):
    """Something to do; ``kind`` decides how the answer is judged.

    condition: a C condition      function: one C function
    review: marks on a patch      files: several files as one text
    v4: a patch mail              reply: an inline reply
    """

    kind: str
    task: str
    hints: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]  # (answer, words that the judgement must hold)
    done: str  # said after the right answer
    start: str = ""  # what the learner begins with: code, files, a mail
    reference: str = ""
    given: str = "1"
    name: str = ""  # of the function
    concurrent: bool = False
    path: str = "fs/proc/page.c"
    edits: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    message: str = ""
    remarks: tuple[PossibleRemark, ...] = ()
    fine: tuple[tuple[str, str], ...] = ()  # (part of a line, why it is right)
    paths: tuple[str, ...] = ()


class Chapter(Struct, frozen=True):
    """One chapter."""

    number: int
    name: str
    title: str
    rules: tuple[str, ...]  # whose lessons go deeper; patterns, see rules_of
    explain: tuple[str, ...]  # names to look up
    text: str
    picture: str
    question: Question
    exercises: tuple[Exercise, ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """Returns the names of the steps: "question", then "1", "2" ... for the
        exercises."""
        return ("question", *(str(n + 1) for n in range(len(self.exercises))))


def rules_of(chapter: Chapter) -> tuple[str, ...]:
    """Returns the rules whose lessons a chapter leads to, ``submission-*`` expanded.

    The last chapter leads to all that no other names, so that none is left out.
    """
    from fnmatch import fnmatchcase

    from reviewer import rulebook

    def named(one: Chapter) -> list[str]:
        return [
            rule
            for pattern in one.rules
            for rule in rulebook.names()
            if fnmatchcase(rule, pattern)
        ]

    found = named(chapter)
    if chapter is chapters()[-1]:
        elsewhere = {rule for one in chapters() for rule in named(one)}
        found += [rule for rule in rulebook.names() if rule not in elsewhere]
    return tuple(dict.fromkeys(found))


@cache
def chapters() -> tuple[Chapter, ...]:
    """Returns all chapters in their order."""
    files = sorted(FOLDER.glob("*.toml"))
    return tuple(_chapter(number, path) for number, path in enumerate(files, 1))


def chapter(name: str) -> Chapter:
    """Returns the chapter of a name or number.

    Raises UsageError with the nearest name.
    """
    for one in chapters():
        if name in (one.name, str(one.number)):
            return one
    import difflib

    near = difflib.get_close_matches(name, [one.name for one in chapters()], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see 'kpf-review learn --list'"
    raise UsageError(f"no chapter {name!r}; {hint}")


def _chapter(number: int, path: Path) -> Chapter:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Chapter(
        number=number,
        name=path.stem.partition("-")[2],
        title=data["title"],
        rules=tuple(data.get("rules", ())),
        explain=tuple(data.get("explain", ())),
        text=data["text"].strip("\n"),
        picture=data["picture"].strip("\n"),
        question=_question(data["question"]),
        exercises=tuple(_exercise(one) for one in data["exercise"]),
    )


def _question(data: dict[str, Any]) -> Question:
    options = tuple(
        Option(one["text"], one.get("right", False), one["why"])
        for one in data.get("options", ())
    )
    return Question(
        ask=data["ask"].strip(),
        kind=data["kind"],
        explain=data["explain"].strip(),
        options=options,
        of=data.get("of", ""),
        wrong=tuple(data.get("wrong", ())),
    )


def _exercise(data: dict[str, Any]) -> Exercise:
    plain = {key: data[key] for key in _PLAIN if key in data}
    return Exercise(
        kind=data["kind"],
        task=data["task"].strip("\n"),
        hints=tuple(data["hints"]),
        right=tuple(one.strip("\n") for one in data["right"]),
        wrong=tuple((w["answer"].strip("\n"), w["says"]) for w in data["wrong"]),
        done=data["done"].strip(),
        edits=tuple((one["from"], one["to"]) for one in data.get("edits", ())),
        remarks=tuple(
            PossibleRemark(one["text"], one.get("rule", ""), one.get("why", ""))
            for one in data.get("remarks", ())
        ),
        fine=tuple((one["line"], one["why"]) for one in data.get("fine", ())),
        paths=tuple(data.get("paths", ())),
        **plain,
    )
