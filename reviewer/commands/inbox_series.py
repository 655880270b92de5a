# SPDX-License-Identifier: GPL-2.0-or-later
"""One thread of an inbox: its series reviewed, its page and its drafts made."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.commands import Session, batch, options, review
from reviewer.errors import InputError, KpfError, NotAPatch
from reviewer.inbox import rows, sources, work
from reviewer.inbox.work import Item
from reviewer.mail.people import is_robot
from reviewer.models import Report, Series

if TYPE_CHECKING:
    from reviewer.factcheck import Checked
    from reviewer.followup.follow import Followed
    from reviewer.output.draft.draft import Draft
    from reviewer.tree import Tree


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
        job = self._item.job
        if sources.is_branch(job):
            bounds = self._session.settings.limits()
            return [(sources.branch_series(job, Path.cwd(), bounds), ())]
        return batch.opened(self._args, self._session, job, self._trees)

    def _is_new(self, series: Series, earlier: tuple[Series, ...]) -> bool:
        """Whether a mail of it, or about the versions before it, is new.

        A mail without an id cannot be told from others: then all of it counts.
        """
        mails = set().union(*map(rows.mails_of, (series, *earlier)))
        known = all(patch.headers.message_id for patch in series.patches)
        return not known or bool(mails & self._item.new) or not mails

    def _one(self, series: Series, earlier: tuple[Series, ...]) -> dict[str, Any]:
        try:
            report, crashed, checked = self._reviewed(series, earlier)
        except InputError as error:  # not one patch of it can be read
            why = "; ".join((str(error), *series.notes[:3]))
            return {"row": rows.unread_row(series.subject, why), "report": None}
        old = earlier[-1] if earlier else None
        told = _followed(old, series) if old is not None else ()
        checked = (*checked, *self._checked_before(old, series))
        row = rows.row(report, told, old, checked, new=set(self._item.new))
        if crashed:
            row["error"] = f"internal error in {', '.join(crashed)}"
        functions = self._behaviour(series)
        if functions is not None:
            row["behaviour"] = rows.behaviour(functions)
        return self._shown(report, row, told, old, functions, checked)

    def _reviewed(
        self, series: Series, earlier: tuple[Series, ...]
    ) -> tuple[Report, tuple[str, ...], tuple[Checked, ...]]:
        """The report, the rules that failed, and the remarks of the thread, checked."""
        from reviewer import factcheck, library, output

        args, session = self._args, self._session
        outcome, applied = review.judged_on(args, session, series, earlier, self._trees)
        told = options.by_settings(outcome, session).report
        report = output.worded(told)
        checked = factcheck.check_remarks(series, applied) if series.replies else ()
        return report, library.failed_rules(outcome, told, report), checked

    def _checked_before(self, old: Series | None, series: Series) -> Sequence[Checked]:
        """What robots said of the version before, checked against that and this one."""
        if old is None or not any(
            is_robot(reply.headers.sender) for reply in old.replies
        ):
            return ()
        from reviewer import factcheck
        from reviewer.tree.apply import apply_series

        applied = apply_series(
            old,
            self._trees[0] if self._trees else None,
            base=self._args.base,
            limits=self._session.settings.limits(),
            others=self._trees[1:],
        )
        every = factcheck.check_remarks(old, applied, newer=(series,))
        return [one for one in every if is_robot(one.remark.author)]

    def _behaviour(self, series: Series) -> tuple[Any, ...] | None:
        """The verdicts on the functions, where they were asked for and can be had."""
        if not self._args.behaviour or not self._trees:
            return None
        from reviewer.commands import behaviour

        for tree in self._trees:
            with suppress(InputError):  # it does not apply there as it is
                return behaviour.of_series(self._session, series, tree)
        return None

    def _shown(
        self,
        report: Report,
        row: dict[str, Any],
        told: Sequence[Followed],
        old: Series | None,
        functions: Sequence[Any] | None,
        checked: Sequence[Checked],
    ) -> dict[str, Any]:
        from reviewer.output import html_series, json_

        drafts = self._drafts(report)
        page = html_series.page(
            report,
            row=row,
            told=told,
            old=old,
            functions=functions,
            drafts=drafts,
            checked=checked,
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


def _followed(old: Series, series: Series) -> tuple[Followed, ...]:
    from reviewer.followup.follow import follow
    from reviewer.mail.earlier import sent_before

    return follow(sent_before(old, series), series)
