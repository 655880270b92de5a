# SPDX-License-Identifier: GPL-2.0-or-later
"""A question that a rule drops is told: one line for the rule and the file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import reviewer
from reviewer.doubts import gathered, give_up, reasons_in_a_line

TOP = Path(reviewer.__file__).parent.parent


def test_what_is_dropped_is_gathered_and_by_nobody_else():
    give_up("nobody listens")
    with gathered() as outer:
        give_up("a")
        with gathered() as inner:
            give_up("b")
        give_up("a")
    assert (outer, inner) == (Counter(a=2), Counter(b=1))


def test_the_line():
    assert reasons_in_a_line(Counter(a=1)) == "a question left open: a"
    assert reasons_in_a_line(Counter(a=1, b=3)) == "4 questions left open: b; a"
    assert reasons_in_a_line(Counter("aabcd")).endswith("a; b; and 2 more reasons")


FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += mm/\n",
    "Kconfig": 'config SMALL\n\tbool "small"\n',
    "mm/Makefile": "obj-y += a.o\n",
    "include/linux/a.h": "#if defined(CONFIG_SMALL) || defined(__clang__)\n"
    "#define A_MOST 4\n#define A_LEAST 1\n#endif\n",
    "mm/a.c": "#include <linux/a.h>\nint f(void)\n{\n\treturn 0;\n}\n",
}
PATCH = """\
From: A <a@example.org>
Subject: [PATCH] mm: use them
Message-ID: <a@example.org>

Why.

Signed-off-by: A <a@example.org>
---
diff --git a/mm/a.c b/mm/a.c
--- a/mm/a.c
+++ b/mm/a.c
@@ -2,4 +2,4 @@
 int f(void)
 {
-\treturn 0;
+\treturn A_MOST + A_LEAST;
 }
"""


def not_checked(folder: Path, files: dict[str, str]) -> list[dict[str, str]]:
    for name, text in files.items():
        place = folder / "linux" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (folder / "x.eml").write_text(PATCH)
    words = ["--tree", folder / "linux", "--format", "json", "--offline"]
    words += ["--select", "undeclared-under-config"]
    done = subprocess.run(
        [sys.executable, "-m", "reviewer.cli", folder / "x.eml", *words],
        cwd=TOP,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    listed: list[dict[str, str]] = json.loads(done.stdout)["not_checked"]
    return listed


def test_what_the_compiler_decides_is_told_in_one_line(tmp_path):
    (missed,) = not_checked(tmp_path, FILES)
    assert missed["what"] == "mm/a.c: undeclared-under-config"
    assert missed["why"].startswith("2 questions left open: no option decides on ")
    assert "__clang__" in missed["why"]


def test_a_guard_of_the_name_itself_leaves_nothing_open(tmp_path):
    """Where it is not taken a macro of that name stands before it: readl() of
    asm-generic/io.h, div_s64() of linux/math64.h."""
    guarded = (
        "#ifndef A_MOST\n#define A_MOST 4\n#endif\n"
        "#ifdef CONFIG_SMALL\n#ifndef A_LEAST\n#define A_LEAST 1\n#endif\n"
        "#else\n#define A_LEAST 2\n#endif\n"
    )
    assert not_checked(tmp_path, {**FILES, "include/linux/a.h": guarded}) == []
