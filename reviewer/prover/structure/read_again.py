# SPDX-License-Identifier: GPL-2.0-or-later
"""Both sides of a function in their normal form: all rewritings, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.prover.structure.calls_written_out import calls
from reviewer.prover.structure.guards_written_out import guards, scoped_guards
from reviewer.prover.structure.normal_form import OneFunction, body_of, rewritten_by
from reviewer.prover.structure.plain_arguments import arguments
from reviewer.prover.structure.plain_expressions import (
    casts,
    compared_with_nothing,
    needless_parentheses,
    sizes,
)
from reviewer.prover.structure.returned_values import kept_results, known_numbers
from reviewer.prover.structure.ways_written_out import (
    blocks,
    dead_ends,
    gotos,
    needless_elses,
    nested_ifs,
    parentheses,
)

if TYPE_CHECKING:
    from reviewer.c.source import Function, Source
    from reviewer.prover.names.definitions import Definitions

ALL = (
    scoped_guards,
    guards,
    gotos,
    blocks,
    dead_ends,
    nested_ifs,
    parentheses,
    needless_elses,
    known_numbers,
    kept_results,
    arguments,
    calls,
    needless_parentheses,
    compared_with_nothing,
    sizes,
    casts,
)


def normal_forms(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
) -> tuple[OneFunction, OneFunction] | None:
    """Returns both sides rewritten, None where one of them is not."""
    texts = [s.text(f.node) for s, f in zip(sources, functions, strict=True)]
    one = body_of(sources[0], functions[0], definitions[0], texts[1])
    two = body_of(sources[1], functions[1], definitions[1], texts[0])
    if one is None or two is None:
        return None
    found = rewritten_by(one, ALL), rewritten_by(two, ALL)
    if [b.source.data for b in found] == [b.source.data for b in (one, two)]:
        return None
    return found
