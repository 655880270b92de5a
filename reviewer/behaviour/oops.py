"""Where a side stops: at a pointer that points at nothing, at a division by 0.

The memory of a term has a word at every address, NULL too, and a quotient has a value
whatever the divisor; a kernel stops there.  So a proof must see that a change stops
nowhere where the code before did not, and a difference is none where both sides stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3

from reviewer.behaviour.state import simplified

if TYPE_CHECKING:
    from reviewer.behaviour.cvalues import Value
    from reviewer.behaviour.run import Run
    from reviewer.behaviour.solve import Difference, Questions
    from reviewer.behaviour.state import State

NEW = "it reads, writes or divides where it did not before: by NULL, an error or 0?"
SHOWN = "an oops"
NOWHERE = 4095  # from -MAX_ERRNO to NULL, include/linux/err.h


def touched(run: Run, state: State, key: str, address: Any) -> None:
    """A word is read or written: by ``p->f`` of a struct, or by ``*p`` (no ``key``).

    Pages are left out, for their helpers go through them unseen.
    """
    from reviewer.behaviour.places import OF

    if not key or OF in key:
        nowhere = _nowhere(address)
        if nowhere is not None:
            run.stops.append((state.alive, nowhere))


def divided(run: Run, state: State, operator: str, divisor: Value) -> None:
    """``x / y`` or ``x % y``."""
    by = divisor.expr
    if operator in ("/", "%") and divisor.ctype.is_scalar and not z3.is_bv_value(by):
        run.stops.append((state.alive, by == 0))


def _nowhere(address: Any) -> Any:
    """That a pointer is NULL or an error, None where it can be neither."""
    from reviewer.behaviour.places import FIELD

    while address.num_args() and (
        address.decl().kind() == z3.Z3_OP_BADD
        or address.decl().name().startswith(FIELD)
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
    name = address.decl().name()
    if kind == z3.Z3_OP_UNINTERPRETED and name.startswith(("&", "container_of ")):
        return None
    return z3.ULE(address + NOWHERE, NOWHERE)


def when(run: Run) -> Any:
    """That a side stops."""
    return z3.Or([simplified(z3.And(*pair)) for pair in _once(run).values()])


def _once(run: Run) -> dict[tuple[int, int], tuple[Any, Any]]:
    return {(flag.get_id(), what.get_id()): (flag, what) for flag, what in run.stops}


def is_sure(oops: Any, difference: Difference, questions: Questions) -> bool:
    """Whether a side stops wherever the literals of a difference hold."""
    if not z3.is_true(difference.model.eval(oops, model_completion=True)):
        return False
    told = [expr == value for _leaf, expr, value in difference.literals]
    goes_on = z3.And(z3.Not(oops), *told)
    question = questions.about(goes_on)
    return bool(question.check(question.flag(goes_on)) == z3.unsat)


def is_new(before: Run, after: Run, questions: Questions) -> bool:
    """Whether ``after`` may stop where ``before`` did not."""
    known, here = _once(before), _once(after)
    more = [z3.And(*pair) for key, pair in here.items() if key not in known]
    if not more:
        return False
    anew = z3.And(z3.Or(more), z3.Not(when(before)))
    question = questions.about(anew)
    return bool(question.check(question.flag(anew)) != z3.unsat)
