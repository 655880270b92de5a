# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review config``: every setting and where its value came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session
from reviewer.config import KNOWN, Setting, Settings

if TYPE_CHECKING:
    import argparse

HELP = "every setting, its value and where that came from"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds nothing: it has no option of its own."""


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns a line a setting: name, value, origin, meaning."""
    settings = session.settings
    rows = [
        (f"kpf.{name}", setting, meaning)
        for name, (_, meaning) in KNOWN.items()
        for setting in (name == "tree" and settings.trees) or [settings.values[name]]
    ]
    rows += [
        (f"kpf.{setting.name}", setting, "rules that do not hold below that path")
        for setting in settings.profile_settings
    ]
    table = [
        (name, _shown(setting.value) or "(empty)", _origin(setting), meaning)
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


def _shown(text: str) -> str:
    from reviewer.visible import one_line

    return one_line(text)


def _origin(setting: Setting) -> str:
    return _shown(setting.origin.removeprefix("file:"))


def _unknown(settings: Settings) -> Iterator[str]:
    for setting in settings.unknown:
        yield f"kpf-review: unknown setting kpf.{setting.name} in {_origin(setting)}"


def _unknown_rules(settings: Settings) -> Iterator[str]:
    """A name misspelt would switch nothing off, and nobody would notice."""
    from reviewer import rulebook

    known = rulebook.names()
    named = [settings.values["select"], settings.values["ignore"]]
    for setting in (*named, *settings.profile_settings):
        for rule in setting.value.replace(",", " ").split():
            if rule not in known and not rule.endswith("*"):
                yield (
                    f"kpf-review: no rule {_shown(rule)!r}: kpf.{setting.name} in "
                    f"{_origin(setting)}"
                )
