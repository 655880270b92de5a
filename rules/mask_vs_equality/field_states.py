# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of a field's values at one place of a function."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from reviewer.rules.mask_vs_equality.known_bits import Bits

Vector = tuple[Bits, ...]  # what an expression is, for each value of the field
Constant = Callable[[str], int | None]  # the value of a constant expression's text


class Subject(Struct, frozen=True):
    """The object under study, and the field in it."""

    root: str  # as expressions.key() writes it
    mask: int
    values: tuple[int, ...]  # that the field can have, sorted


class State(Struct):
    """What is known at one point: possible values (a bit set of indices), locals."""

    possible: int
    known: dict[str, Vector]

    def copy(self) -> State:
        return State(self.possible, dict(self.known))


class Seen(Struct, frozen=True):
    """What an expression is, and for which values control gets there."""

    possible: frozenset[int]  # values of the field
    results: dict[int, Bits]  # by value of the field

    def truth(self, value: int) -> bool | None:
        """Says whether the expression is true for a value; None: not known."""
        return self.results[value].truth
