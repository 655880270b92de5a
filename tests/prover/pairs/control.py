# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Order, jumps, scopes: plain C that is easily misread."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, Dice, Draft, in_one_file, kind
from .memory import S
from .memory import bodies as rows
from .values import choose_two


@kind("order")
def order_of_evaluation(d: Dice) -> Draft:
    head = "int gv@;\nstatic int set@(int v) { gv@ = v; return v; }\n"
    body = d.rng.choice([
        ("return x && ext(y);", "if (!x) return 0; return ext(y) != 0;", "int t = ext(y); return x && t;"),
        ("return x || ext(y);", "return x ? 1 : !!ext(y);", "return ext(y) || x;"),
        ("return ext(x) && ext(y);", "int t = ext(x); return t ? ext(y) != 0 : 0;", "int t = ext(y); return ext(x) && t;"),
        ("return (sink(x), ext(y));", "sink(x); return ext(y);", "int t = ext(y); sink(x); return t;"),
        ("return x ?: ext(y);", "return x ? x : ext(y);", "int t = ext(y); return x ? x : t;"),
        ("return ext(x) ?: y;", "int t = ext(x); return t ? t : y;", "return ext(x) ? ext(x) : y;"),
        ("return x ? ext(x) : ext(y);", "return ext(x ? x : y);", "int t = ext(x); return x ? t : ext(y);"),
        ("return ext(ext(x));", "int t = ext(x); return ext(t);", "int t = ext(x); ext(t); return t;"),
        ("int t = x++; return t + x;", "return 2 * x + 1;", "return 2 * x + 2;"),
        ("int t = x++ * 2; return t - x;", "return x - 1;", "return x + 1;"),
        ("return (x = y) + 1;", "x = y; return x + 1;", "return x + 1;"),
        ("x += y += KK; return x - y;", "return x;", "return x + y;"),
        ("return set@(x) && gv@;", "gv@ = x; return !!x;", "int t = gv@; gv@ = x; return x && t;"),
        ("return set@(x) ? gv@ : y;", "gv@ = x; return x ? x : y;", "int t = gv@; gv@ = x; return x ? t : y;"),
        ("return (set@(x), gv@);", "gv@ = x; return x;", "int t = gv@; gv@ = x; return t;"),
        ("if (x > KK || set@(y)) return gv@; return 0;", "if (x > KK) return gv@; gv@ = y; return y;", "gv@ = y; if (x > KK || y) return gv@; return 0;"),
        ("sink(gv@); touch(); sink(gv@); return 0;", "int t = gv@; sink(t); touch(); sink(gv@); return 0;", "int t = gv@; sink(t); touch(); sink(t); return 0;"),
        ("gv@ = x; sink(y); gv@ = y; return 0;", "gv@ = x; sink(y); gv@ = 0 + y; return 0;", "sink(y); gv@ = y; return 0;"),
        ("gv@ = x; gv@ = y; return gv@;", "gv@ = y; return gv@;", "gv@ = x; return gv@;"),
        ("return x & ext(y);", "int t = ext(y); return x & t;", "return x ? x & ext(y) : 0;"),
        ("return 0 && ext(x);", "return 0;", "ext(x); return 0;"),
        ("return ext(x) * 0;", "ext(x); return 0;", "return 0;"),
        ("int a = ext(x), b = ext(y); return a - b;", "int a = ext(x); return a - ext(y);", "int b = ext(y), a = ext(x); return a - b;"),
        ("return ext(x) - ext(x);", "int a = ext(x); int b = ext(x); return a - b;", "ext(x); ext(x); return 0;"),
        ("sink(ext(x)); return x;", "int t = ext(x); sink(t); return x;", "sink(x); ext(x); return x;"),
    ])  # fmt: skip
    if "ext(x) - ext(x)" in body[0]:
        body = ("int a = ext(x); return a - ext(y);", "int a = ext(x); int b = ext(y); return a - b;", body[2])  # fmt: skip
    return rows(d, head, "int x, int y", body, shared=("gv@",))


@kind("control")
def jumps_and_loops(d: Dice) -> Draft:
    return choose_two(
        d,
        ("", "switch (x) { case 1: y++; case 2: y += KK; break; default: y = 0; } return y;", "if (x == 1) return y + 1 + KK; if (x == 2) return y + KK; return 0;", "if (x == 1) return y + 1; if (x == 2) return y + KK; return 0;"),
        ("", "switch (x) { default: y++; break; case 3: return KK; case 4: ; } return y;", "return x == 3 ? KK : x == 4 ? y : y + 1;", "return x == 3 ? KK : y + 1;"),
        ("", "switch ((u8)x) { case KK: return 1; case KK + 256: return 2; } return 0;", "return (x & 255) == KK;", "return x == KK ? 1 : x == KK + 256 ? 2 : 0;"),
        ("", "switch (x) { case 1 ... 4: return KK; case 5: y--; } return y;", "if (x > 0 && x < 5) return KK; return x == 5 ? y - 1 : y;", "if (x > 0 && x <= 5) return KK; return y;"),
        ("", "int i; for (i = 0; i < 5; i++) if (i == x) break; return i;", "return x >= 0 && x < 5 ? x : 5;", "return x >= 0 && x < 5 ? x : 4;"),
        ("", "int i, r = 0; for (i = 0; i < 4; i++) { if (i == x) continue; r += KK; } return r;", "return x >= 0 && x < 4 ? 3 * KK : 4 * KK;", "return 4 * KK;"),
        ("", "int r = 0; do { r++; if (x) continue; r += KK; } while (0); return r;", "return x ? 1 : 1 + KK;", "return 1 + KK;"),
        ("", "int r = 0, i = 0; while (i < 3) { int r = i; i++; sink(r); } return r;", "sink(0); sink(1); sink(2); return 0;", "sink(0); sink(1); sink(2); return 2;"),
        ("", "int r = x; { int r = y; r += KK; } return r;", "return x;", "return y + KK;"),
        ("", "int r = x; if (y) { r = KK; goto out; } r++; out: return r;", "return y ? KK : x + 1;", "return (y ? KK : x) + 1;"),
        ("", "int r = 0; again: r += KK; if (x-- > 0 && r < 4 * KK) goto again; return r;", "int r = 0; do { r += KK; } while (x-- > 0 && r < 4 * KK); return r;", "int r = 0; while (x-- > 0 && r < 4 * KK) r += KK; return r;"),
        ("", "for (int x = 0; x < 3; x++) sink(x); return x;", "sink(0); sink(1); sink(2); return x;", "sink(0); sink(1); sink(2); return 3;"),
        ("", "if (x) if (y) return 1; else return 2; return 3;", "return x ? y ? 1 : 2 : 3;", "return x ? y ? 1 : 3 : 2;"),
        ("", "if (x > KK); { y++; } return y;", "return y + 1;", "return x > KK ? y + 1 : y;"),
        ("", "int r = 0; switch (x & 1) { int t; case 0: t = KK; r = t; break; default: r = y; } return r;", "return x & 1 ? y : KK;", "return y;"),
        ("", "int r = 0; for (int i = 0, j = 3; i < j; i++, j--) r += j * 4 + i; return r + x;", "return 12 + 9 + x;", "return 12 + x;"),
        ("", "int r = 0; for (unsigned i = 3; i-- > 0;) r = r * 3 + i; return r + x;", "return x + 21;", "return x + 7;"),
        ("", "if (x) goto in; while (y > 0 && y < 4) { y++; in: sink(y); if (x) break; } return y;", "if (x) { sink(y); return y; } while (y > 0 && y < 4) { y++; sink(y); } return y;", "while (y > 0 && y < 4) { y++; sink(y); if (x) break; } return y;"),
        ("", "void *t = x ? &&one : &&two; goto *t; one: return KK; two: return y;", "return x ? KK : y;", "return x ? y : KK;"),
        ("", "int r = ({ if (x) goto out; y; }); return r; out: return KK;", "return x ? KK : y;", "return y;"),
    )  # fmt: skip


@kind("control")
def values_that_mislead(d: Dice) -> Draft:
    return choose_two(
        d,
        ("", "return x & 1 == 0;", "return x & 0;", "return (x & 1) == 0;"),
        ("", "return x & KK == KK;", "return x & 1;", "return (x & KK) == KK;"),
        ("", "return !x & KK;", "return (!x) & KK;", "return !(x & KK);"),
        ("", "return x << 2 + 1;", "return x << 3;", "return (x << 2) + 1;"),
        ("", "return -1 < y < 3;", "return 1;", "return y > -1 && y < 3;"),
        ("", "return x == y == KK;", "return 0;", "return x == y && y == KK;"),
        ("", "return x ? y : x ? 1 : 2;", "return x ? y : 2;", "return (x ? y : x) ? 1 : 2;"),
        ("", "return ~x + 1;", "return -x;", "return ~(x + 1);"),
        ("", "return x-- - y;", "return x - y;", "return x - 1 - y;"),
        ("", "return - -x;", "return x;", "return x - 1;"),
        ("", "return x / 2;", "return x < 0 ? -(-(unsigned)x / 2) : x >> 1;", "return x >> 1;"),
        ("", "return x % 4;", "return x - x / 4 * 4;", "return x & 3;"),
        ("", "return (x, y);", "return y;", "return x;"),
        ("", "return 010 + x;", "return 8 + x;", "return 10 + x;"),
        ("", "return 'a' + x;", "return 97 + x;", "return 65 + x;"),
        ("", "return '\\377' + x;", "return (char)0xff + x;", "return x + 256;"),
        ("", 'return sizeof("a\\0b") + x;', "return 4 + x;", "return 2 + x;"),
        ("", "int t = sizeof(x++); return t + x;", "return x + 4;", "return x + 5;"),
        ("", "struct { int a, b; } t = { .b = x }; return t.a + t.b;", "return x;", "return x + y;"),
        ("", "int t[4] = { [2] = x, y }; return t[3] - t[2] + t[0];", "return y - x;", "return x - y;"),
        ("struct t@ { int a; struct { int b; int c[2]; } in; };\n", "struct t@ t = { x, { y, { KK } } }; return t.in.c[0] + t.in.c[1] - t.in.b;", "return KK - y;", "return KK - x;"),
        ("struct t@ { int a; struct { int b; int c[2]; } in; };\n", "struct t@ t = { .in.c[1] = x, .a = y }; return t.in.c[1] + t.in.b - t.a;", "return x - y;", "return y - x;"),
        ("struct t@ { int a, b; };\n", "struct t@ *t = &(struct t@){ x, y }; t->a++; return t->a - t->b;", "return x + 1 - y;", "return x - y;"),
        ("struct t@ { int a, b; };\nstatic struct t@ mk@(int v) { return (struct t@){ v, v + KK }; }\n", "return mk@(x).b - y;", "return x + KK - y;", "return x - y;"),
        ("struct t@ { int a, b; };\n", "struct t@ t = { x, y }, u = t; t.a = KK; return u.a + t.b;", "return x + y;", "return KK + y;"),
        ("", "u32 t = x; return t - 1 < t;", "return x != 0;", "return 1;"),
        ("", "return x + 1 > x;", "return x != 0x7fffffff;", "return 1;"),
        ("", "long t = x; return t << 31 >> 31 == x;", "return 1 | (x & 0);", "return (x << 31 >> 31) == x;"),
        ("", "return x * 2 / 2 == x;", "return x >= -0x40000000 && x < 0x40000000;", "return 1;"),
        ("", "return -x == x;", "return (x & 0x7fffffff) == 0;", "return x == 0;"),
        ("", "return x > y ? x : y;", "return x >= y ? x : y;", "return x < y ? x : y;"),
        ("", "return (u8)x == x;", "return x >= 0 && x < 256;", "return x < 256;"),
        ("", "return !!x == x;", "return x == 0 || x == 1;", "return 1;"),
        ("", "bool t = x; t += 2; return t;", "return 1;", "return x + 2 != 0;"),
        ("", "bool t = x; t--; return t;", "return !x;", "return x - 1 != 0;"),
        ("", "{ enum { x = KK }; return x + y; }", "return KK + y;", "return x + y;"),
    )  # fmt: skip


@kind("functions")
def whole_functions(d: Dice) -> Draft:
    """A random body with an edit that keeps or may change it."""
    one, two, three = (d.expression(3) for _ in range(3))
    k = d.number()
    before = f"int r = {one}; if ({two}) r += ext({three}); else if (r > {k}) return {one}; sink(r); return r - {two};"
    same = d.rng.choice([
        f"int c = {two}; int r = {one}; if (c) {{ int t = ext({three}); r += t; }} else {{ if (!(r <= {k})) return r; }} sink(r); return r - {two};",
        f"int r = {one}; if (!({two})) {{ if (r > {k}) return r; }} else r = ext({three}) + r; sink(r); return -({two} - r);",
        f"int r = {d.reworded(one)}; if ({two}) r += ext({d.reworded(three)}); else if ({k} < r) return {one}; sink(r); return r - ({d.reworded(two)});",
    ])  # fmt: skip
    other = d.rng.choice([
        before.replace(f"> {k}", f">= {k}"), before.replace("r +=", "r -="), before.replace("else if", "if"),
        before.replace(one, d.expression(3), 1), before.replace("sink(r);", ""), before.replace(f"r - {two}", f"r + {two}"),
        before.replace("sink(r);", "sink(r + 1);"), before.replace(f"> {k}", f"> {k + 1}"),
    ])  # fmt: skip
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair("", body.format(before), body.format(same), body.format(other))


@kind("functions")
def members_written(d: Dice) -> Draft:
    return rows(
        d, S, "struct s@ *p, int x, int y",
        ("if (x) p->a = y; else p->a = KK; return 0;", "p->a = x ? y : KK; return 0;", "p->a = KK; return x ? p->a = y : 0;"),
        ("p->a = x; if (y) p->a = KK; return p->a;", "p->a = y ? KK : x; return p->a;", "if (y) p->a = KK; return p->a;"),
        ("p->a++; p->b--; return p->a + p->b;", "p->b -= 1; p->a += 1; return p->b + p->a;", "int t = p->a + p->b; p->a++; p->b++; return t;"),
        ("p->c = x; p->h = p->c; return p->h;", "p->c = x; p->h = (u8)x; return (u8)x;", "p->c = x; p->h = x; return x & 0xff;"),
        ("p->h += KK; return p->h;", "p->h = p->h + KK; return (s16)p->h;", "int t = p->h + KK; p->h = t; return t;"),
        ("p->a = p->b = p->c = x; return p->a;", "p->c = x; p->b = p->c; p->a = p->b; return x & 0xff;", "p->c = x; p->b = x; p->a = x; return x & 0xff;"),
        ("int t = p->a; sink(t); return p->a;", "sink(p->a); return p->a;", "int t = p->a; sink(t); return t;"),
        ("p->a = x; touch(); return p->a;", "p->a = x; touch(); int t = p->a; return t;", "p->a = x; touch(); return x;"),
        ("struct n@ t = { x, y }; p->in = t; return p->in.w;", "p->in.v = x; p->in.w = y; return y;", "p->in.w = y; return y;"),
        ("struct n@ *t = &p->in; t->v = x; return p->in.v;", "p->in.v = x; return x;", "p->in.w = x; return x;"),
    )  # fmt: skip


@kind("functions")
def nothing_but_spelling(d: Dice) -> Draft:
    one = d.expression(3)
    before = f"int f@(int x, int y) {{ return {one}; }}"
    equal = d.coin()
    other = d.expression(3)
    after = (
        f"int f@(int x, int y) {{ {d.returned(d.reworded(one) if equal else other)} }}"
    )
    return in_one_file(before, after, EQUAL if equal else DIFFERS)
