# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What f@() calls: static or not, here or in another file of the series."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, HEAD, PATH, Dice, Draft, in_one_file, kind

OTHER = "kernel/kpf_@_other.c"


def two_files(
    one: tuple[str, str], two: tuple[str, str], claim: str, **more: object
) -> Draft:
    """The caller's text and the callee's, before and after."""
    head = HEAD + "extern int gv@;\n"
    return Draft(
        {PATH: HEAD + one[0], OTHER: head + one[1]}, {PATH: HEAD + two[0], OTHER: head + two[1]},
        claim, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def bodies(d: Dice) -> tuple[str, str, str]:
    """A callee's body of v: before, the same, another."""
    a, b = d.number(), d.number()
    return d.rng.choice([
        (f"return v + {a};", f"v += {a}; return v;", f"return v + {b};"),
        (f"return v * {a};", f"return {a} * v;", f"return v * {a} + 1;"),
        (f"if (v > {a}) return 1; return v;", f"return v > {a} ? 1 : v;", f"if (v >= {a}) return 1; return v;"),
        (f"return ext(v) + {a};", f"int r = ext(v); return r + {a};", f"return ext(v + {a});"),
        (f"sink(v); return v & {a};", f"sink(v); return {a} & v;", f"sink(v + 1); return v & {a};"),
        (f"return v < {a};", f"return !(v >= {a});", f"return v <= {a};"),
        ("return (u8)v;", "return v & 0xff;", "return (s8)v;"),
        (f"for (int i = 0; i < 3; i++) v += {a}; return v;", f"return v + {3 * a};", f"return v + {4 * a};"),
    ])  # fmt: skip


@kind("callees")
def callee_changes(d: Dice) -> Draft:
    one, same, other = bodies(d)
    equal = d.coin()
    two = same if equal else other
    use = d.pick("h@(x)", "h@(x) + y", "h@(x + 1)", "y ? h@(x) : 0", "h@(x) * h@(y)", "h@(h@(x))")  # fmt: skip
    first = f"int f@(int x, int y) {{ return {use}; }}\n"
    second = d.pick(first, f"int f@(int x, int y) {{ {d.returned(use)} }}\n")
    head = d.pick("static int", "static inline int", "static __attribute__((noinline)) int", "int")  # fmt: skip
    claim = EQUAL if equal else DIFFERS
    if head == "int":
        declared = "extern int h@(int v);\n"
        return two_files(
            (declared + first, f"extern int h@(int v);\nint h@(int v) {{ {one} }}\n"),
            (declared + second, f"extern int h@(int v);\nint h@(int v) {{ {two} }}\n"), claim,
        )  # fmt: skip
    text = head + " h@(int v) {{ {} }}\n{}"
    return in_one_file(text.format(one, first), text.format(two, second), claim)


@kind("callees")
def callee_of_a_callee_changes(d: Dice) -> Draft:
    one, same, other = bodies(d)
    equal = d.coin()
    apart = d.coin()
    between = "static int g@(int v) { return h@(v) + 1; }\n"
    use = d.pick("g@(x)", "g@(x) - y", "g@(y) ? x : 1")
    texts = f"return {use};", d.returned(use)
    f = "int f@(int x, int y) {{ {} }}\n"
    claim = EQUAL if equal else DIFFERS
    two = same if equal else other
    if apart:
        head = "extern int h@(int v);\n"
        return two_files(
            (head + between + f.format(texts[0]), head + f"int h@(int v) {{ {one} }}\n"),
            (head + between + f.format(texts[1]), head + f"int h@(int v) {{ {two} }}\n"), claim,
        )  # fmt: skip
    text = "static int h@(int v) {{ {} }}\n" + between.replace("{", "{{").replace("}", "}}") + "{}"  # fmt: skip
    return in_one_file(text.format(one, f.format(texts[0])), text.format(two, f.format(texts[1])), claim)  # fmt: skip


@kind("callees")
def work_moves_between_caller_and_callee(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    rows = [
        (f"return v + {a};", f"return v + {b};", "h@(x)", f"h@(x) + {a - b}", f"h@(x) + {b - a}"),
        ("return v + 1;", "return v;", "h@(x)", "h@(x) + 1", "h@(x) + 2"),
        (f"return v * {a};", "return v;", "h@(x)", f"h@(x) * {a}", f"h@(x) * {b}"),
        ("return v;", "return -v;", "h@(x)", "-h@(x)", "h@(-x) + 1"),
        (f"if (v < {a}) return 0; return v;", "return v;", "h@(x)", f"x < {a} ? 0 : h@(x)", f"x <= {a} ? 0 : h@(x)"),
        ("return !v;", "return !!v;", "h@(x)", "!h@(x)", "h@(x)"),
        ("sink(v); return v;", "return v;", "h@(x) + y", "({ sink(x); h@(x); }) + y", "h@(x) + y"),
        ("return v;", "sink(v); return v;", "({ sink(x); h@(x); })", "h@(x)", "({ sink(x); h@(x); })"),
    ]  # fmt: skip
    one, two, before, after, wrong = d.rng.choice(rows)
    equal = d.coin()
    claim = EQUAL if equal else DIFFERS
    f = "int f@(int x, int y) {{ return {}; }}\n"
    first, second = f.format(before), f.format(after if equal else wrong)
    if d.coin():
        head = "extern int h@(int v);\n"
        return two_files(
            (head + first, head + f"int h@(int v) {{ {one} }}\n"), (head + second, head + f"int h@(int v) {{ {two} }}\n"), claim
        )  # fmt: skip
    text = "static int h@(int v) {{ {} }}\n{}"
    return in_one_file(text.format(one, first), text.format(two, second), claim)


@kind("callees")
def signature_changes(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    rows = [
        ("int h@(int v) { return ext(v) + %A; }", "int h@(int v, int w) { return ext(v) + w; }", "h@(x)", "h@(x, %A)", "h@(x, %B)"),
        ("int h@(int v, int w) { return v - w; }", "int h@(int w, int v) { return v - w; }", "h@(x, y)", "h@(y, x)", "h@(x, y)"),
        ("int h@(int v, int w) { return v + %A; }", "int h@(int v) { return v + %A; }", "h@(x, ext(y))", "({ ext(y); h@(x); })", "h@(x)"),
        ("int h@(int v, int w) { return v + %A; }", "int h@(int v) { return v + %A; }", "h@(x, y)", "h@(x)", "h@(y)"),
        ("int h@(int v) { return v > 0; }", "bool h@(int v) { return v > 0; }", "h@(x) + y", "y + h@(x)", "y - h@(x)"),
        ("int h@(int v) { return v & 6; }", "bool h@(int v) { return v & 6; }", "!!h@(x) + y", "h@(x) + y", "y - h@(x)"),
        ("int h@(int v) { return v; }", "int h@(u8 v) { return v; }", "h@(x & 0xff)", "h@(x)", "h@(x >> 1)"),
        ("int h@(int v) { return v; }", "u8 h@(int v) { return v; }", "(u8)h@(x)", "h@(x)", "h@(x) + 256"),
        ("int h@(int v) { return v; }", "int h@(s8 v) { return v; }", "h@((s8)x)", "h@(x)", "h@((u8)x | 1)"),
        ("void h@(int *v) { *v = *v + %A; }", "int h@(int v) { return v + %A; }", "({ int t = x; h@(&t); t; })", "h@(x)", "h@(h@(x))"),
        ("int h@(struct q@ v) { return v.a + v.b; }", "int h@(struct q@ *v) { return v->a + v->b; }", "({ struct q@ q = { x, y }; h@(q); })", "({ struct q@ q = { x, y }; h@(&q); })", "({ struct q@ q = { x, x }; h@(&q); })"),
        ("int h@(struct q@ v) { v.a = %A; return v.b; }", "int h@(struct q@ *v) { v->a = %A; return v->b; }", "({ struct q@ q = { x, y }; h@(q); })", "({ struct q@ q = { x, y }; h@(&q); })", "({ struct q@ q = { x, y }; h@(&q); q.a; })"),
        ("int h@(int v) { return v + 1; }", "int hh@(int v) { return v + 1; }", "h@(x)", "hh@(x)", "hh@(x + 1)"),
    ]  # fmt: skip
    one, two, before, after, wrong = (
        t.replace("%A", str(a)).replace("%B", str(b)) for t in d.rng.choice(rows)
    )
    equal = d.coin()
    head = "struct q@ { int a, b; };\n"
    f = "int f@(int x, int y) {{ return {}; }}\n"
    first, second = f.format(before), f.format(after if equal else wrong)
    claim = EQUAL if equal else DIFFERS
    if d.coin():
        declared = [head + t.split("{")[0].strip() + ";\n" for t in (one, two)]
        return two_files(
            (declared[0] + first, declared[0] + one + "\n"), (declared[1] + second, declared[1] + two + "\n"), claim
        )  # fmt: skip
    return in_one_file(f"{head}static {one}\n{first}", f"{head}static {two}\n{second}", claim)  # fmt: skip


@kind("callees")
def callee_writes_what_the_caller_read(d: Dice) -> Draft:
    a = d.number()
    write = d.pick(f"gv@ += {a};", f"gv@ = {a};", "gv@ = v;", f"if (v) gv@ -= {a};", "touch();", "gv@ = ext(v);")  # fmt: skip
    callee = f"{d.pick('static void', 'static inline void')} h@(int v) {{ {write} }}\n"
    before, same, other = d.rng.choice([
        ("int t = gv@; h@(x); return t - y;", "int t = gv@ - y; h@(x); return t;", "h@(x); return gv@ - y;"),
        ("h@(x); return gv@ - y;", "h@(x); int t = gv@; return t - y;", "int t = gv@; h@(x); return t - y;"),
        ("int t = gv@; h@(x); return t == gv@;", "int t = gv@; h@(x); return !(t != gv@);", "h@(x); return 1;"),
        ("if (gv@) h@(x); return gv@;", "int t = gv@; if (t) h@(x); return gv@;", "int t = gv@; if (t) h@(x); return t;"),
        ("h@(x); h@(y); return gv@;", "h@(x); h@(y); int t = gv@; return t;", "h@(y); h@(x); return gv@;"),
        ("gv@ = y; h@(x); return gv@;", "gv@ = y; h@(x); return 0 + gv@;", "gv@ = y; h@(x); return y;"),
        ("sink(gv@); h@(x); sink(gv@); return 0;", "int t = gv@; sink(t); h@(x); t = gv@; sink(t); return 0;", "int t = gv@; sink(t); h@(x); sink(t); return 0;"),
    ])  # fmt: skip
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair(f"int gv@ = {a};\n" + callee, body.format(before), body.format(same), body.format(other), shared=("gv@",))  # fmt: skip


@kind("callees")
def result_in_a_pointer(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    head = (
        f"static int get@(int v, int *out) {{ if (v < 0) return -22; *out = v + {a}; return 0; }}\n"
        f"static void both@(int *p, int *q) {{ *p = {a}; *q = {b}; }}\n"
        "static void exchange@(int *p, int *q) { int t = *p; *p = *q; *q = t; }\n"
        "static void xorswap@(int *p, int *q) { *p ^= *q; *q ^= *p; *p ^= *q; }\n"
    )
    before, same, other = d.rng.choice([
        ("int r = y; get@(x, &r); return r;", f"return x < 0 ? y : x + {a};", f"return x + {a};"),
        ("int r = y; if (get@(x, &r)) return -1; return r;", f"if (x < 0) return -1; return x + {a};", "int r = y; get@(x, &r); return r;"),
        ("both@(&x, &x); return x;", f"return {b};", f"return {a};"),
        ("both@(&x, &y); return x - y;", f"return {a} - {b};", f"return {b} - {a};"),
        ("exchange@(&x, &y); return x - y;", "return y - x;", "return x - y;"),
        ("xorswap@(&x, &x); return x + y;", "return y;", "return x + y;"),
        ("xorswap@(&x, &y); return x - y;", "exchange@(&x, &y); return x - y;", "return x - y;"),
        ("int *p = x ? &x : &y; both@(p, &y); return x - y;", f"return (x ? {a} : x) - {b};", f"return {a} - {b};"),
    ])  # fmt: skip
    body = "int f@(int x, int y) {{ {} }}"
    return d.pair(head, body.format(before), body.format(same), body.format(other))


@kind("callees")
def counter_in_a_callee(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    one = f"static int h@(int v) {{ static int n = {a}; n += v; return n; }}\n"
    f = "int f@(int x, int y) {{ {} }}\n"
    second, claim = d.rng.choice([
        (one.replace(f"= {a}", f"= {b}") + f.format("return h@(x);"), DIFFERS),
        (one.replace("static int n", "int n") + f.format("return h@(x);"), DIFFERS),
        (one.replace("int n", "int total").replace("n +=", "total +=").replace("return n", "return total") + f.format("return (h@(x));"), EQUAL),
        (one.replace("n += v;", "n = n + v;") + f.format("return h@(x);"), EQUAL),
        (one + f.format("h@(x); return h@(0);"), EQUAL),
        (one + f.format("return h@(h@(x));"), DIFFERS),
    ])  # fmt: skip
    return in_one_file(one + f.format("return h@(x);"), second, claim)


@kind("callees")
def same_static_name_in_another_file(d: Dice) -> Draft:
    """Another file's static of the same name changes: nobody here calls it."""
    a, b = d.number(), d.number()
    mine = f"static int h@(int v) {{ return v + {a}; }}\n"
    f = "int f@(int x, int y) {{ return {}; }}\n"
    theirs = "static int h@(int v) {{ return v * {}; }}\nextern int uu@(int);\nint uu@(int x) {{ return h@(x); }}\n"
    equal = d.coin()
    second = mine if equal else mine.replace(f"+ {a}", f"- {a}")
    return two_files(
        (mine + f.format("h@(x)"), theirs.format(a)), (second + f.format("(h@(x))"), theirs.format(b)),
        EQUAL if equal else DIFFERS,
    )  # fmt: skip


@kind("callees")
def callee_of_another_kind(d: Dice) -> Draft:
    a, b = d.number(), d.number()
    one = f"return v + {a};"
    first = (
        f"static int h@(int v) {{ {one} }}\nint f@(int x, int y) {{ return h@(x); }}\n"
    )
    second, claim = d.rng.choice([
        (f"#define h@(v) ((v) + {a})\nint f@(int x, int y) {{ return h@(x); }}", EQUAL),
        (f"#define h@(v) v + {a}\nint f@(int x, int y) {{ return h@(x) * 1; }}", EQUAL),
        (f"#define h@(v) {a} - v\nint f@(int x, int y) {{ return h@(x); }}", DIFFERS),
        (f"static int h@(int v) {{ {one} }}\nint f@(int x, int y) {{ int (*p)(int) = h@; return p(x); }}", EQUAL),
        (f"static int h@(int v) {{ {one} }}\nstatic int g@(int v) {{ return v - {b}; }}\nint f@(int x, int y) {{ int (*p)(int) = h@; if (y) p = g@; return p(x); }}", DIFFERS),
        (f"static int h@(int v) {{ {one} }}\nstatic int (*const t@[])(int) = {{ h@, ext }};\nint f@(int x, int y) {{ return t@[0](x); }}", EQUAL),
        (f"static int h@(int v) {{ {one} }}\nstatic int (*const t@[])(int) = {{ ext, h@ }};\nint f@(int x, int y) {{ return t@[0](x); }}", DIFFERS),
        (f"static int h@(int v) {{ if (v > 0) return h@(v - v) + v; return v + {a}; }}\nint f@(int x, int y) {{ return h@(x); }}", EQUAL),
        (f"static int h@(int v) {{ return v + {a}; }}\nint f@(int x, int y) {{ return h@(x) + h@(0) - {a}; }}", EQUAL),
    ])  # fmt: skip
    return in_one_file(first, second, claim)
