# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What changes in another file that the function's own includes."""

from __future__ import annotations

from .draft import DIFFERS, EQUAL, PATH, Dice, Draft, Files, kind, over_headers

GUARD = "#ifndef KPF_@_{0}\n#define KPF_@_{0}\n{1}#endif\n"


def guarded(name: str, text: str) -> str:
    return GUARD.format(name.upper(), text)


def meaning(d: Dice) -> tuple[str, str, str, str]:
    """A name in a header: before, another spelling, another meaning; and its use."""
    a, b = d.number(), d.number()
    return d.rng.choice([
        (f"#define K@ {a}\n", f"#define K@ ({a})\n", f"#define K@ {b}\n", "x + K@"),
        (f"#define K@ {a}\n", f"#define K@ ({a - 1} + 1)\n", f"#define K@ {b}\n", "x > K@"),
        (f"#define K@(v) ((v) + {a})\n", f"#define K@(v) ({a} + (v))\n", f"#define K@(v) ((v) - {a})\n", "K@(x)"),
        (f"#define K@(v) ((v) + {a})\n", f"#define K@(v) ({a} + (v))\n", f"#define K@(v) (v) + {a}\n", "K@(x) * 2"),
        (f"enum {{ A@, K@ = {a} }};\n", f"enum {{ A@ = 1, K@ = {a} }};\n", f"enum {{ A@, K@ = {b} }};\n", "K@ - x"),
        ("enum { A@, K@ };\n", "enum { A@ = 0, K@ };\n", "enum { A@, B@, K@ };\n", "K@ - x"),
        (f"static inline int k@(int v) {{ return v + {a}; }}\n", f"static inline int k@(int v) {{ v += {a}; return v; }}\n", f"static inline int k@(int v) {{ return v + {b}; }}\n", "k@(x)"),
        ("typedef unsigned char t@;\n", "typedef u8 t@;\n", "typedef unsigned short t@;\n", "(t@)x"),
        ("typedef u8 t@;\n", "typedef unsigned char t@;\n", "typedef s8 t@;\n", "(t@)x"),
        ("struct v@ { u8 a; };\n", "struct v@ { unsigned char a; };\n", "struct v@ { u16 a; };\n", "({ struct v@ v = { x }; v.a; })"),
        ("struct v@ { u8 a[4]; };\n", "struct v@ { u8 b[4]; };\n", "struct v@ { u8 a[8]; };\n", "x + (int)sizeof(struct v@)"),
        ("struct v@ { int a, b; };\n", "struct v@ { int a; int b; };\n", "struct v@ { int b, a; };\n", "({ struct v@ v = { x, y }; v.a; })"),
        ("struct v@ { unsigned a : 3; };\n", "struct v@ { unsigned int a : 3; };\n", "struct v@ { unsigned a : 4; };\n", "({ struct v@ v; v.a = x; v.a; })"),
        ("#define H@ 1\n", "#define H@ (1)\n", "\n", "\n#ifdef H@\nx\n#else\ny\n#endif\n"),
        ("#define H@ 1\n", "#define H@ 2\n", "#define H@ 0\n", "\n#if H@\nx\n#else\ny\n#endif\n"),
        (f"static const int k@[] = {{ {a}, {b} }};\n", f"static const int k@[2] = {{ {a}, {b} }};\n", f"static const int k@[] = {{ {b}, {a} }};\n", "k@[x & 1]"),
    ])  # fmt: skip


@kind("headers")
def straight(d: Dice) -> Draft:
    one, same, other, use = meaning(d)
    equal = d.coin()
    place = "include/linux/kpf_@_a.h"
    main = "#include <linux/kpf_@_a.h>\nint f@(int x, int y) {{ {} }}"
    return over_headers(
        {place: guarded("a", one)}, {place: guarded("a", same if equal else other)},
        EQUAL if equal else DIFFERS, main.format(f"return {use};"), main.format(d.returned(use)),
    )  # fmt: skip


def through(use: str) -> tuple[str, str]:
    """A header's text that uses a name of another one, and how f@() calls it."""
    if "#" in use:
        return (
            "static inline int h@(int x, int y)\n{\n\treturn " + use + ";\n}\n",
            "h@(x, y)",
        )
    return f"#define h@(x, y) ({use})\n", "h@(x, y)"


@kind("headers")
def through_another(d: Dice) -> Draft:
    """b.h changes; a.h uses it and is the same, as f@() is but for its spelling."""
    one, same, other, use = meaning(d)
    equal = d.coin()
    kinds = [through(use)]
    kinds.append((f"static inline int h@(int x, int y)\n{{\n\treturn {use};\n}}\n", "h@(x, y)"))  # fmt: skip
    if use.startswith(("x + K@", "x > K@", "K@ - x")):
        kinds += [
            ("enum { E@ = K@ + 1, F@ };\n", "x - F@"),
            ("#define J@ K@\n", "x - J@"),
            ("struct w@ { u8 b[K@ + 1]; };\n", "x + (int)sizeof(struct w@)"),
            ("static const int w@ = K@;\n", "x - w@"),
        ]
    if "(t@)" in use:
        kinds += [
            ("struct w@ { t@ m; };\n", "({ struct w@ w = { x }; w.m; })"),
            ("typedef t@ w@;\n", "(w@)x"),
            ("struct w@ { t@ m[3]; };\n", "x + (int)sizeof(struct w@) * (t@)(x | 0x80)"),
        ]  # fmt: skip
    if "struct v@" in use and "sizeof" not in use:
        kinds.append((f"static inline int h@(int x, int y) {{ return {use}; }}\n", "h@(x, y) + 1"))  # fmt: skip
    if "sizeof(struct v@)" in use:
        kinds.append(("struct w@ { struct v@ v; };\n", "x + (int)sizeof(struct w@)"))
    middle, call = d.rng.choice(kinds)
    a, b = "include/linux/kpf_@_a.h", "include/linux/kpf_@_b.h"
    held = {a: guarded("a", "#include <linux/kpf_@_b.h>\n" + middle)}
    main = "#include <linux/kpf_@_a.h>\nint f@(int x, int y) {{ {} }}"
    return over_headers(
        {**held, b: guarded("b", one)}, {**held, b: guarded("b", same if equal else other)},
        EQUAL if equal else DIFFERS, main.format(f"return {call};"), main.format(d.returned(call)),
    )  # fmt: skip


@kind("headers")
def not_where_one_looks(d: Dice) -> Draft:
    """A file beside the source, one that only the Makefile's -I finds, an asm/ one."""
    one, same, other, use = meaning(d)
    equal = d.coin()
    place, line = d.rng.choice([
        ("kernel/kpf_@.inc", '#include "kpf_@.inc"'),
        ("kernel/kpf_@_x.c", '#include "kpf_@_x.c"'),
        ("drivers/kpf@/include/kpf_@_i.h", "#include <kpf_@_i.h>"),
        ("drivers/kpf@/include/kpf_@_i.h", '#include "kpf_@_i.h"'),
        ("arch/x86/include/asm/kpf_@.h", "#include <asm/kpf_@.h>"),
        ("include/kpf@/kpf_@.h", "#include <kpf@/kpf_@.h>"),
        ("include/kpf_@_up.h", '#include "../include/kpf_@_up.h"'),
        ("kernel/sub@/kpf_@.h", '#include "sub@/kpf_@.h"'),
    ])  # fmt: skip
    main = line + "\nint f@(int x, int y) {{ {} }}"
    return over_headers(
        {place: one}, {place: same if equal else other}, EQUAL if equal else DIFFERS,
        main.format(f"return {use};"), main.format(d.returned(use)),
    )  # fmt: skip


@kind("headers")
def rows_of_a_table(d: Dice) -> Draft:
    a, b, c = d.number(), d.number(), d.number()
    one = f"{a},\n{b},\n"
    two, claim = d.rng.choice([
        (f"{a},\n{c},\n", DIFFERS), (f"{a}, {b},\n", EQUAL), (f"{b},\n{a},\n", DIFFERS), (f"{a},\n{b - 1} + 1,\n", EQUAL),
    ])  # fmt: skip
    main = 'static const int t@[] = {{\n#include "kpf_@.inc"\n}};\nint f@(int x, int y) {{ {} }}'
    use = d.pick("t@[x & 1]", "t@[x & 1] + y", "(int)(t@[1] == x)")
    return over_headers(
        {"kernel/kpf_@.inc": one}, {"kernel/kpf_@.inc": two}, claim,
        main.format(f"return {use};"), main.format(d.returned(use)),
    )  # fmt: skip


@kind("headers")
def another_header_is_included(d: Dice) -> Draft:
    one, same, other, use = meaning(d)
    equal = d.coin()
    files: Files = {
        "include/linux/kpf_@_c.h": one,
        "include/linux/kpf_@_d.h": same if equal else other,
    }
    inside = d.coin()  # in the file itself, or in a header that it includes
    line = "#include <linux/kpf_@_{}.h>\n"
    body = "int f@(int x, int y) {{ {} }}"
    texts = body.format(f"return {use};"), body.format(d.returned(use))
    claim = EQUAL if equal else DIFFERS
    if inside:
        return over_headers(files, files, claim, line.format("c") + texts[0], line.format("d") + texts[1])  # fmt: skip
    b = "include/linux/kpf_@_b.h"
    mains = [line.format("b") + text for text in texts]
    return over_headers({**files, b: line.format("c")}, {**files, b: line.format("d")}, claim, *mains)  # fmt: skip


@kind("headers")
def header_and_file_change_together(d: Dice) -> Draft:
    a = d.number()
    place = "include/linux/kpf_@_a.h"
    main = "#include <linux/kpf_@_a.h>\nint f@(int x, int y) {{ {} }}"
    one, two, first, second, wrong = d.rng.choice([
        (f"#define K@ {a}\n", f"#define K@ {a + 1}\n", "return x + K@;", "return x + K@ - 1;", "return x + K@;"),
        (f"#define K@ {a}\n", f"#define L@ {a}\n", "return x + K@;", "return x + L@;", "return x + L@ + 1;"),
        ("enum { A@, B@ };\n", "enum { A@ = 1, B@ };\n", "return x == A@;", "return x == A@ - 1;", "return x == A@;"),
        ("static inline int h@(int v) { return v + 1; }\n", "static inline int h@(int v) { return v; }\n", "return h@(x);", "return h@(x) + 1;", "return h@(x + 0);"),
        ("static inline int h@(int v) { return v + 1; }\n", "static inline int h@(int v, int w) { return v + w; }\n", "return h@(x);", "return h@(x, 1);", "return h@(x, 2);"),
        ("struct s@ { int a; };\n", "struct s@ { int z; };\n", "struct s@ s = { x }; return s.a;", "struct s@ s = { x }; return s.z;", "struct s@ s = { y }; return s.z;"),
        (f"#define K@(v) v + {a}\n", f"#define K@(v) ((v) + {a})\n", "return K@(x);", "return (K@(x));", "return K@(x) * 2;"),
    ])  # fmt: skip
    equal = d.coin()
    return over_headers(
        {place: guarded("a", one)}, {place: guarded("a", two)}, EQUAL if equal else DIFFERS,
        main.format(first), main.format(second if equal else wrong),
    )  # fmt: skip


@kind("headers")
def undefined_in_between(d: Dice) -> Draft:
    """A header gives a name a second meaning before or after the use."""
    a, b = d.number(), d.number()
    place = "include/linux/kpf_@_a.h"
    redefine = f"#undef K@\n#define K@ {b}\n"
    main = f"#define K@ {a}\n#include <linux/kpf_@_a.h>\nint f@(int x, int y) {{{{ {{}} }}}}"
    equal = d.coin()
    after = "#define UNUSED@ 1\n" if equal else redefine
    return over_headers(
        {place: "#define OTHER@ 1\n"}, {place: after}, EQUAL if equal else DIFFERS,
        main.format("return x + K@;"), main.format("return K@ + x;"),
    )  # fmt: skip


@kind("headers")
def macro_before_an_include(d: Dice) -> Draft:
    """What the file defines decides what the header says."""
    a, b = d.number(), d.number()
    place = "include/linux/kpf_@_a.h"
    text = f"#ifdef WANT@\n#define K@ {a}\n#else\n#define K@ {b}\n#endif\n"
    body = "#include <linux/kpf_@_a.h>\nint f@(int x, int y) { return x + K@; }\n"
    before = {place: text, PATH: "#define WANT@ 1\n" + body}
    equal = d.coin()
    head = "#define WANT@\n" if equal else ""
    after = {place: text, PATH: head + body.replace("x + K@", "K@ + x")}
    return Draft(before, after, EQUAL if equal else DIFFERS)
