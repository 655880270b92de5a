# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells what a patch brings in from what was there, and what a later one takes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.api import FileImage, Scope
from reviewer.engine.describe import with_place_described
from reviewer.engine.images import image_of
from reviewer.engine.run import FactsByView, ReviewRun
from reviewer.models import Judged

if TYPE_CHECKING:
    from reviewer.rulebook import LoadedRule
    from reviewer.tree.apply import Applied


def had_before(new: Sequence[Judged], old: Sequence[Judged]) -> set[int]:
    """Says which of the new findings the pre-images had already, by their place in new.

    Matched one to one, the surest first: the same statement in the same function;
    the same statement elsewhere (moved code); in the same function a statement
    that is much the same (a renamed constant or variable).
    """
    left = list(old)
    matched: set[int] = set()
    for same in (_same_place, _moved, _renamed):
        for number, finding in enumerate(new):
            if number in matched:
                continue
            for candidate in left:
                if candidate.rule == finding.rule and same(finding, candidate):
                    matched.add(number)
                    left.remove(candidate)
                    break
    return matched


def _same_place(one: Judged, two: Judged) -> bool:
    return one.function == two.function and one.anchor == two.anchor


def _moved(one: Judged, two: Judged) -> bool:
    return one.anchor == two.anchor


def _renamed(one: Judged, two: Judged) -> bool:
    """Whether only names differ between two statements of one function."""
    if one.function != two.function:
        return False
    return _shape(one.anchor) == _shape(two.anchor)


def _shape(statement: str) -> str:
    import re

    return re.sub(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*", "x", statement)


def look_at_later_patches(applied: Applied, facts: FactsByView, run: ReviewRun) -> None:
    """Find which later patch of the series takes a finding out again."""
    by_name = {rule.name: rule for rule in run.rules}
    for number, finding in enumerate(run.findings):
        rule = by_name.get(finding.rule)
        if finding.preexisting or finding.patch is None or rule is None:
            continue
        if rule.rule.scope is not Scope.FILE or finding.removed_line:
            continue
        gone = _gone_by(finding, rule, applied, facts, run)
        if gone is not None:
            run.findings[number] = replace(finding, fixed_later_by=gone)


def _gone_by(
    finding: Judged,
    rule: LoadedRule,
    applied: Applied,
    facts: FactsByView,
    run: ReviewRun,
) -> int | None:
    path = finding.file
    for step in applied.patches:
        if step.patch.index <= (finding.patch or 0):
            continue
        for change in step.changes:
            if change.diff.old_path != path or not change.applied:
                continue
            if change.post is None:
                return step.patch.index
            path = change.path
            after = facts.of(step.post_view)
            assert after is not None
            image = image_of(path, change.post, after, None, run)
            if image is None:
                return None
            still = _once_more(rule, image, step.patch.index, run)
            if not any(_same_place(f, finding) or _moved(f, finding) for f in still):
                return step.patch.index
    return None


def _once_more(
    rule: LoadedRule, image: FileImage, patch: int, run: ReviewRun
) -> list[Judged]:
    """What a rule finds in a whole file after a patch; looked for once."""
    key = (rule.name, patch, image.source.path)
    if key not in run.later:
        found = run.call(rule, image, image.source.path)
        run.later[key] = [with_place_described(finding, image) for finding in found]
    return run.later[key]
