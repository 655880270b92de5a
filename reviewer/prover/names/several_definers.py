# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of several headers says what a name means in a file.

Where an #if lets in one header or another, what both define hangs on the
configuration (``#ifdef CONFIG_SMP``, linux/spinlock_api_smp.h, ``#else``,
spinlock_api_up.h), and of two fallbacks (``#ifndef V``, ``#define V 1``) the one counts
that the preprocessor comes to first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import TypeVar

from reviewer.facts import Facts
from reviewer.facts.forced_headers import forced_headers
from reviewer.prover.names.macro_states import MacroWalk, way_through

Told = TypeVar("Told")


class Definers:
    """Answers for one file and the headers that it includes."""

    def __init__(
        self,
        facts: Facts | None,
        path: str,
        data: bytes,
        headers: tuple[tuple[str, bytes], ...],
    ) -> None:
        self._facts, self._path, self._data = facts, path, data
        self._headers = headers

    @cached_property
    def _walk(self) -> MacroWalk | None:
        forced = () if self._facts is None else forced_headers(self._facts.view)
        return way_through(self._headers, (*forced, self._path), self._data)

    def is_sure(self, path: str) -> bool:
        """Says whether a header is included whatever the configuration is."""
        return self._walk is not None and self._walk.is_sure(path)

    def first_macro(self, name: str) -> str | None:
        """Returns which header defines a macro first, None if it hangs on the
        configuration."""
        return None if self._walk is None else self._walk.first_definer(name)

    def pick(self, found: Iterable[tuple[str, Hashable, Told]]) -> Told | None:
        """Returns what the first of several files says of a name; None where none
        says something, or another says something else and the first may be left out.

        ``found``: (path, what it says without places, what it says).
        """
        first: tuple[str, Hashable, Told] | None = None
        for one in found:
            if first is None:
                if one[0] == self._path:
                    return one[2]
                first = one
            elif one[1] != first[1]:
                return first[2] if self.is_sure(first[0]) else None
        return None if first is None else first[2]
