# SPDX-License-Identifier: GPL-2.0-or-later
"""A commit message that says "no functional change", checked by the prover."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.api import Confidence, Finding, Rule, Scope, Severity, Skipped, Step
from reviewer.rules.no_functional_change.promises import moved_calls, promise_in

if TYPE_CHECKING:
    from reviewer.prover import FunctionVerdict
    from reviewer.prover.verdict import DifferingPart, OutputVerdict

RULE = Rule(
    name="no-functional-change",
    summary="the message says that nothing changes, and a function computes another"
    " result",
    severity=Severity.HIGH,
    scope=Scope.STEP,
    precedent=('dee3d0bef2b0 ("proc: rewrite stable_page_flags()")',),
    whole_tree=True,
)
MOST = 3  # differences that are told


def check(step: Step) -> Iterator[Finding]:
    """Yields a finding with its witness for a refutation, an info line for a proof."""
    patch = step.change.patch
    said = promise_in(f"{patch.title}\n\n{patch.message}")
    if said is None or step.pre is None or step.post is None:
        return
    from reviewer.prover import compare_files
    from reviewer.prover.changes.judging_order import seen_elsewhere

    verdicts = compare_files(
        step.pre.source,
        step.post.source,
        step.pre.facts,
        step.post.facts,
        beside=True,
    )
    moved = moved_calls(step)
    for verdict in verdicts:
        from reviewer.rules.no_functional_change.callers import callers_make_up_for

        differing = _certain(verdict, moved)
        if differing and not callers_make_up_for(step, verdict, verdicts):
            yield _refutation(step, verdict, differing, said)
        part = None if differing else _asked(step, verdict, moved)
        if part is not None and not callers_make_up_for(step, verdict, verdicts):
            yield _question(step, verdict, part, said)
    equal = verdicts and all(verdict.verdict == "equal" for verdict in verdicts)
    if equal and not seen_elsewhere(
        step.pre.source, step.post.source, step.pre.facts, step.post.facts
    ):
        yield _proof(step, verdicts, said)
    for verdict in verdicts:
        if verdict.by_clock:
            raise Skipped(RULE.name, f"{verdict.name}(): {verdict.why}", verdict.file)


def _certain(
    verdict: FunctionVerdict, moved: frozenset[str]
) -> tuple[OutputVerdict, ...]:
    """What differs in a state that needs no answer of an unknown function.

    Nothing, where a call only moves to another function: its caller may make it now.
    """
    if any(output.output.removeprefix("call of ") in moved for output in verdict.outputs
           if output.verdict == "differs"):  # fmt: skip
        return ()
    return tuple(
        output
        for output in verdict.differing
        if output.witness is not None
        and not output.witness.relies_on
        and not output.first  # a call more or less: the message may well say so
    )


def _asked(
    step: Step, verdict: FunctionVerdict, moved: frozenset[str]
) -> DifferingPart | None:
    """The one place where a function makes a call more or less, of which the message
    does not speak, and all else is proved to be the same; None for anything else."""
    from reviewer.prover.verdict import Verdict

    kinds = (Verdict.UNLESS, Verdict.BUT_FOR, Verdict.DIFFERS)
    if len(verdict.parts) != 1 or verdict.verdict not in kinds:
        return None
    part = verdict.parts[0]
    message = f"{step.change.patch.title}\n{step.change.patch.message}"
    if not part.shows or f"{part.shows}()" in moved or part.shows in message:
        return None
    if "but for" in verdict.otherwise or len(part.then) > MOST:
        return None
    return part


def _question(
    step: Step, verdict: FunctionVerdict, part: DifferingPart, said: str
) -> Finding:
    whens = dict.fromkeys(told.rpartition(" (")[0] or told for told in part.when)
    when = "" if next(iter(whens)) in ("always", "in this step") else " or ".join(whens)
    return RULE.finding(
        step.change.path,
        _shown_line(step, part.line),
        {
            "function": verdict.name,
            "said": said,
            "rows": [],
            "when": when,
            "then": list(part.then),
            "assumptions": list(verdict.assumptions),
        },
        severity=Severity.MEDIUM,
        confidence=Confidence.QUESTION,
        function=verdict.name,
        anchor=f"{verdict.name}: {part.then[0]}",
    )


def _refutation(
    step: Step,
    verdict: FunctionVerdict,
    differing: tuple[OutputVerdict, ...],
    said: str,
) -> Finding:
    rows = [
        {
            "output": output.output,
            "before": output.before,
            "after": output.after,
            "when": str(output.witness),
        }
        for output in differing
    ]
    line = next((o.line for o in differing if o.line), None) or verdict.line
    return RULE.finding(
        step.change.path,
        _shown_line(step, line),
        {
            "function": verdict.name,
            "said": said,
            "then": [],
            "rows": rows[:MOST],
            "more": max(0, len(rows) - MOST),
            "assumptions": list(verdict.assumptions),
        },
        severity=Severity.HIGH,
        function=verdict.name,
        anchor=f"{verdict.name}: {rows[0]['output']}",
        proof={"kind": "behaviour", "rows": rows, "function": verdict.name},
    )


def _proof(step: Step, verdicts: tuple[FunctionVerdict, ...], said: str) -> Finding:
    names = [verdict.name for verdict in verdicts]
    assumed = sorted({one for verdict in verdicts for one in verdict.assumptions})
    return RULE.finding(
        step.change.path,
        _shown_line(step, min(step.change.added, default=1)),
        {
            "functions": names,
            "said": said,
            "rows": [],
            "then": [],
            "assumptions": assumed,
        },
        severity=Severity.INFO,
        function=names[0],
        anchor="proved",
        proof={"kind": "behaviour", "rows": [], "function": names[0]},
    )


def _shown_line(step: Step, line: int) -> int:
    """The line, or the nearest one that the patch adds: that is what it shows."""
    added = step.change.added
    return min(added, key=lambda own: abs(own - line)) if added else line
