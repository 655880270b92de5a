# SPDX-License-Identifier: GPL-2.0-or-later
"""The first thing that others see of one side alone: calls, stores, the result.

A model of the solver is one state.  In it each side does a row of things, one after the
other; the two rows are walked side by side as long as they say the same, and where
they part, what parts them is the difference.  Up to there both sides have called the
same functions with the same arguments and the same memory, so that these gave the same
answers; how each side's own terms for them are written does not matter.  All that the
walk took for true on its way is a formula, and the difference counts only if what both
sides share implies it (``questions.question``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import z3

from reviewer.prover.ask.free_variables import leaves_of
from reviewer.prover.ask.terms_in_state import InState, Unclear
from reviewer.prover.interpret import library_contracts
from reviewer.prover.judge import outputs as outputs_of
from reviewer.prover.judge import sure_events
from reviewer.prover.judge.pair import Pair
from reviewer.prover.memory import last_write
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.memory.state import Event, world_sort
from reviewer.prover.memory.tagged_names import (
    WRITE,
    MemoryName,
    field_name,
    is_stack,
    label_of,
    memory_in,
    written_in,
)
from reviewer.prover.term_types import BitVec, Bool, Model, Term

ATTEMPTS = 10  # states that are walked
MOST_EVENTS = 150


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two rows part: what is asked about it, and what both sides share."""

    output: outputs_of.Output
    shared: frozenset[int]
    path: Bool  # all that the walk took for true
    kind: str  # call, order, argument, memory, result; "" if it may not show


def where_sides_part(
    pair: Pair, usual: Bool, *, messages: bool = False
) -> Iterator[Parting]:
    """Yields where the sides part, in one state after the other in which they do.

    ``usual``: what holds of every state that is asked about.  ``messages``: lines in
    the log count, too.
    """
    before, after = pair.before, pair.after
    if max(len(side.run.record.events) for side in (before, after)) > MOST_EVENTS:
        return
    differ = [before.world != after.world]
    if before.value is not None and after.value is not None:
        differ.append(
            outputs_of.as_64_bits(before.value) != outputs_of.as_64_bits(after.value)
        )
    blocked: list[Bool] = []
    for _attempt in range(ATTEMPTS):
        asked = pair.questions.asked(z3.And(z3.Or(differ), usual, *blocked))
        if asked.result != z3.sat:
            return
        walk = ModelWalk(pair, asked.model(), messages)
        try:
            found = walk.parting()
        except (Unclear, last_write.MixedWrite):
            found = None
        if found is not None:
            yield found
        blocked.append(z3.Not(walk.path()))


@dataclass(frozen=True, slots=True)
class WrittenWord:
    """A word of memory that was written: its name, its width, where it lies."""

    key: str
    bits: int
    address: BitVec

    @property
    def shown(self) -> str:
        """Returns the place as a person reads it."""
        return self.key if self.key[0] == "*" else f"->{field_name(self.key)}"

    @property
    def is_stack(self) -> bool:
        """Whether it is a local variable."""
        return is_stack(self.key)

    def value(self, walk: ModelWalk, world: Term) -> Term:
        """Returns what lies there in a world."""
        if self.key[0] != "*":
            return last_write.named_word(walk, self.key, self.bits, world, self.address)
        sort = z3.BitVecSort(self.bits)
        name = f"{self.key}|World,BitVec(64)|BitVec({self.bits})"
        read = z3.Function(name, world_sort(), z3.BitVecSort(64), sort)
        return last_write.word_at_address(walk, read, world, self.address)


class ModelWalk(InState):
    """Both sides in the state of one model."""

    def __init__(self, pair: Pair, model: Model, messages: bool) -> None:
        super().__init__(model)
        self.pair = pair
        self.messages = messages
        self.answers: list[Term] = []  # of calls that both sides made
        self.worlds: set[int] = set()  # that such calls left

    # --- the rows -----------------------------------------------------------------

    def path(self) -> Bool:
        """Returns all that the walk took for true."""
        return z3.And([*self.taken[0].values(), *self.taken[1].values(), True])

    def parting(self) -> Parting | None:
        """Finds where the two rows part, None where they do not."""
        rows = [self._row(side) for side in (0, 1)]
        while True:
            one, two = (next(row, None) for row in rows)
            if one is None and two is None:
                return self._at_the_end()
            if one is None or two is None or one.name != two.name:
                return self._parted((one, two), rows)
            found = self._operands(one, two) or self._handed(one, two)
            if found is not None:
                return found
            self._joined(one, two)
            if sure_events.never_returns(one):
                return None

    def _row(self, side: int) -> Iterator[Event]:
        run = (self.pair.before, self.pair.after)[side].run
        for event in run.record.events:
            if event.kind == "store" or last_write.is_write(event.name):
                continue
            if not self.messages and library_contracts.is_print(event.name):
                continue
            self.side = side
            if self.holds(event.guard):
                yield event

    def _joined(self, one: Event, two: Event) -> None:
        """Both sides did it: what they got and what they left is the same."""
        self.side = 0
        assert one.world is not None
        assert two.world is not None
        assert one.after is not None
        assert two.after is not None
        world = self.term(one.world)
        self.terms[two.world.get_id()] = world
        after = self.term(one.after)
        self.terms[two.after.get_id()] = after
        self.kept += [two.world, two.after]
        if one.kind == "call":
            self.worlds.add(after.get_id())
        if one.result is not None and two.result is not None:
            answer = self.term(one.result)
            self.terms[two.result.get_id()] = answer
            self.answers.append(answer)
            self.kept.append(two.result)

    def _parted(
        self, here: tuple[Event | None, Event | None], rows: list[Iterator[Event]]
    ) -> Parting:
        one, two = here
        path, shared = self.path(), self._shared(z3.BoolVal(True), z3.BoolVal(True))
        words = tuple(
            f"{event.text} (line {event.line})" if event else "nothing more"
            for event in (one, two)
        )
        output = outputs_of.Output(
            sure_events.difference_in_words(one, two),
            z3.BitVecVal(0, 8),
            z3.BitVecVal(1, 8),
            kind="named",
            line=(two or one).line,  # type: ignore[union-attr]
            words=words,
        )
        rests = (self._rest(0, one, rows[0]), self._rest(1, two, rows[1]))
        kind = sure_events.parting_in_words(self.pair, here, rests)
        handed = [self._may_be_null(side, here[side]) for side in (0, 1)]
        try:
            null = any(self.value(flag) for flag in handed)
        except Unclear:
            null = True
        path = z3.And(path, *[z3.Not(flag) for flag in handed])
        return Parting(output, shared, path, "" if null else kind)

    def _may_be_null(self, side: int, event: Event | None) -> Bool:
        """That a call is handed NULL, where it is not seen what it does with that."""
        run = (self.pair.before, self.pair.after)[side].run
        if event is None or f"call of {event.name}()" not in run.record.given_null:
            return z3.BoolVal(False)
        return self._of_side(side, event.operands[0]) == 0

    def _rest(
        self, side: int, first: Event | None, row: Iterator[Event]
    ) -> sure_events.Rest:
        """What a side does from here on, and what its way and its result hang on."""
        events = [*([first] if first else []), *row]
        lifted = (self.pair.before, self.pair.after)[side]
        self.side = side
        stores = [e for e in lifted.run.record.events if e.kind == "store"]
        written = [e.key for e in stores if self.holds(e.guard)]
        result = None
        if lifted.value is not None:
            result = self.term(outputs_of.as_64_bits(lifted.value))
        values = [] if result is None else [result]
        for event in events:
            values += [self.term(operand) for operand in event.operands]
        values += self.taken[side].values()
        names = {leaf.name for leaf in leaves_of(values).values()}
        made = [] if first is None else [first.after, first.result]
        left = {self.term(expr).get_id() for expr in made if expr is not None}
        return sure_events.Rest(
            events, written, names, _mentions(values, left), result,
            frozenset(self.taken[side]),
        )  # fmt: skip

    def _operands(self, one: Event, two: Event) -> Parting | None:
        """The first argument that is another one here."""
        pairs = list(zip(one.operands, two.operands, strict=False))
        if len(one.operands) != len(two.operands) or any(
            a.sort() != b.sort() for a, b in pairs
        ):
            raise Unclear
        for place, (first, second) in enumerate(pairs):
            here, there = self._sides(first, second)
            if self._agree(here, there):
                continue
            what = f"argument {place + 1} of {one.name}()"
            sure = one.kind in ("call", "observed") and one.exact and two.exact
            sure = sure and not _is_local(here, there)
            sure = sure and not sure_events.is_other_type(self.pair, one.name)
            output = outputs_of.Output(what, here, there, line=two.line)
            strings = sure_events.differing_strings(here, there)
            if strings is not None:
                output = _told(what, strings, two.line)
            elif sure_events.same_for_all(here) and sure_events.same_for_all(there):
                sure = False
            return self._parting(output, "argument" if sure else "")
        return None

    def _handed(self, one: Event, two: Event) -> Parting | None:
        """What lies in memory where both call the same: the callee may read it."""
        if one.kind == "observed":
            return None
        when = f" when {sure_events.event_in_words(two)} is called"
        assert one.world is not None
        assert two.world is not None
        found = self._memory((one.world, two.world), when, two.line)
        if found is not None and one.kind != "call":
            return replace(found, kind="")  # of a piece of code its text tells
        return found

    def _memory(
        self, worlds: tuple[Term, Term], when: str, line: int | None
    ) -> Parting | None:
        """The first word of memory that is another one here."""
        here = [self._of_side(side, world) for side, world in enumerate(worlds)]
        if here[0].eq(here[1]):
            return None
        places: dict[tuple[str, int], WrittenWord] = {}
        starts = [self._places(world, places) for world in here]
        if not starts[0].eq(starts[1]):
            raise Unclear
        for place in places.values():
            one, two = (place.value(self, world) for world in here)
            if self._agree(one, two):
                continue
            output = outputs_of.Output(f"{place.shown}{when}", one, two, line=line)
            sure = not place.is_stack and not _is_local(one, two, place.address)
            sure = sure and (not when or sure_events.existed_before(place.address))
            return self._parting(output, "memory" if sure else "")
        return None

    def _places(self, world: Term, found: dict[tuple[str, int], WrittenWord]) -> Term:
        """What was written since the last call; returns the world that it left."""
        while kind := last_write.kind_of(world):
            for place in self._written(kind, world):
                found.setdefault((place.key, place.address.get_id()), place)
            world = world.arg(0)
        return world

    def _written(self, kind: str, world: Term) -> Iterator[WrittenWord]:
        name = label_of(world)
        if kind == WRITE:
            key, bits = written_in(world) or ("", 0)
            array = world.arg(1)
            while array.decl().kind() == z3.Z3_OP_STORE:
                yield WrittenWord(key, bits, array.arg(1))
                array = array.arg(0)
            if array.num_args() > 1:
                raise Unclear  # what may lie there under another name
        elif kind == last_write.THROUGH:
            type_ = name.removeprefix(kind)
            yield WrittenWord(f"*({type_})", world.arg(2).size(), world.arg(1))
        elif kind == last_write.COPY:
            struct = name.removeprefix(kind)
            members = self.pair.after.run.types.fields(struct)
            if members is None:
                raise Unclear
            for member, declared in members.items():
                ctype = declared.ctype
                if ctype.array or not ctype.is_scalar or declared.over:
                    raise Unclear
                key = MemoryName("member", member, struct.partition(" ")[2]).key()
                yield WrittenWord(key, ctype.bits, world.arg(1))

    def _at_the_end(self) -> Parting | None:
        before, after = self.pair.before, self.pair.after
        if before.value is not None and after.value is not None:
            here, there = self._sides(
                outputs_of.as_64_bits(before.value), outputs_of.as_64_bits(after.value)
            )
            if not self._agree(here, there):
                output = outputs_of.Output(
                    "return value", here, there, signed=after.value.ctype.signed
                )
                sure = not _is_local(here, there)
                return self._parting(output, "result" if sure else "")
        return self._memory((before.world, after.world), "", None)

    def _agree(self, one: Term, two: Term) -> bool:
        """Whether two terms are the same here; then that is taken for true."""
        if one.eq(two):
            return True
        if not self.value(one == two):
            return False
        self.take(one == two)
        return True

    def _sides(self, one: Term, two: Term) -> tuple[Term, Term]:
        return self._of_side(0, one), self._of_side(1, two)

    def _of_side(self, side: int, expr: Term) -> Term:
        self.side = side
        return self.term(expr)

    def _parting(self, output: outputs_of.Output, kind: str) -> Parting:
        shared = self._shared(output.before, output.after)
        return Parting(output, shared, self.path(), kind)

    def _shared(self, before: Term, after: Term) -> frozenset[int]:
        """The leaves that both sides ask for: the same call, the same word."""
        one, two = (
            leaves_of([*taken.values(), expr])
            for taken, expr in zip(self.taken, (before, after), strict=True)
        )
        found = set(one.keys() & two.keys())
        answered = leaves_of(self.answers)
        for number, leaf in {**one, **two}.items():
            if number in answered or self._is_left(leaf.expr):
                found.add(number)
        return frozenset(found)

    def _is_left(self, expr: Term) -> bool:
        """Whether it is a word of memory as a call left it that both sides made."""
        if expr.num_args() != 2:
            return False
        where, address = expr.children()
        if expr.decl().kind() == z3.Z3_OP_SELECT:
            memory = memory_in(where)
            is_own = memory is not None and is_stack(memory[0])
            if where.num_args() != 1 or is_own:
                return False
            where = where.arg(0)
        elif not str(expr.decl().name()).startswith("*("):
            return False
        return (
            where.get_id() in self.worlds
            and not is_local_address(address)
            and not sure_events.leaves_alone(where)
        )


def _mentions(exprs: list[Term], wanted: set[int]) -> bool:
    """Whether one of some terms is a part of others."""
    left, known = list(exprs), set()
    while left and wanted:
        expr = left.pop()
        if expr.get_id() in wanted:
            return True
        if expr.get_id() not in known:
            known.add(expr.get_id())
            left += expr.children()
    return False


def _told(what: str, words: tuple[str, str], line: int | None) -> outputs_of.Output:
    return outputs_of.Output(
        what, z3.BitVecVal(0, 8), z3.BitVecVal(1, 8), kind="named", line=line,
        words=words,
    )  # fmt: skip


def _is_local(*exprs: Term) -> bool:
    return any(z3.is_bv(e) and is_local_address(e) for e in exprs)
