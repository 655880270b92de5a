# SPDX-License-Identifier: GPL-2.0-or-later
"""Where control goes from step to step, and which branches lead to a step.

Control can also end inside of a step (a call that never returns) or leave it in a way
that is not seen (a macro with a return).  What is said here holds all the same: whoever
is at a step has gone through one of the branches that ``reached_by`` names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from reviewer.prover.structure.steps import (
    BLOCK,
    BREAK,
    CASE,
    CONTINUE,
    DO,
    GOTO,
    IF,
    LABEL,
    LOOP,
    RETURN,
    SWITCH,
    VARIANTS,
    NotRead,
    Step,
    inside,
)

EXIT = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a step: "yes" and "no" of a condition, the text of a case, or
    that of a preprocessor line."""

    step: Step
    way: str


@dataclass(slots=True)
class _Around:
    """Where break and continue lead to."""

    leave: int | None = None
    again: int | None = None


@dataclass(slots=True)
class Flow:
    """The graph of one function."""

    steps: list[Step]
    numbers: dict[int, int] = field(default_factory=dict)  # id of a step -> node
    of: list[Step | None] = field(default_factory=lambda: [None])
    next: list[list[tuple[int, str]]] = field(default_factory=lambda: [[]])
    labels: dict[str, int] = field(default_factory=dict)
    entry: int = EXIT
    always: list[int] = field(default_factory=list)  # bits: nodes that must follow

    def __post_init__(self) -> None:
        for step in inside(self.steps):
            self.numbers[id(step)] = len(self.of)
            if step.kind == LABEL:
                self.labels[step.shown] = len(self.of)
            self.of.append(step)
            self.next.append([])
        self.entry = self._list(self.steps, EXIT, _Around())
        self.always = self._followers()

    # --- building -----------------------------------------------------------------

    def _list(self, steps: list[Step], after: int, around: _Around) -> int:
        for step in reversed(steps):
            after = self._step(step, after, around)
        return after

    def _step(self, step: Step, after: int, around: _Around) -> int:
        node = self.numbers[id(step)]
        ways: list[tuple[int, str]] = [(after, "")]
        first = node
        if step.kind == RETURN:
            ways = [(EXIT, "")]
        elif step.kind == GOTO:
            ways = [(self._label(step), "")]
        elif step.kind in (BREAK, CONTINUE):
            target = around.leave if step.kind == BREAK else around.again
            if target is None:
                raise NotRead(f"a {step.kind} without a loop")
            ways = [(target, "")]
        elif step.kind in (IF, VARIANTS):
            ways = self._branches(step, after, around)
        elif step.kind == BLOCK:
            ways = [(self._list(step.parts[0], after, around), "")]
        elif step.kind == LOOP:
            inner = _Around(after, node)
            ways = [(self._list(step.parts[0], node, inner), "yes"), (after, "no")]
        elif step.kind == DO:
            first = self._list(step.parts[0], node, _Around(after, node))
            ways = [(first, "yes"), (after, "no")]
        elif step.kind == SWITCH:
            self._list(step.parts[0], after, _Around(after, around.again))
            ways = self._cases(step, after)
        self.next[node] = ways
        return first

    def _label(self, step: Step) -> int:
        name = step.text.removeprefix("goto").rstrip("; ").strip()
        if name not in self.labels:
            raise NotRead("a goto that leads somewhere else")
        return self.labels[name]

    def _branches(
        self, step: Step, after: int, around: _Around
    ) -> list[tuple[int, str]]:
        ways = [
            (self._list(part, after, around), name)
            for part, name in zip(step.parts, step.names, strict=True)
        ]
        last = "no" if step.kind == IF else "otherwise"
        return ways if step.names[-1] in ("no", "#else") else [*ways, (after, last)]

    def _cases(self, step: Step, after: int) -> list[tuple[int, str]]:
        cases = list(cases_of(step))
        ways = [(self.numbers[id(case)], case.shown) for case in cases]
        if all(case.shown != "default" for case in cases):
            ways.append((after, "default"))
        return ways

    # --- asking -------------------------------------------------------------------

    def _followers(self) -> list[int]:
        """For each node the nodes that every way from it to the end goes through."""
        count = len(self.of)
        every = (1 << count) - 1
        found = [every] * count
        found[EXIT] = 1
        moved = True
        while moved:
            moved = False
            for node in range(count - 1, 0, -1):
                both = every
                for target, _way in self.next[node]:
                    both &= found[target]
                both |= 1 << node
                if both != found[node]:
                    found[node], moved = both, True
        return found

    def reachable(self, start: int) -> set[int]:
        """Returns the nodes that follow one, itself only if a way comes back."""
        return self.reached([target for target, _way in self.next[start]])

    def reached(self, start: Iterable[int], closed: Collection[int] = ()) -> set[int]:
        """Returns the nodes that are reached from some, these too, without going
        through closed ones."""
        found: set[int] = set()
        waiting = list(start)
        while waiting:
            node = waiting.pop()
            if node not in found and node not in closed:
                found.add(node)
                waiting += [target for target, _way in self.next[node]]
        return found

    def is_reached(self, step: Step) -> bool:
        """Says whether any way leads to a step."""
        return self.numbers[id(step)] in self.reached([self.entry])

    def is_behind(self, step: Step, others: list[Step]) -> bool:
        """Says whether every way to a step goes through one of others."""
        around = {self.numbers[id(other)] for other in others}
        reached = self.reached([self.entry], around)
        return bool(others) and self.numbers[id(step)] not in reached

    def is_always_reached(self, step: Step) -> bool:
        """Says whether every way through the function that ends goes through a step."""
        return bool(self.always[self.entry] >> self.numbers[id(step)] & 1)

    def reached_by(self, step: Step) -> list[Branch]:
        """Returns the branches; who gets to a step first took one of them last."""
        wanted = self.numbers[id(step)]
        bit = 1 << wanted
        found: dict[tuple[int, str], Branch] = {}
        for node in sorted(self.reached([self.entry], {wanted})):
            here = self.of[node]
            if here is None or self.always[node] & bit:
                continue
            for target, way in self.next[node]:
                if self.always[target] & bit:
                    found[node, way] = Branch(here, way)
        return list(found.values())


def cases_of(switch: Step) -> list[Step]:
    """Returns the case labels of a switch, without those of switches in it."""
    found: list[Step] = []

    def look(steps: list[Step]) -> None:
        for step in steps:
            if step.kind == CASE:
                found.append(step)
            if step.kind != SWITCH:
                for part in step.parts:
                    look(part)

    look(switch.parts[0])
    return found
