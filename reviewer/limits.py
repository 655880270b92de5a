# SPDX-License-Identifier: GPL-2.0-or-later
"""How much a review reads before it stops and says so.

Everything that comes by mail is bounded.  Each limit has a name, which is the one
that ``git config kpf.<name>`` takes and the one that the error message shows.
"""

from __future__ import annotations

from msgspec import Struct

from reviewer.errors import LimitExceeded

MEBIBYTE = 1024 * 1024


class Limits(Struct, frozen=True):
    """The bounds of one run; sizes are in bytes, times as they say."""

    mailbox_bytes: int = 100 * MEBIBYTE  # a file, folder or thread as a whole
    message_bytes: int = 32 * MEBIBYTE  # one mail
    header_bytes: int = 512 * 1024  # the header of one mail
    line_bytes: int = 4 * MEBIBYTE  # one line of a mail
    messages: int = 20_000
    patches: int = 1_000  # of one series
    mime_depth: int = 30
    mime_parts: int = 1_000  # of one mail
    diff_files: int = 10_000  # of one patch
    diff_hunks: int = 100_000
    diff_lines: int = 3_000_000
    diff_line_bytes: int = 1_000_000
    fuzz_lines: int = 5_000_000  # compared for a series that nearly applies
    fetch_time: int = 120  # seconds, for one thread from the archive
    code_depth: int = 1_000  # levels of a C file's tree; the kernel's have up to 231
    code_marks: int = 800_000  # punctuation of a C file; the kernel's largest: 503,000
    parse_time: int = 10  # seconds of processor time, for one C file; most need two
    rule_time: int = 6  # seconds of processor time, for one rule in one file
    file_time: int = 8  # the same, for all rules together in one file
    review_time: int = 8  # the same, for each megabyte or four patches of a series
    # seconds of work, as steps, for all functions of a series whose behaviour is asked
    behaviour_time: int = 120
    solver_time: int = 1000  # milliseconds, for one question of a proof


DEFAULT = Limits()
_in_force = DEFAULT


def set_limits(chosen: Limits) -> None:
    """Makes these the limits of this run, for parsing and proving, which are given
    none."""
    global _in_force
    _in_force = chosen


def in_force() -> Limits:
    """Returns the limits of this run."""
    return _in_force


def check(name: str, size: int, limit: int, what: str) -> None:
    """Raise LimitExceeded, naming the limit, where ``size`` is above it."""
    if size > limit:
        raise LimitExceeded(
            f"{what}: {size} is over the limit {option(name)} = {limit}"
        )


def option(name: str) -> str:
    """Returns the git config key of a limit: ``kpf.mailboxBytes``."""
    head, *rest = name.split("_")
    return "kpf." + head + "".join(word.capitalize() for word in rest)
