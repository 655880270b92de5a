# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review factcheck``: what it shows, as text and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factcheck.conftest import answer, patch_mail, quote, written
from tests.factcheck.test_marks import FILLED, NEW, READY, SHOWN, THING, TREE, diff_of

TOP = Path(__file__).parents[2]
RITA = "Rita Reviewer <rita@example.org>"


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return written(TREE, tmp_path_factory.mktemp("linux"))


def run(
    tree: Path, mails: list[bytes], *words: str
) -> subprocess.CompletedProcess[str]:
    mbox = b"".join(
        b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mail + b"\n\n" for mail in mails
    )
    path = tree.parent / "x.mbox"
    path.write_bytes(mbox)
    command = [sys.executable, "-m", "reviewer.cli", "factcheck", str(path), *words]
    return subprocess.run(
        [*command, "--tree", str(tree)], capture_output=True, text=True, cwd=TOP
    )


def thread() -> list[bytes]:
    later = diff_of("drivers/bus/new.c", None, THING.replace("\tb->ready = 1;\n", ""))
    body = (
        "[Severity: High]\n"
        + SHOWN
        + "\n[Severity: Low]\nIs this early \x1b[31menough?\n"
    )
    return [
        patch_mail(NEW),
        answer(f"{quote(READY)}\n{body}"),
        answer(f"{quote(READY)}\nI like bus_mode() better.\n", sender=RITA),
        patch_mail(later, version=2),
    ]


def test_text_has_the_remark_the_mark_and_the_fact(tree) -> None:
    done = run(tree, thread())
    assert done.returncode == 1
    lines = done.stdout.split("\n")
    assert lines[:2] == ["[PATCH] fs: make it so", "looked at in 6.12.0"]
    assert lines[3] == "review-bot@example.net on 1/1"
    assert lines[4].startswith("<answer-")
    assert lines[6:9] == [
        "  1. (high) This is a pre-existing issue, but can this underflow?",
        "     - old code: that code is there before the series",
        "       drivers/bus/bus.c:62: return (b->raw - 1) * 255;",
    ]
    assert "gone in a later version: v2 has other lines there" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr.startswith("kpf-review: 3 remarks, 3 with a mark")


def test_whose_remarks_and_those_without_a_mark(tree) -> None:
    mails = thread()[:3]
    assert "Rita" not in run(tree, mails).stdout
    people = run(tree, mails, "--by", "people", "--all")
    assert people.returncode == 0
    assert "Rita Reviewer on 1/1" in people.stdout
    assert "I like bus_mode() better." in people.stdout
    assert "review-bot" not in people.stdout


def test_json_has_all_remarks_with_their_marks(tree) -> None:
    done = run(tree, thread(), "--format", "json")
    first, second = json.loads(done.stdout)["series"]
    assert (first["version"], second["version"]) == (1, 2)
    assert first["kernel"] == "6.12.0"
    old, gone, person = first["remarks"]
    assert (old["author"]["robot"], person["author"]["robot"]) == (True, False)
    (mark, _) = old["marks"]
    assert mark["kind"] == "old"
    assert mark["evidence"] == [
        {"file": "drivers/bus/bus.c", "line": 62, "text": "return (b->raw - 1) * 255;"}
    ]
    assert [one["kind"] for one in gone["marks"]] == ["gone"]
    assert "\x1b" not in json.loads(done.stdout)["series"][0]["remarks"][1]["text"]


def test_nothing_to_say_and_no_tree(tree, tmp_path) -> None:
    done = run(tree, [patch_mail(NEW)])
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("kpf-review: 0 remarks")
    mbox = tmp_path / "x.mbox"
    mbox.write_bytes(thread()[0])
    command = [
        sys.executable,
        "-m",
        "reviewer.cli",
        "factcheck",
        str(mbox),
        "--offline",
    ]
    alone = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(TOP)},
    )
    assert alone.returncode == 0
    assert "only the series was looked at" in alone.stderr


def test_a_mail_that_is_no_patch_is_one_clear_line(tree) -> None:
    done = run(tree, [answer("Hello?")])
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert FILLED not in done.stderr
