# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Where members lie, what constants hold, what a call through a pointer gives back.

What differs here was compiled and run: gcc's code of both sides did not do the same,
but where another file, or the byte order, has to be another one to show it.
"""

from __future__ import annotations

_S = "struct s { int x; int y; struct s *next; };\n"
_G = "extern int g(int);\nextern int g9(int);\n"
_OPS = f"{_G}struct ops {{ int (*o)(int); int n; }};\n"
_ONE = "static int one[] = { 1, 2 };\nstatic int two[] = { 3, 4 };\n"


def _sized(struct: str, size: int) -> tuple[str, str, str]:
    return (
        struct,
        "int f(void) { return sizeof(struct s); }",
        f"int f(void) {{ return {size}; }}",
    )


SAME: dict[str, tuple[str, ...]] = {
    "the size of a struct": _sized("struct s { u8 a; u64 b; };", 16),
    "the size of a struct with a struct": _sized(
        "struct i { u8 a; u16 b; }; struct s { u8 a; struct i i; };", 6
    ),
    "the size of a struct with an array": _sized("struct s { u8 a[3]; u16 b; };", 6),
    "a member's place by container_of() and by offsetof()": (
        _S,
        "struct s *f(int *p) { return container_of(p, struct s, y); }",
        "struct s *f(int *p) { return (void *)((char *)p - offsetof(struct s, y)); }",
    ),
    "a store by way of a struct with the same beginning": (
        "struct hd { int a; int kind; }; struct ev { int b; int type; };",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return 2; }",
    ),
    "a function of a constant table": (
        f"{_OPS}static const struct ops op = {{ .o = g, .n = 3 }};",
        "int f(int x) { return op.o(x); }",
        "int f(int x) { return g(x); }",
    ),
    "a constant pointer": (
        f"{_ONE}static int *const cur = two;",
        "int f(int x) { return cur[x & 1]; }",
        "int f(int x) { return two[x & 1]; }",
    ),
    "a function's result, by the type of the pointer": (
        "",
        "int f(u8 (*p)(int), int x) { return p(x); }",
        "int f(u8 (*p)(int), int x) { return (u8)p(x); }",
    ),
    "a loop that uses its number for what it declares": (
        _G,
        "int f(int n) { int i, r = 0; for (i = 0; i < n; i++) { int k = g(i); r += k; }"
        " return r; }",
        "int f(int n) { int i = 0, r = 0; while (i < n) { int k = g(i); r += k; i++; }"
        " return r; }",
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "a packed struct": _sized("struct s { u8 a; u32 b; } __attribute__((packed));", 8),
    "an aligned struct": _sized("struct s { u32 a; } __attribute__((aligned(16)));", 4),
    "an aligned member": _sized("struct s { u8 a; u32 b __aligned(16); };", 8),
    "an aligned first member": _sized(
        "struct s { __attribute__((aligned(32))) int a; int b; };", 8
    ),
    "a typedef that is aligned": _sized(
        "typedef u32 wide __attribute__((aligned(8))); struct s { u8 a; wide b; };", 8
    ),
    "a struct that is packed by a pragma": _sized(
        "#pragma pack(1)\nstruct s { u8 a; u32 b; };\n#pragma pack()", 8
    ),
    "a struct with a bit-field": _sized("struct s { int a; unsigned b:3; };", 4),
    "a struct with a bit-field of no name": _sized(
        "struct s { u8 a; int :0; u8 b; };", 2
    ),
    "an array without a length": _sized("struct s { u32 n; u64 a[]; };", 4),
    "a struct with another one of its name in the function": (
        "struct s { int x; };",
        "int f(void) { struct s { char x[40]; }; return sizeof(struct s); }",
        "int f(void) { struct s { char x[40]; }; return 4; }",
    ),
    "another member's place": (
        _S,
        "struct s *f(int *p) { return container_of(p, struct s, y); }",
        "struct s *f(int *p) { return (void *)((char *)p - offsetof(struct s, x)); }",
    ),
    "the place of a member behind a bit-field": (
        "struct s { int a:1; int b; };",
        "int f(void) { return offsetof(struct s, b); }",
        "int f(void) { return 0; }",
    ),
    "the place of a member of a packed struct": (
        "struct s { u8 a; int b; } __packed;",
        "int f(void) { return offsetof(struct s, b); }",
        "int f(void) { return 4; }",
    ),
    "a store to another member of a struct with the same beginning": (
        "struct hd { int kind; int a; }; struct ev { int b; int type; };",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return 2; }",
    ),
    "a narrower store to a struct with the same beginning": (
        "struct hd { u8 kind; }; struct ev { int type; };",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 0x101;"
        " h->kind = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 0x101;"
        " h->kind = 2; return 2; }",
    ),
    "a store to a struct that begins later": (
        "struct hd { int kind; }; struct ev { int type; int more; };",
        "int f(struct ev *p) { struct hd *h = (struct hd *)((char *)p + 4);"
        " p->type = 1; h->kind = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)((char *)p + 4);"
        " p->type = 1; h->kind = 2; return 2; }",
    ),
    "a store to a packed struct with the same members": (
        "struct hd { u8 a; int kind; } __packed; struct ev { u8 a; int type; };",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return p->type; }",
        "int f(struct ev *p) { struct hd *h = (struct hd *)p; p->type = 1;"
        " h->kind = 2; return 2; }",
    ),
    "memset() of a struct, and another one": (
        _S,
        "int f(struct s *p, struct s *q) { memset(p, 0, sizeof(*p)); return q->x; }",
        "int f(struct s *p, struct s *q) { memset(p, 0, sizeof(*p)); return 0; }",
    ),
    "memset() of a pointer's size": (
        "struct s { u64 a; u64 b; };",
        "u64 f(struct s *p) { memset(p, 0, sizeof(p)); return p->b; }",
        "u64 f(struct s *p) { memset(p, 0, sizeof(p)); return 0; }",
    ),
    "memset() to another byte": (
        _S,
        "int f(struct s *p) { memset(p, 1, sizeof(*p)); return p->x; }",
        "int f(struct s *p) { memset(p, 1, sizeof(*p)); return 0; }",
    ),
    "memset() and what was there before": (
        _S,
        "int f(struct s *p) { int r = p->x; memset(p, 0, sizeof(*p)); return r; }",
        "int f(struct s *p) { int r; memset(p, 0, sizeof(*p)); r = p->x; return r; }",
    ),
    "memset() of a struct before a member is set, and behind": (
        _S,
        "void f(struct s *p) { memset(p, 0, sizeof(*p)); p->x = 1; }",
        "void f(struct s *p) { p->x = 1; memset(p, 0, sizeof(*p)); }",
    ),
    "a table that is no constant": (
        f"{_OPS}struct ops op = {{ .o = g }};",
        "int f(int x) { return op.o(x); }",
        "int f(int x) { return g(x); }",
    ),
    "a constant table that another file may bring": (
        f"{_OPS}const struct ops op __weak = {{ .o = g }};",
        "int f(int x) { return op.o(x); }",
        "int f(int x) { return g(x); }",
    ),
    "a member of a struct in a constant table": (
        f"{_OPS}struct two {{ struct ops sub; int (*o)(int); }};\n"
        "static const struct two op = { .sub = { g9 }, .o = g };",
        "int f(int x) { return op.sub.o(x); }",
        "int f(int x) { return g(x); }",
    ),
    "a member that is set twice": (
        f"{_OPS}static const struct ops op = {{ .o = g, .n = 1, .o = g9 }};",
        "int f(int x) { return op.o(x); }",
        "int f(int x) { return g(x); }",
    ),
    "a pointer to constants that is none itself": (
        f"{_ONE}static const int *cur = one;\nvoid set(void) {{ cur = two; }}",
        "int f(int x) { return cur[x & 1]; }",
        "int f(int x) { return one[x & 1]; }",
    ),
    "a constant pointer of the same name in the function": (
        f"{_ONE}static int *const cur = one;",
        "int f(int x) { static int *const cur = two; return cur[x & 1]; }",
        "int f(int x) { static int *const cur = two; return one[x & 1]; }",
    ),
    "a function's result in a narrower type": (
        "",
        "int f(int (*p)(int), int x) { return p(x); }",
        "int f(int (*p)(int), int x) { return (u8)p(x); }",
    ),
    "a function's result with its sign": (
        "",
        "int f(u8 (*p)(int), int x) { return p(x); }",
        "int f(u8 (*p)(int), int x) { return (s8)p(x); }",
    ),
    "a function that is handed in, and one by its name": (
        _G,
        "int f(int (*p)(int), int x) { return p(x); }",
        "int f(int (*p)(int), int x) { return g(x); }",
    ),
    "what try_cmpxchg() leaves": (
        "",
        "int f(int *v) { int o = 1; try_cmpxchg(v, &o, 2); return o; }",
        "int f(int *v) { int o = 1; try_cmpxchg(v, &o, 2); return 1; }",
    ),
    "what try_cmpxchg() says, and what cmpxchg() gives back": (
        "",
        "int f(int *v, int o) { return try_cmpxchg(v, &o, 2); }",
        "int f(int *v, int o) { return cmpxchg(v, o, 2); }",
    ),
    "cmpxchg() of another number": (
        "",
        "void f(int *v, int o) { cmpxchg(v, o, 2); }",
        "void f(int *v, int o) { cmpxchg(v, o, 3); }",
    ),
    "cmpxchg() and a store": (
        "",
        "void f(int *v) { cmpxchg(v, 1, 2); }",
        "void f(int *v) { *v = 2; }",
    ),
    "try_cmpxchg() of a word with itself": (
        "",
        "int f(int *v) { try_cmpxchg(v, v, 2); return *v; }",
        "int f(int *v) { int o = *v; try_cmpxchg(v, v, 2); return o; }",
    ),
    "a byte of a word": (
        "",
        "int f(u32 *p, u8 *q) { *p = 1; *q = 2; return *p; }",
        "int f(u32 *p, u8 *q) { *p = 1; *q = 2; return 1; }",
    ),
    "a byte of a word that is known": (
        "",
        "int f(u32 *p) { *p = 0x10203; *((u8 *)p + 1) = 9; return *p; }",
        "int f(u32 *p) { *p = 0x10203; *((u8 *)p + 1) = 9; return 0x10903; }",
    ),
    "a loop whose body has another variable of the number's name": (
        _G,
        "int f(int n) { int i, r = 0; for (i = 0; i < n; i++) { int i = 3; r += g(i); }"
        " return r; }",
        "int f(int n) { int i = 0, r = 0; while (i < n) { int i = 3; r += g(i); i++; }"
        " return r; }",
    ),
}
UNDECIDED = {
    "a byte of a word": "it hangs on what lies behind a pointer",
    "a byte of a word that is known": "it hangs on what lies behind a pointer",
    "a packed struct": "it hangs on sizeof(struct s)",
    "an aligned struct": "it hangs on sizeof(struct s)",
    "an aligned member": "it hangs on sizeof(struct s)",
    "an aligned first member": "it hangs on sizeof(struct s)",
    "a typedef that is aligned": "it hangs on sizeof(struct s)",
    "a struct that is packed by a pragma": "it hangs on sizeof(struct s)",
    "a struct with a bit-field": "it hangs on sizeof(struct s)",
    "an array without a length": "it hangs on sizeof(struct s)",
    "a struct with another one of its name in the function": "struct_specifier is not followed",
    "the place of a member behind a bit-field": "it hangs on offsetof(struct s, b)",
    "the place of a member of a packed struct": "it hangs on offsetof(struct s, b)",
    "a store to another member of a struct with the same beginning": "it hangs on type",
    "a narrower store to a struct with the same beginning": "it hangs on type",
    "a store to a struct that begins later": "it hangs on type",
    "a store to a packed struct with the same members": "it hangs on type",
    "memset() of a pointer's size": "it hangs on what `memset(.., 0, sizeof(..))` changes, b",
    "memset() to another byte": "it hangs on what `memset(.., 1, sizeof(*..))` changes, x",
    "a pointer to constants that is none itself": "what is read through a pointer may be what is read by name",
    "a constant pointer of the same name in the function": "a static local variable",
    "what try_cmpxchg() leaves": "it hangs on a local variable whose address is taken, what lies behind a ...",
    "a loop whose body has another variable of the number's name": "it hangs on a variable before it has a value, what `for (.. = 0; .. < ...",
}
