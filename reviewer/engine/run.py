# SPDX-License-Identifier: GPL-2.0-or-later
"""One review while it goes on: runs a rule within its bounds, keeps what came of it."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from reviewer import limits
from reviewer.api import FileImage, SeriesView, Skipped, Step
from reviewer.deadline import ProcessorTime, TimeUsedUp
from reviewer.doubts import gathered, reasons_in_a_line
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing
from reviewer.models import Confidence, Finding, Judged, NotChecked, Report, Severity
from reviewer.rulebook import LoadedRule
from reviewer.tree import Tree
from reviewer.tree.view import View

C_FILES = (".c", ".h")
MOST_ON_A_LINE = 20  # findings of one rule
MOST_IN_A_FILE = 2_000  # findings of one rule, on lines that a patch touches
MOST_NAMED = 5  # files for which no time was left
LONGEST = 4_000  # characters of code in one remark
MEGABYTE = 1_000_000
FEW_PATCHES = 4  # that have review_time together
Progress = Callable[[str], None]


class ReviewRun(Struct):
    """What one review gathers while it goes over the patches."""

    rules: Sequence[LoadedRule]
    findings: list[Judged] = field(default_factory=list)
    not_checked: dict[NotChecked, None] = field(default_factory=dict)
    crashed: list[str] = field(default_factory=list)
    files: int = 0
    whole: SeriesView | None = None
    tree: Tree | None = None
    # whether every file of the series, and the tree around it, is as its author had it
    is_exact: bool = True
    is_guess: bool = False  # the tree takes the series, but is not the author's
    # what a rule finds in a file as a later patch leaves it
    later: dict[tuple[str, int, str], list[Judged]] = field(default_factory=dict)
    # questions that a rule dropped; in the first state of a file that it was given
    doubts: dict[tuple[str, str | None], Counter[str]] = field(default_factory=dict)
    patience: int = 1  # times the limits of processor time
    spent: dict[str | None, float] = field(default_factory=dict)  # seconds, by file
    slow: Counter[str] = field(default_factory=Counter)  # rules that took too long
    end: float = math.inf  # of the time for all of it, in this process's own
    not_begun: dict[str, None] = field(default_factory=dict)  # files, after that
    unfinished: set[str] = field(default_factory=set)  # rules, since it was emptied

    def skip(self, what: str, why: str, file: str | None = None) -> None:
        """Notes what was not checked, and why."""
        self.not_checked[NotChecked(what, why, file)] = None

    def missed(self) -> tuple[NotChecked, ...]:
        """Returns all that was not checked: the questions that were dropped at
        the end."""
        doubts = {
            NotChecked(
                f"{file or 'the series'}: {rule}", reasons_in_a_line(dropped), file
            ): None
            for (rule, file), dropped in self.doubts.items()
        }
        return tuple(self.not_checked | doubts | self._left())

    def _left(self) -> dict[NotChecked, None]:
        """What no time was left for, in a line."""
        if not self.not_begun:
            return {}
        names = [*self.not_begun][:MOST_NAMED]
        more = len(self.not_begun) - len(names)
        told = ", ".join(names) + (f" and {more} more" if more else "")
        why = f"all rules together took too long ({limits.option('review_time')})"
        return {NotChecked("the rules that were left", f"{why}: {told}"): None}

    def lets_end_after(self, size: int, patches: int) -> None:
        """Bounds all that follows by what so many patches of so many bytes may take: a
        series of thirty is no attack."""
        parts = max(math.ceil(size / MEGABYTE), math.ceil(patches / FEW_PATCHES), 1)
        self.end = time.process_time() + limits.in_force().review_time * parts

    def call(self, rule: LoadedRule, subject: Any, file: str | None) -> list[Finding]:
        """Returns what one rule finds; its failure costs its own findings only."""
        found: list[Finding] = []
        began = time.process_time()
        if began > self.end:
            self.not_begun[file or "the series"] = None
            self._ended(rule)
            return found
        try:
            of_steps = rule.for_steps if isinstance(subject, Step) else None
            with ProcessorTime(self._time_left(rule, file)), gathered() as dropped:
                check = of_steps or rule.check
                most = MOST_IN_A_FILE if _is_touched(subject) else None
                found.extend(islice(_until_too_many(check(subject)), most))
            if len(found) == most:
                why = f"{most} findings in one file: what follows was not looked at"
                self.skip(rule.name, why, file)
            if dropped:
                self.doubts.setdefault((rule.name, file), dropped)
        except TimeUsedUp:
            self.skip(rule.name, f"took too long ({self._bound(file)})", file)
            self._ended(rule)
            for facts in _facts_of(subject):
                facts.read_anew()
        except Skipped as skipped:
            self.not_checked[skipped.not_checked] = None
        except FactsMissing as missing:
            self.skip(rule.name, missing.not_checked.why, missing.not_checked.file)
        except KpfError as error:
            self.skip(rule.name, str(error), file)
        except (KeyboardInterrupt, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one rule must not end the review
            if isinstance(error, RecursionError) and _is_deep(subject):
                self.skip(rule.name, "the code is nested too deeply for it", file)
                return found
            self.crashed.append(rule.name)
            self.skip(rule.name, f"internal error: {type(error).__name__}", file)
            _debug_traceback()
        finally:
            took = time.process_time() - began
            self.spent[file] = self.spent.get(file, 0.0) + took
        found = self._of_this_tree(rule, found, file)
        return self._first_on_each_line(rule, found, file)

    def _ended(self, rule: LoadedRule) -> None:
        self.slow[rule.name] += 1
        self.unfinished.add(rule.name)

    def _first_on_each_line(
        self, rule: LoadedRule, found: list[Finding], file: str | None
    ) -> list[Finding]:
        """The findings, less those that nobody would read: of a line with very many."""
        on_line: Counter[tuple[str, int]] = Counter()
        kept = []
        for finding in found:
            on_line[finding.file, finding.line] += 1
            if on_line[finding.file, finding.line] <= MOST_ON_A_LINE:
                kept.append(finding)
        if len(kept) < len(found):
            why = f"more than {MOST_ON_A_LINE} findings on one line: the first are told"
            if max(on_line.values()) > 2 * MOST_ON_A_LINE:
                why += ", and what follows was not looked at"
            self.skip(rule.name, why, file)
        return [_readable(finding) for finding in kept]

    def _of_this_tree(
        self, rule: LoadedRule, found: list[Finding], file: str | None
    ) -> list[Finding]:
        """Without what only says that the tree is another one than the author's."""
        kept = [one for one in found if self.is_exact or not one.whole_tree]
        if len(kept) < len(found):
            self.skip(rule.name, "the tree may lack what the author's has", file)
        return [_asked(one) if self.is_guess else one for one in kept]

    def _time_left(self, rule: LoadedRule, file: str | None) -> float:
        """Seconds that a rule may take now; a series rule looks at many files.

        A rule that took too long once gets a tenth from then on: a series has many
        files and patches.
        """
        bounds = limits.in_force()
        share = self.patience / 10 if rule.name in self.slow else self.patience
        of_all = self.end - time.process_time()
        if file is None:
            return min(bounds.file_time * share, of_all)
        left = bounds.file_time * self.patience - self.spent.get(file, 0.0)
        return min(bounds.rule_time * share, left, of_all)

    def time_for_a_proof(self) -> float:
        """Returns how many seconds are left to prove something about a finding."""
        left = self.end - time.process_time()
        return min(limits.in_force().rule_time * self.patience, left)

    def _bound(self, file: str | None) -> str:
        """The limit that ended a rule."""
        if time.process_time() > self.end:
            return limits.option("review_time")
        bounds = limits.in_force()
        all_of_it = bounds.file_time * self.patience
        if file is None or self.spent.get(file, 0.0) + bounds.rule_time > all_of_it:
            return limits.option("file_time")
        return limits.option("rule_time")


def _is_touched(subject: Any) -> bool:
    """Whether it is a file as a patch leaves it: as it was before, all of it is
    compared."""
    return isinstance(subject, FileImage) and subject.focus is not None


def _until_too_many(found: Iterable[Finding]) -> Iterator[Finding]:
    """What a rule finds, up to so many on one line that nobody wrote it by hand."""
    on_line: Counter[tuple[str, int]] = Counter()
    for finding in found:
        yield finding
        on_line[finding.file, finding.line] += 1
        if on_line[finding.file, finding.line] > 2 * MOST_ON_A_LINE:
            return


def _readable(finding: Finding) -> Finding:
    """The finding, what nobody reads to its end cut: an expression of a megabyte."""
    texts = [one for one in finding.fields.values() if isinstance(one, str)]
    texts += [one.text for one in finding.evidence]
    if all(len(one) <= LONGEST for one in texts):
        return finding
    fields = {
        name: _cut(one) if isinstance(one, str) else one
        for name, one in finding.fields.items()
    }
    evidence = tuple(replace(one, text=_cut(one.text)) for one in finding.evidence)
    return replace(finding, fields=fields, evidence=evidence)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} [...]"


def _asked(finding: Finding) -> Finding:
    """What the author's tree may answer is no more than worth knowing."""
    if not finding.whole_tree:
        return finding
    return replace(finding, severity=Severity.INFO, confidence=Confidence.QUESTION)


def _facts_of(subject: Any) -> list[Facts]:
    """The facts that a rule was given with its subject."""
    if isinstance(subject, FileImage):
        return [subject.facts]
    if isinstance(subject, SeriesView):
        return [facts for facts in (subject.before, subject.after) if facts]
    sides = [side for side in (subject.pre, subject.post) if side is not None]
    return [side.facts for side in sides] + _facts_of(subject.series)


def _is_deep(subject: Any) -> bool:
    """Whether the code that a rule was given is nested as the kernel's never is."""
    sides = (subject.pre, subject.post) if isinstance(subject, Step) else (subject,)
    images = [side for side in sides if isinstance(side, FileImage)]
    return any(image.source.depth > _DEEP for image in images)


_DEEP = 250  # levels of a C file's tree; the kernel's have up to 231


def _debug_traceback() -> None:
    import logging

    logging.getLogger("kpf").debug("a rule failed", exc_info=True)


class Outcome(Struct, frozen=True):
    """A report, and the names of the rules that failed while it was made."""

    report: Report
    crashed: tuple[str, ...]


class FactsByView:
    """One Facts a view."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[View, Facts]] = {}

    def of(self, view: View | None) -> Facts | None:
        """Returns the facts of a view, read once; None where there is no tree."""
        if view is None:
            return None
        if id(view) not in self._known:
            from reviewer.facts import Facts

            self._known[id(view)] = (view, Facts(view))
        return self._known[id(view)][1]

    def keep(self) -> None:
        """Write what was learnt for the next run, where that can be."""
        for _view, facts in self._known.values():
            facts.keep()
