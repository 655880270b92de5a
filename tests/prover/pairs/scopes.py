# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What is done at the ends of scopes: guards and __free(), on every way out."""

from __future__ import annotations

from .draft import Dice, Draft, kind
from .memory import bodies

CLASSES = """#define __cleanup(f) __attribute__((__cleanup__(f)))
#define DEFINE_FREE(n, ty, f) static inline void __free_##n(void *p) { ty _T = *(ty *)p; f; }
#define __free(n) __cleanup(__free_##n)
#define DEFINE_CLASS(n, ty, x, i, a...) typedef ty class_##n##_t; \\
	static inline void class_##n##_destructor(ty *p) { ty _T = *p; x; } \\
	static inline ty class_##n##_constructor(a) { ty t = i; return t; }
#define CLASS(n, v) class_##n##_t v __cleanup(class_##n##_destructor) = class_##n##_constructor
#define DEFINE_GUARD(n, ty, l, u) DEFINE_CLASS(n, ty, if (_T) { u; }, ({ l; _T; }), ty _T)
#define KPF_PASTE(a, b) a##b
#define KPF_NAME(a, b) KPF_PASTE(a, b)
#define guard(n) CLASS(n, KPF_NAME(g_, __COUNTER__))
#define scoped_guard(n, a...) for (CLASS(n, scope)(a), *once = 0; !once; once = (void *)1)
#define __DEFINE_UNLOCK_GUARD(n, ty, u, m...) typedef struct { ty *lock; m; } class_##n##_t; \\
	static inline void class_##n##_destructor(class_##n##_t *_T) { if (_T->lock) { u; } }
#define __DEFINE_LOCK_GUARD_1(n, ty, l_) static inline class_##n##_t class_##n##_constructor(ty *l) { \\
	class_##n##_t _t = { .lock = l }, *_T = &_t; l_; return _t; }
#define __DEFINE_LOCK_GUARD_0(n, l_) static inline class_##n##_t class_##n##_constructor(void) { \\
	class_##n##_t _t = { .lock = (void *)1 }, *_T = &_t; l_; return _t; }
#define DEFINE_LOCK_GUARD_1(n, ty, l, u, m...) __DEFINE_UNLOCK_GUARD(n, ty, u, m) __DEFINE_LOCK_GUARD_1(n, ty, l)
#define DEFINE_LOCK_GUARD_0(n, l, u, m...) __DEFINE_UNLOCK_GUARD(n, void, u, m) __DEFINE_LOCK_GUARD_0(n, l)
struct t@ { int a; int b; };
struct w@ { int z; struct t@ m; };
DEFINE_GUARD(hold@, struct t@ *, ext(_T->a), sink(_T->b))
DEFINE_LOCK_GUARD_0(all@, touch(), sink(KK))
DEFINE_LOCK_GUARD_1(keep@, struct t@, _T->was = ext(_T->lock->a), sink(_T->was + _T->lock->b), int was)
DEFINE_FREE(drop@, struct t@ *, if (_T) sink(_T->a))
"""


@kind("scopes")
def guards(d: Dice) -> Draft:
    return bodies(
        d, CLASSES, "struct w@ *p, int x, int y",
        ("guard(hold@)(&p->m); return ext2(x, 1);", "int r; ext(p->m.a); r = ext2(x, 1); sink(p->m.b); return r;", "int r; ext(p->m.a); sink(p->m.b); r = ext2(x, 1); return r;"),
        ("guard(hold@)(&p->m); return p->m.b++;", "ext(p->m.a); int r = p->m.b; p->m.b = r + 1; sink(p->m.b); return r;", "ext(p->m.a); int r = p->m.b; sink(r); p->m.b = r + 1; return r;"),
        ("guard(hold@)(&p->m); p->m.a = KK; return p->m.a;", "ext(p->m.a); p->m.a = KK; sink(p->m.b); return KK;", "p->m.a = KK; ext(p->m.a); sink(p->m.b); return KK;"),
        ("guard(hold@)(&p->m); if (x) return 1; return ext(2);", "int r = 1; ext(p->m.a); if (!x) r = ext(2); sink(p->m.b); return r;", "int r = 1; ext(p->m.a); if (!x) { r = ext(2); sink(p->m.b); } return r;"),
        ("if (x) { guard(hold@)(&p->m); ext(3); } return ext(4);", "if (x) { ext(p->m.a); ext(3); sink(p->m.b); } return ext(4);", "if (x) { ext(p->m.a); ext(3); } int r = ext(4); if (x) sink(p->m.b); return r;"),
        ("guard(all@)(); guard(hold@)(&p->m); return 0;", "touch(); ext(p->m.a); sink(p->m.b); sink(KK); return 0;", "touch(); ext(p->m.a); sink(KK); sink(p->m.b); return 0;"),
        ("guard(keep@)(&p->m); p->m.a++; return x;", "int w = ext(p->m.a); p->m.a++; sink(w + p->m.b); return x;", "int w = ext(p->m.a); p->m.a++; sink(w + p->m.b + 1); return x;"),
        ("guard(keep@)(&p->m); guard(keep@)(&p->m); return 0;", "int w = ext(p->m.a), u = ext(p->m.a); sink(u + p->m.b); sink(w + p->m.b); return 0;", "int w = ext(p->m.a), u = ext(x + 1); sink(u + p->m.b); sink(w + p->m.b); return 0;"),
        ("for (int i = 0; i < 2; i++) { guard(all@)(); if (x == i) break; ext(i); } return y;", "touch(); if (x == 0) { sink(KK); return y; } ext(0); sink(KK); touch(); if (x != 1) ext(1); sink(KK); return y;", "touch(); if (x != 0) { ext(0); touch(); if (x != 1) ext(1); } sink(KK); return y;"),
        ("for (int i = 0; i < 2; i++) { guard(all@)(); if (x == i) continue; ext(i); } return y;", "touch(); if (x != 0) ext(0); sink(KK); touch(); if (x != 1) ext(1); sink(KK); return y;", "touch(); if (x != 0) { ext(0); sink(KK); } touch(); if (x != 1) ext(1); sink(KK); return y;"),
        ("guard(all@)(); switch (x) { case 1: { guard(all@)(); break; } default: ext(y); } return 0;", "touch(); if (x == 1) { touch(); sink(KK); } else ext(y); sink(KK); return 0;", "touch(); if (x == 1) touch(); else ext(y); sink(KK); return 0;"),
        ("if (x) goto out; { guard(all@)(); ext(x); } out: return y;", "if (!x) { touch(); ext(0); sink(KK); } return y;", "touch(); if (!x) ext(0); sink(KK); return y;"),
        ("guard(all@)(); goto out; out: return ext(y);", "touch(); int r = ext(y); sink(KK); return r;", "touch(); sink(KK); return ext(y);"),
        ("if (!x) return 0; guard(keep@)(&p->m); return 1;", "if (!x) return 0; int w = ext(p->m.a); sink(w + p->m.b); return 1;", "int w = ext(p->m.a); sink(w + p->m.b); return x != 0;"),
        ("int i = 0; while (ext(i)) { guard(all@)(); if (++i > y) return i; } return 0;", "int i = 0; for (;;) { if (!ext(i)) return 0; touch(); i++; if (i > y) { sink(KK); return i; } sink(KK); }", "int i = 0; while (ext(i)) { touch(); if (++i > y) return i; sink(KK); } return 0;"),
    )  # fmt: skip


@kind("scopes")
def scoped(d: Dice) -> Draft:
    return bodies(
        d, CLASSES, "struct w@ *p, int x, int y",
        ("\n\tscoped_guard(hold@, &p->m)\n\t\text(3);\n\treturn x;", "ext(p->m.a); ext(3); sink(p->m.b); return x;", "ext(p->m.a); sink(p->m.b); ext(3); return x;"),
        ("\n\tscoped_guard(hold@, &p->m) {\n\t\tif (x) break;\n\t\text(3);\n\t}\n\treturn ext(4);", "ext(p->m.a); if (!x) ext(3); sink(p->m.b); return ext(4);", "ext(p->m.a); if (!x) { ext(3); sink(p->m.b); } return ext(4);"),
        ("\n\tscoped_guard(hold@, &p->m) {\n\t\tif (x) continue;\n\t\text(3);\n\t}\n\treturn ext(4);", "ext(p->m.a); if (!x) ext(3); sink(p->m.b); return ext(4);", "ext(p->m.a); sink(p->m.b); if (!x) ext(3); return ext(4);"),
        ("\n\tscoped_guard(hold@, &p->m) {\n\t\tif (x) return 1;\n\t\text(3);\n\t}\n\treturn 2;", "ext(p->m.a); if (!x) ext(3); sink(p->m.b); return x ? 1 : 2;", "ext(p->m.a); if (x) return 1; ext(3); sink(p->m.b); return 2;"),
        ("int i, r = 0; for (i = 0; i < 3; i++) {\n\tscoped_guard(all@) {\n\t\tif (i == x) break;\n\t\tr += i;\n\t}\n\tr += KK; }\n\treturn r;", "int i, r = 0; for (i = 0; i < 3; i++) { touch(); if (i != x) r += i; sink(KK); r += KK; } return r;", "int i, r = 0; for (i = 0; i < 3; i++) { touch(); sink(KK); if (i == x) break; r += i + KK; } return r;"),
        ("\n\tscoped_guard(keep@, &p->m) {\n\t\tguard(all@)();\n\t\tp->m.b = JJ;\n\t}\n\treturn p->m.b;", "int w = ext(p->m.a); touch(); p->m.b = JJ; sink(KK); sink(w + p->m.b); return p->m.b;", "int w = ext(p->m.a); touch(); p->m.b = JJ; sink(w + p->m.b); sink(KK); return p->m.b;"),
    )  # fmt: skip


@kind("scopes")
def freed(d: Dice) -> Draft:
    return bodies(
        d, CLASSES, "struct t@ *p, int x, int y",
        ("struct t@ *q __free(drop@) = p; return ext(y);", "int r = ext(y); if (p) sink(p->a); return r;", "if (p) sink(p->a); return ext(y);"),
        ("struct t@ *q __free(drop@) = 0; if (y) q = p; return y;", "if (y && p) sink(p->a); return y;", "if (p) sink(p->a); return y;"),
        ("struct t@ *q __free(drop@) = p; p->a = KK; if (y) q = 0; return p->a;", "p->a = KK; if (!y) sink(p->a); return KK;", "int t = p->a; p->a = KK; if (!y) sink(t); return KK;"),
        ("struct t@ *q __free(drop@) = x ? p : 0; struct t@ *r __free(drop@) = p; return p->a;", "int r = p->a; sink(p->a); if (x) sink(p->a); return r;", "int r = p->a; if (x) sink(p->a); return r;"),
        ("struct t@ *q __free(drop@) = p; { struct t@ *q __free(drop@) = 0; if (x) return 1; } return 0;", "if (p) sink(p->a); return x != 0;", "if (p && !x) sink(p->a); return x != 0;"),
        ("struct t@ *q __free(drop@) = p; guard(all@)(); return p->a;", "touch(); int r = p->a; sink(KK); sink(p->a); return r;", "touch(); int r = p->a; sink(p->a); sink(KK); return r;"),
        ("if (y) { struct t@ *q __free(drop@) = p; p->a++; } return p->a;", "if (y) { p->a++; sink(p->a); } return p->a;", "if (y) { sink(p->a); p->a++; } return p->a;"),
    )  # fmt: skip
