# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the file rules over code as it stands, some files at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from reviewer.api import Scope
from reviewer.c.source import forget
from reviewer.engine.describe import in_order, with_place_described
from reviewer.engine.fixes import with_fix
from reviewer.engine.images import image_of, in_whole_functions
from reviewer.engine.not_looked_at import say_what_is_too_deep
from reviewer.engine.run import FactsByView, Outcome, ReviewRun
from reviewer.facts import Facts
from reviewer.models import Judged, NotChecked, Report, TreeInfo
from reviewer.rulebook import LoadedRule, WholeFile
from reviewer.tree.view import View

_SCAN_PATIENCE = 20  # a scan has no reader who waits, and all of a file to look at


class ScanPart(Struct, frozen=True):
    """What was found in some of the files; nothing in it but what JSON can hold."""

    files: int = 0
    findings: tuple[Judged, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    crashed: tuple[str, ...] = ()


def scan(
    view: View, info: TreeInfo, paths: Iterable[str], rules: Sequence[LoadedRule]
) -> Outcome:
    """Run the file rules over files as they stand; all of each file counts."""
    return joined([Scanner(view, rules).part(paths)], info, rules)


class Scanner:
    """Runs file rules over the files of one state of a tree."""

    def __init__(self, view: View, rules: Sequence[LoadedRule]) -> None:
        self._view = view
        self._rules = _of_files(rules)
        facts = FactsByView().of(view)
        assert facts is not None
        self._facts: Facts = facts

    def part(self, paths: Iterable[str]) -> ScanPart:
        """Returns what the rules find in these files."""
        run = ReviewRun(self._rules, patience=_SCAN_PATIENCE)
        for path in paths:
            self._look_at(path, run)
        return ScanPart(
            run.files,
            in_order(run.findings),
            run.missed(),
            tuple(dict.fromkeys(run.crashed)),
        )

    def _look_at(self, path: str, run: ReviewRun) -> None:
        data = self._view.read(path)
        if data is None:
            run.skip(path, "cannot be read", path)
            return
        run.files += 1
        file = WholeFile(data)
        wanted = [rule for rule in run.rules if rule.wants_all_of(path, file)]
        if all(rule.rule.shapes for rule in wanted):  # else it is parsed anyhow
            wanted = [rule for rule in wanted if file.may_hold(rule.rule.shapes)]
        image = image_of(path, data, self._facts, None, run) if wanted else None
        if image is None:
            return
        for rule in wanted:
            found = run.call(rule, image, path)
            for finding in in_whole_functions(found, image, rule):
                placed = with_place_described(finding, image)
                run.findings.append(with_fix(placed, rule, image, len(found), run))
        for function in image.source.broken_functions:
            run.skip(f"{path}: {function.name}()", "parse error", path)
        say_what_is_too_deep(image, path, run)
        forget(data)  # a scan does not come back to it


def joined(
    parts: Sequence[ScanPart], info: TreeInfo, rules: Sequence[LoadedRule]
) -> Outcome:
    """Returns the report of a scan whose files were looked at in parts."""
    report = Report(
        None,
        info,
        (),
        in_order([one for part in parts for one in part.findings]),
        tuple(dict.fromkeys(one for part in parts for one in part.not_checked)),
        tuple(rule.name for rule in _of_files(rules)),
        sum(part.files for part in parts),
    )
    crashed = dict.fromkeys(name for part in parts for name in part.crashed)
    return Outcome(report, tuple(crashed))


def _of_files(rules: Sequence[LoadedRule]) -> list[LoadedRule]:
    return [rule for rule in rules if rule.rule.scope is Scope.FILE]
