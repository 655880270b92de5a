# SPDX-License-Identifier: GPL-2.0-or-later
"""A name that only ## writes is used, wherever the macro and its arguments are."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files, compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)  # the machine that tests may be busy
USER = "#include <linux/a.h>\nint f(int x)\n{\n\t%s\n}\n"
LOOP = "int i, r = 0; for (i = 0; i < y; i++) r += g(V(one)); return r;"
HELPER = "static inline int h(int y)\n{\n\t%s\n}\n"
TWO_IN_ONE = "#define C(a, b) a##b\n#define CAT(a, b) C(a, b)\n"
# unchanged header, header that changes before and after
CASES = {
    "a macro": (
        f"#define V(x) VAL_##x\n{HELPER % 'return V(one) + y;'}",
        ("#define VAL_one 1", "#define VAL_one 2"),
    ),
    "in a loop that is not followed": (
        f"int g(int);\n#define V(x) VAL_##x\n{HELPER % LOOP}",
        ("#define VAL_one 1", "#define VAL_one 2"),
    ),
    "by way of another inline": (
        "int g(int);\n#define V(x) VAL_##x\nstatic inline int k(int y)\n"
        f"{{\n\t{LOOP}\n}}\n{HELPER % 'return k(y) + 1;'}",
        ("#define VAL_one 1", "#define VAL_one 2"),
    ),
    "both parts are arguments": (
        f"{TWO_IN_ONE}{HELPER % 'return CAT(VAL_, one) + y;'}",
        ("#define VAL_one 1", "#define VAL_one 2"),
    ),
    "a part comes out of a macro": (
        f"{TWO_IN_ONE}#define PART one\n{HELPER % 'return CAT(VAL_, PART) + y;'}",
        ("#define VAL_one 1", "#define VAL_one 2"),
    ),
    "three parts": (
        f"#define V(x) VAL_##x##_MAX\n{HELPER % 'return V(one) + y;'}",
        ("#define VAL_one_MAX 1", "#define VAL_one_MAX 2"),
    ),
    "a function": (
        f"#define CALL(x) op_##x\n{HELPER % 'return CALL(one)(y);'}",
        (
            "static inline int op_one(int a) { return a; }",
            "static inline int op_one(int a) { return a + 1; }",
        ),
    ),
    "a type": (
        f"#define T(x) x##_t\n{HELPER % 'return sizeof(T(my)) + y;'}",
        ("typedef int my_t;", "typedef long my_t;"),
    ),
    "the type of a member": (
        "#define T(x) x##_t\nstruct s { T(my) a; };\n"
        f"{HELPER % 'return sizeof(struct s) + y;'}",
        ("typedef int my_t;", "typedef long my_t;"),
    ),
    "an enumerator": (
        f"#define V(x) VAL_##x\n{HELPER % 'return V(one) + y;'}",
        ("enum e { VAL_one = 1 };", "enum e { VAL_one = 2 };"),
    ),
}


def verdict(
    unchanged: str, before: str, after: str, bodies: tuple[str, str]
) -> FunctionVerdict:
    sides = []
    for changing, body in zip((before, after), bodies, strict=True):
        files = {
            "kernel/x.c": USER % body,
            "include/linux/a.h": f"#include <linux/b.h>\n{unchanged}",
            "include/linux/b.h": f"{changing}\n",
        }
        view = OverlayView(EmptyView(), {p: t.encode() for p, t in files.items()})
        source = parse("kernel/x.c", files["kernel/x.c"].encode())
        sides.append((source, Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    return compare_functions(pre, post, facts_pre, facts_post, "f", limits=PATIENCE)[0]


BODIES = ("return h(x);", "int r = h(x); return r;")


@pytest.mark.parametrize("name", CASES)
def test_what_leads_to_a_pasted_name_has_changed(name: str) -> None:
    unchanged, (before, after) = CASES[name]
    assert str(verdict(unchanged, before, after, BODIES).verdict) != "equal"
    assert str(verdict(unchanged, before, before, BODIES).verdict) == "equal"


@pytest.mark.parametrize("name", ["a macro", "a type", "an enumerator"])
def test_what_is_followed_to_a_pasted_name_differs(name: str) -> None:
    unchanged, (before, after) = CASES[name]
    assert str(verdict(unchanged, before, after, BODIES).verdict) == "differs"


def test_a_name_that_the_parts_do_not_make_is_none() -> None:
    unchanged = f"#define V(x) VAL_##x\n{HELPER % 'return V(two) + y;'}"
    one, two = (
        "#define VAL_two 5\n#define VAL_one 1",
        "#define VAL_two 5\n#define VAL_one 2",
    )
    assert str(verdict(unchanged, one, two, BODIES).verdict) == "equal"


def test_a_function_of_the_file_may_paste_too() -> None:
    own = f"#define V(x) VAL_##x\nint g(int);\nstatic int h(int y)\n{{\n\t{LOOP}\n}}\n"
    sides = [
        parse(
            "kernel/x.c",
            f"#define VAL_one {n}\n{own}int f(int x)\n{{ {b} }}\n".encode(),
        )
        for n, b in zip((1, 2), BODIES, strict=True)
    ]
    found = compare_functions(sides[0], sides[1], None, None, "f", limits=PATIENCE)[0]
    assert str(found.verdict) == "differs"


def touched(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """What is said of the functions of kernel/x.c, by name."""
    sides = []
    for files in (before, after):
        view = OverlayView(EmptyView(), {p: t.encode() for p, t in files.items()})
        source = parse("kernel/x.c", files["kernel/x.c"].encode())
        sides.append((source, Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    found = compare_files(
        pre, post, facts_pre, facts_post, limits=PATIENCE, conditions=True
    )
    return {one.name: str(one.verdict) for one in found}


OTHER = "int other(int x) { return x; }\n"
DIRECT = {
    "one part is given": "#define V(x) VAL_##x\nint f(int x) { return x + V(one); }\n",
    "both parts are given": f"{TWO_IN_ONE}int f(int x) {{ return CAT(VAL_, one); }}\n",
    "in a condition": "#define V(x) VAL_##x\n"
    "int g(int);\nint f(int x) { if (x > V(one)) g(x); return g(2); }\n",
}


@pytest.mark.parametrize("text", DIRECT.values(), ids=DIRECT)
def test_a_function_that_pastes_a_changed_name_is_compared(text: str) -> None:
    sides = [{"kernel/x.c": f"#define VAL_one {n}\n{text}{OTHER}"} for n in (1, 2)]
    found = touched(*sides)
    assert found.keys() == {"f"}
    assert found["f"] not in ("equal", "not decided")
    assert touched(sides[0], sides[0]) == {}


@pytest.mark.parametrize(
    "name", sorted(CASES.keys() - {"a function"})
)  # judged by itself
def test_a_function_that_an_unchanged_header_leads_to_is_compared(name: str) -> None:
    unchanged, changing = CASES[name]
    files = {
        "kernel/x.c": f"{USER % 'return h(x);'}{OTHER}",
        "include/linux/a.h": f"#include <linux/b.h>\n{unchanged}",
    }
    sides = [files | {"include/linux/b.h": f"{text}\n"} for text in changing]
    found = touched(*sides)
    assert found.keys() == {"f"}
    assert found["f"] != "equal"
