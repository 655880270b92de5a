# SPDX-License-Identifier: GPL-2.0-or-later
"""Where and how an option is defined in Kconfig files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from msgspec import Struct

from reviewer.c.conditions import FALSE
from reviewer.c.formula import enabled, symbol
from reviewer.facts.kconfigfile import ConfigEntry, Level
from reviewer.models import Evidence
from reviewer.patterns import regex

ARCH_FOLDER = regex(r"arch/(\w+)/")
MODULE = "_MODULE"  # CONFIG_X_MODULE: that X is m


class OptionDefinition(Struct, frozen=True):
    """One ``config`` block of an option: where it is, and what it depends on."""

    entry: ConfigEntry
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


def read_in(
    arch: str, found: tuple[OptionDefinition, ...]
) -> Iterable[OptionDefinition]:
    """Returns the one definition that counts; none where it is not certain
    which does."""
    if len(found) == 1:
        return found
    here = [d for d in found if d.path.startswith(f"arch/{arch}/")]
    everywhere = any(not ARCH_FOLDER.match(d.path) for d in found)
    return here if arch and len(here) == 1 and not everywhere else ()


def by_default(defaults: list[tuple[Level, Level]]) -> Level:
    """Returns when the first default that applies switches it on: ``def_bool A
    || B``."""
    earlier, yes, some = FALSE, FALSE, FALSE
    for condition, value in defaults:
        on = condition & value
        yes |= on.yes & ~earlier
        some |= on.some & ~earlier
        earlier |= condition.some
    return Level(yes, some)


def default_ways(found: tuple[OptionDefinition, ...]) -> list[Level]:
    """Returns how far the defaults of an option put it on: those of one definition as
    one, for the first that applies counts."""
    defaults = [(d.depends & c, v) for d in found for v, c in d.entry.defaults]
    if len(found) == 1:
        return [by_default(defaults)]
    return [condition & value for condition, value in defaults]


def plain_name(name: str) -> str:
    """Returns an option's name without CONFIG_."""
    return name.removeprefix("CONFIG_")


def level_of(plain: str) -> Level:
    """Makes the level of an option, without CONFIG_: when it is y, and when y or m."""
    return Level(symbol(f"CONFIG_{plain}"), enabled(f"CONFIG_{plain}"))


def way_of_select(definition: OptionDefinition, condition: Level) -> Level:
    """Returns how far an option that is on puts on what it selects under a condition.

    One that depends on an m selects to m, a bool as well: menu_finalize() in
    scripts/kconfig/menu.c.  That it is on at all says that what it depends on is.
    """
    way = level_of(definition.entry.name) & condition & definition.around
    return Level((way & definition.entry.depends).yes, way.some)


# --- which options select which others, directly or by way of further ones ------------
# Options are named with CONFIG_ here, and the conditions of selects are left aside.


Edge = tuple[str, str]  # what selects, and what it selects


class Selects:
    """The selects of one tree; ``definitions`` gives all blocks of an option."""

    def __init__(
        self, definitions: Callable[[str], tuple[OptionDefinition, ...]]
    ) -> None:
        self._definitions = definitions

    def of(self, name: str) -> set[str]:
        """Returns what an option selects, as far as somebody defines it."""
        return {
            f"CONFIG_{target}"
            for definition in self._definitions(plain_name(name))
            for target, _condition in definition.entry.selects
            if self._definitions(target)
        }

    def reached(self, options: Iterable[str]) -> set[str]:
        """Returns the options that these select, directly or by way of others."""
        return {target for edges in self._graph(options).values() for target in edges}

    def may_raise(self, options: Set[str], example: Mapping[str, bool]) -> bool:
        """Says whether any of these options is off where something that is on may lead
        to it, or m where something that is y may."""
        yes = {name for name, value in example.items() if value}
        built_in = {name for name in yes if not name.endswith(MODULE)}
        on = {name.removesuffix(MODULE) for name in yes}
        asked = {name.removesuffix(MODULE) for name in example} & options
        off, modules = asked - on, asked & on - built_in
        return not (
            off.isdisjoint(self.reached(on if off else ()))
            and modules.isdisjoint(self.reached(built_in if modules else ()))
        )

    def among(self, selecting: Set[str], options: Set[str], far: Set[str]) -> set[Edge]:
        """Returns the selects that lead from some options to others.

        To those of ``far`` also by way of further options; to the rest directly.
        """
        goals = options & far
        edges = self._graph(selecting) if goals else {n: self.of(n) for n in selecting}
        direct = {(n, target) for n in selecting for target in edges[n] & options}
        return direct | _leading(edges, goals)

    def _graph(self, options: Iterable[str]) -> dict[str, set[str]]:
        """What the options select, and what each of that does."""
        edges: dict[str, set[str]] = {}
        waiting = [name for name in options if name.startswith("CONFIG_")]
        while waiting:
            name = waiting.pop()
            if name not in edges:
                edges[name] = self.of(name)
                waiting += sorted(edges[name] - edges.keys())
        return edges


def _leading(edges: dict[str, set[str]], goals: Set[str]) -> set[Edge]:
    """The edges of a graph that lie on a way to one of the goals."""
    found: set[Edge] = set()
    there = set(goals)
    while True:
        new = {
            (name, target)
            for name, targets in edges.items()
            for target in targets & there
        } - found
        if not new:
            return found
        found |= new
        there |= {name for name, _target in new}
