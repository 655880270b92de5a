# SPDX-License-Identifier: GPL-2.0-or-later
"""Moving the branch that is checked out, in the last of several steps."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

from reviewer import git
from reviewer.errors import OutputError


class BranchMove:
    """``git update-ref`` that has begun, and waits to be told to go on.

    It has a session of its own: what kills this run does not reach it, and it gives
    its locks back when its input ends.
    """

    def __init__(self, top: Path, new: str, old: str) -> None:
        words = ["update-ref", "-m", "kpf-review check --fix", "--stdin"]
        self._process, self._errors = git.start_in(
            words, top, work_tree=True, new_session=True
        )
        self._ask(f"start\nupdate HEAD {new} {old}\n", b"start: ok\n")

    def __enter__(self) -> BranchMove:
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        os.close(self._errors)

    def prepare(self) -> None:
        """Locks the branch, if it still is where it was.  Raises OutputError."""
        self._ask("prepare\n", b"prepare: ok\n")

    def commit(self) -> None:
        """Move the branch.  Raises OutputError."""
        self._ask("commit\n", b"commit: ok\n")

    def _ask(self, text: str, wanted: bytes) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(BrokenPipeError):
            stdin.write(text.encode())
            stdin.flush()
        there = select.select([stdout], [], [], git.TIMEOUT)[0]
        if not there or stdout.readline() != wanted:
            self._process.kill()
            self._process.wait()
            said = git.last_line(os.pread(self._errors, 4096, 0))
            raise OutputError(f"git update-ref: {said}")
