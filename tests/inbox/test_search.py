# SPDX-License-Identifier: GPL-2.0-or-later
"""A search of a real archive, by b4's own functions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import evening

from reviewer.commands.inbox import query_of
from reviewer.errors import UsageError

TREE = evening.TREE[:2]  # without --offline


@pytest.fixture(scope="module")
def archive(new_inbox):
    """A public-inbox with an evening in it."""
    return new_inbox([*evening.two_versions(), evening.TALK, *evening.demo()])


def run(archive, *words: str):
    own = {name: archive.env[name] for name in archive.env if name.startswith("XDG_")}
    return evening.kpf(
        archive.home, "inbox", *words, *TREE,
        env=own | {n: archive.env[n] for n in ("no_proxy", "NO_PROXY")},
    )  # fmt: skip


def test_what_is_found_comes_with_its_threads_and_once(archive) -> None:
    first = run(archive, "--search", "s:kpageflags OR s:PATCH", "--format", "json")
    assert first.returncode == 1, first.stderr
    rows = json.loads(first.stdout)["series"]
    assert [row["title"] for row in rows] == [
        "kpageflags: follow the folio",
        evening.TITLE,
    ]
    second = rows[1]
    assert (second["version"], second["last"]["comments"]) == (2, 1)
    assert second["robots"] == {"sashiko-bot@kernel.org": 1}
    again = run(archive, "--search", "s:kpageflags OR s:PATCH")
    assert (again.returncode, again.stdout) == (0, "")
    late = evening.mail(
        "late", f"Re: [PATCH v2] {evening.TITLE}", "Hm?\n", parent="v2", day=12,
        sender=evening.MAX,
    )  # fmt: skip
    archive.add([late])
    new = run(archive, "--search", "s:kpageflags OR s:PATCH")
    assert len(new.stdout.splitlines()) == 1
    assert evening.TITLE in new.stdout


def test_a_search_for_a_file_and_one_for_nothing(archive) -> None:
    found = run(archive, "--search", "dfn:tools/mm/*", "--all")
    assert [line.split("  ")[0] for line in found.stdout.splitlines()]
    assert "kpageflags" in found.stdout
    assert evening.TITLE not in found.stdout
    nothing = run(archive, "--search", "s:nosuchword", "--since", "1d")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "0 series" in nothing.stderr


def test_an_archive_that_is_away_is_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    evening.environment(home)
    with (home / ".gitconfig").open("a") as file:
        file.write("[b4]\n\tmidmask = http://127.0.0.1:9/all/%s\n")
    done = evening.kpf(home, "inbox", "--search", "x", *TREE, env={"no_proxy": "*"})
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "no connection to the archive" in done.stderr
    assert os.listdir(home) == [".gitconfig"] or "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        (None, "s:x OR s:y"),
        ("1d", "(s:x OR s:y) AND rt:1.days.ago.."),
        ("12h", "(s:x OR s:y) AND rt:12.hours.ago.."),
        ("1y", "(s:x OR s:y) AND rt:1.years.ago.."),
        ("2w", "(s:x OR s:y) AND rt:2.weeks.ago.."),
        ("2026-11-28", "(s:x OR s:y) AND rt:20261128.."),
    ],
)
def test_an_age_in_the_words_of_public_inbox(since: str | None, asked: str) -> None:
    assert query_of("s:x OR s:y", since) == asked


@pytest.mark.parametrize(
    "since", ["", "yesterday", "1", "1x", "2026-1-1", "1d..", "-1d"]
)
def test_an_age_that_is_none(since: str) -> None:
    with pytest.raises(UsageError, match="12h, 1d, 2w"):
        query_of("x", since)
