# SPDX-License-Identifier: GPL-2.0-or-later
"""No difference is told by a value that the code, or a table, does not let be."""

from __future__ import annotations

import pytest
from one_pair import verdict_on

from reviewer.prover.memory.determined_words import holds_its_value
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.verdict import FunctionVerdict, Verdict

PRELUDE = """typedef unsigned char u8;
struct e { int v; int w; };
static const char *const names[] = { "ab", "cd" };
static const struct e table[] = { { 5, 7 }, { .w = 3 } };
static int never_written[] = { 1, 2 };
static int written[] = { 1, 2 };
static int handed_out[] = { 1, 2 };
extern void take(int *);
void writes(int i) { written[i] = 3; take(handed_out); }
const struct e one = { 1, 2 };
static const char *name = "a";
int global;
union u { int i; u8 b[4]; };
"""
# Each is the same by C's rules, which the prover does not know all of.
SAME = {
    "a character of a string": (
        "int f(int x) { return names[x & 1][0]; }",
        "int f(int x) { return x & 1 ? 'c' : 'a'; }",
    ),
    "a member in a const table": (
        "int f(int x) { return x & 1 ? 3 : 7; }",
        "int f(int x) { return table[x & 1].w; }",
    ),
    "a const struct": (
        "int f(int x) { return one.w + x; }",
        "int f(int x) { const struct e *p = &one; return x + 2; }",
    ),
    "a table that nobody writes": (
        "int f(int x) { return never_written[x & 1]; }",
        "int f(int x) { return (x & 1) + 1; }",
    ),
    "a global behind a store through a pointer": (
        "int f(int *p) { global = 3; *p = 4; return global; }",
        "int f(int *p) { global = 3; *p = 4; return p == &global ? 4 : global; }",
    ),
    "what a pointer sees of a store to a global": (
        "int f(int *p, int x) { global = x; return *p; }",
        "int f(int *p, int x) { global = x; return p == &global ? x : *p; }",
    ),
    "memory behind a loop": (
        "int f(struct e *p, int n) { while (n--) p->v = 1; return p->v; }",
        "int f(struct e *p, int n) { int t = n;"
        " while (n--) p->v = 1; return t ? 1 : p->v; }",
    ),
    "an array in a local union": (
        "int f(int x, int y) { return (x & ~0xff00) | (y & 0xff) << 8; }",
        "int f(int x, int y) { union u u; u.i = x; u.b[1] = y; return u.i; }",
    ),
}
DIFFERENT = {
    "a table that is written": (
        "int f(int x) { return written[x & 1]; }",
        "int f(int x) { return (x & 1) + 1; }",
    ),
    "what a pointer finds at entry": (
        "int f(int *p) { return *p; }",
        "int f(int *p) { return *p + 1; }",
    ),
    "a global behind a call": (
        "int f(int *p) { take(p); return global; }",
        "int f(int *p) { take(p); return -global; }",
    ),
}


def compare(case: tuple[str, str]) -> FunctionVerdict:
    return verdict_on(PRELUDE + text for text in case)


@pytest.mark.parametrize("title", SAME)
def test_no_value_is_chosen_that_the_code_decides(title: str) -> None:
    verdict = compare(SAME[title])
    assert verdict.verdict in (Verdict.EQUAL, Verdict.NOT_DECIDED), verdict.outputs


@pytest.mark.parametrize("title", DIFFERENT)
def test_what_others_may_write_is_chosen(title: str) -> None:
    assert compare(DIFFERENT[title]).verdict is Verdict.DIFFERS


def test_which_variables_hold_what_they_are_declared_with() -> None:
    definitions = Definitions(None, "mm/x.c", PRELUDE.encode())
    held = {
        name
        for name in (
            "names", "table", "never_written", "written", "handed_out", "one", "name",
            "global", "unheard_of",
        )
        if holds_its_value(definitions, name)
    }  # fmt: skip
    assert held == {"names", "table", "never_written", "one", "name"}
