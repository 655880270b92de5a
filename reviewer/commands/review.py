# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review <msgid | URL | mailbox | patch | ->``: the main job."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.commands import Result, Session, options
from reviewer.errors import InputError, UsageError
from reviewer.models import NotChecked

if TYPE_CHECKING:
    import argparse

    from reviewer.engine import Outcome
    from reviewer.models import Patch, Series
    from reviewer.tree import Tree
    from reviewer.tree.apply import Applied

HELP = "review a patch series from the list or from local mail"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "series",
        nargs="+",
        help="message-id, lore URL, mbox, maildir, .patch or .eml, '-' for stdin; "
        "several files are one series if they are numbered as one",
    )
    parser.add_argument("--offline", action="store_true", help="never use the network")
    parser.add_argument(
        "--prerequisites",
        action="store_true",
        help="fetch the patches that a series names as its prerequisites",
    )
    options.add_behaviour(parser)
    options.add_tree(parser)
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Fetches, applies, reviews and presents.  Raises UsageError for a range."""
    from reviewer import mail

    if getattr(args, "prerequisites", False) and args.offline:
        raise UsageError("--prerequisites fetches, and --offline forbids it")
    if args.series == ["-"] and args.format in ("b4-check", "checkpatch"):
        checked = _check_for_b4(args, session)
        if checked is not None:
            return checked
    for one in args.series:
        if is_range(one):
            raise UsageError(f"{one}: a range of commits is for 'kpf-review check'")
    opened = mail.open_all(
        args.series,
        offline=args.offline,
        limits=session.settings.limits(),
        stdin=session.stdin,
    )
    return _review_all(args, session, opened)


def is_range(ref: str) -> bool:
    """Says whether a word is a range of commits and neither a file nor a message-id.

    A message-id may hold two dots, but no ``@{``, and something on both sides of @.
    """
    if ".." not in ref or "://" in ref or "<" in ref or os.path.lexists(ref):
        return False
    if ref.startswith((".", "/")):
        return False
    return not re.search(r"[^@.~^]@[^@{.~^]", ref)


def _check_for_b4(args: argparse.Namespace, session: Session) -> Result | None:
    """The patch that b4 pipes, whose body is not encoded as its header says."""
    import io

    from reviewer.b4 import stdin
    from reviewer.commands import b4_check

    data = session.stdin.read(session.settings.limits().mailbox_bytes + 1)
    if args.format == "b4-check" or stdin.is_decoded(data):
        return b4_check.check(args, session, data)
    session.stdin = io.BytesIO(data)
    return None


def _review_all(
    args: argparse.Namespace,
    session: Session,
    opened: Sequence[tuple[Series, tuple[Series, ...]]],
) -> Result:
    """Review each series on its own base, and present them together."""
    from reviewer.commands import with_behaviour
    from reviewer.commands.several import merged_outcome

    outcomes: list[Outcome] = []
    compared = []
    compares = with_behaviour.is_wanted(args, session)
    unread: list[NotChecked] = []
    failed: list[InputError] = []
    incomplete = False
    trees = options.find_trees(args, session)
    try:
        for series, earlier in opened:
            try:
                outcome, applied = judged_on(args, session, series, earlier, trees)
            except InputError as error:  # not one patch of it can be read
                compared.append(with_behaviour.not_found(error))
                failed.append(_with_notes(error, series))
                unread += [NotChecked(series.subject, str(error)), *series.left_out]
            else:
                outcomes.append(outcome)
                incomplete = incomplete or _lacks(outcome, applied)
                if compares:
                    compared.append(with_behaviour.find(session, series, applied))
        if not outcomes:
            raise failed[0]
        whole = merged_outcome(outcomes)
        if unread:
            missing = (*whole.report.not_checked, *unread)
            whole = replace(whole, report=replace(whole.report, not_checked=missing))
        result = options.present(
            args, session, whole, incomplete=incomplete or bool(unread)
        )
        if compares:
            return with_behaviour.with_verdicts(args, compared, result)
        return result
    finally:
        options.close(trees)


def _with_notes(error: InputError, series: Series) -> InputError:
    """What is known of a patch that git cannot read may be the reason."""
    if series.notes:
        error.args = ("; ".join((str(error), *series.notes[:3])),)
    return error


def judged(
    args: argparse.Namespace,
    session: Session,
    series: Series,
    earlier: tuple[Series, ...],
    trees: Sequence[Tree],
) -> tuple[Outcome, bool]:
    """Returns the findings, and whether a part of the series could not be looked at."""
    outcome, applied = judged_on(args, session, series, earlier, trees)
    return outcome, _lacks(outcome, applied)


def _lacks(outcome: Outcome, applied: Applied) -> bool:
    from reviewer import library

    whole = outcome.report.series
    assert whole is not None
    return library.is_incomplete(whole, applied)


def judged_on(
    args: argparse.Namespace,
    session: Session,
    series: Series,
    earlier: tuple[Series, ...],
    trees: Sequence[Tree],
) -> tuple[Outcome, Applied]:
    """Returns the findings, and the series on the tree that it was judged on."""
    from reviewer import library

    before, unfound = prerequisites_asked_for(args, session, series)
    series = replace(series, left_out=(*series.left_out, *unfound))
    opened = options.opened(args, session, trees)
    return library.judged_on(series, opened, earlier, before=before)


def prerequisites_asked_for(
    args: argparse.Namespace, session: Session, series: Series
) -> tuple[tuple[Patch, ...], tuple[NotChecked, ...]]:
    """Returns the prerequisites that were asked for, and those that cannot be had."""
    if not getattr(args, "prerequisites", False) or not series.prerequisites:
        return (), ()
    from reviewer.mail.needed_patches import prerequisites

    return prerequisites(series, limits=session.settings.limits())
