"""Where a side reads or writes through a pointer, and so must not find NULL.

The memory of a term has a word at every address, NULL too; a kernel stops there.  So a
proof must see that a change goes through no pointer where the code before did not, and
a difference is none where both sides would have stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3

from reviewer.behaviour.state import simplified

if TYPE_CHECKING:
    from reviewer.behaviour.run import Run
    from reviewer.behaviour.solve import Difference, Questions
    from reviewer.behaviour.state import State

NEW = "it goes through a pointer where it did not before, which may be NULL"
STOPS = "stops at NULL"


def note(run: Run, state: State, key: str, address: Any) -> None:
    """A word is read or written: by ``p->f`` of a struct, or by ``*p`` (no ``key``).

    Pages are left out, for their helpers go through them unseen.
    """
    from reviewer.behaviour.places import OF

    if not key or OF in key:
        null = _null(address)
        if null is not None:
            run.through.append((state.alive, null))


def _null(address: Any) -> Any:
    """That the pointer of an address is NULL, None if it can be none."""
    from reviewer.behaviour.places import FIELD

    while address.num_args() and (
        address.decl().kind() == z3.Z3_OP_BADD
        or address.decl().name().startswith(FIELD)
    ):
        address = address.arg(0)
    kind = address.decl().kind()
    if kind == z3.Z3_OP_ITE:
        one, two = _null(address.arg(1)), _null(address.arg(2))
        none = z3.BoolVal(False)
        if one is None and two is None:
            return None
        return z3.If(address.arg(0), none if one is None else one,
                     none if two is None else two)  # fmt: skip
    name = address.decl().name()
    if kind == z3.Z3_OP_UNINTERPRETED and name.startswith(("&", "container_of ")):
        return None
    return address == 0


def stops(run: Run) -> Any:
    """That a side goes through a pointer that is NULL."""
    return z3.Or([simplified(z3.And(*pair)) for pair in _once(run).values()])


def _once(run: Run) -> dict[tuple[int, int], tuple[Any, Any]]:
    return {(flag.get_id(), null.get_id()): (flag, null) for flag, null in run.through}


def stops_for_sure(stops: Any, difference: Difference, questions: Questions) -> bool:
    """Whether a side stops at NULL wherever the literals of a difference hold."""
    if not z3.is_true(difference.model.eval(stops, model_completion=True)):
        return False
    told = [expr == value for _leaf, expr, value in difference.literals]
    else_ = z3.And(z3.Not(stops), *told)
    question = questions.about(else_)
    return bool(question.check(question.flag(else_)) == z3.unsat)


def stops_anew(before: Run, after: Run, questions: Questions) -> bool:
    """Whether ``after`` may stop at NULL where ``before`` did not."""
    known, here = _once(before), _once(after)
    more = [z3.And(*pair) for key, pair in here.items() if key not in known]
    if not more:
        return False
    fewer = z3.And(z3.Or(more), z3.Not(stops(before)))
    question = questions.about(fewer)
    return bool(question.check(question.flag(fewer)) != z3.unsat)
