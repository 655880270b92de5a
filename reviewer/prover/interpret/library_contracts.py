# SPDX-License-Identifier: GPL-2.0-or-later
"""Library macros and functions by what their headers say: memory is made, a line told.

Who makes memory stands in ``allocations``.
"""

from __future__ import annotations

import re

import z3
from tree_sitter import Node

from reviewer.prover.interpret import allocations
from reviewer.prover.interpret.inlining import values_of
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.memory import accesses, stopping_states, volatile_accesses
from reviewer.prover.memory.places import is_local_address, key_of
from reviewer.prover.memory.state import world_with_writes
from reviewer.prover.memory.whole_memory import change_all_memory
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.integers import (
    INT,
    UINT,
    VOID,
    Value,
    address64,
    convert,
    no_value,
    promote,
    resize,
)
from reviewer.prover.values.solver_terms import constant

MAX_ERRNO = 4095  # include/linux/err.h
_CLEARS = "memset"  # include/linux/string.h
# include/linux/printk.h, dev_printk.h, netdevice.h (netdev_printk.h): arguments before
# the format
_LEVEL = r"(?:emerg|alert|crit|err|error|warn|warning|notice|info|dbg|debug|cont|vdbg)"
_PRINTS = (
    (re.compile(rf"(?:pr_{_LEVEL}|printk)(?:_ratelimited|_once|_deferred)?\Z"), 0),
    (re.compile(rf"(?:dev|netdev|netif)_{_LEVEL}(?:_ratelimited|_once)?\Z"), 1),
    (re.compile(r"dev_err_probe\Z"), 2),
)
CLEANUP = "include/linux/cleanup.h"
_TAKEN_OVER = ("no_free_ptr", "retain_and_null_ptr")  # the value, and NULL instead
_PREFETCH = ("prefetch", "prefetchw")  # include/linux/prefetch.h: a hint


def is_one(run: Run, word: str) -> bool:
    """Says whether a name is read by its contract here."""
    return (
        word in _PREFETCH
        or _before_format(word) is not None
        or allocations.is_one(run.definitions, word)
        or (
            word in _TAKEN_OVER and allocations.is_of(run.definitions, word, (CLEANUP,))
        )
    )


def is_print(name: str) -> bool:
    """Says whether an event is a line in the log."""
    return _before_format(name.partition(" [")[0]) is not None


def call(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """Returns the value of a call of a library function whose contract is known, None
    where ``word`` is no such name or means something else here."""
    from reviewer.prover.interpret import guards

    if word == _CLEARS:
        return _cleared(frame, nodes, node)
    if not is_one(frame.run, word):
        return None
    if word in _PREFETCH:
        values_of(frame, nodes)
        return no_value()
    if word in _TAKEN_OVER:
        return guards.taken_over(frame, nodes, node)
    if allocations.is_one(frame.run.definitions, word):
        return _allocated(frame, word, nodes, node)
    return _printed(frame, word, nodes, node)


# --- memory ---------------------------------------------------------------------------


def _allocated(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """A number of bytes that is asked for; NULL where n * size does not fit."""
    from reviewer.prover.interpret.jumps import branch
    from reviewer.prover.interpret.macro_texts import evaluate_text

    run, allocator = frame.run, allocations.ALLOCATORS[word]
    if len(nodes) != allocator.arguments:
        return None
    values = values_of(frame, nodes)
    if not all(value.ctype.is_scalar for value in values):
        return None
    ulong = run.machine.ulong
    flags = evaluate_text(frame, "GFP_KERNEL") if allocator.flags is None else None
    how = convert(flags or values[allocator.flags or 0], UINT, run.opaque).expr
    if allocator.zeroed:
        zero = convert(evaluate_text(frame, "__GFP_ZERO"), UINT, run.opaque).expr
        how = z3.simplify(how | zero)
    others = [_as_handed(values[place]) for place in allocator.others]
    asked = convert(values[allocator.size], ulong, run.opaque).expr
    if allocator.number is None:
        operands = [*others, z3.simplify(asked), how]
        return _fresh_memory(frame, allocator.asked, operands, node)
    times = convert(values[allocator.number], ulong, run.opaque).expr
    first, second = sorted((times, asked), key=lambda term: term.get_id())
    fits = z3.simplify(z3.BVMulNoOverflow(first, second, False))
    total = z3.simplify(first * second)
    pointer = run.machine.pointer(VOID)
    slot = run.new_slot()
    frame.state.env[slot] = Value(constant(0, pointer.bits), pointer)

    def make() -> None:
        operands = [*others, total, how]
        made = _fresh_memory(frame, allocator.asked, operands, node)
        frame.state.env[slot] = made

    branch(frame, fits, make, lambda: None)
    return frame.state.env.pop(slot)


def _as_handed(value: Value) -> BitVec:
    return z3.simplify(resize(value.expr, value.ctype.signed, 64))


def _fresh_memory(
    frame: Frame, asked: str, operands: list[BitVec], node: Node
) -> Value:
    from reviewer.prover.interpret import calls

    run = frame.run
    pointer = run.machine.pointer(VOID)
    made = calls.record_call(frame, asked, asked, operands, pointer, True, node)
    largest = constant((1 << pointer.bits) - 1 - MAX_ERRNO, pointer.bits)
    run.record.bounds.append(
        z3.ULE(made.expr, largest)
    )  # NULL or memory, never an error
    return made


def _cleared(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    """``memset(p, 0, sizeof(*p))``: all of one struct, None for other memory."""
    run, text = frame.run, frame.source.norm
    if len(nodes) != 3 or text(nodes[1]) != "0" or "(" in text(nodes[0]):
        return None
    if text(nodes[2]) not in (
        f"sizeof(*{text(nodes[0])})",
        f"sizeof *{text(nodes[0])}",
    ):
        return None
    (pointer,) = values_of(frame, nodes[:1])
    struct = pointer.ctype.to
    if pointer.ctype.kind != "pointer" or struct is None or struct.kind != "struct":
        return None
    address = address64(pointer)
    if is_local_address(address) or run.inputs.concurrent:
        return None
    stopping_states.note_access(run, frame.state, key_of(struct, "*"), address)
    operands = [address, accesses.zero_bytes()]
    change_all_memory(frame, f"copy {struct}", operands, node)
    return pointer


# --- lines in the log -----------------------------------------------------------------


def _before_format(word: str) -> int | None:
    for pattern, before in _PRINTS:
        if pattern.match(word):
            return before
    return None


def _printed(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """A line: the format as text, the rest as numbers; it changes no memory."""
    run, before = frame.run, _before_format(word)
    if before is None or len(nodes) <= before:
        return None
    form = _format(frame, word, nodes[before])
    if form is None:
        return None
    values = values_of(frame, [n for p, n in enumerate(nodes) if p != before])
    operands = [run.unknowns.apply(f"string {form}", "constant", [], z3.BitVecSort(64))]
    pointed = False
    for value in values:
        if value.ctype.kind in ("int", "bool"):
            value = promote(value, run.opaque)
        signed = value.ctype.kind == "int" and value.ctype.signed
        operands.append(resize(value.expr, signed, 64))
        pointed = pointed or value.ctype.kind not in ("int", "bool")
    world = world_with_writes(frame.state) if pointed else None
    volatile_accesses.note_visible_event(frame, word, operands, world)
    if word == "dev_err_probe":  # include/linux/dev_printk.h: gives back the error
        return convert(values[1], INT, run.opaque)
    return no_value()


def _format(frame: Frame, word: str, node: Node) -> str | None:
    """The text of a format with the file's own prefix, None if it is no literal."""
    from reviewer.prover.interpret.macro_splicing import put_in
    from reviewer.prover.interpret.macro_texts import parsed_expression

    text = frame.source.norm(node)
    if word.startswith("pr_"):
        macros = frame.run.definitions.macros("pr_fmt")
        if len(macros) > 1:  # the file's own stands before the header's spare one
            own = [m for m in macros if m.path == frame.run.definitions.path]
            macros = tuple(own)
        if len(macros) == 1 and macros[0].parameters:
            text = put_in(frame.run, macros[0], f"({text})") or text
    parsed = parsed_expression(text)
    if parsed is None:
        return None
    source, expr = parsed
    parts = expr.named_children if expr.type == "concatenated_string" else [expr]
    shown = []
    for part in parts:
        if part.type == "string_literal":
            shown.append(source.text(part)[1:-1])
        elif part.type == "identifier" and source.text(part).isupper():
            shown.append(f"<{source.text(part)}>")  # KERN_ERR, KBUILD_MODNAME, PRIx64
        elif part.type != "comment":
            return None
    return f'"{"".join(shown)}"'
