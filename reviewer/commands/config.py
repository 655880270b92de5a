# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review config``: every setting and where its value came from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from reviewer.commands import Result, Session, options
from reviewer.config import KNOWN, Setting, Settings
from reviewer.errors import UsageError

HELP = "every setting, its value and where that came from"
PROFILE = {  # what a key of a path's own section does
    "ignore": "rules that are not heard below that path",
    "select": "the only rules that are heard below that path",
    "severity": "what they count as below that path",
    "say": "what a remark of that rule ends with below that path",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "--example",
        metavar="FOLDER",
        help="propose a section for a part of the tree, from what the tree does itself",
    )
    options.add_tree(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns a line a setting: name, value, origin, meaning; or an example.

    Raises UsageError where there is no tree, or no such folder in it.
    """
    if args.example is not None:
        return _example(args, session)
    settings = session.settings
    rows = [
        (f"kpf.{name}", setting, meaning)
        for name, (_, meaning) in KNOWN.items()
        for setting in (name == "tree" and settings.trees) or [settings.values[name]]
    ]
    rows += [
        (f"kpf.{setting.name}", setting, PROFILE[setting.name.rpartition(".")[2]])
        for setting in settings.profile_settings
    ]
    table = [
        (_shown(name), _shown(setting.value) or "(empty)", _origin(setting), meaning)
        for name, setting, meaning in rows
    ]
    widths = [max(len(row[n]) for row in table) for n in range(3)]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)
        )
        for row in table
    ]
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return Result(text, 0, (*_unknown(settings), *_unknown_rules(settings)))


def _example(args: argparse.Namespace, session: Session) -> Result:
    from reviewer import precedents

    tree = options.need_tree(args, session)
    try:
        view = tree.view(args.base)
        folder = precedents.folder_of(view, args.example)
        text = precedents.example(
            view, folder, tree.info.kernel or "of unknown version"
        )
        return Result(text)
    finally:
        tree.close()


def _shown(text: str) -> str:
    from reviewer.visible_text import one_line

    return one_line(text)


def _origin(setting: Setting) -> str:
    return _shown(setting.origin.removeprefix("file:"))


def _unknown(settings: Settings) -> Iterator[str]:
    for setting in settings.unknown:
        yield f"kpf-review: unknown setting kpf.{setting.name} in {_origin(setting)}"
    for setting in settings.not_taken:
        yield (
            f"kpf-review: not taken: kpf.{setting.name} in {_origin(setting)} "
            "(it may only stand in your own configuration)"
        )
    try:
        settings.profiles()
    except UsageError as error:
        yield f"kpf-review: {_shown(str(error))}"


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()


def _rules_in(setting: Setting) -> list[str]:
    """The rules that a setting of a profile names."""
    key = setting.name.rpartition(".")[2]
    if key == "say":
        return [setting.value.partition(":")[0].strip()]
    return [word.partition("=")[0] for word in _words(setting.value)]


def _unknown_rules(settings: Settings) -> Iterator[str]:
    """A name misspelt would switch nothing off, and nobody would notice."""
    from reviewer import rulebook

    known = rulebook.names()
    named = [settings.values["select"], settings.values["ignore"]]
    profiles = ((one, _rules_in(one)) for one in settings.profile_settings)
    for setting, rules in (*((one, _words(one.value)) for one in named), *profiles):
        for rule in rules:
            if rule not in known and not rule.endswith("*"):
                yield (
                    f"kpf-review: no rule {_shown(rule)!r}: kpf.{setting.name} in "
                    f"{_origin(setting)}"
                )
