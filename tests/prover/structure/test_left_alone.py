# SPDX-License-Identifier: GPL-2.0-or-later
"""A block with a loop of a macro that became a function: the same, where the macro
only looks at the caller's variable; and where it sets it, or keeps its address, not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

MACROS = """
#define for_each_under(one, top) for (one = (top)->up; one; one = one->up)
#define for_each_asked(one, top) for (one = same(top); one; one = or_not(top, one->up))
#define same(p) any((__typeof__(p))(p))
#define or_not(p, q) (__builtin_expect(!(p), 0) ? 0 : (q))
#define for_each_inner(one, top) for_each_under(one, (top))
#define for_each_moving(one, top) for (one = top; one; one = one->up, (top) = one)
#define for_each_kept(one, top) for (one = any(&(top)); one; one = one->up)
#define for_each_stepped(one, n) for (one = any(0); one && (n)++ < 5; one = one->up)
#define for_each_asm(one, n) for (one = any(0); one; ({ asm("" : "+r" (n)); }))
#define for_each_handed(one, top) for (one = any(0); one; step_on(one, top))
#define for_each_hidden(one, top) for (one = unseen(top); one; one = one->up)
#define step_on(one, top) ({ one = one->up; top = one; })
"""
LOOP = "%s(q, %s) { n += q->n; if (n > 9) break; }"
BEFORE = F + "{ struct d *q; int n = 0; %s; if (n < x) say(1); return ask(p) + x; }"
AFTER = (
    "static int sum(struct d *p, int x) { struct d *q; int n = 0; %s; return n; }"
    + F
    + "{ int n; n = sum(p, x); if (n < x) say(1); return ask(p) + x; }"
)


def texts(macro: str, given: str) -> tuple[str, str]:
    loop = LOOP % (macro, given)
    return MACROS + BEFORE % loop, MACROS + AFTER % loop


@pytest.mark.parametrize(
    "macro", ["for_each_under", "for_each_inner", "for_each_asked"]
)
def test_a_macro_that_only_looks(macro: str) -> None:
    one, two = texts(macro, "p")
    assert told(one, two).proved
    assert told(two, one).proved


@pytest.mark.parametrize(
    ("macro", "given"),
    [
        ("for_each_moving", "p"),
        ("for_each_kept", "p"),
        ("for_each_stepped", "x"),
        ("for_each_asm", "x"),
        ("for_each_handed", "p"),
        ("for_each_hidden", "p"),
        ("for_each_unseen", "p"),
    ],
)
def test_a_macro_that_may_set_it(macro: str, given: str) -> None:
    one, two = texts(macro, given)
    assert not told(one, two).proved
    assert not told(two, one).proved
