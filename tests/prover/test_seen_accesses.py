# SPDX-License-Identifier: GPL-2.0-or-later
"""What is volatile is read and written as often as the text says, and in its order."""

from __future__ import annotations

import pytest
from one_pair import verdict_on

from reviewer.prover.verdict import FunctionVerdict, Verdict

PRELUDE = """typedef unsigned int u32;
extern void sink(int);
extern volatile int ticks;
struct regs { volatile u32 status; volatile u32 data; int plain; };
static inline u32 inlined(u32 *a) { return *(volatile u32 *)a; }
static inline u32 member(struct regs *r) { return r->status; }
#define RD(a) (*(volatile u32 *)(a))
#define OF(x) (*(const volatile typeof(x) *)&(x))
"""
DIFFERS = {
    "a read is gone": (
        "int f(volatile u32 *p) { *p; return 0; }",
        "int f(volatile u32 *p) { return 0; }",
    ),
    "a read is made twice": (
        "int f(volatile u32 *p) { *p; return 0; }",
        "int f(volatile u32 *p) { *p; *p; return 0; }",
    ),
    "one read for two": (
        "int f(volatile u32 *p) { return *p + *p; }",
        "int f(volatile u32 *p) { u32 t = *p; return t + t; }",
    ),
    "one write for two": (
        "void f(volatile int *p) { *p = 1; *p = 2; }",
        "void f(volatile int *p) { *p = 2; }",
    ),
    "under another condition": (
        "int f(volatile u32 *p, int c) { if (c) *p; return 0; }",
        "int f(volatile u32 *p, int c) { if (!c) *p; return 0; }",
    ),
    "two rounds for three": (
        "int f(volatile u32 *p) { for (int i = 0; i < 3; i++) *p; return 0; }",
        "int f(volatile u32 *p) { *p; *p; return 0; }",
    ),
    "a cast to volatile in a macro": (
        "int f(u32 *p) { RD(p); return 0; }",
        "int f(u32 *p) { return 0; }",
    ),
    "the same register minus itself": (
        "int f(u32 *p) { return RD(p) - RD(p); }",
        "int f(u32 *p) { return 0; }",
    ),
    "in an inline function": (
        "int f(u32 *p) { inlined(p); return 0; }",
        "int f(u32 *p) { return 0; }",
    ),
    "a member in an inline function": (
        "int f(struct regs *r) { member(r); return 0; }",
        "int f(struct regs *r) { return 0; }",
    ),
    "through typeof": (
        "int f(struct regs *r) { OF(r->plain); return 0; }",
        "int f(struct regs *r) { return 0; }",
    ),
    "an extern": (
        "void f(void) { ticks = 22; ticks = 22; }",
        "void f(void) { ticks = 22; }",
    ),
    "writes change places": (
        "void f(struct regs *r) { r->status = 1; r->data = 2; }",
        "void f(struct regs *r) { r->data = 2; r->status = 1; }",
    ),
    "reads change places": (
        "int f(struct regs *r) { int a = r->status; int b = r->data; return a - b; }",
        "int f(struct regs *r) { int b = r->data; int a = r->status; return a - b; }",
    ),
    "a volatile struct": (
        "int f(volatile struct regs *r) { r->plain; return 0; }",
        "int f(volatile struct regs *r) { return 0; }",
    ),
    "volatile is gone": (
        "void f(u32 *p) { *(volatile u32 *)p = 1; }",
        "void f(u32 *p) { *p = 1; }",
    ),
    "a volatile local": (
        "int f(int x) { volatile int y = x; return y; }",
        "int f(int x) { return x; }",
    ),
    "before and after a call": (
        "int f(volatile u32 *p) { u32 x = *p; sink(1); return x; }",
        "int f(volatile u32 *p) { sink(1); return *p; }",
    ),
}
SAME = {
    "the value by way of a variable": (
        "int f(volatile u32 *p) { u32 x = *p; return x; }",
        "int f(volatile u32 *p) { return *p; }",
    ),
    "a macro and a function of it": (
        "int f(u32 *p) { return RD(p); }",
        "int f(u32 *p) { return inlined(p); }",
    ),
    "a plain read moves over it": (
        "int f(struct regs *r) { int a = r->plain; int b = r->data; return a - b; }",
        "int f(struct regs *r) { int b = r->data; return r->plain - b; }",
    ),
}


def compare(case: tuple[str, str]) -> FunctionVerdict:
    return verdict_on(PRELUDE + text for text in case)


@pytest.mark.parametrize("title", DIFFERS)
def test_an_access_is_seen(title: str) -> None:
    assert compare(DIFFERS[title]).verdict is Verdict.DIFFERS


@pytest.mark.parametrize("title", SAME)
def test_the_same_accesses_are_the_same(title: str) -> None:
    assert compare(SAME[title]).verdict is Verdict.EQUAL
