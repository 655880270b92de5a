# SPDX-License-Identifier: GPL-2.0-or-later
"""A function gets another name, and who calls it does what it did."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

FILE = """#include <linux/x.h>
struct s { int (*call)(int n); int count; };
int ext(int a);
int use(int (*call)(int n));
int use_text(const char *text);
static int part(int n)
{
	while (ext(n))
		n++;
	return ext(n) + 1;
}
static const struct s table = { .call = part };
int outer(int n)
{
	while (ext(n))
		n += part(n);
	return n;
}
int hands(int n)
{
	while (ext(n))
		n++;
	return use(part) + use(table.call);
}
"""
HEADER = """#define plain(f) use(f)
#define say(f) use_text(#f)
#define past(f) f##_late(1)
"""
NEW = FILE.replace("part", "whole")


def verdicts(old: str, new: str, header: str = HEADER) -> dict[str, FunctionVerdict]:
    base = OverlayView(EmptyView(), {"include/linux/x.h": header.encode()})
    sides = [
        (OverlayView(base, {"a.c": text.encode()}), parse("a.c", text.encode()))
        for text in (old, new)
    ]
    one, two = (Facts(view) for view, _source in sides)
    found = compare_files(sides[0][1], sides[1][1], one, two, conditions=True)
    return {verdict.name: verdict for verdict in found}


def test_the_callers_of_a_function_with_another_name() -> None:
    found = verdicts(FILE, NEW)
    assert {name: v.verdict for name, v in found.items()} == dict.fromkeys(
        ["whole", "outer", "hands"], Verdict.EQUAL
    )
    assert found["whole"].before_name == "part"
    assert "part() is called whole() now" in found["outer"].assumptions


def test_what_else_changes_is_told() -> None:
    found = verdicts(FILE, NEW.replace("n += whole(n)", "n += whole(n + 1)"))
    assert found["outer"].verdict is not Verdict.EQUAL
    assert found["hands"].verdict is Verdict.EQUAL
    found = verdicts(FILE, NEW.replace("ext(n) + 1", "ext(n) + 2"))
    assert found["whole"].verdict is not Verdict.EQUAL
    assert found["outer"].verdict is not Verdict.EQUAL


BESIDE = {
    "the new name is there already": (
        FILE.replace("int ext(int a);", "int ext(int a);\nint whole(int n);")
        .replace("n += part(n)", "n += whole(n)"),
        NEW,
    ),
    "another function with the old name": (
        FILE.replace("use(part)", "use(whole)").replace("int ext(int a);",
                     "int ext(int a);\nint whole(int n);"),
        NEW.replace("use(whole)", "use(part)").replace("int ext(int a);",
                    "int ext(int a);\nint part(int n);"),
    ),
    "its name is a string": (
        FILE.replace("return use(part)", "return say(part)"),
        NEW.replace("return use(whole)", "return say(whole)"),
    ),
    "its name makes another": (
        FILE.replace("return use(part)", "return past(part)"),
        NEW.replace("return use(whole)", "return past(whole)"),
    ),
    "it tells its name": (
        FILE.replace("ext(n) + 1", "use_text(__func__)"),
        NEW.replace("ext(n) + 1", "use_text(__func__)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), BESIDE.values(), ids=BESIDE.keys())
def test_where_a_name_is_more_than_a_name(old: str, new: str) -> None:
    found = verdicts(old, new)
    assert any(one.verdict is not Verdict.EQUAL for one in found.values())


def test_a_macro_that_only_hands_it_on() -> None:
    old, new = (text.replace("return use(", "return plain(") for text in (FILE, NEW))
    assert {v.verdict for v in verdicts(old, new).values()} == {Verdict.EQUAL}


def test_a_variable_of_the_old_name_stays() -> None:
    old = FILE.replace("int hands(int n)\n{", "int hands(int n)\n{\n\tint other = 1;")
    new = NEW.replace("int hands(int n)\n{", "int hands(int n)\n{\n\tint part = 1;")
    new = new.replace("use(whole)", "use(whole) + part")
    assert verdicts(old, new)["hands"].verdict is not Verdict.EQUAL
