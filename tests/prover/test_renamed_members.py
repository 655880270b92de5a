# SPDX-License-Identifier: GPL-2.0-or-later
"""A member that only has another name changes nothing; one that may be another does."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEADER = """struct box {
	int kind;
	union {
		struct { unsigned long length; unsigned int first; };
		void *other;
	};
};
struct lid { int wide; };
void open_box(struct box *b, unsigned int first);
int ext(int a);
"""
FILE = """#include <linux/box.h>
void open_box(struct box *b, unsigned int first)
{
	b->first = first & 7;
}
int read_box(struct box *b, struct lid *l)
{
	struct box two = { .kind = 1, .first = b->first };

	return b->first + ext(two.first) * l->wide;
}
"""
NEW = (HEADER.replace("first", "offset"), FILE.replace("first", "offset"))


def verdicts(
    old: tuple[str, str], new: tuple[str, str]
) -> dict[str, tuple[Verdict, bool]]:
    """Of each function: the verdict, and whether a new name is told."""
    facts, sources = [], []
    for text, code in (old, new):
        edits = {"include/linux/box.h": text.encode(), "lib/box.c": code.encode()}
        facts.append(BASE.overlay(edits))
        sources.append(parse("lib/box.c", code.encode()))
    found = compare_files(*sources, Facts(facts[0]), Facts(facts[1]))
    return {
        one.name: (one.verdict, any("is called" in told for told in one.assumptions))
        for one in found
    }


BASE = OverlayView(EmptyView(), {"include/linux/never.h": b"\n"})
SAME = {"open_box": (Verdict.EQUAL, True), "read_box": (Verdict.EQUAL, True)}


def test_a_member_by_another_name() -> None:
    assert verdicts((HEADER, FILE), NEW) == SAME


def test_two_members_at_once() -> None:
    new = tuple(text.replace("kind", "sort") for text in NEW)
    assert verdicts((HEADER, FILE), (new[0], new[1])) == SAME


OTHERS = {
    "another member of the struct": (
        (HEADER, FILE),
        (NEW[0], NEW[1].replace("b->offset +", "b->kind +")),
    ),
    "another place": (
        (HEADER, FILE),
        (
            HEADER.replace("unsigned long length; unsigned int first;",
                           "unsigned int offset; unsigned long length;"),
            NEW[1],
        ),
    ),
    "another width": (
        (HEADER, FILE),
        (NEW[0].replace("unsigned int offset;", "unsigned char offset;"), NEW[1]),
    ),
    "two names exchanged": (
        (HEADER.replace("kind", "offset"), FILE.replace("kind", "offset")),
        (
            HEADER.replace("first", "kind").replace("offset", "first")
            .replace("kind", "offset"),
            FILE.replace("kind", "offset"),
        ),
    ),
    "a struct that has both": (
        (HEADER.replace("int wide;", "int first, offset;"),
         FILE.replace("l->wide", "l->first")),
        (NEW[0].replace("int wide;", "int first, offset;"),
         NEW[1].replace("l->wide", "l->offset")),
    ),
    "another struct that still has the old one": (
        (HEADER.replace("int wide;", "int first;"),
         FILE.replace("l->wide", "l->first")),
        (NEW[0].replace("int wide;", "int first;"),
         NEW[1].replace("l->wide", "l->first + 1")),
    ),
    "a macro of the new name": (
        ("#define offset kind\n" + HEADER, FILE),
        ("#define offset kind\n" + NEW[0], NEW[1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_only_another_name(
    old: tuple[str, str], new: tuple[str, str]
) -> None:
    found = verdicts(old, new)
    assert found["read_box"][0] is not Verdict.EQUAL


def test_a_value_of_a_table_is_no_member() -> None:
    table = (
        "static struct lid own = { .wide = ONE, };\nint f(void) { return own.wide; }\n"
    )
    file = f"#include <linux/box.h>\n{table}"
    found = verdicts((HEADER, file), (HEADER, file.replace("ONE", "TWO")))
    assert found["f"][0] is not Verdict.EQUAL
    assert not any(is_told for _verdict, is_told in found.values())
