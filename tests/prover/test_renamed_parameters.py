# SPDX-License-Identifier: GPL-2.0-or-later
"""A parameter with another name is the same variable."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEADER = """struct s { int old; int m; };
int ext(int a);
int text_of(const char *text);
#define say(x) text_of(#x)
#define past(x) x##_late
extern int one_late, two_late;
#define twice(x) ((x) + (x))
#define uses_new (fresh + 1)
#define uses_old (old + 1)
extern int fresh_outside;
"""
FILE = """#include <linux/x.h>
static int part(struct s *s, unsigned char old)
{
	while (ext(old))
		s->old += old;
	return @;
}
int outer(struct s *s, int n)
{
	return part(s, n);
}
"""


def verdicts(old: str, new: str) -> dict[str, Verdict]:
    base = OverlayView(EmptyView(), {"include/linux/x.h": HEADER.encode()})
    one, two = (parse("a.c", text.encode()) for text in (old, new))
    facts = [Facts(OverlayView(base, {"a.c": text.encode()})) for text in (old, new)]
    found = compare_files(one, two, *facts, conditions=True)
    return {verdict.name: verdict.verdict for verdict in found}


def renamed(text: str) -> str:
    for old in ("char old", "(old", "+= old", "+ old", ", old"):
        text = text.replace(old, old.replace("old", "fresh"))
    return text


SAME = ["ext(old)", "s->old + old", "twice(old)", "ext(s->m) + old"]


@pytest.mark.parametrize("what", SAME)
def test_a_parameter_with_another_name(what: str) -> None:
    old = FILE.replace("@", what)
    assert verdicts(old, renamed(old)) == {"part": Verdict.EQUAL}


OTHERS = {
    "another variable": ("ext(old)", "ext(fresh_outside)"),
    "its name is a string": ("say(old)", "say(fresh)"),
    "a macro takes the new name": ("old + uses_new", "fresh + uses_new"),
    "a macro takes the old name": ("uses_old", "uses_old"),
    "a step more": ("ext(old)", "ext(fresh + 1)"),
}


@pytest.mark.parametrize(("one", "two"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_more_than_a_name(one: str, two: str) -> None:
    new = renamed(FILE).replace("@", two)
    if two == "uses_old":  # of the file, which then has one of its own
        new = new.replace("static int part", "static int old;\nstatic int part")
    assert verdicts(FILE.replace("@", one), new)["part"] is not Verdict.EQUAL


def test_another_type_and_another_place() -> None:
    old = FILE.replace("@", "ext(old)")
    new = renamed(old)
    for wider in ("unsigned short fresh", "int fresh"):
        other = new.replace("unsigned char fresh", wider)
        assert verdicts(old, other)["part"] is not Verdict.EQUAL
    both = FILE.replace("@", "ext(old - one)").replace("char old", "char old, int one")
    swapped = both.replace("char old, int one", "char one, int old")
    assert verdicts(both, swapped)["part"] is not Verdict.EQUAL
    inner = old.replace("{\n\twhile", "{\n\tint fresh = 3;\n\twhile", 1)
    shadow = inner.replace("ext(old);", "ext(fresh);")
    assert verdicts(inner, shadow)["part"] is not Verdict.EQUAL


@pytest.mark.parametrize("macro", ["say", "past"])
def test_a_local_variable_that_a_macro_spells(macro: str) -> None:
    old = FILE.replace("return @", f"int one = 1;\n\treturn {macro}(one)")
    new = old.replace("int one", "int two").replace("(one)", "(two)")
    assert verdicts(old, new)["part"] is not Verdict.EQUAL
    told = old.replace("int one = 1;", "int one = 1, more = 2;")
    assert verdicts(old, told)["part"] is Verdict.EQUAL
