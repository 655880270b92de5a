# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Changes of which the text of a function shows nothing, beside one that is shown.

Each row: f() with what stands before it, before and after, and other files of one state
or of both.  gcc shows that the sides do not compute the same.  Neither is the same then,
nor the same unless x is 7777.
"""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

Texts = dict[str, str | tuple[str, str]]
NOTHING = EmptyView()
PATH = "kernel/x.c"
HEAD = "extern int ext(int);\nextern void sink(long);\nextern void touch(void);\n"
A, B, MAKEFILE = "include/linux/a.h", "include/linux/b.h", "kernel/Makefile"
SEES_A, SEES_B = "#include <linux/a.h>\n", "#include <linux/b.h>\n"
B_SEES_A = "#include <linux/a.h>\n"


def f(body: str) -> str:
    return f"int f(int x, int y) {{ BEGIN{body} }}\n"


V = f("return x + V;")
K = f("return x + K;")
FAST = f("\n#ifdef CONFIG_FAST\nreturn x;\n#endif\nreturn y + y;")
WIDTHS = "typedef char t;\n", "typedef short t;\n"
ONE_OR_TWO = "#define V 1\n", "#define V 2\n"
# declarations that do not begin a line, and what decides the type of an enum
DECLARED: list[tuple[str, str, Texts]] = [
    ("typedef char b; typedef b t;\n" + f("return (t)x;"), "typedef short b; typedef b t;\n" + f("return (t)x;"), {}),
    ("int a; static int n = 1;\n" + f("return x + n;"), "int a; static int n = 2;\n" + f("return x + n;"), {}),
    ("\ttypedef char t;\n" + f("return (t)x;"), "\ttypedef short t;\n" + f("return (t)x;"), {}),
    ("enum e { ONE };\n" + f("return x + sizeof(enum e);"), "enum e { ONE } __attribute__((packed));\n" + f("return x + sizeof(enum e);"), {}),
    ("#define SMALL\nenum e { ONE } SMALL;\n" + f("return x + sizeof(enum e);"), "#define SMALL __attribute__((packed))\nenum e { ONE } SMALL;\n" + f("return x + sizeof(enum e);"), {}),
    ("enum e { ONE };\nstruct s { enum e e; };\n" + f("return x + sizeof(struct s);"), "enum e { ONE, TWO = 0x100000000 };\nstruct s { enum e e; };\n" + f("return x + sizeof(struct s);"), {}),
]  # fmt: skip
MACROS: list[tuple[str, str, Texts]] = [
    ("#define V 1\n" + V + "#undef V\n#define V 2\n", "#define V 1\n#undef V\n#define V 2\n" + V, {}),
    ("static int n = 1;\n#define V n\n" + V, "static int V;\nstatic int n = 1;\n" + V + "#define V n\n", {}),
    ("#define NAME(n) char n[4]\nstatic NAME(b);\n" + f("return x + sizeof(b);"), "#define NAME(n) char n[8]\nstatic NAME(b);\n" + f("return x + sizeof(b);"), {}),
    (SEES_B + f("return x + sizeof(q);"), SEES_B + f("return x + sizeof(q);"), {A: WIDTHS, B: B_SEES_A + "#define MAKE typedef t q\nMAKE;\n"}),
    (SEES_B + f("return x + sizeof(struct s);"), SEES_B + f("return x + sizeof(struct s);"), {A: WIDTHS, B: B_SEES_A + "#define MAKE(n) struct n { t a; }\nMAKE(s);\n"}),
    (SEES_B + f("return x + n;"), SEES_B + f("return x + n;"), {A: ONE_OR_TWO, B: B_SEES_A + "static int n = V;\n"}),
]  # fmt: skip
STRUCT = "struct o { int (*f)(int); };\n"
ONE, TWO = (f"static int a(int v) {{ return v + {n}; }}\n" for n in "12")
TABLE = "static const struct o o = { .f = a };\n"
POINTERS: list[tuple[str, str, Texts]] = [
    (STRUCT + ONE + more + f(body), STRUCT + TWO + more + f(body), {})
    for more, body in [
        (TABLE, "return o.f(x);"),
        (TABLE, "const struct o *p = &o; return p->f(x);"),
        (TABLE + "static const struct o *const p = &o;\n", "return p->f(x);"),
        (TABLE + "static const struct o *o_of(void) { return &o; }\n", "return o_of()->f(x);"),
        (TABLE.replace(" o =", " o[] =").replace("{ .f = a }", "{ { .f = a } }"), "return o[0].f(x);"),
        ("", "int (*p)(int) = a; return p(x);"),
        ("", "return (x ? a : ext)(x);"),
        ("static int call(int (*p)(int), int v) { return p(v); }\n", "return call(a, x);"),
    ]
]  # fmt: skip
OPTIONS: list[tuple[str, str, Texts]] = [
    (SEES_A + FAST, SEES_A + FAST, {A: ("#undef CONFIG_FAST\n", "\n")}),
    (SEES_A + FAST, SEES_A + FAST, {A: ("\n", "#undef CONFIG_FAST\n")}),
    (SEES_A + FAST, SEES_A + FAST, {A: ("\n", "#define CONFIG_FAST 1\n")}),
    (SEES_A + SEES_B + V, SEES_A + SEES_B + V, {A: ("#undef CONFIG_FAST\n", "\n"), B: "#ifdef CONFIG_FAST\n#define V 1\n#else\n#define V 2\n#endif\n"}),
    (SEES_A + SEES_B + f("return h(x);"), SEES_A + SEES_B + f("return h(x);"), {A: ("#undef CONFIG_FAST\n", "\n"), B: "#ifdef CONFIG_FAST\nstatic inline int h(int v) { return 1; }\n#else\nstatic inline int h(int v) { return 2; }\n#endif\n"}),
]  # fmt: skip
FLAGS: list[tuple[str, str]] = [
    ("ccflags-y += -DK=1\n", "ccflags-y += -DK=2\n"),
    ("ifdef CONFIG_A\nccflags-y += -DK=1\nendif\n", "ifndef CONFIG_A\nccflags-y += -DK=1\nendif\n"),
    ("ifeq ($(CONFIG_A),y)\nccflags-y += -DK=1\nelse\nccflags-y += -DK=2\nendif\n", "ifeq ($(CONFIG_A),y)\nccflags-y += -DK=2\nelse\nccflags-y += -DK=1\nendif\n"),
    ("ccflags-$(CONFIG_A) += -DK=1\n", "ccflags-$(CONFIG_B) += -DK=1\n"),
    ("FLAGS := -DK=1\nccflags-y += $(FLAGS)\n", "FLAGS := -DK=2\nccflags-y += $(FLAGS)\n"),
    ("N := 1\nFLAGS := -DK=$(N)\nCFLAGS_x.o += $(FLAGS)\n", "N := 2\nFLAGS := -DK=$(N)\nCFLAGS_x.o += $(FLAGS)\n"),
    ("define FLAGS\n-DK=1\nendef\nccflags-y += $(FLAGS)\n", "define FLAGS\n-DK=2\nendef\nccflags-y += $(FLAGS)\n"),
    ("ccflags-y += -DK=1 -UK -DK=2\n", "ccflags-y += -DK=2 -UK -DK=1\n"),
    ("ccflags-y += -D K=1\n", "ccflags-y += -D K=2\n"),
    ("ccflags-y += -D'K=1'\n", "ccflags-y += -D'K=2'\n"),
    ('ccflags-y += "-DK=1"\n', 'ccflags-y += "-DK=2"\n'),
    ("$(obj)/x.o: ccflags-y += -DK=1\n", "$(obj)/x.o: ccflags-y += -DK=2\n"),
    ("ccflags-y += -include one.h\n", "ccflags-y += -include two.h\n"),
    ("ccflags-y += $(call cc-option,-DK=1)\n", "ccflags-y += $(call cc-option,-DK=2)\n"),
]  # fmt: skip


def judged(before: str, after: str, more: Texts) -> FunctionVerdict | None:
    sides = []
    for at, own in enumerate((before, after)):
        files = {p: t if isinstance(t, str) else t[at] for p, t in more.items()}
        texts = {PATH: HEAD + own, **files}
        view = OverlayView(NOTHING, {p: t.encode() for p, t in texts.items()})
        sides.append((parse(PATH, (HEAD + own).encode()), Facts(view)))
    (one, facts), (two, others) = sides
    limits = ProverLimits(solver=5.0, seconds=20.0)
    found = compare_files(one, two, facts, others, limits=limits, conditions=True)
    return next((answer for answer in found if answer.name == "f"), None)


def is_proved_the_same(before: str, after: str, more: Texts) -> bool:
    """f() as it is, and written otherwise."""
    found = []
    for begin in ("", "do {} while (0); "):
        one = judged(before.replace("BEGIN", ""), after.replace("BEGIN", begin), more)
        found.append(one is not None and one.verdict is Verdict.EQUAL)
    return any(found)


def hides_it(before: str, after: str, more: Texts) -> bool:
    """Whether all that is told of a change is the condition that stands there."""
    loop = "while (ext(1)) sink(2); "
    seen = "if (x == 7777) touch(); "
    one = judged(
        before.replace("BEGIN", loop), after.replace("BEGIN", loop + seen), more
    )
    assert one is not None
    if one.verdict is not Verdict.UNLESS:
        return one.verdict is Verdict.EQUAL
    return len(one.parts) == 1 and "but for" not in one.otherwise


@pytest.mark.parametrize(
    ("before", "after", "more"), [*DECLARED, *MACROS, *POINTERS, *OPTIONS]
)
def test_it_counts(before: str, after: str, more: Texts) -> None:
    assert not is_proved_the_same(before, after, more)
    assert not hides_it(before, after, more)


ELSEWHERE = [
    ("kernel/o.c", "#define DEF(n) int n(int v) { return v; }\nDEF(o)\n", "#define DEF(n) int n(int v) { return -v; }\nDEF(o)\n"),
    ("kernel/o.c", "#define DEF(n, e) int n(int v) { return v + e; }\nDEF(o, 1)\n", "#define DEF(n, e) int n(int v) { return v + e; }\nDEF(o, 2)\n"),
    ("kernel/o.S", "SYM_FUNC_START(o)\n\tret\n", "SYM_FUNC_START(o)\n\tinc %eax\n\tret\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new"), ELSEWHERE)
def test_what_another_file_makes(path: str, old: str, new: str) -> None:
    calls = "extern int o(int);\n" + f("return o(x) + 1;")
    assert not is_proved_the_same(calls, calls, {path: (old, new)})
    assert not hides_it(calls, calls, {path: (old, new)})
    assert hides_it(
        calls, calls, {path: (old.replace("o", "q"), new.replace("o", "q"))}
    )


def test_a_macro_that_is_no_type_declares_nothing() -> None:
    one, two = ("#define RET return\n" + f(f"RET {name};") for name in "xy")
    assert not is_proved_the_same(one, two, {})


AT_ITS_PLACE = [
    ("enum { Q = V };\n", "Q"),
    ("#define W V\nenum { Q = W };\n", "Q"),
    ("static const int q = V;\n", "q"),
    ("static const int q[] = { V, 1 };\n", "q[0]"),
    ("struct s { char a[V]; };\n", "sizeof(struct s)"),
    ("static int q(void) { return V; }\n", "q()"),
]


@pytest.mark.parametrize(("declared", "value"), AT_ITS_PLACE)
def test_a_name_is_what_its_macro_was_where_it_stands(
    declared: str, value: str
) -> None:
    head = f"#define V 4\n{declared}#undef V\n#define V 7\n"
    before, after = (head + f(f"return {text};") for text in (value, "7"))
    assert not is_proved_the_same(before, after, {})


def test_a_header_does_not_see_a_macro_behind_it() -> None:
    more: Texts = {
        A: HEAD + "enum { V = 4 };\nstatic inline void k(void) { sink(V); }\n"
    }
    head = SEES_A + "#define V 7\n"
    for number, same in ((4, True), (7, False)):
        before, after = (
            head + f("k(); return y;"),
            head + f(f"sink({number}); return y;"),
        )
        one = judged(before.replace("BEGIN", ""), after.replace("BEGIN", ""), more)
        assert one is not None
        assert (one.verdict is Verdict.EQUAL) is same


def test_who_is_handed_a_function_is_told_which() -> None:
    """What others do with a pointer is theirs: request_irq(irq, handler)."""
    register = "typedef int (*cb)(int);\nextern int reg(cb, int);\n"
    before, after = (register + a + f("return reg(a, x);") for a in (ONE, TWO))
    assert is_proved_the_same(before, after, {})


@pytest.mark.parametrize(("old", "new"), FLAGS)
def test_a_flag_is_all_that_it_is_made_of(old: str, new: str) -> None:
    assert not is_proved_the_same(K, K, {MAKEFILE: (old, new)})
    assert not hides_it(K, K, {MAKEFILE: (old, new)})
    assert hides_it(K, K, {MAKEFILE: (old, old + "# a comment\n")})


@pytest.mark.parametrize("line", ["-include $(src)/k.h", "-imacros kernel/k.h"])
def test_a_header_that_a_makefile_includes(line: str) -> None:
    files: Texts = {MAKEFILE: f"ccflags-y += {line}\n", "kernel/k.h": ONE_OR_TWO}
    assert not is_proved_the_same(V, V, files)
    assert not hides_it(V, V, files)
    assert hides_it(V, V, {**files, MAKEFILE: "ccflags-y += -g\n"})


def test_a_makefile_that_a_makefile_includes() -> None:
    files: Texts = {
        MAKEFILE: "include $(src)/flags.mk\n",
        "kernel/flags.mk": ("ccflags-y += -DK=1\n", "ccflags-y += -DK=2\n"),
    }
    assert not is_proved_the_same(K, K, files)
    assert hides_it(K, K, {**files, MAKEFILE: "obj-y += x.o\n"})


def test_a_file_becomes_part_of_another_module() -> None:
    asks = f("\n#ifdef MODULE\nreturn x;\n#endif\nreturn sizeof(KBUILD_MODNAME);")
    for old, new in [
        ("obj-y += x.o\n", "obj-m += x.o\n"),
        ("obj-y += a.o\na-y := x.o\n", "obj-y += ab.o\nab-objs := x.o\n"),
    ]:
        assert not hides_it(asks, asks, {MAKEFILE: (old, new)})
    same = "obj-y += x.o\n", "obj-y += x.o y.o\n"
    assert hides_it(asks, asks, {MAKEFILE: same})


@pytest.mark.parametrize(
    ("old", "new", "blind"),
    [
        ("static DEFINE_IT(no);\n", "static DEFINE_IT(no);\nstatic DEFINE_IT(other);\n", False),
        ("static DEFINE_IT(no);\n", "static DEFINE_IT(no) __aligned;\n", True),
        ("static DEFINE_IT(no);\n", "static DEFINE_OTHER(no);\n", True),
        ("", "DEFINE_IT(no);\n", True),
    ],
)  # fmt: skip
def test_a_static_name_that_is_new_changes_no_other(
    old: str, new: str, blind: bool
) -> None:
    sides = (parse(PATH, text.encode()) for text in (old, new))
    assert changed_names(*sides, None, None).blind is blind
