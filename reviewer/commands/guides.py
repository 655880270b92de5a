# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review help [TOPIC]``: the guides of ``reviewer/docs``, on the terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from reviewer.commands import COMMANDS, Result, Session

HELP = "guides to read here, and the options of a subcommand"
FOLDER = Path(__file__).parent.parent / "docs"
WIDTH = 80  # columns at most, in however wide a window


def topics() -> dict[str, str]:
    """Returns the guides by name, sorted, each with its title: the first line of its
    file."""
    return {path.stem: _title(path) for path in sorted(FOLDER.glob("*.md"))}


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "topic",
        nargs="?",
        metavar="TOPIC",
        choices=tuple(dict.fromkeys((*topics(), *COMMANDS))),
        help="a guide, or a subcommand; without one: what there is",
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns the guide in lines of 80 columns, a
    subcommand's options, or the list of both.

    A subcommand with a guide of its name has the guide first, its options below.
    """
    if args.topic is None:
        return Result(_list())
    parts = []
    if args.topic in topics():
        from reviewer.output.reflow import rewrapped

        text = (FOLDER / f"{args.topic}.md").read_text(encoding="utf-8")
        parts.append(rewrapped(text, min(session.width, WIDTH)))
    if args.topic in COMMANDS:
        parts.append(_options(args.topic))
    return Result("\n".join(parts))


def _list() -> str:
    found = topics()
    width = max(map(len, found))
    rows = [f"  {name:<{width}}  {title}" for name, title in found.items()]
    lines = ["kpf-review help TOPIC shows one of", *rows, ""]
    lines += ["or the options of a subcommand, which kpf-review --help lists."]
    lines += ["kpf-review explain RULE has the lesson of a rule."]
    return "\n".join(lines) + "\n"


def _options(name: str) -> str:
    """What ``kpf-review NAME --help`` prints."""
    import importlib

    from reviewer.commands.parser import command_parser

    module = importlib.import_module(f"reviewer.commands.{COMMANDS[name]}")
    return command_parser(name, module).format_help()
