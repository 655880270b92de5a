# SPDX-License-Identifier: GPL-2.0-or-later
"""An element of an array is one word, however the pointer to it is written."""

from __future__ import annotations

import pytest
from one_pair import verdict_on

from reviewer.prover.verdict import FunctionVerdict, Verdict

PRELUDE = """typedef unsigned int u32;
#define N 4
struct e { int a; int b; };
struct s {
	int x;
	int arr[8];
	int m[4][N];
	struct e es[4];
	struct inner { int c; int d; } in[2];
	char n[4][16];
	int k[];
};
static int gt[8];
static int tt[4][4];
static const char * const nm[2][2] = {{"a","b"},{"c","d"}};
static inline int row(int *r, int j) { return r[j]; }
"""
HEAD = "int f(struct s *p, int *q, int i, int j) { "
SAME = {
    "of a member": ("return p->arr[i];", "int *r = p->arr; return r[i];"),
    "its address": ("return p->arr[i];", "int *r = &p->arr[i]; return *r;"),
    "a sum": ("return p->arr[i];", "return *(p->arr + i);"),
    "the first": ("return p->arr[0];", "return *p->arr;"),
    "by another sign": (
        "return p->arr[i] == 1;",
        "return ((u32 *)p->arr)[i] == 1;",
    ),
    "of a global": ("return gt[i];", "int *r = gt; return r[i];"),
    "a row of a global": ("return tt[i][j];", "int *r = tt[i]; return r[j];"),
    "a row": ("return p->m[i][j];", "int *r = p->m[i]; return r[j];"),
    "a row and a sum": ("return p->m[i][j];", "return *(p->m[i] + j);"),
    "two sums": ("return p->m[i][j];", "return *(*(p->m + i) + j);"),
    "the first row": ("return p->m[0][j];", "return (*p->m)[j];"),
    "a row handed on": ("return p->m[i][j];", "return row(p->m[i], j);"),
    "of pointers": (
        "return nm[i][j] == nm[0][0];",
        "const char * const *r = nm[i]; return r[j] == nm[0][0];",
    ),
    "of structs": ("return p->es[i].b;", "struct e *e = p->es; return e[i].b;"),
    "one struct": ("return p->es[i].b;", "struct e *e = &p->es[i]; return e->b;"),
    "a struct that is declared in it": (
        "return p->in[i].d;",
        "struct inner *e = p->in; return e[i].d;",
    ),
    "stored": ("p->n[i][0] = 1; return 0;", "char *s = p->n[i]; s[0] = 1; return 0;"),
    "without a length": ("return p->k[i];", "int *r = p->k; r += i; return *r;"),
    "of a local": ("return i;", "int a[4]; int *r = a; a[1] = i; return r[1];"),
    "a row of a local": (
        "return i;",
        "int a[2][2]; int *r = a[1]; a[1][1] = i; return r[1];",
    ),
    "sizes": ("return 80;", "return sizeof(p->m) + sizeof(tt[0]);"),
}
OTHER = {
    "the row is the column": (
        "return p->m[i & 3][j & 3];",
        "return p->m[j & 3][i & 3];",
    ),
    "stored through the row": (
        "int *r = p->m[i]; p->m[i][j] = 1; r[j] = 2; return p->m[i][j];",
        "int *r = p->m[i]; p->m[i][j] = 1; r[j] = 2; return 1;",
    ),
    "stored through a pointer": (
        "int *r = gt; gt[i] = 1; r[i] = 2; return gt[i];",
        "int *r = gt; gt[i] = 1; r[i] = 2; return 1;",
    ),
    "the next one": ("return p->arr[i];", "int *r = p->arr; return r[i + 1];"),
    "two objects": ("return p->x + *q;", "return p->x - *q;"),
}
OPEN = {
    "one of two arrays": (
        "int *r = i ? p->arr : gt; return r[1];",
        "return i ? p->arr[1] : gt[1];",
    ),
    "the first member through a cast": ("return *(int *)p;", "return p->x;"),
}


def compare(case: tuple[str, str]) -> FunctionVerdict:
    return verdict_on(f"{PRELUDE}{HEAD}{text} }}" for text in case)


@pytest.mark.parametrize("title", SAME)
def test_it_is_the_same_word(title: str) -> None:
    assert compare(SAME[title]).verdict is Verdict.EQUAL


@pytest.mark.parametrize("title", OTHER)
def test_it_is_another_word(title: str) -> None:
    assert compare(OTHER[title]).verdict is Verdict.DIFFERS


@pytest.mark.parametrize("title", OPEN)
def test_no_state_that_cannot_be_is_shown(title: str) -> None:
    assert compare(OPEN[title]).verdict is Verdict.NOT_DECIDED
