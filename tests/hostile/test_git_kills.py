# SPDX-License-Identifier: GPL-2.0-or-later
"""Ended at a call of git: as before or as after, no lock, no folder, nothing half.

``tests/bench/kill_sweep.py`` goes through all calls; here are some of each.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import reviewer


def _beside(name: str):
    place = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"kills_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


doors = _beside("doors")
killing = _beside("killing_git")
DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"
POINTS = int(os.environ.get("KPF_KILL_POINTS", "2"))
COMMANDS = {
    "fix": ("check", "--fix", "base..main"),
    "agent": ("agent",),
    "setup": ("setup", "b4", "--write"),
    "local": ("setup", "b4", "--write", "--local"),
    "output": (str(DEMO), "--tree", "../tree", "--output", "../out"),
    "learn": ("learn",),
}
MARKER = "--- b4-review-tracking ---"


@pytest.fixture
def place(world):
    """The kernel with a mistake on main, and a review branch of the same commit."""
    made = doors.Doors(world)
    made.make()
    first = made.git("rev-parse", "main").strip()
    record = {
        "series": {"change-id": "x", "first-patch-commit": first},
        "patches": [{"header-info": {"msgid": "x@y"}, "reviews": {}}],
    }
    tree = made.git("rev-parse", "main^{tree}").strip()
    message = f"cover\n\n{MARKER}\n{json.dumps(record)}\n".encode()
    words = ("commit-tree", tree, "-p", "main", "-F", "-")
    tip = made.git(*words, stdin=message).strip()
    made.git("update-ref", "refs/heads/b4/review/x", tip)
    made.git("status")  # so that the index knows the times of the files
    return made


def state(made) -> dict[str, object]:
    """All that a person would call the state, objects apart."""
    found: dict[str, object] = {
        "refs": made.git("for-each-ref"),
        "index": made.git("ls-files", "-s"),
        "config": (made.top / ".git/config").read_bytes(),
        "user": (made.world.top / "home/.gitconfig").read_bytes(),
    }
    for folder in (made.top / "lib", made.top / ".git/b4-review"):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                shown = file.relative_to(made.top).parts[-1]
                found[shown] = file.read_bytes()
    out = made.world.top / "out"
    if out.is_dir():
        drafts = sorted(out.iterdir())
        found["drafts"] = [draft.name for draft in drafts]
    return found


def litter(made) -> list[str]:
    names = []
    for folder in (made.top, made.world.top / "home", made.world.top / "out"):
        for file in folder.rglob("*"):
            if file.name.endswith(
                (".lock", ".part", ".kpf-fix")
            ) or file.name.startswith((".kpf-", ".tmp")):
                names.append(str(file))
    return names


def saved(made) -> Path:
    copy = made.world.top / "saved"
    for name in ("linux", "home"):
        shutil.copytree(made.world.top / name, copy / name, symlinks=True)
    return copy


def restored(made, copy: Path) -> None:
    for name in ("linux", "home"):
        shutil.rmtree(made.world.top / name)
        shutil.copytree(copy / name, made.world.top / name, symlinks=True)
    shutil.rmtree(made.world.top / "out", ignore_errors=True)


def settled(made) -> None:
    """A git that outlives the run gives its locks back when its input ends."""
    end = time.monotonic() + 5
    while litter(made) and time.monotonic() < end:
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_ended_at_a_call_of_git(name: str, place) -> None:
    made, words = place, COMMANDS[name]
    made.world.environment |= {key: str(1_700_000_000) + " +0000" for key in DATES}
    killer = killing.Killer(made.world.top / "bin", made.top, made.world.environment)
    copy = saved(made)
    before = state(made)
    assert killer.run(words) in (0, 1)
    after, total = state(made), killer.count
    assert (before == after) is (name == "learn")
    step = max(1, total // POINTS)
    for when in range(total, 0, -step):
        for number, group in (
            (signal.SIGKILL, True),
            (signal.SIGKILL, False),
            (signal.SIGINT, True),
        ):
            restored(made, copy)
            status = killer.run(words, when, number, group=group)
            where = f"{name}, {number.name} at call {when} of {total}: {status}"
            settled(made)
            now = state(made)
            assert same(now, before) or same(now, after), where
            assert not litter(made), where
            left = list((made.world.top / "tmp").iterdir())
            if number is signal.SIGINT:  # what SIGKILL left, a git may still write to
                own = f"-{killer.process}-"
                assert not [one for one in left if own in one.name], where
            for folder in left:
                os.utime(folder, (0, 0))
    subprocess.run(
        [sys.executable, "-m", "reviewer.cli", "setup", "b4"],
        cwd=made.top,
        env=made.world.environment,
        check=True,
        capture_output=True,
    )
    assert not list((made.world.top / "tmp").iterdir())


DATES = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    """As the time of a commit is no part of the state, refs are compared by tree."""
    strip = ("refs",)
    equal = {k: v for k, v in one.items() if k not in strip} == {
        k: v for k, v in other.items() if k not in strip
    }
    return equal and len(str(one["refs"])) == len(str(other["refs"]))


@pytest.mark.parametrize("name", ["fix", "agent", "setup", "local"])
def test_two_at_once(name: str, place) -> None:
    made = place
    start = [sys.executable, "-m", "reviewer.cli", *COMMANDS[name]]
    runs = [
        subprocess.Popen(
            start,
            cwd=made.top,
            env=made.world.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]
    assert not litter(made)
    assert all(run.returncode in (0, 1) for run in runs), said
    if name == "fix":
        assert made.git("rev-list", "--count", "base..main").strip() == "2"
        assert made.git("diff-index", "--cached", "HEAD") == ""
        assert "(x & 0x10) == 0x10" in (made.top / "lib/one.c").read_text()
        assert any("has the fix already" in one for one in said), said
    elif name != "agent":
        config = "home/.gitconfig" if name == "setup" else "linux/.git/config"
        lines = (made.world.top / config).read_text().splitlines()
        commands = [line for line in lines if "b4-check" in line and "--series" in line]
        assert len(commands) == 1
