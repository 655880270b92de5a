# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review b4-check``: what b4 runs as its check commands.

One JSON object for ``review-perpatch-check-cmd`` and ``review-series-check-cmd``,
lines as checkpatch writes them for ``am-`` and ``prep-perpatch-check-cmd``.  Nothing
on stderr, where b4 takes every line for a failure, and no exit status that would
make one out of silence.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.commands import Result, Session, dismissals, options
from reviewer.errors import InputError

if TYPE_CHECKING:
    import argparse

    from reviewer.b4.hooks import AskedSeries
    from reviewer.engine import Outcome
    from reviewer.models import Report
    from reviewer.rulebook import LoadedRule

HELP = "what b4 runs to check a patch (see 'setup b4')"
FORMATS = ("b4-check", "checkpatch")
BODY = 100_000_000  # the line on which the body of a remembered mail begins


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
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
    from reviewer import kept_reviews
    from reviewer.b4 import branches, hooks, stdin

    top = branches.top_folder(Path.cwd())
    bounds = session.settings.limits()
    try:
        if series:
            asked = hooks.asked_about_series(
                data, top=top, environ=session.environ, limits=bounds
            )
            return Result(_rendered(_of_all(args, session, asked), args.format))
        kept = kept_reviews.Answers(session.environ)
        piped = stdin.read(data, bounds)
        question = _question(args, session, top)
        known = kept.get(_name(question, hooks.identity(piped.raw, bounds)))
        if known is not None:
            return Result(_at_line(known.text, piped.body_line))
        asked = hooks.asked_about_patch(
            data, top=top, environ=session.environ, limits=bounds
        )
        report = _of_all(args, session, asked)
    except InputError as error:
        return Result(_nothing_judged(str(error), args.format))
    if asked.index is None:
        return Result(_rendered(report, args.format))
    made = _of_each(report, args.format)
    for state in report.patches:
        name = _name(question, hooks.identity_of(state.patch))
        kept.keep(name, kept_reviews.Answer(made[state.patch.index], 0))
    return Result(_at_line(made[asked.index], piped.body_line))


def _question(
    args: argparse.Namespace, session: Session, top: Path | None
) -> list[str]:
    """What an answer depends on besides the patch."""
    from reviewer import git

    head = git.run(["rev-parse", "--verify", "--quiet", "HEAD"], cwd=top or Path.cwd())
    tracked = bool(session.environ.get("B4_TRACKING_FILE"))
    asked = sorted((k, v) for k, v in vars(args).items() if k != "series")
    return [
        repr(asked),
        repr(session.settings),
        repr(dismissals.dismissed_for(session)),
        str(top),
        repr(head.stdout),
        f"{tracked}",
    ]


def _name(question: list[str], patch: tuple[str, str]) -> str:
    from reviewer import kept_reviews

    return kept_reviews.key(["b4-check", *question, *patch])


def _of_each(report: Report, form: str) -> dict[int, str]:
    """The answer on each patch, its lines counted from BODY where the body begins."""
    from reviewer.commands.one_patch import of_patch

    moved = tuple(
        replace(state, patch=replace(state.patch, body_line=BODY))
        for state in report.patches
    )
    whole = replace(report, patches=moved)
    return {
        state.patch.index: _rendered(of_patch(whole, state.patch.index), form)
        for state in moved
    }


def _at_line(text: str, body_line: int) -> str:
    """The answer with the line numbers of the mail that was piped."""

    def moved(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"-:{number - BODY + body_line if number >= BODY else number}:"

    return re.sub(r"^-:(\d{1,12}):", moved, text, flags=re.MULTILINE)


def _rendered(report: Report, form: str) -> str:
    from reviewer.output import b4check, lines

    return lines.checkpatch(report) if form == "checkpatch" else b4check.render(report)


def _of_all(args: argparse.Namespace, session: Session, asked: AskedSeries) -> Report:
    """The report on the whole series that was asked about, in words."""
    from reviewer import output

    outcome = _judge(args, session, asked)
    return output.worded(options.by_settings(outcome, session).report)


def _judge(args: argparse.Namespace, session: Session, asked: AskedSeries) -> Outcome:
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
        )
    finally:
        options.close(trees)


def _rules(
    args: argparse.Namespace, session: Session, asked: AskedSeries
) -> tuple[LoadedRule, ...]:
    from reviewer.b4 import branches

    chosen = options.rules(args, session)
    return branches.rules(chosen) if asked.from_b4 else chosen


def _nothing_judged(why: str, form: str) -> str:
    from reviewer.output import b4check, lines

    return b4check.nothing(why) if form == "b4-check" else lines.nothing(why)
