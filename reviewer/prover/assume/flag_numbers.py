# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of page flags and page types in one tree, and what was renamed."""

from __future__ import annotations

from reviewer.c.formula import Condition
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing
from reviewer.prover.assume.assumptions import ASSUMPTIONS as ASSUMPTIONS
from reviewer.prover.assume.assumptions import DEFAULT as DEFAULT

Choices = tuple[tuple[int, "Condition"], ...]  # a number, and where it is that
Flags = tuple[tuple[str, Choices], ...]


def flag_numbers(facts: Facts | None) -> Flags:
    """Returns each page flag of a tree with its numbers, and where it has them:
    ((PG_name, ((number, condition), ...)), ...).  () where enum pageflags
    (include/linux/page-flags.h) cannot be read."""
    if facts is None:
        return ()
    try:
        flags = facts.page_flags
    except FactsMissing:
        return ()
    return tuple((flag.name, flags.bits(flag.name)) for flag in flags.real)


def renamed_flags(one: Facts | None, two: Facts | None) -> dict[str, str]:
    """Returns the page flags of one tree whose name is an alias in the other, each with
    the flag that it is an alias of there (``enum pageflags``).

    PG_mappedtodisk became PG_owner_2, of which the old name is an alias now.
    """
    found: dict[str, str] = {}
    if one is None or two is None:
        return found
    for here, there in ((one, two), (two, one)):
        try:
            old, new = here.page_flags, there.page_flags
        except FactsMissing:
            return {}
        for flag in old.real:
            other = new.get(flag.name)
            if other is not None and other.alias_of is not None:
                root = new.root(flag.name).name
                if root not in old:
                    found[flag.name] = root
    return found


def type_values(facts: Facts | None) -> tuple[tuple[str, int], ...]:
    """Returns (PG_name, number) of each page type (include/linux/page-flags.h), ()
    where they cannot be read."""
    if facts is None:
        return ()
    try:
        return tuple(
            (kind.name, kind.value)
            for kind in facts.page_types.types
            if "underflow" not in kind.name
        )
    except FactsMissing:
        return ()


def type_style(facts: Facts | None) -> tuple[str, int]:
    """Returns how page types are coded in a tree, and from which bit on; as in 6.12
    where it does not tell."""
    if facts is None:
        return "value", 24
    try:
        return facts.page_types.style, facts.page_types.shift
    except FactsMissing:
        return "value", 24
