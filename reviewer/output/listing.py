# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of an inbox: lines for a terminal, JSON, and the words of both.

A row is plain data: ``inbox/rows.py`` makes it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer import __version__
from reviewer.models import Severity
from reviewer.output.columns import counted, cut, fitting, padded, width_of
from reviewer.output.escaping import data, terminal_line

SCHEMA = 1
SHOWN = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
WIDE = 140  # columns in which a series takes one line; below, two
TITLE = 72  # columns of a title and
NAME = 24  # of an author where a line has all, on a terminal
NOTES = 30  # columns that what the thread has is given at least
# What a mark on a remark of others says, by its kind; the first of them counts
SAID = {
    "old": "old",
    "mended": "mended later",
    "gone": "gone in a later version",
    "again": "changed again later",
}
_COLORS = {"high": "31;1", "medium": "33;1", "low": "36"}


def text(rows: Sequence[Mapping[str, Any]], *, width: int, color: bool) -> str:
    """Returns what the list tells of each series: remarks, version, title, author,
    the tree, and the thread.

    That is one line on a wide terminal and, with nothing cut, where ``width`` is 0,
    in a pipe; on a narrow one the author and what follows stand in a line below.
    """
    if not rows:
        return ""
    table = [_cells(one) for one in rows]
    sizes = [max(width_of(row[n]) for row in table) for n in range(4)]
    lines: list[str] = []
    if width:
        sizes[2], sizes[3] = min(sizes[2], TITLE), min(sizes[3], NAME)
    room = width - sizes[0] - sizes[1] - 2 * 2
    for one, (told, version, title, author, notes) in zip(rows, table, strict=True):
        first = padded(told, sizes[0])
        first = f"{_coloured(one, first) if color else first}  {version:<{sizes[1]}}"
        if 0 < width < WIDE:
            below = fitting([author, *notes], room)
            lines.append(f"{first}  {titled(one, room)}")
            indent = " " * (width - room)
            lines.append(indent + (f"\x1b[2m{below}\x1b[0m" if color else below))
            continue
        if width:
            sizes[2] = min(sizes[2], room - sizes[3] - 2 * 2 - NOTES)
            title = titled(one, sizes[2])
        left = room - sizes[2] - sizes[3] - 2 * 2
        rest = fitting(notes, left) if width else "; ".join(notes)
        parts = (first, padded(title, sizes[2]), padded(author, sizes[3]), rest)
        lines.append("  ".join(parts).rstrip())
    return "".join(f"{line}\n" for line in lines)


def _cells(one: Mapping[str, Any]) -> tuple[Any, ...]:
    author = one["author"]
    return (
        remarks(one) or "-",
        f"v{one['version']}",
        titled(one),
        terminal_line(author["name"] or author["email"]),
        [terminal_line(part) for part in _rest(one)],
    )


def _rest(one: Mapping[str, Any]) -> list[str]:
    if one["error"] is not None:
        return [one["error"]]
    told = (applies(one), last(one), functions(one), *thread_news(one))
    return [part for part in told if part]


def titled(one: Mapping[str, Any], width: int = 0) -> str:
    """Returns the title, with the number of patches where there are several; in at most
    ``width`` columns where that is not 0."""
    have, expected = one["patches"]
    several = str(expected) if have == expected else f"{have} of {expected}"
    count = f" ({several} patches)" if expected > 1 else ""
    title = terminal_line(str(one["title"]))
    return (cut(title, width - len(count)) if width else title) + count


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
    return cut(title, 60)


def applies(one: Mapping[str, Any]) -> str:
    """Returns the kernel that a series was looked at in, and whether it applies."""
    found = one["applies"]
    if found is None:
        return ""
    kernel, told = place(one), fits(one)
    if not kernel:
        return told
    if found["not"]:
        return f"{told.replace('no', 'not')} on {kernel}"
    return f"{kernel}, nearly" if found["nearly"] else kernel


def place(one: Mapping[str, Any]) -> str:
    """Returns the kernel that a series was looked at in, "" where it was in none."""
    found = one["applies"] or {}
    return str(found["tree"] or found["kernel"]) if found.get("kernel") else ""


def fits(one: Mapping[str, Any]) -> str:
    """Returns whether a series applies, without the name of the kernel."""
    found = one["applies"]
    if found is None or not place(one):
        return "" if found is None else "no tree"
    whole = found["exact"] + found["nearly"]
    if found["not"]:
        return f"{whole} of {whole + found['not']}" if whole else "no"
    return "nearly" if found["nearly"] else "yes"


def thread_news(one: Mapping[str, Any]) -> list[str]:
    """Returns what the thread has: what is new in it, remarks of ours that were
    dismissed, tags, robots, replies."""
    found = [f"{one['dismissed']} dismissed"] if one["dismissed"] else []
    found += [f"{len(people)} {name}" for name, people in one["tags"].items()]
    robots = sum(one["robots"].values())
    found += [counted(robots, "robot mail", "robot mails")] if robots else []
    found += _marked(one)
    found += [counted(one["comments"], "reply", "replies")] if one["comments"] else []
    if 0 < one["new"] < one["mails"]:
        found.insert(0, counted(one["new"], "new mail", "new mails"))
    return found


def _marked(one: Mapping[str, Any]) -> list[str]:
    """How many remarks of others are refuted, old, done with later, or else marked."""
    counts: Counter[str] = Counter()
    for remark in one["marked"]:
        kinds = {mark["kind"] for mark in remark["marks"]}
        refuted = any(mark["refutes"] for mark in remark["marks"])
        said = next((words for kind, words in SAID.items() if kind in kinds), "checked")
        counts["refuted" if refuted else said] += 1
    words = dict.fromkeys(("refuted", *SAID.values(), "checked"))
    return [
        f"{counted(counts[word], 'remark', 'remarks')} {word}"
        for word in words
        if counts[word]
    ]


def last(one: Mapping[str, Any]) -> str:
    """Returns what the version before was told, and what of that is open."""
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
    told = counted(found["functions"], "function", "functions")
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
