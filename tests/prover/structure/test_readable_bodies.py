# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks that became functions and do another thing, which their words hide."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

from reviewer.prover.structure.value_terms import Terms

LOOP, AGAIN = "while (x--) say(x); ", "for (; x--;) say(x); "
BUMP = "#define bump(v) ({ int o_ = (v); (v) = o_ + 1; o_; })\n"
PAIR = "#define for_each_pair(p, q, h) for_each(p, h) for_each(q, p)\n"
WORD = "#define for_each_word(v, x) for (v = fill(&(x)); v; v = fill(&(x)))\n"
TWICE = "#define STEP 1\n{}#undef STEP\n#define STEP 2\n"
ROW = "typedef int row_t[4];"
AUTO = "#define AUTO(x) int x __attribute__((cleanup(fill))) = 3\n"
KEPT = "void hold(const void *s);"
SP = 'register unsigned long current_stack_pointer asm("rsp");'

# the whole file before and after, behind the head of test_entered_calls
OTHER = {
    "a number that is read beside a call": (
        "extern int *gp;" + F + "{ int r; r = two(ext(x), &p->n == gp); " + LOOP
        + "return r; }",
        "extern int *gp;" + F + "{ int e = ext(x), r; r = two(e, &p->n == gp); " + AGAIN
        + "return r; }"),
    "a variable that hides a global one": (
        F + "{ { int total = 3; say(total); } " + LOOP + "return total; }",
        F + "{ int total = 3; say(total); " + AGAIN + "return total; }"),
    "a variable of a loop that hides a global one": (
        F + "{ for (int total = 0; total < x; total++) say(total); return total; }",
        F + "{ int total; for (total = 0; total < x; total++) say(total);"
        " return total; }"),
    "an array that hides a global one": (
        "extern int row[2];" + F + "{ { int row[2]; fill(row); } " + LOOP
        + "fill(row); return 0; }",
        "extern int row[2];" + F + "{ int row[2]; fill(row); " + AGAIN
        + "fill(row); return 0; }"),
    "a break out of one of two loops": (
        PAIR + F + "{ struct d *a, *b; for_each_pair(a, b, p) { if (ask(b)) break;"
        " say(b->n); } return 0; }",
        PAIR + F + "{ struct d *a, *b; for_each_pair(a, b, p) { if (ask(b)) return 0;"
        " say(b->n); } return 0; }"),
    "a loop that has the address of a variable": (
        WORD + F + "{ int v, y = x; for_each_word(v, y) { ext(1); say(y); }"
        " return 0; }",
        WORD + F + "{ int v, y = x; for_each_word(v, y) { int t = y; ext(1); say(t); }"
        " return 0; }"),
    "a length that is a variable": (
        F + "{ int k = x & 7; char b[k + 1]; " + LOOP + "say(sizeof(b)); return 0; }",
        F + "{ int k = x & 3; char b[k + 1]; " + AGAIN + "say(sizeof(b)); return 0; }"),
    "a type that is an array": (
        ROW + F + "{ row_t r; fill(r); " + LOOP + "say(sizeof(r)); return 0; }",
        ROW + "static void g(row_t r, int x) { " + LOOP + "say(sizeof(r)); }"
        + F + "{ row_t r; fill(r); g(r, x); return 0; }"),
    "a type of another variable": (
        F + "{ int y = x; " + LOOP + "say((typeof(x))(y)); return 0; }",
        "static void g(int y, u8 x) { say((typeof(x))(y)); }"
        + F + "{ int y = x; " + LOOP + "g(y, 1); return 0; }"),
    "a struct of its own": (
        "struct z { int m, n; };" + F + "{ struct z { int n, m; } *k = any(p);"
        " struct z *r = any(p); " + LOOP + "say(r->n); return k->n; }",
        "struct z { int m, n; }; static void g(struct d *p, int x) { struct z *r ="
        " any(p); " + LOOP + "say(r->n); }" + F
        + "{ struct z { int n, m; } *k = any(p); g(p, x); return k->n; }"),
    "two reads of a volatile variable": (
        F + "{ int a = *(volatile int *)&p->n; int b = *(volatile int *)&p->m; " + LOOP
        + "return two(a, b); }",
        F + "{ int b = *(volatile int *)&p->m; int a = *(volatile int *)&p->n; " + AGAIN
        + "return two(a, b); }"),
    "two reads of a volatile type": (
        "typedef volatile int vint;" + F + "{ int a = *(vint *)&p->n;"
        " int b = *(vint *)&p->m; " + LOOP + "return two(a, b); }",
        "typedef volatile int vint;" + F + "{ int b = *(vint *)&p->m;"
        " int a = *(vint *)&p->n; " + AGAIN + "return two(a, b); }"),
    "two reads of a device": (
        "int f(volatile int *p, int x) { int a = p[0]; int b = p[1]; " + LOOP
        + "return two(a, b); }",
        "int f(volatile int *p, int x) { int b = p[1]; int a = p[0]; " + AGAIN
        + "return two(a, b); }"),
    "a macro that is another one there": (
        TWICE.format("") + F + "{ " + LOOP + "say(STEP); return 0; }",
        TWICE.format("static void g(void) { say(STEP); }\n") + F + "{ " + LOOP
        + "g(); return 0; }"),
    "a macro that is none yet": (
        "#define ext(x) ext((x) + 1)\n" + F + "{ " + LOOP + "ext(x); return 0; }",
        "static void g(int x) { ext(x); }\n#define ext(x) ext((x) + 1)\n" + F + "{ "
        + LOOP + "g(x); return 0; }"),
    "what the code gives for what it sets": (
        F + "{ int a, b = x; a = (b++); " + LOOP + "say(a); return 0; }",
        F + "{ int c = x; (c++); " + AGAIN + "say(c); return 0; }"),
    "a scope that ends in the function": (
        AUTO + F + "{ AUTO(v); say(1); " + LOOP + "return 0; }",
        AUTO + "static void g(void) { AUTO(v); say(1); }" + F + "{ g(); " + LOOP
        + "return 0; }"),
    "a value without a name": (
        KEPT + F + "{ " + LOOP + "hold(&(struct e){ .m = 3 }); ext(1); return 0; }",
        KEPT + "static void g(void) { hold(&(struct e){ .m = 3 }); }" + F + "{ " + LOOP
        + "g(); ext(1); return 0; }"),
    "its own caller": (
        KEPT + F + "{ " + LOOP + "hold(__builtin_return_address(0)); return 0; }",
        KEPT + "static void g(int x) { " + LOOP + "hold(__builtin_return_address(0)); }"
        + F + "{ g(x); return 0; }"),
    "its own stack": (
        SP + F + "{ " + LOOP + "ext(current_stack_pointer); return 0; }",
        SP + "static void g(void) { ext(current_stack_pointer); }" + F + "{ " + LOOP
        + "g(); return 0; }"),
    "a function without a frame": (
        F + "{ say(1); " + LOOP + "return 0; }",
        "#define __naked __attribute__((naked))\nstatic __naked void g(void)"
        " { say(1); }" + F + "{ g(); " + LOOP + "return 0; }"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER.keys())
def test_what_words_hide_is_not_the_same(old: str, new: str) -> None:
    assert not told(old, new).proved
    assert not told(new, old).proved


def test_an_address_that_outlives_two_functions_is_told() -> None:
    head = "void hold(const void *s);"
    old = (
        head
        + F
        + "{ int v, r; say(4); v = 3; hold(&v); r = ext(1); say(r); return ext(r); }"
    )
    new = (
        head + "static int h(void) { int v; v = 3; hold(&v); return ext(1); }"
        " static int g(void) { say(4); return h(); }"
        + F + "{ int r = g(); say(r); return ext(r); }"
    )  # fmt: skip
    found = told(old, new)
    assert found.proved
    assert found.of_entered == (
        "nobody keeps the address of `v` beyond the function that it is of",
    )


def test_another_value_is_put_wherever_a_term_has_it() -> None:
    terms = Terms()
    any_one = terms.make("any", "int", "1")
    below = terms.make("operator", "<", any_one, terms.number("int", "3"))
    result = terms.make("result", "int", "5")
    others = terms.with_others({any_one: result})
    assert others(any_one) == result
    assert others(below) == terms.make(
        "operator", "<", result, terms.number("int", "3")
    )
    assert others(terms.number("int", "3")) == terms.number("int", "3")
