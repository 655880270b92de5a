# SPDX-License-Identifier: GPL-2.0-or-later
"""Every definition of a function that headers of the tree give, by configuration."""

from __future__ import annotations

import re

from reviewer.facts import Facts
from reviewer.facts.helper_definitions import definitions_in
from reviewer.facts.helper_records import Definition
from reviewer.facts.lookup import Lookup
from reviewer.facts.missing import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.patterns import regex

_MOST_FILES = 40  # a name that more headers mention as a definition is no helper
_PASTED = regex(r"_*(?:Page|folio_|SetPage|ClearPage|TestSetPage|TestClearPage)")


def find_definitions(facts: Facts, lookup: Lookup, name: str) -> tuple[Definition, ...]:
    """Returns every definition of a function in include/, each with its condition: one
    search, then the headers that it finds are read."""
    if _PASTED.match(name):
        try:
            helper = facts.helpers.get(name)
        except FactsMissing:
            helper = None
        if helper is not None:
            return helper.definitions
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        return ()
    hits = facts.view.grep([name], ["include"], suffixes=(".h",))
    declares = re.compile(rf"(?:^|[^\w>.]){re.escape(name)}\s*\(")
    paths = dict.fromkeys(
        hit.path
        for hit in hits
        if hit.path != PAGE_FLAGS_H and _declares(hit.text, declares)
    )
    if len(paths) > _MOST_FILES:
        return ()
    found: list[Definition] = []
    for path in paths:
        header = lookup.header(path)
        if header is not None:
            found += definitions_in(header, name)
    return tuple(found)


def _declares(line: str, name: re.Pattern[str]) -> bool:
    """Whether a line can begin a definition: it stands at the margin."""
    return not line[:1].isspace() and name.search(line) is not None
