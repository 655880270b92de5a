# SPDX-License-Identifier: GPL-2.0-or-later
"""That a function of the file is called is nothing that others see by itself."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits

PRELUDE = """struct s { int a, b; };
static int g;
extern void sink(int);
static void set(struct s *p) { p->a = 1; }
static void nothing(struct s *p) { }
static void keep(int v) { g = v; }
static void low(int v) { g = v & 1; }
static void tell(int v) { sink(v); }
static void through(struct s *p) { set(p); }
static void loop(int v) { while (v > 1) v -= 2; g = v; }
int *writer(void) { return &g; }
"""
EQUAL, DIFFERS, OPEN = "equal", "differs", "not decided"
CASES = {
    "what is set twice": ("set(p); set(p);", "set(p);", EQUAL),
    "what is set and overwritten": ("set(p); p->a = 2;", "p->a = 2;", EQUAL),
    "set where it is so already": ("if (p->a != 1) set(p);", "set(p);", EQUAL),
    "a function of another": ("through(p); through(p);", "through(p);", EQUAL),
    "a function that does nothing": ("nothing(p);", "", EQUAL),
    "the last one counts": ("keep(1); keep(x);", "keep(x);", EQUAL),
    "the same bits of another number": ("low(x & 1);", "low(x);", EQUAL),
    "other bits": ("keep(x & 1);", "keep(x);", DIFFERS),
    "it tells others": ("tell(x); tell(x);", "tell(x);", DIFFERS),
    "it is no longer set": ("set(p);", "", DIFFERS),
    "a loop that ends the same": ("loop(x & 1);", "loop(x & 3);", OPEN),
    "a loop twice": ("loop(x); loop(x);", "loop(x);", OPEN),
    "others are called more often": ("sink(x); sink(x);", "sink(x);", DIFFERS),
}


@pytest.mark.parametrize("title", CASES)
def test_what_a_call_does_counts_and_not_the_call(title: str) -> None:
    *bodies, wanted = CASES[title]
    sides = [
        parse("mm/x.c", f"{PRELUDE}int f(struct s *p, int x) {{ {body} return 0; }}\n"
              .encode())
        for body in bodies
    ]  # fmt: skip
    limits = ProverLimits(solver=20.0, seconds=60.0)
    (found,) = compare_functions(*sides, None, None, "f", limits=limits)
    assert str(found.verdict) == wanted, (found.why, found.differing)
