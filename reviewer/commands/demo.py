# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review demo``: the whole pipeline on a small series, offline.

The series and the miniature kernel tree are ours and lie beside this package; the
code that reviews them is the one that reviews real mail.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from reviewer.commands import Result, Session, options, review

HELP = "review a small series of ours, offline, to see what it looks like"
FOLDER = Path(__file__).parent.parent / "demo"
NOBODY = "A Reviewer <reviewer@example.org>"  # where git knows no user
NEXT = """\
In your kernel tree:

  kpf-review MESSAGE-ID                 review a series from the list
  kpf-review --output DIR MESSAGE-ID    write the drafts, for mutt -H or git send-email
  kpf-review check                      look at your own commits before you send them
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Reviews as ``kpf-review series.mbox --tree tree``, then the draft and what to do
    next."""
    args.series = [str(FOLDER / "series.mbox")]
    args.tree = [str(FOLDER / "tree")]
    args.base = None
    args.offline = True
    result = review.run(args, session)
    if args.format != "text" or args.output or not result.text:
        return result
    parts = [
        result.text,
        _headed("the draft reply", session.width),
        _draft(args, session),
    ]
    parts += [_headed("what to do next", session.width), NEXT]
    return replace(result, text="\n".join(parts))


def _draft(args: argparse.Namespace, session: Session) -> str:
    """The reply that is drafted, for the first patch that has something to say."""
    from reviewer import mail, output
    from reviewer.git import identity
    from reviewer.output.draft import draft

    series = mail.open_series(args.series[0], offline=True)
    trees = options.find_trees(args, session)
    try:
        outcome, _ = review.judged(args, session, series, (), trees)
    finally:
        options.close(trees)
    report = output.worded(options.by_settings(outcome, session).report)
    made = draft.drafts(
        report, identity=identity() or NOBODY, command="kpf-review demo", info=args.info
    )
    return next((one.text for one in made if one.patch), "")


def _headed(title: str, width: int) -> str:
    return f"-- {title} {'-' * (min(width, 72) - len(title) - 4)}\n"
