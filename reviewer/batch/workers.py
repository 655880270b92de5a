# SPDX-License-Identifier: GPL-2.0-or-later
"""Copies of one warm process, each with a job at a time.

The parent has loaded every module when it forks, so that a copy costs a few
milliseconds.  A copy that has grown is ended and another one started; one that dies, or
takes too long, costs its job only.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from reviewer.deadline import end_with_parent
from reviewer.files import private

_Job = TypeVar("_Job")
Work = Callable[[_Job], dict[str, Any]]

_LEAST_ADDRESSES = 4 << 30  # bytes that a worker may map, however small its limit
_LONGEST = 2e6  # seconds that a job may take; poll(2) counts milliseconds
_MEGABYTE = 1 << 20
_FULL = 0.75  # of its memory: what one more job takes has room above
_TIDIED = 0.5  # from here on a worker lets go of what no other job needs
_SHARE = 32  # of its memory for the text of files, and of headers that are read
_GROWN = 24 << 20  # bytes more, before it does so again: it takes some ms


class _Worker(Generic[_Job]):
    """A copy of this process, and the pipe to it."""

    def __init__(
        self, start: Callable[[], Work[_Job]], others: list[Connection], most: int
    ):
        ours, theirs = get_context("fork").Pipe()
        self.pipe = ours
        self.job: _Job | None = None
        self.begun = 0.0
        self.process = get_context("fork").Process(
            target=_serve, args=(start, theirs, [*others, ours], os.getpid(), most)
        )
        self.process.start()
        theirs.close()

    def give(self, job: _Job) -> None:
        """Let it begin with a job."""
        self.job, self.begun = job, time.monotonic()
        with suppress(OSError):  # it is dead: its pipe will say so
            self.pipe.send(job)

    def end(self, *, at_once: bool) -> None:
        """End it: when it has tidied up, or at once."""
        self.pipe.close()
        if at_once:
            self.process.kill()
        self.process.join()
        if self.process.pid is not None:
            private.remove_folders_of(self.process.pid)


def results(
    jobs: Iterable[_Job],
    start: Callable[[], Work[_Job]],
    *,
    count: int,
    megabytes: int,
    seconds: float,
) -> Iterator[tuple[_Job, dict[str, Any] | str]]:
    """Yields every job with what was found, or with why nothing was, as they come.

    ``start`` is called in each new worker and gives what does the jobs there; its
    results have to be plain data.  ``count``: workers at a time.  ``megabytes``: a
    worker that comes near after a job is replaced.  ``seconds``: the longest that a
    job may take, by the clock.
    """
    waiting = iter(jobs)
    seconds = min(seconds, _LONGEST)
    workers: list[_Worker[_Job]] = []
    _forget_files()
    gc.collect()
    gc.freeze()  # what is here stays shared: looking for garbage writes to it
    try:
        while _hand_out(waiting, workers, start, count, megabytes * _MEGABYTE):
            for worker in _ready(workers, seconds):
                job, found, size = _result(worker, seconds)
                if isinstance(found, str) or size > megabytes * _MEGABYTE * _FULL:
                    workers.remove(worker)
                    worker.end(at_once=isinstance(found, str))
                yield job, found
    finally:
        for worker in workers:
            worker.end(at_once=worker.job is not None)
        gc.unfreeze()


def _hand_out(
    waiting: Iterator[_Job],
    workers: list[_Worker[_Job]],
    start: Callable[[], Work[_Job]],
    count: int,
    most: int,
) -> bool:
    """Give idle workers jobs; whether any has one."""
    for worker in list(workers):
        if worker.job is None and not _give(worker, waiting):
            workers.remove(worker)
            worker.end(at_once=False)
    while len(workers) < count:
        job = next(waiting, None)
        if job is None:
            break
        worker = _Worker(start, [one.pipe for one in workers], most)
        workers.append(worker)
        worker.give(job)
    return bool(workers)


def _give(worker: _Worker[_Job], waiting: Iterator[_Job]) -> bool:
    job = next(waiting, None)
    if job is None:
        return False
    worker.give(job)
    return True


def _ready(workers: list[_Worker[_Job]], seconds: float) -> list[_Worker[_Job]]:
    """The workers that have something to say, or have taken too long."""
    now = time.monotonic()
    left = min(worker.begun + seconds - now for worker in workers)
    said = wait([worker.pipe for worker in workers], timeout=max(left, 0))
    now = time.monotonic()
    return [w for w in workers if w.pipe in said or now - w.begun >= seconds]


def _result(
    worker: _Worker[_Job], seconds: float
) -> tuple[_Job, dict[str, Any] | str, int]:
    """The job of a worker, what it found or why it did not, and its size in bytes."""
    job = worker.job
    assert job is not None
    if not worker.pipe.poll():
        return job, f"not done in {seconds:g} seconds", 0
    try:
        found, size = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return job, f"its process ended with {how}", 0
    worker.job = None
    return job, found, size


def _serve(
    start: Callable[[], Work[_Job]],
    pipe: Connection,
    others: list[Connection],
    parent: int,
    most: int,
) -> None:
    """In the copy: do what comes through the pipe until it is closed.

    ``most``: the bytes that it may have in memory.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(parent)
    for other in others:  # else a pipe is not closed when the parent closes it
        other.close()
    try:
        work = start()
        tidied = most * _TIDIED
        while True:
            job = pipe.recv()
            done = work(job)
            _forget_files()
            size = _size()
            if size > tidied:
                _let_go()
                size = _size()
                tidied = max(tidied, size + _GROWN)
            pipe.send((done, size))
    except (EOFError, BrokenPipeError):
        pass
    finally:
        private.remove_folders_of(os.getpid())
        os._exit(0)  # no exit handler, no buffer of the parent's


def _forget_files() -> None:
    """Give back the files of a job that are kept parsed: no other job asks for them,
    and what a job learns of headers would come to lie between them."""
    if "reviewer.c.source" in sys.modules:
        from reviewer.c import file_memory, source

        source.forget()
        file_memory.forget_texts()


def _let_go() -> None:
    """Give back what only garbage holds, and what was freed in between."""
    gc.collect()
    with suppress(AttributeError, OSError):  # no glibc
        ctypes.CDLL(None).malloc_trim(0)


def limit_memory(megabytes: int) -> None:
    """Let this process fail, and not the machine, where it wants far too much; and keep
    only a part of that for the next job."""
    from reviewer.facts import header
    from reviewer.tree import files_read

    files_read.keep_at_most(megabytes * _MEGABYTE // _SHARE)
    header.keep_at_most(megabytes * _MEGABYTE // _SHARE)
    most = min(max(_LEAST_ADDRESSES, 8 * megabytes * _MEGABYTE), sys.maxsize)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _size() -> int:
    """The bytes in memory of this process, with what it shares with its parent."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
