# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries what a finding proposes, before anybody is told to write it.

A replacement has to silence the rule that asked for it, must not make another rule
speak, and has to change what the function does, for the finding says that this is
wrong.  What fails is not proposed: the finding keeps saying what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from reviewer.api import FileImage, Scope
from reviewer.c.source import Source
from reviewer.deadline import ProcessorTime, TimeUsedUp
from reviewer.errors import KpfError
from reviewer.models import Finding, Judged, Severity
from reviewer.patterns import regex
from reviewer.rulebook import LoadedRule

SECONDS = 2.0  # of the solver, for one replacement
HELPERS = 2  # calls in calls: a helper, and the macro that it is made of
TRIED = 30  # replacements of one rule in one file: each costs several parses

_CALLED = regex(rb"\b(\w+)\s*\(")

Ask = Callable[["LoadedRule", FileImage], Sequence[Finding]]


def try_fix(
    finding: Judged,
    rule: LoadedRule,
    image: FileImage,
    count: int,
    *,
    again: Callable[[Source], int],
    ask: Ask,
    seconds: float = 3 * SECONDS,
) -> Judged:
    """Returns a finding with its edits as a diff, or without anything to propose.

    ``count`` is how much ``rule`` finds in ``image``, ``again`` counts it anew in
    another source; ``ask`` runs any rule on an image; ``seconds`` of processor time are
    there for a proof.
    """
    edits = finding.edits or finding.trial
    if not edits:
        return finding
    source = image.source
    if count > TRIED:
        return without_proposal(finding)
    fixed = _edited(finding, source)
    if fixed is None or again(fixed) >= count:
        return without_proposal(finding)
    if _makes_others_speak(finding, image, fixed, ask):
        return without_proposal(finding)
    if not image.fragment and not rule.rule.textual:
        try:
            with ProcessorTime(seconds):
                idle = _is_idle(finding, image, fixed)
        except TimeUsedUp:
            image.facts.read_anew()
            idle = True  # for all that anybody knows
        if idle:
            return without_proposal(finding)
    if not finding.edits:
        return finding
    from reviewer.patch.write import unified_diff

    return replace(finding, fix=unified_diff(source.path, source.data, fixed.data))


def without_proposal(finding: Judged) -> Judged:
    """Returns the finding, which proposes nothing any more."""
    fields = finding.fields
    if "suggestion" in fields:
        fields = {**fields, "suggestion": None}
    return replace(finding, fields=fields, edits=(), trial=(), fix=None)


def _edited(finding: Judged, source: Source) -> Source | None:
    """The file with the edits made; None where it would take too long to parse."""
    from reviewer.c.source import parse

    data = source.data
    edits = finding.edits or finding.trial
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        data = data[: edit.start] + edit.text + data[edit.end :]
    try:
        return parse(source.path, data)
    except KpfError:
        return None


def _makes_others_speak(
    finding: Judged, image: FileImage, fixed: Source, ask: Ask
) -> bool:
    """Whether a rule finds something in the code as proposed that it did not before."""
    from reviewer import rulebook

    before = replace(image, focus=_around(finding, image.source))
    after = replace(image, source=fixed, focus=_around(finding, fixed))
    for rule in rulebook.choose(preview=True):
        if rule.rule.scope is not Scope.FILE or not _reads(rule, image, fixed):
            continue
        found = {(one.anchor, one.function) for one in ask(rule, after)}
        if found and found - {(one.anchor, one.function) for one in ask(rule, before)}:
            return True
    return False


def _reads(rule: LoadedRule, image: FileImage, fixed: Source) -> bool:
    if image.fragment and rule.rule.needs_tree and not rule.rule.on_fragments:
        return False
    return rule.wants(fixed.path, fixed.data)


def _around(finding: Judged, source: Source) -> frozenset[int]:
    """The lines of the function that a finding is in, or of the macro."""
    for function in source.functions:
        if function.name == finding.function:
            return frozenset(range(function.first_line, function.last_line + 1))
    return frozenset((finding.line,))


def _is_idle(finding: Judged, image: FileImage, fixed: Source) -> bool:
    """Whether it is proved that the function does the same as before, although the
    finding says that what it does is wrong."""
    if finding.function is None or finding.severity.rank > Severity.MEDIUM.rank:
        return False
    depth = _depth(finding, image.source)
    from reviewer.facts import kept_proofs
    from reviewer.tree.views import edits_of

    asked = f"{finding.function} {depth} {SECONDS}"
    texts = (kept_proofs.digest_of(data) for data in (image.source.data, fixed.data))
    return kept_proofs.proved_once(
        "idle replacement",
        bool,
        *edits_of(image.facts.view),
        [image.source.path, asked, *texts],
        lambda: _is_proved_idle(finding.function or "", image, fixed, depth),
    )


def _is_proved_idle(function: str, image: FileImage, fixed: Source, depth: int) -> bool:
    from reviewer.prover import ProverLimits, Verdict, compare_functions

    (verdict,) = compare_functions(
        image.source,
        fixed,
        image.facts,
        image.facts,
        function,
        mode="concurrent",
        limits=ProverLimits(seconds=SECONDS, depth=depth, deep_first=True),
        proofs_only=True,
    )
    return verdict.verdict is Verdict.EQUAL


def _depth(finding: Judged, source: Source) -> int:
    """How deep the prover looks into callees: not at all where the replacement calls
    what was called before, for then they answer alike on both sides."""
    edits = finding.edits or finding.trial
    before = {n for e in edits for n in _CALLED.findall(source.data[e.start : e.end])}
    after = {n for e in edits for n in _CALLED.findall(e.text)}
    return 0 if before == after else HELPERS
