# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Macros: their text stands in the text, whatever surrounds it."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, Dice, Draft, expand, fill, in_one_file, kind

BODIES = (
    "x + $k", "$k - x", "x ? $k : $j", "x & $k", "-x", "x << 1", "x == $k", "x | $k",
    "x, $k", "x > $k && x", "!x || $k", "x ^ $k", "~x", "x ?: $k",
)  # fmt: skip
AROUND = (
    "$m * N", "N * $m", "-N", "!N", "~N", "y - N", "y & N", "N & y", "(u8)N", "N == y", "y ? N : 1",
    "y == N", "y && N", "N ? y : $m", "(int)sizeof N", "y + N", "N << 1", "N - N", "y | N",
)  # fmt: skip


@kind("macros")
def object_macro(d: Dice) -> Draft:
    body = fill(d.pick(*BODIES), k=d.number(), j=d.number())
    around = fill(d.pick(*AROUND), m=d.number())
    used, text, grouped = (
        around.replace("N", part) for part in ("N@", f" {body} ", f" ({body}) ")
    )
    head = f"#define N@ {body}\n"
    return d.pair(
        head,
        f"int f@(int x, int y) {{ {d.returned(used)} }}",
        f"int f@(int x, int y) {{ return {text}; }}",
        f"int f@(int x, int y) {{ return {grouped}; }}",
    )


def bare(d: Dice) -> tuple[str, str, str, str]:
    """A macro of p and q, a call, and its text with the arguments bare and grouped."""
    body = fill(
        d.pick(
            "p + q", "p * q", "p - q", "p ? q : $k", "p & q", "p == q", "q - p", "p << 1 | q",
            "p && q", "q ^ p", "(p) * q", "p > q ? p : q", "-p + q", "!p - q", "p, q", "p ?: q",
        ),
        k=d.number(),
    )  # fmt: skip
    arguments = ["x", "y", "x + 1", "y - x", "x & 3", "x ? y : 1", "-x", "x == y", "x | 8", "!y", "~x"]  # fmt: skip
    one, two = d.rng.choice(arguments), d.rng.choice(arguments)
    around = fill(d.pick(*AROUND), m=d.number())
    text = around.replace("N", f" {expand(body, p=one, q=two)} ")
    grouped = around.replace("N", f" ({expand(body, p=f'({one})', q=f'({two})')}) ")
    return body, around.replace("N", f"M@({one}, {two})"), text, grouped


@kind("macros")
def function_macro(d: Dice) -> Draft:
    body, call, text, grouped = bare(d)
    head = f"#define M@(p, q) {body}\n"
    return d.pair(
        head,
        f"int f@(int x, int y) {{ {d.returned(call)} }}",
        f"int f@(int x, int y) {{ return {text}; }}",
        f"int f@(int x, int y) {{ return {grouped}; }}",
    )


@kind("macros")
def function_macro_gets_parentheses(d: Dice) -> Draft:
    body, call, text, _grouped = bare(d)
    whole = expand(body, p="(p)", q="(q)")
    before = f"#define M@(p, q) {body}\nint f@(int x, int y) {{ return {call}; }}"
    if d.coin():
        return in_one_file(
            before, f"int f@(int x, int y) {{ {d.returned(text)} }}", EQUAL
        )
    after = f"#define M@(p, q) ({whole})\nint f@(int x, int y) {{ return ({call}); }}"
    return in_one_file(before, after, DIFFERS)


@kind("macros")
def statements_under_a_condition(d: Dice) -> Draft:
    k = d.number()
    head = f"#define DO@(v) sink(v); sink(v + {k})\n"
    start, value = d.rng.choice([("if (y)", "x"), ("for (int i = 0; i < 2; i++)", "x"), ("if (x > y) sink(0); else", "y"),
                                 ("if (!x)", "y - 1")])  # fmt: skip
    two = f"sink({value} + {k});"
    return d.pair(
        head,
        f"void f@(int x, int y) {{ {start} DO@({value}); }}",
        f"void f@(int x, int y) {{ {start} {{ sink({value}); }} {two} }}",
        f"void f@(int x, int y) {{ {start} {{ sink({value}); {two} }} }}",
    )


@kind("macros")
def dangling_else(d: Dice) -> Draft:
    k, j = d.number(), d.number()
    head = fill("#define DO@(c) if (c) sink($k)\n", k=k)
    test = d.pick("x", "x > y", "x & 1", "!x")
    return d.pair(
        head,
        f"void f@(int x, int y) {{ if (y) DO@({test}); else sink({j}); }}",
        f"void f@(int x, int y) {{ if (y) {{ if ({test}) sink({k}); else sink({j}); }} }}",
        f"void f@(int x, int y) {{ if (y) {{ if ({test}) sink({k}); }} else sink({j}); }}",
    )


@kind("macros")
def jump_in_a_macro(d: Dice) -> Draft:
    jump = d.pick("break", "continue")
    n = d.rng.randint(2, 4)
    loop = "int f@(int x, int y) {{ int r = 0; for (int i = 0; i < {n}; i++) {{ {text} r += {add}; }} return r; }}"
    add = d.pick("1", "i", "y", "ext(i)")
    head = f"#define OUT@(c) if (c) {jump}\n#define SAFE@(c) do {{ if (c) {jump}; }} while (0)\n"
    return d.pair(
        head,
        loop.format(n=n, text="OUT@(i == x);", add=add),
        loop.format(n=n, text=f"if (i == x) {{ {jump}; }}", add=add),
        loop.format(n=n, text="SAFE@(i == x);", add=add),
    )


@kind("macros")
def return_or_goto_in_a_macro(d: Dice) -> Draft:
    k, j = d.number(), d.number()
    leave = d.pick("return $j", "goto out")
    head = fill("#define CHECK@(c) do { if (!(c)) " + leave + "; } while (0)\n", j=j)
    label = " out: " if "goto" in leave else " "
    last = f"return {j};" if "goto" in leave else "return 0;"
    text = "int f@(int x, int y) {{ int r = ext(y); {check} r += {k}; if (r) return r;{label}{last} }}"
    shape = {"k": k, "label": label, "last": last}
    jump = fill(leave, j=j)
    return d.pair(
        head,
        text.format(check="CHECK@(x);", **shape),
        text.format(check=f"if (x == 0) {jump};", **shape),
        text.format(check=f"if (x) {jump};", **shape),
    )


@kind("macros")
def redefined_between(d: Dice) -> Draft:
    a, b, c = d.number(), d.number(), d.number()
    head = (
        f"#define B@ {a}\n#define A@ B@ + {b}\nint g@(int x);\nint g@(int x) {{ return x * A@; }}\n"
        f"#undef B@\n#define B@ {c}\n"
    )
    return d.pair(
        head,
        "int f@(int x, int y) { return x * A@; }",
        f"int f@(int x, int y) {{ {d.returned(f'x * {c} + {b}')} }}",
        f"int f@(int x, int y) {{ {d.returned(d.pick(f'x * {a} + {b}', f'x * ({c} + {b})', 'g@(x)'))} }}",
    )


@kind("macros")
def redefinition_moves(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    one = f"#define B@ {a}\n#undef B@\n#define B@ {b}\n"
    two = f"#define B@ {b}\n#undef B@\n#define B@ {a}\n"
    same = d.coin()
    return in_one_file(
        f"{one}int f@(int x, int y) {{ return x + B@; }}",
        f"{one if same else two}int f@(int x, int y) {{ return B@ + x; }}",
        EQUAL if same else DIFFERS,
    )


@kind("macros")
def arguments_of_any_number(d: Dice) -> Draft:
    k = d.number()
    head, call, text, other = d.rng.choice([
        ("#define V@(a, b, ...) (b)\n", f"V@(1, x, {k})", "x", str(k)),
        ("#define V@(a, ...) ext2(__VA_ARGS__)\n", "V@(7, x, y)", "ext2(x, y)", "ext2(7, x)"),
        ("#define V@(fn, ...) fn(__VA_ARGS__)\n", "V@(ext, x) + 1", "ext(x) + 1", "ext(x + 1)"),
        ("#define V@(a, args...) (args) * 2\n", "V@(x, y, x + 1)", "(y, x + 1) * 2", "x + 1 * 2"),
        ("#define V@(a, args...) args * 2\n", "(V@(x, y + 1))", "(y + 1 * 2)", "(y + 1) * 2"),
        ("#define V@(a, ...) (ext(a), ##__VA_ARGS__)\n", "V@(x)", "ext(x)", "(ext(x), x)"),
        ("#define V@(a, ...) (ext(a), ##__VA_ARGS__)\n", "V@(x, y)", "(ext(x), y)", "ext(x)"),
        ("#define N_@(a, b, c, n, ...) n\n#define V@(...) N_@(__VA_ARGS__, 3, 2, 1)\n", "V@(x, y) + x", "2 + x", "3 + x"),
        ("#define V@(...) sizeof(#__VA_ARGS__)\n", "(int)V@(x, y) + x", 'x + (int)sizeof("x, y")', 'x + (int)sizeof("x,y")'),
    ])  # fmt: skip
    return d.pair(
        head,
        f"int f@(int x, int y) {{ return {call}; }}",
        f"int f@(int x, int y) {{ {d.returned(text)} }}",
        f"int f@(int x, int y) {{ {d.returned(other)} }}",
    )


@kind("macros")
def pasted(d: Dice) -> Draft:
    k = d.number(10, 60)
    head, call, text, other = d.rng.choice([
        ("#define V@(n) v##n\n", "V@(1) - V@(2)", "v1 - v2", "v2 - v1"),
        ("#define V@(a, b) a##b\n#define ONE@ 1\n", "V@(v, ONE@) - x", "vONE@ - x", "v1 - x"),
        ("#define C@(a, b) a##b\n#define V@(a, b) C@(a, b)\n#define ONE@ 1\n", "V@(v, ONE@) - x", "v1 - x", "vONE@ - x"),
        (f"#define V@(a, b) a##b\n#define A{k}@ 3\n", f"V@(0x, {k}) + x", f"0x{k} + x", f"{k} + x"),
        ("#define V@(a, b) a##b\n", f"V@({k}, u) > x - 1000", f"{k}u > x - 1000", f"{k} > x - 1000"),
        ("#define V@(a, b) a##b\n", "V@(, v1) + x", "v1 + x", "v2 + x"),
        ("#define V@(a, ...) a##__VA_ARGS__\n", "V@(v, 2) + x", "v2 + x", "v1 + x"),
        ("#define V@(s) sizeof(#s)\n", "(int)V@(x + 1) + x", "x + 6", "x + (int)sizeof(x + 1)"),
        ("#define ONE@ 1\n#define S@(s) #s\n#define V@(s) S@(s)\n", "(int)sizeof(V@(ONE@)) + x", "x + 2", 'x + (int)sizeof("ONE@")'),
        ("#define ONE@ 1\n#define V@(s) #s\n", "(int)sizeof(V@(ONE@)) + x", 'x + (int)sizeof("ONE@")', "x + 2"),
    ])  # fmt: skip
    body = (
        "int f@(int x, int y) {{ int v1 = x + 1, v2 = y * 3, vONE@ = x * y + 5; {} }}"
    )
    return d.pair(
        head,
        body.format(f"return {call};"),
        body.format(d.returned(text)),
        body.format(d.returned(other)),
    )


@kind("macros")
def names_that_a_macro_captures(d: Dice) -> Draft:
    k = d.number()
    head, before, same, other = d.rng.choice([
        (f"#define F@(e) ({{ int y = {k}; (e) + y; }})\n", "return F@(y);", f"return {k} + {k};", f"return y + {k};"),
        (f"#define F@(e) ({{ int t_ = (e); int y = {k}; t_ + y; }})\n", "return F@(y);", f"return y + {k};", f"return {k} + {k};"),
        ("#define F@(e) ((e) + x)\n", f"int r; {{ int x = {k}; r = F@(y); }} return r;", f"return y + {k};", "return y + x;"),
        ("#define F@ x\n", f"int r; {{ int x = {k}; r = F@ + y; }} return r - F@;", f"return {k} + y - x;", "return x + y - x;"),
        (f"#define F@(v) for (int i = 0; i < 2; i++) v += {k}\n", "int r = 0; F@(r); return r + x;", f"return x + {2 * k};", f"return x + {k};"),
        (f"#define F@(v) do {{ int i; for (i = 0; i < 2; i++) v += {k}; }} while (0)\n", "int i = y; F@(i); return i + x;", "return y + x;", f"return x + y + {2 * k};"),
        ("static int gv@;\n#define F@ gv@\n", f"int gv@ = {k}; return F@ + x;", f"return {k} + x;", "return F@ + x;"),
        ("#define F@(v) (v + r)\n", f"int r = {k}; return F@(x);", f"return x + {k};", f"int r = {k}; {{ int r = y; return F@(x); }}"),
    ])  # fmt: skip
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair(head, body.format(before), body.format(same), body.format(other))


@kind("macros")
def evaluated_twice(d: Dice) -> Draft:
    head, call, text, other = d.rng.choice([
        ("#define M@(v) ((v) + (v))\n", "M@(ext(x))", "ext(x) + ext(x)", "2 * ext(x)"),
        ("#define M@(v) ((v) + (v))\n", "M@(ext(x))", "({ int t = ext(x); t + ext(x); })", "({ int t = ext(x); t + t; })"),
        ("#define M@(a, b) ((a) > (b) ? (a) : (b))\n", "M@(ext(x), y)", "ext(x) > y ? ext(x) : y", "({ int t = ext(x); t > y ? t : y; })"),
        ("#define M@(v) ((v) ? (v) : 9)\n", "M@(ext(x))", "ext(x) ? ext(x) : 9", "ext(x) ?: 9"),
        ("#define M@(v) ((v) ?: 9)\n", "M@(ext(x))", "({ int t = ext(x); t ? t : 9; })", "ext(x) ? ext(x) : 9"),
        ("#define M@(a, b) ((a) && (b))\n", "M@(ext(x), ext(y))", "ext(x) ? !!ext(y) : 0", "({ int t = !!ext(x); int u = !!ext(y); t & u; })"),
        ("#define M@(a, b) (!(a) || (b))\n", "M@(x, ext(y))", "x ? ext(y) != 0 : 1", "ext(y) != 0 || !x"),
        ("#define M@(a, b) ((b) - (a))\n", "M@(x, ext(y))", "ext(y) - x", "x - ext(y)"),
        ("#define M@(a, b) ((a) ? (b) : 0)\n", "M@(x, ext(y))", "x ? ext(y) : 0", "({ int t = ext(y); x ? t : 0; })"),
    ])  # fmt: skip
    return d.pair(
        head,
        f"int f@(int x, int y) {{ return {call}; }}",
        f"int f@(int x, int y) {{ return {text}; }}",
        f"int f@(int x, int y) {{ return {other}; }}",
    )


@kind("macros")
def macro_to_function(d: Dice) -> Draft:
    wide = d.pick("u64", "s64", "unsigned long")
    narrow = d.pick("u32", "int", "u8", "s16", "u16", "bool")
    op = fill(d.pick("(v) >> $k", "(v) + $k", "(v) ^ $k", "(v) - $k", "-(v)", "~(v)"), k=d.number(1, 30))  # fmt: skip
    text = "static {t} m@({t} v) {{ return {op}; }}\n"
    call = d.pick("m@(x)", "m@(x) + 1", "m@(x + 1)")
    before = f"#define m@(v) ({op})\n{wide} f@({wide} x) {{ return {call}; }}"
    same = d.coin()
    kept = text.format(t=wide if same else narrow, op=op)
    return in_one_file(
        before, f"{kept}{wide} f@({wide} x) {{ return {call}; }}", EQUAL if same else DIFFERS, args=f"{wide} x"
    )  # fmt: skip


@kind("macros")
def size_in_a_macro(d: Dice) -> Draft:
    n = d.rng.randint(3, 12)
    head = "#define LEN@(a) ((int)(sizeof(a) / sizeof((a)[0])))\n"
    t, size = d.rng.choice([("int", 4), ("u8", 1), ("u64", 8), ("short", 2)])
    before, same, other = d.rng.choice([
        (f"{t} a[{n}]; return x + LEN@(a);", f"return x + {n};", f"return x + {8 // size};"),
        (f"{t} a[{n}]; {t} *p = a; return x + LEN@(p);", f"return x + {8 // size};", f"return x + {n + 9};"),
        (f"{t} a[] = {{ 1, 2, 3, {n} }}; return x + LEN@(a);", "return 4 + x;", "return 5 + x;"),
        (f"{t} a[2][{n}]; return x + LEN@(a[0]);", f"return {n} + x;", "return 2 + x;"),
        (f"{t} a[2][{n + 2}]; return x + LEN@(a);", "return 2 + x;", f"return {n + 2} + x;"),
    ])  # fmt: skip
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair(head, body.format(before), body.format(same), body.format(other))


@kind("macros")
def cases_in_a_macro(d: Dice) -> Draft:
    a, b, c = d.number(), d.number(), d.number()
    stop = d.coin()
    head = f"#define CASE@(n, v) case n: r += v;{' break;' if stop else ''}\n"
    text = "int f@(int x, int y) {{ int r = 0; switch (x & 3) {{ {} default: r += {c}; }} return r; }}"
    plain = "case 0: r += {a};{brk} case 1: r += {b};{brk}"
    same, other = (
        plain.format(a=a, b=b, brk=" break;" if s else "") for s in (stop, not stop)
    )
    return d.pair(
        head,
        text.format(f"CASE@(0, {a}) CASE@(1, {b})", c=c),
        text.format(same, c=c),
        text.format(other, c=c),
    )
