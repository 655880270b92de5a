"""What the fuzz harnesses and the property tests run: everything from bytes to draft.

Two ways in: a mail as it comes (git splits and applies it), and the text of a C file
as a patch that needs no git, which is a hundred times faster.  Only ``KpfError`` may
come out, and every result must be plain text that shows all it holds.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from reviewer import engine, mail, output, rulebook
from reviewer.errors import KpfError
from reviewer.mail import draft
from reviewer.models import Address, Headers, Patch, Report, Series, TreeInfo
from reviewer.patch.diff import parse_diff
from reviewer.patch.write import unified_diff
from reviewer.tree import Tree, open_tree
from reviewer.tree.apply import Applied, AppliedPatch, apply_series

DEMO = Path(engine.__file__).parent / "demo"
IDENTITY = "Rita Reviewer <rita@example.org>"
# What no result may hold: control characters, and what shows nothing or lies.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
SPLIT = b"\n=== after ===\n"  # between pre-image and post-image of a code input


class RuleFailed(Exception):
    """A rule, a template or a format failed: the one thing looked for here."""


def demo_tree() -> Tree:
    """The miniature kernel that comes with the program."""
    return open_tree(DEMO / "tree")


def review_mail(data: bytes, tree: Tree | None) -> Report | None:
    """Review a mailbox; None where it is refused as no patch."""
    from reviewer.mail.local import split

    try:
        series = mail.series_from_messages(split(data, "input"))
        applied = apply_series(series, tree, base=None)
    except KpfError as error:
        if "\n" in str(error):
            raise RuleFailed("a message of several lines") from error
        return None
    return _judged(series, applied)


def review_code(data: bytes, tree: Tree) -> Report | None:
    """Review a new file, or the change from one text to another, in C."""
    pre, found, post = data.partition(SPLIT)
    if not found:
        pre, post = b"", data
    path = "fs/proc/page.c"
    text = unified_diff(path, pre, post)
    try:
        diffs = parse_diff(text) if text else ()
    except KpfError:
        return None
    if not diffs:
        return None
    patch = _patch(text)
    change = _change(patch, diffs[0], pre, post)
    before = tree.view(None).overlay({path: pre})
    after = tree.view(None).overlay({path: post})
    step = AppliedPatch(patch, True, (change,), before, after)
    series = Series("fuzz@kpf", "fuzz", 1, (patch,), 1)
    info = TreeInfo("folder", None, "worktree", "6.12.0")
    return _judged(series, Applied(before, info, (step,)))


def _patch(text: str) -> Patch:
    author = Address("Ann Author", "ann@example.org")
    headers = Headers("fuzz@kpf", "[PATCH] fuzz", "", author)
    return Patch(1, headers, author, "fuzz", "", (), "", f"---\n{text}", text)


def _change(patch, diff, pre: bytes, post: bytes):
    from reviewer.models import Change
    from reviewer.tree.place import changed_lines

    added, removed = changed_lines(diff)
    return Change(patch, diff, pre, post, True, None, added, removed)


def _judged(series: Series, applied: Applied) -> Report:
    rules = rulebook.choose(preview=True)
    with _raising():
        outcome = engine.review(series, applied, rules, preexisting=True)
    if outcome.crashed:
        raise RuleFailed(outcome.crashed)
    report = output.worded(outcome.report)
    if len(report.findings) != len(outcome.report.findings):
        raise RuleFailed("a template lacks something")
    show(report)
    return report


def show(report: Report) -> None:
    """Render in every format and draft the mails; all of it must be plain."""
    for form in output.FORMATS if report.findings else ("text", "json"):
        text = output.render(report, form, identity=IDENTITY, command="kpf-review x")
        assert not UNSEEN.search(text), (form, UNSEEN.search(text))
        if form in ("json", "sarif", "b4-check") and text:
            decoded = json.dumps(json.loads(text), ensure_ascii=False)
            assert not UNSEEN.search(decoded), form
    made = draft.drafts(report, identity=IDENTITY, command="x", info=True)
    for one in made:
        assert re.fullmatch(r"\d{4,}-[a-z0-9-]+\.eml", one.name)
        assert b"\r" not in one.data
        head = one.text.partition("\n\n")[0]
        assert len(re.findall("(?m)^From: ", head)) == 1


class _raising:
    """Inside, what a rule raises is not contained but comes out."""

    def __enter__(self) -> None:
        self._kept = engine._debug_traceback
        engine._debug_traceback = _raise_again  # type: ignore[assignment]

    def __exit__(self, *_exception: object) -> None:
        engine._debug_traceback = self._kept


def _raise_again() -> None:
    raise  # the exception that the engine is handling


def import_all() -> None:
    """Import what is otherwise imported when it is used: to be instrumented."""
    import importlib
    import pkgutil

    import reviewer

    for module in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        if not module.name.startswith("reviewer.demo"):
            importlib.import_module(module.name)


def quiet() -> None:
    """No library may talk while a fuzzer runs."""
    logging.disable(logging.CRITICAL)
