# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks of a thread and what the tree says to them: as text, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from reviewer.factcheck.records import Checked, Mark, Remark
from reviewer.mail.people import is_robot, shown
from reviewer.models import Series
from reviewer.output.safe import data, terminal_line

FORMATS = ("text", "json")
LONGEST = 100  # characters of a line of a mail that are shown

# a posting, its remarks, and the version of the kernel that they were checked against
CheckedSeries = tuple[Series, Sequence[Checked], str]


def render(whole: Sequence[CheckedSeries], form: str, *, unmarked: bool = False) -> str:
    """Returns the remarks in one of ``FORMATS``; JSON has those without a mark too."""
    if form == "json":
        rows = [_series(*one) for one in whole]
        return json.dumps({"schema": 1, "series": rows}, indent=1) + "\n"
    parts = [_text(*one, unmarked=unmarked) for one in whole]
    return "\n".join(part for part in parts if part)


def summary(checked: Sequence[Checked]) -> str:
    """Returns one line: how many remarks there are, and of how many it is decided."""
    marked = sum(bool(one.marks) for one in checked)
    remarks = "remark" if len(checked) == 1 else "remarks"
    return (
        f"kpf-review: {len(checked)} {remarks}, {marked} with a mark; where nothing is"
        " decided there is none"
    )


def _text(
    series: Series, checked: Sequence[Checked], kernel: str, *, unmarked: bool
) -> str:
    shown_ones = [one for one in checked if one.marks or unmarked]
    if not shown_ones:
        return ""
    tree = f"  (tree: {kernel})" if kernel else ""
    lines = [terminal_line(f"{series.subject}{tree}")]
    mail = None
    for one in shown_ones:
        if one.remark.message_id != mail or mail is None:
            mail = one.remark.message_id
            lines += ["", terminal_line(_heading(one.remark, series))]
        lines += _remark(one)
    return "\n".join(lines) + "\n"


def _heading(remark: Remark, series: Series) -> str:
    on = f" on {remark.patch.index}/{series.expected}" if remark.patch else ""
    where = f"  <{remark.message_id}>" if remark.message_id else ""
    return f"{shown(remark.author)}{on}{where}"


def _remark(one: Checked) -> Iterable[str]:
    severity = f"[{one.remark.severity}] " if one.remark.severity else ""
    first = _cut(terminal_line(one.remark.first_line))
    yield f"  {one.remark.number}. {severity}> {first}"
    for mark in one.marks:
        yield f"     {mark.kind.value}: {terminal_line(mark.fact)}"
        if mark.statement and one.remark.first_line not in mark.statement:
            yield f"       to: {_cut(terminal_line(mark.statement))}"
        for place in mark.evidence[:1]:
            yield f"       {_cut(terminal_line(place.text))}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


# --- JSON -------------------------------------------------------------------------


def _series(series: Series, checked: Sequence[Checked], kernel: str) -> dict[str, Any]:
    return {
        "message_id": data(series.message_id),
        "subject": data(series.subject),
        "version": series.version,
        "kernel": data(kernel) or None,
        "remarks": [checked_data(one) for one in checked],
    }


def checked_data(one: Checked) -> dict[str, Any]:
    """Returns a remark with its marks as JSON data, made safe to show."""
    remark = one.remark
    anchor = remark.anchor
    return {
        "message_id": data(remark.message_id),
        "number": remark.number,
        "author": {
            "name": data(remark.author.name),
            "email": data(remark.author.email),
            "robot": is_robot(remark.author),
        },
        "patch": remark.patch.index if remark.patch else None,
        "severity": remark.severity or None,
        "file": data(anchor.file) or None if anchor else None,
        "quoted": data(list(anchor.lines if anchor else remark.quoted[-3:])),
        "text": data(remark.text),
        "marks": [_mark(mark) for mark in one.marks],
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "kind": mark.kind.name.lower().replace("_", "-"),
        "statement": data(mark.statement),
        "fact": data(mark.fact),
        "refutes": mark.refutes,
        "evidence": [
            {"file": data(one.file), "line": one.line, "text": data(one.text)}
            for one in mark.evidence
        ],
    }
