# SPDX-License-Identifier: GPL-2.0-or-later
"""Workers on other machines, through Dask: ``kpf-review[cluster]``.

What travels is JSON in both directions: an order and a job, and a result.  Which worker
does what, and what is done again where one dies, is Dask's affair.  Each of its threads
has one process of ours (``serve``), which does the job as on one machine.
"""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from msgspec import Struct

from reviewer.batch.orders import Order, text_of
from reviewer.errors import TreeError, UsageError

_Job = TypeVar("_Job", bound=Struct)
_Results = Iterator[tuple[_Job, dict[str, Any] | str]]
PATIENCE = 20  # seconds for a scheduler to answer
AHEAD = 3  # jobs for each thread that wait with it


def results(
    jobs: Iterator[_Job],
    order: Order,
    scheduler: str,
    packed: Callable[[_Job], _Job] = lambda job: job,
) -> _Results[_Job]:
    """Yields every job with what was found, or with why nothing was, as they come.

    ``packed`` puts into a job what only this machine has.

    Raises UsageError where Dask is not installed or no scheduler answers, TreeError
    where a worker has not the tree.
    """
    client, as_completed = _connected(scheduler)
    with client:
        flying = as_completed(loop=client.loop)
        known: dict[str, _Job] = {}
        text = text_of(order)

        def send() -> None:
            threads = sum(client.nthreads().values()) or 1
            while len(known) < AHEAD * threads:
                job = next(jobs, None)
                if job is None:
                    return
                future = client.submit(do, text, text_of(packed(job)), pure=False)
                known[future.key] = job
                flying.add(future)

        send()
        while known:
            future = next(flying)
            job = known.pop(future.key)
            yield job, _answer(future)
            send()


def _connected(scheduler: str) -> tuple[Any, Any]:
    try:
        from distributed import Client, as_completed
    except ImportError:
        why = "Dask is not installed: pip install 'kpf-review[cluster]'"
        raise UsageError(f"--scheduler: {why}") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return Client(scheduler, timeout=PATIENCE, set_as_default=False), as_completed
    except (OSError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise UsageError(f"{scheduler}: no scheduler answers: {why}") from None


def _answer(future: Any) -> dict[str, Any] | str:
    try:
        said = json.loads(future.result())
    except Exception as error:  # noqa: BLE001 - whatever befell it there
        return f"its worker failed: {type(error).__name__}"
    if "lacking" in said:
        raise TreeError(f"a worker of the cluster: {said['lacking']}")
    found: dict[str, Any] | str = said["found"]
    return found


# --- in a worker of Dask --------------------------------------------------------------

_of_thread = threading.local()


def do(order: str, job: str) -> str:
    """Returns the result of a job, all of them JSON.  Raises EOFError where the process
    that does it ends."""
    if getattr(_of_thread, "order", None) != order:
        _of_thread.server, _of_thread.order = _Server(order), order
    try:
        return str(_of_thread.server.ask(job))
    except (EOFError, OSError):
        _of_thread.order = None
        raise


class _Server:
    """A process with ``serve``, which ends when its other end is gone."""

    def __init__(self, order: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "reviewer.batch.serve"]
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._pipe = Connection(ours.detach())
        self._pipe.send_bytes(order.encode("ascii"))

    def ask(self, job: str) -> str:
        self._pipe.send_bytes(job.encode("ascii"))
        return self._pipe.recv_bytes().decode("ascii")
