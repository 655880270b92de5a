# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review followup``: the comments on vN, one by one, in vN+1."""

from __future__ import annotations

import argparse

from reviewer.commands import Result, Session
from reviewer.errors import InputError
from reviewer.models import Series

HELP = "what became of the comments on the last version"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "series", help="the new version: message-id, lore URL, mbox, '-' for stdin"
    )
    parser.add_argument(
        "--previous",
        metavar="REF",
        help="the version before, if it is in a mailbox or thread of its own "
        "(default: looked for in the thread, then with b4 in the archive)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "changelog", "json"),
        default="text",
        help='text: one by one; changelog: a draft of "Changes in vN+1" for the author',
    )
    parser.add_argument("--offline", action="store_true", help="never use the network")


def run(args: argparse.Namespace, session: Session) -> Result:
    """Shows what became of each comment; exit status 1 if one has neither led to a
    change nor got an answer."""
    from reviewer.followup.comments import MOST
    from reviewer.followup.follow import follow
    from reviewer.output import followup as output

    new, old = _versions(args, session)
    found = follow(old, new)
    text = output.render(found, old, new, args.format, session.width)
    notes = [f"v{old.version}: {note}" for note in old.notes if "left out" in note]
    if len(found) == MOST:
        notes.append(f"kpf-review: of the comments the first {MOST} are looked up")
    if not found:
        notes.append(
            f"kpf-review: no inline comment on v{old.version}"
            f" ({len(old.replies)} replies looked at)"
        )
    return Result(text, int(any(map(output.is_open, found))), tuple(notes))


def _versions(args: argparse.Namespace, session: Session) -> tuple[Series, Series]:
    """The new version and the one before it.

    Raises InputError where there is no version before.
    """
    from reviewer import mail

    bounds = session.settings.limits()
    new, earlier = mail.open_revisions(
        args.series,
        offline=args.offline,
        limits=bounds,
        stdin=session.stdin,
        search=args.previous is None,
    )
    if args.previous is not None:
        old, _ = mail.open_revisions(
            args.previous, offline=args.offline, limits=bounds, stdin=session.stdin
        )
        return new, old
    if not earlier:
        raise InputError(
            f"no version before v{new.version} in its thread or mailbox: name it with "
            "--previous"
        )
    return new, earlier[-1]
