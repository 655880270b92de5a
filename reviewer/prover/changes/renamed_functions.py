# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions of a file have another text, and which one has another name."""

from __future__ import annotations

import re

from reviewer.c.source import Function, Source
from reviewer.c.text import normalised

_ABOVE = 400  # bytes
_BEFORE = re.compile(r"(?:\b__\w+(?:\([^(){};]*\))?\s+)*\Z")


def changed_functions(pre: Source, post: Source) -> tuple[str, ...]:
    """Returns ``name`` or ``old>new`` of each function that has another text, in the
    order of the file; of one with several versions, where one of them has, or stands
    under other options."""
    old = {f.name: f for f in pre.functions}
    new = {f.name: f for f in post.functions}
    many = len(old) < len(pre.functions) or len(new) < len(post.functions)
    several = _with_other_versions(pre, post) if many else frozenset()
    gone = {name: f for name, f in old.items() if name not in new}
    found = []
    for name, function in new.items():
        text = normalised(post.text(function.node))
        if name in old:
            same = normalised(pre.text(old[name].node)) == text
            if (
                not same
                or name in several
                or attributes(pre, old[name]) != attributes(post, function)
            ):
                found.append(name)
            continue
        former = _former(pre, post, function, gone)
        if former is not None:
            del gone[former]
            found.append(f"{former}>{name}")
    return tuple(found)


def _with_other_versions(pre: Source, post: Source) -> frozenset[str]:
    """The functions that are there more than once, and differ in one of them."""
    one, two = _versions(pre), _versions(post)
    return frozenset(
        name
        for name in one.keys() & two.keys()
        if max(len(one[name]), len(two[name])) > 1 and one[name] != two[name]
    )


def _versions(source: Source) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for function in source.functions:
        text = normalised(source.text(function.node))
        condition = str(source.condition(function.first_line))
        row = condition, attributes(source, function), text
        found.setdefault(function.name, []).append(row)
    return found


def attributes(source: Source, function: Function) -> str:
    """Returns what stands before a function on its first line and the ones above it,
    which the parser does not take for a part of it: ``__init``."""
    start = function.node.start_byte
    before = source.data[max(0, start - _ABOVE) : start].decode("utf-8", "replace")
    found = _BEFORE.search(before)
    return normalised(found[0]) if found else ""


def _former(
    pre: Source, post: Source, function: Function, gone: dict[str, Function]
) -> str | None:
    """The removed function that ``function`` is by another name."""
    from difflib import SequenceMatcher

    if function.body is None:
        return None
    body = normalised(post.text(function.body)).split()
    best, likeness = None, 0.8
    for name, other in gone.items():
        if other.body is None:
            continue
        matcher = SequenceMatcher(
            None, normalised(pre.text(other.body)).split(), body, False
        )
        if matcher.quick_ratio() > likeness and matcher.ratio() > likeness:
            best, likeness = name, matcher.ratio()
    return best
