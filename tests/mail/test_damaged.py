# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that git reads otherwise than they are meant: said, with the reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.mail import series_from_messages
from reviewer.patch.diff import parse_diff

TOP = Path(__file__).parents[2]
TAIL = "Signed-off-by: Nora Newcomer <nora@example.org>\n---\n"


def series(mails, body):
    return series_from_messages([mails.mail("a@kpf", "[PATCH] x", body)])


@pytest.mark.parametrize(
    "quoted",
    [
        "diff --git a/mm/x.c b/mm/x.c\n",
        "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n",
        "Index: mm/x.c\n",
        "diff -u old new\n",
    ],
)
def test_a_diff_in_the_message_ends_it(mails, quoted):
    body = f"As seen in\n\n{quoted}\nand so on.\n\n{TAIL}\n{mails.DIFF}"
    read = series(mails, body)
    assert read.patches[0].trailers == ()  # git has none either
    (item,) = read.left_out
    assert item.what == "patch: its message"
    assert quoted.split("\n")[0] in item.why
    assert "Signed-off-by with it: indent it" in item.why
    assert item.why in read.notes[0]


def test_an_indented_one_and_words_do_not(mails):
    words = " diff --git a/x b/x\n\ndiff between the two, and\nIndex: is a word.\n"
    read = series(mails, f"As seen in\n\n{words[:-20]}\n\n{TAIL}\n{mails.DIFF}")
    assert not read.left_out
    assert read.patches[0].trailers


def without_prefix(diff: str) -> str:
    return diff.replace(" a/", " ").replace(" b/", " ")


NEW = (
    "diff --git a/mm/new.c b/mm/new.c\nnew file mode 100644\nindex 0000000..5626abf\n"
    "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+one\n"
)
RENAME = (
    "diff --git a/mm/a.c b/mm/b.c\nsimilarity index 100%\n"
    "rename from mm/a.c\nrename to mm/b.c\n"
)
TOP_LEVEL = (
    "diff --git a/Makefile b/Makefile\nindex 5626abf..814f4a4 100644\n"
    "--- a/Makefile\n+++ b/Makefile\n@@ -1 +1 @@\n-one\n+two\n"
)


@pytest.mark.parametrize("pieces", [(0,), (0, 1), (0, 2), (3,), (1,), (0, 1, 2, 3)])
def test_no_prefix(mails, pieces):
    every = (mails.DIFF, NEW, RENAME, TOP_LEVEL)
    diff = "".join(every[n] for n in pieces)
    assert _names(without_prefix(diff)) == _names(diff)
    read = series(mails, f"M.\n\n{TAIL}\n{without_prefix(diff)}")
    assert any("--no-prefix" in note for note in read.notes)
    assert not series(mails, f"M.\n\n{TAIL}\n{diff}").notes


def _names(diff):
    return [(file.old_path, file.new_path) for file in parse_diff(diff)]


def test_no_prefix_without_a_git_header(mails):
    diff = mails.DIFF.split("\n", 2)[2]
    assert _names(without_prefix(diff)) == [("fs/proc/page.c", "fs/proc/page.c")]
    assert _names(diff) == [("fs/proc/page.c", "fs/proc/page.c")]


@pytest.mark.parametrize("prefix", ["b/", "linux-6.12/", "i/", "old/"])
def test_two_names_with_one_prefix_have_one(mails, prefix):
    diff = mails.DIFF.replace("a/fs", f"{prefix}fs").replace(" b/fs", f" {prefix}fs")
    assert _names(diff) == [("fs/proc/page.c", "fs/proc/page.c")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (" b/fs/proc/page.c\nindex", "\nb/fs/proc/page.c\nindex", "lacks filename"),
        ("\tif (folio_test_ksm", "\tif\n(folio_test_ksm", "corrupt patch"),
    ],
)
def test_a_wrapped_line(mails, tmp_path, old, new, said):
    """In a reply, as a counter patch."""
    text = "I would rather do\n\n" + mails.DIFF.replace(old, new, 1)
    mail = mails.mail("r@kpf", "Re: [PATCH] x", text, sender="Max <max@example.net>")
    (tmp_path / "x.eml").write_bytes(mail)
    done = subprocess.run(
        [sys.executable, "-m", "reviewer.cli", str(tmp_path / "x.eml"), "--offline"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert "was a long line wrapped on its way?" in done.stderr
    assert "the patch that Max put into a reply" in done.stderr
