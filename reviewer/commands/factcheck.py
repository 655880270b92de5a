# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review factcheck``: what was remarked on a series, checked against the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options

if TYPE_CHECKING:
    import argparse

    from reviewer.factcheck import Checked
    from reviewer.mail.postings import Postings
    from reviewer.models import Series
    from reviewer.tree import Tree

HELP = "what the tree says to the remarks of robots and people in a thread"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "series", help="message-id, lore URL, mbox, maildir, '-' for stdin"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        dest="unmarked",
        help="list the remarks too of which nothing could be decided",
    )
    parser.add_argument(
        "--by",
        choices=("all", "robots", "people"),
        default="all",
        help="whose remarks (default: all)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    options.add_tree(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Checks every posting of the series; exit status 1 where a remark has a mark."""
    from reviewer import mail
    from reviewer.factcheck.remarks import MOST
    from reviewer.output import factcheck as output

    bounds = session.settings.limits()
    found = mail.open_postings(
        args.series, offline=args.offline, limits=bounds, stdin=session.stdin
    )
    trees = options.find_trees(args, session)
    try:
        whole = [
            (series, checked, tree_name)
            for one in found
            for series, checked, tree_name in _checked(one, args, session, trees)
        ]
    finally:
        options.close(trees)
    text = output.render(
        whole, args.format, width=session.width, unmarked=args.unmarked
    )
    marked = any(one.marks for _, every, _ in whole for one in every)
    notes = [output.summary([one for _, every, _ in whole for one in every])]
    if any(len(every) == MOST for _, every, _ in whole):
        notes.append(f"kpf-review: of a posting's remarks the first {MOST} are checked")
    if not trees:
        notes.append("kpf-review: no kernel tree: only the series was looked at")
    return Result(text, int(marked), tuple(notes))


def _checked(
    postings: Postings, args: argparse.Namespace, session: Session, trees: list[Tree]
) -> list[tuple[Series, tuple[Checked, ...], str]]:
    """The remarks on each posting that was asked for, and the tree's name.

    A mailbox asks for all postings, a message-id for one.
    """
    from reviewer import mail
    from reviewer.factcheck import check_remarks
    from reviewer.mail.people import is_robot
    from reviewer.tree.apply import apply_series

    named = args.series != "-" and mail.is_message_id(args.series)
    found = []
    for series in (postings.asked,) if named else postings.every:
        session.progress(series.subject)
        applied = apply_series(
            series,
            trees[0] if trees else None,
            base=args.base,
            limits=session.settings.limits(),
            others=trees[1:],
        )
        every = tuple(
            one
            for one in check_remarks(series, applied, newer=postings.newer_than(series))
            if args.by == "all" or is_robot(one.remark.author) == (args.by == "robots")
        )
        found.append((series, every, applied.info.kernel or ""))
    return found
