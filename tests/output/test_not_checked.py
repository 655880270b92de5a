# SPDX-License-Identifier: GPL-2.0-or-later
"""What was not checked, on a terminal: whole, once, and with the next step."""

from __future__ import annotations

from msgspec.structs import replace

from reviewer.models import NotChecked
from reviewer.output import render

LONG = "hunk 1 of 1 does not apply: " + "words and more words, " * 12 + "the end"


def shown(make, *items, applied=False) -> str:
    report = make.report(not_checked=items)
    states = tuple(replace(state, applied=applied) for state in report.patches)
    return render(replace(report, patches=states), "text", width=80)


def test_the_reason_is_wrapped_and_not_cut(make):
    text = shown(make, NotChecked("patch 1: mm/a.c", LONG))
    assert " ".join(text.split()).endswith("the end")
    assert max(map(len, text.splitlines())) <= 80


def test_the_command_stands_whole_on_a_line_of_its_own(make):
    command = (
        "git -C /a/long/path/to/the/tree fetch https://example.org/x.git " + "0" * 40
    )
    todo = f"it is not here: run `{command}` and this again"
    items = [NotChecked(f"patch {n}", "fails", todo=todo) for n in (1, 2)]
    lines = shown(make, *items).splitlines()
    assert lines.count(f"    {command}") == 1
    assert "patch 1, patch 2: fails" in lines


def test_many_for_one_reason_are_one_line(make):
    items = [NotChecked(f"rule-{n}", "no kernel tree") for n in range(20)]
    lines = shown(make, *items).splitlines()
    assert lines[1:] == ["rule-0, rule-1, rule-2, rule-3 and 16 more: no kernel tree"]


def test_a_remark_of_no_weight_breaks_no_silence(make):
    item = NotChecked("mm/a.c: f()", "parse error")
    assert shown(make, item, applied=True) == ""


def test_a_mail_left_out_is_news(make):
    item = NotChecked("[PATCH] b", "no diff in it")
    report = make.report(not_checked=(item,))
    series = replace(report.series, left_out=(item,))
    assert "[PATCH] b: no diff in it" in render(replace(report, series=series), "text")
