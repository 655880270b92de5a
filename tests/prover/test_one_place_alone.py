# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that is the same text and not the same thing: a size that hangs on a variable,
a name that a macro takes for its own, a body that the linker may replace, a static
variable of each place.  Beside each a twin that is the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "structure"))

from entered_pairs import HEAD, F

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView

M = "#define M(a) do { int q_ = (a); say(q_); } while (0)\n"
FIVE = "#define five(a) ({ int q_ = 5; q_ + (a); })\n"
G = "int g(int a) { return a + 1; }\n"
SAYS = "int g(int a) { say(a); return a + 1; }\n"
TWO_DEEP = "#define in_() ({ static int n_; n_++; })\n#define out_() in_()\n"
OUT = "static int g(void) { return out_(); }\n"
OTHER = {
    "the size of an array type": (
        F + "{ int k = x; say(sizeof(char[k])); return 0; }",
        F + "{ int k = x + 1; say(sizeof(char[k])); return 0; }"),
    "the size of one behind a pointer": (
        F + "{ int k = x; typeof(char[k]) *q = any(p); say(sizeof(*q)); return 0; }",
        F + "{ int k = x + 1; typeof(char[k]) *q = any(p); say(sizeof(*q));"
        " return 0; }"),
    "a size read before a step": (
        F + "{ say(sizeof(char[x])); x++; return x; }",
        F + "{ x++; say(sizeof(char[x])); return x; }"),
    "a name that a macro has": (
        M + F + "{ int q_ = x; M(q_); return 0; }",
        M + F + "{ int w = x; M(w); return 0; }"),
    "a name that a macro has, in its value": (
        FIVE + F + "{ int q_ = x; return five(q_); }",
        FIVE + F + "{ int w = x; return five(w); }"),
    "declared weak behind it": (
        G + "int g(int a) __attribute__((weak));\n" + F + "{ return g(x); }",
        G + "int g(int a) __attribute__((weak));\n" + F + "{ return x + 1; }"),
    "declared weak before it": (
        "extern int g(int a) __weak;\n" + G + F + "{ return g(x); }",
        "extern int g(int a) __weak;\n" + G + F + "{ return x + 1; }"),
    "weak, and called behind a loop": (
        "extern int g(int a) __weak;\n" + SAYS + F
        + "{ while (x--) lock(p); return g(x); }",
        "extern int g(int a) __weak;\n" + SAYS + F
        + "{ while (x--) lock(p); say(x); return x + 1; }"),
    "a variable of one place and of two": (
        F + "{ say(once()); say(once()); return 0; }",
        F + "{ int i; for (i = 0; i < 2; i++) say(once()); return 0; }"),
    "one of a function and of two places": (
        TWO_DEEP + OUT + F + "{ say(g()); return g(); }",
        TWO_DEEP + F + "{ say(out_()); return out_(); }"),
}  # fmt: skip
SAME = {
    "a size that is a number": (
        F + "{ int k = x; say(sizeof(char[4])); return k; }",
        F + "{ int w = x; say(sizeof(char[4])); return w; }"),
    "a name that no macro has": (
        M + F + "{ int w = x; M(w); return 0; }",
        M + F + "{ int v = x; M(v); return 0; }"),
    "a function of the file": (
        "static " + G + F + "{ return g(x); }",
        "static " + G + F + "{ return x + 1; }"),
    "two places and two places": (
        F + "{ int a = once(); say(a); return once(); }",
        F + "{ int b = once(); say(b); return once(); }"),
    "one place in a function": (
        TWO_DEEP + OUT + F + "{ say(x); return g(); }",
        TWO_DEEP + F + "{ say(x); return out_(); }"),
}  # fmt: skip


def verdicts(one: str, two: str) -> set[Verdict]:
    """The verdicts of both directions."""
    facts, found = Facts(EmptyView()), set()
    for texts in ((one, two), (two, one)):
        old, new = (parse("mm/x.c", (HEAD + text).encode()) for text in texts)
        judged = compare_functions(old, new, facts, facts, "f", conditions=True)
        found.add(judged[0].verdict)
    return found


@pytest.mark.parametrize(("one", "two"), OTHER.values(), ids=OTHER.keys())
def test_what_is_another_thing_is_not_equal(one: str, two: str) -> None:
    assert Verdict.EQUAL not in verdicts(one, two)


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME.keys())
def test_its_twin_is_equal(one: str, two: str) -> None:
    assert verdicts(one, two) == {Verdict.EQUAL}


def test_a_local_of_the_name_of_something_that_changed_is_no_change() -> None:
    """Macros that say the name of what they are handed: regmap_init_spi(spi, ..)."""
    text = "#define show_it(v) ({ static int k_; named(#v); ext(k_ + (v)); })\n" + F
    body = "{ int size = x; return show_it(size) + %s; }"
    facts = Facts(EmptyView())
    one, two = (
        parse("mm/x.c", (HEAD + more + text + body % last).encode())
        for more, last in (
            ("struct size { int a; };\n", "0"),
            ("struct size { int b; };\n", "(0)"),
        )
    )
    (verdict,) = compare_functions(one, two, facts, facts, "f", conditions=True)
    assert verdict.verdict is Verdict.EQUAL
