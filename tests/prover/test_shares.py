# SPDX-License-Identifier: GPL-2.0-or-later
"""Work shared between two processes: the same answers, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.two_processes import cpu_seconds, in_two_processes
from reviewer.tree import open_tree

HERE = os.getpid()


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("count", range(8))
def test_the_answers_come_in_order_and_from_two_processes(count: int) -> None:
    found = in_two_processes(square, range(count), 2)
    assert [answer for answer, _ in found] == [n * n for n in range(count)]
    assert len({process for _, process in found}) == min(count, 2)
    assert {process for _, process in in_two_processes(square, range(count), 1)} <= {
        HERE
    }


def fails(number: int) -> tuple[int, int]:
    if os.getpid() != HERE:
        raise ValueError("in the copy only")
    return square(number)


def is_killed(number: int) -> tuple[int, int]:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


@pytest.mark.parametrize("work", [fails, is_killed])
def test_what_the_copy_did_not_answer_is_done_here(work, capfd) -> None:
    assert in_two_processes(work, range(5), 2) == [(n * n, HERE) for n in range(5)]
    assert capfd.readouterr() == ("", "")


def test_no_more_processes_may_be(monkeypatch) -> None:
    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    before = set(os.listdir("/proc/self/fd"))
    assert in_two_processes(square, range(3), 2) == [(n * n, HERE) for n in range(3)]
    assert set(os.listdir("/proc/self/fd")) == before


def test_an_error_here_ends_the_copy(monkeypatch) -> None:
    started: list[int] = []
    fork = os.fork

    def remembered() -> int:
        started.append(fork())
        return started[-1]

    def work(number: int) -> int:
        if os.getpid() != HERE:
            time.sleep(600)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fork", remembered)
    with pytest.raises(KeyboardInterrupt):
        in_two_processes(work, range(2), 2)
    (copy,) = started
    with pytest.raises(ChildProcessError):
        os.waitpid(copy, os.WNOHANG)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the child")
def test_a_copy_ends_with_the_process_that_it_is_a_copy_of() -> None:
    script = (
        "import os, time\n"
        "from reviewer.prover.two_processes import in_two_processes\n"
        "def work(n):\n"
        "    os.write(1, b'%d\\n' % os.getpid())\n"
        "    time.sleep(600)\n"
        "in_two_processes(work, range(2), 2)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    both = {int(parent.stdout.readline()) for _ in range(2)}
    parent.kill()
    parent.wait()
    (copy,) = both - {parent.pid}
    end = time.monotonic() + 60
    while is_running(copy) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(copy)
    parent.stdout.close()


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_deadline_is_the_same_in_a_copy() -> None:
    begun = cpu_seconds()
    while cpu_seconds() < begun + 0.05:
        pass
    now = cpu_seconds()
    assert all(
        now <= time_ < now + 5
        for time_ in in_two_processes(lambda _: cpu_seconds(), [0, 1], 2)
    )


def test_each_process_asks_a_git_of_its_own(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)

    git("init", "-q")
    for name in ("Kbuild", "MAINTAINERS", *(f"file{n}" for n in range(40))):
        (tmp_path / name).write_text(name * 5_000)
    (tmp_path / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\n")
    git("add", "-A")
    git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "x")
    with open_tree(tmp_path) as tree:
        view = tree.view("HEAD")
        assert view.read("file0") == b"file0" * 5_000
        names = [f"file{n}" for n in range(1, 40)]
        assert in_two_processes(view.read, names, 2) == [
            n.encode() * 5_000 for n in names
        ]
        assert view.read("Kbuild") == b"Kbuild" * 5_000


def test_two_processes_come_to_the_same_verdicts(
    linux_6_1: Path, linux_6_12: Path
) -> None:
    path = "fs/proc/page.c"
    facts = [Facts(open_tree(tree).view(None)) for tree in (linux_6_1, linux_6_12)]
    sides = [parse(path, f.view.read(path) or b"") for f in facts]
    names = ("kpagecount_read", "stable_page_flags", "kpageflags_read")
    alone, shared = (
        compare_functions(
            sides[0], sides[1], facts[0], facts[1], names,
            limits=ProverLimits(seconds=120, solver=60, processes=processes),
        )
        for processes in (1, 2)
    )  # fmt: skip
    for one, two in zip(alone, shared, strict=True):
        assert (one.name, one.verdict, one.why) == (two.name, two.verdict, two.why)
        assert [(o.output, o.verdict) for o in one.outputs] == [
            (o.output, o.verdict) for o in two.outputs
        ]
