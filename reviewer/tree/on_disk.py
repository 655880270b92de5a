# SPDX-License-Identifier: GPL-2.0-or-later
"""The regular files of a folder on disk; what is a pipe or a link is none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from reviewer.tree.objects import LARGEST_FILE
from reviewer.tree.paths import is_safe


def read_regular(place: str) -> bytes | None:
    """Returns the bytes of a regular file, None for anything else (a pipe is not
    opened)."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(place, flags)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return None
        pieces = []
        while piece := os.read(descriptor, status.st_size + 1):
            pieces.append(piece)
        return b"".join(pieces)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def is_regular(place: str) -> bool:
    """Says whether a regular file is there, and no link."""
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


def walk(top: str, under: str) -> Iterator[str]:
    """Yields the regular files below a folder; links to folders are not followed."""
    start = len(top) + 1
    beginning = os.path.join(top, under) if under else top
    if is_regular(beginning):
        yield under
    if os.path.islink(beginning):
        return
    for folder, folders, names in os.walk(beginning):
        folders[:] = [name for name in folders if name.lower() != ".git"]
        for name in names:
            place = os.path.join(folder, name)
            if is_regular(place) and is_safe(place[start:]):
                yield place[start:]
