# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of macros at file level, ``DEFINE_FOO(x);``, which may define any name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from reviewer.c.text import IDENTIFIER
from reviewer.prover.changes.file_meanings import Meanings

# include/linux/export.h, module.h, moduleparam.h, init.h: what the build asks for
_MAKES_NO_NAME = re.compile(
    r"EXPORT_(?:SYMBOL|PER_CPU_SYMBOL)\w*\Z|MODULE_\w+\Z|module_(?:init|exit)\Z"
    r"|\w*_initcall(?:_sync)?\Z"
)


def made_otherwise(
    known: list[tuple[Meanings, Meanings]],
    unchanged: Iterable[Meanings],
    changed: set[str],
    functions: set[str],
) -> frozenset[str]:
    """Returns the calls that may make something else: in both states of files that
    change, and in other files that they see."""
    found = {
        made for one, two in known for made in _differing_macro_calls(one, two, changed)
    }
    for side in unchanged:
        found |= {
            made
            for made in side.made
            if not (changed - functions).isdisjoint(IDENTIFIER.findall(made))
        }
    return frozenset(found)


def _differing_macro_calls(
    one: Meanings, two: Meanings, changed: set[str]
) -> Iterator[str]:
    """The calls of macros at file level that may make something else now.

    What is static and new, or gone, has a name of its own: no code of both sides can
    use it, but where it has the name of another.
    """
    apart = [_by_static(side) for side in (one.made - two.made, two.made - one.made)]
    words = [{w for made in side[1] for w in _handed(made)} for side in apart]
    again = words[0] & words[1]
    found = apart[0][0] | apart[1][0]
    found |= {m for m in apart[0][1] | apart[1][1] if not again.isdisjoint(_handed(m))}
    for made in one.made & two.made:
        if not changed.isdisjoint(IDENTIFIER.findall(made)):
            found.add(made)
    others = changed | one.macros | two.macros
    for made in found:
        if not _makes_no_name(IDENTIFIER.findall(made)[0], others):
            yield made


def _makes_no_name(macro: str, others: Set[str]) -> bool:
    """Whether a macro at file level defines nothing that code can use;
    ``others``: those of the file itself, or that mean something else."""
    return macro not in others and _MAKES_NO_NAME.match(macro) is not None


def _by_static(made: frozenset[str]) -> tuple[set[str], set[str]]:
    """The calls that say no ``static``, and those that do."""
    own = {text for text in made if text.startswith("static ")}
    return set(made - own), own


def _handed(made: str) -> list[str]:
    """The names that a macro at file level is handed."""
    return IDENTIFIER.findall(made.partition("(")[2])


def makes_members(sides: list[Meanings], changed: set[str]) -> bool:
    """Says whether a macro that changed stands among the members of an enum."""
    members = frozenset().union(*(side.members for side in sides))
    macros = frozenset().union(*(side.macros for side in sides))
    return not changed.isdisjoint(members & macros)
