# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunks that git does not apply go where they can only belong, or nowhere."""

from __future__ import annotations

import subprocess
import time

import pytest

from reviewer.models import FileDiff
from reviewer.patch.diff import parse_diff
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series
from reviewer.tree.near_hunks import Budget, Placed, Unplaced, with_hunks_placed

HEAD = "--- a/mm/x.c\n+++ b/mm/x.c\n"
FILE = "".join(f"\tstep_{number}();\n" for number in range(1, 41))


def diff_of(text: str) -> FileDiff:
    (diff,) = parse_diff(HEAD + text)
    return diff


def put(text: str, file: str = FILE, budget: int = 100_000) -> Placed:
    return with_hunks_placed(diff_of(text), file.encode(), Budget(budget))


def hunk(start: int, lines: str) -> str:
    rows = lines.split("\n")
    old = sum(row[:1] in " -" for row in rows)
    new = sum(row[:1] in " +" for row in rows)
    return f"@@ -{start},{old} +{start},{new} @@\n{lines}\n"


def around(number: int, change: str, differs: dict[int, str]) -> str:
    """A hunk with three lines of context about step_NUMBER, some of them others."""
    rows = []
    for near in range(number - 3, number + 4):
        if near == number:
            rows.append(change)
        else:
            rows.append(" " + differs.get(near, f"\tstep_{near}();"))
    return "\n".join(rows)


CHANGE = "-\tstep_20();\n+\tleap();"


@pytest.mark.parametrize(
    ("differs", "fuzz"),
    [
        ({17: "x"}, 1),
        ({23: "x"}, 1),
        ({17: "x", 23: "y"}, 1),
        ({18: "x"}, 2),
        ({17: "x", 18: "y", 22: "z", 23: "w"}, 2),
    ],
)
@pytest.mark.parametrize("start", [17, 3, 33], ids=["there", "above", "below"])
def test_context_at_the_ends_may_differ(differs, fuzz, start):
    found = put(hunk(start, around(20, CHANGE, differs)))
    assert found.fuzz == fuzz
    assert found.post.decode() == FILE.replace("step_20", "leap")


def test_context_next_to_the_change_may_not_differ():
    for near in (19, 21):
        with pytest.raises(Unplaced):
            put(hunk(17, around(20, CHANGE, {near: "x"})))


def test_what_is_taken_out_may_not_differ():
    with pytest.raises(Unplaced):
        put(hunk(17, around(20, "-\tstep_twenty();\n+\tleap();", {})))


def test_changes_of_one_hunk_are_looked_for_one_by_one():
    """The line between them is another one in the tree."""
    rows = (
        around(20, CHANGE, {})
        + "\n \told();\n"
        + around(28, "+\thop();\n \tstep_28();", {})
    )
    rows = rows.replace("\tstep_25();", "\tother();")
    found = put(hunk(17, rows))
    assert found.fuzz is None
    post = found.post.decode().splitlines()
    assert post[19] == "\tleap();"
    assert post.index("\thop();") == 27
    assert len(post) == 41


def test_lines_are_numbered_as_in_the_two_files():
    differs = {17: "\tother();"}
    text = hunk(3, around(20, CHANGE + "\n+\tland();", differs))
    text += hunk(30, around(35, "-\tstep_35();", {38: "\tother();"}))
    found = put(text)
    pre, post = FILE.splitlines(), found.post.decode().splitlines()
    numbered = 0
    for one in found.diff.hunks:
        for line in one.lines:
            if line.text == "\tother();":
                assert (line.old, line.new) == (None, None)
                continue
            if line.old is not None:
                assert pre[line.old - 1] == line.text
                numbered += 1
            if line.new is not None:
                assert post[line.new - 1] == line.text
    assert numbered == 6 + 6
    assert [h.old_start for h in found.diff.hunks] == [3, 30]  # as they state


TWICE = (
    "int {}(void)\n{{\n\tif (w & 1)\n\t\tn++;\n\tif (w & 2)\n\t\tn++;\n"
    "\treturn n;\n}}\n"
)
SISTERS = TWICE.format("one") + "\n" + TWICE.format("two")
IN_BOTH = " \t\tn++;\n \tif (w & 2)\n \t\tn++;\n+\tn += 2;\n \treturn n;\n }\n"


@pytest.mark.parametrize("start", [4, 13, 9, 40])
def test_nothing_goes_where_two_places_fit_alike(start):
    """As in the sister function: fuzz must not choose between the two."""
    with pytest.raises(Unplaced, match="more than one place: lines 7 and 16"):
        put(hunk(start, IN_BOTH + " int other;"), SISTERS)


def test_more_context_makes_a_place_the_better_one():
    rows = " {\n" + IN_BOTH.replace(" \t\tn++;\n", " \tif (w & 1)\n \t\tn++;\n", 1)
    file = SISTERS.replace("if (w & 1)", "if (w & 4)", 1)
    found = put(hunk(40, rows.rstrip("\n")), file)
    assert found.post.decode().splitlines()[15] == "\tn += 2;"


def test_a_sister_with_more_of_the_context_but_far_away_is_no_sure_place():
    """One line of context more is not enough against the place that is expected."""
    file = SISTERS.replace("\tif (w & 1)\n", "\tif (w & 8)\n", 1)
    text = IN_BOTH.replace(" \t\tn++;\n", " \tif (w & 1)\n \t\tn++;\n", 1)
    with pytest.raises(Unplaced, match="more than one place"):
        put(hunk(3, text + " int other;"), file)


def test_the_other_hunks_say_which_of_two_places_it_is():
    first = "@@ -10,3 +10,3 @@\n \n-int two(void)\n+int three(void)\n {\n"
    rows = hunk(13, IN_BOTH + " int other;")
    found = put(first + rows, SISTERS)
    assert found.post.decode().splitlines()[15] == "\tn += 2;"


def test_braces_alone_are_no_place():
    file = "int a(void)\n{\n}\n\nint b(void)\n{\n\treturn 1;\n}\n"
    with pytest.raises(Unplaced):
        put("@@ -2,2 +2,3 @@\n {\n+\tx();\n }\n", file)


def test_order_is_kept():
    text = hunk(27, around(30, "-\tstep_30();", {27: "x"}))
    text += hunk(35, around(10, "-\tstep_10();", {7: "x"}))
    with pytest.raises(Unplaced, match="out of order"):
        put(text)


def test_the_end_of_the_file_is_left_alone():
    text = "@@ -40 +40 @@\n-\tstep_40();\n+x\n\\ No newline at end of file\n"
    with pytest.raises(Unplaced, match="end of the file"):
        put(text)
    found = put(hunk(30, around(20, CHANGE, {17: "x"})), FILE.rstrip("\n"))
    assert not found.post.endswith(b"\n")


def test_work_is_bounded():
    """A thousand hunks whose every line is alike, in a file of such lines."""
    same = "\tcall(this);\n"
    rows = (" " + same) * 60 + "-\tnever();\n" + (" " + same) * 60
    text = "".join(hunk(9 + 130 * n, rows.rstrip("\n")) for n in range(1000))
    begun = time.process_time()
    with pytest.raises(Unplaced):
        put(text, same * 100_000, budget=200_000)
    few = hunk(9, ((" " + same) * 3 + "+\tnew();\n" + (" " + same) * 3).rstrip("\n"))
    with pytest.raises(Unplaced, match="too many"):
        put(few * 2, same * 90, budget=500)
    assert time.process_time() - begun < 5


def test_fuzz_is_that_of_gnu_patch(need, tmp_path):
    """What GNU patch does with the same hunks, where it is installed."""
    program = need("patch", "patch")
    for differs in ({}, {17: "x"}, {18: "x"}, {22: "x", 23: "y"}, {19: "x"}):
        text = hunk(11, around(20, CHANGE, differs))
        (tmp_path / "x.c").write_text(FILE)
        done = subprocess.run(
            [program, "-F2", "-s", "--posix", "x.c"],
            input=text.encode(), cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        try:
            ours = put(text).post
        except Unplaced:
            assert done.returncode != 0
        else:
            assert done.returncode == 0
            assert (tmp_path / "x.c").read_bytes() == ours


ABOUT_20 = " line 18\n line 19\n-line 20\n+LINE\n line 21\n line 22\n line 23"


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ('"b/mm/x\\ty.c"', "refused"),
        ("b/../x.c", "refused"),
        ("b/.git/x.c", "refused"),
        ("b/Makefile/x.c", ""),
        ("b/Kbuild", ""),
    ],
)
@pytest.mark.parametrize("context", ["line 17", "other"])
def test_a_name_that_is_refused_is_not_fitted_either(folder, series, new, why, context):
    bare = '"' + new[3:] if new.startswith('"') else new[2:]
    diff = (
        f"diff --git a/mm/page.c {new}\nsimilarity index 90%\n"
        f"rename from mm/page.c\nrename to {bare}\n--- a/mm/page.c\n+++ {new}\n"
        + hunk(17, f" {context}\n" + ABOUT_20)
    )
    before = set(folder.parent.rglob("*"))
    with open_tree(folder) as tree:
        (step,) = apply_series(series(diff), tree, base=None).patches
    assert (step.applied, step.nearly) == (False, False)
    assert all(change.post is None for change in step.changes)
    assert (step.changes[0].why or "").startswith(why)
    assert set(folder.parent.rglob("*")) == before


def test_a_rename_with_edits_is_fitted(folder, series):
    diff = (
        "diff --git a/mm/page.c b/mm/folio.c\nsimilarity index 90%\n"
        "rename from mm/page.c\nrename to mm/folio.c\n"
        "--- a/mm/page.c\n+++ b/mm/folio.c\n" + hunk(17, " other\n" + ABOUT_20)
    )
    with open_tree(folder) as tree:
        (step,) = apply_series(series(diff), tree, base=None).patches
    assert step.nearly
    assert not step.post_view.exists("mm/page.c")
    assert b"LINE\n" in step.post_view.read("mm/folio.c")
