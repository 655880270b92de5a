# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that is there once for each setting of an option."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict

TEXT = """#ifdef {0}
int f(int x) {{ return {1}; }}
#else
int f(int x) {{ return {2}; }}
#endif
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (("CONFIG_A", "x + x", "0"), ("CONFIG_A", "2 * x", "x - x"), Verdict.EQUAL),
        (("CONFIG_A", "x", "0"), ("CONFIG_A", "x", "1"), Verdict.NOT_DECIDED),
        (("CONFIG_A", "x", "0"), ("CONFIG_B", "x", "0"), Verdict.NOT_DECIDED),
        (("FAST", "x", "0"), ("FAST", "x", "0"), Verdict.NOT_DECIDED),
    ],
)
def test_each_version_is_compared_with_that_under_the_same_options(
    old: tuple[str, str, str], new: tuple[str, str, str], told: Verdict
) -> None:
    one, two = (parse("a.c", TEXT.format(*side).encode()) for side in (old, new))
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is told
