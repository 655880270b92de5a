# SPDX-License-Identifier: GPL-2.0-or-later
"""Pairs that no table has: one function's own ``x_enable(a)`` and ``x_disable(a)``.

Two names that differ in their last word only, one the other's opposite, called with
the same first argument in one function.  What makes them a pair is that an error exit
of the function has the second: its author undoes the first there.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.kit.acquire_release import PAIRS, RELEASES, Acquirer, How, Sort

_OPPOSITES = (
    ("enable", "disable"),
    ("on", "off"),
    ("register", "unregister"),
    ("start", "stop"),
    ("init", "exit"),
    ("init", "deinit"),
    ("init", "fini"),
    ("init", "uninit"),
    ("create", "destroy"),
    ("prepare", "unprepare"),
    ("attach", "detach"),
    ("open", "close"),
    ("map", "unmap"),
    ("add", "del"),
    ("add", "remove"),
    ("setup", "cleanup"),
    ("setup", "teardown"),
    ("get", "put"),
    ("lock", "unlock"),
    ("claim", "release"),
    ("acquire", "release"),
    ("request", "release"),
    ("request", "free"),
    ("alloc", "free"),
)


def local_pairs(words: set[str]) -> dict[str, Acquirer]:
    """Returns the pairs among the names of one function."""
    found: dict[str, set[str]] = {}
    for first, second in _pairs(words):
        if first not in PAIRS and second not in RELEASES:
            found.setdefault(first, set()).add(second)
    return {
        first: Acquirer(first, How.STATUS, 0, tuple(sorted(seconds)), 0, Sort.OTHER, ())
        for first, seconds in found.items()
    }


def _pairs(words: set[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        stem, _, last = word.rpartition("_")
        for first, second in _OPPOSITES:
            if stem and last == first and f"{stem}_{second}" in words:
                yield word, f"{stem}_{second}"
