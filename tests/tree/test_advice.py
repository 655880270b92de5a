# SPDX-License-Identifier: GPL-2.0-or-later
"""What does not apply: which hunks, why, and what to do next."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from reviewer.models import TreeInfo
from reviewer.tree import open_tree
from reviewer.tree.advice import MAINLINE, NEXT, what_to_do
from reviewer.tree.apply import apply_series

PAGE = "--- a/mm/page.c\n+++ b/mm/page.c\n"
LACKING = "0123456789abcdef0123456789abcdef01234567"


def hunk(at: int, *, wrong: str = "") -> str:
    head = f"@@ -{at - 1},3 +{at - 1},3 @@\n line {at - 1}\n"
    return f"{head}-{wrong or f'line {at}'}\n+x\n line {at + 1}\n"


def why(diff, folder, series) -> str:
    with open_tree(folder) as tree:
        (step,) = apply_series(series(diff), tree, base=None).patches
    (change,) = step.changes
    assert not change.applied
    return change.why


def test_every_hunk_that_fails_is_named(folder, series):
    diff = PAGE + hunk(5, wrong="five") + hunk(12) + hunk(20, wrong="twenty")
    assert why(diff, folder, series) == (
        '2 of 3 hunks do not apply: hunk 1: line 5 is "line 5", the patch expects '
        '"five"; hunk 3: line 20 is "line 20", the patch expects "twenty"'
    )


def test_lines_before_the_first_one_and_behind_the_last_one(folder, series):
    """A line number in a message is one of the file."""
    count = len((folder / "mm/page.c").read_text().splitlines())
    first = PAGE + "@@ -1,4 +1,3 @@\n gone\n-also gone\n line 1\n line 2\n"
    assert why(first, folder, series) == (
        "hunk 1 of 1 does not apply: nothing stands before line 1, the patch expects "
        '"gone"'
    )
    last = f"@@ -{count - 1},4 +{count - 1},3 @@\n line {count - 1}\n line {count}\n"
    assert why(f"{PAGE}{last}-gone\n also gone\n", folder, series) == (
        f"hunk 1 of 1 does not apply: the file has {count} lines, the hunk goes on to "
        f"{count + 1}"
    )


def test_of_many_hunks_a_few_are_told(folder, series):
    diff = PAGE + "".join(hunk(at, wrong=f"no {at}") for at in range(3, 35, 4))
    told = why(diff, folder, series)
    assert told.startswith("8 of 8 hunks do not apply: hunk 1: line 3 is")
    assert "; hunk 2: line 7 is" in told  # it is another file by now
    assert told.endswith("; and 6 more")
    part = why(diff + hunk(38), folder, series)
    assert part.startswith("8 of 9 hunks do not apply: hunk 1: line 3 is")
    assert part.endswith("; and 3 more")


def test_a_patch_that_the_tree_has_already(folder, series):
    diff = PAGE + hunk(5) + hunk(12)
    page = folder / "mm/page.c"
    before = page.read_text()
    page.write_text(before.replace("line 5\n", "x\n").replace("line 12\n", "x\n"))
    assert why(diff, folder, series) == "the file has it already"
    page.write_text(before.replace("line 5\n", "x\n").replace("line 12\n", "y\n"))
    assert why(diff, folder, series).startswith("2 of 2 hunks do not apply: hunk 1")
    page.write_text(before.replace("line 5\n", "x\n"))
    assert why(diff, folder, series).startswith("hunk 1 of 2 does not apply")


def test_a_new_file_that_the_tree_has_already(folder, series):
    diff = (
        "diff --git a/mm/new.c b/mm/new.c\nnew file mode 100644\n--- /dev/null\n"
        "+++ b/mm/new.c\n@@ -0,0 +1,2 @@\n+int x;\n+int y;\n"
    )
    new = folder / "mm/new.c"
    new.write_text("int x;\nint y;\n")
    assert why(diff, folder, series) == "the file has it already"
    new.write_text("int x;\nint z;\n")
    assert why(diff, folder, series) == "already in the tree"


@pytest.mark.parametrize(
    ("file", "mail", "said"),
    [
        (
            "\tif (x)\n\t\ty();\n",
            "        if (x)\n                y();\n",
            "tabs of the",
        ),
        ("if (x)\n\ty();\n", "if (x)\n        y();\n", "tabs of the file are spaces"),
        ("if (x)\r\n\ty();\r\n", "if (x)\n\ty();\n", "the file has CRLF"),
        ("if (x)\n\ty();\n", "if (x)\r\n\ty();\r\n", "the patch has CRLF"),
        ("if (x) \ny();\n", "if (x)\ny();\n", "lost blanks at the end"),
    ],
)
def test_white_space_is_called_by_its_name(folder, series, file, mail, said):
    (folder / "mm/page.c").write_bytes(file.encode())
    lines = mail.splitlines(keepends=True)
    diff = f"{PAGE}@@ -1,2 +1,3 @@\n {lines[0]} {lines[1]}+z\n"
    told = why(diff, folder, series)
    assert "white space" in told
    assert said in told


def advice(folder, given, *, base=None) -> str:
    with open_tree(folder) as tree:
        applied = apply_series(given, tree, base=base)
        return what_to_do(given, applied.info, tree)


WRONG = PAGE + hunk(5, wrong="five")


def test_without_a_tree(series):
    told = what_to_do(series(WRONG), TreeInfo("none", None, "none", None), None)
    assert "--tree DIR" in told
    assert "`git config --global kpf.tree DIR`" in told


def test_the_fetch_of_a_base_that_is_not_there(repo, series, git):
    given = series(WRONG, base_commit=LACKING)
    assert f"`git -C {repo} fetch {MAINLINE} {LACKING}`" in advice(repo, given)
    (patch,) = given.patches
    for_next = replace(patch, subject_prefix="PATCH -next v3")
    told = advice(repo, replace(given, patches=(for_next,)))
    assert f"fetch {NEXT} {LACKING}`" in told
    git("-C", repo, "remote", "add", "mm", "git://example.org/mm.git")
    assert f"`git -C {repo} fetch mm {LACKING}`" in advice(repo, given)
    short = series(WRONG, base_commit=LACKING[:12])
    assert f"`git -C {repo} fetch --all`" in advice(repo, short)


def test_the_command_is_fit_for_a_shell(repo, series, git):
    moved = repo.rename(repo.parent / "my $(tree)")
    told = advice(moved, series(WRONG, base_commit=LACKING))
    assert f"git -C '{moved}' fetch" in told


def test_a_folder_cannot_be_fetched_into(folder, series):
    told = advice(folder, series(WRONG, base_commit=LACKING))
    assert "name a repository that has it with --tree DIR" in told


def test_the_base_asked_for_and_no_base_at_all(repo, series):
    assert "leave --base out" in advice(repo, series(WRONG), base="main")
    given = series(WRONG)
    (patch,) = given.patches
    given = replace(given, patches=(replace(patch, subject_prefix="PATCH net v2"),))
    assert "(the subject says net)" in advice(repo, given)
