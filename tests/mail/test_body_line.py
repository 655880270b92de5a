# SPDX-License-Identifier: GPL-2.0-or-later
"""Line numbers into what was read: the file, with its From lines."""

from __future__ import annotations

import io

import pytest

from reviewer.mail import open_series

DIFF = "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int x;\n+long x;\n"
FROM = "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"
MBOXRD = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"


def mail(number=1, last=1):
    return (
        f"From: Nadia <n@example.org>\nSubject: [PATCH {number}/{last}] x:\n longer\n"
        f"Message-ID: <{number}@example.org>\n\nThe message.\n\n---\n{DIFF}"
    )


@pytest.mark.parametrize(
    "text",
    [
        mail(),
        FROM + mail(),
        MBOXRD + mail(),
        "\n\n" + mail(),
        DIFF,
        "\n" + DIFF,
        "Some words.\n\n" + DIFF,
        MBOXRD + mail(1, 3) + "\n" + MBOXRD + mail(2, 3) + "\n" + MBOXRD + mail(3, 3),
        FROM + mail(1, 2) + "-- \n2.39.5\n\n" + FROM + mail(2, 2) + "-- \n2.39.5\n\n",
        (MBOXRD + mail()).replace("\n", "\r\n"),
    ],
    ids=["mail", "git", "mboxrd", "blank", "diff", "blank-diff", "text", "three", "two",
         "crlf"],
)  # fmt: skip
def test_the_body_begins_where_it_says(text, tmp_path):
    """Each patch's body line by line, from its place in the file on."""
    (tmp_path / "x").write_text(text, newline="")
    lines = text.replace("\r\n", "\n").split("\n")
    sources = (
        open_series(str(tmp_path / "x")),
        open_series("-", stdin=io.BytesIO(text.encode())),
    )
    for series in sources:
        for patch in series.patches:
            body = patch.body.rstrip("\n").split("\n")
            start = patch.body_line - 1
            assert lines[start : start + len(body)] == body
