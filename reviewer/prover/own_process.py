# SPDX-License-Identifier: GPL-2.0-or-later
"""Work in a process of its own, so that the rest goes on where the solver dies.

A library that ends by a signal takes its process with it.  The process tells what it
begins with and what it has found; where it dies, what it was at has no answer, and
another one goes on behind the last answer.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import IO, NoReturn, TypeVar

from reviewer.deadline import end_with_parent
from reviewer.prover import two_processes
from reviewer.prover.limits import SOLVER_DIED
from reviewer.prover.work_done import add_work, work_done

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")
_Part = tuple[str, str]  # a file, and a function of it or ""

MOST = 8  # processes that may die; then all that is left has no answer

_died: dict[_Part, int] = {}  # what a process died at, and of which signal
_all_died = 0  # the signal of the last one that was allowed to
_teller: tuple[int, IO[bytes]] | None = None  # the process that tells, and where to


def begin(part: _Part) -> str:
    """Notes what is worked on; returns why it cannot be, "" where it can."""
    number = _all_died or _died.get(part, 0)
    if number:
        return f"{SOLVER_DIED}{number}"
    if _teller is not None and _teller[0] == os.getpid():
        _tell(_teller[1], "at", part)
    return ""


def in_own_process(
    work: Callable[[_Item], _Answer],
    items: Sequence[_Item],
    begun: Callable[[_Item], None],
) -> list[_Answer]:
    """Returns ``[work(item) for item in items]``, made in a copy of this process.

    ``begun`` is called here with each item that the copy begins with.  ``work`` calls
    ``begin`` of all parts at which the copy may die, before what is at risk.  Raises
    what ``work`` does.
    """
    global _all_died
    _died.clear()
    found: list[_Answer] = []
    try:
        while len(found) < len(items):
            part, number = _one_life(work, items, begun, found)
            if number and _all_died:
                raise RuntimeError(f"a process of the prover died of signal {number}")
            if number and (part is None or part in _died or len(_died) >= MOST):
                _all_died = number
            elif number and part is not None:
                _died[part] = number
    finally:
        _died.clear()
        _all_died = 0
    return found


def _one_life(
    work: Callable[[_Item], _Answer],
    items: Sequence[_Item],
    begun: Callable[[_Item], None],
    found: list[_Answer],
) -> tuple[_Part | None, int]:
    """Adds to the answers as long as one process lives; what it was at, and the signal
    that it died of, 0 where it did not."""
    ours, theirs = os.pipe()
    parent, so_far = os.getpid(), two_processes.cpu_seconds()
    gc.freeze()  # what is here stays shared: looking for garbage writes to it
    try:
        process = os.fork()
    except OSError:
        os.close(ours)
        os.close(theirs)
        gc.unfreeze()
        for item in items[len(found) :]:
            begun(item)
            found.append(work(item))
        return None, 0
    if process == 0:
        os.close(ours)
        _live(work, items[len(found) :], theirs, parent, so_far)
    os.close(theirs)
    status = 0
    try:
        with open(ours, "rb") as pipe:
            part = _heard(pipe, items, begun, found)
        _, status = os.waitpid(process, 0)
        process = 0
    finally:
        if process:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        gc.unfreeze()
    if len(found) < len(items) and not os.WIFSIGNALED(status):
        raise RuntimeError(f"a process of the prover ended with status {status}")
    return part, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _heard(
    pipe: IO[bytes],
    items: Sequence[_Item],
    begun: Callable[[_Item], None],
    found: list[_Answer],
) -> _Part | None:
    """Takes what a process tells until it ends; what it was at last."""
    part: _Part | None = None
    while True:
        try:
            kind, told = pickle.load(pipe)
        except (EOFError, pickle.UnpicklingError):
            return part
        if kind == "at":
            part = told
        elif kind == "item":
            begun(items[len(found)])
        elif kind == "error":
            raise told
        else:
            answer, more = told
            found.append(answer)
            add_work(more)


def _live(
    work: Callable[[_Item], _Answer],
    items: Sequence[_Item],
    pipe: int,
    parent: int,
    so_far: float,
) -> NoReturn:
    """In the copy: nothing of it but what it tells may be seen."""
    global _teller
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        end_with_parent(parent)
        two_processes.go_on_from(so_far)
        with open(pipe, "wb", buffering=0) as out:
            _teller = os.getpid(), out
            try:
                for item in items:
                    before = work_done()
                    _tell(out, "item", None)
                    _tell(out, "done", (work(item), work_done() - before))
            except Exception as error:  # noqa: BLE001 - it is raised again over there
                error.add_note(traceback.format_exc())
                _tell(out, "error", error)
        status = 0
    finally:
        os._exit(status)  # no exit handler, no buffer of the parent's


def _tell(out: IO[bytes], kind: str, told: object) -> None:
    data = memoryview(pickle.dumps((kind, told)))
    while data:
        data = data[out.write(data) or 0 :]
