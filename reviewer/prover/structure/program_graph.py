# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as a graph of what it does: each node is one thing, and says what is next.

A condition is taken apart at ``&&``, ``||`` and ``!``, and a call that is part of an
expression is a node of its own where it is sure to come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex
from reviewer.prover.names.scope_ends import may_have_scope_end
from reviewer.prover.structure.call_order import (
    are_statements,
    calls_in,
    come_first,
    comma_parts,
    depth_of,
    is_pure,
    is_whole,
)
from reviewer.prover.structure.graph_places import (
    BRANCH,
    CALL,
    DECLARE,
    DO,
    HEAD,
    JOIN,
    RETURN,
    SET,
    SWITCH,
    Graph,
    GraphPlace,
)
from reviewer.prover.structure.hidden_jumps import may_go
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.read_values import part
from reviewer.prover.structure.readable_bodies import (
    check_body,
    is_one_loop,
    may_read_volatile,
)
from reviewer.prover.structure.same_calls import call_of
from reviewer.prover.structure.shown_arguments import CHECKS
from reviewer.prover.structure.steps import NotRead
from reviewer.prover.syntax import bare

DEEPEST = 100
_NOTHING = ("NULL", "0", "false")
_EFFECTS = ("assignment_expression", "update_expression", "comma_expression",
            "compound_statement", "gnu_asm_expression", "asm_statement")  # fmt: skip
_ONE_WIDTH = frozenset(["int", "unsigned int", "unsigned", "u32", "s32"])
_WIDENS = frozenset(["int", "long", "ssize_t", "size_t", "unsigned long", "u64", "s64"])
_End = Callable[[Node | None, str], int]
_JUMPS = frozenset(["return", "goto"])
_LEAVES, _LOOPS = (
    frozenset(["break", "continue"]),
    frozenset(["while", "for", "switch"]),
)
_CHECKED = regex(rf"(?:{'|'.join(sorted(CHECKS))})\(")
_PLAIN = ("expression_statement", "declaration", "return_statement")
_BLOCKS = ("compound_statement", "case_statement", "labeled_statement")
_IDLE = ("fallthrough;", "__attribute__((__fallthrough__));", ";")


@dataclass(slots=True)
class _Around:
    """What the jumps of a statement lead to."""

    breaks: int = -1
    continues: int = -1
    depth: int = 0


def graph_of(body: OneFunction) -> Graph:
    """Returns the graph of a function; raises NotRead for what is none of statements,
    such as macros that return."""
    text = body.source.text(body.function.node)
    if may_have_scope_end(text) or body.has_twins or "__label__" in body.words:
        raise NotRead("a scope that ends, or a name of two variables")
    check_body(body)
    for macro in macros_of(body.known, body.words):
        used = frozenset(IDENTIFIER.findall(macro.body))
        if used & _JUMPS or (used & _LEAVES and not used & _LOOPS):
            raise NotRead(f"{macro.name}() may jump")
    made = Graph(body, reads_volatile=may_read_volatile(body))
    builder = _Builder(made)
    for label in body.walk("labeled_statement"):
        builder.labels(body.text(part(label, "label")))
    said, inside = {body.text(one) for one in body.walk("identifier")}, text.find("{")
    if not said.isdisjoint(made.labels) and may_go(body.known, said, text[inside:]):
        raise NotRead("a label is handed to a macro")
    end = builder.add(GraphPlace(RETURN))
    made.entry = builder.statement(body.block, end, _Around())
    return made


class _Builder:
    """Reads statements from the last to the first: what is next is known."""

    def __init__(self, made: Graph) -> None:
        self.made, self.body = made, made.body
        self.level = 0

    def add(self, place: GraphPlace) -> int:
        self.made.places.append(place)
        return len(self.made.places) - 1

    def labels(self, name: str) -> int:
        if name in self.made.labels:
            raise NotRead("a label twice")
        self.made.labels[name] = self.add(GraphPlace(JOIN))
        return self.made.labels[name]

    def only(self, node: Node, text: str, *parts: Node) -> None:
        """Raises NotRead where a statement has more words than the tree shows."""
        if self.body.squeezed(node, *parts) != text:
            raise NotRead("a word is not read as C")

    def statement(self, node: Node, after: int, around: _Around) -> int:
        self.level += 1
        if self.level > DEEPEST:
            raise NotRead("it is nested too deeply")
        several = node.parent is not None and node.parent.type in _BLOCKS
        if node.type in _PLAIN and not are_statements(self.body, node, several):
            raise NotRead("a macro that is part of a statement")
        kinds = {
            "compound": self._block, "expression": self._expression,
            "return": self._return, "if": self._if, "while": self._while,
            "do": self._do, "for": self._for, "switch": self._switch,
            "labeled": self._label, "declaration": self._declaration,
        }  # fmt: skip
        read = kinds.get(node.type.removesuffix("_statement"), self._jump)
        found = read(node, after, around)
        self.level -= 1
        return found

    def _statements(self, node: Node) -> list[Node]:
        return [one for one in node.named_children if one.type != "comment"]

    def _block(self, node: Node, after: int, around: _Around) -> int:
        inner = self._statements(node)
        self.only(node, "{}", *inner)
        for one in reversed(inner):
            after = self.statement(one, after, around)
        return after

    def _jump(self, node: Node, _after: int, around: _Around) -> int:
        if node.type == "goto_statement":
            name = self.body.text(part(node, "label"))
            self.only(node, f"goto{name};")
            if name in self.made.labels:
                return self.made.labels[name]
        for kind, target in (("break", around.breaks), ("continue", around.continues)):
            if node.type == f"{kind}_statement" and target >= 0:
                self.only(node, f"{kind};")
                return target
        raise NotRead(f"a {node.type.replace('_', ' ')} is not read")

    def _label(self, node: Node, after: int, around: _Around) -> int:
        name = self.body.text(part(node, "label"))
        inner = self._statements(node)[1:]
        self.only(node, f"{name}:", *inner)
        for one in reversed(inner):
            after = self.statement(one, after, around)
        here = self.made.labels[name]
        self.made.places[here].then = after
        return here

    # --- expressions ------------------------------------------------------------------

    def _expression(self, node: Node, after: int, around: _Around) -> int:
        text = self.body.squeezed(node)
        if _CHECKED.match(text) and not self.body.known.is_local(
            text.partition("(")[0]
        ):
            return after  # while it is compiled
        if text in _IDLE and not self.body.known.is_local(text.rstrip(";")):
            return after
        inner = self._statements(node)
        if len(inner) != 1:
            raise NotRead("a statement of no expression")
        self.only(node, ";", inner[0])
        return self._do_it(inner[0], after, around)

    def _do_it(self, node: Node, after: int, around: _Around) -> int:
        if node.type == "assignment_expression":
            left, right = part(node, "left"), part(node, "right")
            name = self.body.text(left)
            is_set = self.body.squeezed(node, left, right) == "="
            if is_set and self.body.is_private(name) and (
                self._is_choice(right, self.body.type_of(name))
            ):  # fmt: skip
                return self._given(name, right, after, around)
        here = self.add(GraphPlace(DO, node, after, depth=around.depth))
        return self._lifted(node, here, around)

    def _declaration(self, node: Node, after: int, around: _Around) -> int:
        words = set(IDENTIFIER.findall(self.body.text(node)))
        if not is_whole(self.body, node):
            raise NotRead("a word that is not read as C")
        if not words.isdisjoint(["static", "extern", "typedef", "register"]):
            raise NotRead("a variable that is not the function's own")
        values = [
            value
            for one in node.children_by_field_name("declarator")
            if (value := one.child_by_field_name("value")) is not None
        ]
        names = [n for n, ones in self.body.variables.items() if ones[0].node == node]
        if len(values) == len(names) == 1 and self.body.is_private(names[0]) and (
            self._is_choice(values[0], self.body.type_of(names[0]))
        ):  # fmt: skip
            chosen = self._given(names[0], values[0], after, around)
            return self.add(GraphPlace(DECLARE, node, chosen, into=names[0]))
        here = self.add(GraphPlace(DECLARE, node, after, depth=around.depth))
        return here if len(values) != 1 else self._lifted(values[0], here, around)

    def _return(self, node: Node, _after: int, around: _Around) -> int:
        inner = self._statements(node)
        self.only(node, "return;", *inner)
        if not inner:
            return self.add(GraphPlace(RETURN))
        if self._is_choice(inner[0], self.body.returns):
            return self._choice(
                inner[0], around,
                lambda node, word: self._value(node, around, word),
            )  # fmt: skip
        return self._value(inner[0], around)

    def _is_choice(self, node: Node, type_: str) -> bool:
        """Whether a value is that of a condition, or one of two values that it keeps
        when it becomes one of a type."""
        node = bare(node)
        operator = node.child_by_field_name("operator")
        if node.type == "unary_expression" and self.body.text(node)[0] == "!":
            inner = bare(node.named_children[-1])
            return inner.type != "conditional_expression" and (
                self._is_choice(inner, type_)
            )  # fmt: skip
        if node.type == "binary_expression" and operator is not None:
            return self.body.text(operator) in ("&&", "||")
        if node.type != "conditional_expression":
            return False
        condition = bare(part(node, "condition"))
        then = node.child_by_field_name("consequence")
        if then is None and not (
            condition.type == "identifier" and self.body.is_private(
                self.body.text(condition))
        ):  # fmt: skip
            return False
        if type_ in _ONE_WIDTH or type_.endswith("*"):
            return True
        arms = [bare(condition if then is None else then),
                bare(part(node, "alternative"))]  # fmt: skip
        return type_ in _WIDENS and all(
            self.body.type_of(self.body.text(arm)) in _WIDENS for arm in arms
        )

    def _choice(self, node: Node, around: _Around, end: _End) -> int:
        """The condition, and what is done with what it gives."""
        inner = self._bare(node)
        if inner.type != "conditional_expression":
            return self.condition(inner, end(None, "1"), end(None, "0"), around)
        condition = part(inner, "condition")
        then = inner.child_by_field_name("consequence")
        self.only(inner, "?:", *inner.named_children)
        yes = end(condition if then is None else then, "")
        no = end(part(inner, "alternative"), "")
        return self.condition(condition, yes, no, around)

    def _value(self, node: Node | None, around: _Around, word: str = "") -> int:
        here = self.add(GraphPlace(RETURN, node, depth=around.depth, word=word))
        return here if node is None else self._lifted(node, here, around)

    def _given(self, name: str, node: Node, after: int, around: _Around) -> int:
        """A private variable that gets the value of a choice."""

        def end(value: Node | None, word: str) -> int:
            here = self.add(GraphPlace(SET, value, after, into=name, depth=around.depth,
                                  word=word))  # fmt: skip
            return here if value is None else self._lifted(value, here, around)

        return self._choice(node, around, end)

    def _lifted(self, node: Node, here: int, around: _Around) -> int:
        """Puts the calls of an expression in front of it, where they come first: one in
        another, and nothing beside them that they could change."""
        calls = [
            one for one in calls_in(self.body, node) if not is_pure(self.body, one)
        ]
        others = any(True for _ in self.body.source.walk(node, *_EFFECTS) if _ != node)
        if not calls or others or not come_first(self.body, node, calls):
            return here
        for call in calls:  # the outer one stands behind the inner
            if call == node and self.made.places[here].kind == DO:
                self.made.places[here].kind = CALL
                continue
            name = f"%{len(self.made.lifted)}"
            self.made.lifted[call.id] = name
            here = self.add(GraphPlace(CALL, call, here, into=name, depth=around.depth))
        return here

    # --- choices ----------------------------------------------------------------------

    def condition(self, node: Node, yes: int, no: int, around: _Around) -> int:
        """Returns where a condition is asked that leads to ``yes`` or ``no``."""
        inner = self._bare(node)
        kind = inner.type
        if kind == "unary_expression" and self.body.text(inner)[0] == "!":
            self.only(inner, "!", inner.named_children[-1])
            return self.condition(inner.named_children[-1], no, yes, around)
        if kind == "binary_expression":
            left, right = part(inner, "left"), part(inner, "right")
            sign = self.body.text(part(inner, "operator"))
            self.only(inner, sign, left, right)
            if sign == "&&":
                yes = self.condition(right, yes, no, around)
                return self.condition(left, yes, no, around)
            if sign == "||":
                no = self.condition(right, yes, no, around)
                return self.condition(left, yes, no, around)
            if sign in ("==", "!=") and self.body.text(right) in _NOTHING:
                ways = (no, yes) if sign == "==" else (yes, no)
                return self.condition(left, *ways, around)
        call = call_of(self.body.source, inner) if kind == "call_expression" else None
        if call is not None and call[0] in ("likely", "unlikely") and len(call[1]) == 1:
            self.only(inner, f"{call[0]}()", call[1][0])
            return self.condition(call[1][0], yes, no, around)
        if kind == "assignment_expression" and self.body.text(inner.children[1]) == "=":
            left = part(inner, "left")
            if self.body.is_private(self.body.text(left)):
                asked = self.add(GraphPlace(BRANCH, left, yes, no, depth=around.depth))
                return self._do_it(inner, asked, around)
        here = self.add(GraphPlace(BRANCH, inner, yes, no, depth=around.depth))
        return self._lifted(inner, here, around)

    def _bare(self, node: Node) -> Node:
        """An expression without the parentheses around it."""
        inner = bare(node)
        self.only(node, "(" * (n := depth_of(node, inner)) + ")" * n, inner)
        return inner

    def _if(self, node: Node, after: int, around: _Around) -> int:
        condition, then = part(node, "condition"), part(node, "consequence")
        other = node.child_by_field_name("alternative")
        rest = [] if other is None else [other]
        self.only(node, "if", condition, then, *rest)
        no = after
        if other is not None:
            inner = other.named_children[-1]
            self.only(other, "else", inner)
            no = self.statement(inner, after, around)
        yes = self.statement(then, after, around)
        return self.condition(condition, yes, no, around)

    def _while(self, node: Node, after: int, around: _Around) -> int:
        condition, inner = part(node, "condition"), part(node, "body")
        if self.body.source.is_iterator(node):
            return self._iterator(node, inner, after, around)
        self.only(node, "while", condition, inner)
        head = self.add(GraphPlace(JOIN))
        loop = _Around(after, head, around.depth)
        body = self.statement(inner, head, loop)
        self.made.places[head].then = self.condition(condition, body, after, around)
        return head

    def _iterator(self, node: Node, inner: Node, after: int, around: _Around) -> int:
        """A loop that a macro makes: it is asked at its beginning, and after each
        round, whether there is one more."""
        depth = around.depth + 1
        asked = self.add(GraphPlace(BRANCH, None, -1, after, into=f"%loop{depth}"))
        goes_on, begins = (
            self.add(GraphPlace(HEAD, node, asked, into=f"%loop{depth}", depth=depth,
                           word=word))
            for word in ("goes on", "begins")
        )  # fmt: skip
        breaks = after if is_one_loop(self.body, node) else -1
        body = self.statement(inner, goes_on, _Around(breaks, goes_on, depth))
        self.made.places[asked].then = body
        return begins

    def _do(self, node: Node, after: int, around: _Around) -> int:
        condition, inner = part(node, "condition"), part(node, "body")
        self.only(node, "dowhile;", inner, condition)
        asked = self.add(GraphPlace(JOIN))
        head = self.add(GraphPlace(JOIN))
        body = self.statement(inner, asked, _Around(after, asked, around.depth))
        self.made.places[head].then = body
        self.made.places[asked].then = self.condition(condition, head, after, around)
        return head

    def _for(self, node: Node, after: int, around: _Around) -> int:
        fields = ("initializer", "condition", "update")
        first, condition, update = (node.child_by_field_name(n) for n in fields)
        inner = part(node, "body")
        parts = [one for one in (first, condition, update, inner) if one is not None]
        declares = first is not None and first.type == "declaration"
        self.only(node, "for(;)" if declares else "for(;;)", *parts)
        head, step = self.add(GraphPlace(JOIN)), self.add(GraphPlace(JOIN))
        body = self.statement(inner, step, _Around(after, step, around.depth))
        asked = body
        if condition is not None:
            asked = self.condition(condition, body, after, around)
        self.made.places[head].then = asked
        again = head
        for one in reversed(comma_parts(update)):
            again = self._do_it(one, again, around)
        self.made.places[step].then = again
        if declares and first is not None:
            return self._declaration(first, head, around)
        for one in reversed(comma_parts(first)):
            head = self._do_it(one, head, around)
        return head

    def _switch(self, node: Node, after: int, around: _Around) -> int:
        condition, inner = part(node, "condition"), part(node, "body")
        self.only(node, "switch", condition, inner)
        cases: list[tuple[str, int]] = []
        loop = _Around(after, around.continues, around.depth)
        at = after
        rows = self._statements(inner)
        self.only(inner, "{}", *rows)
        for row in reversed(rows):
            colon = next((c for c in row.children if c.type == ":"), None)
            if row.type != "case_statement" or colon is None:
                raise NotRead("a switch without a case")
            statements = [
                one
                for one in self._statements(row)
                if one.start_byte > colon.start_byte
            ]
            text = self.body.squeezed(row, *statements)
            for one in reversed(statements):
                at = self.statement(one, at, loop)
            entry = self.add(GraphPlace(JOIN, then=at))
            cases.append((text, entry))
            at = entry
        default = next((way for text, way in cases if text == "default:"), after)
        here = self.add(
            GraphPlace(SWITCH, bare(condition), other=default, depth=around.depth,
                  cases=tuple(sorted(c for c in cases if c[0] != "default:")))
        )  # fmt: skip
        return self._lifted(self._bare(condition), here, around)
