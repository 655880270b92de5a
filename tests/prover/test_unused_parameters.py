# SPDX-License-Identifier: GPL-2.0-or-later
"""A parameter that nobody used goes, and nothing changes; one that was used does."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

FILE = """struct mm { int users; };
struct ops { int (*call)(struct mm *mm, int n); };
int ext(int a);
int ext_with(struct mm *mm, int a);
static int inner(struct mm *mm, int n);
static int inner(struct mm *mm, int n)
{
	return ext(n) + 1;
}
static int middle(int n, struct mm *mm)
{
	return inner(mm, n + 1);
}
int outer(struct mm *mm, int n)
{
	while (ext(n))
		n += middle(n, mm);
	return n;
}
"""
NEW = (
    FILE.replace("inner(struct mm *mm, int n)", "inner(int n)")
    .replace("inner(mm, n", "inner(n")
    .replace("middle(int n, struct mm *mm)", "middle(int n)")
    .replace("middle(n, mm)", "middle(n)")
)
BASE = OverlayView(EmptyView(), {"include/linux/never.h": b"\n"})


def verdicts(old: str, new: str) -> dict[str, tuple[Verdict, str]]:
    """Of each function: the verdict, and what it assumes."""
    views = [BASE.overlay({"mm/x.c": text.encode()}) for text in (old, new)]
    sources = [parse("mm/x.c", text.encode()) for text in (old, new)]
    found = compare_files(*sources, Facts(views[0]), Facts(views[1]))
    return {one.name: (one.verdict, "; ".join(one.assumptions)) for one in found}


def test_a_parameter_that_was_only_handed_on() -> None:
    found = verdicts(FILE, NEW)
    assert found.keys() == {"inner", "middle", "outer"}
    for verdict, told in found.values():
        assert verdict is Verdict.EQUAL
        assert "middle() did not use its parameter `mm`" in told


def test_a_function_that_has_no_parameter_left() -> None:
    old = "int ext(int a);\nstatic int f(int n)\n{\n\treturn ext(1);\n}\n" + (
        "int g(int n)\n{\n\twhile (f(n))\n\t\tn++;\n\treturn n;\n}\n"
    )
    new = old.replace("f(int n)", "f(void)").replace("f(n)", "f()")
    assert verdicts(old, new)["g"][0] is Verdict.EQUAL


OTHERS = {
    "a call that does something": (
        FILE.replace("middle(n, mm)", "middle(n, get())"),
        NEW,
    ),
    "a step in the argument": (FILE.replace("middle(n, mm)", "middle(n, mm++)"), NEW),
    "one that was used": (
        FILE.replace("return ext(n) + 1", "return ext_with(mm, n) + 1"),
        NEW,
    ),
    "one that a macro used": (
        "#define plus(x) ((x) + mm->users)\n"
        + FILE.replace("return ext(n) + 1", "return plus(ext(n))"),
        "#define plus(x) ((x) + mm->users)\nextern struct mm *mm;\n"
        + NEW.replace("return ext(n) + 1", "return plus(ext(n))"),
    ),
    "another argument": (FILE, NEW.replace("middle(n)", "middle(n + 1)")),
}


@pytest.mark.parametrize(("old", "new"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_only_unused(old: str, new: str) -> None:
    found = verdicts(old, new)
    assert {one for one, _told in found.values()} != {Verdict.EQUAL}


def test_a_function_whose_address_is_taken() -> None:
    table = "static const struct ops ops = { .call = inner };\n"
    found = verdicts(FILE + table, NEW + table.replace("inner", "(void *)inner"))
    assert not any("did not use" in told for _verdict, told in found.values())
