# SPDX-License-Identifier: GPL-2.0-or-later
"""A file with the headers and the files beside it that are its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reviewer.facts.header import Header, header
from reviewer.prover.names.visible_headers import is_for_all
from reviewer.tree.view import View
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


def files_beside(view: View, path: str) -> Files:
    """Returns the .c files in a file's folder and in mm/: (path, bytes)."""
    return tuple(
        (other, view.read(other) or b"")
        for folder in dict.fromkeys((path.rpartition("/")[0], "mm"))
        if folder
        for other in view.files(folder)
        if other.endswith(".c") and other.rpartition("/")[0] == folder
    )
