# SPDX-License-Identifier: GPL-2.0-or-later
"""Which events surely show: what others see of a call that one side alone makes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import z3

from reviewer.prover.ask.free_variables import leaves_of
from reviewer.prover.interpret import allocations, locks
from reviewer.prover.interpret.run import Run
from reviewer.prover.judge.pair import Pair
from reviewer.prover.memory.state import Event, entry_world
from reviewer.prover.memory.tagged_names import (
    GLOBAL,
    INPUT,
    LOCAL,
    begins_with,
    field_key,
    input_name,
    label_of,
)
from reviewer.prover.names.alike_functions import are_one, does_nothing, is_pure
from reviewer.prover.term_types import BitVec, Term

_WARNINGS = ("WARN_ON", "WARN_ON_ONCE")  # include/asm-generic/bug.h
_POINTER_CALL = "call of "  # calls._unknown_callee


def event_in_words(event: Event) -> str:
    """Words an event in a few words."""
    return f"{event.name}()" if event.kind == "call" else event.name[:60]


def difference_in_words(one: Event | None, two: Event | None) -> str:
    """Words what parts two rows."""
    if one is None and two is not None:
        return f"{event_in_words(two)} is new"
    if two is None and one is not None:
        return f"{event_in_words(one)} is gone"
    assert one is not None
    assert two is not None
    return f"{event_in_words(two)} comes where {event_in_words(one)} came"


def never_returns(event: Event) -> bool:
    """Says whether nothing follows a call: panic()."""
    from reviewer.c.vocabulary import NEVER_RETURN

    return event.kind == "call" and event.name in NEVER_RETURN


@dataclass(frozen=True, slots=True)
class Rest:
    """What a side does from where two rows part: its events, the memory that it
    writes, the names of what its way and its result hang on, whether the first event's
    answer, or what it left in memory, is a part of that, the result, and its way."""

    events: list[Event]
    written: list[str]
    asked: set[str]
    heeds: bool
    result: Term | None
    way: frozenset[int]


def parting_in_words(
    pair: Pair, here: tuple[Event | None, Event | None], rests: tuple[Rest, Rest]
) -> str:
    """Words how rows part in what others see, "" where that is not sure.

    ``order``: they do the same in another order.  ``call``: one does more than the
    other and nothing else, or calls one function in another's place.  Where each does
    something of its own, one may do openly what the other calls a function for.
    """
    runs = (pair.before.run, pair.after.run)
    if not all(e is None or _shows(r, e) for r, e in zip(runs, here, strict=True)):
        return ""
    one, two = (Counter(event.name for event in rest.events) for rest in rests)
    if one == two:
        return "order"
    for more, less in ((0, 1), (1, 0)):
        if _is_part(rests[less], rests[more]):
            first = here[more]
            alone = (one - two, two - one)[more]
            return "call" if first is not None and first.name in alone else ""
    return "call" if _is_in_place(pair, here, rests) else ""


def _is_part(less: Rest, more: Rest) -> bool:
    """Whether one side does nothing that the other does not do, too."""
    events, others = (Counter(e.name for e in rest.events) for rest in (less, more))
    written = Counter(less.written) - Counter(more.written)
    return not events - others and not written and _adds_nothing(less, more)


def _adds_nothing(less: Rest, more: Rest) -> bool:
    """Whether the side without a call may not do openly what the call is made for.

    Where the call's answer counts, it only decides whether the same goes on.
    """
    if not more.heeds or locks.is_lock(more.events[0].name):
        return True  # to take a lock is nothing that could be done openly
    one, two = less.result, more.result
    both = one is None or (two is not None and one.eq(two))
    return both and less.way <= more.way and less.asked <= more.asked


def _is_in_place(
    pair: Pair, here: tuple[Event | None, Event | None], rests: tuple[Rest, Rest]
) -> bool:
    """Whether one function is called in another's place, and all else is as it was.

    What follows may be called in another's place, too: spin_unlock_irq() for
    spin_unlock().
    """
    if None in here or len(rests[0].events) != len(rests[1].events):
        return False
    if Counter(rests[0].written) != Counter(rests[1].written):
        return False
    both = list(zip(rests[0].events, rests[1].events, strict=True))
    others = [(one, two) for one, two in both if one.name != two.name]
    asked = [
        rest.asked - {name for pair_ in others for name in _own_names(pair_[side])}
        for side, rest in enumerate(rests)
    ]
    if asked[0] != asked[1]:
        return False
    return all(_is_another(pair, one, two) for one, two in others)


def _own_names(event: Event) -> set[str]:
    """The names of a call's answer, and of the pointer that it goes through."""
    through = event.operands[:1] if event.name.startswith(_POINTER_CALL) else ()
    return {f"{event.name}()", *(leaf.name for leaf in leaves_of(through).values())}


def _is_another(pair: Pair, one: Event, two: Event) -> bool:
    """Whether two functions are handed the same and do not do the same."""
    runs = (pair.before.run, pair.after.run)
    if one.kind != "call" or two.kind != "call" or _word(one) == _word(two):
        return False
    if not all(_shows(run, event) for run, event in zip(runs, (one, two), strict=True)):
        return False
    if locks.is_lock(one.name) and locks.is_lock(two.name):
        return True
    if one.name.startswith(_POINTER_CALL) != two.name.startswith(_POINTER_CALL):
        return True  # the pointer may be any (``_shows``), so another function's
    if runs[0].prototype(one.name) != runs[1].prototype(two.name):
        return False
    if any(event.name.startswith(_POINTER_CALL) for event in (one, two)):
        return False
    return not any(are_one(run.definitions, one.name, two.name) for run in runs)


def _word(event: Event) -> str:
    return event.name.partition(" [")[0]


def _shows(run: Run, event: Event) -> bool:
    """Whether it is seen if it is done or not."""
    if event.kind == "opaque":
        return event.name in _WARNINGS
    if event.kind == "observed":
        return True
    if event.name.startswith(_POINTER_CALL):
        return _is_free(event.operands[0])
    if " [" in event.name:
        return False
    definitions = run.definitions
    if event.name in allocations.ASKED or locks.is_lock(event.name):
        return True
    if definitions.functions(event.name):
        return False  # its body is there: it may do nothing, or what the other does
    return not (
        is_pure(definitions, event.name) or does_nothing(definitions, event.name)
    )


def _is_free(pointer: Term) -> bool:
    """Whether a function pointer may be any: not of a table, which says what it is."""
    if pointer.decl().kind() == z3.Z3_OP_SELECT:
        return GLOBAL not in str(pointer.arg(0))
    return input_name(pointer) is not None


# --- arguments and places -------------------------------------------------------------


def differing_strings(one: Term, two: Term) -> tuple[str, str] | None:
    """Returns the texts of two terms that are string literals and not the same; None
    for all else."""
    names = [label_of(e) for e in (one, two) if z3.is_app(e)]
    if len(names) == 2 and all(name.startswith("string ") for name in names):
        first, second = (name.removeprefix("string ") for name in names)
        return (first, second) if first != second else None
    return None


def same_for_all(expr: Term) -> bool:
    """Says whether it is a number that the tree does not tell, such as an address."""
    return begins_with(expr, "string ", "&")


def is_other_type(pair: Pair, word: str) -> bool:
    """Says whether a function is declared with another type on one of the two sides."""
    return pair.before.run.prototype(word) != pair.after.run.prototype(word)


def existed_before(address: BitVec) -> bool:
    """Says whether an address is one that others had before: not of what was just
    made."""
    while address.num_args() and (
        address.decl().kind() == z3.Z3_OP_BADD or field_key(address) is not None
    ):
        address = address.arg(0)
    if begins_with(address, INPUT, "&"):
        return not begins_with(address, LOCAL)
    if address.decl().kind() == z3.Z3_OP_SELECT:
        return bool(address.arg(0).num_args() == 0)
    return bool(address.num_args() and address.arg(0).eq(entry_world()))


# include/linux/slab.h, mm.h, printk.h, dev_printk.h: no word but their own is changed
_LEAVE_ALONE = re.compile(
    r"after (?:k\w*free\w*|vfree\w*|kvfree\w*|_?printk\w*|_?dev_\w+|pr_\w+)\(\)"
)


def leaves_alone(world: Term) -> bool:
    """Says whether the call that left this world changes no memory that others use."""
    return bool(_LEAVE_ALONE.match(str(world.decl().name())))
