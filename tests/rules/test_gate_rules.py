# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch takes out of a header while code that it does not touch needs it."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from reviewer import engine, rulebook
from reviewer.models import Address, Headers, Patch, Series
from reviewer.output.words import worded
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += lib/\n",
    "Kconfig": 'mainmenu "Test"\n\nconfig TRACKING\n\tbool "Tracking"\n',
    "lib/Makefile": "obj-y += one.o\n",
    "include/linux/kernel.h": "",
    "include/linux/here.h": "enum bits {\n\tB_first,\n\tB_gone,\n};\n",
    "lib/one.c": "#include <linux/here.h>\n\nint one(void)\n{\n\treturn B_gone;\n}\n",
}
REMOVAL = """\
--- a/include/linux/here.h
+++ b/include/linux/here.h
@@ -1,4 +1,3 @@
 enum bits {
 \tB_first,
-\tB_gone,
 };
"""
USE = """\
--- a/lib/one.c
+++ b/lib/one.c
@@ -2,5 +2,5 @@

 int one(void)
 {
-\treturn B_gone;
+\treturn B_first;
 }
"""


def review(tmp_path: Path, *diffs: str, prefix: str = "PATCH"):
    for path, text in FILES.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    author = Address("Ann Author", "ann@example.org")
    patches = []
    for number, diff in enumerate(diffs, 1):
        headers = Headers(f"{number}@example.org", "[PATCH] one", "", author)
        patch = Patch(number, headers, author, "one", "", (), "", diff, diff)
        patches.append(replace(patch, subject_prefix=prefix))
    series = Series("1@example.org", "one", 1, tuple(patches), len(patches))
    rules = rulebook.choose(["undeclared-under-config"])
    with open_tree(tmp_path) as tree, apply_series(series, tree, base=None) as applied:
        outcome = engine.review(series, applied, rules)
    assert outcome.crashed == ()
    return worded(outcome.report).findings


def test_a_removed_enumerator_that_is_still_used(tmp_path: Path) -> None:
    (finding,) = review(tmp_path, REMOVAL)
    assert (finding.file, finding.line) == ("include/linux/here.h", 3)
    assert finding.removed_line
    assert finding.severity == "high"
    assert "lib/one.c:5" in finding.comment


def test_in_one_patch_it_is_fine(tmp_path: Path) -> None:
    assert review(tmp_path, REMOVAL + USE) == ()


def test_before_it_is_fine(tmp_path: Path) -> None:
    assert review(tmp_path, USE, REMOVAL) == ()


def test_afterwards_it_hurts_bisection(tmp_path: Path) -> None:
    (finding,) = review(tmp_path, REMOVAL, USE)
    assert finding.severity == "medium"
    assert "bisection" in finding.comment


def test_a_use_that_does_not_apply_may_be_gone(tmp_path: Path) -> None:
    assert review(tmp_path, REMOVAL + USE.replace("int one", "int another")) == ()


def test_a_use_may_be_gone_by_a_patch_that_is_not_here(tmp_path: Path) -> None:
    assert review(tmp_path, REMOVAL, prefix="PATCH 2/3") == ()
