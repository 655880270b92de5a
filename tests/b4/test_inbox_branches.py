# SPDX-License-Identifier: GPL-2.0-or-later
"""The review branches of b4 as an inbox, and our comments ready in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.b4 import branches

CHANGE = "20240304-folio"
NAME = f"{branches.PREFIX}{CHANGE}"
ID = "20240304100500.1-{}-nadia@example.org"


@pytest.fixture
def lab(new_lab, mails):
    """A review branch as b4 makes it, HEAD on main."""
    lab = new_lab(wired=False)
    lab.git("checkout", "-q", "-b", NAME)
    for one in mails[1:]:
        lab.git("am", "-q", stdin=one)
    track(lab, {})
    lab.git("checkout", "-q", "main")
    return lab


def track(lab, more, *, amend=False) -> None:
    """The tracking commit at the tip of the branch that is checked out."""
    first = lab.git("rev-parse", "HEAD~2" if amend else "HEAD~1").strip()
    series = {
        "change-id": CHANGE,
        "first-patch-commit": first,
        "revision": 3,
        "subject": "[PATCH v3 0/2] kpageflags: follow the folio",
        "header-info": {"msgid": ID.format(0)},
    }
    record = {
        "series": series | more,
        "patches": [{"header-info": {"msgid": ID.format(n)}} for n in (1, 2)],
    }
    message = f"cover\n\n{branches.MARKER}\n{json.dumps(record)}"
    words = ["--amend"] if amend else []
    lab.git("commit", "-q", *words, "--allow-empty", "-m", message)


def listed(lab, *words, status=1) -> list[dict]:
    out = lab.kpf("inbox", "--branches", "--format", "json", *words, status=status)
    return json.loads(out)["series"]


def waiting(lab) -> list[str]:
    home = lab.repo / ".git/b4-review"
    return [entry.name for entry in home.iterdir()] if home.is_dir() else []


def test_a_branch_without_its_mails_is_listed_and_gets_our_comments(lab):
    (row,) = listed(lab, "--agent")
    said = lab.stderr
    assert row["title"] == "kpageflags: follow the folio"
    assert row["subject"] == "[PATCH v3 0/2] kpageflags: follow the folio"
    assert (row["version"], row["change_id"]) == (3, CHANGE)
    assert row["message_id"] == ID.format(0)
    assert row["remarks"]["high"] == 2
    assert waiting(lab) == [lab.git("rev-parse", NAME).strip()]
    assert f"{NAME}: remarks on 1 of 2 patches" in said
    assert listed(lab, status=0) == []


def test_a_branch_whose_thread_b4_keeps_is_read_from_the_mails(lab, mails):
    thread = b"".join(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + m for m in mails)
    robot = (
        b"From: sashiko-bot@kernel.org\nSubject: Re: [PATCH v3 1/2] x\n"
        b"Message-ID: <r@kernel.org>\nIn-Reply-To: <"
        + ID.format(1).encode()
        + b">\n\nThis may crash.\n"
    )
    thread += b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + robot
    blob = lab.git("hash-object", "-w", "--stdin", stdin=thread).strip()
    lab.git("checkout", "-q", NAME)
    track(lab, {"thread-blob": blob}, amend=True)
    lab.git("checkout", "-q", "main")
    (row,) = listed(lab)
    assert row["title"] == "kpageflags: follow the folio"
    assert row["robots"] == {"sashiko-bot@kernel.org": 1}
    assert row["applies"]["exact"] == 2


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "only fetched"])
def test_a_mark_on_what_a_robot_said_stands_below_its_line(lab, mails, kept: bool):
    quoted = b"> +\tif (mapping & PAGE_MAPPING_KSM)\n"
    said = b"There is no stable_page_flags() in this tree.\n"
    robot = (
        b"From: sashiko-bot@kernel.org\nSubject: Re: [PATCH v3 1/2] x\n"
        b"Message-ID: <r@kernel.org>\nIn-Reply-To: <"
        + ID.format(1).encode()
        + b">\n\n"
        + quoted
        + b"\n"
        + said
    )
    head = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
    thread = b"".join(head + one for one in (*mails, robot))
    if kept:
        blob = lab.git("hash-object", "-w", "--stdin", stdin=thread).strip()
        lab.git("checkout", "-q", NAME)
        track(lab, {"thread-blob": blob}, amend=True)
        lab.git("checkout", "-q", "main")
    else:
        cache = Path(lab.env["XDG_CACHE_HOME"]) / "b4/lore"
        cache.mkdir(parents=True)
        (cache / "x.lore.cache").write_bytes(thread)
    lab.kpf("agent", "--branch", CHANGE)
    (tip,) = waiting(lab)
    text = (lab.repo / ".git/b4-review" / tip / "0001.txt").read_text()
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if "To the remark of sashiko" in line)
    above = next(line for line in reversed(lines[:at]) if line.startswith("> "))
    assert above.endswith("if (mapping & PAGE_MAPPING_KSM)")
    assert "stable_page_flags" in "\n".join(lines[at : at + 6])
    assert "fs/proc/page.c:" in "\n".join(lines[at : at + 6])


def test_a_branch_that_is_none_is_said(lab):
    lab.git("branch", f"{branches.PREFIX}other", "main")
    (row,) = listed(lab, status=3)
    assert row["change_id"] == CHANGE
    assert "b4/review/other: its tip is no tracking commit of b4" in lab.stderr


def test_outside_of_a_repository_there_are_none(lab, tmp_path):
    lab.kpf("inbox", "--branches", cwd=tmp_path, status=2)
    assert "no repository" in lab.stderr
