# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that does the jobs of one order, for a cluster's worker on its machine.

usage: python -m reviewer.batch.serve DESCRIPTOR

A cluster's worker has threads, in which nothing of ours may run: time limits need the
main thread, and forks a process without others.  The descriptor is a socket.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection

from reviewer.batch import workers
from reviewer.batch.files import Files
from reviewer.batch.jobs import Job
from reviewer.batch.orders import Order, job_of, order_of
from reviewer.errors import KpfError


def serve(pipe: Connection) -> None:
    """Reads an order, then jobs, until the other end is closed; answers each."""
    with suppress(EOFError, OSError):
        order = order_of(pipe.recv_bytes().decode("ascii"))
        try:
            work = order.start()
        except KpfError as error:
            pipe.recv_bytes()
            _say(pipe, {"lacking": str(error)})
            return

        def start() -> workers.Work[Files | Job]:
            workers.limit_memory(order.megabytes)
            return work

        for _job, found in workers.results(
            _jobs(pipe, order),
            start,
            count=1,
            megabytes=order.megabytes,
            seconds=order.seconds,
        ):
            _say(pipe, {"found": found})


def _jobs(pipe: Connection, order: Order) -> Iterator[Files | Job]:
    while True:
        yield job_of(order, pipe.recv_bytes().decode("ascii"))


def _say(pipe: Connection, what: dict[str, object]) -> None:
    pipe.send_bytes(json.dumps(what).encode("ascii"))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
