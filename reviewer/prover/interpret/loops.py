# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops: run round by round where they end, else taken for an unknown piece of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import z3
from tree_sitter import Node

from reviewer.prover.interpret import guard_places, guards, unread_code
from reviewer.prover.interpret.expressions import condition, evaluate
from reviewer.prover.interpret.jumps import arrive_at
from reviewer.prover.interpret.run import Frame
from reviewer.prover.memory.state import State, both_hold, simplified
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import Bool
from reviewer.prover.values.integers import CType
from reviewer.prover.values.solver_terms import is_true


def _run(frame: Frame, statement: Node) -> None:
    """Runs the body of a loop, which may hold another loop."""
    from reviewer.prover.interpret.statements import run_statement

    run_statement(frame, statement)


def run_loop(frame: Frame, node: Node) -> None:
    """Unroll while the condition folds to a constant; else an opaque piece."""
    if guard_places.is_scoped_guard(frame.source, node):
        body = part_of(node, "body")
        guards.run_scoped_guard(frame, node, lambda: _run(frame, body))
        return
    with guards.loop(frame):
        _run_rounds(frame, node)


def _run_rounds(frame: Frame, node: Node) -> None:
    if frame.source.is_iterator(node) or next(
        frame.source.walk(node, "labeled_statement"), None
    ):
        unread_code.statement(frame, node)
        return
    if _runs_once(frame, node):
        _do_once(frame, node)
        return
    saved = _snapshot(frame)
    try:
        _unroll(frame, node)
    except _NotBounded:
        _restore(frame, saved)
        if frame.run.limits.rounds:
            _some_rounds(frame, node)
        else:
            frame.run.record.loop_unread = True
            _unread_loop(frame, node)


@contextmanager
def _with_exits(frame: Frame) -> Iterator[None]:
    """While a loop is run: its own break, continue and names."""
    names = dict(frame.names)
    outer = frame.waiting.pop("break", []), frame.waiting.pop("continue", [])
    yield
    arrive_at(frame, "break")
    frame.waiting["break"], frame.waiting["continue"] = outer
    frame.names = names


def _one_round(frame: Frame, body: Node, update: Node | None) -> None:
    _run(frame, body)
    arrive_at(frame, "continue")
    if update is not None and not frame.state.dead:
        evaluate(frame, update)


def _some_rounds(frame: Frame, node: Node) -> None:
    """A loop as often as ``Limits.rounds`` says; what goes on then is cut off."""
    run, body = frame.run, part_of(node, "body")
    test, update = map(node.child_by_field_name, ("condition", "update"))
    first = node.child_by_field_name("initializer")
    with _with_exits(frame):
        if first is not None:
            _run(frame, first)
        tested, left = node.type != "do_statement", run.limits.rounds
        for count in range(_MOST_ROUNDS + 1):
            if tested and test is not None:
                flag = simplified(condition(frame, test))
                left -= not is_true(flag)  # one that is sure to come costs little
                _go_on(frame, flag)
            else:
                left -= test is None
            tested = True
            if frame.state.dead:
                break
            if left < 0 or count == _MOST_ROUNDS:
                run.record.abandoned.append(frame.state.alive)
                frame.state = frame.state.copy(z3.BoolVal(False))
                break
            _one_round(frame, body, update)


def _go_on(frame: Frame, flag: Bool) -> None:
    """Stay in a loop where ``flag`` holds, else leave it."""
    state = frame.state
    gone = state.copy(both_hold(state.alive, z3.Not(flag)))
    if not gone.dead:
        frame.jumps["break"] = frame.jumps.get("break", 0) + 1
        frame.waiting.setdefault("break", []).append(gone)
    frame.state = state.copy(both_hold(state.alive, flag))


def _unread_loop(frame: Frame, node: Node) -> None:
    """A loop that is not unrolled; for and while are spelled in one way."""
    body, test = part_of(node, "body"), node.child_by_field_name("condition")
    source, names = frame.source, dict(frame.names)
    text = source.text(body)
    if body.type == "compound_statement":
        text = text.strip()[1:-1]
    if node.type == "while_statement":
        unread_code.statement(
            frame, node, f"while {source.text(part_of(node, 'condition'))} {{ {text} }}"
        )
        return
    again = next(source.walk(body, "continue_statement"), None) is not None
    again = again or _hides(frame, body, node.child_by_field_name("update"))
    again = again or guard_places.may_end(text)  # before the update
    if node.type != "for_statement" or test is None or again:
        unread_code.statement(frame, node)
        return
    first = node.child_by_field_name("initializer")
    if first is not None:
        _run(frame, first)
    update = _stepped(frame, node.child_by_field_name("update"))
    written = f"while ({source.text(test)}) {{ {text} {update} }}"
    unread_code.statement(frame, node, written)
    frame.names = names


def _hides(frame: Frame, body: Node, update: Node | None) -> bool:
    """Whether a body declares a variable of a name that the update uses."""
    source = frame.source
    if update is None:
        return False
    used = {source.text(name) for name in source.walk(update, "identifier")}
    used.add(source.text(update))
    return any(
        source.text(name) in used
        for part in source.walk(body, "declaration")
        for one in part.children_by_field_name("declarator")
        for name in source.walk(
            one.child_by_field_name("declarator") or one, "identifier"
        )
    )


def _stepped(frame: Frame, update: Node | None) -> str:
    """What a for loop does at the end of a round, as a statement."""
    if update is None:
        return ""
    text = frame.source.text(update)
    if update.type == "update_expression":  # its value is not used
        inner = frame.source.text(part_of(update, "argument"))
        sign = frame.source.text(part_of(update, "operator"))
        text = f"{inner}{sign}"
    return f"{text};"


# a state, what waits for jumps, Run.mark(), the names
_Snapshot = tuple[
    "State",
    dict[str, "list[State]"],
    tuple[int, int],
    dict[str, tuple[int, "CType"]],
]


class _NotBounded(Exception):
    pass


def _snapshot(frame: Frame) -> _Snapshot:
    waiting = {target: list(states) for target, states in frame.waiting.items()}
    return (
        frame.state.copy(frame.state.alive),
        waiting,
        frame.run.mark(),
        dict(frame.names),
    )


def _restore(frame: Frame, saved: _Snapshot) -> None:
    frame.state, frame.waiting, mark, frame.names = saved
    frame.run.undo(mark)


def _runs_once(frame: Frame, node: Node) -> bool:
    if node.type != "do_statement":
        return False
    text = frame.source.norm(part_of(node, "condition"))
    return text in ("(0)", "(false)")


def _do_once(frame: Frame, node: Node) -> None:
    with _with_exits(frame):
        _one_round(frame, part_of(node, "body"), None)


def _unroll(frame: Frame, node: Node) -> None:
    body = part_of(node, "body")
    test, update = map(node.child_by_field_name, ("condition", "update"))
    first = node.child_by_field_name("initializer")
    with _with_exits(frame):
        if first is not None:
            _run(frame, first)
        if test is None:
            raise _NotBounded
        tested = node.type != "do_statement"
        for _round in range(frame.run.limits.unroll + 1):
            if frame.state.dead:
                break
            if tested:
                flag = z3.simplify(condition(frame, test))
                if z3.is_false(flag):
                    break
                if not z3.is_true(flag):
                    raise _NotBounded
            tested = True
            _one_round(frame, body, update)
        else:
            raise _NotBounded


_MOST_ROUNDS = 64
