# SPDX-License-Identifier: GPL-2.0-or-later
"""A switch: which of its labels a value arrives at."""

from __future__ import annotations

import z3
from tree_sitter import Node

from reviewer.prover.interpret import guards, unread_code
from reviewer.prover.interpret.expressions import evaluate
from reviewer.prover.interpret.jumps import (
    arrive_at,
    bring_back_in,
    jumps_so_far,
    merge_states,
)
from reviewer.prover.interpret.run import Frame
from reviewer.prover.memory.state import both_hold, simplified
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import Bool
from reviewer.prover.values.integers import Value, binary, convert, promote, truth


def run_switch(frame: Frame, node: Node) -> None:
    """Runs a switch: each case under its condition, one that falls through into the
    next."""
    with guards.loop(frame, is_switch=True):
        place = guards.enter(frame, [])
        _run_cases(frame, node)
        guards.leave(frame, place)


def _run_cases(frame: Frame, node: Node) -> None:
    from reviewer.prover.interpret.statements import run_statement

    run = frame.run
    body = part_of(node, "body")
    cases = [c for c in body.named_children if c.type != "comment"]
    if any(child.type != "case_statement" for child in cases) or any(
        next(frame.source.walk(case, "ERROR"), None) is not None for case in cases
    ):
        unread_code.statement(frame, node)
        return
    value = evaluate(frame, part_of(node, "condition"))
    if not value.ctype.is_scalar:
        unread_code.statement(frame, node)
        return
    value = promote(value, run.opaque)
    gone = jumps_so_far(frame)
    outer_break = frame.waiting.pop("break", [])
    names = dict(frame.names)
    entry = frame.state
    matches = [_matches(frame, value, case) for case in cases]
    any_match = z3.Or([m for m in matches if m is not None] or [z3.BoolVal(False)])
    default = simplified(z3.Not(any_match))
    frame.state = entry.copy(z3.BoolVal(False))
    taken: list[Bool] = []
    for case, match in zip(cases, matches, strict=True):
        flag = (
            default if match is None else z3.And(match, z3.Not(z3.Or([*taken, False])))
        )
        if match is not None:
            taken.append(match)
        here = entry.copy(both_hold(entry.alive, flag))
        frame.state = merge_states(frame, here, frame.state)
        label = case.child_by_field_name("value")
        for child in case.named_children:
            if label is not None and child.id == label.id:
                continue
            run_statement(frame, child)
    if all(match is not None for match in matches):
        rest = entry.copy(both_hold(entry.alive, default))
        frame.state = merge_states(frame, rest, frame.state)
    arrive_at(frame, "break")
    frame.waiting["break"] = outer_break
    frame.names = names
    bring_back_in(frame, gone, "break")
    if jumps_so_far(frame) == gone:
        frame.state.alive = entry.alive


def _matches(frame: Frame, value: Value, case: Node) -> Bool | None:
    label = case.child_by_field_name("value")
    if label is None:
        return None
    if label.type == "binary_expression":
        left = part_of(label, "left")
        right = part_of(label, "right")
        between = frame.source.data[left.end_byte : right.start_byte]
        if b"..." in between:
            above = _against(frame, ">=", value, left)
            below = _against(frame, "<=", value, right)
            return both_hold(above, below)
    return simplified(_against(frame, "==", value, label))


def _against(frame: Frame, operator: str, value: Value, label: Node) -> Bool:
    constant = convert(evaluate(frame, label), value.ctype, frame.run.opaque)
    return truth(binary(operator, value, constant, frame.run.opaque))
