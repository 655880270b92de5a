# SPDX-License-Identifier: GPL-2.0-or-later
"""What git grep found in the objects of a tree, kept for the next run.

The objects that were searched are part of the key, so an answer holds for every commit
that has the same folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from reviewer.tree.view import Hit
from reviewer.utf8 import encode

_KIND = "grep"
_VERSION = 1  # of how git is asked, and of what is kept
_MOST_HITS = 5_000  # what is found more often is not kept


def key(
    words: Sequence[str],
    under: Sequence[str],
    suffixes: Sequence[str],
    whole_words: bool,
    objects: Sequence[str],
) -> str:
    """Returns the name of a search: words, places with the ids of their objects."""
    from hashlib import sha256

    asked = repr(
        (sorted(words), list(under), list(suffixes), whole_words, list(objects))
    )
    return sha256(encode(asked)).hexdigest()


def kept(name: str | None, search: Callable[[], Iterator[Hit]]) -> Iterator[Hit]:
    """Yields what a search of that name found, now or in an earlier run.

    With no name nothing is kept, and neither are hits that are no text.
    """
    from reviewer import disk_cache

    known = disk_cache.recall(_KIND, _VERSION, name, list[Hit]) if name else None
    if known is not None:
        yield from known
        return
    hits = search()
    first = list(islice(hits, _MOST_HITS))
    rest = next(hits, None)
    if name and rest is None:
        disk_cache.keep(_KIND, _VERSION, name, first)
    yield from first
    if rest is not None:
        yield from chain([rest], hits)
