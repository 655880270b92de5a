# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What C does with side effects, types and objects where a reader may be mistaken."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, HEAD, PATH, Dice, Draft, kind, over_headers
from .headers import guarded
from .memory import bodies

CALLED = (
    "static u8 n8@(int v) { return v; }\nstatic s8 i8@(int v) { return v; }\nstatic u32 u32@(int v) { return v; }\n"
    "static s64 w64@(int v) { return v; }\nstatic int take8@(u8 v) { return v; }\nstatic int take16@(s16 v) { return v; }\n"
    "static u64 wide@(u32 v) { return v; }\nstatic bool yes@(int v) { return v; }\nstatic int neg@(int v) { return v < 0; }\n"
    "static int both@(u8 v, int w) { return v == w; }\n"
)


@kind("narrowing")
def through_a_callee(d: Dice) -> Draft:
    return bodies(
        d, CALLED, "int x, int y",
        ("return n8@(x);", "return x & 0xff;", "return x;"),
        ("return i8@(x);", "return (s8)x;", "return n8@(x);"),
        ("return take8@(x);", "return (u8)x;", "return (s8)x;"),
        ("return take16@(x + KK);", "return (s16)(x + KK);", "return (s16)x + KK;"),
        ("return n8@(x) - n8@(y);", "return (x & 255) - (y & 255);", "return n8@(x - y);"),
        ("return u32@(x) > y;", "return (u32)x > (u32)y;", "return x > y;"),
        ("return u32@(x) >> 4;", "return (u32)x >> 4;", "return x >> 4;"),
        ("return w64@(x) + y == x + y;", "return (s64)x + y == (s64)(x + y);", "return 1;"),
        ("return wide@(x) == x;", "return x >= 0;", "return 1;"),
        ("return wide@(x) >> 31;", "return (u32)x >> 31;", "return (s64)x >> 31;"),
        ("return yes@(x & 256) ? KK : JJ;", "return x & 256 ? KK : JJ;", "return n8@(x & 256) ? KK : JJ;"),
        ("return n8@(-1) == -1;", "return 0;", "return i8@(-1) == -1;"),
        ("return neg@(i8@(x));", "return (x & 0x80) != 0;", "return neg@(n8@(x));"),
        ("return both@(x, x);", "return (u8)x == x;", "return 1;"),
        ("return take8@(n8@(x) + n8@(y));", "return (u8)(x + y);", "return n8@(x) + n8@(y);"),
        ("return ~n8@(x) & 0x100;", "return 0x100;", "return n8@(~x) & 0x100;"),
        ("return n8@(x) << 24 >> 24;", "return (s8)x;", "return (u8)x;"),
        ("return n8@(ext(x));", "int t = ext(x); return (u8)t;", "int t = ext((u8)x); return (u8)t;"),
        ("u8 t = n8@(x); t -= KK; return t;", "return (u8)(x - KK);", "return n8@(x) - KK;"),
        ("return -n8@(x) >> 1;", "return -(x & 255) >> 1;", "return -((x & 255) >> 1);"),
    )  # fmt: skip


@kind("narrowing")
def promotion_shift_and_division(d: Dice) -> Draft:
    return bodies(
        d, "", "int x, int y, u8 c, s8 s, u16 h",
        ("return x / -4;", "return -(x / 4);", "return x / 4;"),
        ("return x % -8;", "return x % 8;", "return x & 7;"),
        ("return x % 8;", "return x - x / 8 * 8;", "return (u32)x % 8;"),
        ("return x / -2;", "return -(x / 2);", "return -(x >> 1);"),
        ("return (-KK) / 4 + x;", "return x - KK / 4;", "return x + (-KK >> 2) - 1;"),
        ("return (-KK) % 4 + x;", "return x - KK % 4;", "return x + KK % 4 + 1;"),
        ("return x / 2;", "return (x + (x < 0)) >> 1;", "return x >> 1;"),
        ("return c - KK < 0;", "return (int)c < KK;", "return (u32)c - KK < 0;"),
        ("return ~c;", "return -1 - c;", "return (u8)~c;"),
        ("return c << 8 >> 8;", "return c;", "return (u8)(c << 8) >> 8;"),
        ("return (s8)c >> 7;", "return c & 0x80 ? -1 : 0;", "return c >> 7;"),
        ("return s >> 1;", "return (int)s >> 1;", "return (u8)s >> 1;"),
        ("return (u8)(s >> 1);", "return (u8)((int)s >> 1);", "return (u8)s >> 1;"),
        ("return s == c;", "return c < 128 && (u8)s == c;", "return (u8)s == c;"),
        ("return s < c;", "return (int)s < (int)c;", "return (u8)s < c;"),
        ("return -s;", "return 0 - s;", "return (s8)-s;"),
        ("return s * s > 0;", "return s != 0;", "return (s8)(s * s) > 0;"),
        ("return h * h > 0x7fffffffu;", "return (u32)h * h > 0x7fffffff;", "return h > KK;"),
        ("return (u16)(h << 4) >> 4;", "return h & 0xfff;", "return h << 4 >> 4;"),
        ("return h - 1 > 0;", "return h > 1;", "return (u16)(h - 1) > 0;"),
        ("return h - 1u > 0;", "return h != 1;", "return h > 1;"),
        ("return 1 << (x & 31) < 0;", "return (x & 31) == 31;", "return 0;"),
        ("return (1u << (x & 31)) - 1 & y;", "return y & ~(-1u << (x & 31));", "return y & 1 << (x & 31) - 1;"),
        ("return c++ + c;", "int t = c; c = t + 1; return t + c;", "return c + c + 1;"),
        ("return ++s;", "s = s + 1; return s;", "return s + 1;"),
        ("c = ~c; return c;", "return 255 - c;", "return ~c;"),
        ("c += x; return c == x + KK;", "return (u8)(c + x) == x + KK;", "return c == KK;"),
        ("c >>= 1; return c;", "return c / 2;", "return (s8)c >> 1;"),
        ("s >>= 1; return s;", "return s >> 1;", "return s / 2;"),
        ("s /= 2; return s;", "return s / 2;", "return s >> 1;"),
        ("c *= KK; return c;", "return c * KK & 255;", "return c * KK;"),
        ("return !c == !s;", "return (c == 0) == (s == 0);", "return !c == s;"),
        ("return (x > y) - (x < y);", "return x > y ? 1 : x < y ? -1 : 0;", "return x - y > 0 ? 1 : x - y < 0 ? -1 : 0;"),
        ("return x & y == KK;", "return x & (y == KK);", "return (x & y) == KK;"),
        ("return x << 1 + 1;", "return x << 2;", "return (x << 1) + 1;"),
        ("return x < y < KK;", "return 1;", "return x < y && y < KK;"),
        ("return x ^ y | KK;", "return (x ^ y) | KK;", "return x ^ (y | KK);"),
        ("return x % -KK;", "return x % KK;", "return -x % KK;"),
    )  # fmt: skip


EFFECTS = (
    "static int g@; static int h@(int v) { g@ += v; return g@ & 3; }\nstatic int zero@(int v) { sink(v); return 0; }\n"
    "int *w@(void);\nint *w@(void) { return &g@; }\n"
)


@kind("effects")
def comma_and_compound(d: Dice) -> Draft:
    return bodies(
        d, EFFECTS, "int x, int y, int *p", *(
        ("x += y, y += x; return y;", "x = x + y; y = y + x; return y;", "y += x; x += y; return y;"),
        ("return x++, x + y;", "x = x + 1; return x + y;", "return x + y;"),
        ("int t = (x = KK, y); return t + x;", "x = KK; return y + x;", "return y + x;"),
        ("x += x++ ? 0 : 0; return y;", "x++; return y;", "x++; return x;"),
        ("x += ext(x); return x;", "int t = ext(x); return x + t;", "return ext(x) + ext(x);"),
        ("p[ext(x) & 1] += KK; return 0;", "int t = ext(x) & 1; p[t] = p[t] + KK; return 0;", "p[ext(x) & 1] = p[ext(x) & 1] + KK; return 0;"),
        ("*p++ = x; *p = y; return 0;", "p[0] = x; p[1] = y; return 0;", "*++p = x; *p = y; return 0;"),
        ("(*p)++; return *p;", "*p += 1; return *p;", "*p++; return *p;"),
        ("int t = *p++; return t - *p;", "int t = *p; p++; return t - p[0];", "int t = *++p; return t - *p;"),
        ("x -= y -= KK; return x + 2 * y;", "y = y - KK; x = x - y; return x + 2 * y;", "x = x - y - KK; y -= KK; return x + 2 * y;"),
        ("x <<= 1, x |= y & 1; return x;", "return x << 1 | (y & 1);", "return (x | (y & 1)) << 1;"),
        ("x = y = KK; return x + y;", "return 2 * KK;", "x = y; y = KK; return x + y;"),
        ("for (x = 0, y = KK; x < 3; x++, y--) ; return y;", "return KK - 3;", "return KK - 2;"),
        ("sink(x), sink(y); return 0;", "sink(x); sink(y); return 0;", "sink(y), sink(x); return 0;"),
        ("return (sink(x), y) + 1;", "sink(x); return y + 1;", "sink(y); return y + 1;"),
        ("int r = ({ int t = x; x = y; t; }); return r - x;", "return x - y;", "return y - x;"),
        ("h@(x); return g@;", "g@ = g@ + x; return g@;", "return h@(x);"),
        ("int t = h@(x); t += h@(y); return t;", "int a = h@(x), b = h@(y); return a + b;", "int a = h@(y), b = h@(x); return a + b;"),
        ), setup="*w@() = in[3];",
    )  # fmt: skip


@kind("effects")
def short_circuit(d: Dice) -> Draft:
    return bodies(
        d, EFFECTS, "int x, int y, int *p", *(
        ("return x && ext(y);", "if (!x) return 0; return ext(y) != 0;", "return ext(y) && x;"),
        ("return x || ext(y);", "if (x) return 1; return !!ext(y);", "return ext(y) || x;"),
        ("if (x && ext(y)) sink(1); return 0;", "if (x) if (ext(y)) sink(1); return 0;", "if (x & ext(y)) sink(1); return 0;"),
        ("if (x || ext(y)) sink(1); else sink(2); return 0;", "if (x) sink(1); else if (ext(y)) sink(1); else sink(2); return 0;", "if (ext(y)) sink(1); else if (x) sink(1); else sink(2); return 0;"),
        ("x && (y = KK); return y;", "if (x) y = KK; return y;", "y = KK; return y;"),
        ("x || (y = KK, 1); return y;", "return x ? y : KK;", "return x ? KK : y;"),
        ("return ext(x) && ext(y) ? KK : JJ;", "if (ext(x)) if (ext(y)) return KK; return JJ;", "int a = ext(x), b = ext(y); return a && b ? KK : JJ;"),
        ("return !(ext(x) || ext(y));", "return !ext(x) && !ext(y);", "int a = ext(x), b = ext(y); return !a && !b;"),
        ("return x ? ext(y) : ext(x);", "return ext(x ? y : x);", "int a = ext(y), b = ext(x); return x ? a : b;"),
        ("return x > 0 && x++ < KK && x == y;", "return x > 0 && x < KK && x + 1 == y;", "return x > 0 && x < KK && x == y;"),
        ("if (x++ || x++) return x; return y;", "return x ? x + 1 : 2;", "if (x) return x + 1; return y;"),
        ("return zero@(x) && zero@(y);", "sink(x); return 0;", "sink(x); sink(y); return 0;"),
        ("return zero@(x) & zero@(y);", "sink(x); sink(y); return 0;", "sink(x); return 0;"),
        ("return x ?: ext(y);", "return x ? x : ext(y);", "int t = ext(y); return x ? x : t;"),
        ("return ext(x) ?: y;", "int t = ext(x); return t ? t : y;", "return ext(x) ? ext(x) : y;"),
        ("return x && y || KK;", "return 1;", "return x && (y || KK);"),
        ("return x && *p == KK;", "if (x) return *p == KK; return 0;", "return x & *p == KK;"),
        ("h@(x) && h@(y); return g@;", "if (h@(x)) h@(y); return g@;", "h@(x); h@(y); return g@;"),
        ("int n = 0; while (n < 3 && ext(n)) n++; return n;", "int n; for (n = 0; n < 3; n++) if (!ext(n)) break; return n;", "int n = 0; while (ext(n) && n < 3) n++; return n;"),
        ), setup="*w@() = in[3];",
    )  # fmt: skip


@kind("effects")
def switch_and_goto(d: Dice) -> Draft:
    return bodies(
        d, "", "int x, int y",
        ("switch (x & 3) { case 0: y++; case 1: y++; break; case 2: y = KK; default: y--; } return y;",
         "int t = x & 3; if (t == 0) y += 2; else if (t == 1) y += 1; else if (t == 2) y = KK - 1; else y -= 1; return y;",
         "switch (x & 3) { case 0: y++; break; case 1: y++; break; case 2: y = KK; default: y--; } return y;"),
        ("switch (x) { case KK: case JJ: return 1; } return 0;", "return x == KK || x == JJ;", "switch (x) { case KK: break; case JJ: return 1; } return 0;"),
        ("switch (x & 1) { default: return KK; case 1: return JJ; }", "return x & 1 ? JJ : KK;", "switch (x & 1) { default: y = KK; case 1: return JJ; }"),
        ("switch (x & 3) { case 1 ... 2: return KK; } return y;", "return (x & 3) && (x & 3) < 3 ? KK : y;", "switch (x & 3) { case 1: case 3: return KK; } return y;"),
        ("switch (ext(x) & 1) { case 0: sink(1); default: sink(2); } return 0;", "if (!(ext(x) & 1)) sink(1); sink(2); return 0;", "if (!(ext(x) & 1)) sink(1); else sink(2); return 0;"),
        ("switch ((u8)x) { case KK: return 1; case 255: return 2; } return 0;", "return (x & 255) == KK ? 1 : (x & 255) == 255 ? 2 : 0;", "switch (x) { case KK: return 1; case 255: return 2; } return 0;"),
        ("switch ((s8)x) { case -1: return 1; } return 0;", "return (x & 255) == 255;", "switch ((u8)x) { case -1: return 1; } return 0;"),
        ("if (x) goto out; y = KK; out: return y;", "if (!x) y = KK; return y;", "if (x) goto out; out: y = KK; return y;"),
        ("if (x) goto one; if (y) goto two; return 0; one: sink(1); two: sink(2); return 1;", "if (x) { sink(1); sink(2); return 1; } if (y) { sink(2); return 1; } return 0;", "if (x) { sink(1); return 1; } if (y) { sink(2); return 1; } return 0;"),
        ("int n = 0; again: if (n < 3) { sink(n); n++; goto again; } return n;", "int n; for (n = 0; n < 3; n++) sink(n); return n;", "int n = 0; do { sink(n); n++; } while (n <= 3); return n;"),
        ("for (int i = 0; i < 4; i++) { if (i == (x & 3)) continue; sink(i); } return 0;", "for (int i = 0; i < 4; i++) if (i != (x & 3)) sink(i); return 0;", "for (int i = 0; i < 4; i++) { if (i == (x & 3)) break; sink(i); } return 0;"),
        ("for (int i = 0; i < 3; i++) switch (x & 1) { case 0: continue; case 1: sink(i); break; } return 0;", "for (int i = 0; i < 3; i++) if (x & 1) sink(i); return 0;", "for (int i = 0; i < 3; i++) { if (!(x & 1)) break; sink(i + 1); } return 0;"),
        ("int r; switch (x & 1) { case 0: r = KK; break; case 1: r = JJ; break; } return r;", "return x & 1 ? JJ : KK;", "int r; switch (x & 1) { case 0: r = KK; case 1: r = JJ; break; } return r;"),
        ("do { if (x) break; y = KK; } while (0); return y;", "return x ? y : KK;", "do { if (x) continue; y = KK; } while (0); return x ? KK : y;"),
        ("while (x & 1) { if (y) return KK; goto out; } return JJ; out: return 0;", "if (!(x & 1)) return JJ; return y ? KK : 0;", "if (!(x & 1)) return JJ; return y ? 0 : KK;"),
    )  # fmt: skip


FORMS = (
    "#define FIRST@(a, ...) (a)\n#define REST@(a, ...) ext2(__VA_ARGS__)\n#define ALL@(f, ...) f(__VA_ARGS__)\n#define OPT@(f, a, ...) f(a, ##__VA_ARGS__)\n"
    "#define CAT@(a, b) a##b\n#define XCAT@(a, b) CAT@(a, b)\n#define STR@(a) #a\n#define XSTR@(a) STR@(a)\n#define NUM@ KK\n#define SZ@(a) ((int)sizeof(#a))\n"
    "#define TW@(a) ({ int t_ = (a); t_ + t_; })\n#define TWICE@(a) ((a) + (a))\n#define KIND@(a) _Generic((a), u8: 1, int: 2, u32: 3, u64: 4, default: 5)\n"
    "#define SWAP@(a, b) do { typeof(a) t_ = a; a = b; b = t_; } while (0)\nstatic int one@(int v) { return v + 1; }\nstatic int two@(int v) { return v + 2; }\n"
)


@kind("forms")
def macros_of_many_forms(d: Dice) -> Draft:
    return bodies(
        d, FORMS, "int x, int y, u8 c",
        ("return FIRST@(x, y, c);", "return x;", "return y;"),
        ("return REST@(1, x, y);", "return ext2(x, y);", "return ext2(1, x);"),
        ("return ALL@(ext2, y, x);", "return ext2(y, x);", "return ext2(x, y);"),
        ("return OPT@(ext, x);", "return ext(x);", "return ext(y);"),
        ("return OPT@(ext2, x, y);", "return ext2(x, y);", "return ext2(y, x);"),
        ("return CAT@(on, e@)(x);", "return one@(x);", "return two@(x);"),
        ("int xy = KK; return CAT@(x, y) + x;", "return x + KK;", "return x + y;"),
        ("return XCAT@(0x1, NUM@) + x;", "return 0x1KK + x;", "return 0x1 + NUM@ + x;"),
        ("return SZ@(NUM@) + x;", "return (int)sizeof(\"NUM@\") + x;", "return (int)sizeof(XSTR@(NUM@)) + x;"),
        ("return (int)sizeof(XSTR@(NUM@)) + x;", "return 3 - (KK < 10) + x;", "return (int)sizeof(STR@(NUM@)) + x;"),
        ("return TW@(ext(x));", "int t = ext(x); return 2 * t;", "return TWICE@(ext(x));"),
        ("return TWICE@(ext(x));", "int a = ext(x); int b = ext(x); return a + b;", "return TW@(ext(x));"),
        ("return TWICE@(x) * 2;", "return 4 * x;", "return x + x * 2;"),
        ("return KIND@(c) * 10 + KIND@(c + 0);", "return 12;", "return 11;"),
        ("return KIND@(x) + KIND@((u32)x);", "return 5;", "return 4;"),
        ("return KIND@(x ? c : c);", "return 2;", "return 1;"),
        ("return KIND@(1ull) + x;", "return 4 + x;", "return 3 + x;"),
        ("SWAP@(x, y); return x - 2 * y;", "return y - 2 * x;", "x = y; y = x; return x - 2 * y;"),
        ("if (c) SWAP@(x, y); else x = KK; return x;", "return c ? y : KK;", "return c ? x : KK;"),
        ("int r = ({ int t = x + 1; t * 2; }); return r;", "return 2 * (x + 1);", "return x + 1 * 2;"),
        ("int r = ({ if (x) goto out; y; }); return r; out: return KK;", "return x ? KK : y;", "return x ? y : KK;"),
        ("int x_ = x; { int x = KK; x_ += x; } return x_ - x;", "return KK;", "return 0;"),
        ("typeof(c) t = x; return t;", "return (u8)x;", "return x;"),
        ("typeof(c + 0) t = x; return t;", "return x;", "return (u8)x;"),
        ("int (*f)(int) = x ? one@ : two@; return f(y);", "return x ? y + 1 : y + 2;", "return x ? y + 2 : y + 1;"),
        ("int (*f)(int) = ext; return f(x);", "return ext(x);", "return ext(x + 1);"),
        ("int (*const t[])(int) = { one@, two@ }; return t[x & 1](y);", "return (x & 1) + 1 + y;", "return y + 2 - (x & 1);"),
        ("return (x ? one@ : ext)(y);", "return x ? one@(y) : ext(y);", "return x ? ext(y) : one@(y);"),
    )  # fmt: skip


THINGS = (
    "struct v@ { int a; u8 b; };\nstruct q@ { u8 b; int a; } __attribute__((packed));\nstruct al@ { u8 b; int a __attribute__((aligned(16))); };\nunion n@ { int i; u32 u; u8 b; };\n"
    "typedef volatile int reg@;\nstruct dev@ { reg@ r; int n; };\nint gm@[3][4];\n"
)


@kind("objects")
def copies_unions_and_rows(d: Dice) -> Draft:
    return bodies(
        d, THINGS, "int x, int y, struct v@ *p, struct v@ *q",
        ("struct v@ t = *p; p->a = x; return t.a;", "int t = p->a; p->a = x; return t;", "p->a = x; struct v@ t = *p; return t.a;"),
        ("struct v@ t = { x, y }; struct v@ u = t; t.a = y; return u.a;", "return x;", "return y;"),
        ("struct v@ t = { .b = y }; return t.a + t.b;", "return (u8)y;", "return y;"),
        ("struct v@ t = { x }; struct v@ *r = &t; r->a += KK; return t.a;", "return x + KK;", "return x;"),
        ("*p = *q; return p->a == q->a;", "*p = *q; return 1;", "return p->a == q->a;"),
        ("*p = (struct v@){ x, y }; return p->a;", "p->a = x; p->b = y; return x;", "p->a = x; return x;"),
        ("union n@ n; n.i = x; return n.u > KK;", "return (u32)x > KK;", "return x > KK;"),
        ("union n@ n = { .u = x }; return n.i < 0;", "return x < 0;", "return (u32)x < 0;"),
        ("union n@ n; n.i = x; n.u >>= 1; return n.i;", "return (u32)x >> 1;", "return x >> 1;"),
        ("return sizeof(struct q@) + x;", "return 5 + x;", "return 8 + x;"),
        ("return sizeof(struct al@) + x;", "return 32 + x;", "return 8 + x;"),
        ("return __alignof__(struct q@) + x;", "return 1 + x;", "return 4 + x;"),
        ("return __builtin_offsetof(struct q@, a) + x;", "return 1 + x;", "return 4 + x;"),
        ("return __builtin_offsetof(struct al@, a) - __builtin_offsetof(struct v@, b) + x;", "return 12 + x;", "return 0 + x;"),
        ("struct q@ *r = (struct q@ *)p; r->a = x; return r->a;", "((struct q@ *)p)->a = x; return x;", "struct q@ *r = (struct q@ *)p; r->b = x; return r->a;"),
        ("int m[2][3] = { { x, y }, { KK } }; return m[1][0] + m[0][1];", "return KK + y;", "return KK + x;"),
        ("int m[2][2]; m[0][0] = x; m[0][1] = y; m[1][0] = KK; int *r = m[0]; return r[2] - r[1];", "return KK - y;", "return KK - x;"),
        ("int m[4] = { x, y, KK, JJ }; int *r = m + 3; return r[-1] - *(m + 1);", "return KK - y;", "return JJ - y;"),
        ("int m[4] = { x, y, KK, JJ }; int *r = &m[1]; r++; return *r - r[1];", "return KK - JJ;", "return y - KK;"),
        ("int m[3] = { x }; return m[1] + m[2] + m[0];", "return x;", "return 3 * x;"),
        ("int m[4] = { [2] = x, y }; return m[3] - m[2];", "return y - x;", "return x - y;"),
        ("gm@[1][x & 3] = KK; gm@[y & 1][2] = JJ; return gm@[1][2];", "gm@[1][x & 3] = KK; gm@[y & 1][2] = JJ; return y & 1 ? JJ : gm@[1][2];", "gm@[1][x & 3] = KK; gm@[y & 1][2] = JJ; return KK;"),
        ("int (*r)[4] = gm@ + 1; return (*r)[x & 3];", "return gm@[1][x & 3];", "return gm@[0][x & 3];"),
        ("int *r = *gm@; return r[4 + (x & 3)];", "return gm@[1][x & 3];", "return gm@[2][x & 3];"),
        ("u8 *b = (u8 *)&x; return b[0];", "return x & 255;", "return x;"),
        ("char s[4] = \"ab\"; return s[x & 3];", "return (x & 3) == 0 ? 'a' : (x & 3) == 1 ? 'b' : 0;", "return (x & 3) == 0 ? 'b' : (x & 3) == 1 ? 'a' : 0;"),
        ("return \"abcd\"[x & 3];", "return 'a' + (x & 3);", "return 'b' + (x & 3);"),
        shared=("gm@",),
    )  # fmt: skip


@kind("objects")
def volatile_by_a_name(d: Dice) -> Draft:
    return bodies(
        d, THINGS, "reg@ volatile *p, volatile struct dev@ *r, int x",
        ("return *p;", "reg@ t; int u = *p; return u;", "*p; return *p;"),
        ("*p; return 0;", "(void)*p; return 0;", "return 0;"),
        ("r->r; return x;", "(void)r->r; return x;", "return x;"),
        ("r->n = x; r->n = x; return 0;", "r->n = x; { r->n = x; } return 0;", "r->n = x; return 0;"),
        ("return r->r + r->r;", "int a = r->r; int b = r->r; return a + b;", "return 2 * r->r;"),
        ("r->r |= KK; return 0;", "int t = r->r; r->r = t | KK; return 0;", "r->r = KK; return 0;"),
        ("int t = r->r; return t * t;", "int t = r->r; int u = t; return u * t;", "return r->r * r->r;"),
        ("r->r = KK; r->n = JJ; return 0;", "r->r = KK, r->n = JJ; return 0;", "r->n = JJ; r->r = KK; return 0;"),
        ("const reg@ *c = p; *c; return 0;", "*p; return 0;", "return 0;"),
        ("typeof(*p) *c = p; return *c;", "return *p;", "*p; return *p;"),
        ("return x && *p;", "if (x) return *p != 0; return 0;", "return *p && x;"),
    )  # fmt: skip


@kind("objects")
def lasting_locals(d: Dice) -> Draft:
    return bodies(
        d, "static int c@(void) { static int n = KK; return n++; }\nstatic int k@(int v) { static int last; int t = last; last = v; return t; }\nstatic const int q@[2][2] = { { KK, JJ }, { 1, 2 } };\n",
        "int x, int y",
        ("return c@() + x;", "return x + c@();", "return x + KK;"),
        ("c@(); return c@();", "int t = c@(); return t + 1 + (0 * c@());", "return c@();"),
        ("k@(x); return k@(y);", "k@(x); k@(y); return x;", "k@(y); return k@(x);"),
        ("return q@[x & 1][y & 1];", "const int *r = q@[x & 1]; return r[y & 1];", "return q@[y & 1][x & 1];"),
        ("static int n = KK; n += x; return n;", "static int n = KK; n = n + x; return n;", "static int n = JJ; n += x; return n;"),
        ("static int n; if (!n) n = x; return n;", "static int n = 0; n = n ? n : x; return n;", "static int n = 1; if (!n) n = x; return n;"),
        ("static const int n = KK; return n + x;", "return x + KK;", "return x + JJ;"),
        ("static u8 n = 255; n++; return n;", "static u8 n = 255; n = (n + 1) & 255; return n;", "static u8 n = 254; n++; return n;"),
    )  # fmt: skip


def _chain(d: Dice) -> tuple[str, str, str, str, str]:
    """(what a header defines, the same, another, what one that includes it makes of
    it, how f@() uses that)."""
    a, b = d.number(), d.number()
    one, other = d.rng.choice([("u8", "s8"), ("u16", "u8"), ("int", "u32"), ("s16", "int")])  # fmt: skip
    types = f"typedef {one} a@;\n", f"typedef {one} z@; typedef z@ a@;\n", f"typedef {other} a@;\n"  # fmt: skip
    width = f"struct in@ {{ {one} v; }};\n", f"struct in@ {{ {one} v; }} ;\n", f"struct in@ {{ {other} v; }};\n"  # fmt: skip
    number = f"#define A@ {a}\n", f"#define A@ ({a})\n", f"#define A@ {b}\n"
    aligned = "typedef int a@ __attribute__((aligned(4)));\n", "typedef int a@;\n", "typedef int a@ __attribute__((aligned(16)));\n"  # fmt: skip
    packed = f"struct in@ {{ u8 c; int v; }};\n#define A@ {a}\n", f"struct in@ {{ u8 c; int v; }};\n#define A@ ({a})\n", f"struct in@ {{ u8 c; int v; }} __attribute__((packed));\n#define A@ {a}\n"  # fmt: skip
    signs = "typedef int a@;\n", "typedef s32 a@;\n", "typedef unsigned a@;\n"
    rows = [
        (*types, "typedef a@ b@;\n", "(b@)x > y"),
        (*types, "typedef a@ b@;\nstruct s@ { b@ v; };\n", "({ struct s@ s = { x }; s.v; })"),
        (*types, "static inline a@ b@(int v) { return v; }\n", "b@(x) - y"),
        (*types, "static inline int b@(a@ v) { return v; }\n", "b@(x + y)"),
        (*types, "#define b@(v) ((int)(a@)(v))\n", "b@(x) == x"),
        (*width, "static inline int b@(struct in@ *p, int v) { p->v = v; return p->v; }\n", "({ struct in@ s; b@(&s, x); })"),
        (*width, "struct out@ { struct in@ i; };\nstatic inline int b@(int v) { struct out@ o; o.i.v = v; return o.i.v; }\n", "b@(x) + y"),
        (*number, "enum { B@ = A@, C@ };\n", "C@ + x"),
        (*number, "#define B@ (A@ + 1)\nstatic inline int b@(int v) { return v > B@; }\n", "b@(x)"),
        (*number, "struct s@ { u8 m[A@]; };\n", "(int)sizeof(struct s@) + x"),
        (*number, "#define CAT@(a, b) a##b\n#define B@ CAT@(A, @)\n", "B@ + x"),
        (*aligned, "static inline int b@(void) { return __alignof__(a@); }\n", "b@() + x"),
        (*aligned, "struct s@ { u8 c; a@ v; };\nstatic inline int b@(void) { return sizeof(struct s@); }\n", "b@() + x"),
        (*packed, "static inline int b@(void) { return sizeof(struct in@); }\n", "b@() + x + A@"),
        (*packed, "#define B@ ((int)__builtin_offsetof(struct in@, v))\n", "B@ - x"),
        (*signs, "static inline int b@(a@ v) { return v > 0; }\n", "b@(x)"),
        (*signs, "static inline int b@(int v) { return (a@)v >> 1; }\n", "b@(x) - y"),
        (*signs, "static inline int b@(int v) { return (a@)v / 2; }\n", "b@(x)"),
        ("#define A@ Y@(P) Y@(Q)\n", "#define A@ Y@(P)  Y@(Q)\n", "#define A@ Y@(Q) Y@(P)\n", "#define Y@(n) E@##n,\nenum { A@ };\n", "E@Q + x"),
        ("#define A@ unsigned\n", "#define A@ unsigned /* */\n", "#define A@ signed\n", "static inline int b@(int v) { A@ char c = v; return c; }\n", "b@(x)"),
        ("#define A@ m@\n", "#define A@ (m@)\n", "#define A@ n@\n", "static int m@(int v) { return v; }\nstatic int n@(int v) { return -v; }\nstatic int (*const b@[])(int) = { A@ };\n", "b@[0](x)"),
        ("struct in@ { u8 c; int v; };\n", "struct in@ { u8 c; int v; } ;\n", "#pragma pack(push, 1)\nstruct in@ { u8 c; int v; };\n#pragma pack(pop)\n", "static inline int b@(void) { return sizeof(struct in@); }\n", "b@() + x"),
        ("struct in@ { int a; };\n", "struct in@ { int b; };\n", "struct in@ { int a; int b; };\n", "struct o@ { struct in@ i; int n; };\nstatic inline long b@(struct o@ *p) { return (char *)&p->n - (char *)p; }\n", "({ struct o@ o; (int)b@(&o); }) + x"),
    ]  # fmt: skip
    row: tuple[str, str, str, str, str] = d.rng.choice(rows)
    return row


@kind("headers")
def over_two_headers(d: Dice) -> Draft:
    """The innermost of two headers changes; the other one and f@() do not."""
    one, same, other, middle, use = _chain(d)
    equal = d.coin()
    inner, outer = "include/linux/kpf_@_i.h", "include/linux/kpf_@_o.h"
    rest = {outer: guarded("o", f"#include <linux/kpf_@_i.h>\n{middle}")}
    main = "#include <linux/kpf_@_o.h>\nint f@(int x, int y) {{ {} }}"
    return over_headers(
        {**rest, inner: guarded("i", one)},
        {**rest, inner: guarded("i", same if equal else other)},
        EQUAL if equal else DIFFERS, main.format(f"return {use};"), main.format(d.returned(use)),
    )  # fmt: skip


@kind("forms")
def one_step_more(d: Dice) -> Draft:
    """A macro in a macro in a macro; the innermost changes its text alone."""
    a = d.number()
    op, same, other = d.rng.choice([
        ("(a) + (b)", "(a) + 1 * (b)", "(a) - (b)"), ("((a) + (b))", "((b) + (a))", "(a) + (b)"),
        ("((a) > (b))", "((b) < (a))", "(a > b)"), ("ext2(a, b)", "(ext2)(a, b)", "ext2(b, a)"),
        ("((a) ? (b) : 3)", "(!(a) ? 3 : (b))", "(a) ? (b) : 3"), ("-(a) + (b)", "-(a) + 1 * (b)", "-((a) + (b))"),
        ("(sizeof(#a) - 1 + (b))", "((b) + sizeof(#a) - 1)", "(sizeof(#b) - 1 + (b))"),
    ])  # fmt: skip
    equal = d.coin()
    text = "#define P@(a, b) {}\n#define Q@(a) P@(a, {})\n#define R@(a) Q@(a) * 2\nint f@(int x, int y) {{ {} }}\n"
    use = d.pick("R@(x)", "R@(x + y)", "R@(x ? y : 1)", "R@(x & y)", "Q@(x | y)")  # fmt: skip
    before, after = f"return {use};", f"return ({use});"
    sides = [
        text.format(op, a, before),
        text.format(same if equal else other, a, after),
    ]
    return Draft(
        {PATH: HEAD + sides[0]}, {PATH: HEAD + sides[1]}, EQUAL if equal else DIFFERS
    )
