# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets what a finding proposes be tried, with the rules of this review."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from reviewer import limits
from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.engine import trial
from reviewer.engine.describe import with_place_described
from reviewer.engine.run import LONGEST, ReviewRun
from reviewer.models import Judged
from reviewer.rulebook import LoadedRule


def with_tried_fix(
    finding: Judged,
    rule: LoadedRule,
    image: FileImage,
    count: int,
    again: Callable[[Source], int],
    run: ReviewRun,
) -> Judged:
    """Returns a finding with what it proposes, if all rules could read that to their
    end."""
    if not finding.edits and not finding.trial:
        return finding
    if len(image.source.line_text(finding.line)) > LONGEST:
        why = f"what it proposes was not tried: a line of over {LONGEST} characters"
        run.skip(rule.name, why, image.source.path)
        return trial.without_proposal(finding)
    before, left = run.slow.total(), run.time_for_a_proof()
    if left > 0:
        ask = _ask(run)
        done = trial.try_fix(
            finding, rule, image, count, again=again, ask=ask, seconds=left
        )
        return done if run.slow.total() == before else trial.without_proposal(done)
    why = f"what it proposes was not tried ({limits.option('review_time')})"
    run.skip(rule.name, why, image.source.path)
    return trial.without_proposal(finding)


def _ask(run: ReviewRun) -> trial.Ask:
    """Runs a rule on code that is only proposed: what it cannot judge is no matter."""

    def ask(rule: LoadedRule, image: FileImage) -> list[Judged]:
        aside = ReviewRun(run.rules, whole=run.whole, patience=run.patience)
        aside.spent, aside.slow, aside.end = run.spent, run.slow, run.end
        found = aside.call(rule, image, image.source.path)
        return [with_place_described(one, image) for one in found]

    return ask


def with_fix(
    finding: Judged, rule: LoadedRule, image: FileImage, count: int, run: ReviewRun
) -> Judged:
    """Returns a finding of a file rule with its fix."""

    def again(fixed: Source) -> int:
        return len(run.call(rule, replace(image, source=fixed), fixed.path))

    return with_tried_fix(finding, rule, image, count, again, run)
