# SPDX-License-Identifier: GPL-2.0-or-later
"""The names that tracing gives page flags.

Source: include/trace/events/mmflags.h, ``__def_pageflag_names``: one entry for each
real bit, those of gated bits through an ``IF_HAVE_PG_x()`` under the same gate.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from reviewer.c.conditions import TRUE, Condition, any_of
from reviewer.c.text import split_arguments
from reviewer.facts.header import Header
from reviewer.facts.missing_fact import FactsMissing
from reviewer.models import Evidence
from reviewer.patterns import regex

MMFLAGS_H = "include/trace/events/mmflags.h"
_LIST = "__def_pageflag_names"
_ENTRY = regex(r"\b([A-Za-z_]\w*)\s*\(([^()]*)\)|\{[^{}]*\b(PG_\w+)[^{}]*\}")


class TraceName(Struct, frozen=True):
    """An entry of the list."""

    flag: str  # PG_mlocked
    condition: Condition  # under which it is in the list
    evidence: Evidence


def read_trace_names(header: Header | None) -> tuple[TraceName, ...]:
    """Returns the flags that trace events name; raises FactsMissing where the list
    cannot be read."""
    what = "names of page flags in traces"
    if header is None:
        raise FactsMissing(what, "the tree has no such file", MMFLAGS_H)
    lists = header.macros.get(_LIST, ())
    if not lists:
        raise FactsMissing(what, f"no #define {_LIST} in it", header.path)
    return _trace_names(header)


@lru_cache(maxsize=64)
def _trace_names(header: Header) -> tuple[TraceName, ...]:
    found = []
    for define in header.macros[_LIST]:
        for match in _ENTRY.finditer(define.body):
            macro, flag = match[1], match[3]
            gate = TRUE
            if macro is not None:
                first = split_arguments(match[2])[0]
                flag = first if first.startswith("PG_") else f"PG_{first}"
                gate = _gate_of(header, macro)
            line = _line_of(header, define.line, define.end_line, flag, macro)
            found.append(
                TraceName(flag, define.condition & gate, header.evidence(line))
            )
    return tuple(found)


def _gate_of(header: Header, macro: str) -> Condition:
    """When a macro makes an entry: when it is not defined to nothing."""
    defines = header.macros.get(macro, ())
    return any_of(define.condition for define in defines if define.body)


def _line_of(
    header: Header, first: int, last: int, flag: str, macro: str | None
) -> int:
    """The line of the list that the entry stands on."""
    short = flag.removeprefix("PG_")
    entry = re.compile(rf"\b(?:{re.escape(flag)}|{re.escape(short)})\b")
    for line in range(first, last + 1):
        text = header.line_text(line)
        if entry.search(text) and (macro is None or macro in text):
            return line
    return first
