# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review report SERIES --html FILE``: a review as a page to look at."""

from __future__ import annotations

import argparse
from pathlib import Path

from reviewer.commands import Result, Session, options

HELP = "review a series and write the result as a web page"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("series", help="as for a review; 'demo' is our own small one")
    parser.add_argument("--html", metavar="FILE", required=True, help="the page")
    parser.add_argument("--force", action="store_true", help="overwrite the page")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    options.add_behaviour(parser)
    options.add_tree(parser)
    options.add_rules(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Review, then write the page; the status is that of a review."""
    from reviewer import library, mail, output
    from reviewer.commands import thread, with_behaviour
    from reviewer.inbox import rows
    from reviewer.output import html, html_series

    if args.series == "demo":
        from reviewer.commands.demo import FOLDER

        args.series, args.tree = str(FOLDER / "series.mbox"), [str(FOLDER / "tree")]
    series, earlier = mail.open_revisions(
        args.series,
        offline=args.offline,
        limits=session.settings.limits(),
        stdin=session.stdin,
    )
    trees = options.find_trees(args, session)
    try:
        opened = options.opened(args, session, trees)
        outcome, applied = library.judged_on(series, opened, earlier)
        judged = options.by_settings(outcome, session).report
        report = output.worded(judged)
        failed = library.failed_rules(outcome, judged, report)
        said = thread.read(
            series,
            earlier,
            applied,
            trees=trees,
            base=args.base,
            limits=session.settings.limits(),
        )
        row = rows.row(report, said.told, said.old, said.checked, new=set())
        functions, lacking = None, list[str]()
        if with_behaviour.is_wanted(args, session):
            functions, lacking = with_behaviour.find(session, series, applied)
        beside = html_series.values_of_thread(
            series, row, said.told, said.old, said.checked, functions=functions
        )
        html.write_page(
            html.render(report, command=session.command, thread=beside),
            Path(args.html),
            force=args.force,
        )
        status = library.exit_status(
            report,
            crashed=bool(failed),
            incomplete=library.is_incomplete(series, applied),
        )
    finally:
        options.close(trees)
    notes = [*series.notes, f"wrote {args.html}", *lacking]
    notes += options.crash_notes(failed)
    return Result("", status, (*notes, output.summary_line(report)))
