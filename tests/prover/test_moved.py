# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that a patch takes from one file to another."""

from __future__ import annotations

import json
import shutil
from difflib import unified_diff
from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.cli import main
from reviewer.prover.changes.moved_functions import moved_functions

KEPT = "int stays(int x)\n{\n\treturn x;\n}\n"
MOVED = "int capped(int x)\n{\n\tif (x > 7)\n\t\treturn 7;\n\treturn x;\n}\n"
REWRITTEN = "int capped(int x)\n{\n\treturn x < 7 ? x : 7;\n}\n"
OFF_BY_ONE = "int capped(int x)\n{\n\treturn x < 7 ? x : 8;\n}\n"


def patch(files: dict[str, tuple[str, str]]) -> str:
    """A mail that takes each file from one text to another; "" is no file."""
    diffs = []
    for path, (old, new) in files.items():
        names = [
            f"a/{path}" if old else "/dev/null",
            f"b/{path}" if new else "/dev/null",
        ]
        mode = "" if old and new else "new file mode 100644\n"
        if not new:
            mode = "deleted file mode 100644\n"
        diffs.append(f"diff --git a/{path} b/{path}\n{mode}")
        diffs += unified_diff(old.splitlines(True), new.splitlines(True), *names)
    return (
        "From: Ann Author <ann@example.org>\nDate: Mon, 4 Mar 2024 10:00:00 +0000\n"
        "Subject: [PATCH] mm: move capped()\nMessage-ID: <move@example.org>\n\n"
        "It is used elsewhere.\n\nSigned-off-by: Ann Author <ann@example.org>\n---\n"
        + "".join(diffs)
    )


@pytest.fixture
def compare(tmp_path: Path, pytestconfig, capsys):
    """compare(before, after): the verdicts on a series that makes the one the other."""
    tree = tmp_path / "tree"
    shutil.copytree(pytestconfig.rootpath / "reviewer/demo/tree", tree)

    def run(files: dict[str, tuple[str, str]]) -> dict[str, dict]:
        for path, (old, _new) in files.items():
            if old:
                (tree / path).write_text(old)
        mail = tmp_path / "move.patch"
        mail.write_text(patch(files))
        main(["behaviour", str(mail), "--tree", str(tree), "--format=json"])
        data = json.loads(capsys.readouterr().out)
        return {function["name"]: function for function in data["functions"]}

    return run


@pytest.mark.parametrize("whole", [True, False], ids=["file goes", "file stays"])
@pytest.mark.parametrize(
    ("text", "verdict"),
    [(MOVED, "equal"), (REWRITTEN, "equal"), (OFF_BY_ONE, "differs")],
    ids=["as it was", "rewritten", "with another limit"],
)
def test_it_is_compared_with_what_it_was(compare, whole, text, verdict):
    rest = "" if whole else KEPT
    found = compare({"mm/old.c": (rest + MOVED, rest), "mm/new.c": ("", text)})
    assert found.keys() == {"capped"}
    assert found["capped"]["verdict"] == verdict
    assert found["capped"]["file"] == "mm/new.c"
    assert found["capped"]["before_file"] == "mm/old.c"


def test_of_two_that_are_gone_none_is_taken():
    one, two, new = (parse(f"mm/{n}.c", MOVED.encode()) for n in ("one", "two", "new"))
    assert moved_functions([(one, None), (two, None), (None, new)]) == []
    assert moved_functions([(one, None), (None, new)]) == [(one, new, "capped")]


def test_a_header_that_comes_is_seen_by_who_asks_for_it(compare):
    text = (
        '#if __has_include("y.h")\n#define L 5\n#else\n#define L 6\n#endif\n'
        "int f(int x)\n{\n\treturn x > L;\n}\n"
    )
    after = text.replace("return x > L", "return L < x")
    found = compare({"mm/x.c": (text, after)})
    assert found["f"]["verdict"] == "equal"
    found = compare({"mm/x.c": (text, after), "mm/y.h": ("", "int y;\n")})
    assert found["f"]["verdict"] != "equal"
