# SPDX-License-Identifier: GPL-2.0-or-later
"""Private folders in the temporary folder, which no end of a run leaves behind.

A folder's name says which process made it, and that process holds a lock on it.  What
a run that was killed has left is removed by the next run that makes one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewer.patterns import regex

PREFIX = "kpf-review-"
_NAME = regex(re.escape(PREFIX) + r"[a-z]+-(\d{1,10})-\w+")  # whose it is
_UNLOCKED = 5  # seconds in which a new folder gets its lock
_STALE = 600  # seconds after which a folder is stale whose locks cannot be asked for
_mine: dict[str, int] = {}  # folder -> descriptor that holds its lock


def make(kind: str) -> Path:
    """Make a folder that only this user can read, and that ``remove`` takes away.

    Args:
        kind: what it is for, in small letters; it stands in the name.

    Raises OSError where the temporary folder cannot be written to.
    """
    remove_stale()
    for _ in range(3):  # a machine that slept may have had its new folder swept
        with contextlib.suppress(FileNotFoundError):
            return _made_and_locked(kind)
    raise FileNotFoundError(f"{tempfile.gettempdir()}: a new folder does not stay")


def _made_and_locked(kind: str) -> Path:
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-{os.getpid()}-")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    with contextlib.suppress(OSError):  # a file system without locks: age decides
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not os.path.isdir(folder):
        os.close(descriptor)
        raise FileNotFoundError(folder)
    _mine[folder] = descriptor
    return Path(folder)


def remove(folder: Path) -> None:
    """Remove a folder that ``make`` has made, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)
    descriptor = _mine.pop(str(folder), None)
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def folder(kind: str) -> Iterator[Path]:
    """Yields a private folder for the time of a ``with``; see ``make``."""
    made = make(kind)
    try:
        yield made
    finally:
        remove(made)


def remove_folders_of(process: int) -> None:
    """Remove what this process, or one that has ended, has in the temporary folder."""
    for place, owner, age in _folders():
        if owner == process and (place in _mine or not _is_in_use(place, owner, age)):
            remove(Path(place))


def remove_stale() -> None:
    """Remove what runs that were killed have left.

    Whether one is alive its lock says: a number of a process comes again, and a dead
    one that nobody has waited for keeps its own.  Where there are no locks, the process
    and the folder's age say it, for one of another container cannot be seen.
    """
    for place, owner, age in _folders():
        if place in _mine or age <= _UNLOCKED:
            continue
        if not _is_in_use(place, owner, age):
            shutil.rmtree(place, ignore_errors=True)


def _is_in_use(place: str, owner: int, age: float) -> bool:
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return _may_be_alive(owner, age)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _may_be_alive(owner, age)
    finally:
        os.close(descriptor)
    return False


def _may_be_alive(owner: int, age: float) -> bool:
    return age <= _STALE or os.path.exists(f"/proc/{owner}")


def _folders() -> list[tuple[str, int, float]]:
    """Our private folders: place, process and age in seconds; links are none."""
    found = []
    try:
        entries = list(os.scandir(tempfile.gettempdir()))
    except OSError:
        return []
    for entry in entries:
        match = _NAME.fullmatch(entry.name)
        if match is None:
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
            age = time.time() - status.st_mtime
            found.append((entry.path, int(match[1]), age))
    return found
