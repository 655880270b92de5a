# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries of tables of functions and numbers that a change sets to something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.source import Source
from reviewer.c.text import closing_bracket, normalised, split_arguments
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
NOTHING = "nothing"

Entries = dict[tuple[str, str], tuple[str, int]]


def changed_entries(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> tuple[FunctionVerdict, ...]:
    """Returns one verdict for each ``.name = value`` of a table of the file that is
    another.

    Two functions by name, and two numbers, differ; of anything else it is not decided.
    """
    read = (
        definitions_of(facts_pre, pre.path, pre.data),
        definitions_of(facts_post, post.path, post.data),
    )
    if changed_names(pre, post, facts_pre, facts_post).trees_differ:
        return ()
    one, two = _entries(read[0].here), _entries(read[1].here)
    tables = {table for table, _entry in one} & {table for table, _entry in two}
    found = []
    for table, entry in dict.fromkeys([*two, *one]):
        old, line = one.get((table, entry), (NOTHING, 0))
        new, line = two.get((table, entry), (NOTHING, line))
        if table in tables and _value(old) != _value(new):
            found.append(_verdict(post.path, f"{table}.{entry}", old, new, line, read))
    return tuple(found)


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
    old: str,
    new: str,
    line: int,
    read: tuple[Definitions, Definitions],
) -> FunctionVerdict:
    entry = "." + name.partition(".")[2]
    kinds = {_kind(read[0], old), _kind(read[1], new)}
    sure = kinds in ({"function"}, {"function", "nothing"})
    sure = sure or kinds == {"number"}
    if not sure:
        why = f"{old} became {new}"
        output = OutputVerdict(entry, Verdict.NOT_DECIDED, why=why, line=line)
        verdict = Verdict.NOT_DECIDED
    else:
        why = ""
        output = OutputVerdict(entry, Verdict.DIFFERS, old, new, Witness(()), line=line)
        verdict = Verdict.DIFFERS
    return FunctionVerdict(name, name, verdict, (output,), why, file=path, line=line)


def _kind(definitions: Definitions, value: str) -> str:
    if value == NOTHING:
        return "nothing"
    if _NUMBER.match(value):
        return "number"
    known = _NAME.match(value) and not definitions.is_macro(value)
    if known and (definitions.functions(value) or definitions.prototypes(value)):
        return "function"
    return ""
