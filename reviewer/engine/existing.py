# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the file rules over code as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reviewer.api import Scope
from reviewer.engine.describe import in_order, judged
from reviewer.engine.fixes import with_fix
from reviewer.engine.images import image_of, in_whole_functions
from reviewer.engine.missed import say_what_is_too_deep
from reviewer.engine.run import FactsByView, Outcome, Progress, Run
from reviewer.models import (
    Report,
    TreeInfo,
)

if TYPE_CHECKING:
    from reviewer.rulebook import LoadedRule
    from reviewer.tree.view import View

_SCAN_PATIENCE = 20  # a scan has no reader who waits, and all of a file to look at


def scan(
    view: View,
    info: TreeInfo,
    paths: Iterable[str],
    rules: Sequence[LoadedRule],
    *,
    progress: Progress = lambda _text: None,
) -> Outcome:
    """Run the file rules over files as they stand; all of each file counts."""
    of_files = [rule for rule in rules if rule.rule.scope is Scope.FILE]
    run = Run(of_files, patience=_SCAN_PATIENCE)
    facts = FactsByView().of(view)
    assert facts is not None
    for path in paths:
        data = view.read(path)
        if data is None:
            run.skip(path, "cannot be read", path)
            continue
        run.files += 1
        wanted = [rule for rule in run.rules if rule.wants(path, data)]
        if not wanted:
            continue
        progress(path)
        image = image_of(path, data, facts, None, run)
        if image is None:
            continue
        for rule in wanted:
            found = run.call(rule, image, path)
            for finding in in_whole_functions(found, image, rule):
                placed = judged(finding, image)
                run.findings.append(with_fix(placed, rule, image, len(found), run))
        for function in image.source.broken_functions:
            run.skip(f"{path}: {function.name}()", "parse error", path)
        say_what_is_too_deep(image, path, run)
    report = Report(
        None,
        info,
        (),
        in_order(run.findings),
        run.missed(),
        tuple(rule.name for rule in run.rules),
        run.files,
    )
    return Outcome(report, tuple(dict.fromkeys(run.crashed)))
