# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review batch``: many mails, one line of JSON for each thread."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reviewer.batch.jobs import Job
from reviewer.batch.reviewing import FAILED, INCOMPLETE, result_line, worst_status
from reviewer.commands import Result, Session, options
from reviewer.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.batch.orders import Order

_Job = TypeVar("_Job")
HELP = "review many mails, mailboxes, ranges or message-ids in one run"
# What nearly every review loads, loaded once for all workers.
_WARM = (
    *("reviewer.engine", "reviewer.mail.series", "reviewer.mail.postings"),
    *("reviewer.tree.apply", "reviewer.c.source", "reviewer.facts"),
    *(
        "reviewer.output.words",
        "reviewer.output.json_",
        "reviewer.prover.judge.compare",
    ),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="mails, mailboxes, maildirs, folders of mails, '-', message-ids, A..B",
    )
    parser.add_argument("--offline", action="store_true", help="never use the network")
    parser.add_argument(
        "--resume",
        metavar="FILE",
        help="write the results there; what stands in it is not reviewed again",
    )
    add_workers(parser)
    add_scheduler(parser)
    options.add_tree(parser)
    options.add_rules(parser)


def add_workers(parser: argparse.ArgumentParser, memory: int = 400) -> None:
    """Adds --workers, --worker-memory and --job-time, which ``check_numbers`` reads.

    ``memory``: the megabytes of a worker where none are given.
    """
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="at a time (default: one a processor)",
    )
    parser.add_argument(
        "--worker-memory",
        type=int,
        default=memory,
        metavar="MB",
        help=f"a worker that comes near is replaced (default: {memory})",
    )
    parser.add_argument(
        "--job-time",
        type=float,
        default=600,
        metavar="SECONDS",
        help="the longest that one thread may take (default: 600)",
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Adds the option --scheduler, the address of a Dask cluster."""
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="have the workers of a Dask cluster do it (kpf-review[cluster])",
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """Groups the mails into threads, reviews each, and hands out a line for each.

    Raises UsageError for a range of commits.
    """
    from reviewer.batch import jobs
    from reviewer.commands.review import is_range

    check_numbers(args)
    options.close(options.find_trees(args, session))  # a wrong one is told at once
    options.rules(args, session)
    found, unread = jobs.jobs(
        args.sources,
        bounds=session.settings.limits(),
        stdin=session.stdin,
        is_range=[ref for ref in args.sources if is_range(ref)],
    )
    tally = _Tally(len(found) + len(unread), session)
    with ExitStack() as stack:
        write = _writer(args, session, stack, tally)
        for name, why in unread:
            if not tally.is_done(name):
                write(result_line(name, INCOMPLETE, why))
        left = [job for job in found if not tally.is_done(job.key)]
        for job, result in _results(left, args, session):
            if isinstance(result, str):
                result = result_line(job.key, FAILED, result)
            write(result)
    return Result("", tally.status, (tally.summary(),))


def _results(
    left: list[Job], args: argparse.Namespace, session: Session
) -> Iterator[tuple[Job, dict[str, Any] | str]]:
    """What is done with the jobs, here or by the workers of a cluster."""
    if args.scheduler:
        from reviewer.batch import cluster

        return cluster.results(
            iter(left), _order(args, session), args.scheduler, _packed
        )
    load()
    return in_workers(left, lambda: _reviewer(args, session), args, session)


def _order(args: argparse.Namespace, session: Session) -> Order:
    from reviewer.batch.orders import Order, commits_of

    trees = options.find_trees(args, session)
    try:
        ready = options.opened(args, session, trees)
        return Order(
            "review",
            tuple(rule.name for rule in ready.rules),
            commits_of(trees),
            ready.base,
            ready.preexisting,
            args.offline,
            args.worker_memory,
            args.job_time,
            ready.limits,
        )
    finally:
        options.close(trees)


def _packed(job: Job) -> Job:
    """A job with its mails in it: other machines have not the files.

    Raises UsageError for a range of commits.
    """
    from msgspec.structs import replace

    from reviewer.commands.review import is_range
    from reviewer.mail.local import read_local

    if job.ref is not None and is_range(job.ref):
        raise UsageError(f"{job.ref}: with --scheduler commits are sent as mails only")
    read = [mail for file in job.files for mail in read_local(Path(file))]
    return replace(job, files=(), mails=tuple(map(bytes, (*job.mails, *read))))


def check_numbers(args: argparse.Namespace) -> None:
    """Raises UsageError where a number of workers, bytes or seconds makes no sense."""
    least = 1 if args.workers is None else args.workers
    if least < 1 or args.worker_memory < 1 or not args.job_time > 0:  # nan
        raise UsageError("--workers, --worker-memory and --job-time are at least 1")


def worker_count(args: argparse.Namespace) -> int:
    """Returns how many workers there are at a time: --workers, else one a processor."""
    return args.workers or len(os.sched_getaffinity(0))


def in_workers(
    jobs: Iterable[_Job],
    start: Callable[[], Callable[[_Job], dict[str, Any]]],
    args: argparse.Namespace,
    session: Session,
) -> Iterator[tuple[_Job, dict[str, Any] | str]]:
    """Yields what workers, as the options of ``add_workers`` have them, find for each
    job; ``start`` gives in each of them what does the jobs."""
    from reviewer.batch import workers

    def begin() -> Callable[[_Job], dict[str, Any]]:
        workers.limit_memory(args.worker_memory)
        session.progress = lambda _text: None
        return start()

    return workers.results(
        jobs,
        begin,
        count=worker_count(args),
        megabytes=args.worker_memory,
        seconds=args.job_time,
    )


def load() -> None:
    """Loads what the workers share; parsing and proving come with their libraries."""
    from reviewer import rulebook

    for name in _WARM:
        importlib.import_module(name)
    for rule in rulebook.choose(preview=True):
        rule.check  # noqa: B018 - a look at it loads its module


def _writer(
    args: argparse.Namespace, session: Session, stack: ExitStack, tally: _Tally
) -> Callable[[dict[str, Any]], None]:
    """What takes a record: the file of --resume, or standard output."""
    from reviewer.batch import results

    if args.resume:
        file = stack.enter_context(results.open_results(Path(args.resume)))
        tally.done = file.done

        def write(line: dict[str, Any]) -> None:
            file.write(line)
            tally.count(line)

        return write
    terminal = session.terminal
    assert terminal is not None

    def show(line: dict[str, Any]) -> None:
        terminal.show(results.json_line(line).rstrip("\n"))
        tally.count(line)

    return show


class _Tally:
    """How far it is, and what was found."""

    def __init__(self, total: int, session: Session) -> None:
        self.total = total
        self.done: set[str] = set()
        self._session = session
        self._statuses: list[int] = []
        self._series = 0

    def is_done(self, key: str) -> bool:
        """Whether an earlier run has its result."""
        from reviewer.output.escaping import data

        return data(key) in self.done

    def count(self, line: dict[str, Any]) -> None:
        """Take a record into account, and say how far it is."""
        self._statuses.append(line["status"])
        self._series += len(line["series"])
        at = len(self._statuses) + len(self.done)
        self._session.progress(f"{at} of {self.total} threads")

    @property
    def status(self) -> int:
        """The worst of all."""
        return worst_status(self._statuses)

    def summary(self) -> str:
        """The line at the end."""
        told = ("nothing to say", "with findings", "failed", "not all looked at")
        kinds = [f"{self._statuses.count(code)} {told[code]}" for code in (0, 1, 3, 2)]
        before = f", {len(self.done)} were done before" if self.done else ""
        return (
            f"kpf-review: {len(self._statuses)} threads, {self._series} series: "
            f"{', '.join(kinds)}{before}"
        )


def _reviewer(
    args: argparse.Namespace, session: Session
) -> Callable[[Job], dict[str, Any]]:
    """In a worker: open the trees, and give what reviews a job."""
    from reviewer.batch import reviewing
    from reviewer.commands.review import is_range

    ready = options.opened(args, session, options.find_trees(args, session))
    return reviewing.reviewer(ready, offline=args.offline, is_range=is_range)
