# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends a piece of work that has used up its processor time.

Time is the processor's own, so that a busy machine or a slow disk ends nothing.  The
end comes as an exception out of a signal (SIGPROF), which Python takes between two of
its instructions; where an exception would be lost or would leave a conversation with
git half read, it waits for a better moment.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

_OF_GIT = ("reviewer.git", "reviewer.tree.objects")
_PR_SET_PDEATHSIG = 1  # include/uapi/linux/prctl.h
_AGAIN = 0.05  # seconds until the next try, where the first could not end the work


class TimeUsedUp(BaseException):
    """The work was ended.

    Not an Exception, so that a handler that goes on after any failure does not go on
    after this one.  Facts that were being read at that moment may be half read.
    """


def loses_exceptions(frame: FrameType | None) -> bool:
    """Says whether an exception raised here would be printed, or become another one.

    Python prints what a ``__del__`` raises and goes on; ctypes makes an ArgumentError
    of what ``from_param`` raises.  z3 has both on every operation, and its ``__del__``
    fails where an ``__init__`` was left half way.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_name in ("__del__", "from_param"):
            return True
        if code.co_name == "__init__" and "/z3/" in code.co_filename:
            return True
        frame = frame.f_back
    return False


def _not_here(frame: FrameType | None) -> bool:
    """Whether the end has to wait: see above, and what would leave the timer on."""
    if frame is not None and frame.f_globals.get("__name__") == __name__:
        return True
    return loses_exceptions(frame) or _talks_to_git(frame)


def _talks_to_git(frame: FrameType | None) -> bool:
    """Whether the code is between a question to a running git and its answer."""
    while frame is not None:
        if frame.f_globals.get("__name__") in _OF_GIT:
            return True
        frame = frame.f_back
    return False


class ProcessorTime:
    """A ``with`` block that may use so much processor time, then raises TimeUsedUp.

    Outside of the main thread, and inside of another such block, nothing ends the
    block: signals reach the main thread only, and the outer bound holds.  The block is
    a class and no generator: nothing of ours lies between it and the end of the timer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = max(seconds, 0.001)
        self._before: Any = None
        self._on = False

    def __enter__(self) -> None:
        main = threading.current_thread() is threading.main_thread()
        self._on = main and not signal.getitimer(signal.ITIMER_PROF)[0]
        if self._on:
            self._before = signal.signal(signal.SIGPROF, _end)
            signal.setitimer(signal.ITIMER_PROF, self._seconds, _AGAIN)

    def __exit__(self, *_error: object) -> None:
        if self._on:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)


def _end(_number: int, frame: FrameType | None) -> None:
    if not _not_here(frame):
        raise TimeUsedUp


def end_with_parent(parent: int) -> None:
    """Let this copy of a process end when that does, also when it is killed.

    Only Linux has a way; elsewhere the copy ends when it next reads from its pipe.
    """
    import ctypes

    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
