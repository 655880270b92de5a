# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions of a file have another text, and which one has another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.behaviour.run import plain

if TYPE_CHECKING:
    from reviewer.c.source import Function, Source


def changed_functions(pre: Source, post: Source) -> tuple[str, ...]:
    """``name`` or ``old>new`` of what has another text, in the order of the file."""
    old = {f.name: f for f in pre.functions}
    new = {f.name: f for f in post.functions}
    gone = {name: f for name, f in old.items() if name not in new}
    found = []
    for name, function in new.items():
        text = plain(post.text(function.node))
        if name in old:
            if plain(pre.text(old[name].node)) != text:
                found.append(name)
            continue
        former = _former(pre, post, function, gone)
        if former is not None:
            del gone[former]
            found.append(f"{former}>{name}")
    return tuple(found)


def _former(
    pre: Source, post: Source, function: Function, gone: dict[str, Function]
) -> str | None:
    """The removed function that ``function`` is by another name."""
    from difflib import SequenceMatcher

    if function.body is None:
        return None
    body = plain(post.text(function.body)).split()
    best, likeness = None, 0.8
    for name, other in gone.items():
        if other.body is None:
            continue
        matcher = SequenceMatcher(
            None, plain(pre.text(other.body)).split(), body, False
        )
        if matcher.quick_ratio() > likeness and matcher.ratio() > likeness:
            best, likeness = name, matcher.ratio()
    return best
