# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of an inbox: a line a series on a terminal, JSON, and the words of both.

A row is plain data: ``inbox/rows.py`` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer import __version__
from reviewer.models import Severity
from reviewer.output.safe import data, terminal_line

SCHEMA = 1
SHOWN = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
SUBJECT = 30  # columns of a subject, before the last column is cut
NAMES = 14  # columns of an author
LEAST = 12  # columns of what is cut, however narrow the terminal
_COLORS = {"high": "31;1", "medium": "33;1", "low": "36"}


def text(rows: Sequence[Mapping[str, Any]], *, width: int, color: bool) -> str:
    """Returns a line for each series: remarks, version, subject, author, tree, thread.

    Columns are as wide as what stands in them; the subject has what is left.
    """
    table = [_cells(one) for one in rows]
    widths = [max((len(row[n]) for row in table), default=0) for n in range(6)]
    widths[3] = min(widths[3], NAMES)
    left = width - 2 * 5 - sum(widths[n] for n in (0, 1, 3, 4))
    widths[5] = min(widths[5], max(LEAST, left - min(widths[2], SUBJECT)))
    widths[2] = max(LEAST, min(widths[2], left - widths[5]))
    lines = []
    for one, cells in zip(rows, table, strict=True):
        fitted = [
            _cut(cell, size).ljust(size)
            for cell, size in zip(cells, widths, strict=True)
        ]
        if color:
            fitted[0] = _coloured(one, fitted[0])
        lines.append("  ".join(fitted).rstrip())
    return "".join(f"{line}\n" for line in lines)


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    author = one["author"]
    return (
        remarks(one) or "-",
        f"v{one['version']}",
        terminal_line(titled(one)),
        terminal_line(author["name"] or author["email"]),
        terminal_line(applies(one)),
        terminal_line("; ".join(_rest(one))),
    )


def _rest(one: Mapping[str, Any]) -> list[str]:
    if one["error"] is not None:
        return [one["error"]]
    return [part for part in (last(one), functions(one), *thread(one)) if part]


def titled(one: Mapping[str, Any]) -> str:
    """Returns the title, with the number of patches where there are several."""
    have, expected = one["patches"]
    if expected < 2:
        return str(one["title"])
    count = str(expected) if have == expected else f"{have} of {expected}"
    return f"{one['title']} ({count} patches)"


def remarks(one: Mapping[str, Any]) -> str:
    """Returns the remarks by severity, "" where there is none to show."""
    if one["error"] is not None:
        return "not read"
    return ", ".join(f"{count} {name}" for name, count in counts(one))


def counts(one: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Returns the severities that are shown with their numbers, the worst first."""
    found = ((kind.value, int(one["remarks"][kind.value])) for kind in SHOWN)
    return [(name, count) for name, count in found if count]


def by(one: Mapping[str, Any]) -> str:
    """Returns author, version, number of patches and date."""
    have, expected = one["patches"]
    parts = [one["author"]["name"] or one["author"]["email"]]
    parts += [f"v{one['version']}"] if one["version"] > 1 else []
    if expected > 1:
        several = str(expected) if have == expected else f"{have} of {expected}"
        parts.append(f"{several} patches")
    parts += [one["date"]] if one["date"] else []
    return " · ".join(part for part in parts if part)


def short(title: str) -> str:
    """Returns a title that fits into a link to a neighbour."""
    return _cut(title, 60)


def applies(one: Mapping[str, Any]) -> str:
    """Returns the kernel that a series was looked at in, and whether it applies."""
    found = one["applies"]
    if found is None:
        return ""
    if not found["kernel"]:
        return "no tree"
    place = str(found["tree"] or found["kernel"])
    several = found["exact"] + found["nearly"] + found["not"] > 1
    if found["not"]:
        return f"not {place}" if not several else f"{place}, {found['not']} do not"
    return f"nearly {place}" if found["nearly"] else place


def thread(one: Mapping[str, Any]) -> list[str]:
    """Returns what the thread has: what is new in it, tags, robots, replies."""
    found = [
        f"{len(people)} {name.removesuffix('-by')}"
        for name, people in one["tags"].items()
    ]
    robots = sum(one["robots"].values())
    found += [_count(robots, "robot mail", "robot mails")] if robots else []
    marked = len(one["marked"])
    found += [f"{_count(marked, 'remark', 'remarks')} checked"] if marked else []
    found += [_count(one["comments"], "reply", "replies")] if one["comments"] else []
    if 0 < one["new"] < one["mails"]:
        found.insert(0, _count(one["new"], "new mail", "new mails"))
    return found


def last(one: Mapping[str, Any]) -> str:
    """Returns what the version before was told, and what of it is open."""
    before = one["last"]
    if before is None:
        return ""
    if not before["comments"]:
        return f"v{before['version']}: no comment"
    told, still = before["comments"], before["open"]
    return f"v{before['version']}: {still or 'none'} of {told} open"


def functions(one: Mapping[str, Any]) -> str:
    """Returns how many functions compute what they did."""
    found = one["behaviour"]
    if found is None:
        return ""
    told = _count(found["functions"], "function", "functions")
    if not found["functions"]:
        return "no function changed"
    if found["undecided"] == found["functions"]:
        return f"{told}: none decided"
    parts = [f"{found['same']} the same"]
    some = found.get("unless")
    parts += [f"{some} the same but under a condition"] if some else []
    parts += [f"{found['differ']} not the same"] if found["differ"] else []
    parts += [f"{found['undecided']} not decided"] if found["undecided"] else []
    return f"{told}: {', '.join(parts)}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."


def _coloured(one: Mapping[str, Any], cell: str) -> str:
    worst = counts(one)[:1]
    return f"\x1b[{_COLORS[worst[0][0]]}m{cell}\x1b[0m" if worst else cell


def as_json(records: Sequence[Mapping[str, Any]]) -> str:
    """Returns the list as JSON: each row with the report of its review."""
    rows = [data(one["row"]) | {"report": one["report"]} for one in records]
    whole = {
        "schema": SCHEMA,
        "tool": {"name": "kpf-review", "version": __version__},
        "series": rows,
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"
