# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about a few files of two kernels is what was said before.

Whoever changes a verdict on purpose runs ``python tests/bench/golden.py small`` and
explains the line in the commit; the larger sections are compared by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP / "tests/bench"))

import golden  # noqa: E402


def test_verdicts_of_a_few_files_are_those_that_were_frozen(
    linux_6_1: Path, linux_6_12: Path
) -> None:
    """In a process of its own, as the script is run."""
    assert linux_6_1.parent == linux_6_12.parent
    done = subprocess.run(
        [sys.executable, TOP / "tests/bench/golden.py", "compare", "small"],
        env={**os.environ, "KPF_TREES": str(linux_6_1.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_line_is_shown_and_one_of_the_clock_is_not() -> None:
    old = ["a.c\tf\tequal\t-", "a.c\tg\tdiffers\t-", "a.c\th\tnot decided\ttime"]
    new = ["a.c\tf\tdiffers\t-", "a.c\tg\tdiffers\t-", "a.c\th\tequal\t-"]
    gone, came, aside = golden.changed(old, new)
    assert gone == ["a.c\tf\tequal\t-"]
    assert came == ["a.c\tf\tdiffers\t-"]
    assert aside == 2


def test_a_reason_is_told_without_the_names_of_the_code() -> None:
    assert golden.reason("foo_bar() is on one side only") == "one side only"
    assert golden.reason("the solver: canceled") == golden.TIME
    one = golden.reason("jump back to label retry of `foo`")
    assert one == golden.reason("jump back to label again of `bar_baz`")
