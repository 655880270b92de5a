# SPDX-License-Identifier: GPL-2.0-or-later
"""The objects of a repository, read through one git process."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import weakref
from pathlib import Path
from typing import IO

from reviewer import git
from reviewer.errors import TreeError
from reviewer.utf8 import encode

LARGEST_FILE = 64 * 1024 * 1024  # bytes; the largest in a kernel tree has about 25 MB


class Objects:
    """The objects of one repository through one ``git cat-file --batch``.

    Started at the first question, ended by ``close`` or with the object.  A copy of
    this process (os.fork) starts one of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Objects] | None = None
        self._owner = 0  # the process that started it

    def get(self, name: str) -> tuple[str, str, bytes] | None:
        """Returns an object as (id, type, content), None if there is none of that name.

        Args:
            name: a revision or ``REVISION:path``.  It is data on git's stdin and can
                be no option.  A symbolic link on the way is followed inside the
                revision only.

        Raises TreeError if the repository is broken, or git refuses to open it.
        """
        question = encode(name)
        if b"\n" in question or b"\0" in question or not question:
            return None
        stdin, stdout = self._pipes()
        try:
            stdin.write(question + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None
        if not select.select([stdout], [], [], git.TIMEOUT)[0]:
            raise self._broken("said nothing for a minute")
        header = stdout.readline()
        if not header.endswith(b"\n"):
            raise self._broken()
        if header.endswith((b" missing\n", b" ambiguous\n")):
            return None
        first, kind, size = (
            header.split()[-3:] if header.count(b" ") == 2 else (b"",) * 3
        )
        if not size:
            # "dangling 3", "symlink 7", "loop 4", "notdir 5": text of that length
            # follows, and there is no file
            self._skip(stdout, int(header.split()[1]) + 1)
            return None
        length = int(size)
        if length > LARGEST_FILE:
            self._skip(stdout, length + 1)
            return None
        content = stdout.read(length)
        if len(content) != length or stdout.read(1) != b"\n":
            raise self._broken()
        return first.decode(), kind.decode(), content

    def close(self) -> None:
        """Ends the process of git."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._owner != os.getpid() and self._end is not None:
            self._end.detach()  # the one that started it will end it
            self._process = None
        if self._process is None:
            self._owner = os.getpid()
            self._process, self._errors = git.start_in(
                ["cat-file", "--batch", "--follow-symlinks"], self._folder
            )
            self._end = weakref.finalize(self, _end, self._process, self._errors)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        return stdin, stdout

    def _skip(self, stdout: IO[bytes], length: int) -> None:
        while length > 0 and (piece := stdout.read(min(length, 1 << 20))):
            length -= len(piece)

    def _broken(self, why: str = "") -> TreeError:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        message = os.pread(self._errors, 4096, 0)
        self.close()
        return TreeError(f"{self._folder}: git: {why or git.last_line(message)}")


def _end(process: subprocess.Popen[bytes], errors: int) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    os.close(errors)


def is_blob(data: bytes | None, name: str | None) -> bool:
    """Says whether a file with this content has the blob id ``name``, which may be
    abbreviated, in a repository of either object format (SHA-1 and SHA-256)."""
    if data is None or not name:
        return False
    import hashlib  # for few series: git tells the ids of what it has read itself

    content = b"blob %d\0" % len(data) + data
    kinds = (hashlib.sha1, hashlib.sha256)
    return any(
        kind(content, usedforsecurity=False).hexdigest().startswith(name)
        for kind in kinds
    )
