# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run finds in its process, put right where it is missing."""

from __future__ import annotations

import os
import sys


def have_home() -> None:
    """Let HOME have a value where nothing says where it is, as in many a container.

    Python raises a RuntimeError there, and b4 a KeyError; nothing is at this place.
    """
    if os.environ.get("HOME"):
        return
    import pwd

    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        os.environ["HOME"] = os.devnull


def have_streams() -> None:
    """Let none of the three standard streams be missing.

    Where one is closed, Python has None for it, print() writes to another one, and
    the next file that is opened gets its number.  Nothing can be read from what stands
    in for stdin, and nothing can be written to what stands in for stdout.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            flags = os.O_RDWR if name == "stderr" else os.O_RDONLY
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
