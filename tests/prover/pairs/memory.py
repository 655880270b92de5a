# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Casts, arrays and pointers: one memory under many names."""

from __future__ import annotations

from .draft import Dice, Draft, kind

S = (
    "struct n@ { int v; int w; };\n"
    "struct s@ { int a; int b; u8 c; s16 h; int m[2][4]; int arr[8]; struct n@ in; struct n@ many[4]; u8 raw[8]; };\n"
)
ARGS = "struct s@ *p, int x, int y"
TWO = "struct s@ *p, struct s@ *q, int x, int y"


def bodies(
    d: Dice, head: str, args: str, *rows: tuple[str, str, str], **more: object
) -> Draft:
    """f@() with one of the rows: a body, the same, another."""
    k, j = str(d.number()), str(d.number())
    body = f"int f@({args}) {{{{ {{}} }}}}"
    row = d.rng.choice(rows)
    one, same, other = (body.format(t.replace("KK", k).replace("JJ", j)) for t in row)
    return d.pair(head.replace("KK", k).replace("JJ", j), one, same, other, args=args, **more)  # fmt: skip


@kind("casts")
def two_structs_begin_alike(d: Dice) -> Draft:
    first, second = d.rng.choice([("t", "t"), ("t", "kind")])
    head = (
        f"struct hd@ {{ int {second}; }};\nstruct s@ {{ int {first}; int v; int w[2]; }};\n"
        f"struct in@ {{ struct hd@ h; int v; int w[2]; }};\n"
    )
    return bodies(
        d, head, "struct s@ *p, int x",
        (f"struct hd@ *h = (struct hd@ *)p; p->{first} = 1; h->{second} = KK; return p->{first};", f"((struct hd@ *)p)->{second} = KK; return KK;", f"struct hd@ *h = (struct hd@ *)p; p->{first} = 1; h->{second} = KK; return 1;"),
        (f"struct in@ *i = (struct in@ *)p; p->{first} = 1; i->h.{second} = x; return p->{first};", f"p->{first} = x; return x;", f"struct in@ *i = (struct in@ *)p; p->{first} = 1; i->h.{second} = x; return 1;"),
        (f"return ((struct hd@ *)p)->{second};", f"return p->{first};", "return p->v;"),
        (f"struct hd@ *h = (struct hd@ *)&p->v; h->{second} = x; return p->v;", "p->v = x; return x;", f"p->v = x; return p->{first};"),
        (f"struct hd@ *h = (struct hd@ *)p; h[1].{second} = x; return p->v;", "p->v = x; return x;", f"p->{first} = x; return x;"),
        (f"void *z = p; ((struct hd@ *)z)->{second} = x; return p->{first} + KK;", f"p->{first} = x; return x + KK;", f"int t = p->{first}; p->{first} = x; return t + KK;"),
    )  # fmt: skip


@kind("casts")
def narrowed(d: Dice) -> Draft:
    t = d.pick("u8", "s8", "u16", "s16", "bool")
    other = {"u8": "s8", "s8": "u8", "u16": "s16", "s16": "u16", "bool": "u8"}[t]
    return bodies(
        d, "", "int x, int y",
        (f"{t} t = x; return t;", f"return ({t})x;", "return x;"),
        (f"{t} t = x; return t + y;", f"return ({t})x + y;", f"return ({other})x + y;"),
        (f"{t} t = x; t += KK; return t;", f"return ({t})(({t})x + KK);", f"return ({t})x + KK;"),
        (f"{t} t = x; return t == x;", f"return ({t})x == x;", "return 1;"),
        (f"{t} t = x, u = y; return t < u;", f"return ({t})x < ({t})y;", "return x < y;"),
        (f"return ({t})(x + y);", f"{t} t = x + y; return t;", f"return ({t})x + ({t})y;"),
        (f"{t} t = ext(x); if (t) return 1; return 0;", f"return ({t})ext(x) != 0;", f"return ({other})(ext(x) >> 1) != 0;"),
        (f"{t} t = -1; return t > x;", f"return ({t})-1 > x;", f"return ({other})-1 > x;" if t != "bool" else "return -1 > x;"),
        (f"{t} t; t = y ? x : KK; return t;", f"{t} t = KK; if (y) t = x; return t;", "return y ? x : KK;"),
        (f"{t} t = x; return ~t;", f"return ~({t})x;", f"return ({t})~x;"),
        (f"{t} t = x; return -t < 0;", f"return -({t})x < 0;", f"return ({other})x > 0;" if t != "bool" else "return x > 0;"),
        (f"{t} t = x; return (t << 4) >> 4;", f"int t = ({t})x; return t << 4 >> 4;", f"{t} t = x; t <<= 4; return t >> 4;" if t != "bool" else "return x << 4 >> 4;"),
    )  # fmt: skip


@kind("casts")
def signs_and_widths(d: Dice) -> Draft:
    return bodies(
        d, "", "int x, u32 y, u64 z",
        ("return x < y;", "return (u32)x < y;", "return (s64)x < y;"),
        ("return (s64)x < y;", "return (s64)x < (s64)y;", "return x < y;"),
        ("return x / 4u;", "return (u32)x >> 2;", "return x / 4;"),
        ("return x >> 1;", "return (int)((s64)x >> 1);", "return (u32)x >> 1;"),
        ("return z > x;", "return z > (u64)(s64)x;", "return z > (u32)x;"),
        ("return (int)z == x;", "return (u32)z == (u32)x;", "return z == x;"),
        ("return (u64)x >> 32;", "return x < 0 ? -1 : 0;", "return (u64)(u32)x >> 32;"),
        ("return (z & ~KK) != z;", "return (z & KK) != 0;", "return (z & ~(u64)KK) == z;"),
        ("return (z & ~KKu) != z;", "return z >> 32 || (z & KK);", "return (z & KK) != 0;"),
        ("return (u16)y * (u16)y < 0;", "u16 t = y; return t * t < 0;", "return 0;"),
        ("return -1 > y;", "return y != 0xffffffff;", "return 0;"),
        ("return sizeof(x) > x;", "return x >= 0 && x < 4;", "return x < 4;"),
        ("return (x ? -1 : 0u) > 0;", "return x != 0;", "return 0;"),
        ("return (x ? (s8)-1 : (u8)0) < 0;", "return x != 0;", "return 0;"),
        ("return y + 1 > y;", "return y != 0xffffffff;", "return 1;"),
        ("return (bool)z;", "return z != 0;", "return (bool)(int)z;"),
        ("return !z;", "return z == 0;", "return !(int)z;"),
        ("return z ? KK : 0;", "if (z) return KK; return 0;", "int t = z; return t ? KK : 0;"),
        ("return x == -1 ? y > 0 : x;", "return x == -1 ? y != 0 : x;", "return x == -1 ? (int)y > 0 : x;"),
    )  # fmt: skip


@kind("casts")
def unions_and_bytes(d: Dice) -> Draft:
    head = "union u@ { int i; u8 b[4]; u16 h[2]; struct { u8 lo; u8 hi; } p; };\nstruct w@ { union { int i; u8 b; }; int z; };\n"
    return bodies(
        d, head, "int x, int y",
        ("union u@ u; u.i = x; return u.b[0];", "return x & 0xff;", "return x >> 24 & 0xff;"),
        ("union u@ u; u.i = x; return u.b[3];", "return (u32)x >> 24;", "return x >> 24;"),
        ("union u@ u; u.i = x; u.b[1] = y; return u.i;", "return (x & ~0xff00) | (y & 0xff) << 8;", "return (x & ~0xff) | (y & 0xff);"),
        ("union u@ u; u.i = x; u.h[1] = 0; return u.i;", "return x & 0xffff;", "return x & ~0xffff;"),
        ("union u@ u = { x }; u.p.hi = KK; return u.i;", "return (x & ~0xff00) | KK << 8;", "return x;"),
        ("u8 *b = (u8 *)&x; return b[1];", "return x >> 8 & 0xff;", "return x & 0xff;"),
        ("u8 *b = (u8 *)&x; b[0] = y; return x;", "return (x & ~0xff) | (u8)y;", "return x;"),
        ("*(u16 *)&x = y; return x;", "return (x & 0xffff0000) | (u16)y;", "return y;"),
        ("s8 *b = (s8 *)&x; return b[0] < 0;", "return (x & 0x80) != 0;", "return x < 0;"),
        ("u32 *b = (u32 *)&x; *b = y; return x;", "return y;", "return x;"),
        ("u64 z = (u64)y << 32 | (u32)x; return ((int *)&z)[1];", "return y;", "return x;"),
        ("struct w@ w; w.i = x; w.b = KK; return w.i;", "return (x & ~0xff) | KK;", "return x;"),
        ("union u@ u, v; u.i = x; v = u; u.i = y; return v.b[0];", "return x & 0xff;", "return y & 0xff;"),
        ("int a[2] = { x, y }; return *(int *)((u8 *)a + 4);", "return y;", "return x;"),
        ("int a[2] = { x, y }; u64 z = *(u64 *)a; return z >> 32;", "return y;", "return x;"),
    )  # fmt: skip


@kind("casts")
def bytes_of_an_object(d: Dice) -> Draft:
    return bodies(
        d, S, ARGS,
        ("u8 *b = (u8 *)&p->a; p->a = x; b[1] = KK; return p->a;", "p->a = (x & ~0xff00) | KK << 8; return p->a;", "u8 *b = (u8 *)&p->a; p->a = x; b[1] = KK; return x;"),
        ("*(int *)p = x; return p->a;", "p->a = x; return x;", "int t = p->a; *(int *)p = x; return t;"),
        ("return *(int *)((u8 *)p + 4);", "return p->b;", "return p->a;"),
        ("int *r = &p->a; r[1] = x; return p->b;", "p->b = x; return x;", "int t = p->b; p->b = x; return t;"),
        ("return *(u8 *)&p->h;", "return p->h & 0xff;", "return p->h;"),
        ("*(u32 *)p->raw = x; return p->raw[1];", "*(u32 *)p->raw = x; return x >> 8 & 0xff;", "u8 t = p->raw[1]; *(u32 *)p->raw = x; return t;"),
        ("struct n@ *n = (struct n@ *)p->arr; n->w = x; return p->arr[1];", "p->arr[1] = x; return x;", "p->arr[1] = x; return p->arr[0];"),
        ("p->c = x; return *(s8 *)&p->c;", "p->c = x; return (s8)x;", "p->c = x; return p->c;"),
        ("unsigned long z = (unsigned long)p; return ((struct s@ *)z)->a;", "return p->a;", "return p->b;"),
        ("void *z = &p->in; ((struct n@ *)z)->v = x; return p->in.v;", "p->in.v = x; return x;", "p->in.w = x; return x;"),
    )  # fmt: skip


@kind("arrays")
def element_by_a_pointer(d: Dice) -> Draft:
    return bodies(
        d, S, ARGS,
        ("return p->arr[x & 7];", "int *r = p->arr; return r[x & 7];", "int *r = p->arr; return r[y & 7];"),
        ("return p->arr[x & 7];", "int *r = &p->arr[x & 7]; return *r;", "int *r = &p->arr[(x + 1) & 7]; return *r;"),
        ("return p->arr[x & 7];", "return *(p->arr + (x & 7));", "return *(p->arr + (x & 3));"),
        ("int *r = p->arr; p->arr[x & 7] = KK; r[0] = y; return p->arr[x & 7];", "p->arr[x & 7] = KK; p->arr[0] = y; return (x & 7) ? KK : y;", "int *r = p->arr; p->arr[x & 7] = KK; r[0] = y; return KK;"),
        ("p->arr[x & 7] = KK; p->arr[y & 7] = JJ; return p->arr[x & 7];", "p->arr[x & 7] = KK; p->arr[y & 7] = JJ; return (x & 7) == (y & 7) ? JJ : KK;", "p->arr[x & 7] = KK; p->arr[y & 7] = JJ; return KK;"),
        ("p->arr[x & 7] = KK; p->arr[y & 7] = KK; return 0;", "p->arr[y & 7] = KK; p->arr[x & 7] = KK; return 0;", "p->arr[y & 7] = KK; p->arr[x & 7] = JJ; return 0;"),
        ("p->arr[x & 7] = KK; p->arr[y & 7] = JJ; return 0;", "int *r = p->arr; *(r + (x & 7)) = KK; *(r + (y & 7)) = JJ; return 0;", "p->arr[y & 7] = JJ; p->arr[x & 7] = KK; return 0;"),
        ("int *r = &p->arr[4]; return r[-1];", "return p->arr[3];", "return p->arr[4];"),
        ("int *r = p->arr; r++; *r++ = x; *r = y; return 0;", "p->arr[1] = x; p->arr[2] = y; return 0;", "p->arr[0] = x; p->arr[1] = y; return 0;"),
        ("return &p->arr[x & 7] - &p->arr[y & 7];", "return (x & 7) - (y & 7);", "return 4 * ((x & 7) - (y & 7));"),
        ("return &p->arr[5] > &p->arr[y & 7];", "return (y & 7) < 5;", "return (y & 7) <= 5;"),
        ("int s = 0; for (int i = 0; i < 4; i++) s += p->arr[i]; return s;", "int s = 0, *r = p->arr; while (r < p->arr + 4) s += *r++; return s;", "int s = 0, *r = p->arr; while (r <= p->arr + 4) s += *r++; return s;"),
        ("return p->arr[x & 7];", "return (x & 7)[p->arr];", "return (y & 7)[p->arr];"),
        ("p->raw[x & 7] = y; return p->raw[x & 7];", "u8 *r = p->raw; r[x & 7] = y; return y & 0xff;", "p->raw[x & 7] = y; return y;"),
    )  # fmt: skip


@kind("arrays")
def rows_of_two_dimensions(d: Dice) -> Draft:
    return bodies(
        d, S, ARGS,
        ("return p->m[x & 1][y & 3];", "int *r = p->m[x & 1]; return r[y & 3];", "int *r = p->m[y & 1]; return r[x & 3];"),
        ("return p->m[x & 1][y & 3];", "int (*r)[4] = p->m; return r[x & 1][y & 3];", "int (*r)[4] = p->m; return r[0][y & 3];"),
        ("return p->m[x & 1][y & 3];", "return *(*(p->m + (x & 1)) + (y & 3));", "return *(*p->m + (y & 3));"),
        ("return p->m[x & 1][y & 3];", "return (&p->m[0][0])[(x & 1) * 4 + (y & 3)];", "return (&p->m[0][0])[(x & 1) * 3 + (y & 3)];"),
        ("p->m[1][y & 3] = x; return p->m[0][0];", "int t = p->m[0][0]; p->m[1][y & 3] = x; return t;", "p->m[1][y & 3] = x; return x;"),
        ("int *r = p->m[0]; r[x & 7] = KK; return p->m[1][0];", "p->m[(x & 7) / 4][x & 3] = KK; return p->m[1][0];", "int t = p->m[1][0]; int *r = p->m[0]; r[x & 7] = KK; return t;"),
        ("return sizeof(p->m[0]) + x;", "return 16 + x;", "return 32 + x;"),
        ("int (*r)[4] = &p->m[1]; return r - p->m + x;", "return 1 + x;", "return 16 + x;"),
        ("p->m[0][x & 3] = KK; p->m[x & 1][0] = JJ; return p->m[0][0];", "p->m[0][x & 3] = KK; p->m[x & 1][0] = JJ; return x & 1 ? (x & 3 ? p->m[0][0] : KK) : JJ;", "p->m[0][x & 3] = KK; p->m[x & 1][0] = JJ; return JJ;"),
    )  # fmt: skip


@kind("arrays")
def structs_in_arrays(d: Dice) -> Draft:
    return bodies(
        d, S, ARGS,
        ("return p->many[x & 3].w;", "struct n@ *r = &p->many[x & 3]; return r->w;", "struct n@ *r = &p->many[x & 3]; return r->v;"),
        ("return p->many[x & 3].w;", "struct n@ *r = p->many; return (r + (x & 3))->w;", "struct n@ *r = p->many; return (r + (y & 3))->w;"),
        ("return p->many[x & 3].v;", "struct n@ t = p->many[x & 3]; return t.v;", "struct n@ t = p->many[x & 3]; return t.w;"),
        ("struct n@ *r = &p->many[1]; p->many[x & 3].v = KK; r->v = y; return p->many[x & 3].v;", "p->many[x & 3].v = KK; p->many[1].v = y; return (x & 3) == 1 ? y : KK;", "struct n@ *r = &p->many[1]; p->many[x & 3].v = KK; r->v = y; return KK;"),
        ("p->many[x & 3] = p->in; return p->many[x & 3].w;", "struct n@ t = p->in; p->many[x & 3].v = t.v; p->many[x & 3].w = t.w; return t.w;", "p->many[x & 3].w = p->in.w; return p->in.w;"),
        ("struct n@ t = p->in; p->in.v = x; return t.v;", "int t = p->in.v; p->in.v = x; return t;", "p->in.v = x; return p->in.v;"),
        ("struct n@ *t = &p->in; p->in.v = x; return t->v;", "p->in.v = x; return x;", "int t = p->in.v; p->in.v = x; return t;"),
        ("int *r = &p->many[0].v; return r[3];", "return p->many[1].w;", "return p->many[1].v;"),
        ("int *r = &p->many[x & 3].v; *r = KK; return p->many[y & 3].v;", "p->many[x & 3].v = KK; return (x & 3) == (y & 3) ? KK : p->many[y & 3].v;", "int t = p->many[y & 3].v; p->many[x & 3].v = KK; return t;"),
        ("struct s@ *q = p + 1; q->a = x; return p[1].a;", "p[1].a = x; return x;", "p[0].a = x; return x;"),
        ("p[x & 1].a = KK; return p->a;", "p[x & 1].a = KK; return x & 1 ? p->a : KK;", "p[x & 1].a = KK; return KK;"),
    )  # fmt: skip


@kind("arrays")
def arrays_of_the_file(d: Dice) -> Draft:
    head = (
        "int ga@[8] = { KK };\nstatic const int gc@[4] = { KK, JJ, 7 };\nint gm@[2][4];\nstatic const u8 gb@[2][2] = { { KK, 2 }, { 3, JJ } };\n"
        'static const char *const gn@[] = { "ab", "cd" };\nstruct e@ { int v; int w; };\nstatic const struct e@ ge@[] = { { KK, JJ }, { .w = 3 } };\nstatic const struct e@ gd@[3] = { [1] = { .w = KK }, [2].v = JJ };\n'
    )
    return bodies(
        d, head, "int x, int y",
        ("return ga@[x & 7];", "int *r = ga@; return r[x & 7];", "return ga@[y & 7];"),
        ("ga@[x & 7] = KK; ga@[1] = y; return ga@[x & 7];", "int *r = &ga@[1]; ga@[x & 7] = KK; *r = y; return (x & 7) == 1 ? y : KK;", "ga@[x & 7] = KK; ga@[1] = y; return KK;"),
        ("int *r = ga@; ga@[0] = x; *r = y; return ga@[0];", "ga@[0] = y; return y;", "int *r = ga@; ga@[0] = x; *r = y; return x;"),
        ("return gc@[x & 3];", "const int *r = gc@ + (x & 3); return *r;", "return x & 3 ? gc@[x & 3] : JJ;"),
        ("return gc@[x & 3];", "switch (x & 3) { case 0: return KK; case 1: return JJ; case 2: return 7; } return 0;", "switch (x & 3) { case 0: return JJ; case 1: return KK; case 2: return 7; } return 0;"),
        ("return gm@[x & 1][y & 3];", "int *r = gm@[x & 1]; return r[y & 3];", "int *r = gm@[0]; return r[y & 3];"),
        ("return gb@[x & 1][y & 1];", "const u8 *r = gb@[x & 1]; return r[y & 1];", "const u8 *r = gb@[y & 1]; return r[x & 1];"),
        ("return gn@[x & 1][0];", "return x & 1 ? 'c' : 'a';", "return x & 1 ? 'd' : 'b';"),
        ("return ge@[x & 1].w;", "return x & 1 ? 3 : JJ;", "return x & 1 ? 3 : KK;"),
        ("return ge@[x & 1].v;", "const struct e@ *r = &ge@[x & 1]; return r->v;", "const struct e@ *r = &ge@[x & 1]; return r->w;"),
        ("return gd@[(x & 1) + 1].v;", "return x & 1 ? JJ : 0;", "return x & 1 ? JJ : KK;"),
        ("touch(); return ga@[0];", "touch(); return *ga@;", "int t = ga@[0]; touch(); return t;"),
        ("return sizeof(ga@) / sizeof(ga@[0]) + x;", "return 8 + x;", "return 4 + x;"),
        shared=("ga@", "gm@"),
    )  # fmt: skip


@kind("aliasing")
def two_pointers(d: Dice) -> Draft:
    return bodies(
        d, S, TWO,
        ("p->a = KK; q->a = JJ; return p->a;", "p->a = KK; q->a = JJ; return p == q ? JJ : p->a;", "p->a = KK; q->a = JJ; return KK;"),
        ("int t = p->a; p->a = q->a; q->a = t; return 0;", "int t = q->a; q->a = p->a; p->a = t; return 0;", "p->a = q->a; q->a = p->a; return 0;"),
        ("p->a ^= q->a; q->a ^= p->a; p->a ^= q->a; return 0;", "p->a = p->a ^ q->a; q->a = q->a ^ p->a; p->a = p->a ^ q->a; return 0;", "int t = p->a; p->a = q->a; q->a = t; return 0;"),
        ("p->a = KK; q->b = JJ; return p->a;", "q->b = JJ; p->a = KK; return KK;", "q->b = JJ; p->a = KK; return p->b;"),
        ("p->arr[0] = KK; q->arr[x & 7] = y; return p->arr[0];", "p->arr[0] = KK; q->arr[x & 7] = y; return p == q && !(x & 7) ? y : p->arr[0];", "p->arr[0] = KK; q->arr[x & 7] = y; return KK;"),
        ("*p = *q; return p->a;", "struct s@ t = *q; *p = t; return t.a;", "p->a = q->a; return p->a;"),
        ("p->in = q->in; q->in.v = x; return p->in.v;", "p->in = q->in; int t = p->in.v; q->in.v = x; return p == q ? x : t;", "p->in = q->in; int t = p->in.v; q->in.v = x; return t;"),
        ("if (p != q) { p->a = KK; q->a = JJ; return p->a; } return 0;", "if (p == q) return 0; q->a = JJ; p->a = KK; return KK;", "p->a = KK; q->a = JJ; return p != q ? KK : 0;"),
        ("int t = p->a; q->a = x; return t - p->a;", "int t = p->a; q->a = x; return -(p->a - t);", "q->a = x; return 0;"),
        ("p->a += q->a; p->a += q->a; return 0;", "p->a = q->a + p->a; p->a = p->a + q->a; return 0;", "p->a += 2 * q->a; return 0;"),
    )  # fmt: skip


@kind("aliasing")
def pointers_to_ints(d: Dice) -> Draft:
    return bodies(
        d, "", "int *p, int *q, int x",
        ("*p = KK; *q = JJ; return *p;", "*p = KK; *q = JJ; return p == q ? JJ : *p;", "*p = KK; *q = JJ; return KK;"),
        ("*p = x; p[1] = KK; return *q;", "p[1] = KK; *p = x; return *q;", "int t = *q; *p = x; p[1] = KK; return t;"),
        ("*p = *q; *q = *p; return 0;", "*p = *q; return 0;", "*q = *p; return 0;"),
        ("if (p == q) return 1; *p = KK; *q = JJ; return *p;", "if (p == q) return 1; *q = JJ; *p = KK; return *p;", "*q = JJ; *p = KK; return p == q ? 1 : KK;"),
        ("int t = *p; touch(); return t - *p;", "int t = *p; touch(); int u = *p; return t - u;", "touch(); return 0;"),
        ("int l = KK; *p = x; return l;", "*p = x; return KK;", "*p = x; return *p;"),
        ("int l = KK; int *r = x ? &l : p; *r = JJ; return l;", "if (x) return JJ; *p = JJ; return KK;", "if (!x) *p = JJ; return KK;"),
        ("int l = x; take(&l); return l;", "int l; l = x; take(&l); return l;", "int l = x; take(&l); return x;"),
        ("int l = x; int *r = &l; touch(); return *r;", "touch(); return x;", "int t = *p; touch(); return t;"),
        ("int **z = x ? &p : &q; **z = KK; return 0;", "if (x) *p = KK; else *q = KK; return 0;", "if (x) *q = KK; else *p = KK; return 0;"),
        ("for (int i = 0; i < 2; i++) p[i] = q[i]; return 0;", "p[0] = q[0]; p[1] = q[1]; return 0;", "p[1] = q[1]; p[0] = q[0]; return 0;"),
        ("for (int i = 0; i < 3; i++) p[i] = *q; return 0;", "p[0] = *q; p[1] = *q; p[2] = *q; return 0;", "int t = *q; p[0] = t; p[1] = t; p[2] = t; return 0;"),
    )  # fmt: skip


@kind("aliasing")
def pointer_to_a_global(d: Dice) -> Draft:
    return bodies(
        d, "int gv@;\n", "int *p, int x",
        ("gv@ = KK; *p = JJ; return gv@;", "gv@ = KK; *p = JJ; return p == &gv@ ? JJ : gv@;", "gv@ = KK; *p = JJ; return KK;"),
        ("int t = gv@; *p = x; return t - gv@;", "int t = gv@; *p = x; return -(gv@ - t);", "*p = x; return 0;"),
        ("gv@ = x; return *p;", "int *r = &gv@; *r = x; return *p;", "int t = *p; gv@ = x; return t;"),
        ("gv@ = KK; sink(*p); return gv@;", "gv@ = KK; sink(*p); return 0 + gv@;", "int t = *p; gv@ = KK; sink(t); return gv@;"),
        shared=("gv@",), setup="if (mode & 8) p = &gv@;",
    )  # fmt: skip
