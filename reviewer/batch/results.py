# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of JSON, one a job, in a file that a later run goes on with.

A line is written whole or, after a kill, is the last one and cut off: then it is taken
away and its job is done again.  A file that holds anything else is not written to.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reviewer.errors import OutputError

Each = Callable[[dict[str, Any]], None]
HEAD = b'{"schema":1,"job":"'  # that every line begins with
LONGEST = 256 << 20  # bytes of one line


class Results:
    """An open file of results; ``done`` are the keys of the jobs that stand in it."""

    def __init__(self, descriptor: int, path: Path, each: Each) -> None:
        self._descriptor = descriptor
        self._path = path
        self.done = self._read(each)

    def _read(self, each: Each) -> set[str]:
        done: set[str] = set()
        end = 0
        with open(self._descriptor, "rb", closefd=False) as file:
            while line := file.readline(LONGEST):
                if not line.endswith(b"\n"):
                    self._check_torn(line)
                    break
                end += len(line)
                try:
                    record = json.loads(line)
                    done.add(str(record["job"]))
                    each(record)
                except (ValueError, KeyError, TypeError, RecursionError):
                    raise self._of_somebody_else() from None
        os.ftruncate(self._descriptor, end)
        os.lseek(self._descriptor, end, os.SEEK_SET)
        return done

    def _check_torn(self, line: bytes) -> None:
        """Raises OutputError where the end of the file is not the begin of a line."""
        begin = line[: len(HEAD)]
        if len(line) == LONGEST or not HEAD.startswith(begin):
            raise self._of_somebody_else()

    def _of_somebody_else(self) -> OutputError:
        why = "not a result of such a run, and left as it is"
        return OutputError(f"{self._path}: {why}")

    def write(self, record: dict[str, Any]) -> None:
        """Adds one line to the file. Raises OutputError where it cannot be written."""
        data = memoryview(json_line(record).encode("ascii"))
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise OutputError(f"{self._path}: {error.strerror}") from None


def json_line(record: dict[str, Any]) -> str:
    """Returns a record as one line of JSON, ASCII only, with its newline."""
    return json.dumps(record, allow_nan=False, separators=(",", ":")) + "\n"


@contextmanager
def open_results(path: Path, each: Each = lambda _record: None) -> Iterator[Results]:
    """Yields the results in ``path``, which is made where there is none.

    ``each`` is given what stands in it, line by line, and raises ValueError or KeyError
    for what is none of the caller's.

    Raises OutputError where it is no file of ours, cannot be written, or another run
    writes to it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o644)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None
    try:
        if not os.path.isfile(f"/dev/fd/{descriptor}"):
            raise OutputError(f"{path}: no file")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"{path}: another run writes to it") from None
        yield Results(descriptor, path, each)
    finally:
        os.close(descriptor)
