# SPDX-License-Identifier: GPL-2.0-or-later
"""``batch`` and ``scan`` with a file of results, ended where they start git or write.

Its lines may be some of all; a later run makes the others, each once.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import kill_states as states
import killing_git as killing
import pytest

POINTS = int(os.environ.get("KPF_KILL_POINTS", "2"))
WAYS = ((signal.SIGKILL, True), (signal.SIGKILL, False), (signal.SIGINT, True))


@pytest.fixture(params=["batch", "scan"])
def made(request, world):
    """Two threads to review, one of them in the repository itself; two C files."""
    found = states.made_in(world)
    found.patch()
    found.command = request.param
    return found


def words(made) -> tuple[str, ...]:
    results = str(made.world.top / "results")
    sources = (str(states.DEMO), str(made.patch())) * (made.command == "batch")
    command = (made.command, *sources, "--resume", results)
    return (*command, "--workers", "2", "--tree", ".")


def jobs(made) -> list[str]:
    """The jobs in the file, sorted; every line is one."""
    lines = (made.world.top / "results").read_text().splitlines(keepends=True)
    assert all(line.endswith("\n") for line in lines)
    return sorted(Path(json.loads(line)["job"]).name for line in lines)


def whole_run(made) -> list[str]:
    """What a run that nothing disturbs adds to the file."""
    status, _, said = made.kpf(*words(made))
    assert status in (0, 1, 3), said
    return jobs(made)


def private_folders(made) -> list[Path]:
    """What lies in the temporary folder, but for the file that Python's tempfile tries
    it with, of eight characters."""
    places = (made.world.top / "tmp").iterdir()
    return [one for one in places if not re.fullmatch(r"[a-z0-9_]{8}", one.name)]


def assert_ended_well(made, number: int, where: str, all_jobs: list[str]) -> None:
    assert not made.world.living(), where
    left = private_folders(made)
    if number == signal.SIGINT:
        assert not left, (where, left)
        if (made.world.top / "results").exists():
            assert set(jobs(made)) <= set(all_jobs), where
    for folder in left:
        os.utime(folder, (0, 0))
    assert whole_run(made) == all_jobs, where  # each once
    assert not private_folders(made), where


@pytest.mark.slow
def test_ended_at_a_call_of_git(made) -> None:
    killer = killing.Killer(made.world.top / "bin", made.top, made.world.environment)
    assert killer.run(words(made)) in (0, 1, 3)
    total, all_jobs = killer.count, jobs(made)
    assert len(all_jobs) == 2
    for when in range(total, 0, -max(1, total // POINTS)):
        for number, group in WAYS:
            (made.world.top / "results").unlink(missing_ok=True)
            status = killer.run(words(made), when, number, group=group)
            where = f"{number.name} at call {when} of {total}: {status}"
            assert_ended_well(made, number, where, all_jobs)


@pytest.mark.slow
def test_ended_between_two_writes(made) -> None:
    """The parent's own; a worker's are those of a review."""

    def run(when: int, number: int) -> int:
        return states.ended_at_a_write(made, words(made), when, number)

    assert run(0, 0) in (0, 1, 3)
    total = len((made.world.top / "calls").read_text().splitlines())
    all_jobs = jobs(made)
    for when in range(total, 0, -max(1, total // POINTS)):
        for number in (signal.SIGKILL, signal.SIGINT):
            (made.world.top / "results").unlink(missing_ok=True)
            status = run(when, number)
            where = f"{number.name} before write {when} of {total}: {status}"
            assert_ended_well(made, number, where, all_jobs)


@pytest.mark.parametrize("cut", [1, 40])
def test_a_line_that_was_torn_is_made_again(cut: int, made) -> None:
    all_jobs = whole_run(made)
    results = made.world.top / "results"
    results.write_bytes(results.read_bytes()[:-cut])
    assert whole_run(made) == all_jobs


def test_two_at_once_share_no_file(made) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "reviewer.cli", *words(made)],
            cwd=made.top,
            env=made.world.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [one.communicate(timeout=120)[1].decode() for one in runs]
    codes = [one.returncode for one in runs]
    assert len(jobs(made)) == 2
    # the other is refused while the first one works, or finds all done afterwards
    refused = [text for text in said if "another run writes to it" in text]
    assert (2 in codes) == bool(refused), said
