# SPDX-License-Identifier: GPL-2.0-or-later
"""A system call is the function that SYSCALL_DEFINE2() and its like make of it."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits

BODY = "\n{\n\treturn x + 1;\n}\n"
ONE = f"SYSCALL_DEFINE1(f, int, x){BODY}"
TWO = f"SYSCALL_DEFINE2(f, int, x, char __user *, buf){BODY}"
NONE = "int x;\nSYSCALL_DEFINE0(f)\n{\n\treturn x + 1;\n}\n"
COMPAT = f"COMPAT_SYSCALL_DEFINE1(f, int, x){BODY}"
OWN = f"#define SYSCALL_DEFINE1(n, t, a) long n(char a)\n{ONE}"


def verdict(before: str, after: str) -> str:
    one, two = (parse("mm/x.c", text.encode()) for text in (before, after))
    return compare_functions(one, two, None, None, "f", limits=ProverLimits())[
        0
    ].verdict


@pytest.mark.parametrize("text", [ONE, TWO, NONE, COMPAT])
def test_a_system_call_is_compared(text: str) -> None:
    assert verdict(text, text.replace("x + 1", "1 + x")) == "equal"
    assert verdict(text, text.replace("x + 1", "x + 2")) == "differs"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, COMPAT),
        (ONE, ONE.replace("SYSCALL_DEFINE1(f, int, x)", "long f(int x)")),
        (NONE, NONE.replace("(f)", "(f) ONCE ")),
        (OWN, OWN.replace("x + 1", "1 + x")),
        (ONE, ONE.replace("int, x", "unsigned char, x")),
        (ONE, ONE.replace("int, x", "int __mode(QI), x")),
    ],
    ids=["compat", "plain", "a word behind", "own", "type", "mode"],
)
def test_what_makes_it_another_function_is_seen(before: str, after: str) -> None:
    assert verdict(before, after) != "equal"


def test_a_loop_and_a_local_static_stand_behind_a_brace() -> None:
    """As they do in the text of a macro."""
    loop = "void g(int); void f(int *p) { list_for_each_entry(q, p, l) if (*q) break; }"
    once = "int f(int x) { static DEFINE_MUTEX(m); if (x) return 2; return 1; }"
    for text in (loop, once):
        assert not parse("mm/x.c", text.encode()).function_named("f").broken
