# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of changes, each told as the one thing that it does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.output.behaviour import text

MORE = (
    f"{HEAD}void set(struct s *p, int n);\nint reg(struct s *p, void (*f)(void *));\n"
)
LOOP = "int r = 0;\n\nwhile (p->m) {\n\tr += ask(p);\n\tp = p->next;\n}\n"
SIZES = """typedef unsigned long size_t;
static inline size_t size_add(size_t a, size_t b)
{
	size_t c;

	return check_add_overflow(a, b, &c) ? ~0UL : c;
}
static inline size_t size_mul(size_t a, size_t b)
{
	size_t c;

	return check_mul_overflow(a, b, &c) ? ~0UL : c;
}
"""
CASES = "switch (a) {\ncase 1:\n\tset(p, 2);\n\tbreak;\n"
KINDS = {  # before, after, what is told
    "what a call gives is returned": (
        "if (a)\n\tset(p, 2);\nask(p);\nreturn 0;",
        "if (a)\n\tset(p, 2);\nreturn ask(p);",
        "returns what `ask(p)` gives, not `0`",
    ),
    "it is returned no more": (
        "if (a)\n\tset(p, 2);\nreturn ask(p);",
        "if (a)\n\tset(p, 2);\nask(p);\nreturn 0;",
        "returns `0`, not what `ask(p)` gives",
    ),
    "a variable that a call gave, with a step between": (
        "ask(p);\nunlock(p);\nr = ask(p->next);\nreturn r;",
        "r = ask(p);\nunlock(p);\nif (r)\n\treturn -3;\nr = ask(p->next);\nreturn r;",
        "returns `-3` when `r`, what ask() gave",
    ),
    "a member of a row": (
        "struct s q = { .m = a, .n = 4, };\n\nset(&q, r);\nreturn 0;",
        "struct s q = { .m = a, .n = 4, .next = p, };\n\nset(&q, r);\nreturn 0;",
        "`q` now has `.next = p`",
    ),
    "a step that passes an if": (
        "if (!r)\n\tr = 1;\nr = r + a;\nreturn r;",
        "r = r + a;\nif (!r)\n\tr = 1;\nreturn r;",
        "does `r = r + a` before `if (!r) r = 1`, not behind it",
    ),
    "a step that passes a way out": (
        "if (a) {\n\tr = ask(p);\n\tif (r)\n\t\treturn r;\n\tp->m = a;\n}\nreturn 0;",
        "if (a) {\n\tp->m = a;\n\tr = ask(p);\n\tif (r)\n\t\treturn r;\n}\nreturn 0;",
        "does `p->m = a` before `r = ask(p)`, not behind `if (r) return r`, "
        "so also when `r`, what ask() gave",
    ),
    "a step and its test that pass a way out": (
        "if (a) {\n\tr = ask(p);\n\tif (r)\n\t\treturn r;\n\tr = ask(p->next);"
        "\n\tif (r < 0)\n\t\treturn r;\n}\nreturn 0;",
        "if (a) {\n\tr = ask(p->next);\n\tif (r < 0)\n\t\treturn r;\n\tr = ask(p);"
        "\n\tif (r)\n\t\treturn r;\n}\nreturn 0;",
        "does `r = ask(p->next)` before `r = ask(p)`, not behind `if (r) return r`, "
        "so also when `r`, what ask() gave",
    ),
    "an if that passes a step": (
        "lock(p);\nif (a) {\n\tset(p, 1);\n\tset(p, 2);\n}\nset(p, 7);\nset(p, 8);",
        "if (a) {\n\tset(p, 1);\n\tset(p, 2);\n}\nlock(p);\nset(p, 7);\nset(p, 8);",
        "does `if (a) set(p, 1) ...` before `lock(p)`, not behind it when `a`",
    ),
    "a case that is new": (
        f"{CASES}default:\n\treturn 1;\n}}\nreturn 0;",
        f"{CASES}case 5:\n\tset(p, 5);\n\tbreak;\ndefault:\n\treturn 1;\n}}\nreturn 0;",
        "before, it returned `1`, as in `default`; calls `set(p, 5)` when `a` is `5`",
    ),
    "a case that is gone": (
        f"{CASES}case 5:\n\tset(p, 5);\n\tbreak;\ndefault:\n\treturn 1;\n}}\nreturn 0;",
        f"{CASES}default:\n\treturn 1;\n}}\nreturn 0;",
        "returns `1`, as in `default`; no longer calls `set(p, 5)` when `a` is `5`",
    ),
    "another value is compared": (
        "if (a)\n\tif (p->m > 3 || ask(p))\n\t\treturn 1;\nreturn 0;",
        "if (a)\n\tif (p->n > 3 || ask(p))\n\t\treturn 1;\nreturn 0;",
        "asks `p->n > 3 || ask(p)`, not `p->m > 3 || ask(p)` when `a` (",
    ),
    "another value is compared, and nothing called": (
        "if (a)\n\tif (p->m > 3 || r)\n\t\treturn 1;\nreturn 0;",
        "if (a)\n\tif (p->n > 3 || r)\n\t\treturn 1;\nreturn 0;",
        "when `a` and `p->n` is not `p->m` (",
    ),
    "a sum that does not wrap around": (
        "set(p, sizeof(int) + sizeof(*p) * r);\nreturn 0;",
        "set(p, size_add(sizeof(int), size_mul(sizeof(*p), r)));\nreturn 0;",
        "no longer wraps around, by size_add() and size_mul() "
        "when `sizeof(int) + sizeof(*p) * r` overflows (",
    ),
    "a product that may be one of int": (
        "set(p, sizeof(int) + a * r);\nreturn 0;",
        "set(p, size_add(sizeof(int), size_mul(a, r)));\nreturn 0;",
        "when `sizeof(int) + a * r` overflows or an operand is negative",
    ),
    "a type in a cast is no call": (
        "if (a)\n\treg(p, (void (*)(void *))lock);\nreturn r;",
        "if (a)\n\tr = reg(p, (void (*)(void *))lock);\nreturn r;",
        "keeps in `r` what reg(p, (void (*)(void *))lock) gives",
    ),
}


@pytest.mark.parametrize("title", KINDS)
def test_what_is_told(title: str) -> None:
    old, new, wanted = KINDS[title]
    shown = text((judged(LOOP + old, LOOP + new, MORE + SIZES),))
    assert wanted in " ".join(shown.split())


def test_a_name_that_leads_to_what_is_told_says_nothing() -> None:
    head = (
        f"{MORE}static const int rows[] = {{ 1%s }};\n"
        "static const int *const table = rows;\nvoid take(const int *a, int n);\n"
    )
    body = f"{LOOP}take(table, rows[a]);\nreturn 0;"
    found = judged(body, body, head % ", 2", head % ", 3")
    shown = " ".join(text((found,)).split())
    assert "`rows`, which" in shown
    assert "leads to `rows`" not in shown


def test_a_return_of_what_is_0_there_is_none_of_the_differences() -> None:
    head = "r = ask(p);\nif (r)\n\treturn r;\n"
    old = f"{LOOP}{head}set(p, a);\nreturn r;"
    new = f"{LOOP}{head}if (a)\n\tlock(p);\nset(p, a);\nreturn 0;"
    (part,) = judged(old, new, MORE).parts
    assert part.then == ("calls `lock(p)`",)
    taken = f"{head}unlock((struct s *)&r);\n"
    touched = judged(f"{LOOP}{taken}return r;", f"{LOOP}{taken}return 0;", MORE)
    assert [part.then for part in touched.parts] == [("returns `0`, not `r`",)]
    jump = f"if (a)\n\tgoto in;\n{head}in:\nset(p, 4);\n"
    entered = judged(f"{LOOP}{jump}return r;", f"{LOOP}{jump}return 0;", MORE)
    assert [part.then for part in entered.parts] == [("returns `0`, not `r`",)]


def test_a_variable_that_joins_a_declaration_is_told_no_step() -> None:
    old = "int q = 0;\n\nset(p, a);\nreturn q;"
    new = "int e, q = 0;\n\ne = ask(p);\nif (e)\n\treturn e;\nset(p, a);\nreturn q;"
    events = [one for part in judged(old, new, MORE).parts for one in part.then]
    assert events
    assert not any("q = 0" in one for one in events)


ROWS = (
    "struct t { int a, b, c; };\nint of(const struct t *t);\n"
    "static const struct t rows%s;\n"
)
OTHER_ROWS = {  # before, after, what is told
    "of each its own": (
        "[] = { [1] = { .a = 1 | 4, .b = 2 }, [2] = { .a = 3 } }",
        "[] = { [1] = { .a = 1 | 4, .c = 2 }, [2] = { .a = 5 } }",
        "no longer has `[1].b = 2` and now has `[1].c = 2` "
        "and has `[2].a` = `5`, not `3`",
    ),
    "the first of many": (
        "[] = { { 1 }, { 1 | 2 } }",
        "[] = { { 1 }, { 4 }, { 5 }, { 6 }, { 7 }, { 1 | 2 } }",
        "which now has `{ 4 }`, `{ 5 }` and 2 more",
    ),
    "those without a name where they stand": (
        "[] = { { .a = 1, .b = 2 }, { .a = 3 }, { .a = 4 } }",
        "[] = { { .a = 1, .b = 4 }, { .a = 3 }, { .a = 4, .c = 7 } }",
        "has `[0].b` = `4`, not `2` and now has `[2].c = 7`",
    ),
    "one more than two": (
        "[] = { { 1 } }",
        "[] = { { 1 }, { 4 }, { 5 }, { 6 } }",
        "which now has `{ 4 }`, `{ 5 }`, `{ 6 }`",
    ),
}


@pytest.mark.parametrize("title", OTHER_ROWS)
def test_what_changed_in_a_table_is_told(title: str) -> None:
    old, new, wanted = OTHER_ROWS[title]
    body = f"{LOOP}return of(&rows[a]);"
    found = judged(body, body, MORE + ROWS % old, MORE + ROWS % new)
    assert wanted in " ".join(text((found,)).split())


def test_plain_values_of_an_array_are_told_by_their_places() -> None:
    head = "static const int times[] = { 16, %s, 8 };\n"
    body = f"{LOOP}return times[a];"
    found = judged(body, body, MORE + head % "5, 3", MORE + head % "3, 5")
    wanted = "has `[1]` = `3`, not `5` and has `[2]` = `5`, not `3`"
    assert wanted in " ".join(text((found,)).split())
