# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review agent``: our comments as an external reviewer's in ``b4 review``.

b4 starts it with the key ``a`` (``b4.review-agent-command``), or a person does: the
comments are taken in when a review session is entered.  No model is behind it, and
b4's tracking commit is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options
from reviewer.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.b4.agent import Identity
    from reviewer.b4.branches import ReviewBranch
    from reviewer.factcheck import Checked
    from reviewer.models import Report

HELP = "write our comments where 'b4 review' takes them in"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "prompt", nargs="*", metavar="PROMPT", help="what b4 appends; not used"
    )
    parser.add_argument(
        "--branch",
        metavar="NAME",
        help="the review branch (default: the one checked out, else all of them)",
    )
    parser.add_argument(
        "--identity",
        metavar="'NAME <ADDRESS>'",
        help="under which b4 files the comments (default: kpf.reviewer)",
    )
    parser.add_argument(
        "--info", action="store_true", help="put info findings there too"
    )
    options.add_behaviour(parser)
    options.add_tree(parser)
    options.add_rules(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Reviews each branch and leaves the comments for b4.

    Raises UsageError outside of a worktree, and where there is no review branch.
    """
    from reviewer.b4 import branches

    top = branches.top_folder(Path.cwd())
    if top is None:
        raise UsageError(f"{Path.cwd()}: not in a repository with files")
    lines, failed = leave_comments(_chosen(args.branch, top), top, args, session)
    if not lines and not failed:
        raise UsageError("no review branch here: track a series with 'b4 review' first")
    return Result(
        "".join(f"{line}\n" for line in lines), 3 if failed else 0, tuple(failed)
    )


def leave_comments(
    names: Sequence[str], top: Path, args: argparse.Namespace, session: Session
) -> tuple[list[str], list[str]]:
    """Reviews the branches of these names and leaves the comments for b4; returns a
    line on each, and one on each that cannot be reviewed.

    Raises UsageError in a linked worktree and for an identity that cannot be used.
    """
    from reviewer.b4 import agent, branches

    agent.git_folder(top)
    mine = _addresses(top)
    who = agent.identity(args.identity or session.settings.text("reviewer"), mine)
    removed = agent.remove_stale(top, who)
    lines = [f"removed {removed} outdated folders of ours"] if removed else []
    failed = []
    for name in names:
        try:
            lines.append(_review(branches.read(top, name), top, who, args, session))
        except InputError as error:
            failed.append(f"kpf-review: {error}")
    return lines, failed


def _addresses(top: Path) -> list[str]:
    """The addresses under which the person who reviews is known to git and b4."""
    from reviewer import git

    pattern = r"^(user|author|committer)\.email$|^sendemail\.from$"
    done = git.run(["config", "--null", "--get-regexp", pattern], cwd=top)
    from email.utils import parseaddr

    values = [
        entry.partition("\n")[2]
        for entry in done.stdout.decode("utf-8", "replace").split("\0")
    ]
    return [address for value in values if (address := parseaddr(value)[1])]


def _chosen(named: str | None, top: Path) -> tuple[str, ...]:
    from reviewer.b4 import branches

    if named:
        known = named.startswith(branches.PREFIX)
        return (named if known else branches.PREFIX + named,)
    here = branches.current(top)
    return (here,) if here else branches.names(top)


def _review(
    branch: ReviewBranch,
    top: Path,
    who: Identity,
    args: argparse.Namespace,
    session: Session,
) -> str:
    """One line on what was written for a branch."""
    from reviewer import output
    from reviewer.b4 import agent

    report, functions = _report(branch, top, args, session)
    info = args.info or session.settings.flag("info")
    done = [p for p in report.patches if _has(branch, p.patch.index, who)]
    checked = _checked(branch, top, args, session)
    texts = agent.files(
        report, branch, who, info=info, checked=checked, functions=functions
    )
    count = sum(name[0].isdigit() for name in texts)
    again = f", {len(done)} reviewed before" if done else ""
    if not texts:
        said = "nothing to say" if not done else "nothing new"
        return f"{branch.name}: {said}{again}; {output.summary_line(report)}"
    place = agent.publish(top, branch, texts, who)
    said = f"remarks on {count} of {len(report.patches)} patches"
    return (
        f"{branch.name}: {said}{again}, in .git/b4-review/{place.name[:12]}; "
        "b4 takes them in when the review is entered"
    )


def _checked(
    branch: ReviewBranch, top: Path, args: argparse.Namespace, session: Session
) -> list[Checked]:
    """What robots remarked in the thread that b4 has, checked against the tree."""
    from reviewer import factcheck, mail
    from reviewer.b4 import branches
    from reviewer.mail.people import is_robot
    from reviewer.tree import apply

    limits = session.settings.limits()
    wanted = next(filter(None, branch.message_ids), None)
    try:
        mails = branches.thread_mails(top, branch, limits) or _cached(wanted)
        if not mails or wanted is None:
            return []
        series = mail.series_from_messages(mails, wanted=wanted, limits=limits)
    except InputError:  # b4 keeps what came; our own comments do not hang on it
        return []
    tree = options.find_tree(args, session)
    try:
        applied = apply.apply_series(series, tree, base=args.base, limits=limits)
        every = factcheck.check_remarks(series, applied)
    finally:
        if tree is not None:
            tree.close()
    return [one for one in every if is_robot(one.remark.author)]


def _cached(wanted: str | None) -> list[bytes]:
    """The thread that b4 has fetched for the branch, before it keeps one with it."""
    from reviewer.errors import FetchError
    from reviewer.mail.fetch import cached_thread

    try:
        return cached_thread(wanted, ()) if wanted is not None else []
    except FetchError:
        return []


def _has(branch: ReviewBranch, patch: int, who: Identity) -> bool:
    return who.email.lower() in branch.reviewers(patch)


def _report(
    branch: ReviewBranch, top: Path, args: argparse.Namespace, session: Session
) -> tuple[Report, str]:
    """The findings on the branch's commits, in words; what their functions do."""
    from reviewer import engine, mail, output
    from reviewer.b4 import branches
    from reviewer.commands import with_behaviour
    from reviewer.tree import apply

    limits = session.settings.limits()
    series = mail.open_range(top, branch.range, limits=limits)
    recorded = len(branch.message_ids)
    if len(series.patches) != recorded:
        raise InputError(
            f"{branch.name} has {len(series.patches)} commits, b4 has a record of "
            f"{recorded} patches"
        )
    tree = options.find_tree(args, session)
    try:
        applied = apply.apply_series(series, tree, base=args.base, limits=limits)
        outcome = engine.review(
            series,
            applied,
            branches.rules(options.rules(args, session)),
            preexisting=args.preexisting or session.settings.flag("preexisting"),
            context={"earlier": (), "tree": tree, "base": applied.info.base},
            progress=session.progress,
        )
        functions = ""
        if tree is not None and with_behaviour.is_wanted(args, session):
            functions = with_behaviour.as_note(session, series, applied)
    finally:
        if tree is not None:
            tree.close()
    return output.worded(options.by_settings(outcome, session).report), functions
