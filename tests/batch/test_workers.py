# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker does to itself costs its job, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from reviewer.batch import workers
from reviewer.files import private


def run(
    work: Callable[[int], Any], jobs: list[int], **bounds: Any
) -> dict[int, dict[str, Any] | str]:
    given = {"count": 2, "megabytes": 4000, "seconds": 60.0, **bounds}
    return dict(workers.results(jobs, lambda: work, **given))


def test_each_job_is_done_once_by_a_few_processes() -> None:
    found = run(lambda job: {"square": job * job, "by": os.getpid()}, list(range(20)))
    assert [found[n]["square"] for n in range(20)] == [n * n for n in range(20)]
    by = {one["by"] for one in found.values()}
    assert len(by) <= 2
    assert os.getpid() not in by


def test_a_worker_that_dies_costs_its_job() -> None:
    def work(job: int) -> dict[str, int]:
        if job == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if job == 5:
            os._exit(7)
        return {"job": job}

    found = run(work, list(range(8)))
    assert found.pop(3) == "its process ended with signal 9"
    assert found.pop(5) == "its process ended with status 7"
    assert found == {n: {"job": n} for n in (0, 1, 2, 4, 6, 7)}


def test_a_job_without_end_is_ended() -> None:
    def work(job: int) -> dict[str, int]:
        if job == 0:
            time.sleep(60)
        return {"job": job}

    found = run(work, [0, 1, 2], seconds=1.0)
    assert found == {0: "not done in 1 seconds", 1: {"job": 1}, 2: {"job": 2}}


def test_the_private_folder_of_a_worker_goes_with_it(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def work(job: int) -> dict[str, int]:
        (private.make("apply") / "page.c").write_text("x")
        if job == 0:
            time.sleep(60)
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    found = run(work, [0, 1], seconds=1.0)
    assert found[0] == "not done in 1 seconds"
    assert found[1] == "its process ended with signal 9"
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_has_grown_is_replaced() -> None:
    """In a process of its own: the memory of one that ran many tests comes and goes."""
    code = """
import json, os
from reviewer.files import private
from reviewer.batch import workers
kept = []
def work(job):
    kept.append(b"x" * (80 << 20))
    return {"by": os.getpid(), "kept": len(kept)}
most = (workers._size() >> 20) + 120
ways = workers.results(range(6), lambda: work, count=1, megabytes=most, seconds=99)
print(json.dumps([found for _job, found in ways]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert max(one["kept"] for one in found) == 2
    assert len({one["by"] for one in found}) == 3


def test_a_worker_lets_go_of_garbage_before_it_is_replaced() -> None:
    """Which holds itself, so that nothing but a look for garbage finds it."""
    code = """
import gc, json, os
from reviewer.files import private
from reviewer.batch import workers
gc.disable()
def work(job):
    for _ in range(8):
        held = [b"x" * (10 << 20)]
        held.append(held)
    return {"by": os.getpid()}
most = (workers._size() >> 20) + 120
ways = workers.results(range(6), lambda: work, count=1, megabytes=most, seconds=99)
print(json.dumps([found for _job, found in ways]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert len({one["by"] for one in json.loads(done.stdout)}) == 1


def test_who_does_not_wait_for_the_rest_leaves_no_process() -> None:
    alive = workers.results(
        range(100),
        lambda: lambda job: {"by": os.getpid()},
        count=2,
        megabytes=4000,
        seconds=60,
    )
    _job, found = next(alive)
    alive.close()
    assert not os.path.exists(f"/proc/{found['by']}")


def test_workers_end_with_a_parent_that_is_killed() -> None:
    code = """
import os, time
from reviewer.files import private
from reviewer.batch import workers
def work(job):
    os.write(1, b"%d " % os.getpid())
    time.sleep(60)
for _ in workers.results([1, 2], lambda: work, count=2, megabytes=4000, seconds=99):
    pass
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    told = b""
    while told.count(b" ") < 2:  # in one write each: lines may be torn
        piece = parent.stdout.read1()
        assert piece, told
        told += piece
    children = [int(word) for word in told.split()]
    parent.kill()
    parent.wait()
    for _ in range(200):
        if not any(os.path.exists(f"/proc/{child}") for child in children):
            break
        time.sleep(0.05)
    assert not any(os.path.exists(f"/proc/{child}") for child in children)
