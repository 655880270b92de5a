# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a resource is held: from where it is acquired to its releases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.kit.acquire_release import PAIRS, How, Sort
from reviewer.kit.assignments import ASSIGNMENTS, assigned, assignments, declared_name
from reviewer.kit.error_exits.acquired import Resource, fails, tested
from reviewer.kit.error_exits.flow import Edge, ExitFlow, FlowStep, StepKind
from reviewer.kit.expressions import call, object_read, without_parentheses

MOST_COPIES = 3  # a = b, b = c, c = d


class Held:
    """How far one resource is held, and the error exits that leave it."""

    def __init__(self, flow: ExitFlow, resource: Resource) -> None:
        self.flow = flow
        self.source = flow.source
        self.resource = resource
        self.known: set[int] = set()  # steps reached with the resource for sure
        self.unknown: set[int] = set()  # reached before success was tested
        self.released: dict[int, Node] = {}  # steps that release it
        self.lost: set[int] = set()  # steps behind which it has another name
        self.failed: set[int] = set()  # where a failed acquire leads
        self.status = {resource.status} if resource.status else set()
        self.stale: set[int] = set()  # steps where the status may be another call's
        self.aliases = {resource.other_name} if resource.other_name else set()
        self.aliases |= _other_names(self.source, flow.function, resource.name)
        self.managed = False
        self._spread()

    def elsewhere(self) -> set[int]:
        """Returns the steps that some way reaches without the resource."""
        without = self.flow.reached([self.flow.first], self.is_acquire)
        without |= self.flow.reached(self.failed, self.is_acquire)
        behind = [w.to for at in self.released for w in self.flow.steps[at].ways]
        behind += [w.to for at in self.lost for w in self.flow.steps[at].ways]
        return without | self.flow.reached(behind, self.is_acquire)

    def from_step(self, start: int) -> set[int]:
        """Returns the steps reached with the resource still held, and its releases."""
        inside = self.known | self.released.keys()
        reached = self.flow.reached(
            [start], lambda one: one in self.released or one not in inside
        )
        return reached & inside

    def is_acquire(self, at: int) -> bool:
        """Says whether a step is the one that acquires the resource."""
        return at == self.resource.at

    @cached_property
    def _acquires(self) -> set[str]:
        """The functions whose result the same release undoes."""
        releases = set(self.resource.pair.releases)
        found = {name for name, pair in PAIRS.items() if releases & {*pair.releases}}
        return found | {self.resource.pair.acquire}

    def _counts_again(self, node: Node) -> bool:
        """Whether a step takes a second count of it: the next release is of that."""
        given = self.resource.pair.given
        if given is None:
            return False
        calls = (
            call(self.source, one) for one in self.flow.inside(node, "call_expression")
        )
        return any(
            name in self._acquires and len(args) > given and self.is_it(args[given])
            for name, args in calls
        )

    def is_held_before(self) -> bool:
        """Says whether the function releases it before it acquires it: it was entered
        with the lock held, and leaves with it."""

        def acquired(at: int) -> bool:
            node = self.flow.steps[at].node
            return node is not None and any(
                call(self.source, one)[0] in self._acquires
                for one in self.flow.inside(node, "call_expression")
            )

        before = self.flow.reached([self.flow.first], acquired)
        return any(at in before and not acquired(at) for at in self._releases())

    def _releases(self) -> list[int]:
        """All steps of the function that release it."""
        return [
            at
            for at, step in enumerate(self.flow.steps)
            if step.node is not None
            and step.kind is not StepKind.END
            and self.release_in(step.node) is not None
        ]

    # --- walking on ---------------------------------------------------------------

    def _spread(self) -> None:
        """Follow all ways from the acquire as long as the resource is held."""
        pair, at = self.resource.pair, self.resource.at
        step = self.flow.steps[at]
        waiting: list[tuple[int, bool, bool]] = []
        seen: set[tuple[int, bool, bool]] = set()
        if step.kind is StepKind.TEST:
            asked = tested(self.source, self.flow.steps[at].node or self.resource.call)
            for way in step.ways:
                failing = fails(pair.how, asked[1] if asked else "?", bool(way.holds))
                if pair.how is How.ALWAYS:
                    failing = False
                if failing is None:
                    return
                if failing:
                    self.failed.add(way.to)
                else:
                    waiting.append((way.to, True, True))
        else:
            sure = pair.how in (How.ALWAYS, How.REFERENCE) or (
                pair.how is How.STATUS and self.resource.status is None
            )
            if pair.how is How.TRUTH:
                return
            waiting += [(way.to, sure, True) for way in step.ways]
        while waiting:
            state = waiting.pop()
            where, known, fresh = state
            if state in seen or where == at:
                continue
            seen.add(state)
            (self.known if known else self.unknown).add(where)
            if not fresh:
                self.stale.add(where)
            waiting += self._onward(where, known, fresh)
        self.known -= self.unknown

    def _onward(
        self, at: int, known: bool, fresh: bool
    ) -> Iterator[tuple[int, bool, bool]]:
        step = self.flow.steps[at]
        if step.node is not None and step.kind is not StepKind.END:
            release = self.release_in(step.node)
            if release is not None:
                self.released[at] = release
                return
            renamed = self._renames(step.node) or self._is_released_as(step.node)
            if (
                renamed
                or self._counts_again(step.node)
                or self._is_lent(step.node)
                or self._is_shown(step.node)
            ):
                self.lost.add(at)
                return
            if self._look_at(step.node):
                fresh = False
                known = known or self.resource.pair.how is How.STATUS
        for way in step.ways:
            fails = self.answer(step, way, fresh)
            if fails and self.resource.pair.how is not How.ALWAYS:
                self.failed.add(way.to)
            else:
                yield way.to, known or fails is not None, fresh

    def answer(self, step: FlowStep, way: Edge, fresh: bool) -> bool | None:
        """Says whether a branch is the one taken where the acquire failed; None where
        its test does not tell."""
        if step.kind is not StepKind.TEST or step.node is None:
            return None
        asked = tested(self.source, step.node)
        if asked is None:
            return None
        how = self.resource.pair.how
        about = asked[0]
        if about.type == "assignment_expression":
            about = about.child_by_field_name("left") or about
        name = object_read(self.source, about)
        if name in self.status and fresh:
            return fails(How.STATUS, asked[1], bool(way.holds))
        pointer = how in (How.POINTER, How.ERROR_POINTER, How.REFERENCE)
        if pointer and name == self.resource.name:
            return fails(how, asked[1], bool(way.holds))
        return None

    def _look_at(self, node: Node) -> bool:
        """Note aliases and other names of the status; whether the status is lost."""
        source, name = self.source, self.resource.name
        lost = False
        for one in self.flow.inside(node, "call_expression"):
            actions = ("_add_action", "_add_action_or_reset")  # devm, drmm, kunit
            self.managed |= call(source, one)[0].endswith(actions)
        for one in self.flow.inside(node, *ASSIGNMENTS):
            found = assigned(one)
            if found is None:
                continue
            target, value = object_read(source, found[0]), without_parentheses(found[1])
            if value.type == "call_expression":
                called, given = call(source, value)
                about = bool(given) and object_read(source, given[0]) == name
                if called == "PTR_ERR_OR_ZERO" and about:
                    self.status.add(target)
                    continue
            if object_read(source, value) == name:
                self.aliases.add(target.lstrip("*"))
            lost |= target in self.status
        return lost

    def release_in(self, node: Node) -> Node | None:
        """Returns the call in a node that releases the resource, None without one."""
        pair = self.resource.pair
        for one in self.flow.inside(node, "call_expression"):
            name, given = call(self.source, one)
            if name not in pair.releases:
                continue
            if pair.taken is None:
                return one
            same = len(given) > pair.taken and self.is_it(given[pair.taken])
            if same and (pair.sort is not Sort.OTHER or self._is_given(given)):
                return one
        return None

    def _is_released_as(self, node: Node) -> bool:
        """Whether a step releases what has another name in the function as well."""
        pair = self.resource.pair
        if pair.taken is None or not self.aliases:
            return False
        calls = (
            call(self.source, one) for one in self.flow.inside(node, "call_expression")
        )
        return any(
            object_read(self.source, given[pair.taken]) in self.aliases
            for name, given in calls
            if name in pair.releases and len(given) > pair.taken
        )

    def _is_given(self, given: tuple[Node, ...]) -> bool:
        """Whether the acquire has all of a release's arguments."""
        taken = call(self.source, self.resource.call)[1]
        own = {object_read(self.source, one) for one in taken}
        return all(object_read(self.source, one) in own for one in given)

    def _is_lent(self, node: Node) -> bool:
        """Whether a lock is handed to a function, which may give it up for a while."""
        if self.resource.pair.sort is not Sort.LOCK or not self.resource.name:
            return False
        for one in self.flow.inside(node, "call_expression"):
            name, given = call(self.source, one)
            harmless = name in PAIRS or name.startswith("lockdep_")
            if not harmless and any(self.is_it(argument) for argument in given):
                return True
        return False

    def _is_shown(self, node: Node) -> bool:
        """Whether others are given a part of it: ``*out = &clk->base;``."""
        if self.resource.pair.sort is not Sort.MEMORY:
            return False
        for _, target, value in assignments(self.source, node):
            where = object_read(self.source, target)
            root = IDENTIFIER.search(where)
            elsewhere = root is not None and root[0] not in self.resource.words
            part = object_read(self.source, value).startswith(
                f"&{self.resource.name}->"
            )
            if part and elsewhere and (where.startswith("*") or "->" in where):
                return True
        return False

    def is_it(self, node: Node) -> bool:
        """Says whether an expression is the resource, by its text."""
        return object_read(self.source, node) == self.resource.name

    def _renames(self, node: Node) -> bool:
        """Whether a statement gives what the resource is known by another value."""
        source, words = self.source, self.resource.words
        name = self.resource.name.lstrip("&")
        for one in self.flow.inside(
            node, "assignment_expression", "update_expression", "init_declarator"
        ):
            target = (
                one.child_by_field_name("left")
                or one.child_by_field_name("argument")
                or declared_name(one)
            )
            if target is None:
                continue
            text = object_read(source, target)
            if text in words or text == name:
                return True
        return False


def _other_names(source: Source, function: Function, name: str) -> set[str]:
    """What else a thing is called, by the assignments of a function: ``dev`` of
    ``priv->dev`` where that was made of it."""
    pairs = _copies(source, function)
    found = {name}
    for _ in range(MOST_COPIES):
        more = {
            two if one in found else one for one, two in pairs if {one, two} & found
        }
        if more <= found:
            break
        found |= more
    return found - {name}


@once_per_subject
def _copies(source: Source, function: Function) -> tuple[tuple[str, str], ...]:
    """``a = b`` of a function, where both are names."""
    found = []
    for _, target, given in assignments(source, function.node):
        value = without_parentheses(given)
        if value.type in ("identifier", "field_expression", "pointer_expression"):
            text = object_read(source, value)
            if text != "NULL":
                found.append((object_read(source, target), text))
    return tuple(found)
