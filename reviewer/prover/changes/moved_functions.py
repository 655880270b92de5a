# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that a change takes from one file to another."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.c.source import Source
from reviewer.facts.header import header
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.tree.view import View

States = tuple["Source | None", "Source | None"]


def moved_functions(files: Sequence[States]) -> list[tuple[Source, Source, str]]:
    """Finds the functions that a series moves from file to file: (file that lost it,
    file that has it now, name), in the order of the change.

    ``files``: the C files that a change touches, before and after it, None where one
    is not there.  A name that several files lose or gain is left out: which of them
    is meant cannot be told.
    """
    lost: dict[str, list[Source]] = {}
    gained: dict[str, list[Source]] = {}
    for before, after in files:
        old, new = _names(before), _names(after)
        if before is not None:
            for name in old - new:
                lost.setdefault(name, []).append(before)
        if after is not None:
            for name in new - old:
                gained.setdefault(name, []).append(after)
    return [
        (lost[name][0], there[0], name)
        for name, there in sorted(gained.items())
        if len(there) == 1 and len(lost.get(name, ())) == 1
    ]


def differing_statics(
    pre: Source, post: Source, old: View, new: View
) -> frozenset[str]:
    """Returns the static variables that are not the same in the file that lost a
    function and in the one that has it: one of these had its own before, or keeps
    it."""
    if pre.path == post.path:
        return frozenset()
    found: set[str] = set()
    for path, data in (
        (pre.path, new.read(pre.path)),
        (post.path, old.read(post.path)),
    ):
        if data is not None:
            there = meanings_of(header(path, data))
            found |= there.variables & there.own
    return frozenset(found)


def _names(source: Source | None) -> set[str]:
    return set() if source is None else {f.name for f in source.functions}
