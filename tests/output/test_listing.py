# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of an inbox in the columns that there are, and text cut to columns."""

from __future__ import annotations

import pytest

from reviewer.output import listing
from reviewer.output.columns import cut, fitting, padded, width_of, wrapped

TITLE = "mm: say at length what this series of patches is good for, and to whom it is"


def row(**changed):
    applies = {"kernel": "6.12.0", "tree": "6.12", "exact": 2, "nearly": 0, "not": 0}
    return {
        "title": TITLE,
        "author": {"name": "山田 太郎", "email": "taro@example.org"},
        "version": 3,
        "patches": [2, 2],
        "applies": applies,
        "remarks": {"high": 1, "medium": 2, "low": 0, "note": 4},
        "dismissed": 0,
        "last": {"version": 2, "comments": 5, "open": 1},
        "comments": 3,
        "tags": {"Reviewed-by": ["Rita", "Max"]},
        "robots": {"bot": 2},
        "marked": [{"marks": [{"kind": "old", "refutes": False}]}],
        "mails": 9,
        "new": 9,
        "behaviour": None,
        "error": None,
    } | changed


@pytest.mark.parametrize("width", [40, 80, 100, 139])
def test_a_narrow_terminal_has_two_lines_a_series(width: int) -> None:
    lines = listing.text([row(), row(version=12)], width=width, color=False)
    shown = lines.splitlines()
    assert len(shown) == 4
    assert all(width_of(line) <= width for line in shown)
    assert shown[0].endswith("(2 patches)")  # the count is never what is cut
    assert shown[1].strip().startswith("山田 太郎")
    assert shown[0].startswith("1 high, 2 medium  v3   mm")


@pytest.mark.parametrize("width", [140, 200])
def test_a_wide_terminal_has_one(width: int) -> None:
    (line,) = listing.text([row()], width=width, color=False).splitlines()
    assert width_of(line) <= width
    assert "6.12; v2: 1 of 5 open" in line


def test_a_pipe_has_all_of_it_on_one() -> None:
    (line,) = listing.text([row()], width=0, color=False).splitlines()
    assert line.endswith(
        f"{TITLE} (2 patches)  山田 太郎  6.12; v2: 1 of 5 open; 2 Reviewed-by;"
        " 2 robot mails; 1 remark old; 3 replies"
    )


def test_what_was_said_to_the_remarks_of_others() -> None:
    old, mended, returns = (
        {"kind": kind, "refutes": False} for kind in ("old", "mended", "returns")
    )
    there = {"kind": "there", "refutes": True}
    marked = [{"marks": marks} for marks in ([old], [mended, there], [returns], [old])]
    assert listing.thread_news(row(marked=marked, tags={}, comments=0)) == [
        "2 robot mails",
        "1 remark refuted",
        "2 remarks old",
        "1 remark checked",
    ]


def test_colour_is_of_the_worst_remark_and_adds_no_column() -> None:
    plain = listing.text([row()], width=80, color=False)
    shown = listing.text([row()], width=80, color=True)
    for code in ("\x1b[31;1m", "\x1b[2m", "\x1b[0m"):
        assert code in shown
        shown = shown.replace(code, "")
    assert shown == plain


@pytest.mark.parametrize(
    ("exact", "nearly", "left", "told"),
    [
        (2, 0, 0, "6.12"),
        (1, 1, 0, "6.12, nearly"),
        (0, 0, 1, "not on 6.12"),
        (0, 0, 4, "not on 6.12"),
        (1, 1, 2, "2 of 4 on 6.12"),
    ],
)
def test_what_it_applies_to(exact: int, nearly: int, left: int, told: str) -> None:
    found = {"exact": exact, "nearly": nearly, "not": left}
    one = row(applies={"kernel": "6.12.0", "tree": "6.12"} | found)
    assert listing.applies(one) == told


def test_a_text_is_cut_behind_a_word_and_by_columns() -> None:
    assert cut("one two three", 13) == "one two three"
    assert cut("one two three", 12) == "one two..."
    assert cut("one two, three", 12) == "one two..."
    assert cut("x" * 30, 10) == "xxxxxxx..."
    assert cut("山田太郎は", 8) == "山田..."
    assert cut("anything", 2) == "..."
    assert padded("山", 4) == "山  "
    assert width_of("e\u0301") == 1


def test_lines_and_parts_say_that_there_is_more() -> None:
    assert wrapped("a bc d", 5, "  ", first="* ") == ["* a", "  bc", "  d"]
    assert wrapped("one two three four", 10, "  ", most=2) == [
        "  one two",
        "  three...",
    ]
    assert wrapped("", 9, "  ") == []
    assert fitting(["one", "two", "three"], 30) == "one; two; three"
    assert fitting(["one", "two", "three"], 13) == "one; two; ..."
    assert fitting(["one", "two", "three"], 12) == "one; ..."
    assert fitting([], 12) == ""
