# SPDX-License-Identifier: GPL-2.0-or-later
"""What a review said of each patch of a series, kept for the questions that follow.

git send-email and b4 ask about one patch at a time; the answer for the series is made
once and read again.  The files hold our own output as JSON, in a folder that nobody
else can write to; anything that is not as it was written is no answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from reviewer import __version__
from reviewer.files.plain_files import open_plain

KEPT = 900  # seconds: a series is sent, or looked at, within them
LARGEST = 8 << 20  # bytes of one answer
NAME = "kpf-review"
PACKAGE = Path(__file__).parent


class Answer(Struct, frozen=True):
    """What was said of one patch."""

    text: str
    status: int
    notes: tuple[str, ...] = ()


def key(parts: Iterable[bytes | str]) -> str:
    """Returns a name for an answer: the same for the same question to the same
    program."""
    digest = hashlib.sha256(_program())
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def _program() -> bytes:
    """What changes whenever the program does."""
    found = [__version__]
    for folder in (PACKAGE, PACKAGE / "rules", PACKAGE / "templates"):
        for place, folders, names in os.walk(folder.resolve()):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".py", ".j2", ".json")):
                    status = os.stat(os.path.join(place, name))
                    found.append(f"{name} {status.st_mtime_ns} {status.st_size}")
    return hashlib.sha256("\n".join(found).encode()).digest()


class Answers:
    """The answers of the last minutes; without a safe folder there are none.

    ``environ`` names the user's runtime folder; else the temporary folder is used.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._folder = _private_folder(environ)

    def get(self, name: str) -> Answer | None:
        """Returns the answer of that key, None where there is none that can be
        trusted."""
        if self._folder is None:
            return None
        data = _read(self._folder / f"{name}.json")
        try:
            found = json.loads(data or b"{}")
            text, status, notes = found["text"], found["status"], found["notes"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        well = isinstance(text, str) and type(status) is int and 0 <= status <= 3
        if not (well and isinstance(notes, list)):
            return None
        if not all(isinstance(note, str) for note in notes):
            return None
        return Answer(text, status, tuple(notes))

    def keep(self, name: str, answer: Answer) -> None:
        """Write an answer; where that fails it is made again the next time."""
        if self._folder is None:
            return
        data = json.dumps(
            {"text": answer.text, "status": answer.status, "notes": answer.notes}
        )
        with suppress(OSError):
            self._sweep()
            handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".new")
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(data)
                os.replace(temporary, self._folder / f"{name}.json")
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary)
                raise

    def _sweep(self) -> None:
        """Remove what is too old to be read."""
        assert self._folder is not None
        oldest = time.time() - KEPT
        for entry in os.scandir(self._folder):
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                with suppress(OSError):
                    os.unlink(entry.path)


def _private_folder(environ: Mapping[str, str]) -> Path | None:
    """A folder of ours that is nobody else's, made where it is not there."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime and os.path.isabs(runtime):
        place = Path(runtime) / NAME
    else:
        place = Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid()}"
    try:
        with suppress(FileExistsError):
            os.mkdir(place, 0o700)
        status = os.lstat(place)
    except OSError:
        return None
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return place if ours and not status.st_mode & 0o077 else None


def _read(place: Path) -> bytes | None:
    try:
        with open_plain(place, links=False) as file:
            status = os.fstat(file.fileno())
            fresh = 0 <= time.time() - status.st_mtime < KEPT
            if fresh and status.st_uid == os.getuid() and status.st_size <= LARGEST:
                return file.read(LARGEST)
    except OSError:
        pass
    return None
