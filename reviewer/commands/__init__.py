# SPDX-License-Identifier: GPL-2.0-or-later
"""The subcommands: one module each, imported only when it is called.

A module has ``HELP`` (one line), ``arguments(parser)`` and
``run(args, session) -> Result``.  It neither prints nor exits: ``cli`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, field

from reviewer.config import Settings
from reviewer.models import NotChecked

if TYPE_CHECKING:
    from reviewer.dismissed import Dismissals
    from reviewer.learn.lesson import Terminal

# subcommand -> module
COMMANDS: dict[str, str] = {
    "check": "check",
    "explain": "explain",
    "learn": "learn",
    "report": "report",
    "rules": "rules",
    "behaviour": "behaviour",
    "scan": "scan",
    "facts": "facts",
    "followup": "followup",
    "factcheck": "factcheck",
    "batch": "batch",
    "inbox": "inbox",
    "demo": "demo",
    "config": "config",
    "cache": "cache",
    "dismiss": "dismiss",
    "help": "guides",
    "setup": "setup",
    "agent": "agent",
    "b4-check": "b4_check",
    "completion": "completion",
}


class Result(Struct, frozen=True):
    """What a command has to say."""

    text: str = ""  # for stdout, ready to print
    status: int = 0
    notes: tuple[str, ...] = ()  # lines for stderr


class Session(Struct):
    """What a command may know of the world around it."""

    settings: Settings
    stdin: BinaryIO
    color: bool
    width: int
    command: str  # how to reproduce this run
    progress: Callable[[str], None] = field(default=lambda _text: None)
    environ: Mapping[str, str] = field(default_factory=dict)
    piped: bool = False  # into a pipe or file of which nobody named the columns
    terminal: Terminal | None = None
    # trees that are configured, and rules that the repository's settings leave out
    unread: list[NotChecked] = field(default_factory=list)
    dismissals: Dismissals | None = None  # once they are read
