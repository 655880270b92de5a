# SPDX-License-Identifier: GPL-2.0-or-later
"""What the headers that a file includes say of some names, kept for the next run.

A file sees hundreds of headers, megabytes, and a patch asks about a few dozen names.
Which of the headers hold a name, which defines it, and what functions of it are there
hangs on nothing in the file itself but its #include lines: the answers are good for
the file before and after a patch, and for the next version of the patch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from reviewer import disk_cache
from reviewer.facts.header import HeaderFunction
from reviewer.facts.includes import architecture, included_paths
from reviewer.tree.view import View
from reviewer.tree.views import edits_of

_KIND = "names seen"
_VERSION = 1
_MOST_FILES = 64  # that are in memory
_MOST_NAMES = 2000  # of one file


class NamesSeen(Struct):
    """What is known so far of the headers of one file, by name."""

    # the headers that hold it, nearest first
    holding: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # the first ones of them, where nobody asked for all
    nearest: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # the first of them that defines it as a macro or enumerator
    defining: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # functions of that name, each with its header
    functions: dict[str, tuple[tuple[str, HeaderFunction], ...]] = field(
        default_factory=dict
    )

    def that_hold(
        self, name: str, searched: Iterable[tuple[str, bytes]], view: View
    ) -> Iterator[tuple[str, bytes]]:
        """Yields the headers that hold a name, each with its content: those that are
        known, then those that a search finds, if whoever asks goes on."""
        if name in self.holding:
            yield from _read(self.holding[name], view)
            return
        known, found = self.nearest.get(name, ()), []
        yield from _read(known, view)
        try:
            for one in searched:
                found.append(one[0])
                if len(found) > len(known):
                    yield one
            self.holding[name] = tuple(found)
        finally:
            if name not in self.holding and len(found) > len(known):
                self.nearest[name] = tuple(found)

    def size(self) -> int:
        """Returns how much is known: it grows only."""
        some = sum(map(len, self.nearest.values()))
        return some + len(self.holding) + len(self.defining) + len(self.functions)


def _read(paths: Iterable[str], view: View) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        data = view.read(path)
        if data is not None:
            yield path, data


class _Kept(Struct):
    seen: NamesSeen
    size: int  # when it was read or written last


_in_memory: dict[str, _Kept] = {}


def names_seen(view: View, near: str) -> NamesSeen | None:
    """Returns what is known of the headers of a file, which whoever learns more adds
    to; None where nothing can be kept of that view."""
    from reviewer.facts.kept_proofs import edits_beside, key_of

    own = view.read(near)
    if own is None:
        return None
    base, edits = edits_of(view)
    others = edits_beside(edits, near)
    if others is None:
        return None
    places = included_paths(near, own, architecture(near))
    key = key_of(base, others, [near, *("\0".join(one) for one in places)])
    if key is None:
        return None
    if key not in _in_memory:
        known = disk_cache.recall(_KIND, _VERSION, key, NamesSeen) or NamesSeen()
        _in_memory[key] = _Kept(known, known.size())
        while len(_in_memory) > _MOST_FILES:
            del _in_memory[next(iter(_in_memory))]
    return _in_memory[key].seen


def keep(view: View) -> None:
    """Write what was learnt since the last time, where that can be; nothing of a
    repository that lacks a part of what it lists.

    Args:
        view: the state of the tree that it was learnt of.
    """
    from reviewer.facts.kept_proofs import is_whole

    if not is_whole(edits_of(view)[0]):
        _in_memory.clear()
    learnt = {
        key: kept
        for key, kept in _in_memory.items()
        if kept.size < kept.seen.size() <= _MOST_NAMES
    }
    disk_cache.keep_all(_KIND, _VERSION, {k: one.seen for k, one in learnt.items()})
    for kept in learnt.values():
        kept.size = kept.seen.size()
