# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a side stops: at a pointer that points at nothing, at a division by 0.

The memory of a term has a word at every address, NULL too, and a quotient has a value
whatever the divisor; a kernel stops there.  So a proof must see that a change stops
nowhere where the code before did not, and a difference is none where both sides stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.state import both_hold
from reviewer.prover.memory.tagged_names import begins_with, field_key, is_container

if TYPE_CHECKING:
    from reviewer.prover.ask.solve import Difference, Questions
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.memory.state import State
    from reviewer.prover.term_types import BitVec, Bool, Term
    from reviewer.prover.values.integers import Value

# when it is reached, where it stops, and at which page
Stop = tuple["Bool", "Bool", "BitVec | None"]

NEW = "it reads, writes or divides where it did not before: by NULL, an error or 0?"
SHOWN = "an oops"
NOWHERE = 4095  # from -MAX_ERRNO to NULL, include/linux/err.h


def note_access(run: Run, state: State, key: str, address: BitVec) -> None:
    """Notes that a word is read or written: by ``p->f`` of a struct, or by ``*p`` (no
    ``key``).

    Pages and folios, whose members have plain keys, are kept apart: what is not looked
    into goes through them, too, so that they count where NULL is asked for only.
    """
    from reviewer.prover.memory.tagged_names import OF

    nowhere = _nowhere(address)
    if nowhere is None:
        return
    page = None if not key or OF in key else address
    run.record.stops.append((state.alive, nowhere, page))


def note_call_of_reader(
    run: Run, state: State, name: str, given: list[Term], values: list[Value]
) -> None:
    """Notes that a function that only looks, and is not followed, is given pointers.

    It may go through them, or ask for NULL itself: both sides get the same answer.
    """
    from reviewer.prover.values.integers import address64

    for value in values:
        nowhere = _nowhere(address64(value)) if value.ctype.kind == "pointer" else None
        if nowhere is None:
            continue
        stops = run.unknowns.apply(f"{name} stops", "stop", given, z3.BoolSort())
        to = value.ctype.to.name if value.ctype.to else ""
        page = address64(value) if to in ("struct page", "struct folio") else None
        run.record.stops.append((state.alive, z3.And(stops, nowhere), page))


def note_division(run: Run, state: State, operator: str, divisor: Value) -> None:
    """Notes ``x / y`` or ``x % y``, which stops where y is 0."""
    by = divisor.expr
    if operator in ("/", "%") and divisor.ctype.is_scalar and not z3.is_bv_value(by):
        run.record.stops.append((state.alive, by == 0, None))


def _nowhere(address: BitVec) -> Bool | None:
    """That a pointer is NULL or an error, None where it can be neither."""
    while address.num_args() and (
        address.decl().kind() == z3.Z3_OP_BADD or field_key(address) is not None
    ):
        address = address.arg(0)
    kind = address.decl().kind()
    if kind == z3.Z3_OP_ITE:
        one, two = _nowhere(address.arg(1)), _nowhere(address.arg(2))
        if one is None and two is None:
            return None
        never = z3.BoolVal(False)
        return z3.If(address.arg(0), never if one is None else one,
                     never if two is None else two)  # fmt: skip
    is_part = begins_with(address, "&") or is_container(address)
    if kind == z3.Z3_OP_UNINTERPRETED and is_part:
        return None
    return z3.ULE(address + NOWHERE, NOWHERE)


def stop_condition(run: Run) -> Bool:
    """Returns the condition that a side stops; pages left out."""
    return z3.Or([both_hold(*pair) for pair in _once(run.record.stops, set())])


def _once(stops: list[Stop], pages: set[int]) -> list[tuple[Bool, Bool]]:
    """(when, where) of the stops at no page or at one of these, each once."""
    return list(
        {
            (flag.get_id(), where.get_id()): (flag, where)
            for flag, where, page in stops
            if page is None or page.get_id() in pages
        }.values()
    )


def is_sure(oops: Bool, difference: Difference, questions: Questions) -> bool:
    """Says whether a side stops wherever the literals of a difference hold."""
    if not z3.is_true(difference.model.eval(oops, model_completion=True)):
        return False
    told = [expr == value for _leaf, expr, value in difference.literals]
    goes_on = z3.And(z3.Not(oops), *told)
    return bool(questions.asked(goes_on).result == z3.unsat)


def is_new(before: Run, after: Run, questions: Questions) -> bool:
    """Says whether ``after`` may stop where ``before`` did not."""
    asked = _asked_for_null([*before.record.stops, *after.record.stops])
    old, new = (_once(run.record.stops, asked) for run in (before, after))
    known = {(flag.get_id(), what.get_id()) for flag, what in old}
    more = [z3.And(f, w) for f, w in new if (f.get_id(), w.get_id()) not in known]
    if not more:
        return False
    before_ = z3.Or([z3.And(*pair) for pair in old])
    anew = z3.And(z3.Or(more), z3.Not(before_))
    return bool(questions.asked(anew).result != z3.unsat)


def _asked_for_null(stops: list[Stop]) -> set[int]:
    """The pages that are gone through on a path that asked whether they are NULL."""
    at_pages = [stop for stop in stops if stop[2] is not None]
    addresses = {page.get_id() for _flag, _where, page in at_pages if page is not None}
    found: set[int] = set()
    seen: set[int] = set()
    left = [flag for flag, _where, _page in at_pages]
    while left:
        part = left.pop()
        if part.get_id() in seen:
            continue
        seen.add(part.get_id())
        if z3.is_eq(part) and any(_is_zero(side) for side in part.children()):
            found.update(side.get_id() for side in part.children())
        left += part.children()
    return found & addresses


def _is_zero(expr: BitVec) -> bool:
    return bool(z3.is_bv_value(expr) and expr.as_long() == 0)
