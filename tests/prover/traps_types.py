# SPDX-License-Identifier: GPL-2.0-or-later
"""Traps of types that change where an unchanged function uses them (test_c_traps)."""


def _called(
    before: str, after: str, body: str, takes: str = "int x"
) -> tuple[str, ...]:
    """f() in other words, and what it calls in the same ones."""
    given = takes.split()[-1].strip("*")
    helper = f"static int h({takes})\n{{\n\treturn {body};\n}}\n"
    return (
        f"typedef unsigned char u8;\nint g(int);\n{before}\n{helper}",
        f"int f({takes})\n{{\n\treturn h({given});\n}}",
        f"int f({takes})\n{{\n\tint y = h({given});\n\treturn y;\n}}",
        f"typedef unsigned char u8;\nint g(int);\n{after}\n{helper}",
    )


_ONE, _TWO = "{ u8 a; int b; u8 c; }", "{ int b; u8 a; u8 c; }"
_IFDEF = "struct s { int a;\n#ifdef CONFIG_%s\nint b;\n#endif\n};"

_KIND = (
    "typedef unsigned char u8;\ntypedef volatile int reg;\n"
    "#define KIND(a) _Generic((a), u8: 1, int: 2, default: 3)"
)

_CHOSEN = "struct s { int x; };\n#define OF(p) _Generic((p), %s)\n"
SAME: dict[str, tuple[str, ...]] = {
    "_Generic of a pointer to const, which is not told apart": (
        _CHOSEN % "const struct s *: 1, struct s *: 2",
        "int f(struct s *p) { return OF(p); }",
        "int f(struct s *p) { return 2; }",
    ),
    "_Generic of a pointer where const makes no difference": (
        _CHOSEN % "const struct s *: (const int *)(p), default: (int *)(p)",
        "int *f(struct s *p) { return OF(p); }",
        "int *f(struct s *p) { return (int *)p; }",
    ),
    "_Generic of a plain char, which is no u8": (
        f"typedef unsigned char u8;\n{_CHOSEN % 'u8: 1, default: 2'}",
        "int f(char c) { return OF(c); }",
        "int f(char c) { return 2; }",
    ),
    "_Generic of long and long long": (
        _CHOSEN % "long long: 1, long: 2",
        "int f(long c) { return OF(c); }",
        "int f(long c) { return 2; }",
    ),
    "the result of ?: is promoted": (
        _KIND,
        "int f(int x, u8 c) { return KIND(x ? c : c) + sizeof(x ? c : c); }",
        "int f(int x, u8 c) { return 6; }",
    ),
    "typeof of what is volatile": (
        _KIND,
        "int f(reg *p) { typeof(*p) *c = p; return *c; }",
        "int f(reg *p) { return *p; }",
    ),
    "typeof of a pointer to what is volatile": (
        _KIND,
        "int f(volatile int *p) { typeof(p) c; c = p; return *c; }",
        "int f(volatile int *p) { return *p; }",
    ),
    "typeof of an expression": (
        _KIND,
        "int f(u8 c, int x) { typeof(c + 0) t = x; return t; }",
        "int f(u8 c, int x) { return x; }",
    ),
    "a parameter is named like a type that changed": _called(
        f"struct s {_ONE};", f"struct s {_TWO};", "s + 1", "int s"
    ),
    "a pointer to what changed is passed on": _called(
        f"struct s {_ONE};\nint t(struct s *);",
        f"struct s {_TWO};\nint t(struct s *);",
        "p != 0",
        "struct s *p",
    ),
    "a local is named like a type that changed": _called(
        f"struct s {_ONE};", f"struct s {_TWO};", "({ int *s = &x; *s; })"
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "_Generic of a pointer that is not one to const": (
        _CHOSEN % "const struct s *: 1, struct s *: 2",
        "int f(struct s *p) { return OF(p); }",
        "int f(struct s *p) { return 1; }",
    ),
    "_Generic of a char is not that of u8": (
        f"typedef unsigned char u8;\n{_CHOSEN % 'u8: 1, default: 2'}",
        "int f(char c) { return OF(c); }",
        "int f(char c) { return 1; }",
    ),
    "?: of two bytes is no byte": (
        _KIND,
        "int f(int x, u8 c) { return KIND(x ? c : c); }",
        "int f(int x, u8 c) { return 1; }",
    ),
    "typeof with volatile": (
        _KIND,
        "int f(int *p) { volatile typeof(*p) *c = p; return *c; }",
        "int f(int *p) { return *p; }",
    ),
    "members in another order, seen by the size": _called(
        f"struct s {_ONE};", f"struct s {_TWO};", "sizeof(struct s) + x"
    ),
    "members in another order, seen by an offset": _called(
        f"struct s {_ONE};", f"struct s {_TWO};", "__builtin_offsetof(struct s, c) + x"
    ),
    "a size by a const type": _called(
        f"typedef struct {_ONE} t;", f"typedef struct {_TWO} t;", "sizeof(const t) + x"
    ),
    "the first of two names of a typedef": _called(
        f"typedef struct {_ONE} t, *tp;",
        f"typedef struct {_TWO} t, *tp;",
        "sizeof(t) + x",
    ),
    "packed behind the members": _called(
        f"struct s {_ONE};",
        f"struct s {_ONE} __attribute__((packed));",
        "sizeof(struct s) + x",
    ),
    "packed before the name": _called(
        f"struct s {_ONE};",
        f"struct __attribute__((packed)) s {_ONE};",
        "sizeof(struct s) + x",
    ),
    "a member under another #if": _called(
        _IFDEF % "P", _IFDEF % "Q", "sizeof(struct s) + x"
    ),
    "a struct in a struct": _called(
        f"struct i {_ONE};\nstruct s {{ struct i i[2]; }};",
        f"struct i {_TWO};\nstruct s {{ struct i i[2]; }};",
        "sizeof(struct s) + x",
    ),
    "a union": _called(
        "union s { int a; };", "union s { long a; };", "sizeof(union s) + x"
    ),
    "an enum that is signed now": _called(
        "enum s { A = 1 };", "enum s { A = -1 };", "(enum s)x < 0"
    ),
    "a parameter is named like its type": _called(
        "struct s { u8 v; };", "struct s { signed char v; };", "s->v", "struct s *s"
    ),
    "a product that looks like a declaration": _called(
        "#define LIM 5", "#define LIM 6", "g(x * LIM)"
    ),
}
DECIDED = {
    "?: of two bytes is no byte",
    "typeof with volatile",
    "an enum that is signed now",
    "a parameter is named like its type",
    "a product that looks like a declaration",
}
UNDECIDED = {
    "_Generic of a pointer to const, which is not told apart": "which type it is",
    "_Generic of a plain char, which is no u8": "which type it is",
} | dict.fromkeys(set(OTHER) - DECIDED, "it hangs on a size, an offset or a type")
