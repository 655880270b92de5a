# SPDX-License-Identifier: GPL-2.0-or-later
"""A file with the headers that are its own, not the whole kernel's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reviewer.facts.header import Header, header
from reviewer.prover.names.visible_headers import is_for_all
from reviewer.utf8 import encode

Files = tuple[tuple[str, bytes], ...]


def own_files(here: Header, headers: Files, name: str) -> Iterator[Header]:
    """Yields the file, and those of the headers that it sees which hold a word and are
    its own."""
    yield here
    word = encode(name)
    for path, data in _own(headers):
        if word in data:
            yield header(path, data)


@lru_cache(maxsize=4)
def _own(headers: Files) -> Files:
    return tuple(one for one in headers if not is_for_all(one[0]))
