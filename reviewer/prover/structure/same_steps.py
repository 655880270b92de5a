# SPDX-License-Identifier: GPL-2.0-or-later
"""Both sides of a function, run at the same time on values that are unknown.

Each side goes on to the next thing that can be observed: a call, a store to memory
that others see, the end.  Where both do the same thing to the same values, both go on.
A choice is taken both ways, and what it says of a value is known from there on.  A
function that one side alone calls is entered where it is called.

Where both come to a pair of places again, in a state that a former one stands for, all
that follows was looked at there: so loops end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from reviewer.prover.structure.graph_places import BRANCH, RETURN, SWITCH, Graph
from reviewer.prover.structure.one_side import (
    BothSides,
    EnteredOne,
    Mover,
    OneSide,
    Seen,
)
from reviewer.prover.structure.steps import NotRead
from reviewer.prover.structure.value_terms import Knowledge, Term, Terms

MOST_ROUNDS = 3000  # things that are done and choices, on all ways
MOST_SILENT = 400  # places without anything to be seen, one after the other
MOST_ALONE = 40  # choices of one side, while the other one waits
MOST_STATES = 5  # of one pair of places, before they are taken together


@dataclass(frozen=True, slots=True)
class _State:
    sides: tuple[OneSide, OneSide]
    facts: dict[Term, bool]
    time: Term
    alone: int = 0
    fresh: frozenset[Term] = frozenset()  # terms that stand for any value


@dataclass
class SameSteps:
    """One comparison of two graphs."""

    graphs: tuple[Graph, Graph]
    both: BothSides
    _seen: dict[tuple[object, ...], list[_State]] = field(default_factory=dict)
    _count: int = 0

    @property
    def terms(self) -> Terms:
        """The terms of both sides."""
        return self.both.terms

    def are_the_same(self) -> bool:
        """Says whether both sides are proved to do the same; raises NotRead for what
        is not read."""
        waiting = [self._begin()]
        rounds = 0
        while waiting:
            rounds += 1
            if rounds > MOST_ROUNDS:
                return False
            following = self._follow(waiting.pop())
            if following is None:
                return False
            waiting += following
        return True

    def _begin(self) -> _State:
        sides = (self._entered(0), self._entered(1))
        return _State(sides, {}, self.terms.make("begin"))

    def _entered(self, side: int) -> OneSide:
        graph = self.graphs[side]
        body = graph.body
        values: dict[str, Term] = {}
        touched = set[str]()
        number = 0
        for name, ones in body.variables.items():
            if not ones[0].is_parameter:
                continue
            if body.is_private(name):
                type_ = body.type_of(name)
                values[name] = self.terms.make("parameter", type_, str(number))
            else:
                touched.add(name)
            number += 1
        return OneSide((EnteredOne(graph, graph.entry, values),), frozenset(touched))

    def _follow(self, state: _State) -> list[_State] | None:
        """What both sides come to next, behind what they do; None where they part."""
        state, knowledge, one, two = self._come(state)
        if not state.alone:  # a side that waits has done nothing since
            general = self._known(state)
            if general is None:
                return []
            if general is not state:
                state, knowledge, one, two = self._come(general)
        for event in (one, two):
            if event.kind == BRANCH:
                both = one.kind == two.kind and one.key == two.key
                return self._split(state, knowledge, event.key, both)
        if one.kind != two.kind or one.key != two.key:
            return None
        if one.after.reads != two.after.reads:
            return None
        if not self.both.are_one_place(one, two):
            return None
        if one.kind == RETURN:
            return []
        if one.kind == SWITCH:
            return self._cases(state, one, two)
        time = self.terms.make("after", one.key, state.time)
        sides = tuple(self._done(event, state.time) for event in (one, two))
        return [_State((sides[0], sides[1]), state.facts, time, 0, state.fresh)]

    def _come(self, state: _State) -> tuple[_State, Knowledge, Seen, Seen]:
        """Both sides at what they come to next."""
        knowledge = Knowledge(self.terms, state.facts, state.time)
        one, two = (self._event(n, state.sides[n], knowledge) for n in (0, 1))
        state = replace(state, sides=(one.side, two.side))
        return state, knowledge, one, two

    def _split(
        self, state: _State, knowledge: Knowledge, term: Term, both: bool
    ) -> list[_State] | None:
        alone = 0 if both else state.alone + 1
        if alone > MOST_ALONE:
            return None
        found = []
        for holds in (True, False):
            facts = knowledge.learn(term, holds)
            if knowledge.truth(self.graphs[0].body, term) is not None:
                raise NotRead("a choice that is none")
            known = Knowledge(self.terms, facts, state.time)
            if known.truth(self.graphs[0].body, term) is not holds:
                raise NotRead("a choice that is not understood")
            sides = _resolved(state.sides[0], known), _resolved(state.sides[1], known)
            found.append(_State(sides, facts, state.time, alone, state.fresh))
        return found

    def _cases(self, state: _State, one: Seen, two: Seen) -> list[_State] | None:
        if [text for text, _to in one.ways] != [text for text, _to in two.ways]:
            return None
        found = []
        for way, other in zip(one.ways, two.ways, strict=True):
            first = one.after.with_top(one.after.top.at(way[1]))
            second = two.after.with_top(two.after.top.at(other[1]))
            found.append(replace(state, alone=0, sides=(first, second)))
        return found

    def _done(self, event: Seen, time: Term) -> OneSide:
        values = {
            name: self.terms.make("result", type_, event.key, which, time)
            for name, type_, which in event.into
        }
        top = event.after.top
        side = event.after.with_top(top.at(top.place, **values))
        return replace(side, reads=())

    # --- states that were seen --------------------------------------------------------

    def _known(self, state: _State) -> _State | None:
        """None for a state that a former one of the places stands for; where there are
        many, one that stands for all of them."""
        reads = [Counter(dict(side.reads)) for side in state.sides]
        left = [tuple(sorted((reads[n] - reads[1 - n]).items())) for n in (0, 1)]
        frames = [
            tuple((id(f.graph), f.place, tuple(sorted(f.values))) for f in side.frames)
            for side in state.sides
        ]
        key = (*frames, *(side.touched for side in state.sides), *left)
        former = self._seen.setdefault(key, [])
        if any(self._stands_for(one, state) for one in former):
            return None
        if len(former) < MOST_STATES:
            former.append(state)
            return state
        general = self._together(former[-1], state)
        former.append(general)
        return general if len(former) < 60 else state

    def _stands_for(self, general: _State, state: _State) -> bool:
        values: dict[Term, Term] = {}
        pairs = [(general.time, state.time)]
        for one, two in zip(general.sides, state.sides, strict=True):
            for frame, other in zip(one.frames, two.frames, strict=True):
                pairs += [(t, other.values[n]) for n, t in frame.values.items()]
        for term, other_term in pairs:
            known = values.setdefault(term, other_term) if term in general.fresh else -1
            if known not in (-1, other_term):
                return False
        others = self.terms.with_others(values)
        return all(others(term) == other_term for term, other_term in pairs) and all(
            state.facts.get(others(term)) == holds
            for term, holds in general.facts.items()
        )

    def _together(self, one: _State, two: _State) -> _State:
        """A state that stands for two."""
        made: dict[tuple[Term, Term], Term] = {}

        def both(first: Term, second: Term) -> Term:
            if first == second:
                return first
            if (first, second) not in made:
                self._count += 1
                type_ = self.terms.type_of(first)
                made[first, second] = self.terms.make("any", type_, str(self._count))
            return made[first, second]

        time = both(one.time, two.time)
        sides = tuple(
            replace(new, frames=tuple(
                EnteredOne(frame.graph, frame.place, {
                    name: both(term, other.values[name])
                    for name, term in frame.values.items()
                })
                for frame, other in zip(old.frames, new.frames, strict=True)
            ))
            for old, new in zip(one.sides, two.sides, strict=True)
        )  # fmt: skip
        facts = {t: h for t, h in one.facts.items() if two.facts.get(t) == h}
        for (first, second), term in made.items():
            holds = one.facts.get(first)
            if holds is not None and two.facts.get(second) == holds:
                facts[term] = holds
        return _State((sides[0], sides[1]), facts, time, 0, frozenset(made.values()))

    # --- one side ---------------------------------------------------------------------

    def _event(self, number: int, side: OneSide, knowledge: Knowledge) -> Seen:
        """What a side comes to next."""
        for _ in range(MOST_SILENT):
            frame = side.top
            place = frame.graph.places[frame.place]
            found = Mover(self.both, number, side, place, knowledge).move()
            if isinstance(found, Seen):
                return found
            side = found
        raise NotRead("a loop in which nothing is seen")


def _resolved(side: OneSide, known: Knowledge) -> OneSide:
    """A side with the number 0 for each value that is known to be 0."""
    frames = tuple(
        EnteredOne(
            f.graph, f.place, {n: known.resolved(t) for n, t in f.values.items()}
        )
        for f in side.frames
    )
    return replace(side, frames=frames)
