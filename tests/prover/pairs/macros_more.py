# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Macros that meet other macros, functions, conditions and types."""

from __future__ import annotations

from .draft import (
    DIFFERS,
    EQUAL,
    PATH,
    Dice,
    Draft,
    fill,
    in_one_file,
    kind,
    over_headers,
)


def choose(d: Dice, *rows: tuple[str, str, str, str]) -> Draft:
    """One of (head, before, same, other): bodies of f@()."""
    head, *bodies = d.rng.choice(rows)
    k, j = d.number(), d.number()
    head, one, same, other = (
        text.replace("KK", str(k)).replace("JJ", str(j)) for text in (head, *bodies)
    )
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair(head, body.format(one), body.format(same), body.format(other))


@kind("macros")
def macro_in_macro(d: Dice) -> Draft:
    return choose(
        d,
        ("#define A@(v) v + KK\n", "return A@(A@(x)) * 2;", "return x + KK + KK * 2;", "return (x + KK + KK) * 2;"),
        ("#define H@(v) v * 2\n#define G@ H@\n", "return G@(x + KK);", "return x + KK * 2;", "return (x + KK) * 2;"),
        ("#define H@(v) v - KK\n#define G@(f, v) f(v) - f(v)\n", "return G@(H@, x);", "return x - KK - x - KK;", "return (x - KK) - (x - KK);"),
        ("#define L@ (\n#define H@(v) v * KK\n", "return H@(x + 1);", "return x + 1 * KK;", "return (x + 1) * KK;"),
        ("#define N@ KK\n#define M@ N@ - 1\n#define O@ M@ * 2\n", "return x - O@;", "return x - KK - 1 * 2;", "return x - ((KK - 1) * 2);"),
        ("#define P@(a) a ? KK : JJ\n#define Q@(a, b) P@(a) + b\n", "return Q@(x, y);", "return x ? KK : JJ + y;", "return (x ? KK : JJ) + y;"),
        ("#define B@(a, b) a && b\n", "return !B@(ext(x), ext(y));", "return !ext(x) && ext(y);", "return !(ext(x) && ext(y));"),
        ("#define E@(a, b) a || b\n", "return E@(x, y) && x > KK;", "return x || (y && x > KK);", "return (x || y) && x > KK;"),
        ("#define E@(a) a, KK\n", "return ext2(E@(x));", "return ext2(x, KK);", "return ext2(KK, x);"),
        ("#define E@ x, y\n", "return ext2(E@);", "return ext2(x, y);", "return ext2(y, x);"),
        ("#define IF@(c, a, b) c ? a : b\n", "return IF@(x, 1, IF@(y, 2, 3)) + KK;", "return x ? 1 : y ? 2 : 3 + KK;", "return (x ? 1 : y ? 2 : 3) + KK;"),
    )  # fmt: skip


@kind("macros")
def own_name_in_a_macro(d: Dice) -> Draft:
    return choose(
        d,
        ("static int e@(int v) { return v * 3; }\n#define e@(a) e@((a) + KK)\n", "return e@(x);", "return (x + KK) * 3;", "return x * 3;"),
        ("static int e@(int v) { return v * 3; }\n#define e@(a) e@((a) + KK)\n", "return (e@)(x);", "return 3 * x;", "return 3 * (x + KK);"),
        ("static int e@(int v) { return v * 3; }\n#define e@(a) e@((a) + KK)\n#undef e@\n", "return e@(x);", "return 3 * x;", "return 3 * (x + KK);"),
        ("enum { v@ = JJ };\n#define v@ (v@ + KK)\n", "return x + v@;", "return JJ + KK + x;", "return JJ + x;"),
        ("enum { K@ = JJ };\n#define K@ KK\n", "return x + K@;", "return KK + x;", "return JJ + x;"),
        ("enum { K@ = JJ };\n#define K@ KK\n#undef K@\n", "return x + K@;", "return JJ + x;", "return KK + x;"),
        ("#define K@ KK\n#undef K@\nenum { K@ = JJ };\n", "return x + K@;", "return JJ + x;", "return KK + x;"),
        ("static int e@(int v) { return v - KK; }\nstatic int h@(int v) { return v - JJ; }\n#define e@ h@\n", "return e@(x);", "return x - JJ;", "return x - KK;"),
        ("struct m@ { int a, b; };\n#define a@(p) ((p)->a)\n#define b b\n", "struct m@ v = { x, y }; return a@(&v) + v.b * KK;", "return x + y * KK;", "return y + x * KK;"),
    )  # fmt: skip


@kind("macros")
def macro_inside_the_function(d: Dice) -> Draft:
    k = d.number()
    body = "int f@(int x, int y)\n{{\n#define x (x + {k})\n\tint r = {use};\n#undef x\n\treturn r + x;\n}}"
    return d.pair(
        "",
        body.format(k=k, use="x * 2"),
        f"int f@(int x, int y) {{ int r = (x + {k}) * 2; return r + x; }}",
        f"int f@(int x, int y) {{ int r = x * 2; return r + x + {k}; }}",
    )


@kind("macros")
def macro_after_the_function(d: Dice) -> Draft:
    k = d.number()
    macro = f"#define e@(v) ((v) + {k})\n"
    head = "static int e@(int v) { return v * 5; }\n"
    f = "int f@(int x, int y) { return e@(x)"
    same = d.coin()
    before = f"{head}{f}; }}\n"
    after = f"{head}{f}; }}\n{macro}int h@(int x) {{ return e@(x); }}" if same else f"{head}{macro}{f} + 0; }}\n"  # fmt: skip
    return in_one_file(before, after, EQUAL if same else DIFFERS)


@kind("macros")
def text_under_a_condition(d: Dice) -> Draft:
    k, j = d.rng.randint(1, 5), d.rng.randint(1, 5)
    define, test, holds = d.rng.choice([
        (f"#define N@ {k}\n", f"#if N@ > {j}", k > j),
        (f"#define N@ {k}\n#define M@ N@ - 1\n", f"#if M@ * 2 == {k - 2}", True),
        ("#define N@\n", "#ifdef N@", True),
        ("", "#ifndef N@", True),
        ("", "#if N@", False),
        (f"#define N@ {k}\n#undef N@\n", "#ifdef N@", False),
        (f"#define N@ {k}\n", f"#if defined(N@) && N@ == {j}", k == j),
        (f"#define N@ {k}\n", f"#if !defined(M@) || N@ == {j}", True),
        ("#define N@ 0\n", "#if N@", False),
        ("#define N@(v) ((v) + 1)\n", f"#if N@({k}) == {k + 1}", True),
        (f"#define N@ {k}\n", f"#if 0\n#elif N@ == {k}", True),
    ])  # fmt: skip
    one, two = d.expression(2), d.expression(2)
    before = f"int f@(int x, int y)\n{{\n{test}\n\treturn {one};\n#else\n\treturn {two};\n#endif\n}}"
    chosen, left = (one, two) if holds else (two, one)
    return d.pair(
        define,
        before,
        f"int f@(int x, int y) {{ {d.returned(chosen)} }}",
        f"int f@(int x, int y) {{ {d.returned(left)} }}",
    )


@kind("macros")
def spelling_of_a_macro(d: Dice) -> Draft:
    return choose(
        d,
        ("#define M@(v) v + \\\n\tKK\n", "return 2 * M@(x);", "return 2 * x + KK;", "return 2 * (x + KK);"),
        ("#define M@(v) v /* + 1 */ + KK // * 2\n", "return 2 * M@(x);", "return 2 * x + KK;", "return 2 * x + 1 + KK;"),
        ("#define M@ (x) + KK\n", "return 2 * M@;", "return 2 * x + KK;", "return 2 * (x + KK);"),
        ("#define M@ -KK\n", "return x -M@;", "return x + KK;", "return x - KK;"),
        ("#define M@ - x\n", "return -M@;", "return x;", "return -x;"),
        ("#define NOP@(v)\n", "NOP@(sink(KK);) NOP@(ext(x)); return x;", "return x;", "sink(KK); return x;"),
        ("#define KEEP@(v) (void)(v)\n", "KEEP@(ext(x)); return x;", "ext(x); return x;", "return x;"),
        ("#define NOP@(v) do { } while (0)\n", "if (x) NOP@(ext(y)); else sink(KK); return x;", "if (!x) sink(KK); return x;", "if (x) ext(y); else sink(KK); return x;"),
        ("#define NOP@(v) sizeof(v)\n", "(void)NOP@(ext(x)); return x;", "return x;", "ext(x); return x;"),
        ('#define S@(v) #v\n', 'return x + S@(abc)[1];', "return x + 'b';", "return x + 'a';"),
        ("#define BEGIN@ {\n#define END@ }\n", "int r = 0; if (x) BEGIN@ r = KK; sink(r); END@ return r;", "int r = 0; if (x) { r = KK; sink(r); } return r;", "int r = 0; if (x) r = KK; sink(r); return r;"),
        ("#define RET@ return x ?\n", "RET@ KK : JJ;", "return x ? KK : JJ;", "return x ? JJ : KK;"),
        ("#define OP@ -\n", "return x OP@ y OP@ KK;", "return x - y - KK;", "return x - (y - KK);"),
        ("#define LP@(v, to) for (v = 0; v < to; v++)\n", "int i, r = 0; LP@(i, 3) r += x; sink(r); return r;", "int r = x * 3; sink(r); return r;", "int r = x * 3; sink(x); sink(2 * x); sink(r); return r;"),
    )  # fmt: skip


@kind("macros")
def type_in_a_macro(d: Dice) -> Draft:
    return choose(
        d,
        ("#define T@ unsigned\n", "return (T@)x > KK;", "return (unsigned)x > KK;", "return x > KK;"),
        ("#define T@ unsigned\n", "return (T@ char)x > KK;", "return (u8)x > KK;", "return (unsigned)x > KK;"),
        ("#define P@ u8 *\n", "P@ a = (u8 *)&x, b = 1; return b + *a;", "return (x & 0xff) + 1;", "return x + 1;"),
        ("#define INC@(v) ({ typeof(v) t_ = (v); t_ += KK; t_; })\n", "u8 z = x; return INC@(z);", "return (u8)(x + KK);", "return (u8)x + KK;"),
        ("#define INC@(v) ({ __auto_type t_ = (v); t_ += KK; t_; })\n", "u8 z = x; return INC@(z);", "return (u8)(x + KK);", "return (u8)x + KK;"),
        ("#define INC@(t, v) ({ t t_ = (v); t_ + KK; })\n", "return INC@(s8, x);", "return (s8)x + KK;", "return (s8)(x + KK);"),
        ("#define LESS@(a, b) ((a) < (b))\n", "return LESS@(x, KKu);", "return (unsigned)x < KKu;", "return x < KK;"),
        ("#define LESS@(a, b) ((a) < (b))\n", "return LESS@(x, sizeof(u64));", "return (unsigned long)x < 8;", "return x < 8;"),
        ("#define BIT@(n) (1 << (n))\n", "return ((u64)x & BIT@(31)) > 0xffffffffu;", "return x < 0;", "return 0;"),
        ("#define M@ 0x80000000\n", "return x < M@;", "return (unsigned)x < 0x80000000u;", "return 1;"),
        ("#define M@ ~0\n", "return (unsigned)x > M@ - 1;", "return (unsigned)x == 0xffffffffu;", "return x > -2;"),
        ("#define M@(v) ((v) & 0xff)\n", "return M@(x) == (s8)x;", "return (x & 0xff) < 128;", "return 1;"),
    )  # fmt: skip


@kind("macros")
def only_the_macro_changes(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    body = d.pick("A", "(A)", "x + A", "((x) - A)", "A - x", "(y ? A : 2)")
    use = d.pick("return N@;", "return x * N@;", "if (x > N@) return 1; return 0;", "return ext(N@);", "sink(N@); return y;")  # fmt: skip
    f = f"int f@(int x, int y) {{ {use} }}"
    chain = d.coin()
    head = "#define N@ M@\n#define M@ " if chain else "#define N@ "
    same = d.coin()
    other = body.replace("A", f"{a - 1} + 1" if "-" not in body and same and use == "return ext(N@);" else f"({a - 1} + 1)" if same else str(b))  # fmt: skip
    text = body.replace("A", str(a))
    return in_one_file(
        f"{head}{text}\n{f}", f"{head}{other}\n{f}", EQUAL if same else DIFFERS
    )


@kind("macros")
def macro_of_a_struct(d: Dice) -> Draft:
    k, j = d.number(), d.number()
    head = (
        "struct n@ { int v; int w; };\nstruct s@ { int v; struct n@ in; int arr[4]; };\n"
        + fill("#define SET@(p, m, e) (p)->m = e\n#define IN@(p) p->in\n#define EACH@(p, i) for (i = 0; i < 4; i++) (p)->arr[i]\n")
    )  # fmt: skip
    before, same, other = d.rng.choice([
        (f"if (x) SET@(p, v, y), SET@(p, in.v, {k});", f"if (x) {{ p->v = y; p->in.v = {k}; }}", f"if (x) p->v = y; p->in.v = {k};"),
        (f"SET@(p, in.w, x) + {k};", f"p->in.w = x + {k};", "p->in.w = x;"),
        ("sink(IN@(p).v); sink(IN@((p + 1)).w);", "sink(p->in.v); sink(p[1].in.w);", "sink(p->v); sink(p[1].in.w);"),
        (f"int i; EACH@(p, i) = {k};", f"p->arr[0] = p->arr[1] = p->arr[2] = p->arr[3] = {k};", f"p->arr[0] = p->arr[1] = p->arr[2] = {k};"),
        (f"SET@(p, v, {j}); if (y) SET@(p, v, {k}); else sink(1);", f"p->v = y ? {k} : {j}; if (!y) sink(1);", f"p->v = {j}; if (y) p->v = {k}; sink(1);"),
    ])  # fmt: skip
    body = "void f@(struct s@ *p, int x, int y) {{ {} }}"
    return d.pair(
        head,
        body.format(before),
        body.format(same),
        body.format(other),
        args="struct s@ *p, int x, int y",
    )


INCLUDE = "include/linux/kpf_@_{}.h"


@kind("macros")
def macro_from_a_header(d: Dice) -> Draft:
    """A macro of a header reads a name that the file gives its meaning."""
    a, b = d.number(), d.number()
    header = {INCLUDE.format("a"): "#define M@(v) v + K@\n"}
    main = "#include <linux/kpf_@_a.h>\n#define K@ {}\nint f@(int x, int y) {{ return {}; }}\n"
    if d.coin():
        one = main.format(a, "2 * M@(x)")
        same = d.coin()
        two = main.format(a, f"2 * x + {a}" if same else f"2 * (x + {a})")
        return Draft({**header, PATH: "extern int ext(int);\n" + one}, {**header, PATH: "extern int ext(int);\n" + two}, EQUAL if same else DIFFERS)  # fmt: skip
    return over_headers(
        header, header, DIFFERS, main.format(a, "M@(x)"), main.format(b, "(M@(x))")
    )
