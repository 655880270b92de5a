# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields of structs, and what qualifies a type: volatile, const, a width in bits."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.prover.values.integers import BOOL, UNKNOWN, CType


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct or union; ``first``: at offset 0.

    ``bits`` is the width of a bit-field, 0 for any other member.  ``over`` names
    what lies in the same place: the other members of a union.
    """

    ctype: CType
    first: bool
    bits: int = 0
    over: frozenset[str] = frozenset()
    zero: bool = False  # as ``first``, whatever its members are called


VOLATILE = re.compile(r"\b(?:__)?volatile(?:__)?\b")


def qualified(ctype: CType, node: Node, source: Source) -> CType:
    """Returns a type as the qualifiers beside it have it; an array's elements have
    them."""
    words = (source.text(c) for c in node.children if c.type == "type_qualifier")
    volatile = any(VOLATILE.match(word) for word in words)
    return as_volatile(ctype) if volatile else ctype


def as_volatile(ctype: CType) -> CType:
    """Returns the type with ``volatile``; of an array it is the elements that are."""
    if ctype.array and ctype.to is not None:
        return replace(ctype, to=as_volatile(ctype.to))
    return replace(ctype, volatile=True)


def bitfield(ctype: CType, bits: int) -> CType:
    """Returns the type of a bit-field of ``bits`` bits, UNKNOWN for what is no
    integer."""
    if bits < 0 or ctype.kind not in ("int", "bool"):
        return UNKNOWN
    if ctype.kind == "bool":
        return BOOL
    return replace(ctype, bits=bits, rank=0 if bits < 32 else ctype.rank)


def in_both(old: Field | None, new: Field) -> Field:
    """Returns what two declarations of a member (both branches of an #if) agree on."""
    if old is None or old == new:
        return new
    ctype = old.ctype if old.ctype == new.ctype else UNKNOWN
    if old.ctype.array and new.ctype.array and old.ctype.to == new.ctype.to:
        ctype = replace(new.ctype, name=f"{old.ctype.name} or {new.ctype.name}")
    first, zero = old.first and new.first, old.zero or new.zero
    return Field(ctype, first, 0, old.over | new.over, zero)
