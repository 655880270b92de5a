# SPDX-License-Identifier: GPL-2.0-or-later
"""A Dask cluster on loopback says what one machine says, with a worker killed too."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo"
WRONG = "int wrong(int value)\n{{\n\treturn !value & 0x{}0;\n}}\n"
# In a process of its own: Dask has threads, and what forks beside them may hang.
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None, local_directory=sys.argv[1]) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
# Ends one of the two workers when the first result is there.
KILLED = """
import os, signal, sys
from reviewer import cli
from reviewer.batch import cluster
real = cluster._answer
def answer(future, killed=[]):
    if not killed:
        workers = future.client.run(os.getpid)
        killed.append(sorted(workers.values())[0])
        os.kill(killed[0], signal.SIGKILL)
    return real(future)
cluster._answer = answer
sys.exit(cli.main(sys.argv[1:]))
"""


def git(tree: Path, *words: str) -> str:
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    command = ["git", "-C", str(tree), *who, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's kernel in a repository, with 24 wrong files."""
    top = tmp_path_factory.mktemp("cluster") / "tree"
    shutil.copytree(DEMO / "tree", top)
    (top / "lib").mkdir()
    for number in range(10, 34):
        (top / f"lib/{number}.c").write_text(WRONG.format(number))
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "base")
    return top


@pytest.fixture(scope="module")
def scheduler(tree: Path, need_module) -> Iterator[str]:
    """The address of a cluster whose machines have a clone of the tree."""
    need_module("distributed", "pip install 'kpf-review[cluster]'")
    home = tree.parent / "home"
    home.mkdir()
    git(tree, "clone", "-q", "--bare", str(tree), str(home / "theirs"))
    (home / ".gitconfig").write_text(f"[kpf]\n\ttree = {home}/theirs\n")
    program = home / "cluster.py"
    program.write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, str(program), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        env={**os.environ, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def kpf(*words: object, code: str = "") -> subprocess.CompletedProcess[str]:
    run = ["-c", code] if code else ["-m", "reviewer.cli"]
    return subprocess.run(
        [sys.executable, *run, *map(str, words)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def findings(report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(report)["findings"]
    return found


def test_a_scan_survives_the_end_of_a_worker(tree: Path, scheduler: str) -> None:
    words = ("scan", "--tree", tree, "--base", "HEAD", "--format", "json")
    alone = kpf(*words)
    shared = kpf(*words, "--scheduler", scheduler, code=KILLED)
    assert shared.returncode == alone.returncode == 1, shared.stderr
    assert json.loads(shared.stdout) == json.loads(alone.stdout)
    names = [(one["fingerprint"], one["line"]) for one in findings(shared.stdout)]
    assert len(names) == len(set(names)) >= 24


def test_mails_are_sent_to_machines_without_them(tree, tmp_path, scheduler) -> None:
    shutil.copy(DEMO / "series.mbox", tmp_path / "1.mbox")
    (tmp_path / "2.eml").write_text("From: a@example.org\nSubject: hi\n\nYou.\n")
    words = ("batch", tmp_path, "--tree", tree, "--offline")
    alone, shared = kpf(*words), kpf(*words, "--scheduler", scheduler)
    assert shared.stdout, shared.stderr
    assert sorted(shared.stdout.splitlines()) == sorted(alone.stdout.splitlines())
    assert shared.returncode == alone.returncode == 3
    ranges = kpf("batch", "HEAD~1..HEAD", "--tree", tree, "--scheduler", scheduler)
    assert (ranges.returncode, ranges.stdout) == (2, "")
    assert "sent as mails only" in ranges.stderr


def test_a_worker_without_the_commit_is_told(tree: Path, scheduler: str) -> None:
    git(tree, "commit", "-qm", "newer", "--allow-empty")
    newer = git(tree, "rev-parse", "HEAD").strip()
    words = ("scan", "lib", "--tree", tree, "--base", "HEAD", "--scheduler", scheduler)
    done = kpf(*words)
    git(tree, "reset", "-q", "--hard", "HEAD~1")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert re.match(rf"kpf-review: a worker .*: no tree here has commit {newer} ", line)


def test_what_cannot_be_is_told_in_a_line(tree: Path, scheduler: str) -> None:
    for words, why in (
        (("lib", "--tree", tree), "name it with --base"),
        (("--tree", DEMO / "tree", "--base", "HEAD"), "a plain folder"),
    ):
        done = kpf("scan", *words, "--scheduler", scheduler)
        assert done.stdout == ""
        assert why in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_without_dask_it_says_how_to_get_it(tree: Path) -> None:
    code = """
import sys
sys.modules["distributed"] = None
from reviewer import cli
sys.exit(cli.main(sys.argv[1:]))
"""
    words = ("scan", "lib", "--tree", tree, "--base", "HEAD")
    done = kpf(*words, "--scheduler", "tcp://127.0.0.1:9", code=code)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'kpf-review[cluster]'" in done.stderr
    assert kpf(*words, code=code).returncode == 1  # nobody else needs it
