# SPDX-License-Identifier: GPL-2.0-or-later
"""A file as rules are given it, and which of its lines a patch touches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reviewer.api import FileImage
from reviewer.c.text import spaces_for
from reviewer.engine.run import C_FILES, ReviewRun
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.models import Change, Finding
from reviewer.rulebook import LoadedRule
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from reviewer.c.source import Source


def image_of(
    path: str, data: bytes, facts: Facts, focus: frozenset[int] | None, run: ReviewRun
) -> FileImage | None:
    """Parses a file for the rules; None, with a note in ``run``, where it cannot be.

    What is no C has no tree: the parser takes longest over what it cannot read.
    """
    from reviewer.c.source import parse

    read = parse if path.endswith(C_FILES) else without_tree
    try:
        return FileImage(read(path, data), facts, focus, run.whole)
    except KpfError as error:
        run.skip(path, str(error), path)
        return None


def without_tree(path: str, data: bytes) -> Source:
    """Returns a file that is no C: its text and lines, and a tree without a node."""
    from reviewer.c.neutralise import neutralise
    from reviewer.c.source import Source
    from reviewer.c.trees import tree_of

    neutral = neutralise(spaces_for(data))
    return Source(path, data, neutral, tree_of(neutral, math.inf))


def in_whole_functions(
    findings: Iterable[Finding], image: FileImage, rule: LoadedRule
) -> Iterator[Finding]:
    """Yields the findings, but for those in functions that could not be parsed."""
    for finding in findings:
        function = image.source.function_at(finding.line)
        if rule.rule.textual or function is None or not function.broken:
            yield finding


def hunk_text(change: Change) -> bytes:
    """Returns the lines of all hunks, bytes, for the triggers of rules."""
    text = "\n".join(line.text for hunk in change.diff.hunks for line in hunk.lines)
    return encode(text)


def touched_lines(change: Change) -> frozenset[int]:
    """Returns lines of the post-image that are new or next to something removed."""
    return change.added | _seams(change, "+")


def removed_lines(change: Change) -> frozenset[int]:
    """Returns lines of the pre-image that go or are next to something added."""
    return change.removed | _seams(change, "-")


def _seams(change: Change, own: str) -> frozenset[int]:
    """Lines of one side that stand next to a line which only the other side has."""
    seams = set()
    for hunk in change.diff.hunks:
        for number, line in enumerate(hunk.lines):
            if line.kind not in "+-" or line.kind == own:
                continue
            for near in hunk.lines[max(0, number - 1) : number + 2]:
                place = near.new if own == "+" else near.old
                if place is not None:
                    seams.add(place)
    return frozenset(seams)
