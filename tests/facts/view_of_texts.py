# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree that is written down in a test."""

from __future__ import annotations


class Files:
    """A view over a few files written here."""

    label = "files"

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path):
        text = self._files.get(path)
        return None if text is None else text.encode()

    def exists(self, path):
        return path in self._files

    def files(self, under=""):
        return sorted(path for path in self._files if path.startswith(under))
