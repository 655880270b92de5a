# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is asked for, by what the headers of the allocators say.

In 6.12 most allocators are macros around a function and a count of it (include/linux/
alloc_tag.h), in 6.1 functions; both times one question is asked of one allocator.
"""

from __future__ import annotations

from dataclasses import dataclass

import z3
from tree_sitter import Node

from reviewer.prover.interpret.run import Frame
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.integers import UINT, VOID, Value, convert, resize
from reviewer.prover.values.solver_terms import constant

_SLAB = ("include/linux/slab.h",)
_EITHER = (*_SLAB, "include/linux/mm.h")
_VMALLOC = ("include/linux/vmalloc.h",)
_DEVICE = ("include/linux/device.h", "include/linux/device/devres.h")
MAX_ERRNO = 4095  # include/linux/err.h


@dataclass(frozen=True, slots=True)
class Allocator:
    """What is asked, whatever the name that it is asked by, and by which arguments:
    ``others`` are handed on as they are; without ``flags`` they are GFP_KERNEL."""

    asked: str
    headers: tuple[str, ...]
    number: int | None
    size: int
    flags: int | None
    zeroed: bool
    others: tuple[int, ...] = ()

    @property
    def arguments(self) -> int:
        """How many it takes."""
        places = (self.number, self.size, self.flags, *self.others)
        return sum(place is not None for place in places)


ALLOCATORS = {
    "kmalloc": Allocator("kmalloc", _SLAB, None, 0, 1, False),
    "kzalloc": Allocator("kmalloc", _SLAB, None, 0, 1, True),
    "kmalloc_array": Allocator("kmalloc", _SLAB, 0, 1, 2, False),
    "kcalloc": Allocator("kmalloc", _SLAB, 0, 1, 2, True),
    "krealloc": Allocator("krealloc", _SLAB, None, 1, 2, False, (0,)),
    "krealloc_array": Allocator("krealloc", _SLAB, 1, 2, 3, False, (0,)),
    "kvmalloc": Allocator("kvmalloc", _EITHER, None, 0, 1, False),
    "kvzalloc": Allocator("kvmalloc", _EITHER, None, 0, 1, True),
    "kvmalloc_array": Allocator("kvmalloc", _EITHER, 0, 1, 2, False),
    "kvcalloc": Allocator("kvmalloc", _EITHER, 0, 1, 2, True),
    "vmalloc": Allocator("vmalloc", _VMALLOC, None, 0, None, False),
    "vzalloc": Allocator("vmalloc", _VMALLOC, None, 0, None, True),
    "vmalloc_array": Allocator("vmalloc", _VMALLOC, 0, 1, None, False),
    "vcalloc": Allocator("vmalloc", _VMALLOC, 0, 1, None, True),
    "devm_kmalloc": Allocator("devm_kmalloc", _DEVICE, None, 1, 2, False, (0,)),
    "devm_kzalloc": Allocator("devm_kmalloc", _DEVICE, None, 1, 2, True, (0,)),
    "devm_kmalloc_array": Allocator("devm_kmalloc", _DEVICE, 1, 2, 3, False, (0,)),
    "devm_kcalloc": Allocator("devm_kmalloc", _DEVICE, 1, 2, 3, True, (0,)),
}
ASKED = frozenset(allocator.asked for allocator in ALLOCATORS.values())


def is_one(definitions: Definitions, word: str) -> bool:
    """Says whether a name is that of an allocator here."""
    return word in ALLOCATORS and is_of(definitions, word, ALLOCATORS[word].headers)


def is_of(definitions: Definitions, word: str, headers: tuple[str, ...]) -> bool:
    """Says whether a name is defined, or else declared, in these headers alone."""
    paths = [text.path for text in definitions.macros(word)]
    paths += [text.path for text in definitions.functions(word)]
    if not paths:
        paths = [one.path for one in definitions.files(word)][1:]
    return bool(paths) and all(path in headers for path in paths)


def call(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """Returns the memory that an allocator gives: NULL where n * size does not fit;
    None where the call is not read."""
    from reviewer.prover.interpret.expressions import evaluate
    from reviewer.prover.interpret.jumps import branch
    from reviewer.prover.interpret.macro_texts import evaluate_text

    run, allocator = frame.run, ALLOCATORS[word]
    if len(nodes) != allocator.arguments:
        return None
    values = [evaluate(frame, argument) for argument in nodes]
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
