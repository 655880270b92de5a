# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""The same place by two types: a store through one is seen through the other."""

from __future__ import annotations

import pytest
from one_pair import verdict_on

from reviewer.prover.verdict import FunctionVerdict, Verdict

PRELUDE = """struct hd { int type; int kind; }; struct ev { int type; int v; struct hd in; };
struct emb { struct hd h; int v; };
struct cb1 { int a; int b; }; struct cb2 { long c; };
struct skb { char cb[48]; int len; };
struct w { int n; }; struct box { int z; struct w work; };
#define C1(s) ((struct cb1 *)(s)->cb)
#define C2(s) ((struct cb2 *)(s)->cb)
"""
SAME = {
    "another member of the container": (
        "int f(struct w *w) { struct box *b = container_of(w, struct box, work); w->n = 1; b->z = 2; return w->n; }",
        "int f(struct w *w) { struct box *b = container_of(w, struct box, work); w->n = 1; b->z = 2; return 1; }",
    ),
    "two objects of two types": (
        "int f(struct ev *p, struct hd *h) { p->v = 1; h->kind = 2; return p->v; }",
        "int f(struct ev *p, struct hd *h) { p->v = 1; h->kind = 2; return 1; }",
    ),
    "a member of the same name inside": (
        "int f(struct ev *p) { p->type = 1; p->in.type = 2; return p->type; }",
        "int f(struct ev *p) { p->type = 1; p->in.type = 2; return 1; }",
    ),
    "the cast by way of a variable": (
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; h->type = 2; return p->type; }",
        "int f(struct ev *p) { ((struct hd *)p)->type = 2; return p->type; }",
    ),
}
OTHER = {
    "an embedded first member": (
        "int f(struct emb *p) { struct hd *h = (struct hd *)p; p->h.type = 1; h->type = 2; return p->h.type; }",
        "int f(struct emb *p) { struct hd *h = (struct hd *)p; p->h.type = 1; h->type = 2; return 1; }",
    ),
    "container_of() and back": (
        "int f(struct w *w) { struct box *b = container_of(w, struct box, work); w->n = 1; b->work.n = 2; return w->n; }",
        "int f(struct w *w) { struct box *b = container_of(w, struct box, work); w->n = 1; b->work.n = 2; return 1; }",
    ),
    "a flat header": (
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1; h->type = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1; h->type = 2; return 1; }",
    ),
    "through a void pointer": (
        "int f(struct ev *p) { void *z = p; struct hd *h = z; p->v = 1; h->kind = 2; return p->v; }",
        "int f(struct ev *p) { void *z = p; struct hd *h = z; p->v = 1; h->kind = 2; return 1; }",
    ),
}
OPEN = {
    "read through the cast": (
        "int f(struct ev *p) { return ((struct hd *)p)->type; }",
        "int f(struct ev *p) { return p->type; }",
    ),
    "two control blocks in a buffer": (
        "int f(struct skb *s) { C1(s)->a = 1; C2(s)->c = 2; return C1(s)->a; }",
        "int f(struct skb *s) { C1(s)->a = 1; C2(s)->c = 2; return 1; }",
    ),
    "a buffer, and a struct in it": (
        "int f(struct skb *s) { C1(s)->a = 1; s->cb[0] = 2; return C1(s)->a; }",
        "int f(struct skb *s) { C1(s)->a = 1; s->cb[0] = 2; return 1; }",
    ),
    "a struct inside, and an array over it": (
        "int f(struct ev *p) { struct cb1 *h = (struct cb1 *)p; p->in.type = 1; h[1].a = 2; return p->in.type; }",
        "int f(struct ev *p) { struct cb1 *h = (struct cb1 *)p; p->in.type = 1; h[1].a = 2; return 1; }",
    ),
    "at an offset": (
        "int f(struct ev *p) { struct hd *h = (struct hd *)((char *)p + 4); p->v = 1; h->type = 2; return p->v; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)((char *)p + 4); p->v = 1; h->type = 2; return 1; }",
    ),
}


def compare(case: tuple[str, str]) -> FunctionVerdict:
    return verdict_on(PRELUDE + text for text in case)


@pytest.mark.parametrize("title", SAME)
def test_other_places_are_left_alone(title: str) -> None:
    assert compare(SAME[title]).verdict is Verdict.EQUAL


@pytest.mark.parametrize("title", OTHER)
def test_the_store_is_seen(title: str) -> None:
    assert compare(OTHER[title]).verdict is Verdict.DIFFERS


@pytest.mark.parametrize("title", OPEN)
def test_nothing_is_claimed_of_what_may_lie_there(title: str) -> None:
    assert compare(OPEN[title]).verdict is Verdict.NOT_DECIDED
