# SPDX-License-Identifier: GPL-2.0-or-later
"""Error exits that leave what a path that goes on releases further down.

A resource is acquired; a test behind it leads to an error exit on which nothing
releases it, while the other answer of the same test leads to a release.  That later
release is the proof of ownership: both ways have the same past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.doubts import give_up
from reviewer.kit import places
from reviewer.kit.acquire_release import NO_OTHER_OWNER, PAIRS, Acquirer, How, Sort
from reviewer.kit.error_exits.acquired import Resource, acquired, fails, tested
from reviewer.kit.error_exits.flow import Edge, ExitFlow, FlowStep, StepKind, flow_of
from reviewer.kit.error_exits.held import Held
from reviewer.kit.error_exits.local_pairs import local_pairs
from reviewer.kit.error_exits.other_releases import Others, may_fail, whole_condition
from reviewer.kit.error_exits.undone_by_remove import released_by, remove_of
from reviewer.kit.expressions import (
    call,
    literal,
    object_read,
    operands,
    operator,
    without_casts,
)
from reviewer.kit.truth_values import type_of_local
from reviewer.patterns import regex

MOST_ACQUIRED = 60  # in one function
MOST_WORK = 30_000  # steps times resources
MOST_SUSPECTS = 40  # tests of one resource that are looked at to the end
MOST_EXITS = 3  # of one resource: who mends three sees the fourth
MOST_STEPS_OF_AN_EXIT = 40
_PCIM = b"pcim_enable_device"  # drivers/pci: regions and MSI go with it
_ERROR_NAME = regex(r"E[A-Z0-9]{2,}")
# include/linux/err.h, dev_printk.h: what they return is an error
_ERRORS = regex(
    r"PTR_ERR|ERR_PTR|ERR_CAST|dev_err_probe|dev_err_ptr_probe|dev_err_cast_probe"
)


class LeftBehind(Struct, frozen=True):
    """An error exit, what it leaves, and the later release that shows it."""

    source: Source
    resource: Resource
    test: Node
    exit: Node
    release: Node
    path: tuple[tuple[Node, bool], ...]  # the tests on the way from acquire to exit
    despite_failure: bool  # the failed acquire itself has to be undone
    remove: str = ""  # the driver's remove function, which has the release
    label: str = ""  # where to go to, to release it and all that is held

    @property
    def is_certain(self) -> bool:
        """Whether it is of a kind that readers found right nearly every time: what
        remove undoes, and what no other owner frees in passing."""
        return bool(self.remove) or self.resource.pair.sort in NO_OTHER_OWNER


def left_behind(image: FileImage) -> Iterator[LeftBehind]:
    """Yields the error exits of functions in focus that leave what another path
    releases, in file order."""
    for function in places.functions_in_focus(image):
        yield from _of_function(image.source, function)


@once_per_subject
def _of_function(source: Source, function: Function) -> tuple[LeftBehind, ...]:
    """Those of one function, which both rules about them ask for."""
    pairs = _pairs_of(source, function)
    flow = flow_of(source, function) if pairs else None
    return tuple(_on_ways(flow, pairs)) if flow is not None else ()


def _pairs_of(source: Source, function: Function) -> dict[str, Acquirer]:
    """The pairs of the table whose halves a function has, or has with its driver's
    remove function; and those that its own names are."""
    words = set(IDENTIFIER.findall(source.text(function.node)))
    known = words & PAIRS.keys()
    remove = remove_of(source, function.name) if known else None
    both = set(words)
    if remove is not None:
        both.update(IDENTIFIER.findall(source.text(remove.node)))
    pairs = {name: PAIRS[name] for name in known}
    if not any(both.intersection(pair.releases) for pair in pairs.values()):
        pairs = {}
    return pairs | local_pairs(words)


def _label_of(flow: ExitFlow, left: LeftBehind, every: list[Held]) -> str:
    """The label whose first statement is the release, if what the function holds at the
    exit is all released behind it, as far as its other ways show; "" else."""
    statement = flow.source.statement_of(left.release)
    labeled = statement.parent
    if left.remove or labeled is None or labeled.type != "labeled_statement":
        return ""
    tests = {at for at, step in enumerate(flow.steps) if step.node == left.test}
    first = {at for at, step in enumerate(flow.steps) if step.node == statement}
    behind = flow.reached(first)
    for held in every:
        stays = held.released and behind.isdisjoint(held.released)
        if stays and not tests.isdisjoint(held.known):
            return ""
    name = labeled.child_by_field_name("label")
    return flow.source.text(name) if name is not None else ""


def _on_ways(flow: ExitFlow, pairs: Mapping[str, Acquirer]) -> Iterator[LeftBehind]:
    found: dict[tuple[int, bool], LeftBehind] = {}
    every: list[Held] = []
    for number, resource in enumerate(acquired(flow, pairs)):
        if number >= min(MOST_ACQUIRED, MOST_WORK // len(flow.steps) + 1):
            give_up("a function takes too many things, or is too long")
            break
        every.append(Held(flow, resource))
        for left in islice(_Exits(every[-1]).exits(), MOST_EXITS):
            found.setdefault((left.exit.id, left.is_certain), left)
    for left in sorted(found.values(), key=_place):
        yield replace(left, label=_label_of(flow, left, every))


def _place(left: LeftBehind) -> int:
    return int(left.exit.start_byte)


class _Exits:
    """The error exits that leave one resource."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.others = Others(held)
        self.flow = held.flow
        self.source = held.source
        self.resource = held.resource
        self.suspects = 0
        self.told: set[str] = set()  # the gotos of probe that were told
        self.remove = remove_of(self.source, self.flow.function.name)
        self.undone = (
            released_by(self.source, self.flow.function, self.remove, self.resource)
            if self.remove is not None
            else None
        )

    def _line(self, at: int) -> int:
        node = self.flow.steps[at].node
        return int(node.start_byte) if node is not None else 0

    def exits(self) -> Iterator[LeftBehind]:
        if self.held.managed or self.resource.at in self.held.released:
            return
        if self.resource.pair.acquire.startswith("pci_") and _PCIM in self.source.data:
            return
        if not self.held.released and self.undone is None:
            return
        if self.held.is_held_before():
            return
        without = self.held.elsewhere()
        for at in sorted(self.held.known - without, key=self._line):
            step = self.flow.steps[at]
            if step.kind is StepKind.RETURN and self.undone is not None:
                yield from self._hands_over(at, step)
            if step.kind is not StepKind.TEST or at == self.resource.at:
                continue
            for way, other in (step.ways, step.ways[::-1]):
                left = self._leaves(at, way, other)
                if left is not None and not self._is_told(left):
                    yield left

    def _is_told(self, left: LeftBehind) -> bool:
        """Whether an exit of probe goes where one went that was told already."""
        if not left.remove or left.exit.type != "goto_statement":
            return False
        where = self.source.text(left.exit)
        known = where in self.told
        self.told.add(where)
        return known

    def _leaves(self, at: int, way: Edge, other: Edge) -> LeftBehind | None:
        """The error exit that one answer of a test leads to, if it is one that
        leaves the resource and the other answer leads to a release of it."""
        flow, step = self.flow, self.flow.steps[at]
        assert step.node is not None
        fresh = at not in self.held.stale
        fails = self.held.answer(step, way, fresh)
        if fails and self.resource.pair.how is not How.ALWAYS:
            return None
        if not fails and self.others.is_tested(whole_condition(step.node)):
            return None
        if not fails and self._may_hold_nothing(step.node, bool(way.holds), fresh):
            return None
        region = flow.reached([way.to], most=MOST_STEPS_OF_AN_EXIT)
        if len(region) > MOST_STEPS_OF_AN_EXIT or at in region:
            return None
        if self.resource.at in region or not self._is_error(step, way, region):
            return None
        if any(self.others.may_release(flow.steps[one]) for one in region):
            return None
        if self.others.is_consumed(at, step):
            return None
        self.suspects += 1
        if self.suspects > MOST_SUSPECTS:
            give_up(f"over {MOST_SUSPECTS} tests behind what one function takes")
            return None
        onward = self.held.from_step(other.to)
        releases = sorted(onward & self.held.released.keys())
        if not self._is_undone(releases):
            return None
        by_remove = not releases and self._succeeds(onward)
        shared = not region.isdisjoint(onward - self._ends())
        if not by_remove and (not releases or shared):
            return None
        if self._is_error(step, other, flow.reached([other.to])):
            return None  # it fails either way: which of them is the exit?
        jump = self._jump(way.to, region)
        path = self._path(at, way)
        if self.others.is_deliberate(step.node) or self.others.is_handed(step.node):
            return None
        if jump is None or any(self.others.asks_for_state(*one) for one in path):
            return None
        if by_remove:
            return self._by_remove(step.node, jump, path, bool(fails))
        return LeftBehind(
            self.source,
            self.resource,
            step.node,
            jump,
            self.held.released[
                min(releases, key=lambda one: len(flow.path(other.to, [one])))
            ],
            path,
            bool(fails),
        )

    def _may_hold_nothing(self, test: Node, holds: bool, fresh: bool) -> bool:
        """Whether an answer says that there is no such thing, as ``!p`` behind get(p),
        or asks for the status of the acquire once more: ``ret || !fw->size``, ``n !=
        wanted`` behind ``n < 0``."""
        asked = tested(self.source, test)
        names = self.held.aliases | {self.resource.name}
        named = asked is not None and object_read(self.source, asked[0]) in names
        if asked is not None and named and fails(How.POINTER, asked[1], holds):
            return True
        return any(
            self.source.text(one) in self.held.status
            for one in self.flow.inside(whole_condition(test), "identifier")
            if fresh or not test.start_byte <= one.start_byte < test.end_byte
        )

    def _by_remove(
        self,
        test: Node,
        leaving: Node,
        path: tuple[tuple[Node, bool], ...],
        fails: bool = False,
    ) -> LeftBehind:
        assert self.undone is not None
        assert self.remove is not None
        return LeftBehind(
            self.source,
            self.resource,
            test,
            leaving,
            self.undone,
            path,
            fails,
            self.remove.name,
        )

    def _is_undone(self, releases: list[int]) -> bool:
        """Whether a release stands on an error exit, as it has to where an object that
        stays has the resource, whose owner may release it later, and where nothing but
        that exit tells that the two are a pair."""
        sort = self.resource.pair.sort
        member = "->" in self.resource.name or "." in self.resource.name
        owned = member and sort in (Sort.MEMORY, Sort.REFERENCE)
        if not releases or not (owned or sort is Sort.OTHER):
            return True
        if owned and self.others.has_an_owner():
            return False
        return not self._on_errors.isdisjoint(releases)

    @cached_property
    def _on_errors(self) -> set[int]:
        """The steps of all error exits behind the acquire."""
        found: set[int] = set()
        for at in self.held.known:
            step = self.flow.steps[at]
            for way in step.ways if step.kind is StepKind.TEST else ():
                region = self.flow.reached([way.to], most=MOST_STEPS_OF_AN_EXIT)
                small = len(region) <= MOST_STEPS_OF_AN_EXIT
                if small and self._is_error(step, way, region):
                    found |= region
        return found

    def _succeeds(self, onward: set[int]) -> bool:
        """Whether probe may end well with the resource held, which remove releases."""
        if self.undone is None:
            return False
        returned = (self.flow.steps[one].node for one in onward & self._ends())
        return any(
            node is not None
            and node.named_children
            and literal(self.source, node.named_children[0]) == 0
            for node in returned
        )

    def _hands_over(self, at: int, step: FlowStep) -> Iterator[LeftBehind]:
        """``return f();`` at the end of probe, which leaves what it holds if f()
        fails."""
        node = step.node
        value = (
            without_casts(node.named_children[0])
            if node and node.named_children
            else None
        )
        if node is None or value is None or value.type != "call_expression":
            return
        name = call(self.source, value)[0]
        if not name or _ERRORS.fullmatch(name) or not may_fail(self.source, name):
            return
        if self.others.may_release(step) or self.others.is_consumed(at, step):
            return
        path = self.flow.path(self.resource.at, [at])
        tests = [(self.flow.steps[one].node, way.holds) for one, way in path]
        taken = tuple((t, h) for t, h in tests if t is not None and h is not None)
        yield self._by_remove(value, node, taken)

    def _ends(self) -> set[int]:
        kinds = (StepKind.RETURN, StepKind.END)
        return {i for i, step in enumerate(self.flow.steps) if step.kind in kinds}

    def _path(self, at: int, way: Edge) -> tuple[tuple[Node, bool], ...]:
        taken = [*self.flow.path(self.resource.at, [at]), (at, way)]
        tests = []
        for one, edge in taken:
            node = self.flow.steps[one].node
            if edge.holds is not None and node is not None:
                tests.append((node, edge.holds))
        return tuple(tests)

    def _jump(self, start: int, region: set[int]) -> Node | None:
        """The goto or return that the branch ends in."""
        at = start
        for _ in range(MOST_STEPS_OF_AN_EXIT):
            step = self.flow.steps[at]
            if step.node is not None and step.node.type in (
                "goto_statement",
                "return_statement",
            ):
                return step.node
            if len(step.ways) != 1:
                break
            at = step.ways[0].to
        nodes = [self.flow.steps[one].node for one in region]
        jumps = [n for n in nodes if n is not None and n.type == "return_statement"]
        return min(jumps, key=lambda n: n.start_byte) if jumps else None

    # --- is it an error -----------------------------------------------------------

    def _is_error(self, step: FlowStep, way: Edge, region: set[int]) -> bool:
        """Whether all that the branch returns is an error."""
        returned = [
            self.flow.steps[one]
            for one in region
            if self.flow.steps[one].kind in (StepKind.RETURN, StepKind.END)
        ]
        if not returned:
            return False
        errors = self._error_variables(step, way, region)
        for one in returned:
            values = [] if one.node is None else one.node.named_children
            if one.kind is StepKind.END or not values:
                return False
            if not self._is_error_value(values[0], errors):
                return False
        return True

    def _is_error_value(self, node: Node, errors: set[str]) -> bool:
        source = self.source
        node = without_casts(node)
        if node.type == "unary_expression" and operator(node) == "-":
            argument = node.child_by_field_name("argument")
            if argument is not None and argument.type == "identifier":
                return bool(_ERROR_NAME.fullmatch(source.text(argument)))
            return False
        if node.type == "call_expression":
            name, given = call(source, node)
            if name == "PTR_ERR" and given and self.held.is_it(given[0]):
                return False
            return bool(_ERRORS.fullmatch(name))
        return node.type == "identifier" and source.text(node) in errors

    def _error_variables(self, step: FlowStep, way: Edge, region: set[int]) -> set[str]:
        """The variables that hold an error on the branch: by the test, or because an
        error is assigned to them there; less those that anything else is."""
        assert step.node is not None
        errors: set[str] = set()
        asked = tested(self.source, step.node)
        if asked is not None:
            about, how = asked
            if about.type == "assignment_expression":
                about = about.child_by_field_name("left") or about
            failing = fails(How.STATUS, how, bool(way.holds))
            if about.type == "identifier" and failing and self._is_number(about):
                errors.add(self.source.text(about))
        other: set[str] = set()
        for one in region:
            node = self.flow.steps[one].node
            if node is None or self.flow.steps[one].kind is StepKind.END:
                continue
            for assigned in self.flow.inside(node, "assignment_expression"):
                sides = operands(assigned)
                if sides is None:
                    continue
                good = operator(assigned) == "=" and self._is_error_value(
                    sides[1], set()
                )
                (errors if good else other).add(object_read(self.source, sides[0]))
        return errors - other

    def _is_number(self, node: Node) -> bool:
        """Whether a variable is no pointer: one that is not NULL is no error."""
        kind = type_of_local(self.source, self.flow.function, self.source.text(node))
        return kind is not None and "*" not in kind and "bool" not in kind.lower()
