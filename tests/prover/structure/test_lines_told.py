# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros of a driver that hand on the line they stand on."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import FunctionVerdict, Verdict

HANDS_ON = {
    "beside the file": "void fail(const char *f, int n);\n"
    "#define CHECK(e) ((e) ? (void)0 : fail(__FILE__, __LINE__))\n",
    "a parameter of that name": "void fail(int line);\n"
    "#define CHECK(e) do { if (!(e)) fail(__LINE__); } while (0)\n",
    "a line in the log": '#define CHECK(e) pr_err("%d: %d", __LINE__, (e))\n',
    "through another macro": "#define SAY(...) pr_err(__VA_ARGS__)\n"
    '#define CHECK(e) SAY("%s:%d", __func__, __LINE__)\n',
}
DOES_MORE = {
    "a number": "void put(int value);\n#define CHECK(e) put(__LINE__)\n",
    "a name": "#define NAME(f, n) v##n(f)\n#define CHECK(e) NAME(__func__, __LINE__)\n",
    "a sum": "void fail(int line);\n#define CHECK(e) fail(__LINE__ + 1)\n",
    "a branch": "void put(int x);\n"
    "#define CHECK(e) do { if (__LINE__ & 1) put(e); } while (0)\n",
    "counted": "void fail(const char *f, int n);\n"
    "#define CHECK(e) fail(__FILE__, __COUNTER__)\n",
}
BODY = "int g(int x);\n%sint f(int x)\n{\n\tCHECK(x);\n\treturn %s;\n}\n"


def judged(macro: str, old: str, new: str) -> FunctionVerdict:
    one, two = (
        parse("drivers/x/a.c", (macro + text).encode())
        for text in (BODY % ("", old), BODY % ("int h(void);\n", new))
    )
    return compare_functions(one, two, None, None, "f", conditions=True)[0]


@pytest.mark.parametrize("macro", HANDS_ON.values(), ids=HANDS_ON)
def test_a_line_that_is_only_told_keeps_nothing_from_being_compared(macro: str) -> None:
    verdict = judged(macro, "g(x)", "g(x + 1)")
    assert verdict.parts[0].then == ("hands g() `x + 1`, not `x`",)
    assert verdict.otherwise == "the same (proved)"
    same = judged(macro, "g(x)", "(g(x))")
    assert same.verdict is Verdict.EQUAL
    assert "the line that `CHECK()` hands on is only told" in same.assumptions


@pytest.mark.parametrize("macro", DOES_MORE.values(), ids=DOES_MORE)
def test_a_line_that_may_count_is_not_taken_for_one(macro: str) -> None:
    assert judged(macro, "g(x)", "(g(x))").verdict is not Verdict.EQUAL
    assert not judged(macro, "g(x)", "g(x + 1)").otherwise
