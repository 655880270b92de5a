# SPDX-License-Identifier: GPL-2.0-or-later
"""A member that an enum gains behind the others leaves these what they were."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "structure"))

from judged_pairs import HEAD, judged

from reviewer.facts.header import header
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.verdict import Verdict

ENUM = "#define BIG (1ULL << 40)\nenum kind { first, second = 5, third@ };\n"
BODY = """	while (a--)
		ask(p);
	switch (a) {
	case second:
		return ask(p) + first;
	case third:
		return third - second;
	}
	return 0;"""


def verdict(members: str, before: str = "") -> Verdict:
    one, two = (HEAD + ENUM.replace("@", text) for text in (before, members))
    return judged(BODY, BODY, one, two).verdict


BEHIND = [", fourth", ", fourth, fifth = 99, sixth", ", z = -1"]


@pytest.mark.parametrize("more", BEHIND)
def test_members_behind_the_others(more: str) -> None:
    assert verdict(more) is Verdict.EQUAL


@pytest.mark.parametrize("more", [", huge = BIG", ", huge = 0x7fffffff + 1u"])
def test_one_that_is_larger_than_an_int(more: str) -> None:
    assert verdict(more) is not Verdict.EQUAL


def test_members_between_the_others() -> None:
    head = HEAD + ENUM.replace("@", "")
    for old, new in (
        ("third }", "more, third }"),
        ("second = 5", "second = 6"),
        ("third }", "\n#ifdef CONFIG_X\nmore,\n#endif\nthird }"),
        ("first, second = 5", "second = 5, first"),
    ):
        other = head.replace(old, new)
        assert other != head
        assert judged(BODY, BODY, head, other).verdict is not Verdict.EQUAL


@pytest.mark.parametrize("more", BEHIND)
def test_the_texts_of_the_members_before(more: str) -> None:
    one, two = (
        meanings_of(header("a.h", ENUM.replace("@", text).encode())).texts
        for text in ("", more)
    )
    assert [one[name] == two[name] for name in ("first", "second", "third")] == [
        True
    ] * 3
