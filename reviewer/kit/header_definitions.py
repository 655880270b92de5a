# SPDX-License-Identifier: GPL-2.0-or-later
"""What a header says that a name is, and whether it may say more than is read."""

from __future__ import annotations

import re

from reviewer.c.conditions import Condition, exists_where
from reviewer.c.file_memory import once_per_subject
from reviewer.c.text import places_of
from reviewer.c.vocabulary import NO_NAMES
from reviewer.facts.header import Header
from reviewer.models import Evidence
from reviewer.patterns import regex

_MACRO_CALL = regex(r"^[ \t]*([A-Za-z_]\w*)[ \t]*\(([^()\n]*)", re.MULTILINE)
_LONG_WORD = regex(r"\w{3,}")


@once_per_subject
def defined_in(
    header: Header, name: str
) -> tuple[tuple[str, Evidence, Condition], ...]:
    """Returns the definitions and declarations of a name: kind, place, condition."""
    from reviewer.facts.helper_definitions import definitions_in

    found = [
        ("macro", header.evidence(define.line), define.condition)
        for define in header.macros_named(name)
    ]
    found += [
        ("enumerator", header.evidence(member.line), member.condition)
        for enum in header.enums_with(name)
        for member in enum.enumerators
        if member.name == name
    ]
    found += [
        ("function", definition.evidence, definition.condition)
        for definition in definitions_in(header, name)
        if not definition.is_macro
    ]
    return tuple((kind, place, exists_where(when, name)) for kind, place, when in found)


@once_per_subject
def all_definitions_read(header: Header, name: str) -> bool:
    """Says whether nothing in the header may define the name in a way that is
    not read."""
    heads = [(f.start, f.end) for f in header.functions_named(name)]
    for at in places_of(name, header.code):
        from reviewer.kit.other_headers import given_in_an_enum

        if header.is_inside(at) and not given_in_an_enum(header.code, at):
            continue
        if not any(start <= at < end for start, end in heads):
            return False
    return not any(
        word in name and not all(map(header.functions_named, callers))
        for word, callers in _given_at_the_margin(header).items()
    )


@once_per_subject
def _given_at_the_margin(header: Header) -> dict[str, set[str]]:
    """Words in the arguments of what may be macro calls that define something, each
    with the names before the parentheses: ``struct mem_cgroup *`` may stand on the line
    above, and what is declared is no macro."""
    found: dict[str, set[str]] = {}
    for match in _MACRO_CALL.finditer(header.code):
        if match[1] in NO_NAMES or header.is_inside(match.start(1)):
            continue
        if header.macros_named(match[1]):
            continue
        for word in _LONG_WORD.findall(match[2]):
            if word not in NO_NAMES:
                found.setdefault(word, set()).add(match[1])
    return found
