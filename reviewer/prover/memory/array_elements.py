# SPDX-License-Identifier: GPL-2.0-or-later
"""Elements of arrays: one memory for an element, however the pointer to it is written.

``p->m[i]``, ``r[i]`` with ``r = p->m``, ``*(p->m + i)`` and a row of two dimensions are
all the memory ``m[]`` at the address that the arithmetic gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.tagged_names import (
    elements_key,
    field_key,
    is_derived,
    is_stack,
)
from reviewer.prover.values.integers import UNKNOWN, CType

if TYPE_CHECKING:
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.term_types import BitVec

DEEPEST = 8  # sums in sums, choices in choices


def innermost_element(ctype: CType) -> CType:
    """Returns the type of an array's elements, of those of its rows where it has
    rows."""
    while ctype.array:
        ctype = ctype.to or UNKNOWN
    return ctype


def memory_of(run: Run, address: BitVec, ctype: CType) -> str | None:
    """Returns the memory of the elements of type ``ctype`` that an address is one of.

    None for an address that is not computed from one array of such elements.
    """
    found = _array_behind(run, address, 0)
    if found is None:
        return None
    key, array = found
    element, wanted = innermost_element(array), innermost_element(ctype)
    if not (element.is_scalar and wanted.is_scalar and element.bits == wanted.bits):
        return None
    if is_stack(key):
        run.private.add(elements_key(key))
    return elements_key(key)


def _array_behind(run: Run, address: BitVec, depth: int) -> tuple[str, CType] | None:
    """(memory, type) of the array that an address is computed from."""
    if depth > DEEPEST or not z3.is_app(address):
        return None
    known = run.stack.get(address.get_id())
    if known is not None:
        return known if known[1].array else None
    key, kind = field_key(address), address.decl().kind()
    if key is not None:
        declared = run.field_types.get(key)
        is_array = declared is not None and declared.array
        return (key, declared) if declared and is_array else None
    if kind == z3.Z3_OP_ITE:
        one, two = (_array_behind(run, address.arg(n), depth + 1) for n in (1, 2))
        return one if one == two else None
    if kind in (z3.Z3_OP_BADD, z3.Z3_OP_BSUB):
        parts = address.children()
        if kind == z3.Z3_OP_BSUB:
            parts = parts[:1]
        arrays = [_array_behind(run, part, depth + 1) for part in parts]
        here = [array for array in arrays if array is not None]
        return here[0] if len(here) == 1 else None
    return None


def pointers_behind(address: BitVec) -> frozenset[int]:
    """Returns the ids of what an address is computed from: the pointers (and numbers)
    in it."""
    found: set[int] = set()
    left, seen = [address], set()
    while left:
        term = left.pop()
        if term.get_id() in seen or z3.is_bv_value(term):
            continue
        seen.add(term.get_id())
        derived = is_derived(term)
        free = term.decl().kind() in (z3.Z3_OP_UNINTERPRETED, z3.Z3_OP_SELECT)
        if free and not derived:
            found.add(term.get_id())
        elif z3.is_bv(term):
            left += [part for part in term.children() if z3.is_bv(part)]
    return frozenset(found)
