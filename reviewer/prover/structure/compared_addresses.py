# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of which only the address is looked at: ``sb->s_type == &ext2_fs_type``.

What stands in one, and what that leads to, is no matter there.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.names.definitions import Definitions

_COMPARED = regex(r"[!=]= ?\(? ?& ?(\w++)(?! ?[-+.\[(])")


def only_compared(text: str, name: str) -> bool:
    """Says whether code compares the address of something by this name, and has the
    name for nothing else."""
    count = sum(1 for _ in regex(rf"\b{name}\b").finditer(text))
    return count > 0 and count == _COMPARED.findall(text).count(name)


def without_compared(
    uses: dict[str, frozenset[str]],
    kept: frozenset[str],
    definitions: tuple[Definitions, Definitions],
) -> dict[str, frozenset[str]]:
    """Returns what names are used by, without tables that stay (``kept``) and
    that a macro only compares the address of."""
    found = dict(uses)
    for name, words in uses.items():
        if words.isdisjoint(kept):
            continue
        asked = words & kept
        bodies = list(_bodies(name, definitions))
        found[name] = words - {
            table
            for table in asked
            if bodies and all(only_compared(body, table) for body in bodies)
        }
    return found


def tables_that_stay(
    names: ChangedNames, definitions: tuple[Definitions, Definitions]
) -> frozenset[str]:
    """Returns the tables that are there on both sides, with the same text."""
    return frozenset(
        table
        for table in names.tables.keys() - names.differ
        if not any(side.is_macro(table) for side in definitions)
    )


def _bodies(name: str, definitions: tuple[Definitions, Definitions]) -> Iterator[str]:
    for side in definitions:
        yield from (" ".join(macro.body.split()) for macro in side.macros(name))
