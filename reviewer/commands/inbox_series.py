# SPDX-License-Identifier: GPL-2.0-or-later
"""One thread of an inbox: its series reviewed, its page and its drafts made."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any

from reviewer.batch.reviewing import series_of_job
from reviewer.commands import Session, options, review, thread
from reviewer.commands.thread import Thread
from reviewer.errors import InputError, KpfError, NotAPatch
from reviewer.inbox import rows, sources, work
from reviewer.inbox.work import Item
from reviewer.models import Report, Series
from reviewer.output.draft.draft import Draft
from reviewer.tree import Tree
from reviewer.tree.apply import Applied


def reviewer(
    args: argparse.Namespace, session: Session, trees: list[Tree]
) -> Callable[[Item], dict[str, Any]]:
    """Returns what reviews a thread; a bad mail costs itself only."""

    def review_thread(item: Item) -> dict[str, Any]:
        try:
            return _Thread(args, session, item, trees).record()
        except NotAPatch:
            return work.record([])
        except KpfError as error:
            return work.unread(item, str(error))
        except (RecursionError, MemoryError) as error:
            return work.unread(item, f"too large: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - as in a batch
            return work.failed(item, f"internal error: {type(error).__name__}")

    return review_thread


class _Thread:
    """One item and what is needed to review it."""

    def __init__(
        self, args: argparse.Namespace, session: Session, item: Item, trees: list[Tree]
    ) -> None:
        self._args, self._session = args, session
        self._item, self._trees = item, trees
        self._notes: list[str] = []
        if sources.is_branch(item.job):  # see branches.rules
            self._args = copy(args)
            self._args.ignore = [*args.ignore, "submission-*"]

    def record(self) -> dict[str, Any]:
        """Returns the series that have something new, each with its page."""
        found = [
            self._one(series, earlier)
            for series, earlier in self._opened()
            if self._is_new(series, earlier)
        ]
        return work.record(found, self._notes)

    def _opened(self) -> Sequence[tuple[Series, tuple[Series, ...]]]:
        job, bounds = self._item.job, self._session.settings.limits()
        if sources.is_branch(job):
            return [(sources.branch_series(job, Path.cwd(), bounds), ())]
        offline, is_range = self._args.offline, review.is_range
        return series_of_job(
            job, self._trees, bounds, offline=offline, is_range=is_range
        )

    def _is_new(self, series: Series, earlier: tuple[Series, ...]) -> bool:
        """Whether a mail of it, or about the versions before it, is new.

        A mail without an id cannot be told from others: then all of it counts.
        """
        mails = set().union(*map(rows.mails_of, (series, *earlier)))
        known = all(patch.headers.message_id for patch in series.patches)
        return not known or bool(mails & self._item.new) or not mails

    def _one(self, series: Series, earlier: tuple[Series, ...]) -> dict[str, Any]:
        try:
            report, crashed, said, applied = self._reviewed(series, earlier)
        except InputError as error:  # not one patch of it can be read
            why = "; ".join((str(error), *series.notes[:3]))
            return {"row": rows.unread_row(series.subject, why), "report": None}
        new = set(self._item.new)
        row = rows.row(report, said.told, said.old, said.checked, new=new)
        if crashed:
            row["error"] = f"internal error in {', '.join(crashed)}"
        functions = self._behaviour(series, applied)
        if functions is not None:
            row["behaviour"] = rows.behaviour(functions)
        return self._shown(report, row, said, functions)

    def _reviewed(
        self, series: Series, earlier: tuple[Series, ...]
    ) -> tuple[Report, tuple[str, ...], Thread, Applied]:
        """The report, the rules that failed, what the thread has beside it, and the
        series on its tree."""
        from reviewer import library, output

        args, session = self._args, self._session
        outcome, applied = review.judged_on(args, session, series, earlier, self._trees)
        told = options.by_settings(outcome, session).report
        report = output.worded(told)
        limits = session.settings.limits()
        said = thread.read(
            series, earlier, applied, trees=self._trees, base=args.base, limits=limits
        )
        return report, library.failed_rules(outcome, told, report), said, applied

    def _behaviour(self, series: Series, applied: Applied) -> tuple[Any, ...] | None:
        """The verdicts on the functions, where they were asked for and can be had."""
        if not self._args.behaviour or not self._trees:
            return None
        from reviewer.commands import behaviour

        with suppress(InputError):  # it does not apply as it is
            return behaviour.of_applied(self._session, series, applied)
        return None

    def _shown(
        self,
        report: Report,
        row: dict[str, Any],
        said: Thread,
        functions: Sequence[Any] | None,
    ) -> dict[str, Any]:
        from reviewer.output import html_series, json_

        drafts = self._drafts(report)
        page = html_series.page(
            report,
            row=row,
            told=said.told,
            old=said.old,
            functions=functions,
            drafts=drafts,
            checked=said.checked,
        )
        files = {f"{row['name']}-{d.name}": d.data.decode("utf-8") for d in drafts}
        envelope = json_.envelope(report)
        return {"row": row, "report": envelope, "page": page, "drafts": files}

    def _drafts(self, report: Report) -> tuple[Draft, ...]:
        """The replies; none where git has no name of whoever reviews."""
        from reviewer import git
        from reviewer.errors import UsageError
        from reviewer.output.draft.draft import drafts

        try:
            return drafts(report, identity=git.identity(), command="")
        except UsageError as error:
            self._notes.append(f"kpf-review: {error}")
            return ()
