# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what was not looked at, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import limits
from reviewer.api import FileImage
from reviewer.engine.run import ReviewRun
from reviewer.models import Change, NotChecked, Series

if TYPE_CHECKING:
    from reviewer.facts import Facts
    from reviewer.rulebook import LoadedRule
    from reviewer.tree.apply import Applied


def say_what_is_broken(image: FileImage, change: Change, run: ReviewRun) -> None:
    """Notes each function in focus that did not parse, and what is too deep."""
    for function in image.source.broken_functions:
        if image.in_focus(function.first_line, function.last_line):
            what = f"{change.path}: {function.name}()"
            run.skip(what, "parse error", change.path)
    say_what_is_too_deep(image, change.path, run)


def say_what_is_too_deep(image: FileImage, path: str, run: ReviewRun) -> None:
    """Notes where a file is nested deeper than ``code_depth`` allows."""
    if image.source.too_deep is not None:
        most = limits.in_force().code_depth
        why = f"nested deeper than {limits.option('code_depth')} = {most} levels"
        run.skip(f"{path}: line {image.source.too_deep}", why, path)


def say_what_did_not_apply(series: Series, applied: Applied, run: ReviewRun) -> None:
    """Notes each file that did not apply as it is, and what can be done."""
    if all(step.applied for step in applied.patches) and not any(
        change.why for step in applied.patches for change in step.changes
    ):
        return
    from reviewer.tree.advice import what_to_do

    todo = what_to_do(series, applied.info, run.tree)
    for step in applied.patches:
        if step.why:
            run.skip(f"patch {step.patch.index}", step.why)
        for change in step.changes:
            if change.why:
                what = f"patch {step.patch.index}: {change.path}"
                near = f"applied only nearly ({change.why}): nothing in it is proved"
                why = near if change.applied else change.why
                advice = None if step.applied else _advice(change, todo)
                run.not_checked[NotChecked(what, why, change.path, advice)] = None
    if applied.base is not None and not applied.is_exact:
        _say_what_is_silent(applied, run)


def _advice(change: Change, todo: str) -> str | None:
    """What can be done for one file; another base helps no name that is refused."""
    from reviewer.tree.advice import BEFORE_IT
    from reviewer.tree.hunk_places import HAS_IT
    from reviewer.tree.step import REFUSED

    if change.left_out or (change.why or "").startswith(REFUSED):
        return None
    return BEFORE_IT if change.why == HAS_IT else todo


def _say_what_is_silent(applied: Applied, run: ReviewRun) -> None:
    """That what needs the rest of the tree was not looked for."""
    changes = [change for step in applied.patches for change in step.changes]
    silent = [rule.name for rule in run.rules if rule.rule.whole_tree]
    if not silent or not any(change.applied for change in changes):
        return
    if applied.composed:
        why = "the files are those that the patches name, the tree around them is not"
    else:
        why = "a part of the series does not apply as it is"
    run.skip("the rest of the tree", f"{why}: silent are {', '.join(silent)}")


def lacks_tree(rule: LoadedRule, facts: Facts | None, run: ReviewRun) -> bool:
    """Says whether a rule needs a tree that is not there, and notes it."""
    if rule.rule.needs_tree and facts is None:
        from reviewer.tree.advice import NAME_A_TREE

        missed = NotChecked(rule.name, "no kernel tree", todo=NAME_A_TREE)
        run.not_checked[missed] = None
        return True
    return False
