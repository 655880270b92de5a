# SPDX-License-Identifier: GPL-2.0-or-later
"""Types that mean something in one function alone, arrays that do not look it, and
what hangs on the frame of a function: all that the solver is asked about, too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import HEAD, F

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView

LOOP, AGAIN = "while (x--) say(x); ", "for (; x--;) say(x); "
ROW = "typedef int row_t[4];"
KEPT = "void hold(const void *p); struct z { int m, n; };"
PAIRS = {
    "a struct of its own": (
        F + "{ struct loc { int a, b; } *q; struct loc *r = any(p); q = 0; " + LOOP
        + "say(r->b); return 0; }",
        "static int g(struct d *p, int x) { struct loc { int b, a; } *q;"
        " struct loc *r = any(p); q = 0; " + LOOP + "say(r->b); return 0; }"
        + F + "{ return g(p, x); }"),
    "a struct that hides another one": (
        KEPT + F + "{ struct z { int n, m; } *k; struct z *r = any(p); k = 0;"
        " say(r->n); return 0; }",
        KEPT + "static void g(struct d *p) { struct z *r = any(p); say(r->n); }"
        + F + "{ struct z { int n, m; } *k; k = 0; g(p); return 0; }"),
    "two arrays of one type": (
        ROW + F + "{ row_t r, t; fill(r); fill(t); " + LOOP + "say(r[0]); return 0; }",
        ROW + F + "{ row_t r, t; fill(r); fill(t); " + AGAIN
        + "say(t[0]); return 0; }"),
    "who called": (
        KEPT + F + "{ say(x); hold(__builtin_return_address(0)); return 0; }",
        KEPT + "static void g(void) { hold(__builtin_return_address(0)); }"
        + F + "{ say(x); g(); return 0; }"),
    "memory of the frame": (
        KEPT + F + "{ hold(__builtin_alloca(64)); say(x); return 0; }",
        KEPT + "static void g(void) { hold(__builtin_alloca(64)); }"
        + F + "{ g(); say(x); return 0; }"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), PAIRS.values(), ids=PAIRS.keys())
def test_what_is_of_one_function_is_not_the_same(old: str, new: str) -> None:
    facts = Facts(EmptyView())
    for texts in ((old, new), (new, old)):
        one, two = (parse("mm/x.c", (HEAD + text).encode()) for text in texts)
        found = compare_functions(one, two, facts, facts, "f", conditions=True)[0]
        assert found.verdict is not Verdict.EQUAL, found
