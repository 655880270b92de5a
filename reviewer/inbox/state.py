# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails an inbox has listed, and what a run that was ended had reviewed.

One SQLite file under $XDG_STATE_HOME/kpf-review.  A mail is listed when a whole run
is, never before, so that a run that was ended is gone on with and tells each series
once.  Two runs at a time do not disturb each other: each of them lists what was new
when it began.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from reviewer import disk_cache
from reviewer.errors import OutputError
from reviewer.files import xdg

if TYPE_CHECKING:
    import sqlite3

FILE = "inbox.sqlite"
VERSION = 3  # of what is kept of a review
_LARGEST = 256 << 20  # bytes of one record, unpacked
_PARTS = {"series", "notes", "failed"}  # of a record (inbox/work.py)
_MOST_RUNS = 1 << 60
_PATIENCE = 10.0  # seconds to wait for another run that writes
_TABLES = (
    "CREATE TABLE IF NOT EXISTS listed (mail TEXT PRIMARY KEY, run INTEGER)",
    "CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY, run INTEGER, data BLOB)",
)


class InboxState:
    """An open state; ``run`` is the number of this run."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self.last = _last_run(file)
        self.run = self.last + 1

    def unlisted(self, mails: Iterable[str], *, again: bool = False) -> set[str]:
        """Returns the mails that no run has listed; ``again``: the last run's too."""
        before = self.run - 1 if again else self.run
        return {mail for mail in mails if not self._is_listed(mail, before)}

    def _is_listed(self, mail: str, before: int) -> bool:
        question = "SELECT 1 FROM listed WHERE mail = ? AND run < ?"
        return self._file.execute(question, (mail, before)).fetchone() is not None

    def recall(self, key: str) -> dict[str, Any] | None:
        """Returns what was kept of a review; None where nothing was."""
        question = "SELECT data FROM done WHERE key = ?"
        row = self._file.execute(question, (key,)).fetchone()
        return None if row is None else _unpacked(key, row[0])

    def keep(self, key: str, record: Mapping[str, Any]) -> None:
        """Keeps the record of a review, for a later run to ``recall`` if this one is
        ended."""
        data = zlib.compress(json.dumps(record).encode("ascii"))
        row = key, self.run, _sum(key, data) + data
        self._file.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", row)

    def finish(
        self, shown: Iterable[str], passed: Iterable[str], keys: Iterable[str]
    ) -> None:
        """Notes, at the end of a run, which mails need not be listed again.

        ``shown`` are the mails of the series that were listed: --again lists them once
        more, until a later run has listed others.  ``passed`` are the mails that hold
        no series.  Kept reviews are forgotten, but for those with one of the ``keys``.
        """
        add = "INSERT OR REPLACE INTO listed VALUES (?, ?)"
        with transaction(self._file):
            self._file.executemany(add, ((mail, 0) for mail in passed))
            shown = list(shown)
            if not shown:
                return
            run = max(self.run, _last_run(self._file) + 1)  # another has ended
            self._file.executemany(add, ((mail, run) for mail in shown))
            again = ((run, key) for key in keys)
            self._file.executemany("UPDATE done SET run = ? WHERE key = ?", again)
            self._file.execute("DELETE FROM done WHERE run < ?", (run,))


def _last_run(file: sqlite3.Connection) -> int:
    """The number of the last run; 0 where there was none, or what stands there is no
    number of ours."""
    (last,) = file.execute("SELECT max(run) FROM listed").fetchone()
    return last if isinstance(last, int) and 0 <= last < _MOST_RUNS else 0


def _sum(key: str, data: bytes) -> bytes:
    return sha256(key.encode() + data).digest()


def _unpacked(key: str, kept: object) -> dict[str, Any] | None:
    """A record as it was kept; None for what was not kept by us, or not under it."""
    if not isinstance(kept, bytes) or kept[:32] != _sum(key, kept[32:]):
        return None
    try:
        text = zlib.decompressobj().decompress(kept[32:], _LARGEST)
        record = json.loads(text)
    except (ValueError, RecursionError, zlib.error):  # larger, or none
        return None
    return record if isinstance(record, dict) and record.keys() >= _PARTS else None


@contextmanager
def transaction(file: sqlite3.Connection) -> Iterator[None]:
    """Writes all that is written within it, or nothing."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


@contextmanager
def opened(environ: Mapping[str, str] = os.environ) -> Iterator[InboxState]:
    """Yields the user's state, which is made where there is none.

    Raises OutputError where it cannot be read or written, or is not ours alone.
    """
    import sqlite3

    path = xdg.folder("STATE", environ) / FILE
    try:
        with closing(
            disk_cache.connected(path, may_be_new=True, patience=_PATIENCE)
        ) as file:
            for table in _TABLES:
                file.execute(table)
            yield InboxState(file)
    except sqlite3.Error as error:
        raise OutputError(f"{path}: {error}: move it away to begin anew") from None
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from None
