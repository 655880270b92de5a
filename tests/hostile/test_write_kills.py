# SPDX-License-Identifier: GPL-2.0-or-later
"""Ended between two calls that change a file system, and two runs at once.

``tests/bench/kill_sweep.py`` goes through all calls; here are some of each.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import kill_states as states
import pytest

POINTS = int(os.environ.get("KPF_KILL_POINTS", "2"))


@pytest.fixture
def place(name: str, world):
    return states.made_for(name, world)


def run(made, name: str, when: int, number: int) -> int:
    return states.ended_at_a_write(made, states.COMMANDS[name], when, number)


@pytest.mark.slow
@pytest.mark.parametrize("name", states.SWEPT)
def test_ended_between_two_writes(name: str, place) -> None:
    """SIGKILL may fall between two names that are given one after the other."""
    made = place
    copy = states.saved(made)
    out = name in states.NEEDS_A_FOLDER
    states.restored(made, copy, out=out)
    before = states.state(made)
    assert run(made, name, 0, 0) in (0, 1)
    after = states.state(made)
    calls = (made.world.top / "calls").read_text().splitlines()
    assert before != after
    last = [number for number, call in enumerate(calls, 1) if "/tmp/kpf" not in call]
    step = max(1, len(last) // POINTS)
    for when in last[::-step]:
        for number in (signal.SIGKILL, signal.SIGINT):
            states.restored(made, copy, out=out)
            status = run(made, name, when, number)
            where = f"{name}, {number.name} before {when}, {calls[when - 1]}: {status}"
            states.settled(made)
            now = states.state(made)
            if number is signal.SIGINT:
                assert states.same(now, before) or states.same(now, after), where
                assert not states.litter(made), where
            else:
                assert_each_is_whole(now, before, after, where)


def assert_each_is_whole(now, before, after, where: str) -> None:
    """Each file as before or as after, and no fix that the worktree lacks."""
    for key in now.keys() - {"refs"}:
        if "/.kpf-review-" in key or key.endswith(".part"):
            continue  # where comments are made ready, or what takes a file's place
        assert now[key] in (before.get(key), after.get(key)), (where, key)
    steps = ("lib/one.c", "index", "refs")
    if all(before[key] != after[key] for key in steps):
        moved = [now[key] != before[key] for key in steps]
        assert moved == sorted(moved, reverse=True), (where, moved)


WITH_A_THREAD = """
import os, signal, sys, threading, time
from pathlib import Path
from reviewer.files import exchange
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
try:
    with exchange.signals_held():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        Path(sys.argv[1]).write_text("whole")
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_a_signal_that_another_thread_takes(world) -> None:
    """The solver has one: to block a signal in ours is not enough."""
    place = world.top / "written"
    command = [sys.executable, "-c", WITH_A_THREAD, str(place)]
    done = subprocess.run(command, env=world.environment, check=False)
    assert (done.returncode, place.read_text()) == (130, "whole")


@pytest.mark.parametrize("name", states.COMMANDS)
def test_two_at_once(name: str, place) -> None:
    made = place
    (made.world.top / "out").mkdir()
    words = [list(states.COMMANDS[name]) for _ in range(2)]
    if name == "learn":  # each another exercise: neither may be forgotten
        words[1] = ["learn", "1", "--step", "question", "--answer", "uptodate"]
    said = both(made, words)
    assert not states.litter(made)
    check_of = {
        "fix": fixed_once,
        "learn": both_are_kept,
        "agent": one_folder,
        "remove": nothing_is_left,
        "reset": nothing_is_left,
        "dismiss": dismissed_once,
    }
    if name in ("setup", "local"):
        wired_once(made, name)
    elif name in check_of:
        check_of[name](made, said)
    else:
        one_has_written(made, said)


def both(made, words: list[list[str]]) -> list[tuple[int, str]]:
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "reviewer.cli", *one],
            cwd=made.top,
            env=made.world.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for one in words
    ]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]
    return [(run.returncode, text) for run, text in zip(runs, said, strict=True)]


def fixed_once(made, said) -> None:
    assert [status for status, _ in said] == [1, 1], said
    assert made.git("rev-list", "--count", "base..main").strip() == "2"
    assert made.git("diff-index", "--cached", "HEAD") == ""
    assert "(x & 0x10) == 0x10" in (made.top / "lib/one.c").read_text()
    assert any("has the fix already" in text for _, text in said), said


def one_folder(made, said) -> None:
    assert all(status in (0, 1) for status, _ in said), said
    (folder,) = (made.top / ".git/b4-review").iterdir()
    assert (folder / "identity.txt").exists()


def wired_once(made, name: str) -> None:
    config = "home/.gitconfig" if name == "setup" else "linux/.git/config"
    lines = (made.world.top / config).read_text().splitlines()
    commands = [line for line in lines if "b4-check" in line and "--series" in line]
    assert len(commands) == 1


def nothing_is_left(made, said) -> None:
    assert [status for status, _ in said] == [0, 0], said
    assert "kpf-review" not in (made.world.top / "home/.gitconfig").read_text()
    assert not list((made.world.top / "home/.local").rglob("*.json"))


def dismissed_once(made, said) -> None:
    assert [status for status, _ in said] == [0, 0], said
    (file,) = (made.world.top / "home/.local").rglob("*.jsonl")
    assert file.read_text().count("\n") == 1


def both_are_kept(made, said) -> None:
    (file,) = (made.world.top / "home/.local").rglob("*.json")
    marked = re.findall(r'"(1|question)"', file.read_text())
    assert [status for status, _ in said] == [0, 0], said
    assert sorted(marked) == ["1", "question"]


def one_has_written(made, said) -> None:
    """The other finds the files there; none is of both."""
    assert sorted(status for status, _ in said) in ([0, 2], [1, 2], [1, 1]), said
    lost = [text for status, text in said if status == 2]
    assert all("exists" in text and text.count("\n") == 1 for text in lost), said
    for file in (made.world.top / "out").iterdir():
        assert file.stat().st_size
