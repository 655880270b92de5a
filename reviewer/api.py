# SPDX-License-Identifier: GPL-2.0-or-later
"""All that a rule needs to know: what it is given and what it yields.

A rule is a folder under ``rules/`` with ``rule.py`` (a ``RULE`` literal and a
``check`` generator), ``lesson.md`` and ``cases/``.  It reads C and facts and yields
``Finding`` data; it never prints, never words a sentence and never decides what is
new: the engine runs it on both sides of a change and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from reviewer.models import (
    Change,
    Confidence,
    Edit,
    Evidence,
    Finding,
    NotChecked,
    Series,
    Severity,
)

if TYPE_CHECKING:
    from reviewer.c.source import Source
    from reviewer.facts import Facts

__all__ = [
    "Change",
    "Confidence",
    "Edit",
    "Evidence",
    "FileImage",
    "Finding",
    "Rule",
    "Scope",
    "SeriesView",
    "Severity",
    "Skipped",
    "Status",
    "Step",
]


FOR_PROGRAMS = ("Opened", "Review", "as_data", "open", "report", "review")


class Scope(StrEnum):
    """What a rule looks at, which is what its ``check`` is given."""

    FILE = "file"  # check(image: FileImage) - one C file in one state
    STEP = "step"  # check(step: Step) - one file before and after one patch
    SERIES = "series"  # check(series: SeriesView) - the whole series


class Status(StrEnum):
    """Preview rules run only when asked for by name or with --preview."""

    STABLE = "stable"
    PREVIEW = "preview"


class Rule(Struct, frozen=True):
    """The description of a rule; ``name`` is stable and user-visible."""

    name: str
    summary: str  # one line, for the tables
    severity: Severity  # the usual one; a finding may differ
    scope: Scope
    precedent: tuple[str, ...]  # commits ('81401cebfc15 ("...")') or message-ids
    needs_tree: bool = True  # reads facts: not checked without a tree
    # Cheap test on the text that the patch adds (for SERIES: of all patches) that
    # spares parsing; a regular expression over bytes, None: always run.
    trigger: bytes | None = None
    # FILE: what each file holds, beside the trigger, about which the rule may have
    # something to say, as regular expressions: a scan spares it the others.
    needs: tuple[bytes, ...] = ()
    # FILE: what the bare code (c/bare_code.py) of such a file holds one of, as regular
    # expressions: a scan that runs no other rule does not parse the rest.
    shapes: tuple[bytes, ...] = ()
    # concludes from what other files say or lack: silent where a file of the series is
    # not what its author had, for the tree around it is another one too
    whole_tree: bool = False
    # FILE: also judges the bare hunks of a patch that does not apply, with the facts
    # of the tree; only for rules that need nothing from around the hunks.
    on_fragments: bool = False
    # FILE: also judges code as it stands; not where that costs much and the robots
    # that build every configuration have answered already (--select runs it).
    in_scan: bool = True
    # FILE: the module has ``check_step(step)`` too, for what only both sides show.
    steps_too: bool = False
    # FILE: reads the text and not the tree, so that a parse error is no obstacle
    textual: bool = False
    # suffixes of the files it reads; "Kconfig" stands for Kconfig.debug as well
    languages: tuple[str, ...] = (".c", ".h")
    status: Status = Status.STABLE

    def finding(
        self, file: str, line: int, fields: Mapping[str, Any], **more: Any
    ) -> Finding:
        """Returns a finding of this rule, proved and of its usual severity unless told.

        ``fields`` are for the template; ``more`` are other fields of Finding, which go
        before those that are set here.
        """
        usual = {"severity": self.severity, "confidence": Confidence.PROVED}
        return Finding(
            rule=self.name, file=file, line=line, fields=fields, **{**usual, **more}
        )


class FileImage(Struct, frozen=True):
    """One C file in one state (a pre-image, a post-image, or a file scanned).

    ``focus``: the lines a patch touches, None for all.  A rule may use it to spare
    work (only functions that hold a focus line), never to decide what is new.
    """

    source: Source
    facts: Facts
    focus: frozenset[int] | None = None
    series: SeriesView | None = None  # what the file belongs to; None in a scan
    # a bare hunk of a patch that does not apply: of the file there is nothing else
    fragment: bool = False

    def in_focus(self, first: int, last: int) -> bool:
        """Says whether any of the lines first..last is of interest."""
        if self.focus is None:
            return True
        if last - first < len(self.focus):
            return any(line in self.focus for line in range(first, last + 1))
        return any(first <= line <= last for line in self.focus)


class Step(Struct, frozen=True):
    """One file before and after one patch, with the facts of each side.

    ``pre`` or ``post`` is None where the file does not exist on that side.
    ``series`` gives the rest of the series (documentation in 3/3 satisfies 1/3).
    """

    change: Change
    pre: FileImage | None
    post: FileImage | None
    series: SeriesView


class SeriesView(Struct, frozen=True, dict=True):
    """The whole series, with the facts before it and after it."""

    series: Series | None  # None where only files are compared
    changes: tuple[Change, ...]  # of all patches, in order
    before: Facts | None
    after: Facts | None
    context: dict[str, Any] = field(default_factory=dict)  # e.g. earlier revisions

    def touches(self, path: str) -> bool:
        """Says whether any patch of the series changes ``path``."""
        return path in self.by_path

    @cached_property
    def by_path(self) -> dict[str, list[Change]]:
        """The changes of each file, in the order of the patches."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.path, []).append(change)
        return found


def __getattr__(name: str) -> Any:
    """Gives programs ``open``, ``review`` and ``report`` (docs/api.md), which stand
    above the rules and are loaded when they are asked for."""
    if name in FOR_PROGRAMS:
        import importlib

        return getattr(importlib.import_module("reviewer.library"), name)
    raise AttributeError(name)


class Skipped(Exception):
    """Raised by a rule that cannot judge: becomes a ``not_checked`` line."""

    def __init__(self, what: str, why: str, file: str | None = None) -> None:
        super().__init__(what, why)
        self.not_checked = NotChecked(what, why, file)
