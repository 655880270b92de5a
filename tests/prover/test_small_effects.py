# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What a word alone does: it is not told to be nothing."""

from __future__ import annotations

import pytest

from tests.prover.one_pair import verdict_on

STRUCT = "struct s { int a; int b; };\n"
ROWS = {
    "fallthrough of the file's own": (
        "static int n;\n#define fallthrough (n++)\nint f(int x) { switch (x) "
        "{ case 1: x++; fallthrough; case 2: return x + n; } return n; }",
        "fallthrough;",
    ),
    "and between two statements": (
        "static int n;\n#define fallthrough n++\nint f(int x) "
        "{ n = x; fallthrough; return n; }",
        "fallthrough;",
    ),
    "a volatile struct by a pointer": (
        STRUCT + "void f(volatile struct s *p) { *p; }",
        "*p;",
    ),
    "one by its name": (
        STRUCT + "extern volatile struct s v; void f(void) { v; }",
        "v;",
    ),
    "as void": (STRUCT + "void f(volatile struct s *p) { (void)(*p); }", "(void)(*p);"),
    "an alignment": (
        "void g(void *); void f(void) { char b[4] __attribute__((aligned(64))); g(b); }",
        "__attribute__((aligned(64)))",
    ),
    "by a word": (
        "void g(void *); void f(void) { char b[4] __aligned(64); g(b); }",
        "__aligned(64)",
    ),
}


@pytest.mark.parametrize("title", ROWS)
def test_without_it_the_function_is_another(title: str) -> None:
    text, word = ROWS[title]
    assert verdict_on((text, text.replace(f" {word}", ""))).verdict != "equal"


@pytest.mark.parametrize("title", ROWS)
def test_with_it_on_both_sides_nothing_is_told_to_differ(title: str) -> None:
    text, _word = ROWS[title]
    edited = text.replace("{", "{ ;", 1) if "f(void) {" in text else text + " "
    assert verdict_on((text, edited)).verdict != "differs"


def test_the_kernels_own_fallthrough_does_nothing() -> None:
    text = "int f(int x) { switch (x) { case 1: x++; fallthrough; case 2: return x; } return 0; }"
    assert verdict_on((text, text.replace(" fallthrough;", ""))).verdict == "equal"
