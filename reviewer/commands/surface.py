# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as data, read from the parsers: for completion and the manual."""

from __future__ import annotations

import argparse
import importlib
import re

from msgspec import Struct

from reviewer.commands import COMMANDS

MAIN = "review"  # the command that has no name of its own


class Argument(Struct, frozen=True):
    """An option, or a positional argument where ``names`` is empty."""

    names: tuple[str, ...]
    help: str
    metavar: str  # "" for a flag
    values: tuple[str, ...] = ()  # all that may stand there, () for anything
    kind: str = ""  # folder, file or "": what may stand there otherwise
    several: bool = False
    optional: bool = False

    @property
    def takes_value(self) -> bool:
        return bool(self.metavar)


class Command(Struct, frozen=True):
    """A subcommand; the main one has the name ""."""

    name: str
    help: str
    options: tuple[Argument, ...]
    positionals: tuple[Argument, ...]


def commands() -> tuple[Command, ...]:
    """Returns the main command, then all subcommands in their order."""
    from reviewer.commands.parser import command_parser

    found = []
    for name, module_name in {"": MAIN, **COMMANDS}.items():
        module = importlib.import_module(f"reviewer.commands.{module_name}")
        parser = command_parser(name or None, module)
        arguments = [
            _argument(action, name)
            for action in parser._actions
            if action.help != argparse.SUPPRESS
        ]
        found.append(
            Command(
                name,
                module.HELP,
                tuple(argument for argument in arguments if argument.names),
                tuple(argument for argument in arguments if not argument.names),
            )
        )
    return tuple(found)


def _argument(action: argparse.Action, command: str) -> Argument:
    flag = bool(action.option_strings) and action.nargs == 0
    metavar = "" if flag else _metavar(action)
    values = tuple(str(choice) for choice in action.choices or ())
    if metavar == "RULE" or (command, action.dest) == ("explain", "name"):
        from reviewer import rulebook

        values = rulebook.names()
    kinds = {"DIR": "folder", "PATH": "file", "series": "file", "OLD": "file"}
    return Argument(
        names=tuple(action.option_strings),
        help=re.sub(r"%%", "%", action.help or ""),
        metavar=metavar,
        values=values,
        kind=kinds.get(metavar, ""),
        several=action.nargs in ("*", "+", argparse.REMAINDER),
        optional=action.nargs in ("?", "*"),
    )


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None:
        return "|".join(str(choice) for choice in action.choices)
    return action.dest.upper() if action.option_strings else action.dest
