# SPDX-License-Identifier: GPL-2.0-or-later
"""The control flow of one function: steps, and the branches that lead between them.

``flow_of`` builds it from the syntax tree.  A condition is taken apart at ``&&``,
``||`` and ``!``, so that each test stands for one fact; what cannot be followed (a
computed goto, a return inside an expression, very large or very deep code) gives no
flow at all, and a rule is silent then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct, field
from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.vocabulary import NEVER_RETURN
from reviewer.doubts import give_up
from reviewer.kit.expressions import (
    bare_test,
    call,
    is_binary,
    literal,
    operand_of,
    operands,
)
from reviewer.patterns import regex

MOST_STEPS = 3000
DEEPEST = 120  # blocks in blocks, and "else if" after "else if"

# include/linux/cleanup.h: their block runs once, as any other
_SCOPES = regex(r"scoped_(cond_)?guard|scoped_\w+|__scoped_\w+")
_JUMPS_INSIDE = ("return_statement", "goto_statement")


class StepKind(StrEnum):
    """What a step does with control."""

    PLAIN = "plain"  # goes on
    TEST = "test"  # one fact, true or false
    CHOICE = "choice"  # a switch, a loop macro, an #if: which way is not told
    RETURN = "return"
    END = "end"  # the closing brace
    STOP = "stop"  # never returns


class Edge(Struct, frozen=True):
    """A way on; of a test also which answer takes it."""

    to: int
    holds: bool | None = None


class FlowStep(Struct):
    """A statement, or one test of a condition."""

    kind: StepKind
    node: Node | None
    ways: list[Edge] = field(default_factory=list)


class ExitFlow(Struct):
    """The steps of a function; ``first`` is where it begins."""

    source: Source
    function: Function
    steps: list[FlowStep]
    first: int
    _inside: dict[tuple[int, tuple[str, ...]], tuple[Node, ...]] = field(
        default_factory=dict
    )

    def inside(self, node: Node, *kinds: str) -> tuple[Node, ...]:
        """Returns what ``Source.walk`` finds in a step, found once: each resource
        asks."""
        known = self._inside.get((node.id, kinds))
        if known is None:
            known = self._inside[node.id, kinds] = tuple(self.source.walk(node, *kinds))
        return known

    def reached(
        self,
        starts: Iterable[int],
        stop: Callable[[int], bool] | None = None,
        most: int = MOST_STEPS,
    ) -> set[int]:
        """Returns the steps on all ways from ``starts``, which are reached themselves;
        from one where ``stop`` holds nothing leads on. Ends early, with more than
        ``most`` steps, where there are more."""
        seen = set(starts)
        waiting = deque(seen)
        while waiting and len(seen) <= most:
            at = waiting.popleft()
            if stop is not None and stop(at):
                continue
            for way in self.steps[at].ways:
                if way.to not in seen:
                    seen.add(way.to)
                    waiting.append(way.to)
        return seen

    def path(self, start: int, ends: Iterable[int]) -> list[tuple[int, Edge]]:
        """Returns the shortest way from a step to one of others: each step with the
        edge that is taken from it; [] where there is none."""
        wanted = set(ends)
        came: dict[int, tuple[int, Edge] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            at = waiting.popleft()
            if at in wanted:
                back: list[tuple[int, Edge]] = []
                step = came[at]
                while step is not None:
                    back.append(step)
                    step = came[step[0]]
                return back[::-1]
            for way in self.steps[at].ways:
                if way.to not in came:
                    came[way.to] = (at, way)
                    waiting.append(way.to)
        return []


class _Unclear(Exception):
    """The control flow cannot be told from the tree."""


@once_per_subject
def flow_of(source: Source, function: Function) -> ExitFlow | None:
    """Returns the flow of a function; None where it cannot be told."""
    if function.broken or function.body is None:
        return None
    lines = range(function.first_line, function.last_line + 1)
    if not source.blanked.isdisjoint(lines):
        return None  # code of another configuration, which is not in the tree
    try:
        return _Builder(source, function).flow()
    except _Unclear:
        return None


class _Around(Struct, frozen=True):
    """Where ``break`` and ``continue`` lead, and the cases of the switch around."""

    leave: int | None = None
    again: int | None = None
    cases: list[Edge] | None = None
    depth: int = 0


class _Builder:
    """Builds from the end to the start: each statement is given what follows it."""

    def __init__(self, source: Source, function: Function) -> None:
        self.source = source
        self.function = function
        self.steps: list[FlowStep] = []
        self.labels: dict[str, int] = {}
        self.placed: set[str] = set()

    def flow(self) -> ExitFlow:
        body = self.function.body
        assert body is not None
        end = self.step(StepKind.END, None)
        first = self.statement(body, end, _Around())
        if self.placed != set(self.labels):
            raise _Unclear
        return ExitFlow(self.source, self.function, self.steps, first)

    def step(self, kind: StepKind, node: Node | None, *to: int) -> int:
        if len(self.steps) >= MOST_STEPS:
            give_up("a function is too long")
            raise _Unclear
        self.steps.append(FlowStep(kind, node, [Edge(one) for one in to]))
        return len(self.steps) - 1

    def label(self, name: str) -> int:
        if name not in self.labels:
            self.labels[name] = self.step(StepKind.PLAIN, None)
        return self.labels[name]

    # --- statements ---------------------------------------------------------------

    def statements(self, nodes: list[Node], after: int, around: _Around) -> int:
        index = len(nodes)
        while index > 0:
            index -= 1
            # ``for_each_x(..)`` whose body is no block stands as a statement that
            # has no semicolon before its body
            if index > 0 and self.is_headless_loop(nodes[index - 1]):
                index -= 1
                head = self.step(StepKind.CHOICE, nodes[index])
                inner = _Around(after, head, around.cases, around.depth + 1)
                body = self.statement(nodes[index + 1], head, inner)
                self.steps[head].ways = [Edge(body), Edge(after)]
                after = head
            else:
                after = self.statement(nodes[index], after, around)
        return after

    def is_headless_loop(self, node: Node) -> bool:
        if node.type != "expression_statement" or not node.named_children:
            return False
        inner = node.named_children[0]
        if inner.type != "call_expression":
            return False
        name, _ = call(self.source, inner)
        loops = "each" in name or name.startswith("for_") or name.endswith("_for")
        return loops and not self.source.text(node).rstrip().endswith(";")

    def statement(self, node: Node, after: int, around: _Around) -> int:
        if around.depth > DEEPEST:
            raise _Unclear
        deeper = _Around(around.leave, around.again, around.cases, around.depth + 1)
        match node.type:
            case "compound_statement" | "else_clause" | "preproc_else":
                return self.statements(_inside(node), after, deeper)
            case "preproc_if" | "preproc_ifdef" | "preproc_elif" | "preproc_elifdef":
                return self.directive(node, after, deeper)
            case "if_statement" if not self.source.is_iterator(node):
                return self.branch(node, after, deeper)
            case "if_statement" | "while_statement" | "do_statement" | "for_statement":
                return self.loop(node, after, deeper)
            case "switch_statement":
                return self.switch(node, after, deeper)
            case "case_statement":
                return self.case(node, after, deeper)
            case "labeled_statement":
                return self.labeled(node, after, deeper)
            case "goto_statement":
                name = node.child_by_field_name("label")
                if name is None:
                    raise _Unclear  # goto *there
                label = self.label(self.source.text(name))
                return self.step(StepKind.PLAIN, node, label)
            case "break_statement" | "continue_statement":
                to = around.leave if node.type[0] == "b" else around.again
                if to is None:
                    raise _Unclear
                return self.step(StepKind.PLAIN, node, to)
            case "return_statement":
                self.refuse_jumps(node)
                return self.step(StepKind.RETURN, node)
            case "comment" | "preproc_call" | "preproc_def" | "preproc_function_def":
                return after
        return self.plain(node, after)

    def plain(self, node: Node, after: int) -> int:
        self.refuse_jumps(node)
        if "asm goto" in self.source.text(node)[:40]:
            raise _Unclear
        for inner in node.named_children[:1]:
            called = inner.type == "call_expression" and call(self.source, inner)[0]
            if called in NEVER_RETURN:
                return self.step(StepKind.STOP, node)
        return self.step(StepKind.PLAIN, node, after)

    def refuse_jumps(self, node: Node) -> None:
        """A return inside ``({ })`` leaves from the middle of an expression."""
        for found in self.source.walk(node, *_JUMPS_INSIDE):
            if found != node:
                raise _Unclear

    def branch(self, node: Node, after: int, around: _Around) -> int:
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        if condition is None or then is None:
            raise _Unclear
        yes = self.statement(then, after, around)
        no = self.statement(other, after, around) if other is not None else after
        return self.test(condition, yes, no)

    def directive(self, node: Node, after: int, around: _Around) -> int:
        other = node.child_by_field_name("alternative")
        condition = node.child_by_field_name("condition")
        name = node.child_by_field_name("name")
        inside = [n for n in _inside(node) if n not in (other, condition, name)]
        yes = self.statements(inside, after, around)
        no = self.statement(other, after, around) if other is not None else after
        return self.step(StepKind.CHOICE, None, yes, no)

    def loop(self, node: Node, after: int, around: _Around) -> int:
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body") or node.child_by_field_name(
            "consequence"
        )
        if body is None:
            raise _Unclear
        if self.source.is_iterator(node):
            return self.macro(node, condition, body, after, around)
        head = self.step(StepKind.PLAIN, None)
        again = head
        update = node.child_by_field_name("update")
        if update is not None:
            again = self.step(StepKind.PLAIN, update, head)
        inner = _Around(after, again, around.cases, around.depth)
        start = self.statement(body, again, inner)
        tested = start
        if condition is not None:
            tested = self.test(condition, start, after)
        self.steps[head].ways = [Edge(tested)]
        if node.type == "do_statement":
            return start
        initial = node.child_by_field_name("initializer")
        return head if initial is None else self.step(StepKind.PLAIN, initial, head)

    def macro(
        self, node: Node, head: Node | None, body: Node, after: int, around: _Around
    ) -> int:
        """``for_each_x(..) { }`` and ``scoped_guard(..) { }``."""
        text = self.source.text(node)
        if _SCOPES.match(text) and "each" not in text[: text.find("(")]:
            return self.step(StepKind.PLAIN, head, self.statement(body, after, around))
        again = self.step(StepKind.CHOICE, head)
        inner = _Around(after, again, around.cases, around.depth)
        start = self.statement(body, again, inner)
        self.steps[again].ways = [Edge(start), Edge(after)]
        return again

    def switch(self, node: Node, after: int, around: _Around) -> int:
        body = node.child_by_field_name("body")
        if body is None:
            raise _Unclear
        cases: list[Edge] = []
        inner = _Around(after, around.again, cases, around.depth)
        self.statement(body, after, inner)
        head = self.step(StepKind.CHOICE, node.child_by_field_name("condition"))
        self.steps[head].ways = cases
        if not any(
            self.source.text(child).startswith("default")
            for child in self.source.walk(body, "case_statement")
        ):
            self.steps[head].ways.append(Edge(after))
        return head

    def case(self, node: Node, after: int, around: _Around) -> int:
        if around.cases is None:
            raise _Unclear
        value = node.child_by_field_name("value")
        inside = [n for n in _inside(node) if n != value]
        start = self.statements(inside, after, around)
        around.cases.append(Edge(start))
        return start

    def labeled(self, node: Node, after: int, around: _Around) -> int:
        name = node.child_by_field_name("label")
        if name is None:
            raise _Unclear
        label = self.source.text(name)
        place = self.label(label)
        if label in self.placed:
            raise _Unclear  # __label__ in two blocks
        self.placed.add(label)
        inside = [n for n in _inside(node) if n != name]
        self.steps[place].ways = [Edge(self.statements(inside, after, around))]
        return place

    # --- conditions ---------------------------------------------------------------

    def test(self, node: Node, yes: int, no: int) -> int:
        """The steps that decide a condition; the first of them."""
        node = bare_test(self.source, node)
        while (argument := operand_of(node, "!")) is not None:
            yes, no = no, yes
            node = bare_test(self.source, argument)
        for sign in ("&&", "||"):
            if is_binary(node, sign):
                return self.chain(node, sign, yes, no)
        self.refuse_jumps(node)
        if node.type in ("number_literal", "true", "false"):
            return yes if literal(self.source, node) else no
        step = self.step(StepKind.TEST, node)
        self.steps[step].ways = [Edge(yes, True), Edge(no, False)]
        return step

    def chain(self, node: Node, sign: str, yes: int, no: int) -> int:
        """``a && b && c``, whose operators lean to the left, without recursion."""
        parts = []
        while is_binary(node, sign):
            sides = operands(node)
            if sides is None:
                raise _Unclear
            parts.append(sides[1])
            node = bare_test(self.source, sides[0])
        parts.append(node)
        start = None
        for part in parts:  # the last operand first
            if start is not None:
                yes, no = (start, no) if sign == "&&" else (yes, start)
            start = self.test(part, yes, no)
        assert start is not None
        return start


def _inside(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]
