# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Shapes of series: where a name comes from changes, and not only what it says."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, Dice, Draft, Files, kind, over_headers
from .headers import guarded

A, B, LOCAL = "include/linux/kpf_@_a.h", "include/linux/kpf_@_b.h", "kernel/kpfl_@.h"
USE_A, USE_B = "#include <linux/kpf_@_a.h>\n", "#include <linux/kpf_@_b.h>\n"
FUNCTION = "int f@(int x, int y) { RETURN }\n"
PASTE = "#define C@(a, b) a##b\n#define CAT@(a, b) C@(a, b)\n#define V@(n) VAL@_##n\n#define ONE@ one\n"
# files before, the same after, another after; what f@() returns; what stands before it
Row = tuple[Files, Files, Files, str, str]


def shaped(d: Dice, *rows: Row) -> Draft:
    """One of the rows; f@() is reworded, or not."""
    k, j = str(d.number()), str(d.number())
    before, same, other, value, head = d.rng.choice(rows)
    equal = d.coin()

    def told(files: Files) -> Files:
        return {
            path: guarded(path[-3], text)
            if path in (A, B) and "#raw" not in text
            else text.replace("#raw", "")
            for path, text in (
                (p, t.replace("KK", k).replace("JJ", j)) for p, t in files.items()
            )
        }  # fmt: skip

    main = head + FUNCTION
    texts = [f"return {value};", d.pick(f"return {value};", f"int r = {value}; return r;", f"return ({value});")]  # fmt: skip
    one, two = (
        main.replace("RETURN", t).replace("KK", k).replace("JJ", j) for t in texts
    )
    after = {**before, **(same if equal else other)}
    return over_headers(told(before), told(after), EQUAL if equal else DIFFERS, one, two)  # fmt: skip


def helper(body: str) -> str:
    return f"static inline int h@(int v) {{ {body} }}\n"


@kind("series")
def pasted_in_a_helper(d: Dice) -> Draft:
    def row(unchanged: str, before: str, same: str, other: str) -> Row:
        return ({A: USE_B + unchanged, B: before}, {B: same}, {B: other}, "h@(x) + y", USE_A)  # fmt: skip

    number = ("#define VAL@_one KK\n", "#define VAL@_one (KK)\n", "#define VAL@_one JJ\n")  # fmt: skip
    return shaped(
        d,
        row(PASTE + helper("return V@(one) + v;"), *number),
        row(PASTE + helper("return CAT@(VAL@_, one) + v;"), *number),
        row(PASTE + helper("return CAT@(VAL@_, ONE@) + v;"), *number),
        row(PASTE + "#define W@ V@(one)\n" + helper("return W@ * v;"), *number),
        row(PASTE + helper("int i, r = 0; for (i = 0; i < (v & 7); i++) r += ext(V@(one)); return r;"), *number),
        row(PASTE + "static inline int k@(int v) { return V@(one) + v; }\n" + helper("return k@(v);"), *number),
        row("#define T@(n) n##_t@\n" + helper("return sizeof(T@(my)) + v;"), "typedef int my_t@;\n", "typedef u32 my_t@;\n", "typedef u64 my_t@;\n"),
        row("#define T@(n) n##_t@\nstruct s@ { T@(my) a; };\n" + helper("return sizeof(struct s@) + v;"), "typedef int my_t@;\n", "typedef u32 my_t@;\n", "typedef u64 my_t@;\n"),
        row("#define T@(n) n##_t@\n" + helper("T@(my) t = v; return t;"), "typedef u8 my_t@;\n", "typedef unsigned char my_t@;\n", "typedef s8 my_t@;\n"),
        row("#define OP@(n) op_##n##@\n" + helper("return OP@(a)(v);"), "static inline int op_a@(int v) { return v + KK; }\n", "static inline int op_a@(int v) { return KK + v; }\n", "static inline int op_a@(int v) { return v + JJ; }\n"),
        row("#define M@(n) m_##n\n" + helper("struct s@ s = { v, KK }; return s.M@(a);"), "struct s@ { int m_a; int m_b; };\n", "struct s@ { int m_a, m_b; };\n", "struct s@ { int m_b; int m_a; };\n"),
        row(PASTE + helper("return V@(one) + v;"), "enum { VAL@_one = KK };\n", "enum { VAL@_zero, VAL@_one = KK };\n", "enum { VAL@_one = JJ };\n"),
    )  # fmt: skip


@kind("series")
def where_a_name_comes_from(d: Dice) -> Draft:
    l_, l2 = '#include "kpfl_@.h"\n', "#define V@ KK\n"
    inc = "include/kpfl_@.h"
    unguarded = "#raw\n"
    return shaped(
        d,
        # a header beside the file comes before that of include/
        ({inc: l2}, {LOCAL: "#define V@ (KK)\n"}, {LOCAL: "#define V@ JJ\n"}, "V@ + x", l_),
        ({inc: helper("return v + KK;")}, {LOCAL: helper("return KK + v;")}, {LOCAL: helper("return v + JJ;")}, "h@(x)", l_),
        # it is there or not
        ({A: '#if __has_include("kpfl_@.h")\n#include "kpfl_@.h"\n#else\n#define V@ KK\n#endif\n'}, {LOCAL: "#define V@ KK\n"}, {"include/linux/kpfl_@.h": "#define V@ JJ\n"}, "V@ + x", USE_A),
        # who is first to define
        ({A: "#ifndef V@\n#define V@ KK\n#endif\n", B: "#define W@ 1\n"}, {B: "#define W@ 2\n"}, {B: "#define V@ JJ\n"}, "V@ + x", USE_B + USE_A),
        ({A: "#ifdef W@\n" + helper("return v + KK;") + "#else\n" + helper("return v + JJ;") + "#endif\n", B: "#define W@ 1\n"}, {B: "#define W@ 2\n"}, {B: "#define Z@ 1\n"}, "h@(x)", USE_B + USE_A),
        ({A: "#if W@ > 3\n" + helper("return v + KK;") + "#else\n" + helper("return v + JJ;") + "#endif\n", B: "#define W@ 2\n"}, {B: "#define W@ 3\n"}, {B: "#define W@ 4\n"}, "h@(x)", USE_B + USE_A),
        # a guard that another header has, too
        ({A: "#raw#ifndef G@\n#define G@\n#define V@ KK\n#endif\n", B: unguarded}, {B: "#raw#ifndef H@\n#define H@\n#endif\n"}, {B: "#raw#ifndef G@\n#define G@\n#define V@ JJ\n#endif\n"}, "V@ + x", USE_B + USE_A),
        # it is taken away on the way
        ({A: "#define V@ KK\n", B: "#define W@ 1\n"}, {B: "#undef W@\n"}, {B: "#undef V@\n#define V@ JJ\n"}, "V@ + x", USE_A + USE_B),
        # a name in the way of another one
        ({A: helper("return v + KK;") + "static inline int k@(int v) { return v + JJ; }\n", B: "#define W@ 1\n"}, {B: "#define W@ k@\n"}, {B: "#define h@ k@\n"}, "h@(x)", USE_A + USE_B),
        ({A: helper("return sizeof(int) + v;"), B: "#define W@ 1\n"}, {B: "#define W@ 2\n"}, {B: "#define int long\n"}, "h@(1)", USE_B + USE_A + "#undef int\n"),
        # included twice
        ({A: "#raw#ifdef AGAIN@\nstatic int t@ = N@;\n#else\n#define AGAIN@\n#define N@ KK\n#endif\n"}, {A: "#raw#ifdef AGAIN@\nstatic int t@ = (N@);\n#else\n#define AGAIN@\n#define N@ KK\n#endif\n"}, {A: "#raw#ifdef AGAIN@\nstatic int t@ = N@ + 1;\n#else\n#define AGAIN@\n#define N@ KK\n#endif\n"}, "t@ + x", USE_A + USE_A),
        # what stands in the middle of a function, or of an initialiser
        ({"kernel/kpf_@.inc": "x += KK;\n"}, {"kernel/kpf_@.inc": "x = x + KK;\n"}, {"kernel/kpf_@.inc": "x += JJ;\n"}, '({\n#include "kpf_@.inc"\nx; })', ""),
        ({"kernel/kpf_@.inc": "KK, 1,\n"}, {"kernel/kpf_@.inc": "KK,\n1\n"}, {"kernel/kpf_@.inc": "JJ, 1,\n"}, "t@[0] + x", 'static const int t@[] = {\n#include "kpf_@.inc"\n};\n'),
    )  # fmt: skip


@kind("series")
def what_a_header_makes_of_it(d: Dice) -> Draft:
    in_ = "struct in@ { ONE a; int b; };\n"
    return shaped(
        d,
        # a cast in a macro of an unchanged header
        ({A: USE_B + "#define CUT@(v) ((small@)(v))\n", B: "typedef u8 small@;\n"}, {B: "typedef unsigned char small@;\n"}, {B: "typedef s8 small@;\n"}, "CUT@(x)", USE_A),
        # a table of a header, by way of an unchanged helper
        ({A: USE_B + helper("return t@[v & 1];"), B: "static const int t@[2] = { KK, 1 };\n"}, {B: "static const int t@[2] = { [0] = KK, [1] = 1 };\n"}, {B: "static const int t@[2] = { JJ, 1 };\n"}, "h@(x)", USE_A),
        ({A: USE_B + helper("return c@ + v;"), B: "static const int c@ = KK;\n"}, {B: "static const int c@ = (KK);\n"}, {B: "static const int c@ = JJ;\n"}, "h@(x)", USE_A),
        # an enumerator that moves
        ({A: USE_B + helper("return E2@ + v;"), B: "enum { E0@, E1@, E2@ };\n"}, {B: "enum { E0@, E1@, E2@, E3@ };\n"}, {B: "enum { E0@, EX@, E1@, E2@ };\n"}, "h@(x)", USE_A),
        # the size of what holds it
        ({A: USE_B + "struct out@ { struct in@ i; int z; };\n" + helper("return sizeof(struct out@) + v;"), B: in_.replace("ONE", "int")}, {B: in_.replace("ONE", "u32")}, {B: in_.replace("ONE", "u64")}, "h@(x)", USE_A),
        ({A: USE_B + "struct out@ { struct in@ i[2]; int z; };\n#define OFF@ __builtin_offsetof(struct out@, z)\n", B: in_.replace("ONE", "int")}, {B: in_.replace("ONE", "u8")}, {B: in_.replace("ONE", "u64")}, "OFF@ + x", USE_A),
        ({A: USE_B + "union out@ { struct in@ i; u8 z[8]; };\n", B: in_.replace("ONE", "u8")}, {B: in_.replace("ONE", "int")}, {B: in_.replace("ONE", "u64")}, "(int)sizeof(union out@) + x", USE_A),
        # the width of a number that goes through
        ({A: USE_B + helper("num@ n = v; return n > KK;"), B: "typedef u8 num@;\n"}, {B: "typedef unsigned char num@;\n"}, {B: "typedef u16 num@;\n"}, "h@(x)", USE_A),
        ({A: USE_B + "static inline num@ n@(int v) { return v; }\n", B: "typedef u8 num@;\n"}, {B: "typedef unsigned char num@;\n"}, {B: "typedef s16 num@;\n"}, "n@(x)", USE_A),
        ({A: USE_B + "#define MAX@ ((num@)~0)\n", B: "typedef u8 num@;\n"}, {B: "typedef unsigned char num@;\n"}, {B: "typedef u16 num@;\n"}, "MAX@ > x", USE_A),
        # a callee of a macro of a callee
        ({A: USE_B + "#define STEP@(v) step@((v) + 1)\n" + helper("return STEP@(v) * 2;"), B: "static inline int step@(int v) { return v + KK; }\n"}, {B: "static inline int step@(int v) { return v - -KK; }\n"}, {B: "static inline int step@(int v) { return v - KK; }\n"}, "h@(x)", USE_A),
        # precedence of a macro inside of another file's macro
        ({A: USE_B + "#define TWICE@(v) 2 * LOW@ + (v)\n", B: "#define LOW@ (KK + 1)\n"}, {B: "#define LOW@ (1 + KK)\n"}, {B: "#define LOW@ KK + 1\n"}, "TWICE@(x)", USE_A),
        # a bit-field, a volatile, an attribute
        ({A: USE_B + helper("struct bf@ b = { v }; return b.f;"), B: "struct bf@ { unsigned f:5; };\n"}, {B: "struct bf@ { unsigned int f:5; };\n"}, {B: "struct bf@ { int f:5; };\n"}, "h@(x)", USE_A),
        ({A: USE_B + helper("return sizeof(struct at@) + v;"), B: "struct at@ { u8 a; int b; };\n"}, {B: "struct at@ { u8 a; u32 b; };\n"}, {B: "struct at@ { u8 a; int b; } __attribute__((packed));\n"}, "h@(x)", USE_A),
        ({A: USE_B + helper("return __alignof__(struct at@) + v;"), B: "struct at@ { u8 a; };\n"}, {B: "struct at@ { s8 a; };\n"}, {B: "struct at@ { u8 a; } __attribute__((aligned(8)));\n"}, "h@(x)", USE_A),
        # the default of an argument
        ({A: USE_B + "#define CALL@(v, ...) call@(v, ##__VA_ARGS__, DEF@)\n#define call@(v, w, ...) ((v) + (w))\n", B: "#define DEF@ KK\n"}, {B: "#define DEF@ (KK)\n"}, {B: "#define DEF@ JJ\n"}, "CALL@(x)", USE_A),
    )  # fmt: skip
