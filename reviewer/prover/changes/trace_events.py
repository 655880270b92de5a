# SPDX-License-Identifier: GPL-2.0-or-later
"""Trace events: TRACE_EVENT() and its kind (include/linux/tracepoint.h).

What stands in one is handed to macros of its own, and is no declaration; the names that
it makes hold its own name: trace_x(), trace_x_enabled().
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from reviewer.c.text import IDENTIFIER, closing_bracket, without_strings
from reviewer.facts.header import Header
from reviewer.patterns import regex
from reviewer.utf8 import encode

_EVENT = regex(
    r"(?m)^((?:TRACE_EVENT|DECLARE_EVENT_CLASS|DEFINE_EVENT|DECLARE_TRACE|DEFINE_TRACE)\w*)"
    r"[ \t]*\(\s*(\w+)\s*,"
)


@lru_cache(maxsize=2048)
def trace_events(source: Header) -> tuple[tuple[int, int], ...]:
    """Returns from where to where each trace event of a file goes, as offsets into its
    code; none where the file gives these macros another meaning."""
    found = []
    at = 0
    while (event := _EVENT.search(source.code, at)) is not None:
        at = event.end()
        end = closing_bracket(source.code, source.code.index("(", event.start()))
        if end > 0 and event[1] not in source.macros:
            found.append((event.start(), end + 1))
            at = end
    return tuple(found)


def is_in_an_event(source: Header, start: int, end: int) -> bool:
    """Says whether a piece of a file's code has a part of a trace event in it."""
    return any(one < end and start < two for one, two in trace_events(source))


def made_by_event(source: Header, start: int, end: int) -> str:
    """Returns a trace event as a call that makes names of its own name only: what else
    it is handed is a string, which makes none."""
    text = source.clean[start:end]
    event = _EVENT.match(text)
    if event is None:
        return ""
    words = " ".join(IDENTIFIER.findall(without_strings(text[event.end() :])))
    text = hashlib.sha1(encode(text), usedforsecurity=False).hexdigest()
    return f'{event[1]}({event[2]}, "{words} {text}")'
