# SPDX-License-Identifier: GPL-2.0-or-later
"""kpf-review, which ends itself before its N-th call that changes a file system.

python killing_writes.py N SIGNAL FILE ARGUMENT...

What counts is what opens a file to write, gives, takes or changes a name, flushes to
the disk, starts a program, or changes a database.  With N = 0 nothing is sent, and the
calls are written to FILE.  Between two calls nothing changes but the content of files
that are open.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import Any

from reviewer import cli

WHEN, NUMBER, REPORT = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
CHANGES = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.symlink")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
calls: list[str] = []
on = True
ourselves = os.getpid()  # not the workers that it forks


def told(event: str, what: tuple[Any, ...]) -> str | None:
    """How a change is named, None where it is none that anybody would find."""
    if event in CHANGES:
        return f"{event} {what[0]}"
    if event == "subprocess.Popen":
        return event
    if event == "sqlite3":
        return f"sqlite3 {what[0]}"
    if event == "open" and isinstance(what[2], int) and what[2] & WRITES:
        return None if str(what[0]) == os.devnull else f"open {what[0]}"
    return None


def count(event: str, what: tuple[Any, ...]) -> None:
    name = told(event, what) if on and os.getpid() == ourselves else None
    if name is None:
        return
    calls.append(name)
    if len(calls) == WHEN:
        os.kill(os.getpid(), NUMBER)


def flushed(descriptor: int, fsync: Any = os.fsync) -> None:
    count("subprocess.Popen", ())
    fsync(descriptor)


class Counted(sqlite3.Connection):
    """A database each change of which counts."""

    def execute(self, line: str, *values: Any) -> sqlite3.Cursor:
        if not line.startswith("SELECT"):
            count("sqlite3", (line,))
        return super().execute(line, *values)

    def executemany(self, line: str, *values: Any) -> sqlite3.Cursor:
        count("sqlite3", (line,))
        return super().executemany(line, *values)


sqlite3.connect = partial(sqlite3.connect, factory=Counted)
os.fsync = flushed
sys.argv[:] = ["kpf-review", *sys.argv[4:]]
sys.addaudithook(count)
status = cli.main()
on = False
if not WHEN:
    REPORT.write_text("\n".join(calls))
sys.exit(status)
