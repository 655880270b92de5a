# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch in a reply: found, told from quotes, read from where it begins."""

from __future__ import annotations

import pytest

from reviewer.errors import NotAPatch
from reviewer.mail import series_from_messages

QUOTED = "On Monday, Nora Newcomer wrote:\n> -\tif (PageKsm(page))\n> +\tif (x)\n\n"
HEADER = (
    "From: Peter Programmer <peter@example.org>\n"
    "Subject: [PATCH] proc: another way\n\nWhy it is better.\n\n"
    "Signed-off-by: Peter Programmer <peter@example.org>\n---\n"
)
GIT_LINE = "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"


def reply(mails, text: str) -> list[bytes]:
    sender = "Max Maintainer <max@example.net>"
    answer = mails.mail(
        "c@kpf", "Re: [PATCH v2] mm: tidy", text, sender=sender, parent="single-2@kpf"
    )
    return [*mails.without_cover(), answer]


@pytest.mark.parametrize(
    ("above", "author", "title", "message"),
    [
        ("", "max@example.net", "mm: tidy", ""),
        (QUOTED, "max@example.net", "mm: tidy", ""),
        (QUOTED + "Rather:\n\n", "max@example.net", "mm: tidy", "Rather:\n"),
        (QUOTED + HEADER, "peter@example.org", "proc: another way", "Why it is"),
        (QUOTED + GIT_LINE + HEADER, "peter@example.org", "proc: another way", "Why"),
        (
            QUOTED + "I think:\n\n-- >8 --\n" + HEADER,
            "peter@example.org",
            "proc: another way",
            "Why it is better.\n",
        ),
        (
            QUOTED + "So:\n\n---8<---\nSubject: [PATCH] proc: only a title\n\nText.\n",
            "max@example.net",
            "proc: only a title",
            "Text.\n",
        ),
    ],
    ids=["bare", "quoted", "remark", "header", "git line", "scissors", "subject"],
)
def test_where_the_patch_begins(mails, above, author, title, message):
    raw = reply(mails, above + mails.DIFF + "\n> more\n\nWhat do others think?\n")
    series = series_from_messages(raw, wanted="c@kpf")
    (patch,) = series.patches
    assert patch.author.email == author
    assert patch.title == title
    assert patch.message.startswith(message)
    assert "PageKsm" not in patch.message
    assert patch.diff == mails.DIFF
    assert patch.headers.message_id == "c@kpf"
    assert any("Max Maintainer put into a reply" in note for note in series.notes)
    assert (series.expected, series.missing) == (1, ())


def test_it_is_listed_when_the_thread_is_reviewed(mails):
    series = series_from_messages(reply(mails, QUOTED + mails.DIFF), wanted=None)
    assert series.message_id == "single-2@kpf"
    assert [reply.has_diff for reply in series.replies] == [True]
    assert any("carries a patch: c@kpf" in note for note in series.notes)


@pytest.mark.parametrize(
    "text",
    [
        "> {}",
        "Try diff --git and look.\n",
        "--- a\n\nand\n\n+++ b\n",
        "> > {}",
    ],
)
def test_what_is_no_counter_patch(mails, text):
    quoted = "\n> ".join(mails.DIFF.splitlines())
    raw = reply(mails, text.replace("{}", quoted))
    series = series_from_messages(raw, wanted="c@kpf")
    assert series.message_id == "single-2@kpf"
    assert [reply.has_diff for reply in series.replies] == [False]
    with pytest.raises(NotAPatch):
        series_from_messages(raw[-1:])


def test_a_header_made_to_hurt_does_not_hang(mails):
    above = "Subject: x\n" + " a b \n" * 20_000 + "!\n"
    raw = reply(mails, QUOTED + above + mails.DIFF)
    assert series_from_messages(raw, wanted="c@kpf").patches[0].diff == mails.DIFF
