# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews a series: the file rules on each patch, the step rules, the series rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from reviewer.api import FileImage, Scope, SeriesView, Step
from reviewer.engine.describe import (
    fingerprint,
    in_order,
    judged_in_series,
    made_less_grave,
    no_surer_than,
    with_place_described,
)
from reviewer.engine.images import (
    hunk_text,
    image_of,
    in_whole_functions,
    removed_lines,
    touched_lines,
)
from reviewer.engine.not_looked_at import (
    lacks_tree,
    say_what_did_not_apply,
    say_what_is_broken,
)
from reviewer.engine.old_or_new import had_before, look_at_later_patches
from reviewer.engine.run import C_FILES, FactsByView, Outcome, Progress, ReviewRun
from reviewer.models import Change, Finding, Judged, PatchState, Report, Series

if TYPE_CHECKING:
    from reviewer.c.source import Source
    from reviewer.facts import Facts
    from reviewer.rulebook import LoadedRule
    from reviewer.tree.apply import Applied
    from reviewer.tree.step import AppliedPatch

MOST_TOLD = 1_000  # findings of a series


def review(
    series: Series,
    applied: Applied,
    rules: Sequence[LoadedRule],
    *,
    preexisting: bool = False,
    context: dict[str, Any] | None = None,
    progress: Progress = lambda _text: None,
) -> Outcome:
    """Review a series that was applied to a tree, or could not be.

    ``preexisting`` keeps findings that the series did not bring in, for the
    functions that it touches.  ``context`` is handed to the series rules.
    """
    run = ReviewRun(
        rules,
        tree=(context or {}).get("tree"),
        is_exact=applied.is_exact,
        is_guess=applied.guessed,
    )
    facts = FactsByView()
    changes = tuple(change for step in applied.patches for change in step.changes)
    whole = SeriesView(
        series,
        changes,
        facts.of(applied.patches[0].pre_view) if applied.patches else None,
        facts.of(applied.patches[-1].post_view) if applied.patches else None,
        context or {},
    )
    run.whole = whole
    size = sum(len(patch.diff) for patch in series.patches)
    run.lets_end_after(size, len(series.patches))
    run.not_checked.update(dict.fromkeys(series.left_out))
    say_what_did_not_apply(series, applied, run)
    for step in applied.patches:
        progress(f"{step.patch.index}/{series.expected} {step.patch.title}")
        _review_patch(step, whole, facts, run)
    for rule in rules:
        if rule.rule.scope is Scope.SERIES and not lacks_tree(rule, whole.after, run):
            found = run.call(rule, whole, None)
            run.findings.extend(judged_in_series(finding, whole) for finding in found)
    look_at_later_patches(applied, facts, run)
    facts.keep()
    findings = _worth_reading(
        [f for f in run.findings if preexisting or not f.preexisting], run
    )
    states = tuple(PatchState(s.patch, s.applied, s.changes) for s in applied.patches)
    report = Report(
        series,
        applied.info,
        states,
        in_order(findings),
        run.missed(),
        tuple(rule.name for rule in rules),
        run.files,
    )
    return Outcome(report, tuple(dict.fromkeys(run.crashed)))


def _worth_reading(findings: list[Judged], run: ReviewRun) -> list[Judged]:
    """The findings, less those that nobody would read: the worst of very many."""
    if len(findings) <= MOST_TOLD:
        return findings
    why = f"more than {MOST_TOLD} in a series: the worst are told"
    run.skip(f"{len(findings) - MOST_TOLD} findings", why)
    return sorted(findings, key=lambda one: one.severity.rank)[:MOST_TOLD]


def _review_patch(
    step: AppliedPatch, whole: SeriesView, facts: FactsByView, run: ReviewRun
) -> None:
    run.spent.clear()
    before, after = facts.of(step.pre_view), facts.of(step.post_view)
    new: list[_Found] = []
    for change in step.changes:
        run.files += 1
        if not change.applied:
            from reviewer.engine.fragments import review_fragment

            run.findings.extend(review_fragment(change, before, run))
            continue
        assert before is not None
        assert after is not None
        before.will_be_asked_of(change.diff.old_path or change.path)
        after.will_be_asked_of(change.path)
        new.extend(_in_post_image(change, after, run))
        _run_step_rules(change, before, after, whole, run)
    old: list[Judged] = []
    asked = {found.rule.name for found in new}
    run.unfinished.clear()
    for change in step.changes:
        if asked and change.applied and before is not None:
            old.extend(_in_pre_image(change, before, asked, run))
    # what there was before is not known: it may be this
    new = [found for found in new if found.rule.name not in run.unfinished]
    preexisting = had_before([found.finding for found in new], old)
    for number, found in enumerate(new):
        from reviewer.engine.fixes import with_fix

        finding = with_fix(found.finding, found.rule, found.image, found.count, run)
        if number in preexisting:
            finding = made_less_grave(finding)
        finding = no_surer_than(found.change, finding, found.rule, run)
        run.findings.append(replace(finding, patch=step.patch.index))


class _Found(Struct, frozen=True):
    """A finding in a post-image, with what its fix is tried on."""

    finding: Judged
    rule: LoadedRule
    image: FileImage
    count: int  # of this rule's findings in the image
    change: Change


def _in_post_image(change: Change, facts: Facts, run: ReviewRun) -> Iterator[_Found]:
    """What the file rules find in the functions that the patch touches."""
    wanted = _file_rules(change, run)
    if change.post is None or not wanted:
        return
    image = image_of(change.path, change.post, facts, touched_lines(change), run)
    if image is None:
        return
    for rule in wanted:
        found = run.call(rule, image, change.path)
        for finding in in_whole_functions(found, image, rule):
            yield _Found(
                with_place_described(finding, image), rule, image, len(found), change
            )
    say_what_is_broken(image, change, run)


def _in_pre_image(
    change: Change, facts: Facts, asked: set[str], run: ReviewRun
) -> Iterator[Judged]:
    """What the rules that found something find in the whole file as it was.

    All files of the patch are looked at: the code may have been moved here.
    """
    path = change.diff.old_path
    wanted = [rule for rule in _file_rules(change, run) if rule.name in asked]
    if change.pre is None or path is None or not wanted:
        return
    image = image_of(path, change.pre, facts, None, run)
    if image is None:
        return
    for rule in wanted:
        for finding in in_whole_functions(run.call(rule, image, path), image, rule):
            yield with_place_described(finding, image)


def _file_rules(change: Change, run: ReviewRun) -> list[LoadedRule]:
    if not change.path.endswith(C_FILES):
        return []
    text = hunk_text(change)
    return [
        rule
        for rule in run.rules
        if rule.rule.scope is Scope.FILE
        and _may_speak(rule, run)
        and rule.wants(change.path, text)
    ]


def _may_speak(rule: LoadedRule, run: ReviewRun) -> bool:
    """Whether the tree, where a rule needs all of it, is the author's."""
    return run.is_exact or not rule.rule.whole_tree


def _run_step_rules(
    change: Change, before: Facts, after: Facts, whole: SeriesView, run: ReviewRun
) -> None:
    text = hunk_text(change)
    wanted = [
        rule
        for rule in run.rules
        if rule.takes_steps and _may_speak(rule, run) and rule.wants(change.path, text)
    ]
    if not wanted:
        return
    pre = post = None
    old_path = change.diff.old_path or change.path
    if change.pre is not None and change.pre != b"":
        pre = image_of(old_path, change.pre, before, removed_lines(change), run)
    if change.post is not None and change.post != b"":
        post = image_of(change.path, change.post, after, touched_lines(change), run)
    step = Step(change, pre, post, whole)
    for rule in wanted:
        found = run.call(rule, step, change.path)
        for finding in found:
            done = _completed_in(step, finding, rule, len(found), run)
            done = no_surer_than(change, done, rule, run)
            run.findings.append(replace(done, patch=change.patch.index))


def _completed_in(
    step: Step, finding: Finding, rule: LoadedRule, count: int, run: ReviewRun
) -> Judged:
    """A finding of a step rule with its place and its fix."""
    image = step.pre if finding.removed_line else step.post
    if image is None:
        return Judged.of(finding, fingerprint=fingerprint(finding))
    placed = with_place_described(finding, image)
    if finding.removed_line:
        return placed

    def again(fixed: Source) -> int:
        return len(run.call(rule, _with_post(step, fixed), fixed.path))

    from reviewer.engine.fixes import with_tried_fix

    return with_tried_fix(placed, rule, image, count, again, run)


def _with_post(step: Step, source: Source) -> Step:
    assert step.post is not None
    return replace(step, post=replace(step.post, source=source))
