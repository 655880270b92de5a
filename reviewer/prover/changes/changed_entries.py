# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries of tables of functions and numbers that a change sets to something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.source import Source
from reviewer.c.text import closing_bracket, common_start, normalised, split_arguments
from reviewer.facts import Facts
from reviewer.facts.header import Header
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.verdict import FunctionVerdict, OutputVerdict, Verdict, Witness

_TABLE = re.compile(
    r"^(?!typedef\b|enum\b|return\b)[A-Za-z_][\w \t*]*?[\s*](\w+)[ \t]*(?:__\w+[ \t]*)*"
    r"=\s*\{",
    re.MULTILINE,
)
_ENTRY = re.compile(r"\.(\w+)\s*=(?!=)\s*(.*)\Z", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]+|[1-9]\d{0,1000}|0)\Z")
_CONSTANTS = re.compile(r"[\w\s()|<>+~-]+\Z")
NOTHING = "nothing"
KEPT = 24  # characters that are told before the first one that differs

Entries = dict[tuple[str, str], tuple[str, int]]


def changed_entries(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> tuple[FunctionVerdict, ...]:
    """Returns one verdict for each ``.name = value`` of a table of the file that is
    another.

    Two functions by name, and two numbers, differ, also as constants of the tree; of
    anything else it is not decided.
    """
    read = (
        definitions_of(facts_pre, pre.path, pre.data),
        definitions_of(facts_post, post.path, post.data),
    )
    if changed_names(pre, post, facts_pre, facts_post).trees_differ:
        return ()
    one, two = _entries(read[0].here), _entries(read[1].here)
    tables = {table for table, _entry in one} & {table for table, _entry in two}
    facts = facts_pre, facts_post
    found = []
    for table, entry in dict.fromkeys([*two, *one]):
        old, line = one.get((table, entry), (NOTHING, 0))
        new, line = two.get((table, entry), (NOTHING, line))
        if table not in tables or _value(old) == _value(new):
            continue
        numbers = [
            _number(f, post.path, v) for f, v in zip(facts, (old, new), strict=True)
        ]
        if None not in numbers and numbers[0] == numbers[1]:
            continue
        name, are_numbers = f"{table}.{entry}", None not in numbers
        found.append(_verdict(post.path, name, (old, new), line, read, are_numbers))
    return tuple(found)


def _number(facts: Facts | None, path: str, text: str) -> int | None:
    """The value of a number or of a constant expression, 0 of what is not said; None
    for anything else."""
    if text == NOTHING:
        return 0
    if facts is None or _NUMBER.match(text) or not _CONSTANTS.match(text):
        return int(text, 0) if _NUMBER.match(text) else None
    from reviewer.facts.constant_values import constant_value

    return constant_value(facts, path, text)


def _entries(source: Header) -> Entries:
    found: Entries = {}
    for match in _TABLE.finditer(source.code):
        end = closing_bracket(source.code, match.end() - 1)
        text = source.code[match.end() : max(end, match.end())]
        if source.clean[match.end() : max(end, match.end())] != text:
            continue  # a directive in it: which rows there are is not said here
        for name, value in _rows(text):
            line = source.line_of(match.start())
            found[match[1], name] = (value, line)
    return found


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for part in split_arguments(text):
        match = _ENTRY.match(part)
        if match is not None:
            yield match[1], normalised(match[2])


def _value(text: str) -> str | int:
    return int(text, 0) if _NUMBER.match(text) else text


def _verdict(
    path: str,
    name: str,
    values: tuple[str, str],
    line: int,
    read: tuple[Definitions, Definitions],
    are_numbers: bool,
) -> FunctionVerdict:
    entry, (old, new) = "." + name.partition(".")[2], values
    kinds = {_kind(read[0], old), _kind(read[1], new)}
    if not (are_numbers or kinds in ({"function"}, {"function", "nothing"})):
        why = "{} became {}".format(*_where_they_part(old, new))
        output = OutputVerdict(entry, Verdict.NOT_DECIDED, why=why, line=line)
        verdict = Verdict.NOT_DECIDED
    else:
        why = ""
        both = _where_they_part(old, new)
        output = OutputVerdict(entry, Verdict.DIFFERS, *both, Witness(()), line=line)
        verdict = Verdict.DIFFERS
    return FunctionVerdict(name, name, verdict, (output,), why, file=path, line=line)


def _where_they_part(old: str, new: str) -> tuple[str, str]:
    """Two values, long ones from a little before the first character that differs."""
    same = common_start(old, new, len(old))
    start = old.rfind(" ", 0, max(0, same - KEPT)) + 1
    dots = "... " if start else ""
    return f"{dots}{old[start:]}", f"{dots}{new[start:]}"


def _kind(definitions: Definitions, value: str) -> str:
    if value == NOTHING:
        return "nothing"
    value = value.removeprefix("&").strip()
    known = _NAME.match(value) and not definitions.is_macro(value)
    if known and (definitions.functions(value) or definitions.prototypes(value)):
        return "function"
    return ""
