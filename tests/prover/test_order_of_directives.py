# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Names that mean something else though no text of theirs differs.

Each row: the file before and after, and headers, of one state or of both.  gcc shows
that the sides do not compute the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names import directive_steps, macro_states
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

Texts = dict[str, str | tuple[str, str]]
F = "\nint f(int x, int y) { return x + V; }\n"
A, B = "include/linux/a.h", "include/linux/b.h"
C = "include/linux/c.h"
FALLBACKS: Texts = {
    A: "#ifndef V\n#define V 1\n#endif\n",
    B: "#ifndef V\n#define V 2\n#endif\n",
}
LAST_WINS: Texts = {A: "#undef V\n#define V 1\n", B: "#undef V\n#define V 2\n"}
IN_ORDER, TURNED = (
    f"#include <linux/{a}.h>\n#include <linux/{b}.h>" for a, b in ("ab", "ba")
)
ONE_OF_TWO: Texts = {
    A: "#ifdef CONFIG_X\n#include <linux/c.h>\n#endif\n",
    B: "#ifdef CONFIG_Y\n#include <linux/c.h>\n#endif\n#ifndef V\n#define V 2\n#endif\n",
    C: "#ifndef C_H\n#define C_H\n#define V 1\n#endif\n",
}
IN_A = "#include <linux/a.h>"
BOTH_IN = IN_A + "\n#include <linux/b.h>"
TWO_MEMBERS = "struct s { int V, W; };\n"
LETS_IN = "#ifdef CONFIG_X\n#include <linux/c.h>\n#endif\n"
# a comment within a macro does not end it
IN_BODY_ONLY = (
    "#define M(x) \\\n({ /* a \\\n * b \\\n */ \\\n\tif (x) \\\n\t\tbreak; \\\n})\n"
)
ONE_H = "#ifndef C_H\n#define C_H\n#define V 1\n#endif\n"
BRANCH = "\n#define V ({ int r = g(1); if (r) r = g(2); r; })"
MARKED = "\n#define V ({ int r __attribute__((unused)) = g(1); r; })"
HAS_V = "\nint f(struct s *p, int x) { return p->V; }\n"
HAS_V_TOO = "\nint f(struct s *p, int x) { if (!x) return 1; return p->V; }\n"
OTHERWISE = "\n#ifndef V\n#define V 5\n#endif"
ROWS: list[tuple[str, str, Texts]] = [
    (IN_ORDER + F, TURNED + F, FALLBACKS),
    (IN_ORDER + F, TURNED + F, LAST_WINS),
    (IN_ORDER + F, "#include <linux/c.h>\n" + IN_ORDER + F, {C: "#ifndef V\n#define V 3\n#endif\n", A: "#ifndef V\n#define V 1\n#endif\n", B: "#include <linux/c.h>\n"}),
    (IN_ORDER + F, "#include <linux/c.h>\n" + IN_ORDER + F, {C: "#ifdef W\n#define V 3\n#else\n#define V 4\n#endif\n", A: "#define W\n", B: "#include <linux/c.h>\n"}),
    ("#define W\n#include <linux/a.h>" + F, "#include <linux/a.h>\n#define W" + F, {A: "#ifdef W\n#define V 1\n#else\n#define V 2\n#endif\n"}),
    ("#define N 1\n#include <linux/a.h>" + F, "#define N 2\n#include <linux/a.h>" + F, {A: "static const int v[] = { N };\n#define V v[0]\n"}),
    (IN_ORDER + OTHERWISE + F, IN_ORDER + OTHERWISE + F, {A: "#ifndef A_H\n#define A_H\n#endif\n", B: ("#ifndef B_H\n#define B_H\n#define V 1\n#endif\n", "#ifndef A_H\n#define A_H\n#define V 1\n#endif\n")}),
    (IN_ORDER + OTHERWISE + F, IN_ORDER + OTHERWISE + F, {A: ("#define A_H\n", "#define B_H\n"), B: "#ifndef B_H\n#define B_H\n#define V 1\n#endif\n"}),
    ("#include <linux/a.h>" + OTHERWISE + F, "#define A_H\n#include <linux/a.h>" + OTHERWISE + F, {A: "#ifndef A_H\n#define A_H\n#define V 1\n#endif\n"}),
    ("#define V 1" + F + "#include <linux/a.h>\n", "#define V 1\n#include <linux/a.h>" + F, {A: "#undef V\n#define V 7\n"}),
    ('#define V 1\n#pragma push_macro("V")\n#undef V\n#define V 2\n#pragma pop_macro("V")' + F, '#define V 1\n#pragma push_macro("V")\n#undef V\n#define V 2' + F, {}),
    ("#pragma redefine_extname h one\nextern int h(int);\nint f(int x) { return h(x); }\n", "#pragma redefine_extname h two\nextern int h(int);\nint f(int x) { return h(x); }\n", {}),
    ("#define V __LINE__\n#line 5" + F, "#define V __LINE__\n#line 6" + F, {}),
    ('#line 5 "ab.c"\nint f(int x) { return x + sizeof(__FILE__); }\n', '#line 5 "abc.c"\nint f(int x) { return x + sizeof(__FILE__); }\n', {}),
    ("#define V\nstruct s {\n#ifdef V\nchar a;\n#else\nint a;\n#endif\n};\nint f(int x) { struct s s; s.a = x; return s.a; }\n", "struct s {\n#ifdef V\nchar a;\n#else\nint a;\n#endif\n};\nint f(int x) { struct s s; s.a = x; return s.a; }\n", {}),
    ("#define N 3\nstruct s { int a:N; };\nint f(int x) { struct s s; s.a = x; return s.a; }\n", "#define N 4\nstruct s { int a:N; };\nint f(int x) { struct s s; s.a = x; return s.a; }\n", {}),
    ("struct s {\n\tint (*op)(unsigned char);\n};\nextern struct s o;\nint f(int x) { return o.op(x); }\n", "struct s {\n\tint (*op)(int);\n};\nextern struct s o;\nint f(int x) { return o.op(x); }\n", {}),
    ("typedef unsigned char size_t;\nint f(int x) { return (size_t)x; }\n", "typedef unsigned char size_t;\nint f(int x) { return x; }\n", {}),
    ("#define u32 unsigned char\nint f(int x) { return (u32)x; }\n", "#define u32 unsigned char\nint f(int x) { return x; }\n", {}),
    ('static const int t[2] = {\n#include "t.inc"\n};\nint f(int x) { return t[x & 1]; }\n', 'static const int t[2] = {\n#include "t.inc"\n};\nint f(int x) { return t[x & 1]; }\n', {"kernel/t.inc": ("1, 2\n", "2, 1\n")}),
    ('static int h(int v) {\n#include "t.inc"\n}\nint f(int x) { return h(x); }\n', 'static int h(int v) {\n#include "t.inc"\n}\nint f(int x) { return h(x) + 0; }\n', {"kernel/t.inc": ("return v;\n", "return v + 1;\n")}),
    ("#define INC <linux/a.h>\n#include INC" + F, "#define INC <linux/a.h>\n#include INC" + F.replace("x + V", "V + x"), {A: ("#define V 1\n", "#define V 2\n")}),
    ("#define INC <linux/a.h>\n#include INC" + F, "#define INC <linux/b.h>\n#include INC" + F.replace("x + V", "V + x"), {A: "#define V 1\n", B: "#define V 2\n"}),
    (IN_ORDER + F, TURNED + F, {**FALLBACKS, A: "#include <linux/c.h>\n", C: FALLBACKS[A]}),
    (IN_ORDER + F, TURNED + F, ONE_OF_TWO),
    (IN_ORDER + F, TURNED + F, {A: "#define W X\n#ifndef V\n#define V 1\n#endif\n#define X 3\n", B: "#if W == 3\n#define V 2\n#endif\n#define W X\n"}),
    (IN_ORDER + F, TURNED + F, {A: "#include <linux/c.h>\n#define W\n", B: "#include <linux/c.h>\n", C: "#undef V\n#ifdef W\n#define V 1\n#else\n#define V 2\n#endif\n"}),
    (IN_ORDER + F, TURNED + F, {A: "#define C_H\n", B: "#include <linux/c.h>\n#ifndef V\n#define V 2\n#endif\n", C: "#ifndef C_H\n#define C_H\n#define V 1\n#endif\n"}),
    (IN_A + HAS_V, BOTH_IN + HAS_V_TOO, {A: TWO_MEMBERS, B: "#define V W\n"}),
    (IN_A + HAS_V, "#include <linux/c.h>\n" + IN_A + HAS_V_TOO, {A: TWO_MEMBERS + LETS_IN, C: ONE_H.replace("V 1", "V W")}),
    (IN_A + F, BOTH_IN + F, {A: "extern int V;\n", B: "static int V __attribute__((unused)) = 3;\n"}),
    (IN_A + F.replace("V", "g(x)"), BOTH_IN + F.replace("V", "g(x)"), {A: "extern int g(int x);\n", B: "int g(short x);\n"}),
    (IN_A + F, BOTH_IN + F, {A: "extern int V;\n#define V V\n", B: "static int V = 5;\n"}),
    (IN_A + F, "#include <linux/c.h>\n" + IN_A + F, {A: "extern int V;\n" + LETS_IN, C: ONE_H}),
    (IN_A + F, BOTH_IN + F, {A: "#ifndef G\n#define V 1\n#endif\n#define G\n", B: "#ifdef G\n#undef V\n#define V 2\n#endif\n"}),
    (IN_A + F, BOTH_IN + F, {A: "#ifndef G\n#define V 1\n#endif\n#define G\n", B: "#ifdef G\n#define V 2\n#endif\n"}),
    (IN_A + F, BOTH_IN + F, {A: "#ifdef CONFIG_X\n#define V 1\n#endif\n", B: "#ifdef CONFIG_X\n#undef V\n#define V 2\n#endif\n"}),
    (IN_A + F, BOTH_IN + F, {A: "extern int V;\n", B: "static int __weak V = 3;\n"}),
    ("static int __v = 1;\n#define V __v" + F, "static int __v = 2;\n#define V __v" + F, {}),
    ("#define V 4\n#if V > 3\nint f(int x) { return x; }\n#endif\n", "#define V 5\n#if V > 3\nint f(int x) { return x + 1; }\n#endif\n", {}),
]  # fmt: skip


def verdict(before: str, after: str, headers: Texts) -> Verdict | None:
    sides = []
    nothing = EmptyView()
    for at, own in enumerate((before, after)):
        files = {p: t if isinstance(t, str) else t[at] for p, t in headers.items()}
        texts = {"kernel/x.c": own, **files}
        view = OverlayView(nothing, {p: t.encode() for p, t in texts.items()})
        sides.append((parse("kernel/x.c", own.encode()), Facts(view)))
    (one, facts), (two, others) = sides
    limits = ProverLimits(solver=5.0, seconds=20.0)
    found = compare_files(one, two, facts, others, limits=limits, conditions=True)
    return next((answer.verdict for answer in found if answer.name == "f"), None)


@pytest.mark.parametrize(("before", "after", "headers"), ROWS)
def test_it_is_not_called_the_same(before: str, after: str, headers: Texts) -> None:
    """Where f() itself is as it was it may be left out; where it is not it is asked."""
    proofs = (Verdict.EQUAL, Verdict.ONE_CPU, Verdict.MESSAGE)
    assert verdict(before, after, headers) not in proofs
    assert verdict(before, after.replace("{ return", "{ ; return"), headers) not in (
        None,
        *proofs,
    )


@pytest.mark.parametrize(
    ("before", "after", "headers"),
    [
        (IN_ORDER, TURNED, {A: "#define V 1\n", B: "#define W 2\n"}),
        (IN_ORDER, IN_ORDER, {A: "#define V 1\n", B: ("#ifndef B_H\n#define B_H\n#endif\n", "#ifndef C_H\n#define C_H\n#endif\n")}),
        ("#define N 1\n#include <linux/a.h>", "#include <linux/a.h>\n#define N 1", {A: "#define V 1\n"}),
        (TURNED, IN_ORDER, {A: "#include <linux/c.h>\n#ifndef V\n#define V 1\n#endif\n", B: "#include <linux/c.h>\n", C: "#ifndef C_H\n#define C_H\n#define V 3\n#endif\n"}),
        (IN_ORDER, TURNED, {A: "#ifdef CONFIG_X\n#include <linux/c.h>\n#endif\n", B: "#ifdef CONFIG_Y\n#include <linux/c.h>\n#endif\n", C: "#ifndef C_H\n#define C_H\n#ifndef V\n#define V 1\n#endif\n#endif\n"}),
        (IN_ORDER, TURNED, {A: "#ifndef A_H\n#define A_H\n#include <linux/c.h>\n#ifndef V\n#define V 1\n#endif\n#endif\n", B: "#define U\n#include <linux/c.h>\n", C: "#ifndef C_H\n#define C_H\n#include <linux/a.h>\n#define W\n#endif\n"}),
        (IN_A + BRANCH, BOTH_IN + BRANCH, {A: "#ifdef CONFIG_P\n#define if(c, ...) if (h(c))\n#endif\n", B: IN_BODY_ONLY}),
        (IN_A + MARKED, BOTH_IN + MARKED, {A: "void __attribute__((noreturn)) g(void);\n", B: "void __attribute__((weak)) h(void);\n"}),
        (IN_A + "\n#define V g(x)", BOTH_IN + "\n#define V g(x)", {A: "#ifdef CONFIG_X\nextern int g(int x);\n#endif\n", B: "int g(int x);\n"}),
        (IN_A + "\n#define V T(x)", BOTH_IN + "\n#define V T(x)", {A: "#define T(x) (2 * (x))\n", B: "struct q { int a; } T;\n"}),
        (IN_A, "#include <linux/c.h>\n" + IN_A, {A: LETS_IN, C: ONE_H}),
        (IN_A + "\n#define V ((T)g(x))", BOTH_IN + "\n#define V ((T)g(x))", {A: "typedef int T;\nint g(int x);\n", B: "extern T __n;\nextern unsigned long __m;\n"}),
        (IN_A, BOTH_IN, {A: "#define V 1\n", B: "#if 0\n#define V 2\n#endif\n"}),
        (IN_ORDER, "#include <linux/c.h>\n" + IN_ORDER, {C: "#ifndef C_H\n#define C_H\n#endif\n", A: "#ifndef V\n#define V 1\n#endif\n", B: "#include <linux/c.h>\n#ifndef V\n#define V 2\n#endif\n"}),
    ],
)  # fmt: skip
def test_an_order_that_nothing_hangs_on(
    before: str, after: str, headers: Texts
) -> None:
    last = F.replace("x + V", "V + x")
    assert verdict(before + F, after + last, headers) is Verdict.EQUAL


def one_or(first: str, second: str) -> Texts:
    """Two headers, of which an #if lets in one."""
    way = "#ifdef CONFIG_X\n#include <linux/c.h>\n#else\n#include <linux/b.h>\n#endif\n"
    return {A: way, C: first, B: second}


ONE, TWO = FALLBACKS[A], FALLBACKS[B]
G = "static inline int g(void) {{ return {}; }}\n"


@pytest.mark.parametrize(
    ("includes", "headers"),
    [
        ("#ifdef CONFIG_X\n#include <linux/c.h>\n#endif\n#include <linux/b.h>", {C: ONE, B: TWO}),
        (IN_A, one_or("#define V 1\n", "#define V 2\n")),
        (IN_A + "\n#define V g()", one_or(G.format(1), G.format(2))),
        (IN_A, one_or("enum { V = 1 };\n", "enum { V = 2 };\n")),
        (IN_A, one_or("#define V 1\n", "enum { V = 2 };\n")),
        (IN_A + "\n#define V (T)257", one_or("typedef int T;\n", "typedef unsigned char T;\n")),
        (IN_A + "\n#define V sizeof(struct s)", one_or("struct s { int a; };\n", "struct s { int a, b; };\n")),
    ],
)  # fmt: skip
def test_headers_that_an_if_chooses_between(includes: str, headers: Texts) -> None:
    """Which of them is read hangs on the configuration, so neither says what V is."""
    for value in ("1", "2", "257", "4", "8"):
        other = F.replace("V", value)
        assert verdict(includes + F, includes + other, headers) not in (
            Verdict.EQUAL,
            Verdict.DIFFERS,
        )


def test_the_first_fallback_that_is_come_to_counts() -> None:
    headers: Texts = {A: "#include <linux/c.h>\n", C: ONE, B: TWO}
    for value, expected in (("1", Verdict.EQUAL), ("2", Verdict.DIFFERS)):
        other = IN_ORDER + F.replace("V", value)
        assert verdict(IN_ORDER + F, other, headers) is expected


def test_many_branches_with_an_include_each_are_not_all_kept_as_text() -> None:
    """Each #include knows the #ifs around it by a number, not by their text."""
    rows = [f"#elif defined(CONFIG_G{i})\n#include <a{i}.h>\n" for i in range(400)]
    text = f"#if 0\n{''.join(rows)}#endif\n".encode()
    steps = directive_steps.directive_steps({"x.h": text})["x.h"].steps
    told = [step.text for step in steps if step.kind == "include"]
    assert len(told) == len(set(told)) == 400
    assert max(map(len, told)) < 60


def test_blanks_of_a_directive_are_no_matter_but_in_a_string() -> None:
    def others(old: str, new: str) -> set[str]:
        sides = ({"a.c": f"#define V{body}\n".encode()} for body in (old, new))
        return macro_states.names_in_another_state(*sides, (("a.c",), ("a.c",)))

    assert others("      2", "\t\t2") == set()
    assert others(" 2", " 3") == {"V"}
    assert others('(x) "a  b"', '(x) "a b"') == {"V"}
    assert others("(x) 2", " (x) 2") == {"V"}


def test_who_defines_first_is_kept_by_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run reads no header that it knows, and comes to the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    guarded = b"#ifndef A_H\n#define A_H\n#ifdef CONFIG_X\n#include <b.h>\n#endif\n"
    texts = {"a.h": guarded + b"#define V 1\n#endif\n", "b.h": b"#undef V\n"}
    read = []
    directives = directive_steps.directives

    def counted(data: bytes) -> object:
        read.append(data)
        return directives(data)

    monkeypatch.setattr(directive_steps, "directives", counted)

    def found(files: dict[str, bytes]) -> dict[str, object]:
        directive_steps._in_memory.clear()
        return dict(directive_steps.definers_of(files))

    first = found(texts)
    assert {*read} == {*texts.values()}
    read.clear()
    assert found(texts) == first
    assert read == []
    edited = {**texts, "b.h": b"#define V 2\n"}
    assert found(edited)["b.h"] != first["b.h"]
    assert {*read} == {edited["b.h"]}
    assert found({"c.h": guarded})["c.h"] != first["a.h"]
