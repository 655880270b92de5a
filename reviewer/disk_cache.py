# SPDX-License-Identifier: GPL-2.0-or-later
"""What was read from a tree once, kept on disk for the next run.

One SQLite file under $XDG_CACHE_HOME/kpf-review.  Everything in it can be made anew: a
file that is broken, locked, full or not to be written to costs time and no answer.  A
key names content (a git object id) and the version of the reader; a value is JSON of
the shape that its reader asks for, or there is none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from reviewer.files import xdg

if TYPE_CHECKING:
    import sqlite3

LARGEST = 64 << 20  # bytes of all values; the oldest go first
_FILE = "facts.sqlite"
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite itself puts there
_STEPS = 50_000_000  # of SQLite's machine for one question: half a second
_PATIENCE = 0.5  # seconds to wait for another run that writes
_AT_ONCE = 500  # keys in one question
_SOME = "SELECT key, value FROM facts WHERE kind = ? AND version = ? AND key IN"
_PAGES = ("page_size", "page_count", "freelist_count")
_TABLE = """CREATE TABLE IF NOT EXISTS facts (
    kind TEXT, version INTEGER, key TEXT, value BLOB, made INTEGER,
    PRIMARY KEY (kind, version, key))"""


def place() -> Path:
    """Returns $XDG_CACHE_HOME/kpf-review, ~/.cache/kpf-review without it."""
    return xdg.folder("CACHE")


def recall(kind: str, version: int, key: str, shape: Any = Any) -> Any:
    """Returns what was kept, as JSON data of that shape (a type, for msgspec); None
    where nothing was, or it cannot be read."""
    import sqlite3

    question = "SELECT value FROM facts WHERE kind = ? AND version = ? AND key = ?"
    try:
        with closing(connected(_place(), may_be_new=False)) as facts:
            row = facts.execute(question, (kind, version, key)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=shape)
    except (sqlite3.Error, OSError, ValueError, TypeError, RecursionError):
        return None


def recall_all(
    kind: str, version: int, keys: Sequence[str], shape: Any = Any
) -> dict[str, Any]:
    """Returns what was kept of several keys, as ``recall`` does; the others are left
    out."""
    import sqlite3

    found: dict[str, Any] = {}
    if not keys:
        return found
    try:
        decoder = msgspec.json.Decoder(shape)
        with closing(connected(_place(), may_be_new=False)) as facts:
            for at in range(0, len(keys), _AT_ONCE):
                some = keys[at : at + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = facts.execute(f"{_SOME} ({marks})", (kind, version, *some))
                for key, value in rows:
                    found[key] = decoder.decode(value)
    except (sqlite3.Error, OSError, ValueError, TypeError, RecursionError):
        return {}
    return found


def keep(kind: str, version: int, key: str, value: Any) -> None:
    """Keep JSON data for the next run, where that can be."""
    keep_all(kind, version, {key: value})


def keep_all(kind: str, version: int, values: Mapping[str, Any]) -> None:
    """Keep JSON data by their keys, where that can be: what is none is left out."""
    import sqlite3

    encoded = {key: _encoded(value) for key, value in values.items()}
    if not any(encoded.values()):
        return
    try:
        with closing(connected(_place(), may_be_new=True)) as facts, facts:
            facts.execute("BEGIN IMMEDIATE")
            facts.execute(_TABLE)
            (last,) = facts.execute("SELECT max(made) FROM facts").fetchone()
            made = (last or 0) + 1
            rows = [(kind, version, k, one, made) for k, one in encoded.items() if one]
            facts.executemany("INSERT OR REPLACE INTO facts VALUES (?,?,?,?,?)", rows)
            _make_room(facts)
    except (sqlite3.Error, OSError):
        return


def _encoded(value: Any) -> bytes | None:
    """The value as JSON, None for what is none, or too large."""
    try:
        data = msgspec.json.encode(value)
    except (TypeError, ValueError):
        return None
    return data if len(data) <= LARGEST // 2 else None


def _make_room(facts: sqlite3.Connection) -> None:
    """Forget the oldest until the rest is small enough."""
    pages = (facts.execute(f"PRAGMA {name}").fetchone()[0] for name in _PAGES)
    size, count, free = pages
    if size * (count - free) <= LARGEST:
        return
    rows = facts.execute("SELECT rowid, length(value) FROM facts ORDER BY made DESC")
    size = 0
    for row, length in rows.fetchall():
        size += length
        if size > LARGEST:
            facts.execute("DELETE FROM facts WHERE rowid = ?", (row,))


def size() -> int:
    """Returns how many bytes the memory takes on disk."""
    try:
        return _place().lstat().st_size
    except OSError:
        return 0


def forget() -> int:
    """Remove all that is kept; the bytes that it took.

    Raises OSError where it is there and cannot be removed.
    """
    taken = size()
    for ending in ("", *_BESIDE):
        _place().with_name(f"{_FILE}{ending}").unlink(missing_ok=True)
    return taken


def _place() -> Path:
    return place() / _FILE


def connected(
    file: Path, *, may_be_new: bool, patience: float = _PATIENCE
) -> sqlite3.Connection:
    """Opens an SQLite file of ours; ``patience``: seconds to wait for other runs.

    Raises OSError where there is none, or it is not ours alone.
    """
    import sqlite3

    if not file.is_absolute():  # a HOME that is relative: below where we stand
        raise OSError(f"{file}: not in the user's home")
    if may_be_new:
        _make(file.parent)
    if not _is_ours(file.parent, file, may_be_new=may_be_new):
        raise OSError(f"{file}: not ours alone")
    facts = sqlite3.connect(file, timeout=patience, isolation_level=None)
    facts.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    facts.set_progress_handler(lambda: 1, _STEPS)  # what is no table may have no end
    return facts


def _make(folder: Path) -> None:
    """Make the folder, but no home that there is not."""
    home = Path.home()
    if folder.is_relative_to(home) and not home.is_dir():
        raise FileNotFoundError(f"{home}: no such folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_ours(folder: Path, file: Path, *, may_be_new: bool) -> bool:
    """Whether nobody else can write to the folder, and all in it are plain files."""
    held = folder.stat()
    if held.st_uid != os.getuid() or held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return False
    found = [_status(file.with_name(f"{file.name}{end}")) for end in ("", *_BESIDE)]
    if found[0] is None and not may_be_new:
        return False
    return all(
        stat.S_ISREG(one.st_mode) and one.st_uid == os.getuid() for one in found if one
    )


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.lstat()
    except FileNotFoundError:
        return None
