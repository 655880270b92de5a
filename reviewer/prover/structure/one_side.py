# SPDX-License-Identifier: GPL-2.0-or-later
"""One side of a function while it is run on values that are unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.graph_places import (
    BRANCH,
    CALL,
    DECLARE,
    HEAD,
    JOIN,
    RETURN,
    SET,
    SWITCH,
    Graph,
    GraphPlace,
)
from reviewer.prover.structure.left_alone import may_be_set_in
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.structure.read_values import Reading, form_of, part, returned_type
from reviewer.prover.structure.steps import NotRead
from reviewer.prover.structure.value_terms import Knowledge, Part, Term, Terms

Callees = Callable[[int, str], Graph | None]
_Where = tuple[int, int]
_Pairs = tuple[dict[_Where, _Where], dict[_Where, _Where]]


@dataclass(frozen=True, slots=True)
class EnteredOne:
    """A function that is run: where it is, and what its variables hold."""

    graph: Graph
    place: int
    values: dict[str, Term]

    def at(self, place: int, **values: Term) -> EnteredOne:
        """Returns the function at another place, with some more values."""
        return EnteredOne(self.graph, place, {**self.values, **values})


@dataclass(frozen=True, slots=True)
class OneSide:
    """The functions that a side is in, the last one called by those before; which of
    the variables that are not private were used, and what was read since the last
    thing that was done."""

    frames: tuple[EnteredOne, ...]
    touched: frozenset[str]
    reads: tuple[tuple[Term, int], ...] = ()

    @property
    def top(self) -> EnteredOne:
        """The function that is run."""
        return self.frames[-1]

    def with_top(self, frame: EnteredOne) -> OneSide:
        """Returns the side with another state of the function that is run."""
        return replace(self, frames=(*self.frames[:-1], frame))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a side comes to.  ``key``: what is done, asked or returned; ``side``: where
    it is then, ``after``: behind it, ``into``: by name the values that it gives,
    each with which of the variables in the code has it, or that it is the code's."""

    kind: str
    key: Term
    side: OneSide
    after: OneSide
    into: tuple[tuple[str, str, str], ...] = ()  # name, type, which of them
    ways: tuple[tuple[str, int], ...] = ()
    where: tuple[int, int] | None = None  # of code that counts by its place


@dataclass(slots=True)
class BothSides:
    """``callees``: the graph of a function that a side alone calls, None for others;
    ``ended``: variables of such a function that are not private, where more is done
    behind its end."""

    callees: Callees
    terms: Terms = field(default_factory=Terms)
    ended: set[str] = field(default_factory=set)
    pairs: _Pairs = field(default_factory=lambda: ({}, {}))
    counts: dict[tuple[int, int], bool] = field(default_factory=dict)

    def are_one_place(self, one: Seen, two: Seen) -> bool:
        """Says whether code that counts by its place, for it has a variable that is
        kept, is done at one place of each side wherever it is done."""
        if one.where is None or two.where is None:
            return one.where is two.where
        here, there = self.pairs
        return (
            here.setdefault(one.where, two.where) == two.where
            and there.setdefault(two.where, one.where) == one.where
        )


@dataclass(slots=True)
class Mover:
    """Moves one side, the first or the second, from one place to the next."""

    both: BothSides
    number: int
    side: OneSide
    place: GraphPlace
    knowledge: Knowledge

    @property
    def frame(self) -> EnteredOne:
        return self.side.top

    @property
    def body(self) -> OneFunction:
        return self.frame.graph.body

    @property
    def terms(self) -> Terms:
        return self.both.terms

    def move(self) -> OneSide | Seen:
        """Returns the side behind a place at which nothing is seen, else what is done
        there; raises NotRead for code that is not read."""
        kind, node = self.place.kind, self.place.node
        if kind == JOIN:
            return self._to(self.place.then)
        if kind == BRANCH:
            return self._branch()
        if kind == RETURN:
            return self._return()
        if kind == SET:
            return self._set_choice()
        assert node is not None
        if kind == HEAD:
            end = part(node, "body").start_byte
            return self._by_words(
                node, end, "loop", self.place.word, str(self._depth())
            )
        if kind == DECLARE:
            return self._declare(node)
        if kind == SWITCH:
            reading = self._reading()
            asked = reading.value(node)
            ways = (*self.place.cases, ("default:", self.place.other))
            return Seen(SWITCH, asked, self.side, self._read(reading), ways=ways)
        if kind == CALL:
            return self._call(node)
        return self._do(node)

    def _depth(self) -> int:
        return sum(f.graph.places[f.place].depth for f in self.side.frames)

    def _to(self, place: int, side: OneSide | None = None, **values: Term) -> OneSide:
        side = self.side if side is None else side
        return side.with_top(side.top.at(place, **values))

    def _reading(self) -> Reading:
        frame = self.frame
        graph, touched = frame.graph, set(self.side.touched)
        return Reading(self.body, self.knowledge, frame.values, graph.lifted, touched,
                       volatile=graph.reads_volatile)  # fmt: skip

    def _read(self, reading: Reading) -> OneSide:
        """The side with what was read."""
        reads = Counter(dict(self.side.reads)) + reading.reads
        touched = frozenset(reading.touched)
        return replace(self.side, reads=tuple(sorted(reads.items())), touched=touched)

    def _seen(
        self, reading: Reading, key: Term, into: Mapping[str, str], then: int = -1,
        value: str = "", order: Sequence[str] = (),
    ) -> Seen:  # fmt: skip
        before = self._read(reading)
        after = self._to(self.place.then if then < 0 else then, before)
        where = self._counting() if self._is_counted() else None
        given = tuple(
            (name, type_, "value" if name == value else str(order.index(name)))
            for name, type_ in into.items()
        )
        return Seen("do", key, self.side, after, given, where=where)

    def _counting(self) -> tuple[int, int]:
        return id(self.frame.graph), self.frame.place

    def _is_counted(self) -> bool:
        """Whether it counts where the code of this place stands."""
        node, counts = self.place.node, self.both.counts
        where = self._counting()
        if where not in counts:
            text = "" if node is None else self.body.source.text(node)
            if node is not None and self.place.kind == HEAD:
                text = text[: part(node, "body").start_byte - node.start_byte]
            word = text.partition("(")[0].strip()
            counts[where] = not is_print(word) and self.body.is_one_place(text)
        return counts[where]

    def _by_words(self, node: Node, end: int, *head: Part) -> Seen:
        """Code that is not understood: the same words do the same."""
        reading = self._reading()
        names = may_be_set_in(self.body, node, end)
        key = self.terms.make(*head, *reading.words(node, end))
        into = {name: self.body.type_of(name) for name in names}
        if self.place.into:
            into = {self.place.into: self._type(node), **into}
        return self._seen(reading, key, into, value=self.place.into, order=names)

    def _type(self, call: Node) -> str:
        callee = call.child_by_field_name("function")
        name = "" if callee is None else self.body.text(callee)
        if call.type != "call_expression" or name in self.body.variables:
            return ""
        known = self.body.known
        return returned_type(known, name) if is_function(known, name) else ""

    # --- choices and ends -------------------------------------------------------------

    def _branch(self) -> OneSide | Seen:
        node, reading = self.place.node, self._reading()
        kept = f"%asked{self.frame.place}"
        if node is None:
            term = self.frame.values[self.place.into]
        elif kept in self.frame.values:
            term = self.frame.values[kept]
        else:
            try:
                term = reading.value(node)
            except NotRead:
                return self._kept(node, kept)
        asked = self.terms.truth_of(term)
        holds = self.knowledge.truth(self.body, asked)
        if holds is None:
            # what it reads is read where it is answered
            return Seen(BRANCH, asked, self.side, self.side)
        side = self._read(reading)
        values = {n: t for n, t in self.frame.values.items() if n != kept}
        place = self.place.then if holds else self.place.other
        return side.with_top(EnteredOne(self.frame.graph, place, values))

    def _kept(self, node: Node, name: str) -> Seen:
        """An expression that does something: its value is kept for this place."""
        reading = self._reading()
        names = may_be_set_in(self.body, node)
        key = self.terms.make("words", *reading.words(node))
        into = {name: "", **{one: self.body.type_of(one) for one in names}}
        return self._seen(reading, key, into, self.frame.place, name, names)

    def _return(self) -> OneSide | Seen:
        node, reading, returns = self.place.node, self._reading(), self.body.returns
        kept = f"%returned{self.frame.place}"
        if node is None and self.place.word:
            term = self.terms.number("int", self.place.word)
            term = self.terms.converted(returns, term)
        elif node is None:
            term = self.terms.make("nothing")
        elif kept in self.frame.values:
            term = self.terms.converted(returns, self.frame.values[kept])
        else:
            try:
                term = self.terms.converted(returns, reading.value(node))
            except NotRead:
                return self._kept(node, kept)
        side = self._read(reading)
        if len(side.frames) == 1:
            term = self.terms.as_pointer(self.knowledge.resolved(term))
            return Seen(RETURN, term, self.side, side)
        caller = side.frames[-2]
        place = caller.graph.places[caller.place]
        values = {} if not place.into else {place.into: term}
        if values and node is None and not self.place.word:
            raise NotRead("a value that is not given")
        shown = {n for n in self.body.variables if not self.body.is_private(n)}
        if shown and any(
            self._goes_on(f.graph, f.graph.places[f.place].then)
            for f in side.frames[:-1]
        ):  # fmt: skip
            self.both.ended |= shown
        frames = (*side.frames[:-2], caller.at(place.then, **values))
        return replace(side, frames=frames, touched=side.touched - shown)

    def _goes_on(self, graph: Graph, place: int) -> bool:
        while graph.places[place].kind == JOIN:
            place = graph.places[place].then
        return graph.places[place].kind != RETURN

    def _set_choice(self) -> OneSide | Seen:
        name, node, reading = self.place.into, self.place.node, self._reading()
        if node is None:
            term = self.terms.number("int", self.place.word)
            return self._set(name, "", term, reading)
        try:
            return self._set(name, "", reading.value(node), reading)
        except NotRead:
            return self._given(node, name, set(self.side.touched))

    def _call(self, node: Node) -> OneSide | Seen:
        callee = part(node, "function")
        name = self.body.text(callee)
        given = [one for one in part(node, "arguments").named_children
                 if one.type != "comment"]  # fmt: skip
        reading = self._reading()
        is_name = callee.type == "identifier" and name not in self.body.variables
        if is_name and not is_function(self.body.known, name):
            return self._by_words(node, -1, "words")
        try:
            head = [name] if is_name else [reading.value(callee)]
            values = [reading.value(one) for one in given]
        except NotRead:
            return self._by_words(node, -1, "words")
        if self.body.squeezed(node, callee, *given) != f"({',' * (len(given) - 1)})":
            raise NotRead("a word is not read as C")
        inner = self.both.callees(self.number, name) if is_name else None
        if inner is not None:
            return self._enter(inner, values, reading)
        handed = [self.terms.as_pointer(one) for one in values]
        key = self.terms.make("call", *head, "(", *handed)
        into = {self.place.into: self._type(node)} if self.place.into else {}
        return self._seen(reading, key, into, value=self.place.into)

    def _enter(self, graph: Graph, given: list[Term], reading: Reading) -> OneSide:
        if any(frame.graph is graph for frame in self.side.frames):
            raise NotRead("it calls itself")
        names = [n for n, ones in graph.body.variables.items() if ones[0].is_parameter]
        if len(names) != len(given):
            raise NotRead("another number of arguments")
        values = {
            name: self.terms.converted(graph.body.type_of(name), term)
            for name, term in zip(names, given, strict=True)
        }
        side = self._read(reading)
        return replace(
            side, frames=(*side.frames, EnteredOne(graph, graph.entry, values))
        )

    def _declare(self, node: Node) -> OneSide | Seen:
        reading, values = self._reading(), dict(self.frame.values)
        reading.values = values
        declared = node.children_by_field_name("declarator")
        with_values = [one for one in declared if one.child_by_field_name("value")]
        if self.place.into:
            with_values = []  # a choice that comes next
        for one in declared:
            name = _declared(self.body, one)
            if reading.is_own(name):
                values[name] = self.terms.make("unset", self.body.type_of(name), name)
            reading.touched.discard(name)
        for one in with_values:
            name, value = _declared(self.body, one), part(one, "value")
            if not reading.is_own(name):
                key = self.terms.make("declare", form_of(self.body, name),
                                      *reading.words(one))  # fmt: skip
            else:
                try:
                    term = reading.value(value)
                    values[name] = self.terms.converted(self.body.type_of(name), term)
                    continue
                except NotRead:
                    key = -1
            if len(with_values) > 1:
                raise NotRead("several values that are not plain")
            if key >= 0:
                reading.touched.add(name)
                return self._with(values, self._seen(reading, key, {}))
            return self._with(values, self._given(value, name, reading.touched))
        side = self._read(reading)
        return side.with_top(EnteredOne(self.frame.graph, self.place.then, values))

    def _with(self, values: dict[str, Term], event: Seen) -> Seen:
        """The event, and the variables that are declared beside it."""
        top = event.after.top
        frame = EnteredOne(top.graph, top.place, {**values})
        return replace(event, after=event.after.with_top(frame))

    def _given(self, value: Node, name: str, touched: set[str]) -> Seen:
        """A variable that gets the value of code that is not understood."""
        reading = self._reading()
        reading.touched = set(touched)
        names = may_be_set_in(self.body, value)
        key = self.terms.make("words", *reading.words(value))
        into = {one: reading.type_of(one) for one in (name, *names)}
        return self._seen(reading, key, into, value=name, order=names)

    def _do(self, node: Node) -> OneSide | Seen:
        reading = self._reading()
        try:
            if node.type == "assignment_expression":
                return self._assign(node, reading)
            if node.type == "update_expression":
                return self._update(node, reading)
            reading.value(node)
        except NotRead:
            return self._by_words(node, -1, "words")
        return self._to(self.place.then, self._read(reading))

    def _assign(self, node: Node, reading: Reading) -> OneSide | Seen:
        left, right = part(node, "left"), part(node, "right")
        sign = self.body.text(part(node, "operator"))
        if self.body.squeezed(node, left, right) != sign:
            raise NotRead("a word is not read as C")
        name = self.body.text(left)
        if reading.is_own(name):
            try:
                term = reading.value(right)
            except NotRead:
                if sign != "=":
                    raise
                return self._given(right, name, set(self.side.touched))
            return self._set(name, sign[:-1], term, reading)
        term = reading.value(right)
        key = self.terms.make("store", sign, reading.address(left), term)
        return self._seen(reading, key, {})

    def _set(self, name: str, sign: str, term: Term, reading: Reading) -> OneSide:
        if sign in ("/", "%"):
            raise NotRead("it may stop")
        if sign:
            term = self.terms.make("operator", sign, reading.values[name], term)
        value = self.terms.converted(reading.type_of(name), term)
        return self._to(self.place.then, self._read(reading), **{name: value})

    def _update(self, node: Node, reading: Reading) -> OneSide | Seen:
        inner = part(node, "argument")
        sign = self.body.text(part(node, "operator"))
        name = self.body.text(inner)
        if self.body.squeezed(node, inner) != sign:
            raise NotRead("a word is not read as C")
        if self.body.is_private(name):
            return self._set(name, sign[0], self.terms.number("int", "1"), reading)
        key = self.terms.make("store", sign, reading.address(inner))
        return self._seen(reading, key, {})


def _declared(body: OneFunction, node: Node) -> str:
    at: Node | None = node
    while at is not None and at.type != "identifier":
        below = at.child_by_field_name("declarator")
        at = below if below is not None else next(iter(at.named_children), None)
    name = "" if at is None else body.text(at)
    if name not in body.variables:
        raise NotRead("a declarator that is not read")
    return name
