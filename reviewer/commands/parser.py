# SPDX-License-Identifier: GPL-2.0-or-later
"""The parser of a subcommand: the options that all have, and one line of refusal.

argparse, and no library around it: the manual page and the completion of three shells
are read from its parsers (``surface``), and it is not loaded before it is needed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

from reviewer.errors import UsageError

NO_NETWORK = "no effect here: no network is used"


def command_parser(name: str | None, module: ModuleType) -> argparse.ArgumentParser:
    """Returns the parser of a subcommand's module; of the main command without
    a name."""
    prog = f"kpf-review {name}" if name else "kpf-review"
    parser = argparse.ArgumentParser(
        prog=prog, description=module.HELP, allow_abbrev=False
    )
    parser.error = _refuse(prog, parser)  # type: ignore[method-assign, assignment]
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes on stderr")
    parser.add_argument(
        "-d", "--debug", action="store_true", help="show tracebacks and timings"
    )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        help="default: kpf.color, NO_COLOR, then whether stdout is a terminal",
    )
    module.arguments(parser)
    if "--offline" not in parser._option_string_actions:
        parser.add_argument("--offline", action="store_true", help=NO_NETWORK)
    return parser


def _refuse(prog: str, parser: argparse.ArgumentParser) -> Callable[[str], NoReturn]:
    """What replaces argparse's usage text and message: one line, as everywhere."""

    def error(message: str) -> NoReturn:
        near = _near(message, parser)
        raise UsageError(f"{message}{near} ('{prog} --help' lists the options)")

    return error


def _near(message: str, parser: argparse.ArgumentParser) -> str:
    """The option, or the value of one, that was meant by what argparse refuses."""
    if unknown := re.match(r"unrecognized arguments: (--[^ =]+)", message):
        known = [name for name in parser._option_string_actions if name[:2] == "--"]
        wrong = unknown[1]
    elif choice := re.search(
        r"invalid choice: '([^']*)' \(choose from (.*)\)", message
    ):
        wrong, known = choice[1], re.findall(r"'([^']*)'", choice[2])
    else:
        return ""
    import difflib

    near = difflib.get_close_matches(wrong, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


_FOR_ALL = ("-q", "--quiet", "-d", "--debug", "--color")


def name_first(arguments: list[str]) -> list[str]:
    """Makes ``scan -q mm`` of ``-q scan mm``: what all subcommands take may
    come first."""
    from reviewer.commands import COMMANDS

    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word not in _FOR_ALL and not word.startswith("--color="):
            break
        at += 2 if word == "--color" else 1
    if 0 < at < len(arguments) and arguments[at] in COMMANDS:
        return [arguments[at], *arguments[:at], *arguments[at + 1 :]]
    return arguments
