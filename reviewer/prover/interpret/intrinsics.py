# SPDX-License-Identifier: GPL-2.0-or-later
"""The primitives that a compiler or an architecture provides, by their contract.

Only what has no text of its own in the tree that says it (inline assembly, compiler
builtins, type-generic macros), with its documentation named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial

import z3
from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.vocabulary import (
    OPTION_TESTS,
    READ_THEIR_ARGUMENT,
    RUN_TIME_ASSERTION,
    TRUTH_OF_ARGUMENT,
    is_assertion,
)
from reviewer.prover.interpret import (
    byte_order,
    library_contracts,
    locks,
    synchronised_primitives,
)
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.memory import accesses, places
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.state import simplified
from reviewer.prover.memory.tagged_names import container_label, field_key, has_elements
from reviewer.prover.memory.whole_memory import change_all_memory
from reviewer.prover.names.primitives import kind_of
from reviewer.prover.term_types import BitVec
from reviewer.prover.values import plain_layout
from reviewer.prover.values.integers import (
    INT,
    U64,
    VOID,
    CType,
    Value,
    address64,
    binary,
    choose,
    common_type,
    convert,
    from_flag,
    no_value,
    number,
    promote,
    resize,
    truth,
)
from reviewer.prover.values.solver_terms import constant

ASSERTIONS = "debug-assertions-do-not-fire"
NO_FAKE_HEADS = "no-fake-heads"
FRAMES = "pages-keep-their-frame"
_BIT = re.compile(
    r"(_*)(?:arch_+)?(test_and_set|test_and_clear|test_and_change|set|clear|change|test)"
    r"_bit(?:_lock|_unlock|_acquire)?\Z"
)  # Documentation/atomic_bitops.txt
_ATOMIC_READ = re.compile(r"(?:raw_|arch_)?atomic(?:_long|64)?_read\Z")


def assertions_on_one_side(*sides: tuple[Source, Function]) -> list[str]:
    """Returns the debug assertions that one of two functions makes more often, by
    name, sorted.

    Those of the functions' own text count: a helper's may go with the helper.
    """
    counts = []
    for source, function in sides:
        calls = source.walk(function.node, "call_expression")
        named = (call.child_by_field_name("function") for call in calls)
        words = [source.text(name) for name in named if name is not None]
        counts.append(Counter(w for w in words if RUN_TIME_ASSERTION.match(w)))
    first, second = counts
    return sorted((first - second) + (second - first))


def is_one(run: Run, word: str) -> bool:
    """Says whether a name is read by its contract here, not by the text of its
    macro."""
    if word in run.inputs.changed or run.definitions.is_local(word):
        return False
    return (
        library_contracts.is_one(run, word)
        or locks.is_one(run, word)
        or byte_order.turns_byte_order(word)
        or word in READ_THEIR_ARGUMENT
        or word in TRUTH_OF_ARGUMENT
        or word in _OTHERS
        or word in ("WRITE_ONCE", "WARN_ON", "WARN_ON_ONCE", "__builtin_expect")
        or is_assertion(word)
        or word in OPTION_TESTS
        or any(p.match(word) for p in (_BIT, _ATOMIC_READ))
    )


def call(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """Returns the call's value if ``word`` is one of the primitives, else None."""
    from reviewer.prover.interpret.expressions import condition, evaluate

    run = frame.run
    if run.definitions.is_local(word):
        return None  # the text says what it is now
    if "pr_fmt" in run.inputs.changed and library_contracts.is_print(word):
        return library_contracts.call(
            frame, word, nodes, node
        )  # which reads pr_fmt() itself
    if word in run.inputs.changed:
        return None
    if kind_of(word) is not None:
        found, word = synchronised_primitives.call(frame, word, nodes, node)
        if found is not None:
            return found
    if word in READ_THEIR_ARGUMENT and len(nodes) == 1:
        return evaluate(frame, nodes[0])
    if byte_order.turns_byte_order(word) and len(nodes) == 1:
        return byte_order.swapped_number(run, word, evaluate(frame, nodes[0]))
    if word in TRUTH_OF_ARGUMENT and len(nodes) == 1:
        return from_flag(condition(frame, nodes[0]))
    if word == "__builtin_expect" and len(nodes) == 2:
        return convert(evaluate(frame, nodes[0]), run.machine.long, run.opaque)
    if is_assertion(word):
        if ASSERTIONS not in run.inputs.assumed and word.startswith(("VM_", "lockdep")):
            return _assertion(frame, word, nodes, node)
        run.record.assumptions[ASSERTIONS] = None
        return from_flag(z3.BoolVal(False))
    if word in ("WARN_ON", "WARN_ON_ONCE") and len(nodes) == 1:
        return _warn_on(frame, word, nodes, node)
    if word in OPTION_TESTS and len(nodes) == 1:
        return _config(frame, node)
    bit = _BIT.match(word)
    if bit and len(nodes) == 2:
        with synchronised_primitives.within_primitive(
            frame, "" if word.startswith("__") else word
        ):
            return _bit_operation(frame, bit[2], nodes, node)
    if _ATOMIC_READ.match(word) and len(nodes) == 1:
        return _atomic_read(frame, nodes[0])
    handler = _OTHERS.get(word)
    if handler is not None:
        made: Value | None = handler(frame, nodes, node)
        return made
    if locks.is_one(run, word):
        return locks.call(frame, word, nodes, node)
    return library_contracts.call(frame, word, nodes, node)


def _warn_on(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value:
    """asm-generic/bug.h: the truth of the condition, and a warning if it holds."""
    from reviewer.prover.interpret.expressions import condition
    from reviewer.prover.interpret.jumps import branch

    flag = condition(frame, nodes[0])
    branch(
        frame,
        flag,
        lambda: change_all_memory(frame, word, [], node),
        lambda: None,
    )
    return from_flag(flag)


def _config(frame: Frame, node: Node) -> Value:
    """include/linux/kconfig.h."""
    from reviewer.c.conditions import parse_condition

    text = frame.source.text(node)
    return from_flag(simplified(frame.run.formula(parse_condition(text))))


def _bit_operation(
    frame: Frame, kind: str, nodes: list[Node], node: Node
) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    run = frame.run
    nr = promote(evaluate(frame, nodes[0]), run.opaque)
    pointer = evaluate(frame, nodes[1])
    if not nr.ctype.is_scalar or pointer.ctype.kind != "pointer":
        return None
    target, shift = _word_of(frame, nr, pointer)
    word = accesses.read(frame, target)
    ulong = run.machine.ulong
    if word.ctype.bits != ulong.bits:
        return None
    old = z3.Extract(0, 0, z3.LShR(word.expr, shift)) == constant(1, 1)
    if kind != "test":
        mask = constant(1, ulong.bits) << shift
        if kind.endswith("set"):
            new = word.expr | mask
        elif kind.endswith("clear"):
            new = word.expr & ~mask
        else:
            new = word.expr ^ mask
        accesses.write(frame, target, Value(new, word.ctype), node)
    return from_flag(old) if kind.startswith("test") else no_value()


def _word_of(frame: Frame, nr: Value, pointer: Value) -> tuple[Place, BitVec]:
    """The word that holds bit ``nr`` of a bitmap, and the bit's number in it."""
    run = frame.run
    bits = run.machine.long_bits
    ulong = run.machine.ulong
    address = address64(pointer)
    target = places.pointed_at(run, address, ulong)
    number_ = resize(nr.expr, nr.ctype.signed, bits)
    in_array = target.kind == "memory" and has_elements(target.key)
    if (
        target.kind == "memory" and not in_array
    ):  # a single word: a bit beyond it is a bug in itself
        return target, number_
    index = z3.simplify(z3.LShR(number_, 6 if bits == 64 else 5))
    shift = z3.simplify(number_ & constant(bits - 1, bits))
    moved = z3.simplify(address + resize(index, False, 64) * (bits // 8))
    if in_array:
        return Place("memory", ulong, key=target.key, address=moved), shift
    return places.pointed_at(run, moved, ulong), shift


def _atomic_read(frame: Frame, node: Node) -> Value | None:
    """Documentation/atomic_t.txt: a plain load of ->counter."""
    from reviewer.prover.interpret.expressions import evaluate

    run = frame.run
    pointer = evaluate(frame, node)
    if pointer.ctype.kind != "pointer":
        return None
    long_ = "long" in str(pointer.ctype) or "64" in str(pointer.ctype)
    ctype = run.machine.long if long_ else INT
    address = address64(pointer)
    return Value(accesses.load(frame, "counter", ctype.bits, address), ctype)


# --- type-generic macros: include/linux/minmax.h, bits.h, container_of.h ------


def _extreme(
    operator: str, frame: Frame, nodes: list[Node], node: Node
) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    if len(nodes) != 2:
        return None
    return _pick(frame, operator, evaluate(frame, nodes[0]), evaluate(frame, nodes[1]))


def _pick(frame: Frame, operator: str, one: Value, two: Value) -> Value | None:
    return _chosen(frame, operator, (one, two), one, two)


def _chosen(
    frame: Frame, operator: str, asked: tuple[Value, Value], one: Value, two: Value
) -> Value | None:
    """``asked[0] operator asked[1] ? one : two``, each in its common type."""
    opaque = frame.run.opaque
    sides = [asked, (one, two)]
    for place, (first, second) in enumerate(sides):
        if not {first.ctype.kind, second.ctype.kind} <= {"int", "bool"}:
            return None
        first, second = promote(first, opaque), promote(second, opaque)
        both = common_type(first.ctype, second.ctype)
        sides[place] = convert(first, both, opaque), convert(second, both, opaque)
    flag = truth(binary(operator, *sides[0], opaque))
    return choose(flag, *sides[1])


def _typed(operator: str, frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    if len(nodes) != 3:
        return None
    ctype = _type_argument(frame, nodes[0])
    if ctype.kind != "int":
        return None
    run = frame.run
    one = convert(evaluate(frame, nodes[1]), ctype, run.opaque)
    two = convert(evaluate(frame, nodes[2]), ctype, run.opaque)
    return choose(truth(binary(operator, one, two, run.opaque)), one, two)


def _clamped(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    return _clamped_as(frame, nodes, None)


def _clamped_in_a_type(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    if len(nodes) != 4:
        return None
    return _clamped_as(frame, nodes[1:], _type_argument(frame, nodes[0]))


def _clamped_in_its_type(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    return _clamped_as(frame, nodes, None, of_value=True)


def _clamped_as(
    frame: Frame, nodes: list[Node], ctype: CType | None, *, of_value: bool = False
) -> Value | None:
    """``value >= high ? high : value <= low ? low : value``, each evaluated once, and
    in a type: the one given, or that of the value."""
    from reviewer.prover.interpret.expressions import evaluate

    if len(nodes) != 3:
        return None
    given = [evaluate(frame, argument) for argument in nodes]
    if of_value:
        ctype = given[0].ctype
    if ctype is not None and ctype.kind != "int":
        return None
    if ctype is not None:
        given = [convert(one, ctype, frame.run.opaque) for one in given]
    value, low, high = given
    above = _chosen(frame, "<=", (value, low), low, value)
    if above is None:
        return None
    return _chosen(frame, ">=", (value, high), high, above)


def _type_argument(frame: Frame, node: Node) -> CType:
    return frame.run.types.named(frame.source.norm(node))


def _bit(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    return _one_shifted(frame, nodes, frame.run.machine.ulong)


def _bit_ull(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    return _one_shifted(frame, nodes, U64)


def _one_shifted(frame: Frame, nodes: list[Node], ctype: CType) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate
    from reviewer.prover.interpret.operators import operate

    if len(nodes) != 1:
        return None
    return operate(frame.run, "<<", number(1, ctype), evaluate(frame, nodes[0]))


def _container_of(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    from reviewer.prover.interpret.expressions import evaluate

    if len(nodes) != 3:
        return None
    run = frame.run
    pointer = evaluate(frame, nodes[0])
    ctype = run.machine.pointer(_type_argument(frame, nodes[1]))
    field = places.key_of(ctype.to or VOID, frame.source.norm(nodes[2]))
    address = address64(pointer)
    declared = run.types.field(ctype.to or VOID, frame.source.norm(nodes[2]))
    if declared is not None and declared.first and declared.ctype.kind == "struct":
        return Value(resize(address, False, ctype.bits), ctype)
    if z3.is_app(address) and field_key(address) == field:
        return Value(resize(address.arg(0), False, ctype.bits), ctype)
    name = container_label(str(ctype), field)
    holder = run.opaque(name, [address], ctype.bits)
    if ctype.bits == 64:
        offset = _offset(run, ctype.to or VOID, frame.source.norm(nodes[2]))
        run.record.bounds.append(holder == address - offset)
    return Value(holder, ctype)


def _offset_of(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    """include/linux/stddef.h: one number for one member."""
    struct, member = _type_argument(frame, nodes[0]), frame.source.norm(nodes[-1])
    if struct.kind != "struct" or not member.isidentifier():
        return None
    return Value(_offset(frame.run, struct, member), frame.run.machine.ulong)


def _offset(run: Run, struct: CType, member: str) -> BitVec:
    name, bits = run.marked(f"offsetof({struct}, {member})"), run.machine.long_bits
    offset = run.unknowns.apply(name, "constant", [], z3.BitVecSort(bits))
    span = plain_layout.span(run.types, struct.name, member)
    if span is not None and bits == 64 and not name.endswith("]"):
        run.record.bounds.append(offset == span[0])
    return offset


def _assertion(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value:
    """One that may stop the machine: nothing behind it is as without it."""
    from reviewer.prover.interpret.expressions import evaluate

    operands = [evaluate(frame, argument).expr for argument in nodes]
    change_all_memory(frame, f"{word}()", operands, node)
    return from_flag(frame.run.opaque(f"{word}()", operands, 1) == 1)


def _static_branch(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    """Documentation/staging/static-keys.rst: a switch that is patched into the code."""
    run = frame.run
    if NO_FAKE_HEADS in run.inputs.assumed and "vmemmap" in frame.source.norm(nodes[0]):
        run.record.assumptions[NO_FAKE_HEADS] = None
        return from_flag(z3.BoolVal(False))
    name = f"static key {frame.source.norm(nodes[0]).lstrip('&')}"
    word = run.opaque(name, [], 1)
    return from_flag(word == constant(1, 1))


def _page_to_pfn(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    """Documentation/mm/memory-model.rst: one frame number for one page, and back."""
    return _mapped(frame, "page_to_pfn", nodes, frame.run.machine.ulong)


def _pfn_to_page(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    page = frame.run.machine.pointer(frame.run.types.named("struct page"))
    return _mapped(frame, "pfn_to_page", nodes, page)


def _mapped(frame: Frame, word: str, nodes: list[Node], to: CType) -> Value | None:
    """A function of its argument alone, whichever memory model is chosen."""
    from reviewer.prover.interpret.expressions import evaluate

    run = frame.run
    if FRAMES not in run.inputs.assumed or len(nodes) != 1:
        return None
    value = evaluate(frame, nodes[0])
    if not value.ctype.is_scalar:
        return None
    run.record.assumptions[FRAMES] = None
    argument = resize(value.expr, value.ctype.signed, 64)
    return Value(run.opaque(word, [argument], to.bits), to)


_OTHERS: dict[str, Callable[[Frame, list[Node], Node], Value | None]] = {
    "page_to_pfn": _page_to_pfn,
    "pfn_to_page": _pfn_to_page,
    "min": partial(_extreme, "<"),
    "max": partial(_extreme, ">"),
    "min_t": partial(_typed, "<"),
    "max_t": partial(_typed, ">"),
    "clamp": _clamped,
    "clamp_t": _clamped_in_a_type,
    "clamp_val": _clamped_in_its_type,
    "BIT": _bit,
    "BIT_ULL": _bit_ull,
    "container_of": _container_of,
    "offsetof": _offset_of,
    "static_branch_likely": _static_branch,
    "static_branch_unlikely": _static_branch,
}
