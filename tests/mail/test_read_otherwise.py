# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a mail is read otherwise than by git: what .github/SECURITY.md lists.

Each with git's own reading beside it, so that a git that changes its mind is noticed.
A reply with a patch, quoted CRLF and a leading ``---`` are in test_counter_patch.py and
test_parse.py.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewer.errors import InputError
from reviewer.mail import open_series
from reviewer.patch.diff import parse_diff

DIFF = (
    "diff --git a/mm/x.c b/mm/x.c\n--- a/mm/x.c\n+++ b/mm/x.c\n"
    "@@ -1 +1 @@\n-int a;\n+int b;\n"
)
HEAD = (
    "From: Nora <nora@example.org>\nSubject: [PATCH] mm: x\n"
    "Message-Id: <x@example.org>\nDate: Mon, 4 Mar 2024 10:05:00 +0000\n"
)


def mailinfo(data: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    words = ["git", "mailinfo", "message", "patch"]
    return subprocess.run(
        words, input=data, capture_output=True, cwd=folder, check=False
    )


def read(data: bytes, folder: Path):
    place = folder / "mail"
    place.write_bytes(data)
    return open_series(str(place))


def test_of_a_charset_that_does_not_exist_the_bytes_are_kept(tmp_path: Path) -> None:
    kind = "Content-Type: text/plain; charset=no-such-thing\n"
    data = f"{HEAD}{kind}\nCaf".encode() + b"\xe9.\n---\n" + DIFF.encode()
    assert mailinfo(data, tmp_path).returncode
    (patch,) = read(data, tmp_path).patches
    assert patch.message == "Caf\udce9.\n"
    assert "+int b;" in patch.diff


def test_broken_data_of_a_binary_file_is_refused() -> None:
    binary = (
        "diff --git a/x.png b/x.png\nindex 1234567..89abcde 100644\nGIT binary patch\n"
        f"literal 99\nzcmZzzzz\n\n{DIFF}"
    )
    done = subprocess.run(
        ["git", "apply", "--numstat", "-"],
        input=binary.encode(),
        capture_output=True,
        check=False,
    )
    assert b"mm/x.c" not in done.stdout
    with pytest.raises(InputError, match="binary"):
        parse_diff(binary)


def test_text_without_a_header_keeps_lines_that_look_like_one(tmp_path: Path) -> None:
    text = f"note: this is text\n\nReason: none.\n---\n{DIFF}"
    mailinfo(text.encode(), tmp_path)
    assert b"note: this" not in (tmp_path / "message").read_bytes()
    (patch,) = read(text.encode(), tmp_path).patches
    assert "note: this is text\n" in patch.message + patch.body


FROM = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
OF_GIT = f"From {'1' * 40} Mon Sep 17 00:00:00 2001\n"


@pytest.mark.parametrize(("separator", "shown"), [(FROM, "From"), (OF_GIT, ">From")])
def test_from_in_a_mailbox(separator: str, shown: str, tmp_path: Path) -> None:
    """git format-patch does not quote; whoever writes mboxrd does."""
    text = f"{separator}{HEAD}\n>From here on.\n---\n{DIFF}"
    (patch,) = read(text.encode(), tmp_path).patches
    assert patch.message == f"{shown} here on.\n"
