# SPDX-License-Identifier: GPL-2.0-or-later
"""A signal at many points of a run, counted in calls and not by the clock.

``KPF_SIGNAL_POINTS=100`` sends one at so many points of each kind of run instead of
the few of every day.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import archive
import pytest
import z3

from reviewer.prover.ask.solve import Questions

POINTS = int(os.environ.get("KPF_SIGNAL_POINTS", "2"))
SWEEPS = [
    *((name, signal.SIGINT) for name in ("review", "fetch", "behaviour", "scan")),
    *(("review", number) for number in (signal.SIGTERM, signal.SIGKILL)),
]
ENDS = {
    signal.SIGINT: (130, b"kpf-review: interrupted\n"),
    signal.SIGTERM: (143, b"kpf-review: terminated\n"),
}


@pytest.fixture
def served(world):
    """A world whose b4 asks an archive that has the demo's series."""
    with archive.Archive(archive.saying(archive.response(archive.mbox()))) as good:
        world.fetches_from(good.url)
        yield world


def commands(world) -> dict[str, tuple[str, ...]]:
    """What is interrupted; without drafts, which the tests ask for themselves."""
    return {
        "review": (str(archive.SERIES), "--tree", str(world.tree)),
        "fetch": (archive.COVER, "--tree", str(world.tree)),
        "behaviour": ("behaviour", str(archive.SERIES), "--tree", str(world.tree)),
        "scan": ("scan", "--tree", str(world.tree), "fs/proc"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), SWEEPS)
def test_nothing_is_left_wherever_it_hits(name: str, number, served) -> None:
    world = served
    words = commands(world)[name]
    total, whole = world.calls(*words)
    out = world.top / "out"
    if name in ("review", "fetch"):
        words += ("--output", str(out))
        total += 500  # about, for the drafts
    before = world.files(without="home/.cache")
    dice = random.Random(f"{name} {number}")
    ended = 0
    for point in range(POINTS):
        when = int(total * (point + dice.random()) / POINTS) + 1
        process = world.start_signalled(when, number, *words)
        shown, said = process.communicate(timeout=300)
        where = f"at call {when} of {total}: {said.decode()}"
        if process.returncode in (0, 1):  # over before so many calls
            ended += 1
        elif number is signal.SIGKILL:
            assert process.returncode == -9, where
        else:
            status, last = ENDS[number]
            assert process.returncode == status, where
            if name == "scan":  # it tells how far it was
                last = said if last.rstrip(b"\n") in said.splitlines()[-1] else last
            assert said == last, where
        # what a scan has found it has told
        told = name == "scan" and whole.startswith(shown)
        assert told or shown in (b"", whole), where
        drafts_are_whole(out)
        if number is signal.SIGKILL:
            assert not world.living(), where
            for path in (world.top / "tmp").iterdir():
                assert path.name.startswith("kpf-review-apply-")
                forget(path)
        assert world.files(without="home/.cache") == before, where
    assert ended <= max(1, POINTS // 3)
    words = commands(world)[name]
    status, shown, said = world.run(*words)
    assert status in (0, 1), said
    assert shown == whole


def drafts_are_whole(out: Path) -> None:
    """All drafts or none, each with its last line; then they are taken away."""
    if not out.exists():
        return
    for path in out.iterdir():
        if path.suffix == ".eml":
            last = path.read_text().rstrip().splitlines()[-1]
            assert last.startswith("kpf-review ")
        else:  # only SIGKILL: cli.main blocks the others while it writes
            assert path.name.endswith(".part")
    forget(out)


def forget(folder: Path) -> None:
    for place in sorted(folder.rglob("*"), reverse=True):
        place.rmdir() if place.is_dir() else place.unlink()
    folder.rmdir()


WHERE_IT_IS_SWALLOWED = """
import os, signal, sys
from reviewer import cli
from reviewer.commands import Result, review

class Dies:
    def __del__(self):
        os.kill(os.getpid(), NUMBER)
        sum(range(1000))

class Word:
    @classmethod
    def from_param(cls, value):
        os.kill(os.getpid(), NUMBER)
        sum(range(1000))
        return 1

exec(compile('''
class Half:
    def __init__(self):
        os.kill(os.getpid(), NUMBER)
        sum(range(1000))
        self.whole = True
    def __del__(self):
        assert self.whole
''', "/site/z3/z3.py", "exec"))

def run(args, session):
    WHAT
    while FOREVER:
        sum(range(1000))
    return Result("", 1)

import ctypes
labs = ctypes.CDLL(None).labs
labs.argtypes = [Word]
review.run = run
status = cli.main(["./x.mbox"])
for _ in range(99):
    sum(range(9999))
sys.exit(status)
"""


def run_where_swallowed(world, number, what: str, forever: bool):
    """Exit status and stderr of a run that gets a signal at a bad place."""
    code = WHERE_IT_IS_SWALLOWED.replace("NUMBER", str(int(number)))
    code = code.replace("WHAT", what).replace("FOREVER", str(forever))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=world.top / "cwd",
        env=world.environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", ENDS, ids=lambda n: n.name)
@pytest.mark.parametrize("what", ["Dies()", "labs(3)", "Half()"])
def test_a_signal_where_exceptions_are_swallowed(number, what, world) -> None:
    """In __del__, ctypes' conversions and z3's __init__, where z3 is all the time."""
    assert run_where_swallowed(world, number, what, True) == ENDS[number]


@pytest.mark.parametrize("number", ENDS, ids=lambda n: n.name)
def test_a_signal_in_the_last_moment_is_too_late(number, world) -> None:
    """The timer that calls the handler again does not outlive the run."""
    ended = run_where_swallowed(world, number, "Dies()", False)
    assert ended in ((1, b""), ENDS[number])


# --- while the solver works ---------------------------------------------------------


def hard() -> z3.BoolRef:
    """A question over which z3 thinks for as long as it may."""
    a, b = z3.BitVecs("a b", 64)
    odd = b | 1
    return z3.UDiv(a, odd) * odd + z3.URem(a, odd) != a


def test_ctrl_c_reaches_us_while_the_solver_works() -> None:
    """z3 used to take it for itself: 'unknown', and the run went on."""
    question = Questions([], [], 3.0, float("inf")).about(hard())
    switch = question.flag(hard())

    def go_on() -> None:
        for _ in range(50):  # one check may give up before the signal comes
            assert question.check(switch) == z3.unknown

    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            go_on()
    finally:
        timer.join()


def test_ctrl_c_ends_a_comparison(world) -> None:
    """Through the command line, with questions that take longer than the test."""
    text = "u64 f%d(u64 a, u64 b)\n{\n\treturn %s;\n}\n"
    sides = []
    for name, value in (("one", "a / (b | 1) * (b | 1) + a % (b | 1)"), ("two", "a")):
        place = world.top / name / "mm/slow.c"
        shutil.copytree(world.tree, world.top / name, symlinks=True)
        place.write_text("".join(text % (number, value) for number in range(40)))
        sides.append(str(place))
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\tsolverTime = 5000\n")
    process = world.start("behaviour", *sides)
    wait_for_work(process, 1.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == ENDS[signal.SIGINT]


def ticks_of(number: int) -> int:
    """What a process has used of the processor; 0 of one that has ended."""
    try:
        text = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return 0
    return sum(map(int, text.rpartition(")")[2].split()[11:13]))


def with_children(number: int) -> list[int]:
    """A process and those that it began, which work for it."""
    try:
        text = Path(f"/proc/{number}/task/{number}/children").read_text()
    except OSError:
        text = ""
    return [
        number,
        *(one for child in text.split() for one in with_children(int(child))),
    ]


def wait_for_work(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Until a process has used so much processor time, whatever else runs."""
    ticks = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        if sum(map(ticks_of, with_children(process.pid))) / ticks >= seconds:
            return
        time.sleep(0.02)
