# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be observed of a function: its result, its calls, what it stores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import z3

from reviewer.facts.missing_fact import FactsMissing
from reviewer.prover.ask.spoken_names import became, first_shown
from reviewer.prover.ask.word_bits import Bits
from reviewer.prover.assume.pages import PageModel
from reviewer.prover.interpret.lift import Lifted
from reviewer.prover.interpret.run import Run
from reviewer.prover.judge.uneven_calls import is_leaf
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.memory.state import Event, memory_of_member
from reviewer.prover.memory.tagged_names import field_name
from reviewer.prover.names.weak_functions import is_weak
from reviewer.prover.term_types import BitVec, Bool, Term
from reviewer.prover.values.integers import Value, resize
from reviewer.prover.values.solver_terms import true


@dataclass(frozen=True, slots=True)
class Output:
    """A pair of expressions that should be equal wherever ``given`` holds."""

    name: str
    before: Term
    after: Term
    given: Bool = field(default_factory=true)
    kind: str = "value"  # value, bit, made, defined, named
    line: int | None = None
    number: int | None = None
    signed: bool = False
    words: tuple[str, ...] = ()  # of "named": what the numbers stand for

    def show(self, value: Term | None, run: Run) -> str:
        """Words a value of the model, for a person."""
        if value is None:
            return "another value" if self.kind == "value" else "?"
        if self.kind == "made":
            return "made" if z3.is_true(value) else "not made"
        if self.kind == "defined":
            return "there" if z3.is_true(value) else "not there"
        if self.kind == "bit":
            return "1" if z3.is_true(value) else "0"
        if not z3.is_bv_value(value):
            return str(value)
        if self.kind == "named":
            return str(self.words[value.as_long()])
        number = value.as_signed_long() if self.signed else value.as_long()
        return str(number) if -4096 < number < 4096 else hex(number)


# --- the result ---------------------------------------------------------------


def results(
    before: Lifted, after: Lifted, model: PageModel, apart: Bits
) -> list[Output]:
    """Returns the return value: bit by bit where its bits have names."""
    if before.value is None or after.value is None:
        return _only_one(before.value or after.value)
    bits = _kpf_bits(before, after, model)
    one, two = as_64_bits(before.value), as_64_bits(after.value)
    if not bits:
        signed = after.value.ctype.signed
        return [Output("return value", one, two, signed=signed)]
    found = [
        Output(
            name,
            apart.bit(one, number),
            apart.bit(two, number),
            kind="bit",
            number=number,
        )
        for number, name in bits
    ]
    rest = [number for number in range(64) if number not in dict(bits)]
    if rest:
        mask = z3.BitVecVal(sum(1 << number for number in rest), 64)
        found.append(Output("bits without a name", one & mask, two & mask))
    return found


def _only_one(value: Value | None) -> list[Output]:
    """One side returns nothing: what the other returns counts, if it can vary."""
    if value is None or z3.is_bv_value(z3.simplify(value.expr)):
        return []
    one = as_64_bits(value)
    return [Output("return value", one, z3.BitVec("no return value", one.size()))]


def as_64_bits(value: Value) -> BitVec:
    """Returns a result as 64 bits, by its own signedness."""
    return resize(value.expr, value.ctype.signed, 64)


def _kpf_bits(before: Lifted, after: Lifted, model: PageModel) -> list[tuple[int, str]]:
    """(number, name) where the result is a word of KPF_ bits."""
    for lifted in (before, after):
        names = [
            name for name in lifted.run.record.texts_used if name.startswith("KPF_")
        ]
        if len(names) < 2 or lifted.value is None or lifted.value.ctype.bits != 64:
            return []
    found: dict[int, dict[str, None]] = {}
    for facts in model.facts:
        if facts is None:
            continue
        try:
            for bit in facts.kpf.bits:
                found.setdefault(bit.number, {})[bit.name] = None
        except FactsMissing:
            continue
    return [(number, "/".join(names)) for number, names in sorted(found.items())]


# --- calls and stores ---------------------------------------------------------


def effects(before: Lifted, after: Lifted) -> tuple[list[Output], str]:
    """Returns calls and stores of both sides that can be compared one by one, and why
    others cannot ("" if all can): a call or piece of code that only one side has could
    do anything, also what the other side does openly."""
    one, two = _outside(before), _outside(after)
    only_one = [name for name in one if name not in two]
    only_two = [name for name in two if name not in one]
    if only_one and only_two:
        return [], became(only_one[0], only_two[0])
    found = []
    with_it, without = (before, after) if only_one else (after, before)
    for name in [*only_one, *only_two]:
        if is_own(with_it.run, name):
            before.run.record.uneven_calls.add(name)
        elif _does_something(with_it.run, name) and not _more_stores(without, with_it):
            found.append(_made(name, one.get(name, []), two.get(name, [])))
    if only_one or only_two:
        return found, f"{first_shown(only_one or only_two)} is on one side only"
    for name, events in one.items():
        if events[0].kind == "call" and is_own(before.run, name):
            before.run.record.uneven_calls.add(name)
        elif events[0].kind in ("call", "observed"):
            found.append(_made(name, events, two[name]))
            found += _times(before.run, name, events, two[name])
            found += _operands(name, events, two[name])
    found += _in_order(before, after)
    found += _stores(before, after)
    return found, ""


def is_own(run: Run, name: str) -> bool:
    """Says whether the file shows what a function does: its call is not seen by itself.

    Called twice it may do what it does once, and given another number the same. Of a
    weak one, or one that only some configurations have, there may be another.
    """
    own = name.partition(" [")[0]
    texts = run.definitions.functions(own)
    return (
        bool(texts)
        and not is_weak(run.definitions, own)
        and all(
            text.path == run.definitions.path and text.condition.kind == "true"
            for text in texts
        )
    )


def _does_something(run: Run, name: str) -> bool:
    """Whether leaving out a call must show.

    One with a result may only look, and one whose body calls nothing may only
    write to the local that it is handed.
    """
    kinds = {event.kind for event in run.record.events if event.name == name}
    if "observed" in kinds:
        return True
    if "call" not in kinds:
        return False
    if _handed_a_local(run, name) and is_leaf(run.definitions, name):
        return False
    return run.prototype(name)[0].kind == "void"


def _handed_a_local(run: Run, name: str) -> bool:
    operands = [o for e in run.record.events if e.name == name for o in e.operands]
    return any(z3.is_bv(one) and is_local_address(one) for one in operands)


def _more_stores(one: Lifted, two: Lifted) -> bool:
    """Whether ``one`` stores what the call of a helper may store in ``two``."""
    there, here = (
        Counter(e.key for e in lifted.run.record.events if e.kind == "store")
        for lifted in (one, two)
    )
    return bool(there - here)


def _outside(lifted: Lifted) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in lifted.run.record.events:
        if event.kind != "store":
            found.setdefault(event.name, []).append(event)
    return found


def _line(*events: list[Event]) -> int | None:
    for some in events:
        if some:
            return some[-1].line
    return None


def _made(name: str, one: list[Event], two: list[Event]) -> Output:
    """Whether it happens at all; how often, where both have it several times."""
    line = _line(two, one)
    return Output(
        f"call of {name}()" if (one or two)[0].kind == "call" else short_name(name),
        z3.Or([event.guard for event in one]),
        z3.Or([event.guard for event in two]),
        kind="made",
        line=line,
    )


def _times(run: Run, name: str, one: list[Event], two: list[Event]) -> list[Output]:
    """How often it happens, where that must show."""
    if len(one) == len(two) == 1 or not _does_something(run, name):
        return []
    once, never = z3.BitVecVal(1, 16), z3.BitVecVal(0, 16)
    here, there = (
        z3.Sum([z3.If(event.guard, once, never) for event in events])
        for events in (one, two)
    )
    what = f"calls of {name}()" if one[0].kind == "call" else name
    return [Output(f"how many times: {what}", here, there, line=_line(two, one))]


def _in_order(before: Lifted, after: Lifted) -> list[Output]:
    """Which of the accesses that are seen comes first, second and so on."""
    one, two = (
        [event for event in lifted.run.record.events if event.kind == "observed"]
        for lifted in (before, after)
    )
    if len(one) != len(two) or {e.name for e in one} != {e.name for e in two}:
        return []
    names = tuple(sorted({event.name for event in one}))
    given = z3.And([event.guard for event in [*one, *two]] + [true()])
    for place, (first, second) in enumerate(zip(one, two, strict=True)):
        if first.name != second.name:
            numbers = [names.index(event.name) for event in (first, second)]
            here, there = (z3.BitVecVal(number, 16) for number in numbers)
            what = f"access number {place + 1} of those that are seen"
            return [Output(what, here, there, given, "named", second.line, words=names)]
    return []


def short_name(name: str) -> str:
    """Words an opaque piece of code in a few words."""
    return name if len(name) < 60 else name[:57] + "..."


def _operands(name: str, one: list[Event], two: list[Event]) -> list[Output]:
    """The arguments, where each side makes exactly one call."""
    events = [*one, *two]
    counts = {len(event.operands) for event in events}
    if len(counts) != 1 or not all(event.exact for event in events):
        return []
    given = z3.And(_exactly_one(one), _exactly_one(two))
    found = []
    for place in range(counts.pop()):
        sorts = {str(event.operands[place].sort()) for event in events}
        if len(sorts) != 1 or not z3.is_bv(events[0].operands[place]):
            continue
        found.append(
            Output(
                f"argument {place + 1} of {name}()"
                if events[0].kind == "call"
                else f"operand {place + 1} of {name}",
                _chosen(one, place),
                _chosen(two, place),
                given=given,
                line=_line(two),
            )
        )
    return found


def _exactly_one(events: list[Event]) -> Bool:
    if len(events) == 1:
        return events[0].guard
    return z3.PbEq([(event.guard, 1) for event in events], 1)


def _chosen(events: list[Event], place: int) -> Term:
    expr = events[-1].operands[place]
    for event in reversed(events[:-1]):
        expr = z3.If(event.guard, event.operands[place], expr)
    return expr


def _stores(before: Lifted, after: Lifted) -> list[Output]:
    """Memory at the end, at every address that either side writes.

    Only where both sides end in the same world: then all that differs is what was
    written since the last call.
    """
    if not before.calls_world.eq(after.calls_world):
        return []
    world = before.calls_world
    found = []
    places = Counter[tuple[str, int]]()
    for lifted in (before, after):
        for event in lifted.run.record.events:
            if event.kind != "store":
                continue
            address, value = event.operands
            assert z3.is_bv(address)
            assert z3.is_bv(value)
            places[(event.key, address.get_id())] += 1
            if places[(event.key, address.get_id())] > 1:
                continue
            bits = value.size()
            one = _at_end(before, event.key, bits, world, address)
            two = _at_end(after, event.key, bits, world, address)
            if one is None or two is None:
                continue
            found.append(
                Output(f"->{field_name(event.key)}", one, two, line=event.line)
            )
    return found


def _at_end(
    lifted: Lifted, key: str, bits: int, world: Term, address: BitVec
) -> BitVec | None:
    array = lifted.memory.get(key)
    if array is None:
        array = memory_of_member(key, bits, world)
    if array.sort().range().size() != bits:
        return None
    return z3.simplify(z3.Select(array, address))
