# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files of a tree hold a word: for a scan, which asks about thousands.

Git reads all files of a folder anew for every search.  Here each file is read once; of
its words no more is kept than a number each, so a file that the index names has to be
looked at.  A file that it does not name holds none of the words.

What else is asked of all files, such as which names are shifted by, finders say of each
file while it is read: a kind of place is known by a name, and has a set of words.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zlib import crc32

from reviewer.tree.grep import is_below
from reviewer.utf8 import encode

SUFFIXES = (".c", ".h", ".S")
MANY_FILES = 500  # of a scan: its searches would cost more than the words of the tree
Finder = Callable[[bytes], Iterable[bytes]]  # of a file: the words at such places
NONE: Mapping[str, Finder] = {}
_ASKED_OFTEN = 8  # searches of a folder that cost as much as its index
_IN_WORDS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
)
_APART = bytes(code if code in _IN_WORDS else 0x20 for code in range(256))


class WordIndex:
    """The words of the C files below some folders.

    Args:
        files: lists the files below a folder.
        read: gives the content of a file.
        finders: what says which words of a file stand at each kind of place.
    """

    def __init__(
        self,
        files: Callable[[str], Sequence[str]],
        read: Callable[[str], bytes | None],
        finders: Mapping[str, Finder],
    ) -> None:
        self._files = files
        self._read = read
        self._finders = finders
        self._found: dict[str, array[int]] = {}
        self._numbers: dict[str, array[int]] = {}
        self._folders: list[str] = []
        self._asked: Counter[str] = Counter()

    def add(self, folder: str) -> None:
        """Reads all C files below a folder ("" is the whole tree, of which it is kept
        what the finders find)."""
        found: dict[str, set[int]] = {kind: set() for kind in self._finders}
        for path in self._files(folder):
            if path.endswith(SUFFIXES) and path not in self._numbers:
                data = self._read(path) or b""
                numbers = map(crc32, set(data.translate(_APART).split()))
                self._numbers[path] = array("I", sorted(numbers))
                for kind, find in self._finders.items():
                    found[kind].update(map(crc32, find(data)))
        self._folders.append(folder)
        if not folder and len(self._folders) == 1:
            self._found = {kind: array("I", sorted(found[kind])) for kind in found}

    def may_stand(self, kind: str, word: str) -> bool:
        """Says whether a word may stand at such a place in one of the files; true where
        that is not known."""
        known = self._found.get(kind)
        return known is None or _holds(known, [crc32(encode(word))])

    def has_read(self, path: str) -> bool:
        """Says whether it knows the words of a file."""
        return path in self._numbers

    def answers(self, under: Sequence[str], suffixes: Sequence[str]) -> bool:
        """Says whether it knows the files that a search would look at; a folder that
        is asked about often is read for that, the whole tree is not."""
        if not suffixes or not set(suffixes) <= set(SUFFIXES):
            return False
        return all(self._knows(path.strip("/")) for path in under or ("",))

    def _knows(self, folder: str) -> bool:
        if any(is_below(folder, known) for known in self._folders):
            return True
        self._asked[folder] += 1
        if not folder or self._asked[folder] < _ASKED_OFTEN:
            return False
        self.add(folder)
        return True

    def files_with(
        self, words: Sequence[str], under: Sequence[str], suffixes: Sequence[str]
    ) -> Iterator[str]:
        """Yields the files, by path, that may hold one of the words as a whole."""
        wanted = [_numbers(word) for word in words if word]
        paths = {path for folder in under or ("",) for path in self._files(folder)}
        for path in sorted(paths):
            if path not in self._numbers or not path.endswith(tuple(suffixes)):
                continue
            if any(_holds(self._numbers[path], word) for word in wanted):
                yield path


def _numbers(word: str) -> list[int]:
    data = encode(word)
    return [crc32(part) for part in data.translate(_APART).split()]


def _holds(numbers: array[int], wanted: list[int]) -> bool:
    for number in wanted:
        place = bisect_left(numbers, number)
        if place == len(numbers) or numbers[place] != number:
            return False
    return True
