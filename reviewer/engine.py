# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the rules over a series and judges what is new.

A rule that looks at files runs on the post-image and, where it found something, on
the pre-image: a finding that was there before is preexisting, also when the code
was moved, renamed or re-indented.  The tip of the series is looked at again, so
that what 2/7 brings in and 5/7 takes out is a bisection note only.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reviewer import limits, trial
from reviewer.api import FileImage, Scope, SeriesView, Skipped, Step
from reviewer.deadline import ProcessorTime, TimeUsedUp
from reviewer.doubts import gathered, summed
from reviewer.errors import KpfError
from reviewer.facts.missing import FactsMissing
from reviewer.models import (
    Change,
    Confidence,
    Finding,
    NotChecked,
    PatchState,
    Report,
    Series,
    Severity,
    TreeInfo,
)

if TYPE_CHECKING:
    from reviewer.c.source import Source
    from reviewer.facts import Facts
    from reviewer.fragment import Fragment
    from reviewer.rulebook import LoadedRule
    from reviewer.tree import Tree
    from reviewer.tree.apply import Applied
    from reviewer.tree.step import AppliedPatch
    from reviewer.tree.view import View

C_FILES = (".c", ".h")
Progress = Callable[[str], None]
MOST_ON_A_LINE = 20  # findings of one rule
_SCAN_PATIENCE = 20  # a scan has no reader who waits, and all of a file to look at


@dataclass
class _Run:
    """What one review gathers while it goes over the patches."""

    rules: Sequence[LoadedRule]
    findings: list[Finding] = field(default_factory=list)
    not_checked: dict[NotChecked, None] = field(default_factory=dict)
    crashed: list[str] = field(default_factory=list)
    files: int = 0
    whole: SeriesView | None = None
    tree: Tree | None = None
    # whether every file of the series, and the tree around it, is as its author had it
    is_exact: bool = True
    # what a rule finds in a file as a later patch leaves it
    later: dict[tuple[str, int, str], list[Finding]] = field(default_factory=dict)
    # questions that a rule dropped; in the first state of a file that it was given
    doubts: dict[tuple[str, str | None], Counter[str]] = field(default_factory=dict)
    patience: int = 1  # times the limits of processor time
    spent: dict[str | None, float] = field(default_factory=dict)  # seconds, by file
    slow: Counter[str] = field(default_factory=Counter)  # rules that took too long

    def skip(self, what: str, why: str, file: str | None = None) -> None:
        self.not_checked[NotChecked(what, why, file)] = None

    def missed(self) -> tuple[NotChecked, ...]:
        """All that was not checked: the questions that were dropped at the end."""
        doubts = {
            NotChecked(f"{file or 'the series'}: {rule}", summed(dropped), file): None
            for (rule, file), dropped in self.doubts.items()
        }
        return tuple(self.not_checked | doubts)

    def call(self, rule: LoadedRule, subject: Any, file: str | None) -> list[Finding]:
        """What one rule finds; its failure costs its own findings only."""
        found: list[Finding] = []
        began = time.process_time()
        try:
            of_steps = rule.for_steps if isinstance(subject, Step) else None
            with ProcessorTime(self._time_left(rule, file)), gathered() as dropped:
                found.extend((of_steps or rule.check)(subject))
            if dropped:
                self.doubts.setdefault((rule.name, file), dropped)
        except TimeUsedUp:
            self.skip(rule.name, f"took too long ({self._bound(file)})", file)
            self.slow[rule.name] += 1
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
            self.skip(rule.name, why, file)
        return kept

    def _of_this_tree(
        self, rule: LoadedRule, found: list[Finding], file: str | None
    ) -> list[Finding]:
        """Without what only says that the tree is another one than the author's."""
        kept = [one for one in found if self.is_exact or not one.whole_tree]
        if len(kept) < len(found):
            self.skip(rule.name, "the tree may lack what the author's has", file)
        return kept

    def _time_left(self, rule: LoadedRule, file: str | None) -> float:
        """Seconds that a rule may take now; a series rule looks at many files.

        A rule that took too long once gets a tenth from then on: a series has many
        files and patches.
        """
        bounds = limits.in_force()
        share = self.patience / 10 if rule.name in self.slow else self.patience
        if file is None:
            return bounds.file_time * share
        left = bounds.file_time * self.patience - self.spent.get(file, 0.0)
        return min(bounds.rule_time * share, left)

    def _bound(self, file: str | None) -> str:
        """The limit that ended a rule."""
        bounds = limits.in_force()
        all_of_it = bounds.file_time * self.patience
        if file is None or self.spent.get(file, 0.0) + bounds.rule_time > all_of_it:
            return limits.option("file_time")
        return limits.option("rule_time")


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


@dataclass(frozen=True)
class Outcome:
    """A report, and the names of the rules that failed while it was made."""

    report: Report
    crashed: tuple[str, ...]


def review(
    series: Series,
    applied: Applied,
    rules: Sequence[LoadedRule],
    *,
    preexisting: bool = False,
    context: dict[str, Any] | None = None,
    only: frozenset[int] | None = None,
    progress: Progress = lambda _text: None,
) -> Outcome:
    """Review a series that was applied to a tree, or could not be.

    ``preexisting`` keeps findings that the series did not bring in, for the
    functions that it touches.  ``context`` is handed to the series rules.  ``only``
    names the patches to judge; the others count as what stands around them.
    """
    run = _Run(rules, tree=(context or {}).get("tree"), is_exact=applied.is_exact)
    facts = _FactsOf()
    changes = tuple(change for step in applied.patches for change in step.changes)
    whole = SeriesView(
        series,
        changes,
        facts.of(applied.patches[0].pre_view) if applied.patches else None,
        facts.of(applied.patches[-1].post_view) if applied.patches else None,
        context or {},
    )
    run.whole = whole
    run.not_checked.update(dict.fromkeys(series.left_out))
    _say_what_did_not_apply(series, applied, run)
    for step in applied.patches:
        if only is not None and step.patch.index not in only:
            continue
        progress(f"{step.patch.index}/{series.expected} {step.patch.title}")
        _review_patch(step, whole, facts, run)
    for rule in rules:
        if rule.rule.scope is Scope.SERIES and not _lacks_tree(rule, whole.after, run):
            found = run.call(rule, whole, None)
            run.findings.extend(_completed(finding, whole) for finding in found)
    _look_at_later_patches(applied, facts, run)
    findings = [f for f in run.findings if preexisting or not f.preexisting]
    states = tuple(PatchState(s.patch, s.applied, s.changes) for s in applied.patches)
    report = Report(
        series,
        applied.info,
        states,
        tuple(sorted(findings, key=_order)),
        run.missed(),
        tuple(rule.name for rule in rules),
        run.files,
    )
    return Outcome(report, tuple(dict.fromkeys(run.crashed)))


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
    run = _Run(of_files, patience=_SCAN_PATIENCE)
    facts = _FactsOf().of(view)
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
        image = _image(path, data, facts, None, run)
        if image is None:
            continue
        for rule in wanted:
            found = run.call(rule, image, path)
            for finding in _sound(found, image, rule):
                placed = _placed(finding, image)
                run.findings.append(_fixed(placed, rule, image, len(found), run))
        for function in image.source.broken_functions:
            run.skip(f"{path}: {function.name}()", "parse error", path)
        _say_what_is_too_deep(image, path, run)
    report = Report(
        None,
        info,
        (),
        tuple(sorted(run.findings, key=_order)),
        run.missed(),
        tuple(rule.name for rule in run.rules),
        run.files,
    )
    return Outcome(report, tuple(dict.fromkeys(run.crashed)))


# --- one patch ------------------------------------------------------------------


class _FactsOf:
    """One Facts a view."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[View, Facts]] = {}

    def of(self, view: View | None) -> Facts | None:
        if view is None:
            return None
        if id(view) not in self._known:
            from reviewer.facts import Facts

            self._known[id(view)] = (view, Facts(view))
        return self._known[id(view)][1]


def _review_patch(
    step: AppliedPatch, whole: SeriesView, facts: _FactsOf, run: _Run
) -> None:
    run.spent.clear()
    before, after = facts.of(step.pre_view), facts.of(step.post_view)
    new: list[_Found] = []
    for change in step.changes:
        run.files += 1
        if not change.applied:
            run.findings.extend(_review_fragment(change, before, run))
            continue
        assert before is not None
        assert after is not None
        new.extend(_in_post_image(change, after, run))
        _run_step_rules(change, before, after, whole, run)
    old: list[Finding] = []
    asked = {found.rule.name for found in new}
    for change in step.changes:
        if asked and change.applied and before is not None:
            old.extend(_in_pre_image(change, before, asked, run))
    preexisting = _preexisting([found.finding for found in new], old)
    for number, found in enumerate(new):
        finding = _fixed(found.finding, found.rule, found.image, found.count, run)
        if number in preexisting:
            finding = _as_old(finding)
        finding = _no_surer_than(found.change, finding, found.rule, run)
        run.findings.append(replace(finding, patch=step.patch.index))


def _no_surer_than(
    change: Change, finding: Finding, rule: LoadedRule, run: _Run
) -> Finding:
    """A finding, no surer than the file is that it stands in.

    Of a file that the patch was fitted to nothing is proved; where another file of the
    series does not apply as it is, nothing that facts of the tree are part of.
    """
    if change.how != "exact":
        finding = replace(finding, proof=None)
    elif run.is_exact or not rule.rule.needs_tree:
        return finding
    if finding.confidence is Confidence.PROVED:
        return replace(finding, confidence=Confidence.LIKELY)
    return finding


def _as_old(finding: Finding) -> Finding:
    """An old fault in code that moved: said, and less grave than one that is new."""
    high = finding.severity is Severity.HIGH
    severity = Severity.MEDIUM if high else finding.severity
    return replace(finding, preexisting=True, severity=severity)


@dataclass(frozen=True)
class _Found:
    """A finding in a post-image, with what its fix is tried on."""

    finding: Finding
    rule: LoadedRule
    image: FileImage
    count: int  # of this rule's findings in the image
    change: Change


def _in_post_image(change: Change, facts: Facts, run: _Run) -> Iterator[_Found]:
    """What the file rules find in the functions that the patch touches."""
    wanted = _file_rules(change, run)
    if change.post is None or not wanted:
        return
    image = _image(change.path, change.post, facts, _touched(change), run)
    if image is None:
        return
    for rule in wanted:
        found = run.call(rule, image, change.path)
        for finding in _sound(found, image, rule):
            yield _Found(_placed(finding, image), rule, image, len(found), change)
    _say_what_is_broken(image, change, run)


def _in_pre_image(
    change: Change, facts: Facts, asked: set[str], run: _Run
) -> Iterator[Finding]:
    """What the rules that found something find in the whole file as it was.

    All files of the patch are looked at: the code may have been moved here.
    """
    path = change.diff.old_path
    wanted = [rule for rule in _file_rules(change, run) if rule.name in asked]
    if change.pre is None or path is None or not wanted:
        return
    image = _image(path, change.pre, facts, None, run)
    if image is None:
        return
    for rule in wanted:
        for finding in _sound(run.call(rule, image, path), image, rule):
            yield _placed(finding, image)


def _file_rules(change: Change, run: _Run) -> list[LoadedRule]:
    if not change.path.endswith(C_FILES):
        return []
    text = _hunk_text(change)
    return [
        rule
        for rule in run.rules
        if rule.rule.scope is Scope.FILE
        and _may_speak(rule, run)
        and rule.wants(change.path, text)
    ]


def _may_speak(rule: LoadedRule, run: _Run) -> bool:
    """Whether the tree, where a rule needs all of it, is the author's."""
    return run.is_exact or not rule.rule.whole_tree


def _run_step_rules(
    change: Change, before: Facts, after: Facts, whole: SeriesView, run: _Run
) -> None:
    text = _hunk_text(change)
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
        pre = _image(old_path, change.pre, before, _removed(change), run)
    if change.post is not None and change.post != b"":
        post = _image(change.path, change.post, after, _touched(change), run)
    step = Step(change, pre, post, whole)
    for rule in wanted:
        found = run.call(rule, step, change.path)
        for finding in found:
            done = _completed_in(step, finding, rule, len(found), run)
            done = _no_surer_than(change, done, rule, run)
            run.findings.append(replace(done, patch=change.patch.index))


def _completed_in(
    step: Step, finding: Finding, rule: LoadedRule, count: int, run: _Run
) -> Finding:
    """A finding of a step rule with its place and its fix."""
    image = step.pre if finding.removed_line else step.post
    if image is None:
        return finding
    placed = _placed(finding, image)
    if finding.removed_line:
        return placed

    def again(fixed: Source) -> int:
        return len(run.call(rule, _with_post(step, fixed), fixed.path))

    return _tried(placed, rule, image, count, again, run)


def _tried(
    finding: Finding,
    rule: LoadedRule,
    image: FileImage,
    count: int,
    again: Callable[[Source], int],
    run: _Run,
) -> Finding:
    """A finding with what it proposes, if all rules could read that to their end."""
    before = run.slow.total()
    done = trial.tried(finding, rule, image, count, again=again, ask=_ask(run))
    return done if run.slow.total() == before else trial.without(done)


def _ask(run: _Run) -> trial.Ask:
    """Runs a rule on code that is only proposed: what it cannot judge is no matter."""

    def ask(rule: LoadedRule, image: FileImage) -> list[Finding]:
        aside = _Run(run.rules, whole=run.whole, patience=run.patience)
        aside.spent, aside.slow = run.spent, run.slow
        found = aside.call(rule, image, image.source.path)
        return [_placed(one, image) for one in found]

    return ask


def _with_post(step: Step, source: Source) -> Step:
    assert step.post is not None
    return replace(step, post=replace(step.post, source=source))


def _fixed(
    finding: Finding, rule: LoadedRule, image: FileImage, count: int, run: _Run
) -> Finding:
    """A finding of a file rule with its fix."""

    def again(fixed: Source) -> int:
        return len(run.call(rule, replace(image, source=fixed), fixed.path))

    return _tried(finding, rule, image, count, again, run)


def _review_fragment(
    change: Change, facts: Facts | None, run: _Run
) -> Iterator[Finding]:
    """What can be said without the file: on the hunks, with the facts of the tree.

    The file may be another version than the tree's, so only rules that declare it
    are asked, and nothing that they find counts as proved.
    """
    if not change.path.endswith(C_FILES) or change.diff.binary:
        return
    text = _hunk_text(change)
    wanted = [
        rule
        for rule in run.rules
        if _takes_fragments(rule, facts) and rule.wants(change.path, text)
    ]
    if not wanted:
        return
    if facts is None:
        from reviewer.facts import Facts as FactsOf
        from reviewer.tree.view import EmptyView

        facts = FactsOf(EmptyView())
    for fragment in _fragments(change, run):
        for rule in wanted:
            for finding in _new_in_fragment(fragment, rule, facts, run):
                yield replace(
                    finding,
                    patch=change.patch.index,
                    function=None,
                    confidence=_of_fragment(finding.confidence, rule),
                )


def _fragments(change: Change, run: _Run) -> Iterator[Fragment]:
    from reviewer.fragment import fragments

    try:
        yield from fragments(change)
    except KpfError as error:
        run.skip(change.path, str(error), change.path)


def _new_in_fragment(
    fragment: Fragment, rule: LoadedRule, facts: Facts, run: _Run
) -> Iterator[Finding]:
    """What a rule finds in the statements that a hunk adds to, and not before it."""
    added = fragment.added
    image = FileImage(fragment.source, facts, added, run.whole, fragment=True)
    new = [_placed(found, image) for found in run.call(rule, image, fragment.path)]
    new = [found for found in new if fragment.is_added(found.line, found.column)]
    source = fragment.before() if new else None
    old = []
    if source is not None:
        image = FileImage(source, facts, None, run.whole, fragment=True)
        found_before = run.call(rule, image, fragment.path)
        old = [_placed(found, image) for found in found_before]
    preexisting = _preexisting(new, old)
    image = FileImage(fragment.source, facts, added, run.whole, fragment=True)
    for number, found in enumerate(new):
        if number not in preexisting:
            yield replace(_fixed(found, rule, image, len(new), run), fix=None)


def _of_fragment(confidence: Confidence, rule: LoadedRule) -> Confidence:
    """What the tree's facts prove they prove of the tree's own version only."""
    if confidence is Confidence.PROVED and rule.rule.needs_tree:
        return Confidence.LIKELY
    return confidence


def _takes_fragments(rule: LoadedRule, facts: Facts | None) -> bool:
    if rule.rule.scope is not Scope.FILE:
        return False
    return not rule.rule.needs_tree or (rule.rule.on_fragments and facts is not None)


# --- old or new -----------------------------------------------------------------


def _preexisting(new: Sequence[Finding], old: Sequence[Finding]) -> set[int]:
    """Which of the new findings the pre-images had already, by their place in new.

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


def _same_place(one: Finding, two: Finding) -> bool:
    return one.function == two.function and one.anchor == two.anchor


def _moved(one: Finding, two: Finding) -> bool:
    return one.anchor == two.anchor


def _renamed(one: Finding, two: Finding) -> bool:
    """Whether only names differ between two statements of one function."""
    if one.function != two.function:
        return False
    return _shape(one.anchor) == _shape(two.anchor)


def _shape(statement: str) -> str:
    import re

    return re.sub(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*", "x", statement)


def _look_at_later_patches(applied: Applied, facts: _FactsOf, run: _Run) -> None:
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
    finding: Finding, rule: LoadedRule, applied: Applied, facts: _FactsOf, run: _Run
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
            image = _image(path, change.post, after, None, run)
            if image is None:
                return None
            still = _once_more(rule, image, step.patch.index, run)
            if not any(_same_place(f, finding) or _moved(f, finding) for f in still):
                return step.patch.index
    return None


def _once_more(
    rule: LoadedRule, image: FileImage, patch: int, run: _Run
) -> list[Finding]:
    """What a rule finds in a whole file after a patch; looked for once."""
    key = (rule.name, patch, image.source.path)
    if key not in run.later:
        found = run.call(rule, image, image.source.path)
        run.later[key] = [_placed(finding, image) for finding in found]
    return run.later[key]


# --- describing -----------------------------------------------------------------


def _placed(finding: Finding, image: FileImage) -> Finding:
    """Add what follows from the place: code, function, anchor, fingerprint."""
    source = image.source
    function = source.function_at(finding.line)
    name = finding.function or (function.name if function else None)
    code = source.line_text(finding.line)
    anchor = finding.anchor or " ".join(code.split())
    placed = replace(finding, code=code, function=name, anchor=anchor)
    return replace(placed, fingerprint=_fingerprint(placed))


def _completed(finding: Finding, whole: SeriesView) -> Finding:
    """The same for a finding of a series rule, which has no parsed file."""
    code = finding.code
    if not code and whole.after is not None and finding.line > 0:
        data = whole.after.view.read(finding.file) or b""
        lines = data.split(b"\n")
        if finding.line <= len(lines) and not finding.removed_line:
            code = lines[finding.line - 1].decode("utf-8", "surrogateescape")
    anchor = finding.anchor or " ".join(code.split())
    completed = replace(finding, code=code, anchor=anchor)
    return replace(completed, fingerprint=_fingerprint(completed))


def _fingerprint(finding: Finding) -> str:
    parts = (finding.rule, finding.file, finding.function or "", finding.anchor)
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:16]


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.patch or 0,
        finding.severity.rank if finding.severity.rank == 3 else 0,
        finding.file,
        finding.line,
        finding.rule,
    )


# --- images ---------------------------------------------------------------------


def _image(
    path: str, data: bytes, facts: Facts, focus: frozenset[int] | None, run: _Run
) -> FileImage | None:
    from reviewer.c.source import parse

    try:
        return FileImage(parse(path, data), facts, focus, run.whole)
    except KpfError as error:
        run.skip(path, str(error), path)
        return None


def _sound(
    findings: Iterable[Finding], image: FileImage, rule: LoadedRule
) -> Iterator[Finding]:
    """Leave out what stands in a function that could not be parsed."""
    for finding in findings:
        function = image.source.function_at(finding.line)
        if rule.rule.textual or function is None or not function.broken:
            yield finding


def _say_what_is_broken(image: FileImage, change: Change, run: _Run) -> None:
    for function in image.source.broken_functions:
        if image.in_focus(function.first_line, function.last_line):
            what = f"{change.path}: {function.name}()"
            run.skip(what, "parse error", change.path)
    _say_what_is_too_deep(image, change.path, run)


def _say_what_is_too_deep(image: FileImage, path: str, run: _Run) -> None:
    if image.source.too_deep is not None:
        most = limits.in_force().code_depth
        why = f"nested deeper than {limits.option('code_depth')} = {most} levels"
        run.skip(f"{path}: line {image.source.too_deep}", why, path)


def _say_what_did_not_apply(series: Series, applied: Applied, run: _Run) -> None:
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
                advice = None if step.applied else todo
                run.not_checked[NotChecked(what, why, change.path, advice)] = None
    if applied.base is not None and not applied.is_exact:
        _say_what_is_silent(applied, run)


def _say_what_is_silent(applied: Applied, run: _Run) -> None:
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


def _lacks_tree(rule: LoadedRule, facts: Facts | None, run: _Run) -> bool:
    if rule.rule.needs_tree and facts is None:
        from reviewer.tree.advice import NAME_A_TREE

        missed = NotChecked(rule.name, "no kernel tree", todo=NAME_A_TREE)
        run.not_checked[missed] = None
        return True
    return False


def _hunk_text(change: Change) -> bytes:
    text = "\n".join(line.text for hunk in change.diff.hunks for line in hunk.lines)
    return text.encode("utf-8", "surrogateescape")


def _touched(change: Change) -> frozenset[int]:
    """Lines of the post-image that are new or next to something removed."""
    return change.added | _seams(change, "+")


def _removed(change: Change) -> frozenset[int]:
    return change.removed | _seams(change, "-")


def _seams(change: Change, own: str) -> frozenset[int]:
    """Lines of one side that stand next to a line which only the other side has."""
    seams = set()
    for hunk in change.diff.hunks:
        for number, line in enumerate(hunk.lines):
            if line.kind not in "+-" or line.kind == own:
                continue
            for near in hunk.lines[max(0, number - 1) : number + 2]:
                place = near.new if own == "+" else near.old
                if place is not None:
                    seams.add(place)
    return frozenset(seams)
