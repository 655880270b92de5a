# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept between runs: a broken one costs time and no answer."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer import disk_cache


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "kpf-review"


def test_what_was_kept_is_recalled(place: Path) -> None:
    assert disk_cache.recall("k", 1, "a") is None
    assert not place.exists()  # a question makes no file
    disk_cache.keep("k", 1, "a", {"x": [1, "y"]})
    assert disk_cache.recall("k", 1, "a") == {"x": [1, "y"]}
    assert disk_cache.recall("k", 2, "a") is None
    assert disk_cache.recall("other", 1, "a") is None
    disk_cache.keep("k", 1, "a", [])
    assert disk_cache.recall("k", 1, "a") == []
    assert place.stat().st_mode & 0o777 == 0o700


def test_many_are_recalled_at_once(place: Path) -> None:
    assert disk_cache.recall_all("k", 1, ["a"], int) == {}
    assert not place.exists()
    kept = {str(number): number for number in range(1200)}
    disk_cache.keep_all("k", 1, kept)
    assert disk_cache.recall_all("k", 1, [*kept, "none"], int) == kept
    assert disk_cache.recall_all("k", 1, ["7", "none"], int) == {"7": 7}
    assert disk_cache.recall_all("k", 2, ["7"], int) == {}
    assert disk_cache.recall_all("k", 1, ["7"], str) == {}  # of another shape


def test_the_oldest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "LARGEST", 1000)
    for number in range(5):
        disk_cache.keep("k", 1, str(number), "x" * 300)
    disk_cache.keep("k", 1, "too large", "x" * 600)
    kept = [disk_cache.recall("k", 1, str(number)) is not None for number in range(5)]
    assert kept == [False, False, True, True, True]
    assert disk_cache.recall("k", 1, "too large") is None


def test_a_file_that_is_broken_is_no_error(place: Path) -> None:
    place.mkdir(mode=0o700)
    file = place / "facts.sqlite"
    for data in (
        b"",
        b"no database at all" * 100,
        b"SQLite format 3\0" + b"\xff" * 9000,
    ):
        file.write_bytes(data)
        assert disk_cache.recall("k", 1, "a") is None
        disk_cache.keep("k", 1, "a", 1)
        assert disk_cache.recall("k", 1, "a") in (None, 1)
    file.unlink()
    with sqlite3.connect(file) as facts:
        facts.execute("CREATE TABLE facts (kind)")
    disk_cache.keep("k", 1, "a", 1)
    assert disk_cache.recall("k", 1, "a") is None


def test_a_value_that_is_no_json_is_none(place: Path) -> None:
    disk_cache.keep("k", 1, "a", 1)
    with sqlite3.connect(place / "facts.sqlite") as facts:
        facts.execute("UPDATE facts SET value = ?", (b"\xff{",))
    assert disk_cache.recall("k", 1, "a") is None
    with sqlite3.connect(place / "facts.sqlite") as facts:
        facts.execute("UPDATE facts SET value = ?", (b"[" * 100_000,))
    assert disk_cache.recall("k", 1, "a") is None


def test_what_others_can_write_to_is_not_read(place: Path, tmp_path: Path) -> None:
    disk_cache.keep("k", 1, "a", 1)
    place.chmod(0o770)
    assert disk_cache.recall("k", 1, "a") is None
    place.chmod(0o700)
    assert disk_cache.recall("k", 1, "a") == 1
    (place / "facts.sqlite").rename(tmp_path / "theirs")
    (place / "facts.sqlite").symlink_to(tmp_path / "theirs")
    assert disk_cache.recall("k", 1, "a") is None
    (place / "facts.sqlite").unlink()
    os.mkfifo(place / "facts.sqlite")  # whoever opens it waits for ever
    assert disk_cache.recall("k", 1, "a") is None
    disk_cache.keep("k", 1, "a", 1)


def test_another_run_that_writes_is_not_waited_for_long(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_cache, "_PATIENCE", 0.01)
    disk_cache.keep("k", 1, "a", 1)
    with sqlite3.connect(place / "facts.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert disk_cache.recall("k", 1, "a") is None
        disk_cache.keep("k", 1, "a", 2)
        other.execute("ROLLBACK")
    assert disk_cache.recall("k", 1, "a") == 1


def test_many_runs_at_once_leave_a_whole_file(place: Path) -> None:
    """Who cannot write for half a second goes on without."""
    code = """
import sys
from reviewer import disk_cache
for n in range(10):
    disk_cache.keep("k", 1, f"{sys.argv[1]} {n}", [n])
"""
    runs = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(4)]
    assert [run.wait() for run in runs] == [0, 0, 0, 0]
    found = {(r, n): disk_cache.recall("k", 1, f"{r} {n}")
             for r in range(4) for n in range(10)}  # fmt: skip
    kept = {key: value for key, value in found.items() if value is not None}
    assert kept == {(r, n): [n] for r, n in kept}
    assert len(kept) >= 10
    with sqlite3.connect(place / "facts.sqlite") as facts:
        assert facts.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_command_shows_and_removes_it(place: Path) -> None:
    def cache(*words: str) -> str:
        command = [sys.executable, "-m", "reviewer.cli", "cache", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    disk_cache.keep("k", 1, "a", "x" * (3 << 20))
    assert cache() == f"{place}: 3.0 MB\n"
    assert cache("--clear") == f"removed {place}: 3.0 MB\n"
    assert cache() == f"{place}: 0.0 MB\n"
