# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunks of a patch that does not apply are judged as far as they go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
MAIL = """\
Message-ID: <fragment@example.org>
From: Ann Author <ann@example.org>
Date: Mon, 4 Mar 2024 10:00:00 +0000
Subject: [PATCH] net: test

Text.

Signed-off-by: Ann Author <ann@example.org>
---
diff --git a/net/absent.c b/net/absent.c
index 1111111..2222222 100644
--- a/net/absent.c
+++ b/net/absent.c
@@ -{start},{old} +{start},{new} @@ static int test(void)
{lines}
"""


def found(lines: str, tmp_path: Path, start: int = 40) -> list[tuple[str, int, str]]:
    marked = lines.split("\n")
    old = sum(line[:1] in " -" for line in marked)
    new = sum(line[:1] in " +" for line in marked)
    text = MAIL.format(start=start, old=old, new=new, lines=lines)
    (tmp_path / "one.eml").write_text(text)
    done = subprocess.run(
        [
            sys.executable, "-m", "reviewer.cli", str(tmp_path / "one.eml"),
            "--tree", str(TOP / "reviewer/demo/tree"), "--format", "json",
            "--ignore", "submission-*",
        ],
        capture_output=True, cwd=TOP, env=dict(os.environ), check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert any(entry["file"] == "net/absent.c" for entry in report["not_checked"])
    return [(f["rule"], f["line"], f["confidence"]) for f in report["findings"]]


SLIP = "+\tif (flags & 2 == 2)\n+\t\treturn 1;"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (f" \tint flags = 0;\n{SLIP}\n \treturn 0;", 41),
        (f" static int test(int flags)\n {{\n{SLIP}", 42),
        (f" \t\tbreak;\n \t}}\n{SLIP}\n \treturn 0;\n }}", 42),
        (f"  * the end of a comment\n  */\n int test(int flags)\n {{\n{SLIP}", 44),
        (f" \tif (ready) {{\n{SLIP}\n \t}} else {{", 41),
    ],
    ids=["inside", "open", "closed", "comment", "else"],
)
def test_a_hunk_may_begin_and_end_anywhere(lines, line, tmp_path):
    assert ("mask-precedence", line, "proved") in found(lines, tmp_path)


def test_the_facts_of_the_tree_are_no_proof_for_another_version(tmp_path):
    lines = " \tu64 k = 0;\n+\tif (k & PG_lru)\n+\t\treturn 1;\n \treturn 0;"
    assert found(lines, tmp_path) == [("bit-number-as-mask", 41, "likely")]


def test_a_hunk_that_claims_a_far_line_is_left_alone(tmp_path):
    assert found(f" \tint flags = 0;\n{SLIP}", tmp_path, start=900_000_000) == []


def test_a_test_counts_with_all_its_lines(tmp_path):
    lines = " \tif (ready(flags) &&\n+\t    flags & 2 == 2)\n \t\treturn 0;"
    assert ("mask-precedence", 41, "proved") in found(lines, tmp_path)
    lines = " \tval =\n \t\t(x\n+\t\t [2] & 0xf0) >> 8;\n \treturn val;"
    assert [line for _, line, _ in found(lines, tmp_path)] == [41]


def test_what_the_hunk_had_before_is_not_said(tmp_path):
    lines = "-\tif (flags & 2 == 2 && a)\n+\tif (flags & 2 == 2 && b)\n \t\treturn 0;"
    assert found(lines, tmp_path) == []


def test_a_hunk_has_locals(tmp_path):
    lines = (
        " \tu64 map = 0;\n \tint i;\n+\tfor (i = 0; i < 40; i++)\n+\t\tmap |= 1 << i;"
    )
    assert ("shift-width", 43, "likely") in found(lines, tmp_path)
