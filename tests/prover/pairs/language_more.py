# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Forms of GNU C that the kernel uses and that are easily taken for something else."""

from __future__ import annotations

from .draft import Dice, Draft, kind
from .memory import bodies

T = "struct t@ { int a; int b; int c; };\n"


@kind("forms")
def checked_arithmetic(d: Dice) -> Draft:
    return bodies(
        d, "", "int x, int y",
        ("int r; if (__builtin_add_overflow(x, y, &r)) return KK; return r;", "s64 t = (s64)x + y; if (t != (int)t) return KK; return t;", "int r; if (__builtin_add_overflow(x, y, &r)) return r; return r;"),
        ("u8 r; return __builtin_mul_overflow(x & 255, y & 255, &r) ? -1 : r;", "int t = (x & 255) * (y & 255); return t > 255 ? -1 : t;", "u8 r = (x & 255) * (y & 255); return r;"),
        ("u32 r; return __builtin_sub_overflow((u32)x, (u32)y, &r);", "return (u32)x < (u32)y;", "return x < y;"),
        ("int r = KK; (void)__builtin_add_overflow(x, y, &r); return r;", "return (int)((u32)x + (u32)y);", "return KK;"),
        ("s8 r; return __builtin_add_overflow(x, 0, &r);", "return x != (s8)x;", "return 0;"),
        ("return __builtin_add_overflow_p(x, y, (s8)0);", "s64 t = (s64)x + y; return t != (s8)t;", "s64 t = (s64)x + y; return t != (int)t;"),
        ("return __builtin_bswap32(x);", "return (int)((u32)x << 24 | ((u32)x & 0xff00) << 8 | ((u32)x >> 8 & 0xff00) | (u32)x >> 24);", "return x;"),
        ("return __builtin_bswap16(x);", "return (x & 255) << 8 | (x >> 8 & 255);", "return x & 0xffff;"),
        ("return __builtin_bswap64((u64)(u32)x) >> 32 == __builtin_bswap32(x);", "return 1;", "return x > 0;"),
        ("return __builtin_ffs(x & 1);", "return x & 1;", "return !(x & 1);"),
        ("return __builtin_parity(x & 3);", "return (x ^ x >> 1) & 1;", "return x & 1;"),
        ("return __builtin_clz(x | 1) == 0;", "return x < 0;", "return x <= 0;"),
        ("return __builtin_ctz(x | 4) == 2;", "return !(x & 3);", "return !(x & 7);"),
        ("return 1ULL << (x & 31) == 1 << (x & 31);", "return (x & 31) != 31;", "return 1;"),
        ("return (u64)1 << (x & 63) >> 32 != 0;", "return (x & 63) >= 32;", "return (x & 31) >= KK;"),
        ("return (s64)x << 32 >> 32 == x;", "return 1;", "return x > KK;"),
        ("return -1 < 1u;", "return 0;", "return 1;"),
        ("return x == 4294967295u;", "return x == -1;", "return 0;"),
        ("return x > 4294967295;", "return 0;", "return x == KK;"),
        ("return 0xffffffff > x;", "return x != -1;", "return 1;"),
        ("return 2147483648 > x;", "return 1;", "return x >= 0;"),
        ("return sizeof(x) > -1;", "return 0;", "return 1;"),
        ("return (x < 0 ? -1 : 1u) > 0;", "return 1;", "return x >= 0;"),
        ("return (u16)x == (s16)x;", "return (s16)x >= 0;", "return 1;"),
        ("return 07 + 010 + x;", "return 15 + x;", "return 17 + x;"),
        ("return 0b101 + x;", "return 5 + x;", "return 101 + x;"),
        ("return 10 - - x;", "return 10 + x;", "return 10 - x;"),
        ("return x+++y;", "return x + y;", "return x + 1 + y;"),
        ("return x---y;", "return x - y;", "return x - 1 - y;"),
        ("return x ?: y;", "return x ? x : y;", "return y ? y : x;"),
        ("return ext(x) ?: y;", "int t = ext(x); return t ? t : y;", "return ext(x) ? ext(x) : y;"),
        ("char c = x; return c;", "return x & 255;", "return (s8)x;"),
        ("return '\\377' + x;", "return 255 + x;", "return x - 1;"),
        ("char c = -1; return c < 0;", "return 0;", "return 1;"),
        ("signed char c = x; return c == (char)c;", "return !(x & 128);", "return 1;"),
        ("bool b = x & 2; return b;", "return x >> 1 & 1;", "return x & 2;"),
        ("bool b = x; b++; return b;", "return 1;", "return x != 0;"),
        ("bool b = x; b--; return b;", "return !x;", "return x != 0;"),
        ("bool b = x; return ~b;", "return x ? -2 : -1;", "return !x;"),
        ("return (bool)256 + (u8)256 + x;", "return 1 + x;", "return 2 + x;"),
        ("bool b = x; b += y; return b;", "return (x != 0) + y != 0;", "return x || y;"),
        ("bool b = x; b ^= 1; return b;", "return !x;", "return x ^ 1;"),
        ("bool b = x; return -b;", "return x ? -1 : 0;", "return x ? 1 : 0;"),
        ("double q = x; return q == x;", "return 1;", "return x > KK;"),
    )  # fmt: skip


@kind("objects")
def values_without_a_name(d: Dice) -> Draft:
    return bodies(
        d, T, "int x, int y",
        ("int *p = (int[]){ x, y, KK }; return p[x & 1];", "return x & 1 ? y : x;", "return x & 1 ? x : y;"),
        ("struct t@ t = (struct t@){ .b = x }; return t.a + t.b;", "return x;", "return x + x;"),
        ("return ((struct t@){ x, y }).b;", "return y;", "return x;"),
        ("struct t@ *p = &(struct t@){ x, KK }; p->b += y; return p->b;", "return KK + y;", "return y;"),
        ("int s = 0; for (int i = 0; i < 3; i++) { int *p = (int[]){ i }; *p += x; s += *p; } return s;", "return 3 + 3 * x;", "return 3 + 6 * x;"),
        ("struct t@ t = { x, y }; t = (struct t@){ .c = t.a }; return t.c + t.b;", "return x;", "return x + y;"),
        ("int a[] = { [2] = x, y }; return a[3] + sizeof(a);", "return y + 16;", "return x + 16;"),
        ("int a[4] = { [1] = x, [1] = y }; return a[1];", "return y;", "return x;"),
        ("struct t@ t = { .b = x, y }; return t.c;", "return y;", "return x;"),
        ("struct t@ t = { .b = x, .b = y }; return t.b;", "return y;", "return x;"),
        ("int m[2][2] = { [1][0] = x, y }; return m[1][1];", "return y;", "return 0;"),
        ("int m[2][3] = { 1, 2, 3, x }; return m[1][0];", "return x;", "return 0;"),
        ("int m[2][3] = { { 1 }, { x } }; return m[1][0] + m[0][1];", "return x;", "return x + 1;"),
        ("struct { struct t@ i; int j; } v = { 1, 2, 3, x }; return v.j + v.i.c;", "return x + 3;", "return x;"),
        ("struct { struct t@ i; int j; } v = { { x }, y }; return v.j + v.i.b;", "return y;", "return x;"),
        ('char s[3] = "abc"; return s[2];', "return 'c';", "return 0;"),
        ('char s[8] = "ab"; return s[x & 7];', "x &= 7; return x == 0 ? 'a' : x == 1 ? 'b' : 0;", "x &= 7; return x == 0 ? 'a' : 'b';"),
        ('return sizeof("ab" "cd") + x;', "return 5 + x;", "return 6 + x;"),
        ('return "abc"[x & 3];', "x &= 3; return x == 3 ? 0 : 'a' + x;", "return 'a' + (x & 3);"),
        ('return (x & 3)["abc"];', 'return "abc"[x & 3];', 'return "abd"[x & 3];'),
        ('char s[] = "abc"; s[x & 3] = 0; return s[0];', "return x & 3 ? 'a' : 0;", "return 'a';"),
        ("int a[4] = { 0 }; int *p = a + (x & 3); return p - a;", "return x & 3;", "return (x & 3) * 4;"),
        ("int a[4]; return (char *)&a[x & 3] - (char *)a;", "return (x & 3) * 4;", "return x & 3;"),
        ("int a[4]; return &a[3] - &a[x & 3];", "return 3 - (x & 3);", "return x & 3;"),
        ("int a[2] = { x, y }; return *(a + 1) + 0[a];", "return x + y;", "return x + x;"),
        ("int a[2] = { x, y }; int (*p)[2] = &a; return (*p)[1];", "return y;", "return x;"),
        ("int a[2] = { x, y }, *p = a; return *p++ + *p;", "return x + y;", "return x + x;"),
        ("int a[2] = { x, y }, *p = a; return ++*p + *p;", "return 2 * (x + 1);", "return 2 * x + 1;"),
        ("int a[2][2] = { { x, y }, { KK, JJ } }; int *p = a[0]; return p[2];", "return KK;", "return x;"),
        ("struct t@ t[2] = { { x }, { y } }, *p = t; p++; return p->a;", "return y;", "return x;"),
        ("struct t@ t = { x, y }; int *p = &t.a; return p[1];", "return y;", "return x;"),
        ("static const int n = KK; return n + x;", "return KK + x;", "return JJ + x;"),
        ("static int n; return n++ ? x : y;", "static int k; int t = k; k = t + 1; return t ? x : y;", "static int n; return ++n ? x : y;"),
        ("static int n = KK; n += x; return n;", "static int m = KK; m = m + x; return m;", "int n = KK; n += x; return n;"),
        ("static const struct t@ s = { .b = KK }; return s.a + s.b + x;", "return KK + x;", "return KK + KK + x;"),
        ('static const char *const s[] = { "a", "b" }; return *s[x & 1];', "return 'a' + (x & 1);", "return 'a';"),
        ("static int n; int *p = &n; *p = x; return n;", "static int n; n = x; return x;", "static int n; int o = n; n = x; return o;"),
    )  # fmt: skip


@kind("forms")
def types_and_scopes(d: Dice) -> Draft:
    head = (
        T + "enum e@ { A@ = KK, B@, C@ = -1, D@ };\nenum p@ { P@, Q@ };\n"
        "struct pk@ { u8 a; int b; } __attribute__((packed));\nstatic void cl@(int *p) { sink(*p); }\n"
    )
    return bodies(
        d, head, "int x, int y",
        ("return B@ + D@;", "return KK + 1;", "return KK;"),
        ("enum e@ e = x; return e < 0;", "return x < 0;", "return 0;"),
        ("enum p@ e = x; return e < 0;", "return 0;", "return x < 0;"),
        ("enum p@ e = x; return e > -1;", "return 0;", "return x > -1;"),
        ("return Q@ - 2 < 0;", "return 1;", "return 0;"),
        ("enum { L@ = 5 }; { enum { L@ = 6 }; x += L@; } return x + L@;", "return x + 11;", "return x + 12;"),
        ("typedef u8 t; t c = x; { typedef int t; t d = x; c += d == x; } return c;", "return (u8)((u8)x + 1);", "return (u8)x + (x == (u8)x);"),
        ("int r = x; { int x = y; r += x; } return r + x;", "return x + y + x;", "return x + y + y;"),
        ("for (int x = 0; x < 2; x++) sink(x); return x;", "sink(0); sink(1); return x;", "sink(0); sink(1); return 2;"),
        ("struct l { int a; } v = { x }; { struct l { u8 a; } w = { x }; y = w.a; } return v.a - y;", "return x - (x & 255);", "return 0;"),
        ("typeof((u8)0) w = 300; return w + x;", "return 44 + x;", "return 300 + x;"),
        ("typeof(&x) p = &y; *p = KK; return y;", "return KK;", "return y;"),
        ("typeof(int[3]) a = { x, y }; return a[2] + a[1];", "return y;", "return x;"),
        ("int i = 0; typeof(i++) j = x; return i + j;", "return x;", "return x + 1;"),
        ("int i = 0; return sizeof(i++) + i + x;", "return 4 + x;", "return 5 + x;"),
        ("int n = (x & 3) + 1; int a[n]; n = 9; return sizeof(a);", "return 4 * ((x & 3) + 1);", "return 36;"),
        ("__auto_type t = (u8)x; return t;", "return x & 255;", "return x;"),
        ("return _Generic((u8)x, int: KK, u8: JJ, default: 1);", "return JJ;", "return KK;"),
        ("return _Generic(x + 0u, u32: KK, default: JJ);", "return KK;", "return JJ;"),
        ("return _Generic('a', char: KK, int: JJ);", "return JJ;", "return KK;"),
        ("return _Generic(&x, const int *: JJ, int *: KK);", "return KK;", "return JJ;"),
        ("const int c = x; return _Generic(c, int: KK, default: JJ);", "return KK;", "return JJ;"),
        ("return _Generic((u8)x + (u8)y, int: KK, u8: JJ);", "return KK;", "return JJ;"),
        ("return ({ if (x > KK) return y; x; });", "return x > KK ? y : x;", "return x > KK ? x : y;"),
        ("int r = 0; for (int i = 0; i < 3; i++) r += ({ if (i == 1) continue; i + x; }); return r;", "return x + 2 + x;", "return 3 + 3 * x;"),
        ("return ({ int x = y; x; }) + x;", "return y + x;", "return y + y;"),
        ("void *l = x & 1 ? &&a : &&b; goto *l; a: return KK; b: return JJ;", "return x & 1 ? KK : JJ;", "return x & 1 ? JJ : KK;"),
        ("int i = 0; again: if (i < 3) { sink(i++); goto again; } return i;", "sink(0); sink(1); sink(2); return 3;", "sink(0); sink(1); return 2;"),
        ("if (x) goto in; while (y & 1) { in: sink(1); y = 0; } return y;", "if (x || (y & 1)) { sink(1); y = 0; } return y;", "if (y & 1) { sink(1); y = 0; } return y;"),
        ("__label__ o; if (x) goto o; return 1; o: return 2;", "return x ? 2 : 1;", "return x ? 1 : 2;"),
        ("switch (x) { default: y = 1; case 5: y++; } return y;", "return x == 5 ? y + 1 : 2;", "return x == 5 ? y + 1 : 1;"),
        ("switch (x) { case 1: y++; __attribute__((fallthrough)); case 2: y += 2; break; default: y = 0; } return y;", "if (x == 1) return y + 3; if (x == 2) return y + 2; return 0;", "if (x == 1) return y + 1; if (x == 2) return y + 2; return 0;"),
        ("switch ((u8)x) { case 300 & 255: return 1; } return 0;", "return (x & 255) == 44;", "return x == 44;"),
        ("switch (x) { case 1 ... 4: return 1; case -3 ... -1: return 2; } return 0;", "return x >= 1 && x <= 4 ? 1 : x < 0 && x >= -3 ? 2 : 0;", "return x >= 1 && x <= 4 ? 1 : x < 0 ? 2 : 0;"),
        ("switch (x) { case 0xffffffff: return 1; } return 0;", "return x == -1;", "return 0;"),
        ("switch (x & 3) { case 0: while (y & 1) { case 1: y >>= 1; sink(y); if (y < 0) break; } } return 0;", "x &= 3; if (x > 1) return 0; if (x) goto in; while (y & 1) { in: y >>= 1; sink(y); if (y < 0) break; } return 0;", "x &= 3; if (x) return 0; while (y & 1) { y >>= 1; sink(y); if (y < 0) break; } return 0;"),
        ("int v __attribute__((cleanup(cl@))) = x; return v++;", "sink(x + 1); return x;", "sink(x); return x;"),
        ("int v __attribute__((cleanup(cl@))) = x; v = KK; return ext(y);", "int r = ext(y); sink(KK); return r;", "int r = ext(y); sink(x); return r;"),
        ("for (int i = 0; i < 2; i++) { int v __attribute__((cleanup(cl@))) = i; if (x) break; } return 0;", "sink(0); if (!x) sink(1); return 0;", "sink(0); sink(1); return 0;"),
        ("{ int v __attribute__((cleanup(cl@))) = x; if (y) goto out; } sink(KK); out: return 0;", "sink(x); if (!y) sink(KK); return 0;", "if (!y) { sink(x); sink(KK); } return 0;"),
        ("return sizeof(struct pk@) + x;", "return 5 + x;", "return 8 + x;"),
        ("return (long)&((struct pk@ *)0)->b + x;", "return 1 + x;", "return 4 + x;"),
        ("typedef int ai __attribute__((aligned(16))); return __alignof__(ai) + x;", "return 16 + x;", "return 4 + x;"),
        ("typedef int m8 __attribute__((mode(QI))); m8 v = x; return v;", "return (s8)x;", "return x;"),
        ("int r = x; asm(\"addl $1, %0\" : \"+r\"(r)); return r;", "int q = x; asm(\"addl $1, %0\" : \"+r\"(q)); return q;", "int r = x; asm(\"addl $1, %0\" : \"+r\"(r)); return x;"),
        ("int r = x; asm(\"incl %0\" : \"+m\"(r)); return r;", "int q = x; asm(\"incl %0\" : \"+m\"(q)); return q;", "int r = x; asm(\"incl %0\" : \"+m\"(r)); return x;"),
        ("int a[2] = { x, y }; asm(\"incl %0\" : \"+m\"(a[1])); return a[0];", "return x;", "int a[2] = { x, y }; asm(\"incl %0\" : \"+m\"(a[1])); return a[1];"),
        ("int r; asm(\"movl %1, %0\" : \"=r\"(r) : \"r\"(x)); return r;", "int r, t = x; asm(\"movl %1, %0\" : \"=r\"(r) : \"r\"(t)); return r;", "int r; asm(\"movl %1, %0\" : \"=r\"(r) : \"r\"(y)); return r;"),
        ("int (*f)(int) = ext; return f(x);", "return (*&ext)(x);", "int (*f)(int) = ext; return f(y);"),
        ("long v = x; v <<= 31; return v >> 31 == x;", "return 1;", "return (x << 31) >> 31 == x;"),
        ("struct t@ t = { x, y }; return *(&t.a + 1);", "return y;", "return x;"),
    )  # fmt: skip


@kind("objects")
def parts_of_words(d: Dice) -> Draft:
    head = (
        "struct b@ { unsigned lo:3; int s:4; unsigned :0; u8 z; union { u16 w; u8 by[2]; }; bool on:1; u8 hi:7; };\n"
        "struct fl@ { int n; int a[]; };\nunion u@ { u32 w; u8 c[4]; struct { u16 l, h; }; };\n"
    )
    one = ("struct b@ *p, int x", (
        ("p->lo = x; return p->lo;", "p->lo = x; return x & 7;", "p->lo = x; return x;"),
        ("return p->lo = x;", "p->lo = x; return x & 7;", "p->lo = x; return x;"),
        ("p->s = x; return p->s;", "p->s = x; return (int)((u32)x << 28) >> 28;", "p->s = x; return x & 15;"),
        ("return p->lo++;", "unsigned t = p->lo; p->lo = t + 1; return t;", "unsigned t = p->lo; p->lo = t + 1; return p->lo;"),
        ("p->w = x; return p->by[0];", "p->w = x; return x & 255;", "p->w = x; return x >> 8 & 255;"),
        ("return ~p->lo;", "return ~(int)p->lo;", "return ~p->lo & 7;"),
        ("return p->lo - 4 < 0;", "return p->lo < 4;", "return 0;"),
        ("p->lo |= x; return p->lo;", "p->lo = p->lo | x; return p->lo;", "int t = p->lo | x; p->lo = t; return t;"),
        ("p->s -= x; return p->s < 0;", "p->s = p->s - x; return p->s >> 3 != 0;", "int t = p->s - x; p->s = t; return t < 0;"),
        ("p->on = x; return p->on;", "p->on = !!x; return x != 0;", "p->on = x & 1; return x & 1;"),
        ("p->hi = x; p->z = x; return p->hi == p->z;", "p->z = x; p->hi = x; return !(x & 128);", "p->hi = x; p->z = x; return 1;"),
        ("p->by[1] = x; return p->w >> 8;", "p->by[1] = x; return x & 255;", "p->by[1] = x; return x;"),
        ("p->z = 0; p->lo = x; return p->z;", "p->lo = x; p->z = 0; return 0;", "p->z = x; p->lo = x; return p->z;"),
    ))  # fmt: skip
    two = ("struct fl@ *p, int x", (
        ("p->a[1] = x; return p->a[1];", "p->a[1] = x; return x;", "p->a[1] = x; return p->n;"),
        ("p->a[0] = x; return ((int *)p)[1];", "p->a[0] = x; return x;", "p->a[0] = x; return p->n;"),
        ("return sizeof(*p) + x;", "return 4 + x;", "return 8 + x;"),
        ("int i = p->n & 3; p->a[i] = x; return p->n;", "int n = p->n; p->a[n & 3] = x; return n;", "int i = p->n & 3; p->a[i] = x; return x;"),
        ("return &p->a[2] - p->a + x;", "return 2 + x;", "return 8 + x;"),
    ))  # fmt: skip
    three = ("union u@ *p, int x", (
        ("p->w = 0; p->c[1] = 1; return p->w;", "p->w = 256; return 256;", "p->w = 0; p->c[1] = 1; return 0;"),
        ("p->w = x; return p->h;", "p->w = x; return (u32)x >> 16;", "p->w = x; return x & 0xffff;"),
        ("p->l = x; p->h = 0; return p->w;", "p->w = (u16)x; return (u16)x;", "p->l = x; p->h = 0; return x;"),
        ("p->w = x; p->c[3] = 0; return p->w;", "p->w = x & 0xffffff; return x & 0xffffff;", "p->w = x; p->c[3] = 0; return x;"),
        ("p->c[0] = x; return p->l & 255;", "p->c[0] = x; return (u8)x;", "p->c[0] = x; return x;"),
        ("p->l = 1; p->c[0] = x; return p->l;", "p->l = x & 255; return x & 255;", "p->l = 1; p->c[0] = x; return 1;"),
    ))  # fmt: skip
    args, rows = d.rng.choice([one, two, three])
    return bodies(d, head, args, *rows)
