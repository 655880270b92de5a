# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of X(a, b), in a macro or in a file, that are expanded with another X.

Neither the list nor the code that uses what it makes is another text; both are others
all the same, and no verdict may say or leave it to be thought that nothing changed.
"""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

LIST = "#define LIST X(1) X(2)\n"
IN_A_FILE = {"drivers/list.def": b"X(A, 1)\nX(B, 2)\n"}
ASKS = {
    "drivers/list.def": b"#ifdef WANT\n#define E(a) a,\n#else\n#define E(a)\n#endif\n"
    b"E(A) E(B)\n#undef E\n"
}
INCLUDED = '\n#include "list.def"\n'
# what stands before f(), with @ for what changes; what f() returns; @ before and after
FORMS = {
    "a table": (
        f"#define X(a, b) @\nstatic const int t[] = {{{INCLUDED}}};\n#undef X\n",
        "t[1]", "b,", "b + 1,", IN_A_FILE),
    "one of two tables": (
        f"#define X(a, b) @\nstatic const int t[] = {{{INCLUDED}}};\n#undef X\n"
        f"#define X(a, b) 0,\nstatic const int u[] = {{{INCLUDED}}};\n",
        "t[x]", "b,", "b + 1,", IN_A_FILE),
    "members of an enum": (f"#define X(a, b) @\nenum {{{INCLUDED}LAST }};\n#undef X\n",
                           "LAST", "a,", "a = b,", IN_A_FILE),
    "one of them": (f"#define X(a, b) @\nenum {{{INCLUDED}LAST }};\n#undef X\n",
                    "B", "a,", "a = b,", IN_A_FILE),
    "whether there are any": (f"enum {{\n@{INCLUDED}LAST }};\n", "LAST",
                              "#define WANT", "", ASKS),
    "a switch in a callee": (
        f"#define X(a, b) @\nstatic inline int g(int x)\n{{\n\tswitch (x) {{{INCLUDED}"
        "\t}\n\treturn 0;\n}\n#undef X\n", "g(x)", "case b: return b;",
        "case b: return b + 1;", IN_A_FILE),
    "an enum by a macro": (LIST + "#define X(a) @\nenum { LIST LAST };\n#undef X\n",
                           "LAST", "M##a,", "M##a, N##a,", {}),
    "an enum by a longer list": ("#define LIST(X) X(A) X(B) @\n#define M(a) a,\n"
                                 "enum { LIST(M) LAST };\n", "LAST", "", "X(C)", {}),
    "functions": (LIST + "#define X(a) static inline int g##a(void) { return @; }\n"
                  "LIST\n#undef X\n#define X(a) a ^\n", "g1()", "a", "-a", {}),
    "a table by a macro": (LIST + "#define X(a) @\nstatic const int t[] = { LIST };\n"
                           "#undef X\n#define X(a) a ^\n", "t[1]", "a,", "a + 1,", {}),
}  # fmt: skip


def told(form: str, new: str, value: str = "{}") -> list[str]:
    """The verdicts of the functions that are compared."""
    before, returned, old, _new, files = FORMS[form]
    texts = [
        before.replace("@", one) + f"int f(int x)\n{{\n\treturn {text};\n}}\n"
        for one, text in ((old, returned), (new, value.format(returned)))
    ]
    one, two = (parse("drivers/x.c", text.encode()) for text in texts)
    facts = [
        Facts(OverlayView(EmptyView(), {**files, "drivers/x.c": source.data}))
        for source in (one, two)
    ]
    return [str(v.verdict) for v in compare_files(one, two, facts[0], facts[1])]


@pytest.mark.parametrize("value", ["{}", "({})"])
@pytest.mark.parametrize("form", FORMS)
def test_another_x_is_another_list(form: str, value: str) -> None:
    found = told(form, FORMS[form][3], value)
    assert found
    assert "equal" not in found


@pytest.mark.parametrize("form", FORMS)
def test_a_list_that_is_the_same_changes_nothing(form: str) -> None:
    assert told(form, FORMS[form][2]) == []
