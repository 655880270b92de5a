# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening what has to be a plain file: a pipe or a device is not waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_plain(place: Path | str, *, links: bool = True) -> BinaryIO:
    """Opens a regular file to be read, with ``links`` also by way of a link.

    Raises OSError, for what is no file as well, and ValueError for a name with a 0.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    opened = os.fdopen(os.open(place, flags if links else flags | os.O_NOFOLLOW), "rb")
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise OSError(errno.EINVAL, "not a plain file")
    return opened
