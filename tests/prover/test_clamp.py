# SPDX-License-Identifier: GPL-2.0-or-later
"""clamp() and its kin (include/linux/minmax.h), which gcc has shown to be so."""

from __future__ import annotations

import pytest

from tests.prover.one_pair import verdict_on

TYPES = "typedef unsigned char u8;\n"
FUNCTION = "int f(int x, int y, unsigned int u, u8 b) {{ return {}; }}"
EQUAL = [
    ("clamp(x, 0, 10)", "max(min(x, 10), 0)"),
    ("clamp(x, 0, 10)", "x < 0 ? 0 : x > 10 ? 10 : x"),
    ("clamp(u, 1u, 10u)", "min(max(u, 1u), 10u)"),
    ("clamp(x, y, 10)", "x >= 10 ? 10 : x <= y ? y : x"),
    ("clamp_t(u8, x, 0, 10)", "(u8)x > 10 ? 10 : (u8)x"),
    ("clamp_val(b, 0, 300)", "min(b, 44)"),
    ("clamp_val(u, 1, 10)", "clamp_t(unsigned int, u, 1, 10)"),
]
DIFFERS = [
    ("clamp(x, y, 10)", "max(min(x, 10), y)"),  # where y > 10
    ("clamp_t(u8, x, 0, 10)", "clamp(x, 0, 10)"),
    ("clamp_val(b, 0, 300)", "clamp_t(int, b, 0, 300)"),
    ("clamp(x, 0, 10)", "clamp(x, 0, 11)"),
]


@pytest.mark.parametrize("pair", EQUAL)
def test_the_same_written_in_another_way(pair: tuple[str, str]) -> None:
    assert verdict_on(TYPES + FUNCTION.format(one) for one in pair).verdict == "equal"


@pytest.mark.parametrize("pair", DIFFERS)
def test_another_value(pair: tuple[str, str]) -> None:
    assert verdict_on(TYPES + FUNCTION.format(one) for one in pair).verdict == "differs"


def test_a_value_is_evaluated_once() -> None:
    text = "int g(void); int f(void) {{ return {}; }}"
    pair = ("clamp(g(), 0, 9)", "({ int v = g(); v < 0 ? 0 : v > 9 ? 9 : v; })")
    assert verdict_on(text.format(one) for one in pair).verdict == "equal"
