# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review inbox``: what came in since the last time, a line a series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.commands import Result, Session, batch, dismissals, options
from reviewer.errors import UsageError
from reviewer.output.columns import counted
from reviewer.patterns import regex

if TYPE_CHECKING:
    import argparse

    from reviewer.batch.jobs import Job
    from reviewer.inbox.state import InboxState
    from reviewer.inbox.work import Item

HELP = "the series that came in since the last time, a line each, and as pages"
SINCE = regex(r"(\d{1,4})([hdwmy])|(\d{4})-(\d{2})-(\d{2})")
AGES = "12h, 1d, 2w, 3m, 1y or 2026-11-28"
UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="maildirs (also of lei), mailboxes, mails, folders of mails, '-'",
    )
    parser.add_argument(
        "--search",
        metavar="QUERY",
        help="what b4's archive finds, in the language of public-inbox",
    )
    parser.add_argument(
        "--since",
        metavar="AGE",
        help=f"with --search: {AGES}",
    )
    parser.add_argument(
        "--branches", action="store_true", help="the review branches of b4 here"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="also what was listed before")
    which.add_argument(
        "--again", action="store_true", help="also what the last run listed"
    )
    parser.add_argument(
        "--html", metavar="DIR", help="write the list and each series as pages"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --html: overwrite what is no inbox"
    )
    parser.add_argument(
        "--behaviour",
        action="store_true",
        help="compare what each changed function computes (slow)",
    )
    parser.add_argument(
        "--agent",
        action="store_true",
        help="leave our comments in the review branches of b4 that there are",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    batch.add_workers(parser)
    options.add_tree(parser)
    options.add_rules(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Lists the series that no earlier run has listed; one that broke off goes on.

    Raises UsageError where no source is named, OutputError where the state of earlier
    runs cannot be read or the pages cannot be written.
    """
    from reviewer.inbox import state

    batch.check_numbers(args)
    _check(args)
    options.close(options.find_trees(args, session))  # a wrong one is told at once
    options.rules(args, session)
    if args.agent:
        _top_with_branches()
    jobs, unread = _jobs(args, session)
    with state.opened(session.environ) as kept:
        evening = _Evening(args, session, kept, jobs)
        evening.review()
        notes = _comments(args, session, evening) if args.agent else []
        _show(args, session, evening)
        evening.finish()  # last: a run that is ended before has told nothing
    return Result("", evening.status(unread), (*notes, *evening.notes(unread)))


def _check(args: argparse.Namespace) -> None:
    if not args.sources and args.search is None and not args.branches:
        raise UsageError("nothing to look at: name a mailbox, --search or --branches")
    if args.search is not None and args.offline:
        raise UsageError("--search asks the archive, and --offline forbids it")
    if args.since is not None and args.search is None:
        raise UsageError("--since goes with --search")
    if args.html:
        from reviewer.output.html_inbox import check_folder

        check_folder(Path(args.html), force=args.force)


def _jobs(
    args: argparse.Namespace, session: Session
) -> tuple[list[Job], list[tuple[str, str]]]:
    from reviewer.inbox import sources

    bounds = session.settings.limits()
    found: list[bytes] = []
    if args.search is not None:
        from reviewer.mail import fetch

        session.progress("asking the archive")
        found = fetch.search(query_of(args.search, args.since), bounds=bounds)
    return sources.threads(
        args.sources,
        found=found,
        repository=Path.cwd() if args.branches else None,
        bounds=bounds,
        stdin=session.stdin,
    )


def query_of(query: str, since: str | None) -> str:
    """Returns a search with an age in the words of public-inbox; raises UsageError."""
    if since is None:
        return query
    match = SINCE.fullmatch(since)
    if match is None:
        raise UsageError(f"--since {since!r}: {AGES} is meant")
    if match[2]:
        age = f"{match[1]}.{UNITS[match[2]]}.ago"
    else:
        age = "".join(match.group(3, 4, 5))
    return f"({query}) AND rt:{age}.."


class _Evening:
    """The threads of one run, and what became of them."""

    def __init__(
        self,
        args: argparse.Namespace,
        session: Session,
        kept: InboxState,
        jobs: Sequence[Job],
    ) -> None:
        self._args, self._session, self._kept = args, session, kept
        self._options = _fingerprint(args, session)
        self.items = [item for job in jobs if (item := self._item(job)) is not None]
        self.before = len(jobs) - len(self.items)
        self.results: dict[str, dict[str, Any]] = {}

    def _item(self, job: Job) -> Item | None:
        """What is to be done with a thread; None where all of it is known."""
        from reviewer.inbox.work import Item

        new = set(job.ids)
        if not self._args.all:
            new = self._kept.unlisted(job.ids, again=self._args.again)
        return Item(job, frozenset(new), self._options) if new else None

    def review(self) -> None:
        """Review every thread, as far as an ended run has not; each is kept at once."""
        from reviewer.inbox.work import failed

        left = []
        for item in self.items:
            record = self._kept.recall(item.key)
            if record is None:
                left.append(item)
            else:
                self.results[item.key] = record
        if not left:
            return
        batch.load()
        for item, result in batch.in_workers(
            left,
            lambda: _reviewer(self._args, self._session),
            self._args,
            self._session,
        ):
            if isinstance(result, str):  # not kept: --again tries it again
                self.results[item.key] = failed(item, result)
            else:
                self._kept.keep(item.key, result)
                self.results[item.key] = result
            at, total = len(self.results), len(self.items)
            self._session.progress(f"{at} of {total} threads")

    def records(self) -> list[dict[str, Any]]:
        """Returns every series, the worst first, each once."""
        from reviewer.inbox.rows import rank

        found = {
            (one["row"]["name"], one["row"]["subject"]): one
            for item in self.items
            for one in self.results[item.key]["series"]
        }
        return sorted(found.values(), key=lambda one: rank(one["row"]))

    def finish(self) -> None:
        """Note what was listed."""
        shown: list[str] = []
        passed: list[str] = []
        for item in self.items:
            has_series = bool(self.results[item.key]["series"])
            (shown if has_series else passed).extend(item.job.ids)
        self._kept.finish(shown, passed, [item.key for item in self.items])

    def status(self, unread: Sequence[tuple[str, str]]) -> int:
        """2 where we failed, 3 where something could not be read, 1 with remarks."""
        rows = [one["row"] for one in self.records()]
        if any(result["failed"] for result in self.results.values()):
            return 2
        if unread or any(row["error"] is not None for row in rows):
            return 3
        return int(any(_has_remarks(row) for row in rows))

    def notes(self, unread: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """What is said on stderr."""
        rows = [one["row"] for one in self.records()]
        told = [counted(len(rows), "series", "series")]
        told += [f"{sum(map(_has_remarks, rows))} with remarks"] if rows else []
        without = sum(not self.results[i.key]["series"] for i in self.items)
        told += [counted(without, "thread") + " without a patch"] if without else []
        told += (
            [counted(self.before, "thread") + " listed before"] if self.before else []
        )
        missing = dict.fromkeys(self._session.unread)
        said = [f"kpf-review: not checked: {one.what}: {one.why}" for one in missing]
        said += [f"kpf-review: {name}: {why}" for name, why in unread[:5]]
        if len(unread) > 5:
            said.append(f"kpf-review: {len(unread) - 5} more that are no mail")
        for result in self.results.values():
            said += result["notes"]
        if self._args.html and rows:
            said.append(f"wrote {Path(self._args.html) / 'index.html'}")
        again = "; --again shows the last list" if not rows and self.before else ""
        return (*said, f"kpf-review: {', '.join(told)}{again}")


def _has_remarks(row: dict[str, Any]) -> bool:
    from reviewer.output import listing

    return bool(listing.counts(row))


def _fingerprint(args: argparse.Namespace, session: Session) -> str:
    """A sum of all that a review depends on besides the mails."""
    from hashlib import sha256

    from reviewer import __version__
    from reviewer.inbox.state import VERSION

    trees = options.find_trees(args, session)
    options.close(trees)
    chosen = [
        *(VERSION, __version__, args.base, args.select, args.ignore, args.preview),
        *(args.preexisting, args.behaviour, args.agent, args.offline),
        *(str(tree.info) for tree in trees),
        *(f"{s.name}={s.value}" for s in session.settings.values.values()),
        *(f"{s.name}={s.value}" for s in session.settings.profile_settings),
        repr(dismissals.dismissed_for(session)),
    ]
    return sha256(repr(chosen).encode("utf-8", "replace")).hexdigest()


def _reviewer(args: argparse.Namespace, session: Session) -> Any:
    """In a worker: open the trees, and give what reviews a thread."""
    from reviewer.commands import inbox_series

    trees = options.find_trees(args, session)
    return inbox_series.reviewer(args, session, trees)


def _top_with_branches() -> Path:
    """Where comments are left.  Raises UsageError where they can be left nowhere."""
    from reviewer.b4 import agent, branches

    top = branches.top_folder(Path.cwd())
    if top is None:
        raise UsageError(f"{Path.cwd()}: no repository with review branches of b4")
    agent.git_folder(top)
    return top


def _comments(
    args: argparse.Namespace, session: Session, evening: _Evening
) -> list[str]:
    """Leave our comments where b4 takes them in; a line on each review branch."""
    import argparse

    from reviewer.b4 import branches
    from reviewer.commands import agent

    top = _top_with_branches()
    changes = [one["row"]["change_id"] for one in evening.records()]
    found = [branches.of_change(top, change) for change in changes]
    names = tuple(dict.fromkeys(branch.name for branch in found if branch))
    options_of = argparse.Namespace(**vars(args), info=False, identity=None)
    lines, failed = agent.leave_comments(names, top, options_of, session)
    return [*(f"kpf-review: {line}" for line in lines), *failed]


def _show(args: argparse.Namespace, session: Session, evening: _Evening) -> None:
    """Write the pages, and the list to standard output."""
    from reviewer.output import listing

    records = evening.records()
    if args.html and records:
        from reviewer.output import html_inbox

        html_inbox.write(records, Path(args.html), command=session.command)
    terminal = session.terminal
    assert terminal is not None
    if args.format == "json":
        terminal.show(listing.as_json(records).rstrip("\n"))
    elif records:
        rows = [one["row"] for one in records]
        width = 0 if session.piped else session.width
        shown = listing.text(rows, width=width, color=session.color)
        terminal.show(shown.rstrip("\n"))
