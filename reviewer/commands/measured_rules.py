# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review rules --measured``: how often each rule was right, as a table."""

from __future__ import annotations

import json
from textwrap import wrap

from reviewer.api import Rule, Status
from reviewer.measured import ENOUGH, Measured, of_rules, sets

HEADS = (
    "rule",
    "on",
    "right",
    "share right",
    "first read",
    "a thousand",
)


def text(rules: list[Rule]) -> str:
    """Returns the table for a terminal, and below it what its columns are."""
    rows = [
        (*HEADS, "that is"),
        *((*_cells(rule, one), one.verdict) for rule, one in _of(rules)),
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in [*lines, "", *_legend()])


def markdown(rules: list[Rule]) -> str:
    """Returns the table as Markdown, rules without a single remark in a sentence."""
    found = [(rule, one) for rule, one in _of(rules) if one.first.n]
    silent = [rule.name for rule, one in _of(rules) if not one.first.n]
    rows = [HEADS, ("---",) * len(HEADS), *(_cells(rule, one) for rule, one in found)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    text = f"Not one remark was read of: {', '.join(silent)}."
    return "\n".join([*lines, "", *wrap(text, 95, break_on_hyphens=False), ""])


def as_json(rules: list[Rule]) -> str:
    """Returns the same as JSON data, a list of one object a rule."""
    rows = [
        {
            "name": rule.name,
            "status": rule.status.value,
            "n": one.now.n,
            "right": one.now.right,
            "unwanted": one.now.unwanted,
            "wrong": one.now.wrong,
            "interval": [round(end, 3) for end in one.interval],
            "verdict": one.verdict,
            "first_read": {"n": one.first.n, "right": one.first.right},
            "labelled_by_author": one.by_author,
            "patches": one.patches,
            "of_patches": one.of,
            "per_thousand": round(one.per_thousand, 2),
            "sets": list(one.sets),
        }
        for rule, one in _of(rules)
    ]
    return json.dumps(rows, indent=1) + "\n"


def _of(rules: list[Rule]) -> list[tuple[Rule, Measured]]:
    return list(zip(rules, of_rules([rule.name for rule in rules]), strict=True))


def _cells(rule: Rule, one: Measured) -> tuple[str, ...]:
    low, high = one.interval
    now, first = one.now, one.first
    share = f"{now.right / now.n:.2f} ({low:.2f}-{high:.2f})" if now.n else "-"
    return (
        rule.name,
        "on" if rule.status is Status.STABLE else "no",
        f"{now.right} of {now.n}" if now.n else "-",
        share,
        f"{first.right} of {first.n}" if first.n else "-",
        f"{one.per_thousand:.1f}" if one.of else "-",
    )


def _legend() -> list[str]:
    return [
        "right: true and wanted, of the remarks above info that were read and are made",
        "today.  share right: with Wilson's 95 % interval; a rule that is on needs a",
        f"lower end of 0.8; fewer than {ENOUGH} cannot have it (n too small).",
        "first read: before what was wrong was mended; where that is below 0.8, the",
        "share of today is in sample.  a thousand: patches of list mail with such a",
        "remark.  no: a preview.  Read were",
        *(f"  {one['what']}{_size(one)}" for one in sets().values()),
    ]


def _size(one: dict[str, object]) -> str:
    return f" ({one['patches']} patches)" if one["patches"] else ""
