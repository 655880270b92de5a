# SPDX-License-Identifier: GPL-2.0-or-later
"""Exchanging the content of a file that git locks, in one step.

git takes ``FILE.lock`` before it changes ``FILE``.  The new content is written where no
name leads to, gets the lock's name whole and then the file's: whoever is killed on the
way leaves neither a lock nor half a file, but for the time between two system calls.
"""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reviewer.errors import OutputError
from reviewer.files.plain_files import open_plain

LONGEST = 60.0  # seconds that another run of ours may take
LARGEST = 1 << 30  # bytes of a file that is read whole
PATIENCE = 3.0  # seconds in which a lock of somebody else's may go
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGVTALRM, signal.SIGINT)


class Changed(OutputError):
    """The file is not the one any more that the new content was made from."""


@contextmanager
def signals_held() -> Iterator[None]:
    """Keep signals that can wait from ending what must not be done by half.

    They are noted and sent again at the end.  To block them would not do: the solver
    has a thread of its own, which takes them and lets Python raise here.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before: dict[signal.Signals, Any] = {}
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) is not None:
                before[number] = signal.signal(number, lambda n, _: waiting.append(n))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in dict.fromkeys(waiting):
            signal.raise_signal(one)


@contextmanager
def one_run_at_a_time(folder: Path) -> Iterator[None]:
    """Let one run of ours at a time work in a folder; the lock goes with its process.

    Raises OutputError if another one does not end.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    end = time.monotonic() + LONGEST
    try:
        while not _locked(descriptor):
            if time.monotonic() > end:
                raise OutputError(f"{folder}: another kpf-review is at work there")
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: what is changed is compared first
        return True
    return True


def read(place: Path) -> bytes | None:
    """Returns the content of a file, None where there is none.

    Raises OutputError where it cannot be read, is a pipe or a device, or too large.
    """
    try:
        with open_plain(place) as opened:
            if os.fstat(opened.fileno()).st_size > LARGEST:
                raise OutputError(f"{place}: larger than {LARGEST >> 20} MB")
            return opened.read(LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{place}: {error.strerror or error}") from None


class Lock:
    """A file's lock with the new content in it: ``take``, then ``move`` or ``drop``."""

    def __init__(self, place: Path, name: str | None = None) -> None:
        """``name``: of the lock, which is git's without it."""
        self.place = Path(os.path.realpath(place))
        self._lock = self.place.with_name(name or f"{self.place.name}.lock")

    def take(self, expected: bytes | None, data: bytes) -> None:
        """Locks the file, if it still is what was read.

        Raises OutputError if it stays locked or cannot be written, Changed.
        """
        try:
            self._make(data)
        except FileExistsError:
            raise OutputError(
                f"{self._lock} exists: another program is at work, or was killed"
            ) from None
        except OSError as error:
            raise OutputError(f"{self.place}: {error.strerror or error}") from None
        if read(self.place) != expected:
            self.drop()
            raise Changed(f"{self.place} was changed meanwhile: run it again")

    def move(self) -> None:
        """Let the new content be the file's."""
        os.rename(self._lock, self.place)

    def drop(self) -> None:
        """Give the lock up, and leave the file as it is."""
        self._lock.unlink(missing_ok=True)

    def _make(self, data: bytes) -> None:
        try:
            mode = stat.S_IMODE(self.place.stat().st_mode)
        except FileNotFoundError:
            mode = 0o644
        end = time.monotonic() + PATIENCE
        apart = self._lock.with_name(f".kpf-review-{os.getpid()}-{self._lock.name}")
        with unnamed(self._lock.parent, apart, 0o600) as made:
            os.fchmod(made[0], mode)
            with open(made[0], "wb", closefd=False) as file:
                file.write(data)
            while True:
                try:
                    return give_name(made, self._lock)
                except FileExistsError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.05)


@contextmanager
def unnamed(folder: Path, otherwise: Path, mode: int) -> Iterator[tuple[int, str]]:
    """Yields a file that has no name yet: its descriptor, and what ``give_name`` links.

    Args:
        folder: in whose file system it is.
        otherwise: the name that it has for a while where there are no such files.
        mode: its permissions, without those that the umask takes.
    """
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_WRONLY, mode)
        name = ""
    except (OSError, AttributeError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(otherwise, flags, mode)
        name = os.fspath(otherwise)
    try:
        yield descriptor, name
    finally:
        os.close(descriptor)
        if name:
            os.unlink(name)


def give_name(made: tuple[int, str], place: Path) -> None:
    """Gives a file that ``unnamed`` made its name, in one step.  Raises
    FileExistsError where the name is taken, OSError where it cannot be made."""
    descriptor, name = made
    if name:
        os.link(name, place)
    else:  # given a descriptor, Python lets link() follow the name in /proc
        os.link(f"/proc/self/fd/{descriptor}", place, src_dir_fd=descriptor)


def exchange(place: Path, expected: bytes | None, data: bytes) -> None:
    """Replace the content of one file.  Raises as ``Lock.take`` does."""
    lock = Lock(place)
    with signals_held():
        lock.take(expected, data)
        lock.move()
