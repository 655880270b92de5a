# SPDX-License-Identifier: GPL-2.0-or-later
"""Where and how an option is defined in Kconfig files."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from reviewer.c.conditions import FALSE, Condition
from reviewer.c.formula import enabled, symbol
from reviewer.facts.kconfigfile import Entry, Level
from reviewer.models import Evidence
from reviewer.patterns import regex

ARCH_FOLDER = regex(r"arch/(\w+)/")


class Definition(Struct, frozen=True):
    """One ``config`` block of an option: where it is, and what it depends on."""

    entry: Entry
    path: str
    around: Level  # what encloses it in its file and where the file is sourced

    @property
    def depends(self) -> Level:
        """All that it depends on directly."""
        return self.around & self.entry.depends

    @property
    def evidence(self) -> Evidence:
        """The place, with its "depends on"."""
        text = f"config {self.entry.name}"
        if self.entry.text:
            text += f": depends on {self.entry.text}"
        return Evidence(self.path, self.entry.line, text)


def read_in(arch: str, found: tuple[Definition, ...]) -> Iterable[Definition]:
    """Returns the one definition that counts; none where it is not certain
    which does."""
    if len(found) == 1:
        return found
    here = [d for d in found if d.path.startswith(f"arch/{arch}/")]
    everywhere = any(not ARCH_FOLDER.match(d.path) for d in found)
    return here if arch and len(here) == 1 and not everywhere else ()


def by_default(defaults: list[tuple[Level, Level]]) -> Condition:
    """Returns when the first default that applies switches it on: ``def_bool A
    || B``."""
    earlier = FALSE
    on = FALSE
    for condition, value in defaults:
        on |= (condition & value).some & ~earlier
        earlier |= condition.some
    return on


def plain_name(name: str) -> str:
    """Returns an option's name without CONFIG_."""
    return name.removeprefix("CONFIG_")


def level_of(plain: str) -> Level:
    """Makes the level of an option, without CONFIG_: when it is y, and when y or m."""
    return Level(symbol(f"CONFIG_{plain}"), enabled(f"CONFIG_{plain}"))
