# SPDX-License-Identifier: GPL-2.0-or-later
"""The primitives of ``primitives``: what they do on one CPU, and what others see.

On one CPU READ_ONCE() is a read and smp_rmb() is nothing.  In a synchronised run what
they do is observed (a marked access), or publishes all that was written (a fence, an
atomic operation), so that two runs are the same only if others see the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import z3
from tree_sitter import Node

from reviewer.prover.interpret.run import Frame
from reviewer.prover.memory import accesses, places, volatile_accesses
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.state import simplified, world_sort
from reviewer.prover.memory.whole_memory import change_all_memory, publish_writes
from reviewer.prover.names.primitives import PrimitiveKind, kind_of, without_ordering
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.integers import (
    INT,
    S64,
    U8,
    U16,
    U64,
    UINT,
    UNKNOWN,
    VOID,
    CType,
    Value,
    address64,
    convert,
    from_flag,
    no_value,
    promote,
    resize,
)

_PLACES = ("identifier", "field_expression", "subscript_expression", "call_expression")


def call(
    frame: Frame, word: str, nodes: list[Node], node: Node
) -> tuple[Value | None, str]:
    """Returns the value of a primitive, None where it is to be read as other
    code is."""
    run, kind = frame.run, kind_of(word)
    run.record.primitives.add(word)
    if kind in (PrimitiveKind.READ_OF, PrimitiveKind.READ_AT) and nodes:
        return _read(frame, word, kind, nodes, node), word
    if (
        kind
        in (PrimitiveKind.WRITE_OF, PrimitiveKind.RELEASE_OF, PrimitiveKind.RELEASE_AT)
        and len(nodes) == 2
    ):
        return _write(frame, word, kind, nodes, node), word
    if kind is PrimitiveKind.FENCE:
        if run.inputs.synchronised or run.inputs.concurrent:
            change_all_memory(frame, f"{word}()", [], node)
        return no_value(), word
    if kind is PrimitiveKind.DEVICE:
        return _device(frame, word, nodes), word
    if run.inputs.synchronised:
        return _seen(frame, word, nodes, node), word
    if kind is PrimitiveKind.ATOMIC and not run.inputs.concurrent:
        exchanged = _exchanged(frame, word, nodes, node)
        if exchanged is not None:
            return exchanged, word
        return None, without_ordering(run.definitions, word)
    return None, word


@contextmanager
def within_primitive(frame: Frame, how: str) -> Iterator[None]:
    """Notes, while the argument of a primitive is read or written, which one it is."""
    before, frame.run.primitive = frame.run.primitive, how
    try:
        yield
    finally:
        frame.run.primitive = before


def _target(frame: Frame, kind: PrimitiveKind, node: Node) -> Place | None:
    """The place that a marked access is of."""
    from reviewer.prover.interpret.expressions import evaluate, place

    if kind in (PrimitiveKind.READ_AT, PrimitiveKind.RELEASE_AT):
        pointer = evaluate(frame, node)
        if pointer.ctype.kind != "pointer":
            return None
        to = pointer.ctype.to or UNKNOWN
        return places.pointed_at(frame.run, address64(pointer), to)
    while node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_child(0)
    if node.type in _PLACES or (
        node.type == "pointer_expression" and node.child(0).type == "*"
    ):
        return place(frame, node)
    return None


def _read(
    frame: Frame, word: str, kind: PrimitiveKind, nodes: list[Node], node: Node
) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    run = frame.run
    target = _target(frame, kind, nodes[0])
    if target is None or target.kind == "whole" or target.ctype.array:
        if kind is PrimitiveKind.READ_AT:
            return None
        value = evaluate(frame, nodes[0])
        if run.inputs.synchronised:
            volatile_accesses.note_visible_event(frame, f"{word}()", [value.expr])
        return value
    if not run.inputs.synchronised:
        with within_primitive(frame, word):
            return accesses.read(frame, target)
    value = volatile_accesses.read(frame, target, f"{word}()")
    if kind is PrimitiveKind.READ_AT:
        change_all_memory(frame, f"after {word}()", [], node)
    return value


def _write(
    frame: Frame, word: str, kind: PrimitiveKind, nodes: list[Node], node: Node
) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    run = frame.run
    value = evaluate(frame, nodes[1])
    target = _target(frame, kind, nodes[0])
    if target is None:
        return None
    if run.inputs.synchronised:
        if kind is not PrimitiveKind.WRITE_OF:
            change_all_memory(frame, f"before {word}()", [], node)
        volatile_accesses.write(frame, target, value, f"{word}()")
    with within_primitive(frame, word):
        accesses.write(frame, target, value, node)
    return no_value()


def _operands(frame: Frame, nodes: list[Node]) -> list[BitVec]:
    from reviewer.prover.interpret.expressions import evaluate

    found = []
    for node in nodes:
        value = evaluate(frame, node)
        if value.ctype.kind in ("int", "bool"):
            value = promote(value, frame.run.opaque)
        found.append(resize(value.expr, value.ctype.signed, 64))
    return found


def _seen(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value:
    """An atomic operation, in full: all that was written is out, all may be new."""
    run, state = frame.run, frame.state
    operands = _operands(frame, nodes)
    publish_writes(frame)
    given = [state.world, *operands]
    result = run.prototype(word)[0]
    if kind_of(word) is PrimitiveKind.BIT:
        result = INT
    expr = run.unknowns.apply(f"{word}()", "call", given, z3.BitVecSort(result.bits))
    change_all_memory(frame, f"{word}()", operands, node)
    return Value(expr, result)


_EXCHANGE = re.compile(
    r"(?:(atomic)(64|_long)?_)?(try_)?cmpxchg(?:_relaxed|_acquire|_release)?\Z"
)


def _exchanged(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """Documentation/atomic_t.txt: the word is written where it is what is asked for;
    what it was is given back, or left where that stood."""
    from reviewer.prover.interpret.expressions import evaluate
    from reviewer.prover.interpret.jumps import branch

    run, found = frame.run, _EXCHANGE.match(word)
    if found is None or len(nodes) != 3:
        return None
    pointer, asked, new = [evaluate(frame, part) for part in nodes]
    to = pointer.ctype.to
    if pointer.ctype.kind != "pointer" or to is None:
        return None
    target = places.pointed_at(run, address64(pointer), to)
    if found[1]:
        to = {"64": S64, "_long": run.machine.long}.get(found[2], INT)
        target = Place("memory", to, key="counter", address=address64(pointer))
    if not to.is_scalar or (found[3] and asked.ctype.to != to):
        return None
    old, there = accesses.read(frame, target), None
    if found[3]:
        there = places.pointed_at(run, address64(asked), to)
        asked = accesses.read(frame, there)
    same = simplified(old.expr == convert(asked, to, run.opaque).expr)

    def leave() -> None:
        if there is not None:
            accesses.write(frame, there, old, node)

    branch(frame, same, lambda: accesses.write(frame, target, new, node), leave)
    return from_flag(same) if found[3] else old


def _device(frame: Frame, word: str, nodes: list[Node]) -> Value:
    """An access or a barrier that a device sees, whatever is done with its value."""
    run, state = frame.run, frame.state
    operands = _operands(frame, nodes)
    publish_writes(frame)
    result = _width(word)
    given = [state.world, *operands]
    expr = run.unknowns.apply(f"{word}()", "call", given, z3.BitVecSort(result.bits))
    volatile_accesses.note_visible_event(frame, f"{word}()", operands)
    state.world = run.unknowns.apply(f"after {word}()", "code", given, world_sort())
    return Value(expr, result)


def _width(word: str) -> CType:
    """What a device's register gives: the letter or the number says how wide it is."""
    if "write" in word or "out" in word or word.endswith("mb") or "stop" in word:
        return VOID
    name = word.removesuffix("_relaxed").removesuffix("be")
    sizes = {"b": U8, "8": U8, "w": U16, "16": U16, "l": UINT, "32": UINT, "q": U64}
    return next((c for end, c in sizes.items() if name.endswith(end)), U64)
