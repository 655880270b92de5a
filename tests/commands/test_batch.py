# SPDX-License-Identifier: GPL-2.0-or-later
"""``batch`` says of each mail what a run of its own says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo"
TREE = ["--tree", str(DEMO / "tree"), "--offline"]


def kpf(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def by_name(text: str) -> dict[str, dict[str, Any]]:
    """The records by the names of the files that their jobs begin with."""
    return {Path(one["job"].partition("#")[0]).name: one for one in records(text)}


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """The demo's series, a mail without a patch, and what is no mail."""
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.mbox").write_bytes((DEMO / "series.mbox").read_bytes())
    (folder / "2.eml").write_text("From: a@example.org\nSubject: hello\n\nYou.\n")
    (folder / "3.eml").write_bytes(b"\0\0\0")
    return folder


def test_it_says_what_a_single_run_says(mails: Path) -> None:
    done = kpf("batch", str(mails), *TREE)
    alone = json.loads(kpf(str(mails / "1.mbox"), "--format", "json", *TREE).stdout)
    found = by_name(done.stdout)
    series = found["1.mbox"]["series"][0]
    assert series["report"] == alone
    assert (found["1.mbox"]["status"], series["status"]) == (1, 1)
    assert found["2.eml"]["status"] == 3
    assert "no patch in it" in found["2.eml"]["error"]
    assert found["3.eml"]["status"] == 3
    assert done.returncode == 3
    assert "3 threads, 1 series" in done.stderr


def test_a_second_run_does_what_is_left(mails: Path, tmp_path: Path) -> None:
    file = tmp_path / "results"
    (mails / "1.mbox").rename(tmp_path / "later")
    assert kpf("batch", str(mails), "--resume", str(file), *TREE).returncode == 3
    before = file.read_bytes()
    (tmp_path / "later").rename(mails / "1.mbox")
    done = kpf("batch", str(mails), "--resume", str(file), *TREE)
    assert done.stdout == ""
    assert "2 were done before" in done.stderr
    assert done.returncode == 1  # of what this run did
    assert file.read_bytes().startswith(before)
    assert len(records(file.read_text())) == 3


def test_a_name_that_is_spelt_out_in_the_results_is_done_as_well(
    tmp_path: Path,
) -> None:
    (tmp_path / "a\x1b[1m.eml").write_text("Subject: hello\n\nYou.\n")
    command = ("batch", str(tmp_path), "--resume", str(tmp_path / "results"), *TREE)
    assert kpf(*command).returncode == 3
    assert "0 threads" in kpf(*command).stderr


ENDS = {
    "os.kill(os.getpid(), 9)": (2, "its process ended with signal 9"),  # out of memory
    "os.abort()": (2, "its process ended with signal 6"),  # a library out of memory
    # over what a worker may map: nothing of it is ever there
    "kept.append(bytearray(16 << 30))": (3, "too large: MemoryError"),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_worker_at_the_end_of_its_memory_costs_one_thread(
    how: str, mails: Path
) -> None:
    """By the system, by a library, or by the bound that a worker has."""
    status, why = ENDS[how]
    code = f"""
import os, sys
from reviewer import cli
from reviewer.batch import reviewing
real, kept = reviewing.series_of_job, []
def opened(job, *given, **named):
    if job.key.endswith("2.eml"):
        {how}
    return real(job, *given, **named)
reviewing.series_of_job = opened
words = ["batch", {str(mails)!r}, *{TREE!r}, "--workers", "1"]
sys.exit(cli.main([*words, "--worker-memory", "100"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    found = by_name(done.stdout)
    assert found["2.eml"]["error"] == why
    assert found["1.mbox"]["status"] == 1
    assert done.returncode == status


def test_wrong_numbers_and_trees_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "x.eml").write_text("Subject: x\n\nx\n")
    for words in (["--workers", "0"], ["--job-time", "0"], ["--tree", "/nowhere"]):
        done = kpf("batch", str(tmp_path), *words)
        assert done.returncode in (2, 3)
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1


def test_commits_are_a_source(tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*words: str) -> None:
        who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
        subprocess.run(["git", "-C", tree, *who, *words], check=True, env=env)

    tree = str(tmp_path / "tree")
    subprocess.run(["cp", "-r", str(DEMO / "tree"), tree], check=True)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "base")
    path = Path(tree) / "fs/proc/page.c"
    path.write_text(path.read_text() + "\n/* more */\n")
    git("commit", "-qam", "proc: more\n\nSigned-off-by: N <n@example.org>")
    done = kpf("batch", "HEAD~1..HEAD", "--tree", tree, "--offline")
    (record,) = records(done.stdout)
    assert record["job"] == "HEAD~1..HEAD"
    assert len(record["series"]) == 1
    assert record["series"][0]["subject"].endswith("proc: more")
