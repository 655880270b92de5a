# SPDX-License-Identifier: GPL-2.0-or-later
"""What a side is run with: set before it begins, and the same until it ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewer.prover.assume.assumptions import ASSUMPTIONS


@dataclass(frozen=True, slots=True)
class Inputs:
    """How a side is to be read, and what is known of the other one.

    ``concurrent``: every load may see another value; ``strict``: READ_ONCE() and a
    plain read are two things besides; ``synchronised``: what other CPUs see counts
    (``names.primitives``).  ``deadline`` is of the processor's time, in seconds.

    Of names: ``changed`` mean different things on the two sides, ``redeclared`` are
    globals of another type or value, ``first`` those that begin with another value,
    ``forced`` are always inlined.  ``blind``: those that nobody shows may be others on
    the other side; ``apart``: no unknown name means the same there; ``leading``: the
    names in the function by which a pointer may lead to another one that changed.

    Of memory: ``relevant`` is what either side looks at (None: not known yet),
    ``same_names`` are the locals in memory that both sides have, ``shared`` may lie in
    the place of another, ``united`` are words that the tree puts into one union.
    """

    side: str = ""  # before or after
    concurrent: bool = False
    strict: bool = False
    synchronised: bool = False
    deadline: float = math.inf
    assumed: frozenset[str] = frozenset(ASSUMPTIONS)
    changed: frozenset[str] = frozenset()
    redeclared: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    blind: bool = False
    apart: bool = False
    leading: frozenset[str] = frozenset()
    relevant: frozenset[str] | None = None
    same_names: frozenset[str] = frozenset()
    shared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    united: Mapping[tuple[str, str], str] = field(default_factory=dict)
