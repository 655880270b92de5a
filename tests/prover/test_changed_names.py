# SPDX-License-Identifier: GPL-2.0-or-later
"""What a change means for code that it does not touch: headers, other files, tables."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.changed_entries import changed_entries
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView, View
from reviewer.tree.views import OverlayView

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)  # the machine that tests may be busy
Files = dict[str, str]
X = "kernel/x.c"
A, B = "include/linux/a.h", "include/linux/b.h"
SEES_A = "#include <linux/a.h>\n"
A_SEES_B = "#include <linux/b.h>\n"


def compare(before: Files, after: Files, path: str = X) -> dict[str, FunctionVerdict]:
    """The verdicts on a file of two states of a tree that has these files alone."""
    base: View = EmptyView()
    sides = []
    for files in (before, after):
        view = OverlayView(base, {p: text.encode() for p, text in files.items()})
        sides.append((parse(path, files[path].encode()), Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    found = compare_files(pre, post, facts_pre, facts_post, limits=PATIENCE)
    return {verdict.name: verdict for verdict in found}


def f(body: str, takes: str = "int x") -> str:
    return f"int f({takes})\n{{\n\treturn {body};\n}}\n"


THROUGH = {
    "a macro in a macro": ("#define LIM 5\n", "#define LIM 6\n",
                           "#define h(x) ((x) > LIM)\n", "h(x)", "int x"),
    "a macro in an inline function": (
        "#define LIM 5\n", "#define LIM 6\n",
        "static inline int h(int x) { return x > LIM; }\n", "h(x)", "int x"),
    "a macro in an enum": ("#define LIM 5\n", "#define LIM 6\n",
                           "enum { KA = LIM, KB };\n", "x + KB", "int x"),
    "a type in a cast": ("typedef unsigned char t;\n", "typedef unsigned short t;\n",
                         "#define h(x) ((t)(x))\n", "h(x)", "int x"),
    "a member of another width": (
        "struct in { unsigned char v; };\n", "struct in { signed char v; };\n",
        "struct s { struct in *in; };\n"
        "static inline int h(struct s *p) { return p->in->v; }\n",
        "h(p)", "struct s *p"),
}  # fmt: skip


@pytest.mark.parametrize("case", THROUGH.values(), ids=THROUGH)
def test_an_unchanged_header_hides_nothing(case: tuple[str, ...]) -> None:
    old, new, header, body, takes = case
    rest = {A: A_SEES_B + header}
    before = {**rest, B: old, X: SEES_A + f(body, takes)}
    after = {**rest, B: new, X: SEES_A + f(f"({body})", takes)}
    assert str(compare(before, after)["f"].verdict) == "differs"


@pytest.mark.parametrize(
    ("old", "new", "header", "body"),
    [
        ("struct in { char a[4]; };\n", "struct in { char a[8]; };\n",
         "struct s { struct in in; };\n", "(int)sizeof(struct s) + x"),
        ("#define K 4\n", "#define K 8\n",
         "struct s { char a[K]; };\n", "(int)sizeof(struct s) + x"),
        *(
            (old, old.replace("4", "16"), header, "h() + x")
            for old in (
                "typedef int t __attribute__((aligned(4)));\n",
                "typedef __attribute__((__aligned__(4))) int t;\n",
                "typedef struct { int v; } t __attribute__((aligned((((4))))));\n",
                "typedef _Alignas(4) int t;\n",
            )
            for header in (
                "static inline int h(void) { return __alignof__(t); }\n",
                "struct s { char c; t m; };\n"
                "static inline int h(void) { return sizeof(struct s); }\n",
            )
        ),
    ],
)  # fmt: skip
def test_the_size_of_a_struct_is_another(old, new, header, body) -> None:
    before = {A: A_SEES_B + header, B: old, X: SEES_A + f(body)}
    after = {A: A_SEES_B + header, B: new, X: SEES_A + f(f"({body})")}
    assert str(compare(before, after)["f"].verdict) != "equal"


@pytest.mark.parametrize(
    ("path", "include"),
    [
        ("arch/x86/include/asm/h.h", "<asm/h.h>"),
        ("drivers/d/include/h.h", "<h.h>"),
        ("drivers/d/include/h.h", '"h.h"'),
        ("include/d/more/h.h", "<more/h.h>"),
        ("drivers/d/h.h", '"../d/h.h"'),
    ],
)
@pytest.mark.parametrize(
    ("old", "new", "body"),
    [
        ("#define LIM 5\n", "#define LIM 6\n", "x > LIM"),
        ("static inline int h(int x) { return x; }\n",
         "static inline int h(int x) { return -x; }\n", "h(x)"),
        ("enum { LIM = 5 };\n", "enum { LIM = 6 };\n", "x > LIM"),
    ],
    ids=["macro", "function", "enum"],
)  # fmt: skip
def test_a_header_that_is_not_found_counts(path, include, old, new, body) -> None:
    start = f"#include {include}\n"
    before = {path: old, X: start + f(body)}
    after = {path: new, X: start + f(f"({body})")}
    assert str(compare(before, after)["f"].verdict) != "equal"


@pytest.mark.parametrize(
    ("old", "new"), [("\t1,\n\t2,\n", "\t1,\n\t3,\n"), ("\t1,\n\t2,\n", "\t2,\n\t1,\n")]
)
def test_the_rows_of_a_table_in_a_file_of_their_own(old: str, new: str) -> None:
    table = '#include <linux/a.h>\nstatic const int t[] = {\n#include "t.inc"\n};\n'
    before = {"kernel/t.inc": old, X: table + f("t[x & 1]")}
    after = {"kernel/t.inc": new, X: table + f("(t[x & 1])")}
    assert str(compare(before, after)["f"].verdict) != "equal"


EXT = "int ext(int x)\n{\n\treturn x%s;\n}\n"
DECLARED = "int ext(int);\n"


def test_a_callee_in_another_file_of_the_series() -> None:
    before = {X: DECLARED + f("ext(x) + 1"), "kernel/y.c": EXT % ""}
    after = {X: DECLARED + f("1 + ext(x)"), "kernel/y.c": EXT % " + 1"}
    assert str(compare(before, after)["f"].verdict) != "equal"
    back = {X: DECLARED + f("ext(x)"), "kernel/y.c": EXT % " + 1"}
    assert str(compare(before, back)["f"].verdict) != "differs"


def test_a_static_function_of_another_file_is_another() -> None:
    before = {X: DECLARED + f("ext(x) + 1"), "kernel/y.c": "static " + EXT % ""}
    after = {X: DECLARED + f("1 + ext(x)"), "kernel/y.c": "static " + EXT % " + 1"}
    assert str(compare(before, after)["f"].verdict) == "equal"


LOOP = (
    "int g(int);\nstatic int h(int x)\n{\n\tint r = 0;\n\n"
    "\twhile (x--)\n\t\t%s;\n\treturn %s;\n}\n"
)


def test_a_callee_that_is_proved_keeps_its_name() -> None:
    before = {X: LOOP % ("r += g(x)", "r + 1") + f("h(x) + 1")}
    after = {X: LOOP % ("r += g(x)", "1 + r") + f("1 + h(x)")}
    found = compare(before, after)
    assert [str(found[name].verdict) for name in ("h", "f")] == ["equal", "equal"]


def test_a_callee_that_is_not_proved_does_not() -> None:
    before = {X: LOOP % ("r += g(x)", "r") + f("h(x) + 1")}
    after = {X: LOOP % ("r -= g(x)", "r") + f("1 + h(x)")}
    assert str(compare(before, after)["f"].verdict) != "equal"


ALONE = {
    "a constant": ("#define LIM 5\n", "#define LIM 6\n", "x > LIM", "differs"),
    "a constant in a constant": (
        "#define K 5\n#define LIM (K + 1)\n", "#define K 6\n#define LIM (K + 1)\n",
        "x > LIM", "differs"),
    "a member of an enum": ("enum { KA, KB };\n", "enum { KA, KX, KB };\n", "x == KB",
                            "differs"),
    "a typedef": ("typedef unsigned char t;\n", "typedef unsigned short t;\n", "(t)x",
                  "differs"),
    "a variable's first value": ("static int lim = 5;\n", "static int lim = 6;\n",
                                 "x > lim", "differs"),
    "a variable's first value, written": (
        "static int lim = 5;\nvoid set(int x) { lim = x; }\n",
        "static int lim = 6;\nvoid set(int x) { lim = x; }\n",
        "x > lim", "not decided"),
    "a constant in a table": (
        "#define K 5\nstatic const int t[] = { K, 1 };\n",
        "#define K 6\nstatic const int t[] = { K, 1 };\n", "t[x & 1]", "differs"),
}  # fmt: skip


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE)
def test_a_function_that_uses_what_changes_is_compared(case: tuple[str, ...]) -> None:
    old, new, body, expected = case
    other = "int other(int x)\n{\n\treturn x;\n}\n"
    found = compare({X: old + f(body) + other}, {X: new + f(body) + other})
    assert "other" not in found
    assert str(found["f"].verdict) == expected


HELPER = "static int h(int x%s)\n{\n\treturn x + %s;\n}\n"


@pytest.mark.parametrize(
    ("given", "helper", "caller"),
    [("1", "equal", "equal"), ("2", "differs", "differs"),
     ("x", "not decided", "differs")],
)  # fmt: skip
def test_a_parameter_that_is_added_is_what_all_callers_give(
    given: str, helper: str, caller: str
) -> None:
    before = {X: HELPER % ("", "1") + f("h(x)")}
    after = {X: HELPER % (", int k", "k") + f(f"h(x, {given})")}
    found = compare(before, after)
    assert str(found["h"].verdict) == helper
    assert str(found["f"].verdict) == caller


def test_a_variable_that_begins_with_the_same_in_other_words() -> None:
    """Its memory is one, and what is stored in it no difference."""
    body = "int f(int x)\n{\n\tn += x;\n\treturn n;\n}\n"
    found = compare(
        {X: "static int n = 6;\n" + body}, {X: "static int n = 5 + 1;\n" + body}
    )
    assert not found["f"].differing


def test_a_list_that_makes_an_enum_is_another() -> None:
    lists = "#define X(n) K_##n,\n#define LIST X(A)%s X(B)\nenum { LIST };\n"
    before = {X: lists % "" + f("x == K_B")}
    after = {X: lists % " X(C)" + f("(x == K_B)")}
    assert str(compare(before, after)["f"].verdict) != "equal"


OPS = "struct ops {{ int (*o)(int); int n; }};\nint g(int);\nint k(int);\n{}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (".o = g,", ".o = k,", {"t.o": "differs"}),
        (".o = g, .n = 1", ".n = 2, .o = g", {"t.n": "differs"}),
        (".n = 1", ".n = 1, .o = g", {"t.o": "differs"}),
        (".n = 16", ".n = 0x10", {}),
        (".n = g(1)", ".n = g(2)", {"t.n": "not decided"}),
        (".o = g, .n = 1", ".n = 1, .o = g", {}),
    ],
)
def test_an_entry_of_a_table_is_a_line_of_its_own(old, new, expected) -> None:
    sides = [
        parse(X, OPS.format(f"const struct ops t = {{ {rows} }};\n").encode())
        for rows in (old, new)
    ]
    found = changed_entries(sides[0], sides[1], None, None)
    assert {verdict.name: str(verdict.verdict) for verdict in found} == expected


NUMBERS = "include/linux/n.h"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (".n = A | BIT(2)", ".n = A", ("differs", "A | BIT(2)", "A")),
        (".n = A | B", ".n = BIT(0) | B", None),
        (".o = g, .n = 0", ".o = g", None),
        (".o = g, .n = A", ".o = g", ("differs", "A", "nothing")),
        (".n = A", ".n = UNKNOWN", ("not decided", "", "")),
        (".o = g", ".o = &k", ("differs", "g", "&k")),
    ],
)
def test_constants_in_a_table_are_numbers(old, new, expected) -> None:
    head = "#define BIT(n) (1UL << (n))\n#define A 1\nenum { Z, Y, B };\n"
    sides = []
    for rows in (old, new):
        table = OPS.format(f"const struct ops t = {{ {rows} }};\n")
        text = f"#include <linux/n.h>\n{table}".encode()
        view = OverlayView(EmptyView(), {X: text, NUMBERS: head.encode()})
        sides.append((parse(X, text), Facts(view)))
    (one, facts_one), (two, facts_two) = sides
    found = changed_entries(one, two, facts_one, facts_two)
    told = [(str(v.verdict), v.outputs[0].before, v.outputs[0].after) for v in found]
    assert told == ([expected] if expected else [])


def test_a_header_that_no_file_names_counts() -> None:
    forced = "include/linux/kconfig.h"
    before = {forced: "#define LIM 5\n", X: f("x > LIM")}
    after = {forced: "#define LIM 6\n", X: f("(x > LIM)")}
    assert str(compare(before, after)["f"].verdict) == "differs"


CALLS = "static int e(int v) { return v * 5; }\nstatic int h(int x) { return e(x); }\n"
LATE = "#define e(v) ((v) + 26)\n"


@pytest.mark.parametrize(
    ("header", "other", "wanted"),
    [
        (CALLS + LATE, "\n", "not decided"),
        (CALLS, LATE, "not decided"),
        (CALLS.replace("static int h", LATE + "static int h"), "\n", "differs"),
    ],
    ids=["further down", "in the next header", "above"],
)
def test_a_macro_behind_a_function_is_not_in_it(header, other, wanted) -> None:
    main = f"{SEES_A}#include <linux/b.h>\n"
    before = {A: CALLS, B: "\n", X: main + f("h(x) ? 1 : 2")}
    after = {A: header, B: other, X: main + f("(h(x)) ? 1 : 2")}
    assert str(compare(before, after)["f"].verdict) == wanted


DEFINES = (
    "static int h(int x)\n{\n#define x (x + 5)\n\tint r = x * 2;\n#undef x\n"
    "\treturn r + x;\n}\n"
)


@pytest.mark.parametrize("in_header", [True, False])
def test_a_define_in_a_callee_is_no_text_of_it(in_header: bool) -> None:
    same = "static int h(int x) { int r = (x + 5) * 2; return r + x; }\n"
    sides = []
    for helper, body in ((same, "h(x)"), (DEFINES, "(h(x))")):
        start, own = (helper, SEES_A) if in_header else ("\n", helper)
        sides.append({A: start, X: own + f(body)})
    assert str(compare(*sides)["f"].verdict) != "differs"


PACKED = "struct s { char c; int v; };\n"
SIZE = "(int)sizeof(struct s) + x"


@pytest.mark.parametrize(
    "pragma",
    ["#pragma pack(1)\n", "#pragma pack(push, 1)\n", "# pragma pack (2)\n",
     '_Pragma("pack(1)")\n'],
)  # fmt: skip
@pytest.mark.parametrize("place", ["the file", "its header", "before an include"])
def test_a_pragma_lays_structs_out_otherwise(pragma: str, place: str) -> None:
    main = {X: SEES_A + PACKED + f(SIZE), A: "\n"}
    again = {X: SEES_A + PACKED + f(f"({SIZE})"), A: "\n"}
    if place == "the file":
        again[X] = pragma + again[X]
    elif place == "its header":
        main[X], again[X] = (side[X].replace(PACKED, "") for side in (main, again))
        main[A], again[A] = PACKED, pragma + PACKED
    else:
        again[A] = pragma
    assert str(compare(main, again)["f"].verdict) == "not decided"


def test_a_pragma_of_another_kind_is_none() -> None:
    main = {X: PACKED + f("x"), A: "\n"}
    again = {X: "#pragma once\n" + PACKED + f("(x)"), A: "\n"}
    assert str(compare(main, again)["f"].verdict) == "equal"


@pytest.mark.parametrize(
    ("old", "new", "body"),
    [
        ("static const struct { int a; int b; } t = { 1, 2 };\n",
         "static const struct { int b; int a; } t = { 1, 2 };\n", "t.a + x"),
        ("static struct { int a; } t[2] = { { 1 } };\n",
         "static struct { int a; } t[2] = { { 2 } };\n", "t[x & 1].a"),
        ("static struct o { int (*a)(int); } t = { .a = g };\n",
         "static struct o { int (*a)(int); } t = { .a = h };\n", "t.a(x)"),
        ('extern int k(int) asm("one");\n', 'extern int k(int) asm("two");\n',
         "k(x)"),
        ('extern int k(int) __asm__("one") __pure;\n',
         'extern int k(int) __asm__("two") __pure;\n', "k(x)"),
    ],
)  # fmt: skip
def test_a_type_written_out_and_a_name_for_the_linker_count(old, new, body) -> None:
    start = "extern int g(int), h(int);\n"
    before, after = {X: start + old + f(body)}, {X: start + new + f(f"({body})")}
    assert str(compare(before, after)["f"].verdict) != "equal"


STRUCT = "struct s { struct in i; int n; };\nextern struct s *t;\n"
HIDDEN = {
    "a name that is pasted": (
        "#define A31 13\n", "#define A31 25\n",
        "#define CAT(a, b) a##b\n#define K CAT(A, 31)\n", "K + x"),
    "a name that a macro's own text begins": (
        "#define A31 13\n", "#define A31 25\n",
        "#define NAMED(b) A##b\n#define OTHER(b) NAMED(b)\n", "OTHER(31) + x"),
    "members of an enum": (
        "#define LIST Y(A) Y(B)\n", "#define LIST Y(B) Y(A)\n",
        "#define Y(n) E##n,\nenum { LIST };\n", "EB + x"),
    "a macro that says static": (
        "#define S1 static\n", "#define S1\n",
        "static int h(int v) { S1 int n; n += v; return n; }\n", "h(x)"),
    "a macro that says volatile": (
        "#define V1 volatile\n", "#define V1\n",
        "static int h(int *v) { V1 int *p = v; return *p + *p; }\n", "h(&x)"),
    "a macro that says unsigned": (
        "#define T1 unsigned\n", "#define T1 signed\n",
        "static int h(int v) { T1 char c = v; return c; }\n", "h(x)"),
    "a pointer to a function": (
        "#define FN g\n", "#define FN k\n",
        "extern int g(int), k(int);\nstatic int (*const tb[])(int) = { FN };\n",
        "tb[0](x)"),
    "where a member lies": (
        "struct in { int a; };\n", "struct in { int a; int b; };\n",
        STRUCT + "static long h(struct s *p) { return (long)&p->n - (long)p; }\n",
        "h(t)"),
    "how far members are": (
        "struct in { int a; };\n", "struct in { int a; int b; };\n",
        STRUCT + "static long h(struct s *p) { return (char *)&p->n - (char *)p; }\n",
        "h(t)"),
}  # fmt: skip


@pytest.mark.parametrize("title", HIDDEN)
def test_what_a_header_changes_is_not_hidden(title: str) -> None:
    old, new, own, body = HIDDEN[title]
    before = {A: old, X: SEES_A + own + f(body)}
    after = {A: new, X: SEES_A + own + f(f"({body})")}
    assert str(compare(before, after)["f"].verdict) != "equal"


def test_a_macro_of_another_file_defines_no_struct_for_all() -> None:
    """DEFINE_PER_CPU(struct task *, waker) is of waker, not of every struct."""
    header = (
        "struct task {{ int a; }};\nint g(unsigned long n);\n{}"
        "static inline int f(struct task *t)\n{{\n\treturn g(t->a);\n}}\n"
    )
    sides = [
        {A: header.format(more), X: SEES_A + defined}
        for more, defined in (
            ("", ""),
            ("int wake(void);\n", "DEFINE_PER_CPU(struct task *, waker);\n"),
        )
    ]
    assert compare(sides[0], sides[1], A) == {}  # it is not even asked about
