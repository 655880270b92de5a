# SPDX-License-Identifier: GPL-2.0-or-later
"""Work in two processes at a time, where the machine has two processors.

Who waits for an answer has a processor that does nothing.  The other process is a
copy of this one: it has all that was read so far, answers its share, and ends.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import time
from collections.abc import Callable, Sequence
from typing import Generic, NoReturn, TypeVar

from reviewer.deadline import end_with_parent
from reviewer.prover.work_done import add_work, work_done

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_before = 0.0  # spent by the processes that this one is a copy of
_are_two = False  # whether this process has a copy that works, or is one


def cpu_seconds() -> float:
    """Returns the processor time, in seconds, of this process and those that it comes
    from.

    A deadline by this clock is good in a copy, too.
    """
    return _before + time.process_time()


def go_on_from(seconds: float) -> None:
    """Begins a copy of a process that has spent so much processor time."""
    global _before
    _before = seconds


def useful_processes() -> int:
    """Returns how many processes are of use: two, or one where there is one processor.

    No more than two, so that the answers are the same on every larger machine: what
    the solver met before decides which of several states it shows.
    """
    return min(2, len(os.sched_getaffinity(0))) if hasattr(os, "fork") else 1


def in_two_processes(
    work: Callable[[_Item], _Answer], items: Sequence[_Item], processes: int
) -> list[_Answer]:
    """Returns ``[work(item) for item in items]``, every second one made in a copy of
    this process.

    The answers have to be plain data.  A share that is not answered, for whatever
    reason, is worked on here.  Where two are at work already, no third one begins: each
    has its own memory, and what is frozen here would be looked at for garbage no more.
    """
    global _are_two
    first, second = items[0::2], items[1::2]
    wanted = processes > 1 and second and not _are_two
    copy = _Copy.of(work, second) if wanted else None
    if copy is None:
        return [work(item) for item in items]
    _are_two = True
    try:
        ours = [work(item) for item in first]
        theirs = copy.answers()
    finally:
        copy.end()
        gc.unfreeze()
        _are_two = False
    if theirs is None:
        theirs = [work(item) for item in second]
    found: list[_Answer] = []
    for place, item in enumerate(ours):
        found += [item, *theirs[place : place + 1]]
    return found


class _Copy(Generic[_Answer]):
    """A process that works on a share and sends what it found through a pipe."""

    def __init__(self, process: int, pipe: int) -> None:
        self._process = process
        self._pipe = pipe

    @classmethod
    def of(
        cls, work: Callable[[_Item], _Answer], items: Sequence[_Item]
    ) -> _Copy[_Answer] | None:
        """Start one; None where no more processes may be."""
        ours, theirs = os.pipe()
        parent, so_far = os.getpid(), cpu_seconds()
        gc.freeze()  # what is here stays shared: looking for garbage writes to it
        try:
            process = os.fork()
        except OSError:
            os.close(ours)
            os.close(theirs)
            return None
        if process == 0:
            _answer(work, items, theirs, parent, so_far)
        os.close(theirs)
        return cls(process, ours)

    def answers(self) -> list[_Answer] | None:
        """What it found, None if it did not come to an end."""
        with open(self._pipe, "rb", closefd=False) as pipe:
            sent = pipe.read()
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        if status != 0:
            return None
        answers: list[_Answer]
        answers, work = pickle.loads(sent)
        add_work(work)
        return answers

    def end(self) -> None:
        """End it, if it works still."""
        os.close(self._pipe)
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)


def _answer(
    work: Callable[[_Item], _Answer],
    items: Sequence[_Item],
    pipe: int,
    parent: int,
    so_far: float,
) -> NoReturn:
    """In the copy: nothing of it but the answers may be seen."""
    global _are_two
    status, _are_two = 1, True
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        end_with_parent(parent)
        go_on_from(so_far)
        begun = work_done()
        found = [work(item) for item in items]
        answers = pickle.dumps((found, work_done() - begun))
        with open(pipe, "wb") as file:
            file.write(answers)
        status = 0
    finally:
        os._exit(status)  # no exit handler, no buffer of the parent's
