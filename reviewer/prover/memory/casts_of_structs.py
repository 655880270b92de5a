# SPDX-License-Identifier: GPL-2.0-or-later
"""One place seen as two structs: a cast, a buffer, two containers of one member.

The kernel is built with -fno-strict-aliasing (top Makefile): a store to a member of one
struct changes what the other reads there.  Which members may share a place is seen
where an address is used as two types, neither of which begins with the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.limits import Unsupported
from reviewer.prover.memory.state import memory_of_member
from reviewer.prover.memory.tagged_names import (
    UNDER,
    begins_with,
    elements_key,
    field_key,
    has_elements,
    memory_name,
)
from reviewer.prover.values.plain_layout import span

if TYPE_CHECKING:
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.memory.state import State
    from reviewer.prover.term_types import BitVec, Term
    from reviewer.prover.values.c_types import Types
    from reviewer.prover.values.integers import Value

# Views of the same memory: include/linux/mm_types.h, mm/slab.h, mm/zsmalloc.c.
PAGES = frozenset(
    f"struct {tag}" for tag in ("page", "folio", "slab", "ptdesc", "zpdesc", "zsdesc")
)
DEEPEST = 12  # structs at the beginning of structs
_SUMS = (z3.Z3_OP_BADD, z3.Z3_OP_BSUB, z3.Z3_OP_BAND, z3.Z3_OP_BOR, z3.Z3_OP_ITE)

Views = dict[int, tuple["Term", dict[str, set[str]]]]  # address -> struct -> memories


def note_member_address(run: Run, address: BitVec, struct: str, key: str) -> None:
    """Remembers that a member is reached by the address of its struct, or of a part of
    another."""
    check_bytes(run, address, struct)
    run.struct_of_memory.setdefault(key, struct)
    for term in _bases(address):
        _, seen = run.cast_views.setdefault(term.get_id(), (term, {}))
        seen.setdefault(struct, set()).add(key)
        outer = field_key(term)
        if outer is not None:
            declared = run.field_types.get(outer)
            if declared is not None and declared.kind != "struct":
                plain = {outer, elements_key(outer)}
                if declared.array and declared.to and declared.to.kind == "struct":
                    plain = set()
                seen.setdefault(f"[{outer}]", set()).update(plain)
            if (
                outer in run.struct_of_memory
                and term.arg(0).get_id() != address.get_id()
            ):
                note_member_address(run, term.arg(0), run.struct_of_memory[outer], key)
        known = run.stack.get(term.get_id())
        if known is not None and known[1].kind != "struct":
            seen.setdefault(f"[{known[0]}]", set()).update(
                (known[0], elements_key(known[0]))
            )


def note_object(run: Run, value: Value) -> None:
    """Remembers a pointer to a struct that is another one now."""
    to = value.ctype.to if value.ctype.kind == "pointer" else None
    if to is None or to.kind != "struct" or not run.inputs.changed:
        return
    if to.name.rpartition(" ")[2] in run.inputs.changed:
        for term in _bases(value.expr):
            run.changed_objects.setdefault(term.get_id(), (term, to.name))


def check_bytes(run: Run, address: BitVec, seen_as: str = "") -> None:
    """Raises Unsupported where the inside of a struct that is another one now is read
    or written as something else: what lies there may be another member."""
    for term in _bases(address) if run.inputs.changed else ():
        _, struct = run.changed_objects.get(term.get_id(), (term, seen_as))
        key = field_key(term)
        if key is not None and not seen_as:
            tag = memory_name(key).struct
            struct = f"struct {tag}" if tag in run.inputs.changed else struct
        if struct == seen_as or {struct, seen_as} <= PAGES:
            continue
        if not (seen_as and _begins(run.types, struct, seen_as, 0)):
            raise Unsupported(f"{struct} is laid out otherwise")


def _bases(address: BitVec) -> list[BitVec]:
    """The pointers that an address is computed from."""
    left, found = [address], []
    while left:
        term = left.pop()
        if z3.is_bv_value(term):
            continue
        if z3.is_app(term) and term.decl().kind() in _SUMS:
            left += [part for part in term.children() if z3.is_bv(part)]
        elif not begins_with(term, "sizeof("):
            found.append(term)
    return found


def shared_memories(runs: tuple[Run, Run]) -> dict[str, frozenset[str]]:
    """Returns for each memory those that may lie in the same place under another
    name."""
    found: dict[str, set[str]] = {}
    types = runs[0].types
    whole: Views = {}
    for run in runs:
        for number, (term, seen) in run.cast_views.items():
            _, all_ = whole.setdefault(number, (term, {}))
            for struct, keys in seen.items():
                all_.setdefault(struct, set()).update(keys)
    for _term, seen in whole.values():
        for one in seen:
            for two in seen:
                if one < two and _overlap(types, one, two, set(seen)):
                    for first, second in ((one, two), (two, one)):
                        for key in seen[first]:
                            found.setdefault(key, set()).update(seen[second] - {key})
    return {key: frozenset(others) for key, others in found.items() if others}


def _overlap(types: Types, one: str, two: str, seen: set[str]) -> bool:
    if one in PAGES and two in PAGES:
        return False
    if _begins(types, one, two, 0) or _begins(types, two, one, 0):
        return False
    return not any(  # a union: union_members knows
        _begins(types, other, one, 0) and _begins(types, other, two, 0)
        for other in seen - {one, two}
    )


def _begins(types: Types, struct: str, inner: str, depth: int) -> bool:
    """Whether a struct is known to have another at offset 0."""
    members = types.fields(struct) if depth < DEEPEST else None
    return any(
        member.first
        and member.ctype.kind == "struct"
        and (
            member.ctype.name == inner
            or _begins(types, member.ctype.name, inner, depth + 1)
        )
        for member in (members or {}).values()
    )


def forget_aliases(
    run: Run, state: State, key: str, address: BitVec, value: BitVec
) -> None:
    """Forgets, after a store, what may lie in that place under another name."""
    for other in sorted(run.inputs.shared.get(key, ())):
        bits = run.widths.get(other)
        if bits is None:
            continue
        array = state.memory.get(other)
        if array is None or array.sort().range().size() != bits:
            array = memory_of_member(other, bits, state.world)
        name = f"{other}{UNDER}{key}"
        given = [array, address, value]
        new = run.unknowns.apply(name, "operation", given, array.sort())
        lies = _span(run, key)
        if lies is not None and _span(run, other) == lies and value.size() == bits:
            new = z3.Store(new, address, value)
        state.memory[other] = new


def _span(run: Run, key: str) -> tuple[int, int] | None:
    """Where a member lies in its struct, None where that is not known."""
    struct = run.struct_of_memory.get(key, "")
    if has_elements(key):
        return None
    return span(run.types, struct, memory_name(key).name)
