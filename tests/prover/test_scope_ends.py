# SPDX-License-Identifier: GPL-2.0-or-later
"""What is called where a scope ends, however its attribute is spelled."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict

HEAD = """void sink(int);
static inline void done(int *v) { sink(*v); }
#define __cleanup(f) __attribute__((__cleanup__(f)))
#define HOLD(v) int h_ __cleanup(done) = v
#define at_end(f) __attribute__((__cleanup__(f)))
#define HOLD_TWICE(v) int h_ at_end(done) = v
#define __held __attribute__((__cleanup__(done)))
#define __held_too __cleanup(done)
"""
BODIES = [
    "int t __cleanup(done) = x; return t;",
    "int t __attribute__((cleanup(done))) = x; return t;",
    "__cleanup(done) int t = x; return t;",
    "HOLD(x); return x;",
    "int t at_end(done) = x; return t;",
    "HOLD_TWICE(x); return x;",
    "int t __held = x; return t;",
    "int t __held_too = x; return t;",
    "__held int t = x; return t;",
    "[[gnu::cleanup(done)]] int t = x; return t;",
]


def verdict(old: str, new: str, head: str = HEAD) -> Verdict:
    one, two = (parse("a.c", f"{head}{text}\n".encode()) for text in (old, new))
    (found,) = compare_functions(one, two, None, None, "f")
    return found.verdict


@pytest.mark.parametrize("body", BODIES)
def test_a_function_with_one_does_more_than_one_without(body: str) -> None:
    plain = "int f(int x) { int t = x; return t; }"
    assert verdict(plain, f"int f(int x) {{ {body} }}") is not Verdict.EQUAL


@pytest.mark.parametrize("name", ["free", "cleaned", "cleanup", "guard"])
def test_a_variable_with_such_a_name_is_none(name: str) -> None:
    named = f"int f(int x) {{ int {name} = x; return {name}; }}"
    assert verdict("int f(int x) { return x; }", named) is Verdict.EQUAL


def test_a_label_with_such_a_name_is_none() -> None:
    named = "int f(int x) {{ if (x) goto {0}; sink(x); {0}: return x; }}"
    assert verdict(named.format("out"), named.format("cleanup")) is Verdict.EQUAL


@pytest.mark.parametrize("body", BODIES)
def test_a_callee_with_one_does_not_only_look(body: str) -> None:
    """Called twice it does twice what it does: that was told equal."""
    head = f"{HEAD}static int b(int x) {{ {body} }}\n"
    once, twice = "int f(int x) { return b(x); }", "int f(int x) { b(x); return b(x); }"
    assert verdict(once, twice, head) is not Verdict.EQUAL


@pytest.mark.parametrize("body", BODIES)
def test_what_a_callee_does_is_not_missed_where_it_cannot_be_read(body: str) -> None:
    """The call was told to be gone, which the other side makes at its scope's end."""
    call = "\nint f(int x) { int r = b(x); return r; }"
    old = f"static int b(int x) {{ sink(x); return x; }}{call}"
    new = f"static int b(int x) {{ {body} }}{call}"
    assert verdict(old, new) is Verdict.NOT_DECIDED


def test_a_macro_that_jumps_to_such_a_label_does_nothing_at_the_end() -> None:
    head = f"{HEAD}#define CHECK(v) do {{ if (v) goto cleanup; }} while (0)\n"
    text = "int f(int x) {{ CHECK(x > 3); x = {}; cleanup: return x; }}"
    assert verdict(text.format("x + 1"), text.format("1 + x"), head) is Verdict.EQUAL
