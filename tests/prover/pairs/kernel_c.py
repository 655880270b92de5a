# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What kernel code adds: options, cleanups, NULL, tables of functions, builtins."""

from __future__ import annotations

from .draft import Dice, Draft, kind
from .memory import S, bodies
from .values import choose_two

OPTIONS = "#include <linux/kconfig.h>\n"


@kind("options")
def options_of_the_build(d: Dice) -> Draft:
    """CONFIG_KPF_M is y, m or n and CONFIG_KPF_B y or n: each is compiled."""
    head = (
        OPTIONS
        + "#ifdef CONFIG_KPF_B\n#define IN@ KK\n#else\n#define IN@ JJ\n#endif\n#ifdef CONFIG_KPF_B\nstatic inline int st@(int v) { return v + KK; }\n#else\nstatic inline int st@(int v) { return 0; }\n#endif\n"
    )
    return bodies(
        d, head, "int x, int y",
        ("\n#ifdef CONFIG_KPF_B\nreturn x;\n#else\nreturn y;\n#endif\n", "\n#ifndef CONFIG_KPF_B\nreturn y;\n#else\nreturn x;\n#endif\n", "\n#ifdef CONFIG_KPF_B\nreturn y;\n#else\nreturn x;\n#endif\n"),
        ("return IS_ENABLED(CONFIG_KPF_B) ? x : y;", "\n#ifdef CONFIG_KPF_B\nreturn x;\n#else\nreturn y;\n#endif\n", "return x;"),
        ("return IS_ENABLED(CONFIG_KPF_M) ? x : y;", "\n#if IS_ENABLED(CONFIG_KPF_M)\nreturn x;\n#else\nreturn y;\n#endif\n", "\n#ifdef CONFIG_KPF_M\nreturn x;\n#else\nreturn y;\n#endif\n"),
        ("if (IS_ENABLED(CONFIG_KPF_M)) sink(x); return y;", "\n#if defined(CONFIG_KPF_M) || defined(CONFIG_KPF_M_MODULE)\nsink(x);\n#endif\nreturn y;", "\n#if defined(CONFIG_KPF_M)\nsink(x);\n#endif\nreturn y;"),
        ("return IS_ENABLED(CONFIG_KPF_B) && x;", "return x ? IS_ENABLED(CONFIG_KPF_B) : 0;", "return x != 0;"),
        ("return x + IN@;", "return IS_ENABLED(CONFIG_KPF_B) ? x + KK : x + JJ;", "return x + KK;"),
        ("return st@(x);", "if (!IS_ENABLED(CONFIG_KPF_B)) return 0; return x + KK;", "return x + KK;"),
        ("return st@(x) + y;", "int t = st@(x); return y + t;", "return IS_ENABLED(CONFIG_KPF_B) ? x + KK : y;"),
        ("\n#ifdef IS_ENABLED(CONFIG_KPF_B)\nreturn x;\n#endif\nreturn y;", "return x;", "\n#if IS_ENABLED(CONFIG_KPF_B)\nreturn x;\n#endif\nreturn y;"),
        ("\n#if defined(CONFIG_KPF_B) && IS_ENABLED(CONFIG_KPF_M)\nreturn x;\n#endif\nreturn y;", "return IS_ENABLED(CONFIG_KPF_B) ? IS_ENABLED(CONFIG_KPF_M) ? x : y : y;", "return IS_ENABLED(CONFIG_KPF_M) ? x : y;"),
        ("int r = 0;\n#ifdef CONFIG_KPF_B\nif (x)\n#endif\nr = y; return r;", "int r = 0; if (!IS_ENABLED(CONFIG_KPF_B) || x) r = y; return r;", "int r = 0; if (x) r = y; return r;"),
    )  # fmt: skip


@kind("kernel")
def cleanups(d: Dice) -> Draft:
    head = (
        "static inline void done@(int *v) { sink(*v); }\nstatic inline void gone@(int *v) { sink(*v + KK); }\n"
        "#define __cleanup(f) __attribute__((__cleanup__(f)))\n#define HOLD@(v) int h_ __cleanup(done@) = v\n"
    )
    return bodies(
        d, head, "int x, int y",
        ("int t __cleanup(done@) = x; return y;", "int t = x; sink(t); return y;", "int t = x; return y;"),
        ("int t __cleanup(done@) = x; return y;", "int u __cleanup(done@) = x; return y;", "int t __cleanup(gone@) = x; return y;"),
        ("int t __cleanup(done@) = x; t++; return ext(y);", "int r = ext(y); sink(x + 1); return r;", "sink(x + 1); return ext(y);"),
        ("int t __cleanup(done@) = x; if (y) return 1; return ext(t);", "if (y) { sink(x); return 1; } int r = ext(x); sink(x); return r;", "if (y) return 1; int r = ext(x); sink(x); return r;"),
        ("int t __cleanup(done@) = x; int u __cleanup(done@) = y; return 0;", "sink(y); sink(x); return 0;", "sink(x); sink(y); return 0;"),
        ("{ int t __cleanup(done@) = x; } sink(y); return 0;", "sink(x); sink(y); return 0;", "sink(y); sink(x); return 0;"),
        ("HOLD@(x); return ext(y);", "int r = ext(y); sink(x); return r;", "sink(x); return ext(y);"),
        ("for (int i = 0; i < 2; i++) { int t __cleanup(done@) = i; if (x == i) break; } return y;", "sink(0); if (x != 0) sink(1); return y;", "if (x != 0) sink(0); if (x != 0 && x != 1) sink(1); return y;"),
        ("int t __cleanup(done@) = x; goto out; out: return y;", "sink(x); return y;", "return y;"),
        ("int t __cleanup(done@) = x; return t++;", "sink(x + 1); return x;", "sink(x); return x;"),
    )  # fmt: skip


@kind("kernel")
def pointers_that_may_be_null(d: Dice) -> Draft:
    head = (
        S
        + "static inline int va@(struct s@ *p) { return p ? p->a : KK; }\nstatic inline int er@(const void *p) { return (unsigned long)p >= (unsigned long)-4095; }\n"
    )
    return bodies(
        d, head, "struct s@ *p, int x, int y",
        ("if (!p) return KK; return p->a;", "return p ? p->a : KK;", "return p ? KK : x;"),
        ("if (p && p->a > x) return y; return 0;", "return p ? p->a > x ? y : 0 : 0;", "return p ? y : 0;"),
        ("return p ? p->a : KK;", "return va@(p);", "return va@(p) + !p;"),
        ("return !p || !p->a;", "if (p && p->a) return 0; return 1;", "if (p) return 0; return 1;"),
        ("if (p) p->a = x; return 0;", "if (p == (void *)0) return 0; p->a = x; return 0;", "if (p) p->b = x; return 0;"),
        ("if (er@(p)) return (int)(long)p; return 0;", "return er@(p) ? (int)(long)p : 0;", "return er@(p) || !p ? -KK : 0;"),
        ("if (p) sink(p->a); return x;", "if (!p) return x; sink(p->a); return x;", "sink(p ? p->a : 0); return x;"),
        ("struct n@ *n = &p->in; if (!p) return KK; return n->v;", "if (!p) return KK; return p->in.v;", "if (p) return KK; return x;"),
        ("return p ? 1 : 0;", "return !!p;", "return !p;"),
        setup="if (mode & 8) p = 0;",
    )  # fmt: skip


@kind("kernel")
def functions_in_tables(d: Dice) -> Draft:
    head = (
        "static int one@(int v) { return v + KK; }\nstatic int two@(int v) { return v * JJ; }\ntypedef int fn@(int);\n"
        "struct ops@ { int (*a)(int); int (*b)(int); };\nstatic const struct ops@ op@ = { .a = one@, .b = two@ };\n"
        "static int (*const tb@[2])(int) = { one@, two@ };\n"
    )
    return bodies(
        d, head, "fn@ *p, int x, int y",
        ("return op@.a(x);", "return x + KK;", "return x * JJ;"),
        ("return op@.b(x);", "return two@(x);", "return op@.a(x);"),
        ("return tb@[x & 1](y);", "return x & 1 ? y * JJ : y + KK;", "return x & 1 ? y + KK : y * JJ;"),
        ("return p(x);", "return (*p)(x);", "return p(y);"),
        ("return p(x) + y;", "int t = p(x); return y + t;", "return ext(x) + y;"),
        ("return (x ? one@ : two@)(y);", "return x ? y + KK : y * JJ;", "return x ? y * JJ : y + KK;"),
        ("const struct ops@ *o = &op@; return o->b(x);", "return x * JJ;", "return x + KK;"),
        ("struct ops@ o = op@; o.a = o.b; return o.a(x);", "return x * JJ;", "return x + KK;"),
        ("p(x); p(y); return 0;", "(void)p(x); (void)p(y); return 0;", "p(y); p(x); return 0;"),
        setup="p = ext;",
    )  # fmt: skip


@kind("kernel")
def what_an_unknown_function_sees(d: Dice) -> Draft:
    head = "struct t@ { int a; int b; };\nextern void look(const void *);\n"
    return bodies(
        d, head, "int x, int y",
        ("struct t@ t = { x, y }; look(&t); return 0;", "struct t@ t; t.b = y; t.a = x; look(&t); return 0;", "struct t@ t = { y, x }; look(&t); return 0;"),
        ("struct t@ t = { x, y }; look(&t); t.a = KK; return 0;", "struct t@ t = { x, y }; look(&t); return 0;", "struct t@ t = { x, y }; t.a = KK; look(&t); return 0;"),
        ("struct t@ t = { x }; look(&t); return t.b;", "struct t@ t = { .a = x, .b = 0 }; look(&t); return t.b;", "struct t@ t = { .b = x }; look(&t); return t.b;"),
        ('look("abcdefgh"); return x;', 'const char *s = "abcdefgh"; look(s); return x;', 'look("abcdefgi"); return x;'),
        ('look(x ? "abcdefgh" : "12345678"); return 0;', 'if (x) look("abcdefgh"); else look("12345678"); return 0;', 'look("abcdefgh"); return 0;'),
        ("int a[2] = { x, y }; look(a); return a[0];", "int a[2]; a[0] = x; a[1] = y; look(&a[0]); return *a;", "int a[2] = { x, y }; look(a); return a[1];"),
        ("struct t@ t = { x, y }, u = t; u.a = KK; look(&t); return u.b;", "struct t@ t = { x, y }; look(&t); return y;", "struct t@ t = { KK, y }; look(&t); return y;"),
        ("int l = x; take(&l); l = y; take(&l); return l;", "int l; l = x; take(&l); l = y; take(&l); return l;", "int l = y; take(&l); l = x; take(&l); return l;"),
        ("int l = x; take(&l); return l - x;", "int l = x; take(&l); return -(x - l);", "int l = x; take(&l); return 0;"),
    )  # fmt: skip


@kind("kernel")
def builtins(d: Dice) -> Draft:
    head = (
        "#define likely(v) __builtin_expect(!!(v), 1)\n#define max(a, b) ({ typeof(a) a_ = (a); typeof(b) b_ = (b); a_ > b_ ? a_ : b_; })\n"
        "#define offsetof(t, m) __builtin_offsetof(t, m)\nstruct t@ { int a; u8 b; int c[4]; };\n#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))\n"
        "#define container_of(p, t, m) ({ void *p_ = (void *)(p); ((t *)(p_ - offsetof(t, m))); })\n#define swap(a, b) do { typeof(a) t_ = (a); (a) = (b); (b) = t_; } while (0)\n"
        "#define BIT(n) (1UL << (n))\n#define GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (63 - (h))))\n#define BUILD_BUG_ON(c) ((void)sizeof(char[1 - 2 * !!(c)]))\n"
    )
    return choose_two(
        d,
        (head, "if (likely(x > KK)) return y; return 0;", "return x > KK ? y : 0;", "return x >= KK ? y : 0;"),
        (head, "return max(x, y);", "return x > y ? x : y;", "return x > y ? y : x;"),
        (head, "return max(ext(x), y);", "int t = ext(x); return t > y ? t : y;", "return ext(x) > y ? ext(x) : y;"),
        (head, "return offsetof(struct t@, c[1]) + x;", "return x + 12;", "return x + 9;"),
        (head, "struct t@ t = { x }; int *p = &t.c[0]; return container_of(p, struct t@, c)->a;", "return x;", "return y;"),
        (head, "swap(x, y); return x - y;", "return y - x;", "return x - y;"),
        (head, "return (x & BIT(31)) > 0;", "return x < 0;", "return 0;"),
        (head, "return x & GENMASK(7, 4);", "return x & 0xf0;", "return x & 0xff;"),
        (head, "BUILD_BUG_ON(sizeof(x) != 4); return x;", "return x;", "return y;"),
        (head, "return __builtin_choose_expr(sizeof(x) == 4, x, y);", "return x;", "return y;"),
        (head, "return __builtin_types_compatible_p(typeof(x), int) ? x : y;", "return x;", "return y;"),
        (head, "return __builtin_constant_p(KK) ? x : y;", "return x;", "return y;"),
        (head, "return _Generic(x, int: y, default: KK);", "return y;", "return KK;"),
        (head, "struct t@ t; return ARRAY_SIZE(t.c) + x;", "return 4 + x;", "return 16 + x;"),
        (head, "return __builtin_popcount(x & 7);", "return (x & 1) + (x >> 1 & 1) + (x >> 2 & 1);", "return x & 7;"),
        (head, "static const u8 t[8] = { [0 ... 3] = KK, [6] = JJ }; return t[x & 7];", "x &= 7; return x < 4 ? KK : x == 6 ? JJ : 0;", "x &= 7; return x <= 4 ? KK : x == 6 ? JJ : 0;"),
        (head, "u8 z = x; return max(z, (u8)y);", "return (u8)x > (u8)y ? (u8)x : (u8)y;", "return (u8)max(x, y);"),
        (head, "typeof(x + 0L) z = x; return (z << 31) == 0;", "return x == 0;", "return (x << 31) == 0;"),
    )  # fmt: skip


@kind("kernel")
def errors_and_exits(d: Dice) -> Draft:
    return choose_two(
        d,
        ("", "int r; sink(1); r = ext(x); if (r) goto out; r = ext(y); out: sink(2); return r;", "int r; sink(1); r = ext(x); if (!r) r = ext(y); sink(2); return r;", "int r; sink(1); r = ext(x); if (r) return r; r = ext(y); sink(2); return r;"),
        ("", "int r = ext(x); if (r < 0) return r; return 0;", "int r = ext(x); return r < 0 ? r : 0;", "return ext(x);"),
        ("", "int r = -22; if (x > KK) goto err; r = ext(y); if (r) goto undo; return 0; undo: sink(JJ); err: sink(1); return r;", "if (x > KK) { sink(1); return -22; } int r = ext(y); if (!r) return 0; sink(JJ); sink(1); return r;", "if (x > KK) { sink(JJ); sink(1); return -22; } int r = ext(y); if (!r) return 0; sink(JJ); sink(1); return r;"),
        ("", "for (int i = 0; i < 3; i++) { int r = ext(i); if (r < 0) return r; if (!r) continue; sink(r); } return x;", "int i = 0; while (i < 3) { int r = ext(i++); if (r < 0) return r; if (r) sink(r); } return x;", "int i = 0; while (i < 3) { int r = ext(i++); if (r < 0) return r; sink(r); } return x;"),
        ("", "int r = ext(x); if (r == KK) r = 0; if (r) sink(r); return r;", "int r = ext(x); switch (r) { case 0: case KK: return 0; } sink(r); return r;", "int r = ext(x); if (r) sink(r); return r == KK ? 0 : r;"),
        ("", "unsigned n = x & 7; while (n--) sink(n); return 0;", "for (int i = (x & 7) - 1; i >= 0; i--) sink(i); return 0;", "for (int i = (x & 7) - 1; i > 0; i--) sink(i); return 0;"),
        ("", "return ext(x) ? ext(y) ? 1 : 2 : 3;", "if (!ext(x)) return 3; return ext(y) ? 1 : 2;", "int b = ext(y); if (!ext(x)) return 3; return b ? 1 : 2;"),
        ("", "if (x < 0 || x > KK) return -22; sink(x); return 0;", "if ((unsigned)x > KK) return -22; sink(x); return 0;", "if (x > KK) return -22; sink(x); return 0;"),
    )  # fmt: skip
