# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Volatile, initial values, enumerators, widths, lines and bit-fields."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, Dice, Draft, in_one_file, kind
from .memory import bodies

REGS = (
    "struct r@ { volatile u32 st; volatile u32 da; volatile u8 by; };\n"
    "static inline u32 rd@(u32 *a) { return *(volatile u32 *)a; }\nstatic inline void wr@(u32 v, u32 *a) { *(volatile u32 *)a = v; }\n"
    "#define RD@(a) (*(volatile u32 *)(a))\nextern volatile int vv@;\n"
)


@kind("volatile")
def registers(d: Dice) -> Draft:
    return bodies(
        d, REGS, "volatile u32 *p, struct r@ *r, u32 *w, int x",
        ("*p; return 0;", "(void)*p; return 0;", "return 0;"),
        ("*p; return *p;", "u32 t = *p; t = *p; return t;", "return *p;"),
        ("u32 t = *p; return t + t;", "u32 t = *p; return 2 * t;", "return *p + *p;"),
        ("return *p;", "u32 t = *p; return t;", "u32 t = *p; t = *p; return t;"),
        ("*p = KK; *p = JJ; return 0;", "{ *p = KK; } *p = JJ; return 0;", "*p = JJ; return 0;"),
        ("*p = KK; return 0;", "p[0] = KK; return 0;", "*p = KK; *p = KK; return 0;"),
        ("r->st = 1; r->da = x; return 0;", "r->st = 1; (*r).da = x; return 0;", "r->da = x; r->st = 1; return 0;"),
        ("u32 a = r->st; u32 b = r->da; return a - b;", "u32 a = r->st; return a - r->da;", "u32 b = r->da; u32 a = r->st; return a - b;"),
        ("if (*p & 1) return 1; if (*p & 2) return 2; return 0;", "if (*p & 1) return 1; return *p & 2;", "u32 t = *p; if (t & 1) return 1; return t & 2;"),
        ("return *p == *p;", "u32 a = *p, b = *p; return a == b;", "*p; *p; return 1;"),
        ("*p |= KK; return 0;", "u32 t = *p; *p = t | KK; return 0;", "*p = KK; return 0;"),
        ("r->st++; return 0;", "r->st = r->st + 1; return 0;", "u32 t = r->st; r->st; r->st = t + 1; return 0;"),
        ("if (x) *p; return 0;", "x ? *p : 0; return 0;", "*p; return 0;"),
        ("x && *p; return 0;", "if (x) *p; return 0;", "*p && x; return 0;"),
        ("for (int i = 0; i < 3; i++) *p; return 0;", "*p; *p; *p; return 0;", "*p; *p; return 0;"),
        ("return r->by;", "u8 t = r->by; return t;", "return r->st;"),
        ("*p = x; return x;", "*p = x; return 0 + x;", "*p = x; return *p;"),
        ("rd@(w); return 0;", "u32 t = rd@(w); return t - t;", "return 0;"),
        ("wr@(1, w); rd@(w); return 0;", "wr@(1, w); (void)RD@(w); return 0;", "wr@(1, w); return 0;"),
        ("RD@(w); return RD@(w);", "rd@(w); return rd@(w);", "return RD@(w);"),
        ("return RD@(w) - RD@(w);", "u32 a = rd@(w); u32 b = rd@(w); return a - b;", "rd@(w); rd@(w); return 0;"),
        ("vv@; return vv@;", "(void)vv@; return vv@;", "return vv@;"),
        ("vv@ = KK; return 0;", "vv@ = KK; return 0 * x;", "vv@ = KK; vv@ = KK; return 0;"),
        ("vv@ = x; return *p;", "vv@ = x; u32 t = *p; return t;", "u32 t = *p; vv@ = x; return t;"),
        ("int t = vv@; sink(t); return t;", "int t = vv@; int u = t; sink(u); return t;", "sink(vv@); return vv@;"),
        ("while (!(*p & 1)) sink(1); return 0;", "for (;;) { if (*p & 1) break; sink(1); } return 0;", "if (*p & 1) return 0; sink(1); return 0;"),
        ("sink(1); *p; return 0;", "sink(1); (void)(*p); return 0;", "*p; sink(1); return 0;"),
        ("sizeof(*p); return x;", "return x;", "*p; return x;"),
        ("volatile int t = x; return t;", "volatile int t; t = x; return t;", "volatile int t = x; return *p;"),
        ("(void)(*p * 0); return 0;", "*p; return 0;", "return 0;"),
        ("return 0 * *p;", "*p; return 0;", "return 0;"),
        ("return *p & 0;", "return *p * 0;", "return 0;"),
        ("return x ? *p : *p;", "return *p;", "u32 t = *p; return x ? t : *p;"),
        ("u32 t = *p; if (x) return t; return 0;", "u32 t = *p; return x ? t : 0;", "if (x) return *p; return 0;"),
        ("(*p, *p); return 0;", "*p; *p; return 0;", "(0, *p); return 0;"),
        ("struct r@ t = *r; return t.st;", "struct r@ t; t = *r; return t.st;", "return r->st;"),
        registers=("vv@",),
    )  # fmt: skip


@kind("statics")
def initial_values(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    t = d.pick("int", "u8", "unsigned", "s16")
    f = "int f@(int x, int y) {{ {} }}\n"
    use = d.pick(
        "return n@ + x;", "return n@++;", "n@ += x; return n@;", "if (n@ > 9) n@ = 0; return n@;",
        "return x > n@;", "sink(n@); n@ = y; return 0;", "int *p = &n@; return *p + x;" if t == "int" else "return n@;",
    )  # fmt: skip
    equal = d.coin()
    claim = EQUAL if equal else DIFFERS
    inside = d.coin()
    first, second = f"= {a}", f"= {a - 1} + 1" if equal else d.pick(f"= {b}", "")
    if inside:
        return in_one_file(f.format(f"static {t} n@ {first}; {use}"), f.format(f"static {t} n@ {second}; {use}"), claim)  # fmt: skip
    return in_one_file(f"static {t} n@ {first};\n{f.format(use)}", f"static {t} n@ {second};\n{f.format(use)}", claim)  # fmt: skip


@kind("statics")
def constants_and_their_like(d: Dice) -> Draft:
    return choose_two(
        d,
        ("static const int n@ = KK;\n", "return n@ + x;", "return x + KK;", "return x + JJ;"),
        ("static struct { int a, b; } n@ = { KK, JJ };\n", "return n@.b - x;", "return -(x - n@.b);", "return n@.a - x;"),
        ("static const struct { int a, b; } n@ = { .b = KK };\n", "return n@.b - x + n@.a;", "return KK - x;", "return JJ - x;"),
        ("", "static int n; n++; return n;", "static int n; return ++n;", "static int n; return n++;"),
        ("", "static int n = KK; n++; return n;", "static int m = KK; m += 1; return m;", "int n = KK; n++; return n;"),
        ("", "static int n = KK; if (x) n = y; return n;", "static int n = KK; n = x ? y : n; return n;", "static int n = KK; return x ? y : n;"),
        ("", "static int done; if (done) return 0; done = 1; return x;", "static int done; if (!done) { done = 1; return x; } return 0;", "static int done = 1; if (done) return 0; done = 1; return x;"),
        ("", "static const char s[] = \"abc\"; return s[x & 1];", "return x & 1 ? 'b' : 'a';", "return x & 1 ? 'c' : 'a';"),
    )  # fmt: skip


@kind("statics")
def variables_that_others_write(d: Dice) -> Draft:
    head, more = d.rng.choice([
        ("int n@ = KK;\n", {"shared": ("n@",)}),
        ("static int n@ = KK;\nint w@(void);\nint w@(void) { return n@++; }\n", {"setup": "w@();"}),
        ("static int n@ = KK;\nint *w@(void);\nint *w@(void) { return &n@; }\n", {"setup": "*w@() = in[3];"}),
    ])  # fmt: skip
    return bodies(
        d, head, "int x, int y",
        ("return n@ + x;", "int *p = &n@; return *p + x;", "return x + KK;"),
        ("return n@ > x;", "int t = n@; return x < t;", "return KK > x;"),
        ("if (n@ == KK) return x; return y;", "return n@ != KK ? y : x;", "return x;"),
        **more,
    )  # fmt: skip


def choose_two(d: Dice, *rows: tuple[str, str, str, str], **more: object) -> Draft:
    head, *row = d.rng.choice(rows)
    return bodies(d, head, "int x, int y", (row[0], row[1], row[2]), **more)


@kind("enums")
def enumerators(d: Dice) -> Draft:
    names = ["A@", "B@", "C@"]
    one = f"enum e@ {{ {', '.join(names)} }};\n"
    a = d.number(3, 20)
    two, claim = d.rng.choice([
        ("enum e@ { A@, N@, B@, C@ };\n", DIFFERS), ("enum e@ { A@, B@, C@, N@ };\n", EQUAL),
        ("enum e@ { A@ = 0, B@ = 1, C@ };\n", EQUAL), ("enum e@ { A@ = 1, B@, C@ };\n", DIFFERS),
        ("enum e@ { A@, B@ = 1, C@ = B@ + 1 };\n", EQUAL), ("enum e@ { A@, C@, B@ };\n", DIFFERS),
        ("#define A@ 0\n#define B@ 1\n#define C@ 2\n", EQUAL), (f"enum e@ {{ A@, B@ = {a}, C@ }};\n", DIFFERS),
        ("enum e@ { A@ = -1, Z@, B@ = 1, C@ };\n", DIFFERS), ("enum e@ { A@, B@ };\nenum { C@ = 2 };\n", EQUAL),
    ])  # fmt: skip
    use = d.rng.choice([
        "return x == A@ ? 1 : x == B@ ? 2 : x == C@;",
        "switch (x) { case A@: return 5; case B@: return 6; case C@: return 7; } return 0;",
        "static const int t[] = { [A@ + 1] = 3, [B@ + 1] = 4, [C@ + 1] = 5 }; return A@ + t[B@ + 1] * 8 + C@ * 2;",
        "return x + A@ + 4 * B@ + 16 * C@;", "return 1 << (A@ + 1) | (x & 1 << B@) | (C@ << 8);", "return ext2(A@ - C@, B@);",
    ])  # fmt: skip
    f = f"int f@(int x, int y) {{ {use} }}\n"
    return in_one_file(one + f, two + f, claim)


@kind("types")
def widths(d: Dice) -> Draft:
    one, same, other = d.rng.choice([
        ("u8", "unsigned char", "u16"), ("u8", "unsigned char", "s8"), ("int", "s32", "u32"), ("u32", "unsigned int", "u64"),
        ("s16", "short", "u16"), ("bool", "_Bool", "u8"), ("u64", "unsigned long", "u32"), ("long", "s64", "int"),
    ])  # fmt: skip
    text, use = d.rng.choice([
        ("typedef T t@;\n", "t@ t = x; return t > y;"), ("typedef T t@;\n", "return (t@)x + 1 > (t@)y;"),
        ("typedef T uu@;\ntypedef uu@ t@;\n", "return ((t@)-1 < 0) + x;"), ("struct s@ { T m; };\n", "struct s@ s = { x }; return s.m > 300 || s.m < 0;"),
        ("struct s@ { T m; };\n", "return sizeof(struct s@) + x;"), ("typedef T t@;\n", "return sizeof(t@) * 2 + x;"),
        ("static T h@(int v) { return v; }\n", "return h@(x) > y;"), ("static int h@(T v) { return v > 200; }\n", "return h@(x);"),
        ("", "T t = x; t++; return t > y;"), ("", "return ({ T t = x; t >> 1; }) > y;"), ("typedef T t@[2];\n", "t@ t = { x, y }; return sizeof(t) + (t[0] > t[1]);"),
    ])  # fmt: skip
    equal = d.coin()
    before = f"{text}int f@(int x, int y) {{ {use} }}"
    word = same if equal else other
    return in_one_file(before.replace("T ", f"{one} "), before.replace("T ", f"{word} "), EQUAL if equal else DIFFERS)  # fmt: skip


@kind("types")
def layout(d: Dice) -> Draft:
    one = "struct s@ { u8 a; int b; u16 c; };\n"
    two, claim = d.rng.choice([
        ("struct s@ { int b; u8 a; u16 c; };\n", DIFFERS), ("struct s@ { u8 a; int b; u16 c; u8 d; };\n", EQUAL),
        ("struct s@ { u8 a; u8 z; int b; u16 c; };\n", EQUAL), ("struct s@ { u8 a; int b; int z; u16 c; };\n", DIFFERS),
        ("struct s@ { u8 a; int b; u16 c; } __attribute__((packed));\n", DIFFERS), ("struct s@ { u8 z; int b; u16 c; };\n", EQUAL),
    ])  # fmt: skip
    use = d.pick(
        "return sizeof(struct s@) + x;", "return __builtin_offsetof(struct s@, c) + (sizeof(struct s@) << 8) + x;",
        "struct s@ s[2]; return (long)&s[1] - (long)&s[0] + __builtin_offsetof(struct s@, c);",
    )  # fmt: skip
    f = f"int f@(int x, int y) {{ {use} }}\n"
    return in_one_file(one + f, two + f, claim)


@kind("lines")
def line_and_function(d: Dice) -> Draft:
    lines = "\n" * d.rng.randint(1, 4)
    row = d.rng.randrange(9)
    use = d.pick("return __LINE__ + x;", "sink(__LINE__); return x;", "return M@ + x;", "if (x) return M@; return 0;")  # fmt: skip
    head = "#define M@ __LINE__\n"
    f = f"int f@(int x, int y) {{ {use} }}\n"
    named = "static int h@(int v) {{ return {}; }}\nint f@(int x, int y) {{ return h@(x); }}\n"
    if row == 0:
        return in_one_file(head + f, head + lines + f, DIFFERS)
    if row == 1:
        return in_one_file(head + f, head + f.replace("{ ", "{" + lines), DIFFERS)
    if row == 2:
        return in_one_file(head + f, head + f.replace("{ ", "{ (void)0; "), EQUAL)
    if row == 3:
        quiet = f.replace("__LINE__", "3").replace("M@", "4")
        return in_one_file(quiet, lines + quiet.replace("return", "return 0 +"), EQUAL)
    if row == 4:
        text = named.format("(int)sizeof(__func__) + v")
        return in_one_file(text, text.replace("h@", "longer@"), DIFFERS)
    if row == 5:
        text = named.format("__func__[0] + v")
        return in_one_file(text, text.replace("h@", "g@"), DIFFERS)
    if row == 6:
        text = named.format("__func__[0] + v")
        return in_one_file(text, text.replace("int v)", "int v )"), EQUAL)
    if row == 7:
        text = named.format("v + 1")
        return in_one_file(text, text.replace("h@", "longer@"), EQUAL)
    return in_one_file(
        "#define N@(v) ({ sink(__LINE__); v; })\nint f@(int x, int y) { return N@(x); }",
        "#define N@(v) ({ sink(__LINE__); v; })\nint f@(int x, int y)\n{\n\treturn N@(x);\n}", DIFFERS,
    )  # fmt: skip


@kind("bit-fields")
def bit_fields(d: Dice) -> Draft:
    head = "struct b@ { unsigned u : 3; int i : 3; u64 w : 40; bool on : 1; u8 c : 5; unsigned : 0; unsigned v : 7; int j : 31; };\n"
    return bodies(
        d, head, "struct b@ *p, int x, int y",
        ("p->u = x; return p->u;", "p->u = x; return x & 7;", "p->u = x; return x;"),
        ("p->i = x; return p->i;", "p->i = x; return x << 29 >> 29;", "p->i = x; return x & 7;"),
        ("return p->u = x;", "p->u = x; return p->u;", "p->u = x; return x;"),
        ("return (p->i = x) > 3;", "p->i = x; return 0;", "p->i = x; return x > 3;"),
        ("p->u++; return p->u;", "p->u = p->u + 1; return p->u;", "int t = p->u + 1; p->u = t; return t;"),
        ("return p->u++;", "int t = p->u; p->u = t + 1; return t;", "return ++p->u;"),
        ("p->on = x; return p->on;", "p->on = x != 0; return !!x;", "p->on = x & 1; return x & 1;"),
        ("return p->u - 8 < 0;", "return 1 + 0 * p->u;", "return 0;"),
        ("return p->v - 1000 < 0;", "return p->v < 1000;", "return 0;"),
        ("return (p->w << 30) >> 30 == p->w;", "return !(p->w >> 10);", "return 1;"),
        ("p->w = x; return p->w >> 32;", "p->w = x; return x < 0 ? 255 : 0;", "p->w = x; return x < 0 ? -1 : 0;"),
        ("p->u = x; p->i = y; return p->u;", "p->i = y; p->u = x; return x & 7;", "p->u = x; p->i = y; return y & 7;"),
        ("p->u = KK; p->c = JJ; return p->c;", "p->c = JJ & 31; p->u = KK & 7; return JJ & 31;", "p->c = JJ & 15; p->u = KK & 7; return JJ & 15;"),
        ("p->c += x; return p->c;", "p->c = p->c + x; return p->c;", "u8 t = p->c + x; p->c = t; return t;"),
        ("return -p->u < 0;", "return p->u != 0;", "return 0;"),
        ("return ~p->u == -1;", "return !p->u;", "return p->u == 7;"),
        ("p->j = x; return p->j < 0;", "p->j = x; return x >> 30 & 1;", "p->j = x; return x < 0;"),
        ("struct b@ t = *p; t.u = x; return t.u + p->u;", "return (x & 7) + p->u;", "p->u = x; return (x & 7) + p->u;"),
        ("p->i = -1; return p->i;", "p->i = 7; return -1;", "p->i = 7; return 7;"),
        ("return p->u > -1;", "return 1;", "return 0;"),
        ("return p->w > -1;", "return 0;", "return 1;"),
        ("return p->u ? p->i : p->v;", "if (!p->u) return p->v; return p->i;", "if (!p->u) return p->i; return p->v;"),
    )  # fmt: skip


@kind("bit-fields")
def width_of_a_bit_field(d: Dice) -> Draft:
    a = d.rng.randint(2, 9)
    t = d.pick("unsigned", "int", "u64", "u16")
    equal = d.coin()
    word = {
        "unsigned": "unsigned int",
        "int": "signed int",
        "u64": "unsigned long long",
        "u16": "unsigned short",
    }[t]
    one = f"struct b@ {{ {t} m : {a}; }};\n"
    two = f"struct b@ {{ {word} m : {a - 1} + 1; }};\n" if equal else d.pick(f"struct b@ {{ {t} m : {a + 1}; }};\n", f"struct b@ {{ {'int' if t != 'int' else 'unsigned'} m : {a}; }};\n")  # fmt: skip
    use = d.pick("p->m = x; return p->m;", "p->m = x; return p->m > y;", "struct b@ b; b.m = x; return b.m + 1;", "p->m = -1; return p->m < x;")  # fmt: skip
    f = f"int f@(struct b@ *p, int x, int y) {{ {use} }}\n"
    return in_one_file(one + f, two + f, EQUAL if equal else DIFFERS, args="struct b@ *p, int x, int y")  # fmt: skip
