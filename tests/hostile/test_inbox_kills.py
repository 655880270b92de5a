# SPDX-License-Identifier: GPL-2.0-or-later
"""``inbox`` ended wherever it starts git, writes a file or changes its state.

A page is whole or not there, a mail is listed or not, and a later run tells what was
not listed.  ``tests/bench/kill_sweep.py`` goes through all points.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import kill_states as states
import killing_git as killing
import pytest

POINTS = int(os.environ.get("KPF_KILL_POINTS", "2"))
WAYS = ((signal.SIGKILL, True), (signal.SIGKILL, False), (signal.SIGINT, True))
WORDS = {
    "pages": (
        *("inbox", "../mails/one.patch", str(states.DEMO), "--tree", "."),
        *("--html", "../out", "--workers", "2", "--format", "json"),
    ),
    "agent": ("inbox", "--branches", "--agent", "--workers", "1"),
}
SERIES = {"pages": 2, "agent": 1}
WRITTEN = {"pages": "out", "agent": "linux/.git/b4-review"}


class Inbox:
    """A kernel with a review branch, and what a run in it leaves."""

    def __init__(self, name: str, world) -> None:
        self.name = name
        self.made = states.made_in(world)
        self.made.patch()
        self.world = world
        self.copy = states.saved(self.made)
        self.killer = killing.Killer(
            world.top / "bin", self.made.top, world.environment
        )

    def anew(self) -> None:
        """All as before any run."""
        states.restored(self.made, self.copy)

    def whole_run(self) -> str:
        """What a run that nothing disturbs says at its end."""
        status, _, said = self.made.kpf(*WORDS[self.name])
        assert status in (0, 1, 3), said
        return said.splitlines()[-1]

    def written(self) -> dict[str, bytes]:
        """Pages, drafts and comments, each with its content."""
        folder = self.world.top / WRITTEN[self.name]
        return {
            str(file.relative_to(folder)): states.OF_THE_MOMENT.sub(b"", content)
            for file in sorted(folder.rglob("*"))
            if file.is_file() and (content := file.read_bytes()) is not None
        }

    def listed(self) -> int:
        """How many mails count as told."""
        place = self.world.top / "home/.local/state/kpf-review/inbox.sqlite"
        if not place.exists():
            return 0
        with closing(sqlite3.connect(place)) as file:
            tables = {
                name for (name,) in file.execute("SELECT name FROM sqlite_master")
            }
            if "listed" not in tables:
                return 0
            ((count,),) = file.execute("SELECT count(*) FROM listed")
        return int(count)

    def private_folders(self) -> list[Path]:
        return [p for p in (self.world.top / "tmp").iterdir() if "kpf-" in p.name]

    def ended(self, number: int, where: str, after: dict[str, bytes], all_mails: int):
        """Nothing half, and a later run has it as one that was never ended."""
        assert not self.world.living(), where
        # where comments are made ready, or what takes a file's place: SIGKILL leaves it
        folder = self.world.top / WRITTEN[self.name]
        unready = [*folder.glob(".kpf-review-*"), *folder.rglob(".*.part")]
        written = self.written().items()
        parts = (".part", ".kpf-review-")
        now = {k: v for k, v in written if not any(part in k for part in parts)}
        for name, content in now.items():
            assert content == after.get(name), (where, name)
        listed = self.listed()
        assert listed in (0, all_mails), where
        assert not listed or now == after, where  # told: then its pages are there
        if number == signal.SIGINT:
            assert not self.private_folders(), where
            assert not states.litter(self.made), where
            assert now in ({}, after), where
        elif "index.html" in now:
            assert now == after, where  # no list that leads to nothing
        for folder in (*self.private_folders(), *unready):
            os.utime(folder, (0, 0))
        said = self.whole_run()
        told = 0 if listed else SERIES[self.name]
        assert f"{told} series" in said, (where, said)
        assert (self.written(), self.listed()) == (after, all_mails), where
        assert not self.private_folders(), where


@pytest.fixture(params=sorted(WORDS))
def inbox(request, world) -> Inbox:
    return Inbox(request.param, world)


def sweep(
    inbox: Inbox, run: Callable[..., int], count: Callable[[], int], ways
) -> None:
    inbox.anew()
    assert run(0) in (0, 1, 3)
    total, after, all_mails = count(), inbox.written(), inbox.listed()
    assert after
    assert all_mails
    for at, when in enumerate(range(total, 0, -max(1, total // POINTS))):
        for number, group in ways if states.ALL else [ways[at % len(ways)]]:
            inbox.anew()
            status = run(when, number, group)
            where = f"{inbox.name}, {number.name} at {when} of {total}: {status}"
            inbox.ended(number, where, after, all_mails)


@pytest.mark.slow
def test_ended_at_a_call_of_git(inbox) -> None:
    words, killer = WORDS[inbox.name], inbox.killer

    def run(when: int, number: int = signal.SIGKILL, group: bool = True) -> int:
        return killer.run(words, when, number, group=group)

    sweep(inbox, run, lambda: killer.count, WAYS)


@pytest.mark.slow
def test_ended_between_two_writes(inbox) -> None:
    """The parent's own, also those of its state; a worker's are those of a review."""
    calls = inbox.world.top / "calls"

    def run(when: int, number: int = 0, _group: bool = False) -> int:
        words = WORDS[inbox.name]
        return states.ended_at_a_write(inbox.made, words, when, number)

    def count() -> int:
        text = calls.read_text()
        assert "INSERT OR REPLACE INTO listed" in text
        return len(text.splitlines())

    sweep(inbox, run, count, ((signal.SIGKILL, False), (signal.SIGINT, False)))


def test_two_at_once_tell_and_write_the_same(inbox) -> None:
    inbox.whole_run()
    after, all_mails = inbox.written(), inbox.listed()
    inbox.anew()
    command = [sys.executable, "-m", "reviewer.cli", *WORDS[inbox.name]]
    runs = [
        subprocess.Popen(
            command,
            cwd=inbox.made.top,
            env=inbox.world.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]
    assert all("Traceback" not in text for text in said), said
    assert {run.returncode for run in runs} <= {0, 1}, said
    assert (inbox.written(), inbox.listed()) == (after, all_mails)
    assert not states.litter(inbox.made)
