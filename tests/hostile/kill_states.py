# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests that end a run look at: all that a person would call the state."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import doors

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"
SCRIPT = Path(__file__).with_name("killing_writes.py")
MARKER = "--- b4-review-tracking ---"
DATES = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")
OF_THE_MOMENT = re.compile(rb"^(?:Date|Message-Id): .*\n", re.M)  # of a draft
COMMANDS = {
    "fix": ("check", "--fix", "base..main"),
    "agent": ("agent",),
    "setup": ("setup", "b4", "--write"),
    "local": ("setup", "b4", "--write", "--local"),
    "output": (str(DEMO), "--tree", "../tree", "--output", "../out"),
    "learn": ("learn", "1", "--answer", "k & (1UL << PG_lru)"),
    "fix to": ("check", "--fix-to", "../out/fixes.patch", "base..main"),
    "page": ("report", str(DEMO), "--tree", "../tree", "--html", "../out/page.html"),
    "pages": ("learn", "--html", "../out"),
    "remove": ("setup", "b4", "--remove", "--write"),
    "reset": ("learn", "--reset"),
    "dismiss": ("dismiss", "0" * 16, "--why", "known"),
}
# What has to be there first, for something to be taken away.
BEFORE = {"remove": COMMANDS["setup"], "reset": COMMANDS["learn"]}
NEEDS_A_FOLDER = ("fix to", "page")
ALL = "KPF_KILL_POINTS" in os.environ
SELDOM = (
    "pages",
    "page",
    "remove",
    "reset",
    "dismiss",
)  # they write as another one does
SWEPT = [name for name in COMMANDS if name not in SELDOM or ALL]


def made_for(name: str, world) -> doors.Doors:
    """Where that command has something to do."""
    made = made_in(world)
    if name in BEFORE:
        status, _, said = made.kpf(*BEFORE[name])
        assert status == 0, said
    return made


def made_in(world) -> doors.Doors:
    """The kernel with a mistake on main, and a review branch of the same commit."""
    made = doors.Doors(world)
    made.make()
    record_of(made)
    made.git("status")  # so that the index knows the times of the files
    world.environment |= dict.fromkeys(DATES, f"{1700000000} +0000")
    return made


def record_of(made: doors.Doors) -> str:
    """Let b4 have a review of main's last commit; its tip."""
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
    return tip


def state(made: doors.Doors) -> dict[str, object]:
    """Refs, index, settings, worktree, comments, drafts and progress; no objects."""
    found: dict[str, object] = {
        "refs": made.git("for-each-ref"),
        "index": made.git("ls-files", "-s"),
        "config": (made.top / ".git/config").read_bytes(),
        "user": (made.world.top / "home/.gitconfig").read_bytes(),
    }
    for folder in (
        made.top / "lib",
        made.top / ".git/b4-review",
        made.world.top / "home/.local",
        made.world.top / "out",
    ):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = str(file.relative_to(folder.parent))
                found[name] = OF_THE_MOMENT.sub(b"", file.read_bytes())
    return found


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two states are one; refs by their number, for times make commits."""
    rest = [{k: v for k, v in side.items() if k != "refs"} for side in (one, other)]
    return rest[0] == rest[1] and len(str(one["refs"])) == len(str(other["refs"]))


def litter(made: doors.Doors) -> list[str]:
    """Locks, parts of files and private folders that stand about."""
    ends, begins = (".lock", ".part"), (".kpf-", ".tmp")
    return [
        str(file)
        for folder in (made.top, made.world.top / "home", made.world.top / "out")
        for file in folder.rglob("*")
        if file.name.endswith(ends) or file.name.startswith(begins)
    ]


def saved(made: doors.Doors) -> Path:
    """A copy of what a run may change."""
    copy = made.world.top / "saved"
    for name in ("linux", "home"):
        shutil.copytree(made.world.top / name, copy / name, symlinks=True)
    return copy


def restored(made: doors.Doors, copy: Path, *, out: bool = False) -> None:
    """All as it was saved, with an empty folder for drafts if it is asked for."""
    for name in ("linux", "home"):
        shutil.rmtree(made.world.top / name)
        shutil.copytree(copy / name, made.world.top / name, symlinks=True)
    shutil.rmtree(made.world.top / "out", ignore_errors=True)
    if out:
        (made.world.top / "out").mkdir()


def settled(made: doors.Doors) -> None:
    """A git that outlives the run gives its locks back when its input ends."""
    assert not made.world.living()


def ended_at_a_write(made, words: Sequence[str], when: int, number: int) -> int:
    """Runs kpf-review until before its N-th write, all of it with N = 0; the status.
    What it wrote is listed in the file ``calls`` (killing_writes.py)."""
    command = [sys.executable, str(SCRIPT), str(when), str(int(number))]
    done = subprocess.run(
        [*command, str(made.world.top / "calls"), *words],
        cwd=made.top,
        env=made.world.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=120,
        check=False,
    )
    return done.returncode


def as_a_pipe(place: Path) -> None:
    """Puts a pipe in the place of a file: who opens it waits."""
    place.unlink()
    os.mkfifo(place)


def as_a_folder(place: Path) -> None:
    """Puts a folder in the place of a file."""
    place.unlink()
    place.mkdir()
