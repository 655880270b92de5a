# SPDX-License-Identifier: GPL-2.0-or-later
"""Which values a field can have at each expression of a function.

A field is some bits of one object (``folio->mapping``, ``inode->i_mode``).  The
function is walked along its statements once for all values of the field together:
``if``, ``else``, early return, ``&&``, ``||``, ``?:`` and ``switch`` narrow the set of
values, locals remember what was computed from the field, an assignment to the
object forgets.  Loops and labels forget what may change; calls are taken to leave
the object alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from reviewer.c.trees import LOOPS
from reviewer.c.vocabulary import BUG_IF_TRUE, NEVER_RETURN
from reviewer.kit.expressions import call
from reviewer.rules.mask_vs_equality.field_values import (
    Constant,
    KnownState,
    SeenValues,
    StudiedField,
    Vector,
    assign_to,
    forget_all,
    forget_assigned,
    operand_values,
    result_for_each,
    value_of,
)
from reviewer.rules.mask_vs_equality.known_bits import UNKNOWN, KnownBits

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source


class ValueFlow:
    """The walk over one function; ``seen`` answers for the nodes asked for."""

    def __init__(
        self,
        source: Source,
        subject: StudiedField,
        wanted: Iterable[Node],
        constant: Constant,
    ) -> None:
        self.source = source
        self.subject = subject
        self.wanted = {node.id for node in wanted}
        self.constant = constant
        self.everything = (1 << len(subject.values)) - 1
        self.unknown = (UNKNOWN,) * len(subject.values)
        self.field = tuple(KnownBits(subject.mask, v) for v in subject.values)
        self.records: dict[int, SeenValues] = {}
        self.bools: set[str] = set()
        self._exits: list[list[KnownState]] = []  # states at break, by nesting

    def walk(self, body: Node) -> ValueFlow:
        """Go over a function body or a single expression."""
        state = self.fresh()
        if body.type in _STATEMENTS:
            self.statement(body, state)
        else:
            value_of(self, body, state)
        return self

    def seen(self, node: Node) -> SeenValues | None:
        """Returns what is known at ``node``; None where control does not get."""
        return self.records.get(node.id)

    # --- states ---------------------------------------------------------------------

    def fresh(self) -> KnownState:
        """Returns the state at the start: the field may have each of its values."""
        return KnownState(self.everything, {self.subject.root: self.field})

    def split(
        self, state: KnownState, condition: Vector
    ) -> tuple[KnownState, KnownState]:
        """Returns the states in which a condition may be true, and may be false."""
        true, false = state.copy(), state.copy()
        for number, value in enumerate(condition):
            if value.truth is False:
                true.possible &= ~(1 << number)
            elif value.truth is True:
                false.possible &= ~(1 << number)
        return true, false

    def become(self, state: KnownState, others: list[KnownState]) -> None:
        """Make ``state`` the join of some states."""
        alive = [other for other in others if other.possible]
        state.possible = 0
        if not alive:
            return
        names = set.intersection(*(set(other.known) for other in alive))
        joined = {name: self._joined(alive, name) for name in names}
        for other in alive:
            state.possible |= other.possible
        state.known = {n: v for n, v in joined.items() if v != self.unknown}

    def _joined(self, states: list[KnownState], name: str) -> Vector:
        first = states[0].known[name]
        if all(other.known[name] is first for other in states):
            return first
        found = []
        for number in range(len(self.field)):
            at = [s.known[name][number] for s in states if s.possible >> number & 1]
            at = at or [s.known[name][number] for s in states]
            known = at[0].known
            for value in at[1:]:
                known &= value.known & ~(value.value ^ at[0].value)
            found.append(KnownBits(known, at[0].value & known))
        return tuple(found)

    # --- statements -----------------------------------------------------------------

    def statement(self, node: Node, state: KnownState) -> None:
        """Carry ``state`` over a statement; not possible any more: control left."""
        handler = _STATEMENTS.get(node.type)
        if handler is None:
            if state.possible and node.is_named and node.type != "comment":
                value_of(self, node, state)
        elif state.possible or handler in (
            ValueFlow.block,
            ValueFlow._labeled,
            ValueFlow._switch,
        ):
            handler(self, node, state)
        elif _holds_label(node):
            forget_all(self, state)
            handler(self, node, state)

    def block(self, node: Node, state: KnownState) -> None:
        """Carries a state over all statements of a block."""
        for child in node.named_children:
            self.statement(child, state)

    def _labeled(self, node: Node, state: KnownState) -> None:
        forget_all(self, state)
        for child in node.named_children:
            if child.type != "statement_identifier":
                self.statement(child, state)

    def _if(self, node: Node, state: KnownState) -> None:
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        result = value_of(self, condition, state) if condition else self.unknown
        true, false = self.split(state, result)
        if then is not None:
            self.statement(then, true)
        if other is not None:
            self.block(other, false)
        self.become(state, [true, false])

    def _conditional(self, node: Node, state: KnownState) -> None:
        """An #if inside a function: either branch, or none, may be compiled."""
        states = []
        branch: Node | None = node
        while branch is not None:
            here = state.copy()
            other = branch.child_by_field_name("alternative")
            heads = [branch.child_by_field_name(n) for n in ("condition", "name")]
            skip = {n.id for n in [*heads, other] if n is not None}
            for child in branch.named_children:
                if child.id not in skip:
                    self.statement(child, here)
            states.append(here)
            if other is None and branch.type != "preproc_else":
                states.append(state.copy())
            branch = other
        self.become(state, states)

    def _loop(self, node: Node, state: KnownState) -> None:
        first = node.child_by_field_name("initializer")
        condition = node.child_by_field_name("condition")
        update = node.child_by_field_name("update")
        body = node.child_by_field_name("body")
        if first is not None:
            self.statement(first, state)
        forget_assigned(self, node, state)
        if node.type == "do_statement":
            self._do(condition, body, state)
            return
        result = value_of(self, condition, state) if condition else self.unknown
        inside, after = self.split(state, result)
        self._exits.append([])
        if body is not None:
            self.statement(body, inside)
        if update is not None and inside.possible:
            value_of(self, update, inside)
        endless = condition is None or all(b.truth is True for b in result)
        ends = self._exits.pop()
        # What the body did reaches the code behind through the condition only, and
        # everything that it assigns was forgotten before.
        self.become(state, ends if endless else [after, *ends])

    def _do(self, condition: Node | None, body: Node | None, state: KnownState) -> None:
        self._exits.append([])
        if body is not None:
            self.statement(body, state)
        ends = self._exits.pop()
        if condition is not None and (state.possible or _holds_continue(body)):
            if _holds_continue(body):
                state.possible = self.everything
            result = value_of(self, condition, state)
            _, state_after = self.split(state, result)
            ends.append(state_after)
        self.become(state, ends)

    def _switch(self, node: Node, state: KnownState) -> None:
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if body is None or condition is None:
            return
        if not state.possible:
            if not _holds_label(body):
                return
            forget_all(self, state)
        result = value_of(self, condition, state)
        rest = state.copy()  # no case has matched yet
        cases = [c for c in body.named_children if c.type == "case_statement"]
        entries, default = [], None
        for case in cases:
            label = case.child_by_field_name("value")
            if label is None:
                default = case
                entries.append(rest)
                continue
            same = result_for_each("==", result, operand_values(self, label, result))
            entry, _ = self.split(state, same)
            if not case.has_error:  # ranges do not parse: then nothing is excluded
                _, rest_after = self.split(rest, same)
                rest.possible = rest_after.possible
            entries.append(entry)
        self._exits.append([])
        flowing = KnownState(0, {})
        for child in body.named_children:
            if child.type != "case_statement":
                self.statement(child, flowing)
                continue
            self.become(flowing, [flowing.copy(), entries.pop(0).copy()])
            label = child.child_by_field_name("value")
            for part in child.named_children:
                if label is None or part.id != label.id:
                    self.statement(part, flowing)
        ends = [*self._exits.pop(), flowing]
        self.become(state, ends if default is not None else [*ends, rest])

    def _break(self, node: Node, state: KnownState) -> None:
        if self._exits:
            self._exits[-1].append(state.copy())
        state.possible = 0

    def _leave(self, node: Node, state: KnownState) -> None:
        for child in node.named_children:
            if child.type not in ("statement_identifier", "comment"):
                value_of(self, child, state)
        state.possible = 0

    def _expression(self, node: Node, state: KnownState) -> None:
        for child in node.named_children:
            if child.type == "call_expression":
                name, arguments = call(self.source, child)
                result = value_of(self, child, state)
                if name in BUG_IF_TRUE and arguments:
                    _, survivors = self.split(state, result)
                    state.possible = survivors.possible
                elif name in NEVER_RETURN:
                    state.possible = 0
            elif child.type != "comment":
                value_of(self, child, state)

    def _declaration(self, node: Node, state: KnownState) -> None:
        kind = node.child_by_field_name("type")
        is_bool = kind is not None and self.source.text(kind) in ("bool", "_Bool")
        for child in node.named_children:
            name = child
            value = None
            if child.type == "init_declarator":
                name = child.child_by_field_name("declarator") or child
                value = child.child_by_field_name("value")
            if is_bool and name.type == "identifier":
                self.bools.add(self.source.text(name))
            if value is not None:
                assign_to(self, name, value_of(self, value, state), state)


def _holds(node: Node | None, kind: str, stop: tuple[str, ...] = ()) -> bool:
    if node is None:
        return False
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type == kind:
            return True
        stack.extend(c for c in here.named_children if c.type not in stop)
    return False


def _holds_label(node: Node) -> bool:
    return _holds(node, "labeled_statement")


def _holds_continue(node: Node | None) -> bool:
    return _holds(node, "continue_statement", LOOPS)


_STATEMENTS: dict[str, Callable[[ValueFlow, Node, KnownState], None]] = {
    "compound_statement": ValueFlow.block,
    "translation_unit": ValueFlow.block,
    "case_statement": ValueFlow.block,
    "else_clause": ValueFlow.block,
    "labeled_statement": ValueFlow._labeled,
    "if_statement": ValueFlow._if,
    "while_statement": ValueFlow._loop,
    "do_statement": ValueFlow._loop,
    "for_statement": ValueFlow._loop,
    "switch_statement": ValueFlow._switch,
    "return_statement": ValueFlow._leave,
    "goto_statement": ValueFlow._leave,
    "continue_statement": ValueFlow._leave,
    "break_statement": ValueFlow._break,
    "expression_statement": ValueFlow._expression,
    "declaration": ValueFlow._declaration,
    "preproc_if": ValueFlow._conditional,
    "preproc_ifdef": ValueFlow._conditional,
}
