# SPDX-License-Identifier: GPL-2.0-or-later
"""The structs of a file as they were read, for all that is compared in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.prover.values.integers import Machine
from reviewer.prover.values.qualifiers import Field
from reviewer.prover.values.struct_layout import Layout

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions

Members = dict[str, Field]


@dataclass(slots=True)
class ReadStructs:
    """By the name of a struct: ``members``, None where the tree does not tell them;
    ``layouts``, one for each of its definitions, None where one is not laid out as
    usual.  ``refused`` are those that one run could not read."""

    members: dict[str, Members | None] = field(default_factory=dict)
    layouts: dict[str, list[Layout | None]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def of(self, struct: str, read: Callable[[str], Members | None]) -> Members | None:
        """Returns the members of a struct; ``read`` is asked where they are not known.

        What it raises is raised once: then nothing is known of the struct.
        """
        if struct in self.refused:
            return None
        if struct not in self.members:
            self.members[struct] = None  # ends a circle
            try:
                self.members[struct] = read(struct)
            except BaseException:
                self.refused.add(struct)
                self.layouts.pop(struct, None)
                del self.members[struct]
                raise
        return self.members[struct]


def structs_read(
    definitions: Definitions, machine: Machine, changed: frozenset[str]
) -> ReadStructs:
    """Returns the structs that were read with these names changed: once for both
    depths and all rounds of all functions of a file.

    Where a macro of the file hangs on its place, each run reads them by itself.
    """
    if definitions.placed:
        return ReadStructs()
    key = "structs read", machine, changed
    found = definitions.answers.setdefault(key, ReadStructs())
    assert isinstance(found, ReadStructs)
    return ReadStructs(found.members, found.layouts)
