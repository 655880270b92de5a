# SPDX-License-Identifier: GPL-2.0-or-later
"""Two names of one member of a union, in tables and where it is called."""

from __future__ import annotations

import pytest

from reviewer.c.source import Source, parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.prover.changes.before_alike import before_alike
from reviewer.prover.changes.changed_entries import changed_entries
from reviewer.prover.changes.twin_members import twin_members
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEADER = """struct algo {
	union {
		int (*send)(int n);
		int (*main_send)(int n);
	};
	int flags;
};
int ext(int a);
int add(const struct algo *a);
"""
FILE = """#include <linux/x.h>
static int mine(int n)
{
	return ext(n);
}
static const struct algo table = { .main_send = mine, .flags = 1 };
int probe(int n)
{
	while (ext(n))
		n++;
	return add(&table);
}
int calls(const struct algo *a, int n)
{
	while (ext(n))
		n++;
	return a->main_send(n);
}
"""
NEW = FILE.replace("main_send", "send")


def of_both(
    old: str, new: str, head: str = HEADER
) -> tuple[Source, Source, Facts, Facts]:
    """Both states of a file, and the facts of each."""
    base = OverlayView(EmptyView(), {"include/linux/x.h": head.encode()})
    one, two = (parse("a.c", text.encode()) for text in (old, new))
    facts = [Facts(OverlayView(base, {"a.c": text.encode()})) for text in (old, new)]
    return one, two, facts[0], facts[1]


def test_the_other_name_of_a_member() -> None:
    both = of_both(FILE, NEW)
    assert [one.old for one in twin_members(*both)] == ["main_send"]
    found = compare_files(*both, conditions=True)
    assert {verdict.verdict for verdict in found} == {Verdict.EQUAL}
    before = before_alike(*both)
    assert not changed_entries(before.source, both[1], before.facts, both[3])


def test_another_function_beside_the_other_name() -> None:
    both = of_both(FILE, NEW.replace(".send = mine", ".send = ext"))
    found = {one.name: one.verdict for one in compare_files(*both, conditions=True)}
    assert found["probe"] is not Verdict.EQUAL
    assert found["calls"] is Verdict.EQUAL


NO_TWINS = {
    "of another type": ("int (*main_send)(int n)", "long (*main_send)(int n)"),
    "no union": ("union {", "struct {"),
    "under an option": ("		int (*main_send)(int n);",
                        "#ifdef CONFIG_A\n		int (*main_send)(int n);\n#endif"),
    "a third one": ("int flags;", "int flags;\n};\nstruct other { int main_send;"),
    "a macro": ("int ext(int a);", "int ext(int a);\n#define main_send other_send"),
    "a union with a name": ("	};\n	int flags", "	} u;\n	int flags"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), NO_TWINS.values(), ids=NO_TWINS.keys())
def test_a_member_of_its_own(old: str, new: str) -> None:
    header = HEADER.replace(old, new)
    assert header != HEADER
    assert not twin_members(*of_both(FILE, NEW, header))


def test_a_variable_of_the_name() -> None:
    old = FILE.replace("static int mine", "static int main_send;\nstatic int mine")
    assert not twin_members(*of_both(old, NEW))
