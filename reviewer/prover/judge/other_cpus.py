# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs for other CPUs alone: an access, a fence or an order that is gone.

Two sides that do the same on one CPU still promise others different things where one
of them has READ_ONCE() or smp_rmb() and the other has nothing in its place.  Told are
only differences of which nothing in the function can make up: where it calls nothing,
and what it still has of primitives promises less
(Documentation/memory-barriers.txt, tools/memory-model/Documentation/explanation.txt).
"""

from __future__ import annotations

import re
from collections import Counter

import z3

from reviewer.prover.ask.free_variables import leaves_of
from reviewer.prover.interpret.lift import Lifted
from reviewer.prover.judge.pair import Pair
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.memory.state import Event
from reviewer.prover.memory.tagged_names import begins_with, field_name
from reviewer.prover.names import primitives
from reviewer.prover.names.primitives import PrimitiveKind, kind_of, promise
from reviewer.prover.values.solver_terms import is_false, is_true
from reviewer.prover.verdict import OutputVerdict, Verdict, Witness

OUTPUT = "what other CPUs may see"
WITNESS = Witness(("other CPUs look meanwhile",), ("another CPU",))
# What a primitive does besides (synchronised_primitives), and plain stores
# (accesses.write).
_NO_USES = ("after ", "before ", "store through a pointer", "copy ")
_LOCAL = " of a local "  # volatile_accesses._told
_LOOKS = re.compile(r"test_bit(?:_acquire)?\Z|\w*atomic\w*_read(?:_acquire)?\Z")
_MARKED = frozenset(
    [PrimitiveKind.READ_OF, PrimitiveKind.WRITE_OF]
)  # accesses that order nothing


def seen_otherwise(pair: Pair, why: str) -> OutputVerdict | None:
    """Returns the difference that other CPUs see, None where it is not sure that they
    do.

    ``pair``: lifted as "synchronised"; ``why``: what became of the primitives.
    """
    before, after = _marks(pair.before), _marks(pair.after)
    if before is None or after is None:
        return None
    told = _lost(before, after) or _swapped(before, after)
    if told is None:
        return None
    return OutputVerdict(
        OUTPUT, Verdict.DIFFERS, told[0], told[1], WITNESS, why,
        line=next((event.line for event in [*after, *before]), None),
    )  # fmt: skip


def _marks(lifted: Lifted) -> list[Event] | None:
    """The uses of primitives in order; None where others may do the same by a call,
    by code that was not followed, or where the memory is the function's own.

    A read whose value is not used is none: nobody sees it.
    """
    found = []
    used = _names_used(lifted)
    for event in lifted.run.record.events:
        if event.kind == "store" or event.name.startswith(_NO_USES):
            continue
        if is_false(z3.simplify(event.guard)):
            continue
        own = any(is_local_address(o) for o in event.operands if z3.is_bv(o))
        if own or _LOCAL in event.name or event.kind == "call":
            return None
        kind = kind_of(_word(event))
        if kind is None or (kind in _MARKED and event.name.endswith("()")):
            return None
        if not _only_reads(event) or event.name in used:
            found.append(event)
    return found


def _only_reads(event: Event) -> bool:
    word = _word(event)
    return kind_of(word) in (PrimitiveKind.READ_OF, PrimitiveKind.READ_AT) or bool(
        _LOOKS.match(word)
    )


def _names_used(lifted: Lifted) -> set[str]:
    """The names of the reads whose value the function returns, stores or hands on."""
    exprs = list(lifted.memory.values())
    exprs += [] if lifted.value is None else [lifted.value.expr]
    for event in lifted.run.record.events:
        if not _only_reads(event):
            exprs += [event.guard, *event.operands]
    return {leaf.name for leaf in leaves_of(exprs).values()}


def _word(event: Event) -> str:
    """The name of the primitive that an event is of."""
    return event.name.partition("(")[0]


def _lost(before: list[Event], after: list[Event]) -> tuple[str, str] | None:
    """(before, after) where one side promises what the other does not."""
    one, two = (Counter(map(_word, side)) for side in (before, after))
    gone, new = one - two, two - one
    if gone and new:
        return _another(gone, new)
    if not gone and not new:
        return None
    word = next(iter(gone or new))
    left = two if gone else one
    if not all(_outdone(other, word) for other in left):
        return None
    return (f"{word}()", f"no {word}()") if gone else (f"no {word}()", f"{word}()")


def _outdone(other: str, word: str) -> bool:
    """Whether what is left in the function is no substitute for a primitive."""
    if kind_of(other) not in _MARKED or word == other:
        return False
    return kind_of(word) is not PrimitiveKind.FENCE or word.startswith("smp_")


def _another(gone: Counter[str], new: Counter[str]) -> tuple[str, str] | None:
    """One primitive became another one, which is known to promise another thing."""
    if gone.total() != 1 or new.total() != 1:
        return None
    (old,), (now,) = gone, new
    promises = promise(old), promise(now)
    if None in promises or promises[0] == promises[1]:
        return None
    return f"{old}()", f"{now}()"


def _swapped(before: list[Event], after: list[Event]) -> tuple[str, str] | None:
    """Marked writes to two members of a struct, or two variables, in another order."""
    one, two = (
        [event for event in side if kind_of(_word(event)) is PrimitiveKind.WRITE_OF]
        for side in (before, after)
    )
    names = [[event.name for event in side] for side in (one, two)]
    always = all(is_true(z3.simplify(event.guard)) for event in [*one, *two])
    once = len(set(names[0])) == len(names[0])
    if names[0] == names[1] or sorted(names[0]) != sorted(names[1]):
        return None
    places = {event.operands[0].get_id(): event.operands[0] for event in [*one, *two]}
    apart = all(begins_with(p, "&") for p in places.values())
    if not (always and once) or (len(places) != 1 and not apart):
        return None
    place = next(n for n, name in enumerate(names[0]) if name != names[1][n])
    return f"{names[0][place]} first", f"{names[1][place]} first"


def others_matter(pair: Pair) -> bool:
    """Says whether a function reads memory, or does what other CPUs see."""
    runs = (pair.before.run, pair.after.run)
    return any(run.record.primitives or run.record.foreign_memory_read for run in runs)


def visible_difference(pair: Pair) -> str:
    """Words what others see of one side alone."""
    before, after = (
        [word for event in side.run.record.events
         if event.kind != "store" and kind_of(word := event.name.partition("(")[0])]
        for side in (pair.before, pair.after)
    )  # fmt: skip
    told = primitives.primitives_in_words(before, after)
    if told:
        return told
    one, two = pair.before.run.record.read_counts, pair.after.run.record.read_counts
    again = [key for key in one.keys() | two.keys() if one.get(key) != two.get(key)]
    if again:
        key = min(again)
        return (
            f"->{field_name(key)} is read {primitives.times_in_words(two.get(key, 0))},"
            f" it was {primitives.times_in_words(one.get(key, 0))}"
        )
    if before:
        words = [f"{word}()" for word in dict.fromkeys(before)]
        return f"what others see of {', '.join(words)} is in another order"
    return "memory is read in another order"
