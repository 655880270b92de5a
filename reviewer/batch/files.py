# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scan has workers do: a few files at a time, and the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from reviewer.engine.existing import Scanner, ScanPart
from reviewer.models import NotChecked

MOST = 16  # files of one job: what comes out of it is shown together
Results = Iterator[tuple["Files", dict[str, Any] | str]]


class Files(Struct, frozen=True):
    """The files that one worker looks at before it answers.

    ``number`` is the place of their findings in the order of all.
    """

    number: int
    paths: tuple[str, ...]


class Jobs:
    """Files in the order of their names, a few a job; those that failed come again."""

    def __init__(self, paths: Sequence[str], workers: int) -> None:
        ordered = sorted(paths)
        size = min(MOST, -(-len(ordered) // (4 * workers))) or 1
        self.every = [
            Files(number, tuple(ordered[at : at + size]))
            for number, at in enumerate(range(0, len(ordered), size))
        ]
        self.left = deque(self.every)

    def __iter__(self) -> Iterator[Files]:
        return self

    def __next__(self) -> Files:
        if not self.left:
            raise StopIteration
        return self.left.popleft()

    def drop(self, known: Mapping[Files, ScanPart]) -> None:
        """Leave out what is known, as a whole or file by file."""
        self.left = deque(one for job in self.every for one in _unknown(job, known))

    def one_by_one(self, job: Files) -> None:
        """Do the files of a job again, each for itself."""
        self.left.extendleft(Files(job.number, (path,)) for path in job.paths[::-1])


def _unknown(job: Files, known: Mapping[Files, ScanPart]) -> Iterator[Files]:
    singles = [Files(job.number, (path,)) for path in job.paths]
    if job in known:
        return
    if known.keys().isdisjoint(singles):
        yield job
    else:
        yield from (one for one in singles if one not in known)


def parts(
    jobs: Jobs, results: Callable[[Jobs], Results]
) -> Iterator[tuple[Files, ScanPart]]:
    """Yields what was found as it comes; ``results`` has workers do the jobs.

    Of files whose worker came to a bad end each is looked at by itself, so that one
    costs itself only.
    """
    for job, found in results(jobs):
        if not isinstance(found, str):
            yield job, part_of(found)
        elif len(job.paths) > 1:
            jobs.one_by_one(job)
        else:
            path = job.paths[0]
            yield job, ScanPart(1, not_checked=(NotChecked(path, found, path),))


class InOrder:
    """Parts in the order of their jobs, whenever they come."""

    def __init__(self, jobs: Sequence[Files]) -> None:
        self._lacking = [len(job.paths) for job in jobs]
        self._parts: list[list[tuple[tuple[str, ...], ScanPart]]] = [[] for _ in jobs]
        self._next = 0

    def add(self, job: Files, part: ScanPart) -> None:
        """Takes what was found in files of a job."""
        self._lacking[job.number] -= len(job.paths)
        self._parts[job.number].append((job.paths, part))

    def ready(self) -> list[ScanPart]:
        """Returns what has come and has nothing to wait for, once."""
        found: list[ScanPart] = []
        while self._next < len(self._parts) and not self._lacking[self._next]:
            found += self._take(self._next)
            self._next += 1
        return found

    def rest(self) -> list[ScanPart]:
        """Returns all else that has come."""
        found = []
        for number in range(self._next, len(self._parts)):
            found += self._take(number)
        return found

    def _take(self, number: int) -> list[ScanPart]:
        found = sorted(self._parts[number], key=lambda one: one[0])
        self._parts[number] = []
        return [part for _, part in found]


def scanned_by(scanner: Scanner) -> Callable[[Files], dict[str, Any]]:
    """Returns what does a job, in a worker on this machine or another one."""

    def scan(job: Files) -> dict[str, Any]:
        try:
            found = scanner.part(job.paths)
        except MemoryError:
            missed = [NotChecked(p, "too large: MemoryError", p) for p in job.paths]
            found = ScanPart(len(job.paths), not_checked=tuple(missed))
        return as_data(found)

    return scan


def as_data(part: ScanPart) -> dict[str, Any]:
    """Returns a part as JSON has it."""
    data: dict[str, Any] = msgspec.to_builtins(part)
    return data


def part_of(data: Any) -> ScanPart:
    """Returns the part that ``as_data`` made this of; raises msgspec.ValidationError
    for anything else."""
    return msgspec.convert(data, ScanPart)
