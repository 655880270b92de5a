# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Words that are taken out before C is parsed, and words of C that a file defines.

Each row: a file with ONE in it, and what ONE is before and after.  The sides do not
compute the same, which gcc shows for nearly all of them.
"""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import Verdict

HEAD = "extern int ext(int);\nextern void sink(long);\nextern int take(int *);\ntypedef unsigned char u8;\nstatic int n;\n"
BEFORE_A_KEYWORD = [
    ("#define COUNT n++;\nint f(int x, int y) { ONE return n + x; }", "COUNT", ""),
    (
        "#define SMALL if (x > 3)\nint f(int x, int y) { ONE return x; return y; }",
        "SMALL",
        "",
    ),
    (
        "#define TELL sink(x);\nint f(int x, int y) { ONE int z = x; return z; }",
        "TELL",
        "",
    ),
    (
        "#define TELL sink(x);\nint f(int x, int y) { if (x) goto out; ONE goto out; out: return 1; }",
        "TELL",
        "",
    ),
    (
        "#define TELL sink(x);\nint f(int x, int y) { switch (x) { case 1: ONE break; default: return 4; } return y; }",
        "TELL",
        "",
    ),
    (
        "#define TELL ONE\nint f(int x, int y) { TELL return y; }",
        "sink(x);",
        "sink(y);",
    ),
    (
        "#define ELSE else\nint f(int x, int y) { if (x > 3) y = 7; ONE if (x) y = 8; return y; }",
        "ELSE",
        "",
    ),
    (
        "#define TELL(v) sink(v);\nint f(int x, int y) {\n\tint r = y;\n\tONE\n\tr++;\n\treturn r; }",
        "TELL(x)",
        "",
    ),
    (
        "#define TELL(v) ONE\nint f(int x, int y) {\n\tint r = y;\n\tTELL(x)\n\tr++;\n\treturn r; }",
        "sink(v);",
        "sink(v + 1);",
    ),
    ("#define KIND signed\nint f(int x, int y) { return (ONE char)x; }", "KIND", ""),
    (
        "#define COUNT n++;\nint f(int x, int y) { char q = '\"'; ONE return n + x + q; q = '\"'; }",
        "COUNT",
        "",
    ),
]
LIKE_AN_ATTRIBUTE = [
    (
        "#define __twice * 2\nint f(int x, int y) { int r = x; r = r * y ONE; return r; }",
        "__twice",
        "",
    ),
    (
        "#define __more + 1\nint f(int x, int y) { int r = y, q[2] = {x, y}; r = q[1] ONE; return r; }",
        "__more",
        "",
    ),
    (
        "#define __also , y = 5\nint f(int x, int y) { int z = 0; z = x; if (z) { int q ONE; q = y; return q; } return z; }",
        "__also",
        "",
    ),
    (
        "#define __five = 5\nint f(int x, int y) { static int q ONE; return q + x; }",
        "__five",
        "",
    ),
    ("#define __force (u8)\nint f(int x, int y) { return ONE x; }", "__force", ""),
    (
        "#define __user *\nint f(int x, int y) { return sizeof(char ONE) + x; }",
        "__user",
        "",
    ),
    ("#define __head return 3;\nint f(int x, int y) { ONE return x; }", "__head", ""),
    ("#define UNUSED sink(x);\nint f(int x, int y) { ONE return x; }", "UNUSED", ""),
    (
        "#define STATIC static\nint f(int x, int y) { ONE int c = 0; c++; return c + x; }",
        "STATIC",
        "",
    ),
    (
        "#define __tiny __attribute__((mode(QI)))\nint f(int x, int y) { int ONE c = x; return c; }",
        "__tiny",
        "",
    ),
    (
        "int f(int x, int y) { int c ONE = x; return c; }",
        "__attribute__((mode(QI)))",
        "",
    ),
    (
        "typedef ONE int t;\nint f(int x, int y) { t c = x; return c; }",
        "__attribute__((mode(QI)))",
        "",
    ),
    (
        "#define __tiny ONE\ntypedef int t __tiny;\nint f(int x, int y) { t c = x; return c; }",
        "__attribute__((mode(QI)))",
        "",
    ),
    (
        "static void __copy(int *p, int v) { *p = v; }\nint f(int x, int y) { ONE return x; }",
        "__copy(&x, y);",
        "",
    ),
    (
        "#define __format(p, v) sink(ONE)\nint f(int x, int y) { __format(&x, y); return x; }",
        "v",
        "v + 1",
    ),
    (
        "#define PRINTF(p, v) sink(v)\nint f(int x, int y) { ONE; return x; }",
        "PRINTF(1, y)",
        "",
    ),
    (
        "#define tell notify\nstatic void notify(int v) { sink(v); }\nint f(int x, int y) { tell(ONE); return y; }",
        "x",
        "y",
    ),
    (
        "#define tell __use_it\nstatic int __use_it(int v) { return v * 2; }\nint f(int x, int y) { return ONE(y); }",
        "tell",
        "",
    ),
    ("void f(int __head) { sink(ONE); }", "__head", "__head + 1"),
]
WORDS_OF_C = [
    (
        "#define fallthrough break\nint f(int x, int y) { switch (x) { case 1: y++; ONE; case 2: y += 5; } return y; }",
        "fallthrough",
        "",
    ),
    (
        "#define NULL ((void *)1)\nint f(int x, int y) { void *p = (void *)(long)x; return p == ONE; }",
        "NULL",
        "(void *)0",
    ),
    ("#define true 2\nint f(int x, int y) { return x ? ONE : 0; }", "true", "1"),
    (
        "#define if(c) if (!(c))\nint f(int x, int y) { ONE return 3; return 4; }",
        "if (x)",
        "if (!x)",
    ),
    (
        "#define ONE\nint f(int x, int y) { if (x) return 3; return 4; }",
        "if(c) if (!(c))",
        "zzz",
    ),
    (
        "#define ONE\nstruct s { short a; char b; };\nint f(int x, int y) { struct s s; s.a = x; s.b = y; return s.a; }",
        "struct union",
        "zzz",
    ),
    (
        "#define typeof(v) (n++)\nint f(int x, int y) { ONE return n; }",
        "typeof(x);",
        "",
    ),
    (
        "#define likely(v) (n++)\nstatic int g(int x) { return likely(x); }\nint f(int x, int y) { ONE return n; }",
        "g(x);",
        "",
    ),
    (
        "#define pr_info(v) (n++)\nint f(int x, int y) { ONE return n; }",
        'pr_info("a");',
        "",
    ),
    (
        "#define sink(v) sink((v) + ONE)\nint f(int x, int y) { sink(x); return y; }",
        "1",
        "2",
    ),
]
HIDDEN = [
    ("#define NEXT (n++ & 7)\nint f(int x, int y) { int r = ONE; return n + (r & 0); }", "sizeof(int[NEXT])", "4"),
    ("int f(int x, int y) { int r = ONE; return x + (r & 0); }", "sizeof(int[x++ & 7])", "4"),
    ("int f(int x, int y) { int r = ONE; return x + (r & 0); }", "({ typeof(int[x++ & 7]) *p; 4; })", "4"),
    ("int f(int x, int y) { int r = ONE; return x + (r & 0); }", "sizeof(typeof(int[(x++ & 7) + 1]))", "4"),
    ("#define NEXT (n++ & 7)\n#define M (ONE sizeof(int[NEXT]))\nint f(int x, int y) { int r = M; return n + (r & 0); }", "NEXT +", ""),
    ("#define NEXT (n++ & 7)\nstatic int b(int x) { int r = sizeof(int[NEXT]); return r & 0; }\nint f(int x, int y) { ONE return b(x) + n; }", "b(x);", ""),
    ('int real(int v) { return v + 1; }\nint other(int v) { return v + 2; }\nextern int h(int) __attribute__((alias("ONE")));\nint f(int x, int y) { return h(x); }', "real", "other"),
    ('int one = 3;\nextern int h __attribute__((alias("one")));\nint f(int x, int y) { h = x; one = y; return ONE; }', "h", "x"),
    ('int one = 3;\nextern int h asm("one");\nint f(int x, int y) { h = x; one = y; return ONE; }', "h", "x"),
    ('asm(".globl h; h: mov $ONE, %eax; ret");\nextern int h(void);\nint f(int x, int y) { return h(); }', "3", "4"),
    ("struct s { u8 a; int b; } ONE;\nunion u { struct s s; u8 raw[8]; };\nint f(int x, int y) { union u u; u.raw[1] = 7; u.raw[2] = 7; u.raw[3] = 7; u.raw[4] = 7; u.s.b = x; return u.raw[1]; }", "__attribute__((packed))", ""),
]  # fmt: skip


def verdict(text: str, *ones: str) -> Verdict | None:
    """What is said of f(), which does nothing more or less itself on the second side
    where it would else not be asked about."""
    one, two = (f"{HEAD}{text.replace('ONE', word)}\n" for word in ones)
    patience = ProverLimits(solver=5.0, seconds=20.0)
    for after in (two, two.replace("y) { ", "y) { do {} while (0); ")):
        sides = (parse("a.c", side.encode()) for side in (one, after))
        found = compare_files(*sides, None, None, limits=patience, conditions=True)
        for answer in found:
            if answer.name == "f":
                return answer.verdict
    return None


PROOFS = (Verdict.EQUAL, Verdict.ONE_CPU, Verdict.MESSAGE)


@pytest.mark.parametrize(
    ("text", "one", "two"),
    [*BEFORE_A_KEYWORD, *LIKE_AN_ATTRIBUTE, *WORDS_OF_C, *HIDDEN],
)
def test_what_they_stand_for_counts(text: str, one: str, two: str) -> None:
    assert verdict(text, one, two) not in (None, *PROOFS)


KEPT = [
    "#define __quiet __attribute__((__unused__))\nint f(int x, int y) { int __quiet r = ONE; return r; }",
    '#define __quiet\n#define __init __attribute__((__section__(".init.text"))) __quiet\nstatic int __init f(int x, int y) { return ONE; }',
    "int f(int x, int y) { int r __attribute__((aligned(8))) = ONE; return r; }",
    "#define inline inline __attribute__((__gnu_inline__))\nstatic inline int g(int v) { return v; }\nint f(int x, int y) { return g(ONE); }",
    "typedef int t __attribute__((aligned(4)));\nint f(int x, int y) { t r = ONE; return r; }",
    'extern int say(const char *);\nint f(int x, int y) { if (x) say("FAILED for x, Error while y"); return ONE; }',
]


@pytest.mark.parametrize("text", KEPT)
def test_what_says_nothing_of_values_does_not(text: str) -> None:
    assert verdict(text, "x + y", "y + x") is Verdict.EQUAL
