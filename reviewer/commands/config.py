"""``kpf-review config``: every setting and where its value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.commands import Result, Session
from reviewer.config import KNOWN

if TYPE_CHECKING:
    import argparse

HELP = "every setting, its value and where that came from"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No option of its own."""


def run(args: argparse.Namespace, session: Session) -> Result:
    """A line a setting: name, value, origin, meaning."""
    settings = session.settings
    lines = []
    for name, (_, meaning) in KNOWN.items():
        setting = settings.values[name]
        value = setting.value or "(empty)"
        lines.append(f"kpf.{name:<12} {value:<14} {setting.origin:<28} {meaning}")
    for path, rules in settings.profiles.items():
        lines.append(f"kpf.{path}.ignore  {', '.join(sorted(rules))}")
    notes = tuple(
        f"kpf-review: unknown setting kpf.{setting.name} in {setting.origin}"
        for setting in settings.unknown
    )
    return Result("\n".join(lines) + "\n", 0, notes)
