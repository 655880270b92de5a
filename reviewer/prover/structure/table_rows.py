# SPDX-License-Identifier: GPL-2.0-or-later
"""Where two tables differ, in words: the rows that are gone or new, another value."""

from __future__ import annotations

from reviewer.c.text import closing_bracket, normalised, split_arguments
from reviewer.patterns import regex
from reviewer.prover.structure.step_words import LONGEST, quoted, where_they_part

MOST_ROWS = 2  # that are told
DEEPEST = 8  # braces in braces
_ROW = regex(r"((?:\.\w++|\[[^\[\]]*+\])+) ?= ?(?!=)")
_PLAIN = regex(r"(?:-?\d[\w.]*|'(?:\\.|[^'\\])'|\"(?:\\.|[^\"\\])*+\")\Z")
_LITERAL = regex(r"&? ?\((?:const )?struct \w+\) ?(?=\{)")  # of a struct without a name


def gone_and_come(old: list[str], new: list[str]) -> str:
    """Returns which lines are gone and which are new, "" for none."""
    return " and ".join(
        f"{verb} {_first(only)}"
        for verb, only in (
            ("no longer has", [line for line in old if line not in new]),
            ("now has", [line for line in new if line not in old]),
        )
        if only
    )


def _first(rows: list[str]) -> str:
    """The first rows, and how many more there are."""
    more = len(rows) - MOST_ROWS
    told = ", ".join(map(quoted, rows[: MOST_ROWS + (more == 1)]))
    return f"{told} and {more} more" if more > 1 else told


def other_rows(old: str, new: str, above: str, depth: int = 0) -> str:
    """Returns the rows of a table that are gone or new, the member that has another
    value; "" where there is none.  ``above``: the member that has the rows in it."""
    sides = [[normalised(row) for row in split_arguments(text) if row.strip()]
             for text in (old, new)]  # fmt: skip
    gone = [row for row in sides[0] if row not in sides[1]]
    come = [row for row in sides[1] if row not in sides[0]]
    if len(gone) != 1 or len(come) != 1:
        if depth < DEEPEST and _are_in_place(sides, gone, come):
            gone, come = (
                [f"[{rows.index(row)}] = {row}" for row in only]
                for rows, only in zip(sides, (gone, come), strict=True)
            )
        return _of_several(gone, come, above, depth)
    marks = [_ROW.match(row) for row in (gone[0], come[0])]
    one, two = (
        row if mark is None else row[mark.end() :]
        for row, mark in zip((gone[0], come[0]), marks, strict=True)
    )
    name = marks[1][1] if marks[1] else ""
    if (marks[0][1] if marks[0] else "") != name:
        return gone_and_come([above + gone[0]], [above + come[0]])
    blocks = [in_braces(text) for text in (one, two)]
    if blocks[0] and blocks[1] and depth < DEEPEST:
        return other_rows(blocks[0], blocks[1], above + name, depth + 1)
    if not name:
        return gone_and_come([above + one], [above + two])
    told = quoted(one), quoted(two)
    if max(map(len, (one, two))) > LONGEST:
        told = where_they_part(one, two)
    return f"has {quoted(above + name)} = {told[1]}, not {told[0]}"


def other_values(old: str, new: str) -> str:
    """Returns which values of an array of plain ones are others, by their places: two
    of them may have changed them; "" where there are more of them, or others."""
    sides = [[normalised(value) for value in split_arguments(text) if value.strip()]
             for text in (old, new)]  # fmt: skip
    if len(sides[0]) != len(sides[1]) or not all(
        map(_PLAIN.match, sides[0] + sides[1])
    ):
        return ""
    told = [
        f"has {quoted(f'[{place}]')} = {quoted(two)}, not {quoted(one)}"
        for place, (one, two) in enumerate(zip(*sides, strict=True))
        if one != two
    ]
    more = len(told) - MOST_ROWS
    if more > 0:
        told = [*told[:MOST_ROWS], f"{more} more values change"]
    return " and ".join(told)


def _are_in_place(sides: list[list[str]], gone: list[str], come: list[str]) -> bool:
    """Whether rows without names, each in braces, changed where they stand."""
    return (
        len(gone) == len(come) > 1
        and not any(_ROW.match(row) for rows in sides for row in rows)
        and all(in_braces(row) for row in (*gone, *come))
        and all(len(set(rows)) == len(rows) for rows in sides)
        and [sides[0].index(row) for row in gone] == [sides[1].index(r) for r in come]
    )


def _of_several(gone: list[str], come: list[str], above: str, depth: int) -> str:
    """Of rows of one name what changed in them, each once; the others as a whole."""
    named = [
        {mark[1]: row for row in rows if (mark := _ROW.match(row))}
        for rows in (gone, come)
    ]
    both = [name for name in named[0] if name in named[1]]
    every = len(named[0]) == len(gone) and len(named[1]) == len(come)
    if depth >= DEEPEST or not every:
        both = []
    told = [
        other_rows(named[0][name], named[1][name], above, depth + 1) for name in both
    ]
    more = len(told) - MOST_ROWS
    told = [*told[:MOST_ROWS], *([f"{more} more rows change"] if more > 0 else [])]
    taken = [named[0][name] for name in both], [named[1][name] for name in both]
    rest = gone_and_come(
        [above + row for row in gone if row not in taken[0]],
        [above + row for row in come if row not in taken[1]],
    )
    return " and ".join([*told, *([rest] if rest else [])])


def in_braces(text: str) -> str:
    """Returns what stands in the braces that are all of a value, "" for another
    value."""
    begin = _LITERAL.match(text)
    start = begin.end() if begin else 0
    if text[start : start + 1] != "{" or closing_bracket(text, start) < len(text) - 1:
        return ""
    return text[start + 1 : -1]
