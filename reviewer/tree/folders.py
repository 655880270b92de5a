# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in the folders of a commit, read from its tree objects.

To find ``include/linux/mm.h`` git unpacks three tree objects, again for every file; a
review asks for hundreds, and half of them are not there.  Here each is read once.
"""

from __future__ import annotations

import re

from reviewer.patterns import regex
from reviewer.tree.objects import Objects
from reviewer.utf8 import encode

_ENTRIES = {  # by the length of an id in hexadecimal: SHA-1, SHA-256
    40: regex(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL),
    64: regex(rb"([0-7]+) ([^\0]+)\0(.{32})", re.DOTALL),
}
_FOLDER = b"40000"
_FILES = (b"100644", b"100755", b"100664")  # the last one of old repositories
_Folder = dict[bytes, tuple[bytes, bytes]]  # name -> mode, id


class AskGit(Exception):
    """The path leads over a link, or through what is no plain tree object."""


class Folders:
    """The folders of one commit, each read at the first question about it."""

    def __init__(self, objects: Objects, commit: str) -> None:
        self._objects = objects
        self._commit = commit
        self._known: dict[str, _Folder | None] = {}
        self._root = ""  # its id, when it was read
        self.lacks_some = False  # a folder is listed, and its object not there

    def identity(self, path: str) -> str:
        """Returns the id of a file or folder, "" where there is none.

        Raises AskGit where only git can tell.  "" as a path is the whole tree.
        """
        if not path:
            self._entries("")
            return self._root
        above, _, name = path.rpartition("/")
        found = self._entry(above, name)
        return "" if found is None else found[1].hex()

    def blob(self, path: str) -> str | None:
        """Returns the id of a regular file, None where there is no such file.

        Raises AskGit where only git can tell: at a symbolic link, and where a tree
        object is not as expected.  Raises TreeError if the repository is broken.
        """
        above, _, name = path.rpartition("/")
        found = self._entry(above, name)
        if found is None or found[0] == _FOLDER:
            return None
        if found[0] not in _FILES:
            raise AskGit
        return found[1].hex()

    def _entry(self, above: str, name: str) -> tuple[bytes, bytes] | None:
        entries = self._entries(above)
        encoded = encode(name)
        return None if entries is None else entries.get(encoded)

    def _entries(self, folder: str) -> _Folder | None:
        """What a folder holds, None where there is no such folder."""
        if folder not in self._known:
            self._known[folder] = self._read(folder)
        return self._known[folder]

    def _read(self, folder: str) -> _Folder | None:
        question = f"{self._commit}^{{tree}}"
        if folder:
            above, _, name = folder.rpartition("/")
            found = self._entry(above, name)
            if found is None or found[0] in _FILES:
                return None
            if found[0] != _FOLDER:
                raise AskGit
            question = found[1].hex()
        answer = self._objects.get(question)
        if answer is None or answer[1] != "tree":
            self.lacks_some = self.lacks_some or answer is None
            raise AskGit
        if not folder:
            self._root = answer[0]
        return _parsed(answer[2], len(self._commit))


def _parsed(data: bytes, id_length: int) -> _Folder:
    pattern = _ENTRIES.get(id_length)
    if pattern is None:
        raise AskGit
    entries = pattern.findall(data)
    size = sum(len(mode) + len(name) for mode, name, _ in entries)
    if size + len(entries) * (2 + id_length // 2) != len(data):
        raise AskGit
    return {name: (mode, blob) for mode, name, blob in entries}
