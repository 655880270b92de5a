# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that appear whole, and all of a set or none of it.

The contents are written first, where no name leads to, and flushed to the disk; then
folders and names are made one right after the other.  A disk that is full or a signal
leaves nothing, and what SIGKILL leaves are whole files.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec import Struct, field

from reviewer.errors import OutputError
from reviewer.files import exchange
from reviewer.visible_text import one_line

STALE = 600  # seconds: longer than a review takes
LONGEST_IN_PART = 200  # bytes, of the 255 that a name may have


def write(
    files: Mapping[Path, bytes],
    *,
    force: bool = False,
    folders: bool = False,
    mode: int = 0o666,
) -> None:
    """Write files.

    Args:
        files: their contents.
        force: whether they may take the place of others.
        folders: whether the folders that they are to be in are made.
        mode: their permissions, without those that the umask takes.

    Raises OutputError, in one line, if one of them is there already or is a link, or
    where the file system refuses; then none of them is there.
    """
    try:
        for path in files:
            refuse_to_write(path, force=force)
            if not folders:
                os.stat(path.parent)
        with exchange.signals_held(), ExitStack() as held:
            for folder in {path.parent for path in files}:
                remove_parts(folder, [path.name for path in files])
            ready = [
                _Ready(path, data, mode, held.enter_context(_content(path, data, mode)))
                for path, data in files.items()
            ]
            _appear(ready, force)
    except OSError as error:
        where = one_line(str(error.filename or next(iter(files))))
        raise OutputError(f"cannot write {where}: {error.strerror}") from error


def refuse_to_write(path: Path, *, force: bool) -> None:
    """Raise OutputError where a file must not be written: a link, a folder, a file."""
    if path.is_symlink():
        raise OutputError(f"{path} is a symbolic link: not written")
    if path.is_dir():
        raise OutputError(f"{path} is a folder: not written")
    if path.exists() and not force:
        raise _there(path)


def _there(path: Path) -> OutputError:
    return OutputError(f"{path} exists: not overwritten without --force")


@contextmanager
def _content(path: Path, data: bytes, mode: int) -> Iterator[tuple[int, str]]:
    """A file without a name in the nearest folder there is; descriptor and name."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with exchange.unnamed(folder, temporary_name(folder / path.name), mode) as made:
        with open(made[0], "wb", closefd=False) as file:
            file.write(data)
        os.fsync(made[0])
        yield made


class _Ready(Struct, frozen=True):
    """A file whose content is on the disk."""

    path: Path
    data: bytes
    mode: int
    content: tuple[int, str]  # of ``exchange.unnamed``


class _Made(Struct):
    """What has appeared, to be taken away where the rest cannot."""

    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def undo(self) -> None:
        for path in self.files:
            with suppress(OSError):
                path.unlink()
        for folder in reversed(self.folders):
            with suppress(OSError):
                folder.rmdir()


def _appear(ready: Iterable[_Ready], force: bool) -> None:
    made = _Made()
    try:
        for one in ready:
            _make_folder(one.path.parent, made)
            if force:
                _replace(one)
            else:
                _publish(one)
                made.files.append(one.path)
    except BaseException:
        made.undo()
        raise


def _make_folder(folder: Path, made: _Made) -> None:
    missing = []
    while not folder.exists() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        with suppress(FileExistsError):  # another run's
            one.mkdir()
            made.folders.append(one)


def _publish(one: _Ready) -> None:
    try:
        exchange.give_name(one.content, one.path)
    except FileExistsError as error:
        raise _there(one.path) from error
    except OSError:  # a file system without links
        try:
            os.close(os.open(one.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except FileExistsError as error:
            raise _there(one.path) from error
        try:
            _write_by_name(one)
        except OSError:
            one.path.unlink()
            raise


def _replace(one: _Ready) -> None:
    place = temporary_name(one.path)
    try:
        exchange.give_name(one.content, place)
    except OSError:
        _write_by_name(one)
        return
    os.replace(place, one.path)


def _write_by_name(one: _Ready) -> None:
    place = temporary_name(one.path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(place, flags, one.mode), "wb") as file:
            file.write(one.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(place, one.path)
    finally:
        place.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """Returns the name that a file has for a moment before it takes another's place."""
    return path.with_name(f"{_begin_of_part(path.name)}{os.getpid()}.part")


def _begin_of_part(name: str) -> str:
    """What names of its parts begin with; a name as long as may be leaves no room."""
    data = os.fsencode(name)
    if len(data) <= LONGEST_IN_PART:
        return f".{name}."
    import hashlib

    return f".{hashlib.sha256(data).hexdigest()[:32]}."


def remove_parts(folder: Path, names: Iterable[str]) -> None:
    """Remove what runs that were killed while they wrote these files have left.

    The age is looked at besides the process, which may run on another machine; one
    with our own number is dead, as in a container where each run has the same.
    """
    for name in names:
        head, tail = _begin_of_part(name), ".part"
        for place in _entries(folder):
            if not (place.name.startswith(head) and place.name.endswith(tail)):
                continue
            owner = place.name.removeprefix(head).removesuffix(tail)
            with suppress(OSError):
                age = time.time() - place.lstat().st_mtime
                dead = age > STALE and not os.path.exists(f"/proc/{owner}")
                if dead or owner == str(os.getpid()):
                    place.unlink()


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
