# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Traps of C, ours: title -> (prelude, before, after[, prelude after]).

SAME computes the same on both sides, OTHER does not; CONCURRENT_* is for others that
write meanwhile.  ONE_CPU names those whose verdict is of one CPU alone, or a difference
that others see, UNDECIDED those that the prover leaves open today.
"""

S = "struct s { int a; int b; unsigned char c; short h; unsigned long n; struct s *next; int arr[8]; };\n"
U = "typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64; typedef signed char s8; typedef long long s64;\n"

SAME: dict[str, tuple[str, ...]] = {
    "a helper that only writes to a local": ("static void both(int *p, int *q) { *p = 49; *q = 51; }\nstatic int h(int v) { return v + 11; }\n", "int f(int x, int y) { both(&x, &x); return x; }", "int f(int x, int y) { return 51; }"),
    "a helper that only computes, once more": ("static void both(int *p, int *q) { *p = 49; *q = 51; }\nstatic int h(int v) { return v + 11; }\n", "int f(int x, int y) { return h(x); }", "int f(int x, int y) { return h(x) + h(0) - 11; }"),
    "a helper by a pointer to a local": ("static void both(int *p, int *q) { *p = 49; *q = 51; }\nstatic int h(int v) { return v + 11; }\n", "int f(int x, int y) { int *p = &x; both(p, p); return y; }", "int f(int x, int y) { return y; }"),
    "a compound literal is our own": ("struct t { int a, b; };\n", "int f(int x, int y) { struct t *t = &(struct t){ x, y }; t->a++; return t->a - t->b; }", "int f(int x, int y) { return x + 1 - y; }"),
    "members of a local set at once or one by one": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { struct t t = { x, y }; look(&t); return 0; }", "int f(int x, int y) { struct t t; t.b = y; t.a = x; look(&t); return 0; }"),
    "members in order and by name": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { struct t t = { x, y }; return t.a - t.b; }", "int f(int x, int y) { struct t t = { .b = y, .a = x }; return t.a - t.b; }"),
    "a member that is not named is 0": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { struct t t = { x }; look(&t); return t.b; }", "int f(int x, int y) { struct t t = { .a = x, .b = 0 }; look(&t); return t.b; }"),
    "size of a string with an escape": ("", "int f(int x) { return sizeof(\"a\\0b\") + x; }", "int f(int x) { return 4 + x; }"),
    "size of a string with an octal escape": ("", "int f(int x) { return sizeof(\"\\1011\\x41\") + x; }", "int f(int x) { return 4 + x; }"),
    "an octal character": ("", "int f(int x) { return '\\7' + '\\101' + x; }", "int f(int x) { return 72 + x; }"),
    "a character beyond ASCII": ("", "int f(int x) { return '\\377' + x; }", "int f(int x) { return 255 + x; }"),
    "#ifdef of a test that always exists": (
        "",
        "int f(int x) {\n#ifdef IS_ENABLED(CONFIG_X)\nreturn x;\n#endif\nreturn 0; }",
        "int f(int x) { return x; }",
    ),
    "#ifndef of a test that always exists": (
        "",
        "int f(int x) {\n#ifndef IS_BUILTIN(CONFIG_X)\nreturn x;\n#endif\nreturn 0; }",
        "int f(int x) { return 0; }",
    ),
    "helpers of a page in another order": (
        "struct page { unsigned long flags; };\nint look(struct page *page);\nint look(struct page *page) { return page->flags & 1; }\n",
        "int f(struct page *page) { return look(page) && page->flags > 4; }",
        "int f(struct page *page) { return page->flags > 4 && look(page); }",
    ),
    "helpers in another order": (
        "struct s { int a; };\nint look(const struct s *p);\nint look(const struct s *p) { return p->a; }\n",
        "int f(struct s *p) { return p->a && look(p); }",
        "int f(struct s *p) { int k = look(p); return p->a && k; }",
    ),
    "macro that hands its arguments on": (
        "int do_say(const char *fmt, ...);\n#define say(fmt, ...) call(do_say, fmt, ##__VA_ARGS__)\n#define call(fn, fmt, ...) ({ static int id = 1; if (id) fn(fmt, ##__VA_ARGS__); })\n",
        'int f(int x) { if (x > 10) return 0; say("%d", x); return x > 20 ? 1 : x; }',
        'int f(int x) { if (x > 10) return 0; say("%d", x); return x; }',
    ),
    "checked after it was divided by": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(int x, int y) { int q = x / y; if (!y) return 0; return q; }",
        "int f(int x, int y) { return x / y; }",
    ),
    "check of 0 another way": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(int x, int y) { if (!y) return 0; return x / y; }",
        "int f(int x, int y) { return y ? x / y : 0; }",
    ),
    "divided by a constant": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(int x) { return x / 4; }",
        "int f(int x) { int y = 4; return x / y; }",
    ),
    "another function is declared": (
        "int g(int);\n",
        "int f(int x) { int y = x; return g(y); }",
        "int f(int x) { return g(x); }",
        "int g(int);\nextern int __g(int *x);\n",
    ),
    "checked after it was read": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { int y = p->a; if (!p) return 0; return y + p->b; }",
        "int f(struct s *p) { int y = p->a; return y + p->b; }",
    ),
    "called after it was read": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { int y = p->a; if (!p) return 0; return g(y); }",
        "int f(struct s *p) { int y = p->a; return g(y); }",
    ),
    "read later": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p, int c) { int a = p->a; if (c) return 0; return a; }",
        "int f(struct s *p, int c) { if (c) return 0; return p->a; }",
    ),
    "check of NULL another way": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { if (!p) return 0; return p->a; }",
        "int f(struct s *p) { return p ? p->a : 0; }",
    ),
    "address of a member of NULL": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int *f(struct s *p) { return p ? &p->b : &p->b; }",
        "int *f(struct s *p) { return &p->b; }",
    ),
    "a lock named for a variable": (
        "struct q { int x; };\nextern struct q g;\nint h(struct q *);\n",
        "int f(void) { return h(&g); }",
        "int f(void) { return h(&g); }",
        "struct q { int x; };\nextern struct q g __guarded_by(&lock);\nint h(struct q *);\n",
    ),
    "a variable declared another way": (
        "struct q { int x; };\nextern struct q g;\nint h(struct q *);\n",
        "int f(void) { return h(&g); }",
        "int f(void) { return h(&g); }",
        "struct q { int x; };\nextern struct q g __aligned(64);\nint h(struct q *);\n",
    ),
    "sign behind the dots": (
        "int snprintf(char *buf, unsigned long size, const char *fmt, ...);\n",
        'int f(char *b, int x) { return snprintf(b, 8, "%d", x); }',
        'int f(char *b, unsigned x) { return snprintf(b, 8, "%d", x); }',
    ),
    "what a loop leaves": (
        "",
        "int f(int x) { while (x > 0) x -= 3; return x > 0 ? 1 : x; }",
        "int f(int x) { while (x > 0) x -= 3; return x; }",
    ),
    "what a printing macro leaves": (
        "",
        'int f(int x) { if (x > 10) return 0; say("%d", x); return x > 20 ? 1 : x; }',
        'int f(int x) { if (x > 10) return 0; say("%d", x); return x; }',
    ),
    "y and m at once": (
        "",
        "int f(void) {\n#ifdef CONFIG_X\nreturn 1;\n#elif defined(CONFIG_X_MODULE)\nreturn 2;\n#endif\nreturn 0; }",
        "int f(void) {\n#ifdef CONFIG_X_MODULE\nreturn 2;\n#elif defined(CONFIG_X)\nreturn 1;\n#endif\nreturn 0; }",
    ),
    "sizeof a type": (
        U,
        "u64 f(u64 x) { return x / sizeof(u64) + sizeof(u16); }",
        "u64 f(u64 x) { return x / 8 + 2; }",
    ),
    "sizeof a name that hides a type": (
        U,
        "u64 f(u8 u64) { return sizeof(u64); }",
        "u64 f(u8 x) { return 1; }",
    ),
    "the compiler's own": (
        U,
        "u64 f(u64 x) { return x >> (__BITS_PER_LONG - __CHAR_BIT__); }",
        "u64 f(u64 x) { return x >> (8 * __SIZEOF_LONG__ - 8); }",
    ),
    "u8 compl2": (
        U,
        "int f(u8 x) { return ~x == 0xff; }",
        "int f(u8 x) { return 0; }",
    ),
    "cmp signed unsigned s": (
        U,
        "int f(int x, unsigned y) { return x < y; }",
        "int f(int x, unsigned y) { return (unsigned)x < y; }",
    ),
    "ternary type s": (
        U,
        "s64 f(int c, int x, u32 y) { return c ? x : y; }",
        "s64 f(int c, int x, u32 y) { if (c) return (u32)x; return y; }",
    ),
    "narrow compound s": (
        U,
        "int f(u8 x, int y) { x += y; return x; }",
        "int f(u8 x, int y) { return (u8)(x + y); }",
    ),
    "value of narrowing assignment s": (
        U,
        "int f(int y) { u8 x; int z = (x = y); return z; }",
        "int f(int y) { u8 x; x = y; return x; }",
    ),
    "div vs shift s": (
        "",
        "unsigned f(unsigned x) { return x / 2; }",
        "unsigned f(unsigned x) { return x >> 1; }",
    ),
    "unsigned wrap s": (
        "",
        "int f(unsigned long a, unsigned long b) { return a - b > 0; }",
        "int f(unsigned long a, unsigned long b) { return a != b; }",
    ),
    "sizeof prom s": (
        U,
        "int f(u8 a) { return sizeof(a + a); }",
        "int f(u8 a) { return 4; }",
    ),
    "array param s": (
        U,
        "int f(u8 a[16]) { return sizeof(a); }",
        "int f(u8 a[16]) { return 8; }",
    ),
    "enum nonneg": (
        "",
        "enum e { A, B };\nint f(enum e x) { return x < 0; }",
        "enum e { A, B };\nint f(enum e x) { return 0; }",
    ),
    "enum big3": (
        "",
        "enum e { A = 1UL << 40 };\nlong f(void) { return A; }",
        "enum e { A = 1UL << 40 };\nlong f(void) { return 1L << 40; }",
    ),
    "bool conv s": (
        "typedef _Bool bool;",
        "bool f(int x) { return x & 2; }",
        "bool f(int x) { return !!(x & 2); }",
    ),
    "bang bang": (
        "",
        "int f(int x) { return !!x; }",
        "int f(int x) { return x ? 1 : 0; }",
    ),
    "ptr scale s": (
        "",
        "long f(int *p) { return (long)(p + 1); }",
        "long f(int *p) { return (long)((char *)p + 4); }",
    ),
    "alias fields": (
        S,
        "int f(struct s *p, struct s *q) { p->a = 1; q->b = 2; return p->a; }",
        "int f(struct s *p, struct s *q) { p->a = 1; q->b = 2; return 1; }",
    ),
    "alias local ptr s": (
        "",
        "int f(int c) { int x = 1; int *p = &x; *p = 5; return x; }",
        "int f(int c) { return 5; }",
    ),
    "union same offset": (
        "struct w { union { int a; int b; }; };",
        "int f(struct w *p) { return p->a; }",
        "int f(struct w *p) { return p->b; }",
    ),
    "embedded first s": (
        "struct i { int x; }; struct w { struct i in; int x; };",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return p->x; }",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return 1; }",
    ),
    "embedded second s": (
        "struct i { int x; }; struct w { int y; struct i in; int x; };",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return p->x; }",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return 1; }",
    ),
    "two embedded s": (
        "struct i { int x; }; struct w { int y; struct i i; struct i j; };",
        "int f(struct w *p) { p->i.x = 1; p->j.x = 2; return p->i.x; }",
        "int f(struct w *p) { p->i.x = 1; p->j.x = 2; return 1; }",
    ),
    "other struct no alias": (
        S + 'struct t { int a; };',
        "int f(struct s *p, struct t *q) { p->a = 1; q->a = 2; return p->a; }",
        "int f(struct s *p, struct t *q) { p->a = 1; q->a = 2; return 1; }",
    ),
    "other struct no alias2": (
        S + 'struct t { int z; int a; };',
        "int f(struct s *p, struct t *q) { p->a = 1; return q->a; }",
        "int f(struct s *p, struct t *q) { int r = q->a; p->a = 1; return r; }",
    ),
    "goto into if": (
        "",
        "int f(int a, int b) { int x = 0; if (a) goto in; if (b) { x = 1; in: x |= 2; } return x; }",
        "int f(int a, int b) { if (a) return 2; return b ? 3 : 0; }",
    ),
    "goto ladder": (
        "",
        "int g(void); void u(void); int f(int a, int b) { int r = -1; if (a) goto out; if (b) goto un; r = 0; un: u(); out: return r; }",
        "int g(void); void u(void); int f(int a, int b) { if (a) return -1; u(); return b ? -1 : 0; }",
    ),
    "stmt expr return": (
        "",
        "int f(int x, int y) { if (x && ({ if (y) return 7; 1; })) return 1; return 2; }",
        "int f(int x, int y) { if (x) { if (y) return 7; return 1; } return 2; }",
    ),
    "macro return": (
        "",
        "#define CHK(c) do { if (c) return 7; } while (0)\nint f(int x) { CHK(x); return 1; }",
        "#define CHK(c) do { if (c) return 7; } while (0)\nint f(int x) { if (x) return 7; return 1; }",
    ),
    "macro goto": (
        "",
        "#define CHK(c) if (c) goto out\nint f(int x) { CHK(x); return 1; out: return 7; }",
        "#define CHK(c) if (c) goto out\nint f(int x) { return x ? 7 : 1; out: return 7; }",
    ),
    "switch if": (
        "",
        "int f(int x) { switch (x) { case 1: case 2: return 5; default: return 7; case 3: return 9; } }",
        "int f(int x) { if (x == 3) return 9; if (x == 1 || x == 2) return 5; return 7; }",
    ),
    "switch default middle s": (
        "",
        "int f(int x) { int r = 0; switch (x) { case 1: r += 1; default: r += 2; case 3: r += 4; } return r; }",
        "int f(int x) { return x == 1 ? 7 : x == 3 ? 4 : 6; }",
    ),
    "case range s": (
        "",
        "int f(int x) { switch (x) { case 1 ... 5: return 1; } return 0; }",
        "int f(int x) { return x >= 1 && x <= 5; }",
    ),
    "nested loops": (
        "",
        "int f(int x) { int i, j, r = 0; for (i = 0; i < 3; i++) for (j = 0; j < 3; j++) { if (j == x) continue; if (i == x) break; r += i * 3 + j; } return r; }",
        "int f(int x) { int i, j, r = 0; for (i = 0; i < 3; i++) { for (j = 0; j < 3; j++) { if (j != x) { if (i == x) break; r += j + i * 3; } } } return r; }",
    ),
    "shadow s": (
        "",
        "int f(int x) { int r = 0; { int r = 5; r += x; } return r; }",
        "int f(int x) { return 0; }",
    ),
    "IS_ENABLED vs if": (
        "",
        "int f(int x) {\n#if IS_ENABLED(CONFIG_A)\n x++;\n#endif\nreturn x; }",
        "int f(int x) {\nif (IS_ENABLED(CONFIG_A)) x++;\nreturn x; }",
    ),
    "merged ifdefs": (
        "",
        "int f(int x) {\n#ifdef CONFIG_A\n x++;\n#endif\n#ifdef CONFIG_A\n x *= 2;\n#endif\nreturn x; }",
        "int f(int x) {\n#ifdef CONFIG_A\n x++;\n x *= 2;\n#endif\nreturn x; }",
    ),
    "macro twice s": (
        "",
        "#define max(a, b) ((a) > (b) ? (a) : (b))\nint f(int x, int y) { int r = max(x++, y); return r; }",
        "int f(int x, int y) { int r; if (x++ > y) r = x++; else r = y; return r; }",
    ),
    "param rename": (
        "",
        "int f(int a, int b) { return a - b; }",
        "int f(int x, int y) { return x - y; }",
    ),
    "store order": (
        S,
        "void f(struct s *p) { p->a = 1; p->b = 2; }",
        "void f(struct s *p) { p->b = 2; p->a = 1; }",
    ),
    "moved decl taken": (
        "",
        "void g(int *); void h(int *); int f(void) { int a = 1, b = 2; g(&a); h(&b); return a + b; }",
        "void g(int *); void h(int *); int f(void) { int b = 2, a = 1; g(&a); h(&b); return a + b; }",
    ),
    "renamed taken": (
        "",
        "void g(int *); void h(int *); int f(void) { int a = 1, b = 2; g(&a); h(&b); return a + b; }",
        "void g(int *); void h(int *); int f(void) { int aa = 1, bb = 2; g(&aa); h(&bb); return aa + bb; }",
    ),
    "helper pure extern": (
        S,
        "int is3(struct s *p); int f(struct s *p) { return p->a == 3; }",
        "int is3(struct s *p); int f(struct s *p) { return is3(p); }",
    ),
    "helper sets extern": (
        S,
        "void set3(struct s *p); void f(struct s *p) { p->a = 3; }",
        "void set3(struct s *p); void f(struct s *p) { set3(p); }",
    ),
    "helper extracted": (
        S,
        "int f(struct s *p) { p->a = 3; return p->b; }",
        "static void set3(struct s *p) { p->a = 3; }\nint f(struct s *p) { set3(p); return p->b; }",
    ),
    "helper extracted static": (
        S,
        "int f(struct s *p, int n) { while (n > 3) { p->a += n; n -= p->b; } return n; }",
        "static int lp(struct s *p, int n) { while (n > 3) { p->a += n; n -= p->b; } return n; }\nint f(struct s *p, int n) { return lp(p, n); }",
    ),
    "struct local": (
        S,
        "int f(struct s *p) { struct s t = { .a = 1, .b = 2 }; return t.a + t.n; }",
        "int f(struct s *p) { return 1; }",
    ),
    "bitfield s": (
        "struct b { unsigned m : 3; unsigned k : 5; };",
        "int f(struct b *p, int x) { p->m = x; return p->m; }",
        "int f(struct b *p, int x) { p->m = x; return x & 7; }",
    ),
    "local array s": (
        "",
        "int f(int i) { int a[4]; a[0] = 1; a[1] = 2; return a[0] + a[1]; }",
        "int f(int i) { return 3; }",
    ),
    "2d array": (
        "",
        "int f(int i) { int a[2][2]; a[0][1] = 1; a[1][0] = 2; return a[0][1]; }",
        "int f(int i) { return 1; }",
    ),
    "sizeof const": (
        S,
        "int f(struct s *p) { return sizeof(struct s) > 8; }",
        "int f(struct s *p) { return sizeof(struct s) > 16; }",
    ),
    "sizeof const2": (
        S,
        "int f(int x) { return x * sizeof(struct s) > 8 * sizeof(struct s); }",
        "int f(int x) { return sizeof(struct s) * x > sizeof(struct s) * 8; }",
    ),
    "char": (
        "",
        "int f(void) { return '\\n' + 'a'; }",
        "int f(void) { return 107; }",
    ),
    "quiet snapshot deref": (
        S,
        "int f(int *p) { int k = *p; return (k & 1) == (k & 2); }",
        "int f(int *p) { return (*p & 1) == (*p & 2); }",
    ),
    "quiet READ_ONCE": (
        S,
        "int f(struct s *p) { int k = READ_ONCE(p->a); return k; }",
        "int f(struct s *p) { int k = p->a; return k; }",
    ),
    "quiet bit atomic": (
        S,
        "void f(struct s *p) { set_bit(3, &p->n); }",
        "void f(struct s *p) { __set_bit(3, &p->n); }",
    ),
    "macro takes address s": (
        "",
        "void fetch(int *p);\n#define GET(x) fetch(&(x))\nint f(void) { int v = 1; GET(v); return v; }",
        "void fetch(int *p);\n#define GET(x) fetch(&(x))\nint f(void) { int w = 1; GET(w); if (w) return w; return 0; }",
    ),
    "after panic": (
        "",
        'void panic(const char *m);\nint f(int x) { if (x) { panic("a"); return 1; } return 2; }',
        'void panic(const char *m);\nint f(int x) { if (x) { panic("a"); } return 2; }',
    ),
    "p->arr sizeof s": (
        S,
        "int f(struct s *p) { return sizeof(p->arr); }",
        "int f(struct s *p) { return 32; }",
    ),
    "redundant gate": (
        "",
        "#ifdef CONFIG_A\nint f(int x) {\n#ifdef CONFIG_A\n x++;\n#endif\nreturn x; }\n#endif\n",
        "#ifdef CONFIG_A\nint f(int x) { x++; return x; }\n#endif\n",
    ),
    "IS_ERR": (
        "",
        "#define MAX_ERRNO 4095\nstatic inline int IS_ERR(const void *p) { return (unsigned long)p >= (unsigned long)-MAX_ERRNO; }\nint f(void *p) { if (IS_ERR(p)) return (long)p; return 0; }",
        "int f(void *p) { long e = (long)p; return e < 0 && e >= -4095 ? e : 0; }",
    ),
    "list loop": (
        S,
        "int f(struct s *p) { int n = 0; for (; p; p = p->next) n += p->a; return n; }",
        "int f(struct s *p) { int n = 0; while (p) { n += p->a; p = p->next; } return n; }",
    ),
    "mask order": (
        S,
        "void f(struct s *p) { p->n &= ~4UL; p->n |= 8; }",
        "void f(struct s *p) { p->n = (p->n | 8) & ~4UL; }",
    ),
    "for loop step": (
        S,
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) r += p->arr[i]; return r; }",
        "int f(struct s *p, int n) { int i = 0, r = 0; while (i < n) { r += p->arr[i]; i++; } return r; }",
    ),
    "for loop pre": (
        S,
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) { if (p->arr[i]) continue; r += p->arr[i]; } return r; }",
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) { if (p->arr[i]) continue; r += p->arr[i]; } return r + 0; }",
    ),
    "#if with a continuation": (
        "",
        "int f(int x) {\n#if CONFIG_N > 4 && \\\n\t(defined(CONFIG_A) || defined(CONFIG_B))\n x++;\n#endif\nreturn x; }",
        "int f(int x) {\n#if CONFIG_N > 4 && (defined(CONFIG_B) || defined(CONFIG_A))\n x++;\n#endif\nreturn x; }",
    ),
    "#if that cannot be read": (
        "",
        "int f(int x) {\n#if FOO(3) + 2 > 4\n x++;\n#endif\nreturn x; }",
        "int f(int x) {\n#if 2 + FOO(3) > 4\n x++;\n#endif\nreturn x; }",
    ),
}  # fmt: skip

OTHER: dict[str, tuple[str, ...]] = {
    "a helper that computes another number": ("static void both(int *p, int *q) { *p = 49; *q = 51; }\nstatic int h(int v) { return v + 11; }\n", "int f(int x, int y) { return h(x); }", "int f(int x, int y) { return h(x) + h(0) - 12; }"),
    "a helper that writes to a local in another order": ("static void both(int *p, int *q) { *p = 49; *q = 51; }\nstatic int h(int v) { return v + 11; }\n", "int f(int x, int y) { both(&x, &y); return x; }", "int f(int x, int y) { both(&y, &x); return x; }"),
    "what an unknown function sees of a local struct": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { struct t t = { x, y }; look(&t); return 0; }", "int f(int x, int y) { struct t t = { y, x }; look(&t); return 0; }"),
    "what an unknown function sees of a local array": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { int t[2] = { x, y }; look(t); return 0; }", "int f(int x, int y) { int t[2] = { y, x }; look(t); return 0; }"),
    "a member that the order sets": ("struct t { int a; int b; }; extern void look(const void *);\n", "int f(int x, int y) { struct t t = { x, y }; return t.a; }", "int f(int x, int y) { struct t t = { x, y }; return t.b; }"),
    "an escaped character and its digit": ("", "int f(int x) { return '\\7' + x; }", "int f(int x) { return '7' + x; }"),
    "size of a string and of a pointer": ("", "int f(int x) { return sizeof(\"a\\tb\") + x; }", "int f(int x) { return 8 + x; }"),
    "page read before the check of NULL": (
        "struct page { unsigned long flags; };\n",
        "unsigned long f(struct page *page) { if (!page) return 0; return page->flags; }",
        "unsigned long f(struct page *page) { unsigned long k = page->flags; if (!page) return 0; return k; }",
    ),
    "sizeof a word of a page is no read": (
        "struct page { unsigned long flags; };\n",
        "unsigned long f(struct page *page) { unsigned long n = sizeof(page->flags + 1); if (!page) return 0; return page->flags + n; }",
        "unsigned long f(struct page *page) { unsigned long k = page->flags; if (!page) return 0; return k + sizeof(page->flags + 1); }",
    ),
    "helper before the check of NULL": (
        "struct s { int a; };\nint look(const struct s *p);\nint look(const struct s *p) { return p->a; }\n",
        "int f(struct s *p) { if (!p) return 0; return look(p); }",
        "int f(struct s *p) { int k = look(p); if (!p) return 0; return k; }",
    ),
    "helper of a page before the check": (
        "struct page { unsigned long flags; };\nint look(struct page *page);\nint look(struct page *page) { return page->flags & 1; }\n",
        "int f(struct page *page) { if (!page) return 0; return look(page); }",
        "int f(struct page *page) { int k = look(page); if (!page) return 0; return k; }",
    ),
    "whatever a macro leaves": (
        "struct s { int n; };\nint g(int);\nvoid h(int);\n",
        "void f(int x, struct s *p) { say(x); g(x); if (p->n) return; h(1); }",
        "void f(int x, struct s *p) { say(x); g(x); if (p->n) return; h(2); }",
    ),
    "macro that hands on to one that assigns": (
        "#define say(a, ...) set(a, ##__VA_ARGS__)\n#define set(a, b) ((b) = (a))\n",
        "int f(int x) { int y = x; say(1, x); return y; }",
        "int f(int x) { say(1, x); return x; }",
    ),
    "macro that takes what it assigns with": (
        "#define say(a, ...) call(set, a, ##__VA_ARGS__)\n#define call(fn, a, ...) ({ fn(a, ##__VA_ARGS__); })\n#define set(a, b) ((b) = (a))\n",
        "int f(int x) { int y = x; say(1, x); return y; }",
        "int f(int x) { say(1, x); return x; }",
    ),
    "macro that assigns all it gets": (
        "#define say(a, ...) ({ __VA_ARGS__ = a; })\n",
        "int f(int x) { int y = x; say(1, x); return y; }",
        "int f(int x) { say(1, x); return x; }",
    ),
    "macro that steps": (
        "#define say(a, ...) ({ two(__VA_ARGS__, a); })\n#define two(b, ...) ((b)++)\n",
        "int f(int x) { int y = x; say(1, x); return y; }",
        "int f(int x) { say(1, x); return x; }",
    ),
    "divided before the check": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(int x, int y) { if (!y) return 0; return x / y; }",
        "int f(int x, int y) { int q = x / y; if (!y) return 0; return q; }",
    ),
    "remainder before the check": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "unsigned f(unsigned x, unsigned y) { if (!y) return 0; x %= y; return x; }",
        "unsigned f(unsigned x, unsigned y) { x %= y; if (!y) return 0; return x; }",
    ),
    "read before IS_ERR": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(void) { struct s *p = h(); if (IS_ERR(p)) return 0; return p->a; }",
        "int f(void) { struct s *p = h(); int a = p->a; if (IS_ERR(p)) return 0; return a; }",
    ),
    "IS_ERR lost": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(void) { struct s *p = h(); if (IS_ERR(p)) return 0; return p->a; }",
        "int f(void) { struct s *p = h(); return p->a; }",
    ),
    "check of 0 lost": (
        "struct s { int a; };\nstruct s *h(void);\nstatic inline int IS_ERR(const void *p)\n{ return (unsigned long)p >= (unsigned long)-4095; }\n",
        "int f(int x, int y) { if (!y) return 0; return x / y; }",
        "int f(int x, int y) { return x / y; }",
    ),
    "read before the check of NULL": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { if (!p) return 0; return p->a; }",
        "int f(struct s *p) { int a = p->a; if (!p) return 0; return a; }",
    ),
    "read through *p before the check": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(int *p) { if (!p) return 0; return *p; }",
        "int f(int *p) { int a = *p; if (!p) return 0; return a; }",
    ),
    "element before the check": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(int *p) { if (!p) return 0; return p[1]; }",
        "int f(int *p) { int a = p[1]; if (!p) return 0; return a; }",
    ),
    "answer read before the check": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(void) { struct s *p = h(); if (!p) return 0; return p->r[1]; }",
        "int f(void) { struct s *p = h(); int a = p->r[1]; if (!p) return 0; return a; }",
    ),
    "check and read swapped": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { return p && p->a; }",
        "int f(struct s *p) { return p->a && p; }",
    ),
    "check of NULL lost": (
        "struct s { int a; int b; struct s *n; int r[4]; };\nint g(int);\nstruct s *h(void);\n",
        "int f(struct s *p) { if (!p) return 0; return p->a; }",
        "int f(struct s *p) { return p->a; }",
    ),
    "both pointers NULL": (
        "struct a { int n; };\nstruct c { int n; };\n",
        "int f(struct a *a, struct c *c) { if (!a && !c) return 7; return (a ? a->n : 0) + (c ? c->n : 0); }",
        "int f(struct a *a, struct c *c) { return (a ? a->n : 0) + (c ? c->n : 0); }",
    ),
    "value behind the dots": (
        "int snprintf(char *buf, unsigned long size, const char *fmt, ...);\n",
        'int f(char *b, int x) { return snprintf(b, 8, "%d", x); }',
        'int f(char *b, int x) { return snprintf(b, 8, "%d", x + 1); }',
    ),
    "built in or not": (
        "",
        "int f(void) {\n#if defined(CONFIG_X) || defined(CONFIG_X_MODULE)\nreturn 1;\n#endif\nreturn 0; }",
        "int f(void) {\n#ifdef CONFIG_X\nreturn 1;\n#endif\nreturn 0; }",
    ),
    "sizeof another type": (
        U,
        "u64 f(u64 x) { return x / sizeof(u64); }",
        "u64 f(u64 x) { return x / sizeof(u32); }",
    ),
    "u8 compl": (
        U,
        "int f(u8 x) { return ~x == 0xff; }",
        "int f(u8 x) { return (u8)~x == 0xff; }",
    ),
    "u8 sum": (
        U,
        "int f(u8 x, u8 y) { return x + y > 255; }",
        "int f(u8 x, u8 y) { return (u8)(x + y) > 255; }",
    ),
    "u16 mul": (
        U,
        "u64 f(u16 x, u16 y) { return x * y; }",
        "u64 f(u16 x, u16 y) { return (u32)x * y; }",
    ),
    "cmp signed unsigned": (
        U,
        "int f(int x, unsigned y) { return x < y; }",
        "int f(int x, unsigned y) { return x < (int)y; }",
    ),
    "ternary type": (
        U,
        "s64 f(int c, int x, u32 y) { return c ? x : y; }",
        "s64 f(int c, int x, u32 y) { if (c) return x; return y; }",
    ),
    "narrow compound": (
        U,
        "int f(u8 x, int y) { x += y; return x; }",
        "int f(u8 x, int y) { return x + y; }",
    ),
    "value of narrowing assignment": (
        U,
        "int f(int y) { u8 x; int z = (x = y); return z; }",
        "int f(int y) { u8 x; x = y; return y; }",
    ),
    "pre post": (
        "",
        "int f(int x) { int y = x++; return y + x; }",
        "int f(int x) { int y = ++x; return y + x; }",
    ),
    "shift sign": (
        U,
        "u64 f(int n) { return 1 << 31; }",
        "u64 f(int n) { return 1UL << 31; }",
    ),
    "shift width": (
        U,
        "u64 f(u64 k) { return 1 << (k & 63); }",
        "u64 f(u64 k) { return 1ULL << (k & 63); }",
    ),
    "signed right": (
        "",
        "int f(int x) { return x >> 1; }",
        "int f(int x) { return (unsigned)x >> 1; }",
    ),
    "div vs shift": (
        "",
        "int f(int x) { return x / 2; }",
        "int f(int x) { return x >> 1; }",
    ),
    "unsigned wrap": (
        "",
        "int f(unsigned long a, unsigned long b) { return a - b > 0; }",
        "int f(unsigned long a, unsigned long b) { return a > b; }",
    ),
    "signed char": (
        U,
        "int f(s8 c) { return c; }",
        "int f(u8 c) { return c; }",
    ),
    "sizeof prom": (
        U,
        "int f(u8 a) { return sizeof(a + a); }",
        "int f(u8 a) { return sizeof(a); }",
    ),
    "sizeof array": (
        U,
        "int f(void) { u8 a[8]; return sizeof(a); }",
        "int f(void) { u8 a[16]; return sizeof(a); }",
    ),
    "sizeof string": (
        U,
        'int f(void) { return sizeof("abc"); }',
        "int f(void) { return sizeof(char *); }",
    ),
    "sizeof string2": (
        U,
        'int f(void) { return sizeof("abc"); }',
        'int f(void) { return sizeof("abcd"); }',
    ),
    "sizeof array ptr": (
        U,
        "int f(u8 *a) { return sizeof(*a); }",
        "int f(u8 *a) { return sizeof(a); }",
    ),
    "array param": (
        U,
        "int f(u8 a[16]) { return sizeof(a); }",
        "int f(u8 a[16]) { return 16; }",
    ),
    "enum neg": (
        "",
        "enum e { A = -1, B };\nint f(enum e x) { return x < 0; }",
        "enum e { A = -1, B };\nint f(enum e x) { return 0; }",
    ),
    "enum big": (
        "",
        "enum e { A = 0x80000000 };\nlong f(void) { return A; }",
        "enum e { A = 0x80000000 };\nlong f(void) { return (int)A; }",
    ),
    "enum big2": (
        "",
        "enum e { A = 1UL << 40 };\nlong f(void) { return A; }",
        "enum e { A = 1UL << 40 };\nlong f(void) { return 0; }",
    ),
    "enum value": (
        "enum e { A, B };",
        "int f(int x) { return x == B; }",
        "int f(int x) { return x == B; }",
        "enum e { A, Z, B };",
    ),
    "enum gate": (
        "enum e { A,\n#ifdef CONFIG_X\nZ,\n#endif\nB };",
        "int f(int x) { return x == B; }",
        "int f(int x) { return x == B; }",
        "enum e { A,\n#ifdef CONFIG_Y\nZ,\n#endif\nB };",
    ),
    "enum two": (
        "#ifdef CONFIG_X\nenum e { A = 1, B = 2 };\n#else\nenum e { A = 1, B = 3 };\n#endif\n",
        "int f(int x) { return x == B; }",
        "int f(int x) { return x == B; }",
        "#ifdef CONFIG_X\nenum e { A = 1, B = 2 };\n#else\nenum e { A = 1, B = 4 };\n#endif\n",
    ),
    "bool conv": (
        "typedef _Bool bool;",
        "bool f(int x) { return x & 2; }",
        "int f(int x) { return x & 2; }",
    ),
    "bool u8": (
        "typedef _Bool bool;",
        "bool f(int x) { bool r = x & 256; return r; }",
        "bool f(int x) { unsigned char r = x & 256; return r; }",
    ),
    "bang bang d": (
        "",
        "int f(int x) { return !!x; }",
        "int f(int x) { return x; }",
    ),
    "ptr scale": (
        "",
        "int f(int *p) { return *(p + 1); }",
        "int f(int *p) { return *(int *)((char *)p + 1); }",
    ),
    "alias": (
        "",
        "int f(int *p, int *q) { *p = 1; *q = 2; return *p; }",
        "int f(int *p, int *q) { *p = 1; *q = 2; return 1; }",
    ),
    "alias struct": (
        S,
        "int f(struct s *p, struct s *q) { p->a = 1; q->a = 2; return p->a; }",
        "int f(struct s *p, struct s *q) { p->a = 1; q->a = 2; return 1; }",
    ),
    "alias local": (
        "",
        "void g(int *p); int f(void) { int x = 1; g(&x); return x; }",
        "void g(int *p); int f(void) { int x = 1; g(&x); return 1; }",
    ),
    "alias local ptr": (
        "",
        "int f(int c) { int x = 1, y = 2; int *p = c ? &x : &y; *p = 5; return x; }",
        "int f(int c) { int x = 1, y = 2; int *p = c ? &x : &y; *p = 5; return 5; }",
    ),
    "ptr to ptr": (
        "",
        "int f(int **p, int *q) { *p = q; **p = 3; return *q; }",
        "int f(int **p, int *q) { *p = q; **p = 3; return 4; }",
    ),
    "union": (
        "",
        "int f(unsigned x) { union { unsigned a; unsigned char b; } u; u.b = 0; u.a = x; return u.b; }",
        "int f(unsigned x) { union { unsigned a; unsigned char b; } u; u.b = 0; u.a = x; return 0; }",
    ),
    "union2": (
        "",
        "int f(unsigned x, unsigned y) { union u { unsigned a; unsigned char b; } u; u.a = x; return u.b; }",
        "int f(unsigned x, unsigned y) { union u { unsigned a; unsigned char b; } u; u.a = y; return u.b; }",
    ),
    "union mem": (
        "struct w { union { unsigned a; unsigned char b; }; };",
        "int f(struct w *p, unsigned x) { p->b = 0; p->a = x; return p->b; }",
        "int f(struct w *p, unsigned x) { p->b = 0; p->a = x; return 0; }",
    ),
    "union mem order": (
        "struct w { union { unsigned a; unsigned char b; }; };",
        "void f(struct w *p, unsigned x) { p->b = 0; p->a = x; }",
        "void f(struct w *p, unsigned x) { p->a = x; p->b = 0; }",
    ),
    "union mem named": (
        "struct w { int z; union { unsigned a; unsigned char b; } u; };",
        "int f(struct w *p, unsigned x) { p->u.b = 0; p->u.a = x; return p->u.b; }",
        "int f(struct w *p, unsigned x) { p->u.b = 0; p->u.a = x; return 0; }",
    ),
    "embedded first": (
        "struct i { int x; }; struct w { struct i in; int x; };",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return p->x; }",
        "int f(struct w *p) { p->x = 1; p->in.x = 2; return 2; }",
    ),
    "goto into if d": (
        "",
        "int f(int a, int b) { int x = 0; if (a) goto in; if (b) { x = 1; in: x |= 2; } return x; }",
        "int f(int a, int b) { if (a) return 0; return b ? 3 : 0; }",
    ),
    "goto ladder d": (
        "",
        "int g(void); void u(void); int f(int a, int b) { int r = -1; if (a) goto out; if (b) goto un; r = 0; un: u(); out: return r; }",
        "int g(void); void u(void); int f(int a, int b) { if (a) return -1; if (!b) u(); return b ? -1 : 0; }",
    ),
    "stmt expr return d": (
        "",
        "int f(int x, int y) { if (x && ({ if (y) return 7; 1; })) return 1; return 2; }",
        "int f(int x, int y) { if (x) { return 1; } return 2; }",
    ),
    "macro return d": (
        "",
        "#define CHK(c) do { if (c) return 7; } while (0)\nint f(int x) { CHK(x); return 1; }",
        "#define CHK(c) do { if (c) return 7; } while (0)\nint f(int x) { return 1; }",
    ),
    "macro goto d": (
        "",
        "#define CHK(c) if (c) goto out\nint f(int x) { CHK(x); return 1; out: return 7; }",
        "#define CHK(c) if (c) goto out\nint f(int x) { return 1; }",
    ),
    "unknown macro label": (
        "",
        "int f(int x, int *p) { unsafe_put(x, p, out); return 0; out: return -14; }",
        "int f(int x, int *p) { unsafe_put(x, p, out); return 0; out: return -22; }",
    ),
    "asm goto": (
        "",
        'int f(int x) { asm goto("1:" : : "r"(x) : : out); return 0; out: return -14; }',
        'int f(int x) { asm goto("1:" : : "r"(x) : : out); return 0; out: return -22; }',
    ),
    "switch default middle": (
        "",
        "int f(int x) { int r = 0; switch (x) { case 1: r += 1; default: r += 2; case 3: r += 4; } return r; }",
        "int f(int x) { int r = 0; switch (x) { case 1: r += 1; case 3: r += 4; break; default: r += 2; } return r; }",
    ),
    "case range": (
        "",
        "int f(int x) { switch (x) { case 1 ... 5: return 1; } return 0; }",
        "int f(int x) { switch (x) { case 1 ... 6: return 1; } return 0; }",
    ),
    "fallthrough": (
        "",
        "int f(int x) { int r = 0; switch (x) { case 1: r = 1; case 2: r |= 2; } return r; }",
        "int f(int x) { int r = 0; switch (x) { case 1: r = 1; break; case 2: r |= 2; } return r; }",
    ),
    "switch u8": (
        "",
        "int f(unsigned char x) { switch (x) { case 256: return 1; } return 0; }",
        "int f(unsigned char x) { switch (x) { case 0: return 1; } return 0; }",
    ),
    "nested loops d": (
        "",
        "int f(int x) { int i, j, r = 0; for (i = 0; i < 3; i++) for (j = 0; j < 3; j++) { if (j == x) continue; if (i == x) break; r += i * 3 + j; } return r; }",
        "int f(int x) { int i, j, r = 0; for (i = 0; i < 3; i++) { for (j = 0; j < 3; j++) { if (j != x) { if (i == x) continue; r += j + i * 3 + 1; } } } return r; }",
    ),
    "shadow": (
        "",
        "int f(int x) { int r = 0; { int r = 5; r += x; } return r; }",
        "int f(int x) { int r = 0; { r = 5; r += x; } return r; }",
    ),
    "short circuit": (
        "",
        "int g(int); int f(int x) { return x && g(x); }",
        "int g(int); int f(int x) { int t = g(x); return x && t; }",
    ),
    "short circuit2": (
        "",
        "int f(int x, int y) { if (x || y++) return y; return y + 10; }",
        "int f(int x, int y) { y++; if (x || y - 1) return y; return y + 10; }",
    ),
    "comma": (
        "",
        "int f(int x) { return (x++, x); }",
        "int f(int x) { return (x, x++); }",
    ),
    "recursion": (
        "",
        "int f(int x) { return x ? f(x - 1) : 0; }",
        "int f(int x) { return x ? f(x - 1) : 1; }",
    ),
    "static local": (
        "",
        "int f(int x) { static int n; return n += x; }",
        "int f(int x) { static int n; return n -= x; }",
    ),
    "fnptr": (
        "",
        "int f(int (*g)(int), int x) { return g(x); }",
        "int f(int (*g)(int), int x) { return g(x + 1); }",
    ),
    "fnptr2": (
        "",
        "struct o { int (*g)(int); int (*h)(int); }; int f(struct o *o, int x) { return o->g(x); }",
        "struct o { int (*g)(int); int (*h)(int); }; int f(struct o *o, int x) { return o->h(x); }",
    ),
    "varargs": (
        "",
        'int p(const char *, ...); int f(int x) { return p("%d", x); }',
        'int p(const char *, ...); int f(int x) { return p("%d", x + 1); }',
    ),
    "varargs str": (
        "",
        'int p(const char *, ...); int f(int x) { return p("%d", x); }',
        'int p(const char *, ...); int f(int x) { return p("%u", x); }',
    ),
    "asm": (
        "",
        'int f(int x) { asm volatile("nop" : "+r"(x)); return x; }',
        'int f(int x) { asm volatile("nop" : "+r"(x)); return x + 1; }',
    ),
    "asm2": (
        "",
        'int f(int x) { int y; asm volatile("mov %1, %0" : "=r"(y) : "r"(x)); return y; }',
        'int f(int x) { int y; asm volatile("inc %1, %0" : "=r"(y) : "r"(x)); return y; }',
    ),
    "#if in expr": (
        "",
        "int f(int x) { return x\n#ifdef CONFIG_A\n + 1\n#endif\n; }",
        "int f(int x) { return x\n#ifdef CONFIG_B\n + 1\n#endif\n; }",
    ),
    "#ifdef gate": (
        "",
        "int f(int x) {\n#ifdef CONFIG_A\n x++;\n#endif\nreturn x; }",
        "int f(int x) {\n#ifdef CONFIG_B\n x++;\n#endif\nreturn x; }",
    ),
    "function gate": (
        "",
        "#ifdef CONFIG_A\nint f(int x) { return x; }\n#endif\n",
        "#ifdef CONFIG_B\nint f(int x) { return x; }\n#endif\n",
    ),
    "IS_ENABLED vs ifdef": (
        "",
        "int f(int x) {\n#ifdef CONFIG_A\n x++;\n#endif\nreturn x; }",
        "int f(int x) {\nif (IS_ENABLED(CONFIG_A)) x++;\nreturn x; }",
    ),
    "macro twice": (
        "",
        "#define max(a, b) ((a) > (b) ? (a) : (b))\nint f(int x, int y) { return max(x++, y); }",
        "#define max(a, b) ((a) > (b) ? (a) : (b))\nint f(int x, int y) { int t = x++; return t > y ? t : y; }",
    ),
    "macro changed": (
        "#define BIT(n) (1UL << (n))",
        "int f(int x) { return BIT(x & 7); }",
        "int f(int x) { return BIT(x & 7); }",
        "#define BIT(n) (2UL << (n))",
    ),
    "macro changed min": (
        "#define min(a, b) ((a) < (b) ? (a) : (b))",
        "int f(int x) { return min(x, 7); }",
        "int f(int x) { return min(x, 7); }",
        "#define min(a, b) ((a) > (b) ? (a) : (b))",
    ),
    "macro prec": (
        "",
        "#define D(x) x * 2\nint f(int x) { return D(x + 1); }",
        "#define D(x) ((x) * 2)\nint f(int x) { return D(x + 1); }",
    ),
    "macro in loop changed": (
        "#define LIM 3",
        "int f(int x) { while (x > LIM) x -= 3; return x; }",
        "int f(int x) { while (x > LIM) x -= 3; return x; }",
        "#define LIM 4",
    ),
    "helper changed": (
        "static int h(int x) { return x + 1; }",
        "int f(int x) { return h(x); }",
        "int f(int x) { return h(x); }",
        "static int h(int x) { return x + 2; }",
    ),
    "helper in loop": (
        "static int h(int x) { return x > 1; }",
        "int f(int x) { while (h(x)) x -= 3; return x; }",
        "int f(int x) { while (h(x)) x -= 3; return x; }",
        "static int h(int x) { return x > 2; }",
    ),
    "struct type": (
        "struct q { unsigned char n; };",
        "int f(struct q *p) { return p->n > 300; }",
        "int f(struct q *p) { return p->n > 300; }",
        "struct q { unsigned short n; };",
    ),
    "struct type loop": (
        "struct q { unsigned char n; }; struct o { struct q *q; };",
        "int f(struct o *p) { int i = 0; while (p->q->n > i) i += 3; return i; }",
        "int f(struct o *p) { int i = 0; while (p->q->n > i) i += 3; return i; }",
        "struct q { signed char n; }; struct o { struct q *q; };",
    ),
    "struct type global loop": (
        "struct q { unsigned char n; };\nstatic struct q g;",
        "int f(void) { int i = 0; while (g.n > i) i += 3; return i; }",
        "int f(void) { int i = 0; while (g.n > i) i += 3; return i; }",
        "struct q { signed char n; };\nstatic struct q g;",
    ),
    "global type": (
        "static unsigned char g;",
        "int f(int x) { g += x; return g > 300; }",
        "int f(int x) { g += x; return g > 300; }",
        "static int g;",
    ),
    "global type loop": (
        "static unsigned char g;",
        "int f(int x) { while (g < x) g += 3; return g; }",
        "int f(int x) { while (g < x) g += 3; return g; }",
        "static int g;",
    ),
    "const table": (
        "static const int t[4] = { 1, 2, 3, 4 };",
        "int f(int x) { return t[x & 3]; }",
        "int f(int x) { return t[x & 3]; }",
        "static const int t[4] = { 1, 2, 3, 5 };",
    ),
    "typedef changed": (
        "typedef unsigned char my_t;",
        "int f(int x) { my_t y = x; return y > 300; }",
        "int f(int x) { my_t y = x; return y > 300; }",
        "typedef unsigned short my_t;",
    ),
    "typedef changed gfp": (
        "typedef unsigned char gfp_t;",
        "int f(long x) { gfp_t y = x; return y > 300; }",
        "int f(long x) { gfp_t y = x; return y > 300; }",
        "typedef unsigned short gfp_t;",
    ),
    "typedef unknown loop": (
        "typedef unsigned char my_t;",
        "int f(int x) { my_t y = x; while (y > 300) y -= 7; return y; }",
        "int f(int x) { my_t y = x; while (y > 300) y -= 7; return y; }",
        "typedef unsigned short my_t;",
    ),
    "return void int": (
        "",
        "void f(int x) { }",
        "int f(int x) { return 1; }",
    ),
    "return type": (
        "",
        "int f(int x) { return x; }",
        "unsigned char f(int x) { return x; }",
    ),
    "param type": (
        "",
        "int f(int x) { return x > 0; }",
        "int f(unsigned x) { return x > 0; }",
    ),
    "param swap": (
        "",
        "int f(int a, int b) { return a - b; }",
        "int f(int b, int a) { return a - b; }",
    ),
    "local narrowed": (
        "",
        "int f(int x) { int y = x + 1; return y; }",
        "int f(int x) { short y = x + 1; return y; }",
    ),
    "local widened": (
        "",
        "long f(int x) { int y = x * 2; return y; }",
        "long f(int x) { long y = x * 2L; return y; }",
    ),
    "dropped call": (
        "",
        "void g(int); int f(int x) { g(x); return x; }",
        "void g(int); int f(int x) { return x; }",
    ),
    "swapped args": (
        "",
        "void g(int, int); int f(int x, int y) { g(x, y); return x; }",
        "void g(int, int); int f(int x, int y) { g(y, x); return x; }",
    ),
    "swapped calls": (
        "",
        "void g(int); void h(int); int f(int x, int y) { g(x); h(y); return x; }",
        "void g(int); void h(int); int f(int x, int y) { h(y); g(x); return x; }",
    ),
    "store dropped": (
        S,
        "void f(struct s *p) { p->a = 1; p->b = 2; }",
        "void f(struct s *p) { p->a = 1; }",
    ),
    "store order call": (
        S,
        "void g(void); void f(struct s *p) { p->a = 1; g(); p->b = 2; }",
        "void g(void); void f(struct s *p) { p->a = 1; p->b = 2; g(); }",
    ),
    "other taken": (
        "",
        "void g(int *); int f(void) { int a = 1, b = 2; g(&a); return a + b; }",
        "void g(int *); int f(void) { int a = 1, b = 2; g(&b); return a + b; }",
    ),
    "reader *pp": (
        "",
        "static void g(int **pp) { **pp = 1; }\nint f(int **pp) { g(pp); return 0; }",
        "static void g(int **pp) { **pp = 1; }\nint f(int **pp) { return 0; }",
    ),
    "reader (*p)": (
        "",
        "static void g(int *pp) { (*pp) = 1; }\nint f(int *pp) { g(pp); return 0; }",
        "static void g(int *pp) { (*pp) = 1; }\nint f(int *pp) { return 0; }",
    ),
    "reader else": (
        "",
        "static void g(int *p, int c) { if (c) c = 1; else *p = 1; }\nint f(int *pp, int c) { g(pp, c); return 0; }",
        "static void g(int *p, int c) { if (c) c = 1; else *p = 1; }\nint f(int *pp, int c) { return 0; }",
    ),
    "reader fnptr": (
        "",
        "static void g(void (*fn)(int), int c) { (*fn)(c); }\nint f(void (*fn)(int), int c) { g(fn, c); return 0; }",
        "static void g(void (*fn)(int), int c) { (*fn)(c); }\nint f(void (*fn)(int), int c) { return 0; }",
    ),
    "reader cast": (
        "",
        "static void g(char *p) { *(int *)p = 3; }\nint f(char *p) { g(p); return 0; }",
        "static void g(char *p) { *(int *)p = 3; }\nint f(char *p) { return 0; }",
    ),
    "macro inc": (
        "",
        "#define inc(x) ((x)++)\nint f(int x) { inc(x); return x; }",
        "#define inc(x) ((x)++)\nint f(int x) { return x; }",
    ),
    "macro inc loop": (
        "",
        "#define inc(x) ((x)++)\nint f(int x, int y) { while (y > x) { inc(y); x += 7; } return y; }",
        "#define inc(x) ((x)++)\nint f(int x, int y) { while (y > x) { inc(y); x += 7; } return y + 1; }",
    ),
    "struct copy": (
        S,
        "int f(struct s *p, struct s *q) { *p = *q; return p->a; }",
        "int f(struct s *p, struct s *q) { *q = *p; return p->a; }",
    ),
    "struct local d": (
        S,
        "int f(struct s *p) { struct s t = { .a = 1, .b = 2 }; return t.a + t.b; }",
        "int f(struct s *p) { struct s t = { .b = 1, .a = 1 }; return t.a + t.b; }",
    ),
    "compound lit": (
        S,
        "void g(struct s *); int f(int x) { g(&(struct s){ .a = x }); return 0; }",
        "void g(struct s *); int f(int x) { g(&(struct s){ .b = x }); return 0; }",
    ),
    "bitfield": (
        "struct b { unsigned m : 3; unsigned k : 5; };",
        "int f(struct b *p, int x) { p->m = x; return p->m; }",
        "int f(struct b *p, int x) { p->m = x; return x & 15; }",
    ),
    "bitfield signed1": (
        "struct b { int m : 1; int k : 5; };",
        "int f(struct b *p, int x) { p->m = x & 1; return p->m == 1; }",
        "int f(struct b *p, int x) { p->m = x & 1; return x & 1; }",
    ),
    "bitfield signed1b": (
        "struct b { int m : 1; int k : 5; };",
        "int f(struct b *p, int x) { p->m = x == 3; return p->m; }",
        "int f(struct b *p, int x) { p->m = x == 3; return x == 3; }",
    ),
    "bitfield promo": (
        "struct b { unsigned m : 3; unsigned k : 5; };",
        "int f(struct b *p) { return p->m - 1 < 0; }",
        "int f(struct b *p) { return 0; }",
    ),
    "bitfield local": (
        "struct b { unsigned m : 3; unsigned k : 5; };",
        "int f(int x) { struct b t; t.m = x; return t.m; }",
        "int f(int x) { return x; }",
    ),
    "array elem": (
        S,
        "int f(struct s *p, int i) { p->arr[i] = 1; return p->arr[0]; }",
        "int f(struct s *p, int i) { p->arr[i] = 1; return p->arr[1]; }",
    ),
    "array decay": (
        S,
        "int f(struct s *p) { int *q = p->arr; *q = 3; return p->arr[0]; }",
        "int f(struct s *p) { int *q = p->arr; *q = 3; return 4; }",
    ),
    "array scalar overlap": (
        S,
        "int f(struct s *p) { int *q = &p->a; *q = 3; return p->a; }",
        "int f(struct s *p) { int *q = &p->a; *q = 3; return 4; }",
    ),
    "local array": (
        "",
        "int f(int i) { int a[4]; a[0] = 1; a[1] = 2; a[i & 1] = 7; return a[0]; }",
        "int f(int i) { int a[4]; a[0] = 1; a[1] = 2; a[i & 1] = 7; return a[1]; }",
    ),
    "2d array d": (
        "",
        "int f(int i) { int a[2][2]; a[0][1] = 1; a[1][0] = 2; return a[0][1]; }",
        "int f(int i) { return 2; }",
    ),
    "flex": (
        "",
        "struct fl { int n; int d[]; }; int f(struct fl *p) { return p->d[p->n - 1]; }",
        "struct fl { int n; int d[]; }; int f(struct fl *p) { return p->d[p->n]; }",
    ),
    "comment in string": (
        "",
        'void pr(const char *); int f(int x) { while (x > 3) { pr("http://a"); x -= 3; } return x; }',
        'void pr(const char *); int f(int x) { while (x > 3) { pr("http://a"); x -= 4; } return x; }',
    ),
    "spaces in string": (
        "",
        'void pr(const char *); int f(int x) { while (x > 3) { pr("a  b"); x -= 3; } return x; }',
        'void pr(const char *); int f(int x) { while (x > 3) { pr("a b"); x -= 3; } return x; }',
    ),
    "lit types": (
        "",
        "long f(unsigned x) { return x - 1; }",
        "long f(unsigned x) { return x - 1L; }",
    ),
    "lit hex": (
        "",
        "long f(int x) { return -0x80000000; }",
        "long f(int x) { return -2147483648; }",
    ),
    "octal": (
        "",
        "int f(void) { return 010; }",
        "int f(void) { return 10; }",
    ),
    "uninit": (
        "",
        "int f(int x) { int r = 0; if (x) r = 1; return r; }",
        "int f(int x) { int r; if (x) r = 1; return r; }",
    ),
    "long shift amount": (
        "",
        "unsigned long f(unsigned long x) { return x << 32; }",
        "unsigned long f(unsigned long x) { return (unsigned)x << 31 << 1; }",
    ),
    "ptr compare": (
        "",
        "int f(char *p, char *q) { return p - q > 0; }",
        "int f(char *p, char *q) { return p > q; }",
    ),
    "neg mod": (
        "",
        "int f(int x) { return x % 8; }",
        "int f(int x) { return x & 7; }",
    ),
    "ulong mask": (
        "",
        "unsigned long f(unsigned long x) { return x & ~1U; }",
        "unsigned long f(unsigned long x) { return x & ~1UL; }",
    ),
    "not of mask": (
        "",
        "int f(int x, int m) { return !x & m; }",
        "int f(int x, int m) { return !(x & m); }",
    ),
    "&& &": (
        "",
        "int f(int x, int m) { return x && m; }",
        "int f(int x, int m) { return !!(x & m); }",
    ),
    "macro takes address": (
        "",
        "void fetch(int *p);\n#define GET(x) fetch(&(x))\nint f(void) { int v = 1; GET(v); return v; }",
        "void fetch(int *p);\n#define GET(x) fetch(&(x))\nint f(void) { int v = 1; GET(v); return 1; }",
    ),
    "panic condition": (
        "",
        'void panic(const char *m);\nint f(int x) { if (x) panic("a"); return 2; }',
        'void panic(const char *m);\nint f(int x) { if (!x) panic("a"); return 2; }',
    ),
    "gate of a name lost": (
        "enum e { A = 2,\n#ifdef CONFIG_X\nB = 4,\n#endif\nC };",
        "int f(int x) {\n#ifdef CONFIG_X\n x |= B;\n#endif\nreturn x & 1; }",
        "int f(int x) { x |= B; return x & 1; }",
    ),
    "two-level array of pointers": (
        "",
        "static void g(int *a) { int *t[2]; t[0] = a; t[0][1] = 7; }\nint f(int *a) { g(a); return 0; }",
        "static void g(int *a) { int *t[2]; t[0] = a; t[0][1] = 7; }\nint f(int *a) { return 0; }",
    ),
    "p->arr sizeof": (
        S,
        "int f(struct s *p) { return sizeof(p->arr); }",
        "int f(struct s *p) { return sizeof(&p->arr[0]); }",
    ),
    "field bit order": (
        "struct b { unsigned m : 3; unsigned k : 5; };",
        "void f(struct b *p, int x) { p->m = x; p->k = x >> 3; }",
        "void f(struct b *p, int x) { p->k = x; p->m = x >> 5; }",
    ),
    "IS_ERR off by one": (
        "",
        "#define MAX_ERRNO 4095\nstatic inline int IS_ERR(const void *p) { return (unsigned long)p >= (unsigned long)-MAX_ERRNO; }\nint f(void *p) { if (IS_ERR(p)) return (long)p; return 0; }",
        "int f(void *p) { long e = (long)p; return e < 0 && e > -4095 ? e : 0; }",
    ),
    "list loop d": (
        S,
        "int f(struct s *p) { int n = 0; for (; p; p = p->next) n += p->a; return n; }",
        "int f(struct s *p) { int n = 0; for (; p; p = p->next) n += p->b; return n; }",
    ),
    "lock order": (
        S,
        "void lock(void *); void f(struct s *p, struct s *q) { lock(&p->a); lock(&q->a); }",
        "void lock(void *); void f(struct s *p, struct s *q) { lock(&q->a); lock(&p->a); }",
    ),
    "unlock missing": (
        S,
        "void lock(void *);\nvoid unlock(void *); int f(struct s *p) { lock(p); if (p->a) { unlock(p); return 1; } unlock(p); return 0; }",
        "void lock(void *); void unlock(void *); int f(struct s *p) { lock(p); if (p->a) { return 1; } unlock(p); return 0; }",
    ),
    "inverted mask": (
        S,
        "void f(struct s *p) { p->n &= ~4UL; }",
        "void f(struct s *p) { p->n &= ~4U; }",
    ),
    "for loop continue": (
        S,
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) { if (p->arr[i]) continue; r += i; } return r; }",
        "int f(struct s *p, int n) { int i = 0, r = 0; while (i < n) { if (p->arr[i]) continue; r += i; i++; } return r; }",
    ),
    "for loop start": (
        S,
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) r += p->arr[i]; return r; }",
        "int f(struct s *p, int n) { int i = 1, r = 0; while (i < n) { r += p->arr[i]; i++; } return r; }",
    ),
    "for loop index after": (
        S,
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) r += p->arr[i]; return i; }",
        "int f(struct s *p, int n) { int i, r = 0; for (i = 0; i < n; i++) r += p->arr[i]; return r; }",
    ),
    "weak function": (
        "",
        "void __weak hook(int x)\n{\n}\nint f(int x) { hook(x); return x; }",
        "void __weak hook(int x)\n{\n}\nint f(int x) { return x; }",
    ),
    "stub of user space": (
        "",
        "#ifndef __KERNEL__\nstatic inline void fpu_end(void)\n{\n}\n#endif\nint f(int x) { fpu_end(); return x; }",
        "#ifndef __KERNEL__\nstatic inline void fpu_end(void)\n{\n}\n#endif\nint f(int x) { return x; }",
    ),
    "macro here, function there": (
        "",
        "#ifdef CONFIG_A\nextern void hook(int x);\n#else\n#define hook(x) do { } while (0)\n#endif\nint f(int x) { hook(x); return x; }",
        "#ifdef CONFIG_A\nextern void hook(int x);\n#else\n#define hook(x) do { } while (0)\n#endif\nint f(int x) { return x; }",
    ),
    "stub of its own name": (
        "",
        "#ifndef hook\nstatic inline void hook(int x)\n{\n}\n#endif\nint f(int x) { hook(x); return x; }",
        "#ifndef hook\nstatic inline void hook(int x)\n{\n}\n#endif\nint f(int x) { return x; }",
    ),
    "pointer to another type": (
        "",
        "static unsigned g;\nunsigned *f(void) { return &g; }",
        "static unsigned g;\nunsigned char *f(void) { return (unsigned char *)&g; }",
    ),
}  # fmt: skip

CONCURRENT_SAME: dict[str, tuple[str, ...]] = {
    "conc load order": (
        S,
        "int f(struct s *p, struct s *q) { int x = READ_ONCE(p->a); int y = READ_ONCE(q->a); return x - y; }",
        "int f(struct s *p, struct s *q) { int y = READ_ONCE(q->a); int x = READ_ONCE(p->a); return x - y; }",
    ),
    "conc same": (
        S,
        "int f(struct s *p) { int k = READ_ONCE(p->a); if (k & 1) return 3; return k & 2; }",
        "int f(struct s *p) { int k = READ_ONCE(p->a); if (!(k & 1)) return k & 2; return 3; }",
    ),
    "conc branch": (
        S,
        "int f(struct s *p, int c) { if (c) return READ_ONCE(p->a) + 1; return READ_ONCE(p->a); }",
        "int f(struct s *p, int c) { if (!c) return READ_ONCE(p->a); return READ_ONCE(p->a) + 1; }",
    ),
    "conc branch2": (
        S,
        "int f(struct s *p, int c) { if (c) return READ_ONCE(p->a) + 1; return READ_ONCE(p->a); }",
        "int f(struct s *p, int c) { return READ_ONCE(p->a) + !!c; }",
    ),
}  # fmt: skip

CONCURRENT_OTHER: dict[str, tuple[str, ...]] = {
    "conc bits of two moments": (
        S,
        "int f(struct s *p) { int k = READ_ONCE(p->a); return (k & 1) | (k & 2); }",
        "int f(struct s *p) { return (READ_ONCE(p->a) & 1) | (READ_ONCE(p->a) & 2); }",
    ),
    "conc snapshot": (
        S,
        "int f(struct s *p) { int k = p->a; return (k & 1) && (k & 2); }",
        "int f(struct s *p) { return (p->a & 1) && (p->a & 2); }",
    ),
    "conc snapshot deref": (
        S,
        "int f(int *p) { int k = *p; return (k & 1) == (k & 2); }",
        "int f(int *p) { return (*p & 1) == (*p & 2); }",
    ),
    "conc deref twice": (
        S,
        "int f(int *p) { return *p == *p; }",
        "int f(int *p) { return 1; }",
    ),
    "conc helper twice": (
        S,
        "int h(struct s *p); int f(struct s *p) { return h(p) == h(p); }",
        "int h(struct s *p); int f(struct s *p) { return 1; }",
    ),
    "conc reader twice": (
        S,
        "static int h(struct s *p) { int i = 0; while (p->a > i) i += 3; return i; }\nint f(struct s *p) { return h(p) == h(p); }",
        "static int h(struct s *p) { int i = 0; while (p->a > i) i += 3; return i; }\nint f(struct s *p) { return 1; }",
    ),
    "conc READ_ONCE": (
        S,
        "int f(struct s *p) { int k = READ_ONCE(p->a); return k; }",
        "int f(struct s *p) { int k = p->a; return k; }",
    ),
    "conc WRITE_ONCE": (
        S,
        "void f(struct s *p) { WRITE_ONCE(p->a, 1); }",
        "void f(struct s *p) { p->a = 1; }",
    ),
    "conc store order": (
        S,
        "void f(struct s *p) { WRITE_ONCE(p->a, 1); WRITE_ONCE(p->b, 2); }",
        "void f(struct s *p) { WRITE_ONCE(p->b, 2); WRITE_ONCE(p->a, 1); }",
    ),
    "conc store twice": (
        S,
        "void f(struct s *p) { WRITE_ONCE(p->a, 1); WRITE_ONCE(p->a, 2); }",
        "void f(struct s *p) { WRITE_ONCE(p->a, 2); }",
    ),
    "conc rmb": (
        S,
        "int f(struct s *p) { int x = READ_ONCE(p->a); smp_rmb(); return x + READ_ONCE(p->b); }",
        "int f(struct s *p) { int x = READ_ONCE(p->a); return x + READ_ONCE(p->b); }",
    ),
    "conc bit atomic": (
        S,
        "void f(struct s *p) { set_bit(3, &p->n); }",
        "void f(struct s *p) { __set_bit(3, &p->n); }",
    ),
    "conc bit or": (
        S,
        "void f(struct s *p) { set_bit(3, &p->n); }",
        "void f(struct s *p) { p->n |= 8; }",
    ),
    "conc alias": (
        S,
        "int f(struct s *p, struct s *q) { int x = p->a; return x == q->a; }",
        "int f(struct s *p, struct s *q) { int x = p->a; if (p == q) return 1; return x == q->a; }",
    ),
    "conc lost store load": (
        S,
        "int f(struct s *p) { p->a = 1; return p->a; }",
        "int f(struct s *p) { p->a = 1; return 1; }",
    ),
}  # fmt: skip

# The same while nobody else runs, and told as that.
ONE_CPU = {
    "quiet snapshot deref",
    "quiet READ_ONCE",
    "quiet bit atomic",
    "conc READ_ONCE",
    "conc WRITE_ONCE",
    "conc bit atomic",
    "conc bit or",
}

UNDECIDED = {
    # what a helper of the file stores may be there already
    "reader fnptr": "g is on one side only",
    "global type": "it hangs on &g",
    "a compound literal is our own": "the address of a compound literal",
    "what an unknown function sees of a local struct": "the order of calls and stores",
    "what an unknown function sees of a local array": "the order of calls and stores",
    "divided before the check": "it may stop where it did not: at NULL, an error, 0",
    "remainder before the check": "it may stop where it did not: at NULL, an error, 0",
    "read before IS_ERR": "it may stop where it did not: at NULL, an error, 0",
    "checked after it was divided by": "it hangs on what follows where both sides stop",
    "page read before the check of NULL": "it may stop where it did not: at NULL, an error, 0",
    "sizeof a word of a page is no read": "it may stop where it did not: at NULL, an error, 0",
    "helper before the check of NULL": "it may stop where it did not: at NULL, an error, 0",
    "helper of a page before the check": "it may stop where it did not: at NULL, an error, 0",
    "read before the check of NULL": "it may stop where it did not: at NULL, an error, 0",
    "read through *p before the check": "it may stop where it did not: at NULL, an error, 0",
    "element before the check": "it may stop where it did not: at NULL, an error, 0",
    "answer read before the check": "it may stop where it did not: at NULL, an error, 0",
    "check and read swapped": "it may stop where it did not: at NULL, an error, 0",
    "checked after it was read": "it hangs on what follows where both sides stop",
    "called after it was read": "it hangs on what follows where both sides stop",
    "a variable declared another way": "it hangs on &g, which may mean something else, h()",
    "what a printing macro leaves": "no witness was found that holds for sure",
    "enum two": "it hangs on B, which may mean something else",
    "alias local": "it hangs on a local variable whose address is taken",
    "alias local ptr": "it hangs on a local variable whose address is taken",
    "union": "it hangs on a member of a union after a store to another",
    "union2": "it hangs on a member of a union after a store to another",
    "union mem": "it hangs on a member of a union after a store to another",
    "union mem order": "->b: it hangs on a member of a union after a store to another",
    "union mem named": "it hangs on a member of a union after a store to another",
    "union same offset": "->a and ->b lie in one place",
    "goto into if": "a jump into a block, to in",
    "goto into if d": "a jump into a block, to in",
    "goto ladder d": "the order of calls and stores",
    "asm goto": "an asm goto",
    "static local": "a static local variable",
    "fnptr": "it hangs on call of g()",
    "fnptr2": "it hangs on call of g(), call of h()",
    "asm2": 'it hangs on a variable before it has a value, what `asm volatile("mov ...',
    "#if in expr": "an #if that cuts through a statement",
    "struct type loop": "it hangs on what `while (..->q->n > ..) { .. += 3; }` does",
    "struct type global loop": "it hangs on what `while (g.n > ..) { .. += 3; }` does",
    "global type loop": "it hangs on &g",
    "return void int": "only one side returns a value",
    "param swap": "its parameters changed places",
    "swapped calls": "the order of calls and stores",
    "other taken": "it hangs on a local variable whose address is taken",
    "helper pure extern": "it hangs on is3()",
    "helper sets extern": "set3 is on one side only",
    "compound lit": "the address of a compound literal",
    "uninit": "it hangs on a variable before it has a value",
    "conc helper twice": "it hangs on h()",
    "conc reader twice": "it hangs on what `while (..->a > ..) { .. += 3; }` does",
    "conc store twice": "the order of calls and stores",
    "conc load order": "the sides read the same words in another order",
    "conc lost store load": "it hangs on a",
    "macro takes address": "it hangs on what `GET(..)` changes",
    "after panic": "it hangs on what follows where both sides stop",
    "gate of a name lost": "a name that is not declared in every configuration",
    "lock order": "the order of calls and stores",
    "for loop continue": "it hangs on a variable before it has a value, what `for (.. = 0; .. < ...",
    "#if that cannot be read": "it hangs on FOO(3) + 2 > 4, 2 + FOO(3) > 4",
    "pointer to another type": "its result points at numbers of another type",
}
