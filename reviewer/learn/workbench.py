# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree that exercises are done on, and the engine run over a learner's work.

Nothing of an answer is ever executed or written to the tree: it is text that is
parsed, compared and reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from reviewer.facts import Facts, FactsMissing
from reviewer.learn.course import Exercise
from reviewer.models import (
    Address,
    Finding,
    Headers,
    Judged,
    Patch,
    PatchState,
    Report,
    Series,
)
from reviewer.patterns import regex
from reviewer.tree import Tree, open_tree
from reviewer.utf8 import decode, encode

MINIATURE = Path(__file__).parent.parent / "demo" / "tree"
RITA = Address("Rita Reviewer", "rita@example.org")
_NAMES = regex(r"\b(?:PG_|KPF_|PAGE_MAPPING_)\w+|\bPage[A-Z]\w+|\bfolio_test_\w+")
NADIA = Address("Nadia Newcomer", "nadia@example.org")
UNDOCUMENTED = "undocumented-change"  # asks for a companion in the series
LIST = Address("", "linux-mm@lists.example.org")
DATE = "Mon, 4 Mar 2024 10:05:00 +0000"


class Workbench(Struct, frozen=True, dict=True):
    """A tree with its facts.  Use with ``with``."""

    tree: Tree

    @classmethod
    def open(cls, folder: Path = MINIATURE) -> Workbench:
        """Returns the workbench on a tree; by default on the miniature."""
        return cls(open_tree(folder))

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.tree.close()

    @cached_property
    def facts(self) -> Facts:
        """What the tree says."""
        return Facts(self.tree.view(None))

    def read(self, path: str) -> str:
        """Returns a file of the tree."""
        data = self.tree.view(None).read(path)
        return "" if data is None else decode(data)

    def posted(
        self, files: Mapping[str, str], subject: str, message: str = ""
    ) -> Series:
        """Returns the difference to some files as if it had come by mail."""
        from reviewer.patch.write import unified_diff

        diff = ""
        for path, text in files.items():
            old = self.tree.view(None).read(path) or b""
            new = encode(text)
            if old != new:
                diff += f"diff --git a/{path} b/{path}\n{unified_diff(path, old, new)}"
        headers = Headers(
            message_id="20240304100500.7-1-nadia@example.org",
            subject=subject,
            date=DATE,
            sender=NADIA,
            to=(LIST,),
        )
        title = subject.partition("] ")[2] or subject
        body = f"{message}\n---\n\n{diff}"
        patch = Patch(1, headers, NADIA, title, message, (), "", body, diff)
        return Series(headers.message_id, subject, 1, (patch,), 1)

    def reviewed(self, series: Series) -> Report:
        """Returns what the engine says about a series on top of the tree, in words."""
        from reviewer import engine, output, rulebook
        from reviewer.api import Scope
        from reviewer.tree.apply import apply_series

        # Exercises are about lines of code; whole series have a chapter of their own.
        rules = [
            rule
            for rule in rulebook.choose(ignore=[UNDOCUMENTED])
            if rule.rule.scope is not Scope.SERIES
        ]
        with apply_series(series, self.tree, base=None) as applied:
            outcome = engine.review(series, applied, rules)
        return output.worded(outcome.report)

    def judged_file(self, path: str, text: str) -> tuple[Judged, ...]:
        """Returns what the rules for single files say about a text in the place of a
        file."""
        from reviewer import output, rulebook
        from reviewer.api import FileImage, Scope, Skipped
        from reviewer.c.source import parse

        image = FileImage(parse(path, encode(text)), self.facts)
        found: list[Finding] = []
        for rule in rulebook.choose():
            if rule.rule.scope is Scope.FILE and rule.wants(path, image.source.data):
                try:
                    found += rule.check(image)
                except (Skipped, FactsMissing):
                    continue
        report = Report(
            None, self.tree.info, (), tuple(Judged.of(one) for one in found)
        )
        return worth_saying(output.worded(report))

    def suits(self, exercise: Exercise) -> bool:
        """Says whether an exercise can be done on this tree: it has the names it needs.

        Patches and files are those of the miniature; a condition or a function is
        about names that any kernel may have.
        """
        if exercise.kind not in ("condition", "function"):
            return False
        near = exercise.path
        names = set(_NAMES.findall(f"{exercise.reference} {exercise.start}"))
        try:
            return all(
                self.facts.helpers.get(name) is not None
                or self.facts.constant(name, near=near)
                for name in names
            )
        except FactsMissing:  # a tree without page flags has none of them
            return False

    def patch_of(self, exercise: Exercise) -> Series:
        """Returns the patch of a review or reply exercise.

        Raises ValueError where an edit does not fit the tree, as for all that is ours.
        """
        text = self.read(exercise.path)
        for old, new in exercise.edits:
            if text.count(old) != 1:
                raise ValueError(f"{text.count(old)} times in {exercise.path}: {old!r}")
            text = text.replace(old, new)
        return self.posted({exercise.path: text}, exercise.subject, exercise.message)


def state_of(report: Report) -> PatchState:
    """Returns the only patch of a report."""
    return report.patches[0]


def worth_saying(report: Report) -> tuple[Judged, ...]:
    """Returns what belongs into a reply: everything but what is only worth knowing."""
    return tuple(f for f in report.findings if f.severity.rank < 3)
