# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions whose heads differ: the bodies are compared all the same where they can."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import FunctionVerdict, Verdict

TEXT = """int put(int n);
int ask(int n);
extern int more;
{head}
{{
	int r = 0;

	while (n--)
		r += ask(n);
	put(r);
	{end}
}}
"""
HEAD, END = "static int f(int n)", "return 0;"


def judged(
    head: str, end: str = END, *, old: str = HEAD, old_end: str = END, names: str = "f"
) -> FunctionVerdict:
    one = TEXT.format(head=old, end=old_end)
    two = TEXT.format(head=head, end=end)
    sources = parse("a.c", one.encode()), parse("a.c", two.encode())
    return compare_functions(*sources, None, None, names, conditions=True)[0]


TOLD = [
    ("static void f(int n)", "", "is declared `void`, not `int`"),
    ("static int f(int n, int all)", "return all;", "takes one more: `int all`"),
]


@pytest.mark.parametrize(("head", "end", "told"), TOLD)
def test_what_differs_in_the_head_is_told(head: str, end: str, told: str) -> None:
    for one, two in (((HEAD, END), (head, end)), ((head, end), (HEAD, END))):
        verdict = judged(*two, old=one[0], old_end=one[1])
        assert verdict.verdict is Verdict.BUT_FOR
        assert verdict.otherwise == "the same (proved)"
        if two[0] == head:
            assert verdict.parts[0].then == (told,)


def test_a_step_that_uses_a_new_parameter_is_told() -> None:
    verdict = judged("static int f(int n, int all)", "return all;")
    assert [part.then for part in verdict.parts][1] == ("returns `all`, not `0`",)


def test_a_function_that_returns_nothing_does_not_go_on() -> None:
    verdict = judged("static void f(int n)", "")
    assert [part.then for part in verdict.parts][1] == ("no longer returns `0`",)


def test_a_parameter_of_another_name_is_none_more() -> None:
    old, new = "static int f(int n, char a)", "static int f(int n, char b)"
    verdict = judged(new, "return ask(b);", old=old, old_end="return ask(a);")
    events = [one for part in verdict.parts for one in part.then]
    assert not any("takes one" in one for one in events)
    other = judged(
        "static int f(int n, long b)", "return ask(b);", old=old,
        old_end="return ask(a);",
    )  # fmt: skip
    assert other.parts[0].then == (
        "takes one more: `long b`",
        "no longer takes one: `char a`",
    )


@pytest.mark.parametrize("head", ["int f(int n)", "static inline int f(int n)"])
def test_how_a_function_is_linked_is_nothing_that_it_does(head: str) -> None:
    assert judged(head).verdict is Verdict.EQUAL


def test_a_function_that_has_another_name_now() -> None:
    renamed = HEAD.replace("f(", "g(")
    assert judged(renamed, names="f>g").verdict is Verdict.EQUAL
    told = judged(
        renamed, "more = __func__[0];", old_end="more = __func__[0];", names="f>g"
    )
    assert told.verdict is not Verdict.EQUAL


NOT_COMPARED = [
    ("static int f(long n)", END, END),  # what the loop counts with is wider
    ("static int f(int n, int more)", "return more;", "return more;"),  # hides a global
    ("static int f(int n, ...)", END, END),
]


@pytest.mark.parametrize(("head", "end", "old_end"), NOT_COMPARED)
def test_a_head_on_which_the_bodies_hang(head: str, end: str, old_end: str) -> None:
    proofs = (Verdict.EQUAL, Verdict.BUT_FOR, Verdict.UNLESS)
    assert judged(head, end, old_end=old_end).verdict not in proofs
    assert judged(HEAD, old_end, old=head, old_end=end).verdict not in proofs


def test_parameters_that_changed_places() -> None:
    two = "static int f(int n, int m)"
    verdict = judged("static int f(int m, int n)", old=two)
    assert verdict.verdict not in (Verdict.EQUAL, Verdict.BUT_FOR, Verdict.UNLESS)


NOTES = """#ifdef __CHECKER__
# define __acquires(x) __attribute__((context(x,0,1)))
#else
# define __acquires(x)
#endif
#define __other __attribute__((alias("ask")))
static int f(int n)
"""


@pytest.mark.parametrize(
    ("note", "verdict"),
    [("__acquires(RCU)", Verdict.EQUAL), ("__other", Verdict.NOT_DECIDED)],
)
def test_a_note_for_sparse_changes_nothing(note: str, verdict: Verdict) -> None:
    head = f"{NOTES.rstrip()} {note}"
    assert judged(head, old=NOTES.rstrip()).verdict is verdict
    assert judged(NOTES.rstrip(), old=head).verdict is verdict
