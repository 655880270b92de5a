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
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.c.vocabulary import BUG_IF_TRUE, NEVER_RETURN, TRANSPARENT, WARN_IF_TRUE
from reviewer.kit.expressions import (
    call,
    is_constant,
    key,
    literal,
    operands,
    operator,
    type_of_cast,
)
from reviewer.rules.mask_vs_equality import known_bits
from reviewer.rules.mask_vs_equality.known_bits import UNKNOWN, Bits

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source

Vector = tuple[Bits, ...]  # what an expression is, for each value of the field
Constant = Callable[[str], int | None]  # the value of a constant expression's text

SMALL = {"u8": 0xFF, "unsigned char": 0xFF, "__u8": 0xFF, "uint8_t": 0xFF}
LOOPS = ("while_statement", "do_statement", "for_statement")


@dataclass(frozen=True)
class Subject:
    """The object under study, and the field in it."""

    root: str  # as expressions.key() writes it
    mask: int
    values: tuple[int, ...]  # that the field can have, sorted


@dataclass
class State:
    """What is known at one point: possible values (a bit set of indices), locals."""

    possible: int
    known: dict[str, Vector]

    def copy(self) -> State:
        return State(self.possible, dict(self.known))


@dataclass(frozen=True)
class Seen:
    """What an expression is, and for which values control gets there."""

    possible: frozenset[int]  # values of the field
    results: dict[int, Bits]  # by value of the field

    def truth(self, value: int) -> bool | None:
        """Says whether the expression is true for a value; None: not known."""
        return self.results[value].truth


class Flow:
    """The walk over one function; ``seen`` answers for the nodes asked for."""

    def __init__(
        self,
        source: Source,
        subject: Subject,
        wanted: Iterable[Node],
        constant: Constant,
    ) -> None:
        self._source = source
        self._subject = subject
        self._wanted = {node.id for node in wanted}
        self._constant = constant
        self._everything = (1 << len(subject.values)) - 1
        self._unknown = (UNKNOWN,) * len(subject.values)
        self._field = tuple(Bits(subject.mask, v) for v in subject.values)
        self._seen: dict[int, Seen] = {}
        self._bools: set[str] = set()
        self._exits: list[list[State]] = []  # states at break, by nesting

    def walk(self, body: Node) -> Flow:
        """Go over a function body or a single expression."""
        state = self._fresh()
        if body.type in _STATEMENTS:
            self._statement(body, state)
        else:
            self._value(body, state)
        return self

    def seen(self, node: Node) -> Seen | None:
        """Returns what is known at ``node``; None where control does not get."""
        return self._seen.get(node.id)

    # --- states ---------------------------------------------------------------------

    def _fresh(self) -> State:
        return State(self._everything, {self._subject.root: self._field})

    def _split(self, state: State, condition: Vector) -> tuple[State, State]:
        """The states in which a condition may be true, and may be false."""
        true, false = state.copy(), state.copy()
        for number, value in enumerate(condition):
            if value.truth is False:
                true.possible &= ~(1 << number)
            elif value.truth is True:
                false.possible &= ~(1 << number)
        return true, false

    def _become(self, state: State, others: list[State]) -> None:
        """Make ``state`` the join of some states."""
        alive = [other for other in others if other.possible]
        state.possible = 0
        if not alive:
            return
        names = set.intersection(*(set(other.known) for other in alive))
        joined = {name: self._joined(alive, name) for name in names}
        for other in alive:
            state.possible |= other.possible
        state.known = {n: v for n, v in joined.items() if v != self._unknown}

    def _joined(self, states: list[State], name: str) -> Vector:
        first = states[0].known[name]
        if all(other.known[name] is first for other in states):
            return first
        found = []
        for number in range(len(self._field)):
            at = [s.known[name][number] for s in states if s.possible >> number & 1]
            at = at or [s.known[name][number] for s in states]
            known = at[0].known
            for value in at[1:]:
                known &= value.known & ~(value.value ^ at[0].value)
            found.append(Bits(known, at[0].value & known))
        return tuple(found)

    # --- statements -----------------------------------------------------------------

    def _statement(self, node: Node, state: State) -> None:
        """Carry ``state`` over a statement; not possible any more: control left."""
        handler = _STATEMENTS.get(node.type)
        if handler is None:
            if state.possible and node.is_named and node.type != "comment":
                self._value(node, state)
        elif state.possible or handler in (Flow._block, Flow._labeled, Flow._switch):
            handler(self, node, state)
        elif _holds_label(node):
            self._forget_all(state)
            handler(self, node, state)

    def _block(self, node: Node, state: State) -> None:
        for child in node.named_children:
            self._statement(child, state)

    def _labeled(self, node: Node, state: State) -> None:
        self._forget_all(state)
        for child in node.named_children:
            if child.type != "statement_identifier":
                self._statement(child, state)

    def _if(self, node: Node, state: State) -> None:
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        result = self._value(condition, state) if condition else self._unknown
        true, false = self._split(state, result)
        if then is not None:
            self._statement(then, true)
        if other is not None:
            self._block(other, false)
        self._become(state, [true, false])

    def _conditional(self, node: Node, state: State) -> None:
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
                    self._statement(child, here)
            states.append(here)
            if other is None and branch.type != "preproc_else":
                states.append(state.copy())
            branch = other
        self._become(state, states)

    def _loop(self, node: Node, state: State) -> None:
        first = node.child_by_field_name("initializer")
        condition = node.child_by_field_name("condition")
        update = node.child_by_field_name("update")
        body = node.child_by_field_name("body")
        if first is not None:
            self._statement(first, state)
        self._forget_assigned(node, state)
        if node.type == "do_statement":
            self._do(condition, body, state)
            return
        result = self._value(condition, state) if condition else self._unknown
        inside, after = self._split(state, result)
        self._exits.append([])
        if body is not None:
            self._statement(body, inside)
        if update is not None and inside.possible:
            self._value(update, inside)
        endless = condition is None or all(b.truth is True for b in result)
        ends = self._exits.pop()
        # What the body did reaches the code behind through the condition only, and
        # everything that it assigns was forgotten before.
        self._become(state, ends if endless else [after, *ends])

    def _do(self, condition: Node | None, body: Node | None, state: State) -> None:
        self._exits.append([])
        if body is not None:
            self._statement(body, state)
        ends = self._exits.pop()
        if condition is not None and (state.possible or _holds_continue(body)):
            if _holds_continue(body):
                state.possible = self._everything
            result = self._value(condition, state)
            _, state_after = self._split(state, result)
            ends.append(state_after)
        self._become(state, ends)

    def _switch(self, node: Node, state: State) -> None:
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if body is None or condition is None:
            return
        if not state.possible:
            if not _holds_label(body):
                return
            self._forget_all(state)
        result = self._value(condition, state)
        rest = state.copy()  # no case has matched yet
        cases = [c for c in body.named_children if c.type == "case_statement"]
        entries, default = [], None
        for case in cases:
            label = case.child_by_field_name("value")
            if label is None:
                default = case
                entries.append(rest)
                continue
            same = self._each("==", result, self._against(label, result))
            entry, _ = self._split(state, same)
            if not case.has_error:  # ranges do not parse: then nothing is excluded
                _, rest_after = self._split(rest, same)
                rest.possible = rest_after.possible
            entries.append(entry)
        self._exits.append([])
        flowing = State(0, {})
        for child in body.named_children:
            if child.type != "case_statement":
                self._statement(child, flowing)
                continue
            self._become(flowing, [flowing.copy(), entries.pop(0).copy()])
            label = child.child_by_field_name("value")
            for part in child.named_children:
                if label is None or part.id != label.id:
                    self._statement(part, flowing)
        ends = [*self._exits.pop(), flowing]
        self._become(state, ends if default is not None else [*ends, rest])

    def _break(self, node: Node, state: State) -> None:
        if self._exits:
            self._exits[-1].append(state.copy())
        state.possible = 0

    def _leave(self, node: Node, state: State) -> None:
        for child in node.named_children:
            if child.type not in ("statement_identifier", "comment"):
                self._value(child, state)
        state.possible = 0

    def _expression(self, node: Node, state: State) -> None:
        for child in node.named_children:
            if child.type == "call_expression":
                name, arguments = call(self._source, child)
                result = self._value(child, state)
                if name in BUG_IF_TRUE and arguments:
                    _, survivors = self._split(state, result)
                    state.possible = survivors.possible
                elif name in NEVER_RETURN:
                    state.possible = 0
            elif child.type != "comment":
                self._value(child, state)

    def _declaration(self, node: Node, state: State) -> None:
        kind = node.child_by_field_name("type")
        is_bool = kind is not None and self._source.text(kind) in ("bool", "_Bool")
        for child in node.named_children:
            name = child
            value = None
            if child.type == "init_declarator":
                name = child.child_by_field_name("declarator") or child
                value = child.child_by_field_name("value")
            if is_bool and name.type == "identifier":
                self._bools.add(self._source.text(name))
            if value is not None:
                self._assign(name, self._value(value, state), state)

    # --- expressions ----------------------------------------------------------------

    def _value(self, node: Node, state: State) -> Vector:
        """What an expression is; records it where asked, carries out assignments."""
        result = self._evaluate(node, state)
        if node.id in self._wanted and state.possible:
            values = self._subject.values
            possible = (v for n, v in enumerate(values) if state.possible >> n & 1)
            self._seen[node.id] = Seen(
                frozenset(possible), dict(zip(values, result, strict=True))
            )
        return result

    def _evaluate(self, node: Node, state: State) -> Vector:
        match node.type:
            case "parenthesized_expression" | "argument_list" | "comma_expression":
                return self._last(node, state)
            case "compound_statement":
                self._block(node, state)
                return self._unknown
            case "identifier" | "field_expression" | "subscript_expression":
                return self._read(node, state)
            case "number_literal" | "true" | "false" | "null":
                return self._all(literal(self._source, node))
            case "binary_expression":
                return self._binary(node, state)
            case "unary_expression":
                return self._unary(node, state)
            case "cast_expression":
                return self._cast(node, state)
            case "conditional_expression":
                return self._choice(node, state)
            case "assignment_expression":
                return self._assignment(node, state)
            case "call_expression":
                return self._call(node, state)
            case "update_expression" | "pointer_expression":
                return self._pointer(node, state)
            case "sizeof_expression" | "offsetof_expression" | "alignof_expression":
                return self._unknown
        for child in node.named_children:
            self._statement(child, state)
        return self._unknown

    def _all(self, number: int | None) -> Vector:
        if number is None:
            return self._unknown
        return (known_bits.constant(number),) * len(self._field)

    def _against(self, node: Node, other: Vector) -> Vector:
        """A constant beside another operand: looked up where that one is known."""
        if other == self._unknown:
            return self._unknown
        return self._all(self._constant(self._source.text(node)))

    def _last(self, node: Node, state: State) -> Vector:
        result = self._unknown
        for child in node.named_children:
            if child.type != "comment":
                result = self._value(child, state)
        return result

    def _read(self, node: Node, state: State) -> Vector:
        name = key(self._source, node)
        if name in state.known:
            return state.known[name]
        if node.type != "identifier":
            for child in node.named_children:
                self._value(child, state)
        return self._unknown

    def _binary(self, node: Node, state: State) -> Vector:
        sides = operands(node)
        if sides is None:
            return self._unknown
        sign = operator(node)
        left = self._value(sides[0], state)
        if sign in ("&&", "||"):
            true, false = self._split(state, left)
            go_on, skip = (true, false) if sign == "&&" else (false, true)
            right = self._value(sides[1], go_on)
            self._become(state, [go_on, skip])
            return tuple(_logical(sign, a, b) for a, b in zip(left, right, strict=True))
        if is_constant(self._source, sides[1]):
            right = self._against(sides[1], left)
        else:
            right = self._value(sides[1], state)
            if is_constant(self._source, sides[0]):
                left = self._against(sides[0], right)
        return self._each(sign, left, right)

    def _each(self, sign: str, left: Vector, right: Vector) -> Vector:
        return tuple(
            known_bits.binary(sign, a, b) for a, b in zip(left, right, strict=True)
        )

    def _unary(self, node: Node, state: State) -> Vector:
        argument = node.child_by_field_name("argument")
        if argument is None:
            return self._unknown
        value = self._value(argument, state)
        match operator(node):
            case "!":
                return tuple(known_bits.negate(b) for b in value)
            case "~":
                return tuple(known_bits.invert(b) for b in value)
            case "-":
                zero = known_bits.constant(0)
                return tuple(known_bits.binary("-", zero, b) for b in value)
            case "+":
                return value
        return self._unknown

    def _cast(self, node: Node, state: State) -> Vector:
        inner = node.child_by_field_name("value")
        if inner is None:
            return self._unknown
        value = self._value(inner, state)
        kind = type_of_cast(self._source, node)
        if kind in ("bool", "_Bool"):
            return tuple(known_bits.boolean(b.truth) for b in value)
        if kind in SMALL:
            mask = known_bits.constant(SMALL[kind])
            return tuple(known_bits.binary("&", b, mask) for b in value)
        return value

    def _choice(self, node: Node, state: State) -> Vector:
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        if condition is None or other is None:
            return self._unknown
        result = self._value(condition, state)
        true, false = self._split(state, result)
        one = self._value(then, true) if then is not None else result
        two = self._value(other, false)
        self._become(state, [true, false])
        return tuple(_chosen(c, a, b) for c, a, b in zip(result, one, two, strict=True))

    def _call(self, node: Node, state: State) -> Vector:
        name, arguments = call(self._source, node)
        values = [self._value(argument, state) for argument in arguments]
        if name in TRANSPARENT and len(values) == 1:
            stored = state.known.get(key(self._source, node))
            return stored if stored is not None else values[0]
        if name in WARN_IF_TRUE | BUG_IF_TRUE and values:
            return tuple(known_bits.boolean(b.truth) for b in values[0])
        return self._unknown

    def _pointer(self, node: Node, state: State) -> Vector:
        """``&x`` lets x change, ``*p`` may be the object itself, ``x++`` changes x."""
        argument = node.child_by_field_name("argument")
        if node.type == "pointer_expression" and operator(node) == "*":
            known = state.known.get(key(self._source, node))
            if known is None and argument is not None:
                self._value(argument, state)
            return known or self._unknown
        if argument is not None:
            self._assign(argument, self._unknown, state)
        return self._unknown

    # --- assignments ----------------------------------------------------------------

    def _assignment(self, node: Node, state: State) -> Vector:
        sides = operands(node)
        if sides is None:
            return self._unknown
        value = self._value(sides[1], state)
        sign = operator(node)
        if sign != "=":
            old = self._value(sides[0], state)
            if is_constant(self._source, sides[1]):
                value = self._against(sides[1], old)
            value = self._each(sign[:-1], old, value)
        elif key(self._source, sides[0]) == self._subject.root:
            if is_constant(self._source, sides[1]):
                value = self._against(sides[1], self._field)
        elif sides[0].type != "identifier":
            for child in sides[0].named_children:
                self._value(child, state)
        self._assign(sides[0], value, state)
        return value

    def _assign(self, target: Node, value: Vector, state: State) -> None:
        name = key(self._source, target)
        if target.type == "pointer_declarator":
            name = name.lstrip("*")
        root = self._subject.root
        if name == root:
            self._assign_root(value, state)
        elif root.startswith((f"{name}->", f"{name}.", f"{name}[")) or (
            f"({name})" in root or root == f"*{name}"
        ):
            self._forget_all(state)
        elif value == self._unknown:
            state.known.pop(name, None)
        else:
            if name in self._bools:
                value = tuple(known_bits.boolean(b.truth) for b in value)
            state.known[name] = value

    def _assign_root(self, value: Vector, state: State) -> None:
        """The object changes: its new values follow from what is assigned."""
        mask = self._subject.mask
        new = 0
        for number, result in enumerate(value):
            if not state.possible >> number & 1:
                continue
            field_value = result.value & mask
            if result.known & mask != mask or field_value not in self._subject.values:
                new = self._everything
                break
            new |= 1 << self._subject.values.index(field_value)
        state.possible = new
        state.known = {self._subject.root: self._field}

    def _forget_all(self, state: State) -> None:
        fresh = self._fresh()
        state.possible, state.known = fresh.possible, fresh.known

    def _forget_assigned(self, loop: Node, state: State) -> None:
        """Forget what a loop assigns anywhere in it."""
        for node in _assigned_in(loop):
            self._assign(node, self._unknown, state)


def _logical(sign: str, a: Bits, b: Bits) -> Bits:
    stop = sign == "||"  # the truth of the left side that decides
    if a.truth is stop or b.truth is stop:
        return known_bits.boolean(stop)
    if a.truth is None or b.truth is None:
        return known_bits.UNKNOWN_BOOL
    return known_bits.boolean(not stop)


def _chosen(condition: Bits, a: Bits, b: Bits) -> Bits:
    if condition.truth is not None:
        return a if condition.truth else b
    known = a.known & b.known & ~(a.value ^ b.value)
    return Bits(known, a.value & known)


def _assigned_in(node: Node) -> list[Node]:
    """The targets of assignments, updates and ``&x`` below a node."""
    found = []
    stack = [node]
    while stack:
        here = stack.pop()
        target = None
        if here.type == "assignment_expression":
            target = here.child_by_field_name("left")
        elif here.type == "update_expression" or (
            here.type == "pointer_expression" and operator(here) == "&"
        ):
            target = here.child_by_field_name("argument")
        elif here.type == "init_declarator":
            target = here.child_by_field_name("declarator")
        if target is not None:
            found.append(target)
        stack.extend(here.named_children)
    return found


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


_STATEMENTS: dict[str, Callable[[Flow, Node, State], None]] = {
    "compound_statement": Flow._block,
    "translation_unit": Flow._block,
    "case_statement": Flow._block,
    "else_clause": Flow._block,
    "labeled_statement": Flow._labeled,
    "if_statement": Flow._if,
    "while_statement": Flow._loop,
    "do_statement": Flow._loop,
    "for_statement": Flow._loop,
    "switch_statement": Flow._switch,
    "return_statement": Flow._leave,
    "goto_statement": Flow._leave,
    "continue_statement": Flow._leave,
    "break_statement": Flow._break,
    "expression_statement": Flow._expression,
    "declaration": Flow._declaration,
    "preproc_if": Flow._conditional,
    "preproc_ifdef": Flow._conditional,
}
