# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzz harnesses and the property tests run: everything from bytes to draft.

Three ways in: a mailbox as it comes (git splits and applies it), a change of C files
that needs no git, which is a hundred times faster, and a diff beside git.  Only
``KpfError`` may come out, and every result must be plain text that shows all it holds.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from reviewer import engine, git, mail, output, rulebook
from reviewer.engine import run as engine_run
from reviewer.errors import InputError, KpfError
from reviewer.models import (
    Address,
    Change,
    FileDiff,
    Headers,
    Patch,
    Report,
    Series,
    TreeInfo,
)
from reviewer.output.draft import draft
from reviewer.patch.diff import parse_diff
from reviewer.patch.write import unified_diff
from reviewer.tree import Tree, open_tree
from reviewer.tree.apply import Applied, AppliedPatch, apply_series
from reviewer.tree.hunk_places import changed_lines
from reviewer.tree.view import View
from reviewer.utf8 import decode, encode

sys.path[:0] = [str(Path(__file__).parent)]
import samples  # noqa: E402

IDENTITY = "Rita Reviewer <rita@example.org>"
# What no result may hold: control characters, and what shows nothing or lies.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
NOT_FUZZED = {"b4", "commands", "demo", "explain", "learn"}  # packages
FUNCTIONS = 3  # whose behaviour is compared


class RuleFailed(Exception):
    """A rule, a template or a format failed: the one thing looked for here."""


def demo_tree() -> Tree:
    """The miniature kernel that comes with the program."""
    return open_tree(samples.TREE)


# --- mail ---------------------------------------------------------------------------


def review_mail(data: bytes, tree: Tree | None) -> Report | None:
    """Review a mailbox; None where it is refused as no patch."""
    from reviewer.mail.local import split
    from reviewer.mail.postings import older_than, revisions

    try:
        mails = split(data, "input")
        series = mail.series_from_messages(mails)
        earlier = older_than(series, revisions(mails, wanted=series.message_id))
        applied = apply_series(series, tree, base=None)
    except KpfError as error:
        if "\n" in str(error):
            raise RuleFailed("a message of several lines") from error
        return None
    for old in earlier[-1:]:
        _follow_up(series, old)
    return _judged(series, applied, {"earlier": earlier, "tree": tree, "base": None})


def _follow_up(new: Series, old: Series) -> None:
    from reviewer.followup.follow import follow
    from reviewer.output import followup

    found = follow(new, old)
    for form in ("text", "changelog", "json"):
        text = followup.render(found, old, new, form, 80)
        assert not UNSEEN.search(text), (form, UNSEEN.search(text))


# --- C ------------------------------------------------------------------------------


def review_code(data: bytes, tree: Tree) -> Report | None:
    """Review a change of files in C, as ``samples.unpack`` reads it."""
    sample = samples.unpack(data)
    base = tree.view(None)
    before: View = base.overlay(dict(sample.before))
    after = before.overlay(dict(sample.after))
    text = "".join(
        unified_diff(path, before.read(path) or b"", post)
        for path, post in sample.after.items()
    )
    patch = _patch(text)
    try:
        changes = [
            _change(patch, diff, before.read(diff.path), sample.after[diff.path])
            for diff in parse_diff(text)
            if diff.path in sample.after  # a tab in a name ends it
        ]
    except InputError:
        return None
    if not changes:
        return None
    step = AppliedPatch(patch, True, tuple(changes), before, after)
    series = Series("fuzz@kpf", "fuzz", 1, (patch,), 1)
    info = TreeInfo("folder", None, "worktree", "6.12.0")
    return _judged(series, Applied(before, info, (step,)), {})


def _change(patch: Patch, diff: FileDiff, pre: bytes | None, post: bytes) -> Change:
    added, removed = changed_lines(diff)
    return Change(patch, diff, pre, post, True, None, added, removed)


def _patch(text: str) -> Patch:
    author = Address("Ann Author", "ann@example.org")
    headers = Headers("fuzz@kpf", "[PATCH] fuzz", "", author)
    return Patch(1, headers, author, "fuzz", "", (), "", f"---\n{text}", text)


# --- diff ---------------------------------------------------------------------------


def compare_with_git(data: bytes) -> None:
    """Read a diff and hold the result against git's of the same bytes.

    The fault looked for is a diff that both read, and read differently.
    """
    try:
        files = parse_diff(decode(data))
    except InputError as error:
        if "\n" in str(error):
            raise RuleFailed("a message of several lines") from error
        return
    done = git.run(
        ["apply", "--numstat", "-"],
        cwd=tempfile.gettempdir(),
        stdin=data,
        configured=False,
        extra={"GIT_CEILING_DIRECTORIES": tempfile.gettempdir()},
    )
    if done.returncode:
        if files:
            raise RuleFailed(f"git refuses: {decode(done.stderr)}")
        return
    listed = [line.split(b"\t", 2)[:2] for line in done.stdout.splitlines()]
    ours = []
    for file in files:
        kinds = Counter(line.kind for hunk in file.hunks for line in hunk.lines)
        counts = "- -" if file.binary else f"{kinds['+']} {kinds['-']}"
        ours.append(encode(counts).split())
    if ours != listed:
        raise RuleFailed(f"{ours} is {listed} for git")


# --- both ---------------------------------------------------------------------------


def _judged(series: Series, applied: Applied, context: dict[str, object]) -> Report:
    rules = rulebook.choose(preview=True)
    with _raising():
        outcome = engine.review(
            series, applied, rules, preexisting=True, context=context
        )
    if outcome.crashed:
        raise RuleFailed(outcome.crashed)
    report = output.worded(outcome.report)
    if len(report.findings) != len(outcome.report.findings):
        raise RuleFailed("a template lacks something")
    for finding in report.findings:
        if finding.fix:
            assert parse_diff(finding.fix), finding.rule
    show(report)
    prove(applied)
    return report


def prove(applied: Applied) -> None:
    """Compare what some of the changed functions compute, and show it."""
    from reviewer.c.source import parse
    from reviewer.facts import Facts
    from reviewer.output import behaviour
    from reviewer.prover.changes.renamed_functions import changed_functions
    from reviewer.prover.judge.compare import compare_functions
    from reviewer.prover.limits import ProverLimits

    limits = ProverLimits(nodes=3000, solver=0.1, seconds=1)
    for step in applied.patches[:1]:
        for change in step.changes[:2]:
            c = change.applied and change.path.endswith((".c", ".h"))
            if not c or not change.pre or not change.post:
                continue
            assert step.pre_view is not None
            assert step.post_view is not None
            try:
                pre = parse(change.path, change.pre)
                post = parse(change.path, change.post)
            except KpfError:
                continue
            names = changed_functions(pre, post)[:FUNCTIONS]
            facts = Facts(step.pre_view), Facts(step.post_view)
            found = compare_functions(pre, post, *facts, names, limits=limits)
            for text in (behaviour.text(found), behaviour.mail(found)):
                assert not UNSEEN.search(text), UNSEEN.search(text)
            json.dumps([verdict.as_dict() for verdict in found])


def show(report: Report) -> None:
    """Render in every format and draft the mails; all of it must be plain."""
    for form in output.FORMATS if report.findings else ("text", "json"):
        text = output.render(report, form, identity=IDENTITY, command="kpf-review x")
        assert not UNSEEN.search(text), (form, UNSEEN.search(text))
        if form in ("json", "sarif", "b4-check") and text:
            decoded = json.dumps(json.loads(text), ensure_ascii=False)
            assert not UNSEEN.search(decoded), form
    if report.findings:
        from reviewer.output import html

        text = html.render(report, command="kpf-review x")
        assert not UNSEEN.search(text), UNSEEN.search(text)
    made = draft.drafts(report, identity=IDENTITY, command="x", info=True)
    for one in made:
        assert re.fullmatch(r"\d{4,}-[a-z0-9-]+\.eml", one.name)
        assert b"\r" not in one.data
        head = one.text.partition("\n\n")[0]
        assert len(re.findall("(?m)^From: ", head)) == 1


class _raising:
    """Inside, what a rule raises is not contained but comes out."""

    def __enter__(self) -> None:
        self._kept = engine_run._debug_traceback
        engine_run._debug_traceback = _raise_again  # type: ignore[assignment]

    def __exit__(self, *_exception: object) -> None:
        engine_run._debug_traceback = self._kept


def _raise_again() -> None:
    raise  # the exception that the engine is handling


def import_all() -> None:
    """Import what is otherwise imported when it is used: to be instrumented."""
    import importlib
    import pkgutil

    import reviewer

    for module in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        if module.name.split(".")[1] not in NOT_FUZZED:
            importlib.import_module(module.name)


def quiet() -> None:
    """No library may talk while a fuzzer runs."""
    logging.disable(logging.CRITICAL)
