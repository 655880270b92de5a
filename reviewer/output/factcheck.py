# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks of a thread and what the tree says to them: as text, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reviewer.factcheck.records import Checked, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.mail.people import is_robot, name_in_a_sentence
from reviewer.models import Series
from reviewer.output.columns import cut, width_of, wrapped
from reviewer.output.escaping import data, terminal_line

FORMATS = ("text", "json")
WIDTH = 100  # columns, however wide the terminal
MOST = 3  # lines of a remark or a sentence of it

# a posting, its remarks, and the version of the kernel that they were checked against
CheckedSeries = tuple[Series, Sequence[Checked], str]


def render(
    whole: Sequence[CheckedSeries], form: str, *, width: int, unmarked: bool = False
) -> str:
    """Returns the remarks in one of ``FORMATS``; JSON has those without a mark too."""
    if form == "json":
        rows = [_series(*one) for one in whole]
        return json.dumps({"schema": 1, "series": rows}, indent=1) + "\n"
    columns = min(width, WIDTH)
    parts = [_text(*one, width=columns, unmarked=unmarked) for one in whole]
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
    series: Series,
    checked: Sequence[Checked],
    kernel: str,
    *,
    width: int,
    unmarked: bool,
) -> str:
    shown_ones = [one for one in checked if one.marks or unmarked]
    if not shown_ones:
        return ""
    lines = [terminal_line(series.subject)]
    lines += [terminal_line(f"looked at in {kernel}")] if kernel else []
    mail = None
    for one in shown_ones:
        if one.remark.message_id != mail or mail is None:
            mail = one.remark.message_id
            lines += ["", *_heading(one.remark, series)]
        lines += ["", *_remark(one, width)]
    return "\n".join(lines) + "\n"


def _heading(remark: Remark, series: Series) -> Iterator[str]:
    on = f" on {remark.patch.index}/{series.expected}" if remark.patch else ""
    yield terminal_line(f"{name_in_a_sentence(remark.author)}{on}")
    if remark.message_id:
        yield terminal_line(f"<{remark.message_id}>")


def _remark(one: Checked, width: int) -> Iterator[str]:
    severity = f"({one.remark.severity}) " if one.remark.severity else ""
    begin = terminal_line(severity + _begin(one.remark))
    number = f"{one.remark.number:>3}. "
    indent = " " * len(number)
    yield from wrapped(begin, width, indent, first=number, most=MOST)
    for mark in one.marks:
        yield from _fact(mark, one.remark, width, indent)


def _begin(remark: Remark) -> str:
    """The first sentence of a remark, without its line breaks."""
    return next(iter(claims_in(remark.text).sentences), remark.first_line)


def _fact(mark: Mark, remark: Remark, width: int, indent: str) -> Iterator[str]:
    place = mark.evidence[0] if mark.evidence else None
    where = f"{place.file}:{place.line}" if place is not None else ""
    fact = mark.fact.removesuffix(f": {where}")
    told = f"{'refuted, ' * mark.refutes}{mark.kind.value}: {fact}"
    yield from wrapped(terminal_line(told), width, f"{indent}  ", first=f"{indent}- ")
    if mark.statement and _begin(remark) != mark.statement:
        to = terminal_line(f'to "{mark.statement}"')
        yield from wrapped(to, width, f"{indent}  ", most=MOST)
    if place is None:
        return
    text = terminal_line(place.text)
    both = terminal_line(f"{where}: {text}")
    if width_of(both) <= width - len(indent) - 2:
        yield f"{indent}  {both}"
    else:
        yield f"{indent}  {terminal_line(where)}:"
        yield f"{indent}    {cut(text, width - len(indent) - 4)}"


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
