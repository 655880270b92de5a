# SPDX-License-Identifier: GPL-2.0-or-later
"""The private folder in which git applies patches."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reviewer import git
from reviewer.patch.diff import FilePart
from reviewer.tree.on_disk import read_regular
from reviewer.utf8 import decode


class Copies:
    """Copies of the files that the series touches, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: set[str] = set()

    def put(self, path: str, data: bytes | None) -> str | None:
        """Writes a file the first time it is asked for; returns why it cannot be
        written, None where it is."""
        if path in self._there:
            return None
        if data is not None:
            place = self._folder / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                return "a file stands where its folder should be"
            except ValueError:
                return "impossible file name"
            if place.is_dir():
                return "a folder stands where the file should be"
            place.write_bytes(data)
        self._there.add(path)
        return None

    def write(self, path: str, data: bytes | None) -> bool:
        """Let a file hold something else, None: be gone; returns whether that went."""
        place = self._folder / path
        if data is None:
            place.unlink(missing_ok=True)
            return True
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            return False
        self._there.add(path)
        return True

    def get(self, path: str) -> bytes | None:
        """Returns the bytes of a file as it stands there now, None if there is none."""
        return read_regular(os.fspath(self._folder / path))

    def git_apply(
        self, parts: Sequence[FilePart], *, quiet: bool = False
    ) -> tuple[int, str]:
        """Has git apply parts of a diff; returns its exit status and what it said.

        ``quiet`` leaves out offsets and the lines that git looked for.
        """
        done = git.run(
            [
                "apply",
                "--no-verbose" if quiet else "--verbose",
                "--whitespace=nowarn",
                f"-p{parts[0].strip}",
                "-",
            ],
            cwd=self._folder,
            stdin=b"".join(part.text for part in parts),
            configured=False,
        )
        return done.returncode, decode(done.stderr)
