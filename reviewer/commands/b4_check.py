"""``kpf-review b4-check``: what b4 runs as its check commands.

One JSON object for ``review-perpatch-check-cmd`` and ``review-series-check-cmd``,
lines as checkpatch writes them for ``am-`` and ``prep-perpatch-check-cmd``.  Nothing
on stderr, where b4 takes every line for a failure, and no exit status that would
make one out of silence.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options
from reviewer.errors import InputError

if TYPE_CHECKING:
    import argparse

    from reviewer.b4.hooks import Asked
    from reviewer.engine import Outcome
    from reviewer.models import Report
    from reviewer.rulebook import LoadedRule

HELP = "what b4 runs to check a patch (see 'setup b4')"
FORMATS = ("b4-check", "checkpatch")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--series", action="store_true", help="check the series, not one patch"
    )
    parser.add_argument("--format", choices=FORMATS, default="b4-check")
    parser.add_argument(
        "--rules-version",
        metavar="VERSION",
        help="has no effect here: b4 keeps results by the command line, so that "
        "another version is another command",
    )
    options.add_tree(parser)
    options.add_rules(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Judge the patch on stdin."""
    limits = session.settings.limits()
    data = session.stdin.read(limits.mailbox_bytes + 1)
    return check(args, session, data, series=args.series)


def check(
    args: argparse.Namespace, session: Session, data: bytes, *, series: bool = False
) -> Result:
    """Judge the patch, or the series, of a mail that b4 piped."""
    from reviewer.b4 import branches, hooks

    find = hooks.asked_about_series if series else hooks.asked_about_patch
    try:
        asked = find(
            data,
            top=branches.top_folder(Path.cwd()),
            environ=session.environ,
            limits=session.settings.limits(),
        )
        outcome = _judge(args, session, asked)
    except InputError as error:
        return Result(_nothing_judged(str(error), args.format))
    report = _worded(outcome, session, asked)
    if args.format == "checkpatch":
        from reviewer.output import lines

        return Result(lines.checkpatch(report))
    from reviewer.output import b4check

    return Result(b4check.render(report))


def _judge(args: argparse.Namespace, session: Session, asked: Asked) -> Outcome:
    from reviewer import engine
    from reviewer.tree import apply

    trees = options.find_trees(args, session)
    try:
        applied = apply.apply_series(
            asked.series,
            trees[0] if trees else None,
            base=args.base,
            limits=session.settings.limits(),
            others=trees[1:],
        )
        return engine.review(
            asked.series,
            applied,
            _rules(args, session, asked),
            preexisting=args.preexisting or session.settings.flag("preexisting"),
            context={"earlier": (), "tree": applied.tree, "base": applied.info.base},
            only=None if asked.index is None else frozenset({asked.index}),
        )
    finally:
        options.close(trees)


def _rules(
    args: argparse.Namespace, session: Session, asked: Asked
) -> tuple[LoadedRule, ...]:
    from reviewer.b4 import branches

    chosen = options.rules(args, session)
    return branches.rules(chosen) if asked.from_b4 else chosen


def _worded(outcome: Outcome, session: Session, asked: Asked) -> Report:
    """The report on what was asked about, in words."""
    from reviewer import output

    report = output.worded(options.without_ignored(outcome, session).report)
    if asked.index is None:
        return report
    mine = tuple(s for s in report.patches if s.patch.index == asked.index)
    paths = {change.path for state in mine for change in state.changes}
    others = tuple(
        f"patch {s.patch.index}" for s in report.patches if s.patch.index != asked.index
    )
    return replace(
        report,
        patches=mine,
        findings=tuple(f for f in report.findings if f.patch == asked.index),
        not_checked=tuple(
            item
            for item in report.not_checked
            if (item.file is None or item.file in paths)
            and not item.what.startswith(tuple(f"{name}:" for name in others))
            and item.what not in others
        ),
    )


def _nothing_judged(why: str, form: str) -> str:
    from reviewer.output import b4check, lines

    return b4check.nothing(why) if form == "b4-check" else lines.nothing(why)
