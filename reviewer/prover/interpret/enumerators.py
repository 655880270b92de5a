# SPDX-License-Identifier: GPL-2.0-or-later
"""What a member of an enum is worth, as far as all of them are known."""

from __future__ import annotations

import z3

from reviewer.prover.interpret.macro_texts import evaluate_text
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory.state import both_hold, simplified
from reviewer.prover.names.macro_at_line import hangs_on_its_place
from reviewer.prover.syntax import snippet
from reviewer.prover.term_types import Bool
from reviewer.prover.values.integers import INT, UINT, Value, resize, smallest
from reviewer.prover.values.solver_terms import constant, is_false, is_true, true


def enumerator(run: Run, word: str) -> Value | None:
    """Returns the value of an enum's member; gated members before it move it."""
    if word in run.enums:
        return run.enums[word]
    run.enums[word] = None
    enum = run.definitions.enum(word)
    here = run.definitions.here
    if enum is None or any(
        hangs_on_its_place(here, text) for _member, text, _when in enum.members if text
    ):
        return None
    from reviewer.prover.memory.state import State, entry_world

    blank = snippet("")
    frame = Frame(run, blank, State(true(), {}, entry_world()), INT)
    choices: dict[int, Bool] = {0: true()}  # next value -> when it is that
    seen: set[str] = set()
    for member, expression, condition in enum.members:
        flag, own = simplified(run.formula(condition)), choices
        if expression is not None:
            run.configuration.append(flag)  # where the member is, what it names is
            own = _enum_value(frame, expression)
            run.configuration.pop()
        number = _chosen_number(run, own) if own else None
        if member in seen:  # the other branch of an #if
            number = _either(flag, number, run.enums.get(member))
            run.declared[member] = z3.Or(run.declared[member], flag)
        else:
            run.declared[member] = flag
        run.enums[member] = number
        seen.add(member)
        run.used(member, expression or "")
        choices = _following(choices, own, flag)
    members = [run.enums.get(member) for member, _value, _condition in enum.members]
    if any(value is not None and value.ctype != INT for value in members):
        # gcc 13 gives all of them the type of the widest, gcc 12 only some
        for (member, _value, _condition), number_ in zip(
            enum.members, members, strict=True
        ):
            if number_ is None or number_.ctype == INT:
                run.enums[member] = None
    return run.enums[word]


def _following(
    before: dict[int, Bool], own: dict[int, Bool], flag: Bool
) -> dict[int, Bool]:
    """The next values behind a member: one more than its own where it is there, and
    what it would have had without it; {} if one of them is not known."""
    found: dict[int, Bool] = {}
    if not own or not (before or is_true(flag)):
        return found
    steps = [(value + 1, when, flag) for value, when in own.items()]
    steps += [(value, when, z3.Not(flag)) for value, when in before.items()]
    for value, when, there in steps:
        part = both_hold(when, there)
        if not is_false(part):
            known = found.get(value)
            found[value] = part if known is None else z3.Or(known, part)
    return found


def _either(flag: Bool, one: Value | None, two: Value | None) -> Value | None:
    """A member that two branches of an #if give, None where one is not known."""
    if one is None or two is None or one.ctype != two.ctype:
        return None
    return Value(z3.If(flag, one.expr, two.expr), one.ctype)


def _enum_value(frame: Frame, expression: str) -> dict[int, Bool]:
    """The values an explicit ``= expression`` can have, {} if that is not known."""
    known = frame.run.enums.get(expression)
    try:
        value = known or evaluate_text(frame, expression)
    except Unsupported:
        return {}
    if value.ctype.kind not in ("int", "bool"):
        return {}
    found: dict[int, Bool] = {}
    left = true()
    expr = z3.simplify(value.expr) if known is None else value.expr
    # one bit more than any type: no unsigned number turns negative
    expr = resize(expr, value.ctype.signed, 65)
    if known is None:
        expr = z3.simplify(expr)
    while z3.is_app(expr) and expr.decl().kind() == z3.Z3_OP_ITE:
        if not z3.is_bv_value(expr.arg(1)):
            return {}
        when = both_hold(left, expr.arg(0))
        number_ = expr.arg(1).as_signed_long()
        found[number_] = z3.Or(found[number_], when) if number_ in found else when
        left = both_hold(left, z3.Not(expr.arg(0)))
        expr = expr.arg(2)
    if not z3.is_bv_value(expr):
        return {}
    number_ = expr.as_signed_long()
    found[number_] = z3.Or(found[number_], left) if number_ in found else left
    return found


def _chosen_number(run: Run, choices: dict[int, Bool]) -> Value | None:
    """One of several numbers, by condition; int, or what gcc takes beyond that."""
    values = sorted(choices)
    for ctype in (INT, UINT, run.machine.long, run.machine.ulong):
        lowest = -(1 << (ctype.bits - 1)) if ctype.signed else 0
        if lowest <= values[0] and values[-1] < lowest + (1 << ctype.bits):
            break
    else:
        return None
    expr = constant(values[-1], ctype.bits)
    for value in reversed(values[:-1]):
        expr = z3.If(choices[value], constant(value, ctype.bits), expr)
    return Value(expr, ctype)


def sign_of(run: Run, member: str) -> int | None:
    """Returns -1 where a member of an enum is negative, else 1.

    None where it is no int, or its value is not known.
    """
    value = enumerator(run, member)
    lowest = None if value is None or value.ctype != INT else smallest(value.expr)
    return None if lowest is None else -1 if lowest < 0 else 1
