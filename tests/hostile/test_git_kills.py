# SPDX-License-Identifier: GPL-2.0-or-later
"""Ended at a call of git: as before or as after, no lock, no folder, nothing half.

``tests/bench/kill_sweep.py`` goes through all calls; here are some of each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import kill_states as states
import killing_git as killing
import pytest

POINTS = int(os.environ.get("KPF_KILL_POINTS", "2"))
WAYS = (
    (signal.SIGKILL, True),
    (signal.SIGKILL, False),
    (signal.SIGINT, True),
)


@pytest.fixture
def place(name: str, world):
    return states.made_for(name, world)


@pytest.mark.slow
@pytest.mark.parametrize("name", states.SWEPT)
def test_ended_at_a_call_of_git(name: str, place) -> None:
    made, words = place, states.COMMANDS[name]
    killer = killing.Killer(made.world.top / "bin", made.top, made.world.environment)
    copy = states.saved(made)
    out = name in states.NEEDS_A_FOLDER
    states.restored(made, copy, out=out)
    before = states.state(made)
    assert killer.run(words) in (0, 1)
    after, total = states.state(made), killer.count
    assert before != after
    step = max(1, total // POINTS)
    for when in range(total, 0, -step):
        for number, group in WAYS:
            states.restored(made, copy, out=out)
            status = killer.run(words, when, number, group=group)
            where = f"{name}, {number.name} at call {when} of {total}: {status}"
            states.settled(made)
            now = states.state(made)
            assert states.same(now, before) or states.same(now, after), where
            assert not states.litter(made), where
            left = list((made.world.top / "tmp").iterdir())
            if number is signal.SIGINT:  # what SIGKILL left, a git may still write to
                own = f"-{killer.process}-"
                assert not [one for one in left if own in one.name], where
            for folder in left:
                os.utime(folder, (0, 0))
    sweep_by_a_later_run(made)


def sweep_by_a_later_run(made) -> None:
    subprocess.run(
        [sys.executable, "-m", "reviewer.cli", "setup", "b4"],
        cwd=made.top,
        env=made.world.environment,
        check=True,
        capture_output=True,
    )
    assert not list((made.world.top / "tmp").iterdir())
