# SPDX-License-Identifier: GPL-2.0-or-later
"""Which options select which others, directly or by way of further ones.

Options are named with CONFIG_ here, and the conditions of selects are left aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from reviewer.facts.kconfig_definitions import Definition, plain_name

Edge = tuple[str, str]  # what selects, and what it selects


class Selects:
    """The selects of one tree; ``definitions`` gives all blocks of an option."""

    def __init__(self, definitions: Callable[[str], tuple[Definition, ...]]) -> None:
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
