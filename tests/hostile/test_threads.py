# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads whose every name, header and line is made to do harm, for what reads threads.

Nothing that is printed or written may hold what paints a terminal, ends a line or leads
out of a folder.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import growing_threads as threads
import pytest

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]"
)
NASTY = "\x1b]0;x\x07\x1b[31m\x9b2J\u202e\u200b{{ 7 * 191 }}<b>%s%n"
PATHS = (
    *("../../secret", "/etc/passwd", "-x", "mm/\x1b[31m.c", ".git/config", "a\tb"),
    "x" * 5000,
)
SAID = "".join(
    f"Is {path} right? See {path}:1 and {path}() in {path}, CONFIG_{path}.\n"
    for path in PATHS
)


def letter(number: int, subject: str, answers: str, text: str, by: str) -> str:
    """A mail with a value that does harm in each header."""
    return (
        f"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: {by}\nSubject: {subject}\n"
        f"Date: Mon, 4 Mar 2024 10:0{number}:00 +0000\x1b[1m\n"
        f"Message-Id: <-{number}../../x%0a@example.org>\nTo: {NASTY} <a@example.org>\n"
        f"In-Reply-To: <{answers}>\nReferences: <{answers}> <-x> <../..>\n"
        f'Cc: "{NASTY}" <{NASTY}@example.org>\n\n{text}\n'
    )


def thread() -> bytes:
    by = f"Mallory {NASTY} <mallory@example.org>"
    diff = threads.new_file("mm/grow.c", ["int x;", f"int y; /* {NASTY} */"])
    sign = f"{NASTY}\n\nSigned-off-by: {by}\n{NASTY}-by: {by}\n---\n"
    first = "-0../../x%0a@example.org"
    tag = f"Reviewed-by: Rita {NASTY} <r@e.org>"
    said = f"> +int x;\n{NASTY} This leaks.\n{SAID}\n{tag}\n"
    old = letter(0, f"[PATCH] mm: {NASTY}", "", sign + diff, by)
    answer = letter(
        1, f"Re: [PATCH] mm: {NASTY}", first, said, f"Rita {NASTY} <r@e.org>"
    )
    robot = letter(2, "Re: x", first, said, f"{NASTY} robot <lkp@intel.com>")
    new = letter(3, f"[PATCH v2] mm: {NASTY}", "", sign + diff.replace("x", "z"), by)
    return (old + answer + robot + new).encode()


def texts_of(value: object):
    if isinstance(value, dict):
        for one in value.items():
            yield from texts_of(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts_of(one)
    elif isinstance(value, str):
        yield value


WORDS = {
    "factcheck": ("factcheck", "BOX", "--all"),
    "factcheck json": ("factcheck", "BOX", "--all", "--format", "json"),
    "followup": ("followup", "BOX"),
    "followup json": ("followup", "BOX", "--format", "json"),
    "followup changelog": ("followup", "BOX", "--format", "changelog"),
    "inbox": ("inbox", "BOX", "--workers", "1", "--behaviour"),
    "inbox json": ("inbox", "BOX", "--workers", "1", "--format", "json", "--again"),
    "inbox pages": ("inbox", "BOX", "--workers", "1", "--all", "--html", "../out"),
    "report": ("report", "BOX", "--html", "../out/page.html", "--behaviour"),
    "review": ("BOX", "--preview", "--output", "../out"),
    "review mail": ("BOX", "--preview", "--format", "mail", "--info"),
    "batch": ("batch", "BOX", "--resume", "../out/results", "--workers", "1"),
    "behaviour": ("behaviour", "BOX"),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_thread_of_harm_is_only_text(name: str, world, here) -> None:
    box = world.mail(thread(), "thread.mbox")
    (world.top / "out").mkdir()
    before = world.files(without="home")
    words = [str(box) if word == "BOX" else word for word in WORDS[name]]
    tree = [] if name.startswith("followup") else ["--tree", str(world.tree)]
    status, shown, said = here(*words, *tree)
    assert status in (0, 1, 3), said
    assert "internal error" not in said
    assert "Traceback" not in said
    assert not UNSEEN.search(shown.decode()), UNSEEN.search(shown.decode())
    assert not UNSEEN.search(said), said
    assert b"1337" not in shown
    if "json" in name:
        for text in texts_of(json.loads(shown)):
            assert not UNSEEN.search(text), text
    after = world.files(without="home")
    for path in after.keys() - before.keys():
        assert path.startswith(str(world.top / "out")), path
        if after[path] != "folder":
            text = Path(path).read_text(errors="surrogateescape")
            assert not UNSEEN.search(text), (path, UNSEEN.search(text))
    assert before.items() <= after.items()
