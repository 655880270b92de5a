# SPDX-License-Identifier: GPL-2.0-or-later
"""Variables of a function whose value a test has told, and what may change them.

A variable that nobody has the address of is changed where the function's own text says
so, and nowhere else: not by a call, not by another CPU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, without_comments_and_strings
from reviewer.c.trees import name_of
from reviewer.patterns import regex
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.flow import Branch, Flow
from reviewer.prover.structure.hidden_jumps import no_hidden_jumps
from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.steps import NotRead, Step, inside, steps_of
from reviewer.utf8 import encode

# of a declaration: it lives on, is seen by others, or is not what it says
_NOT_PLAIN = regex(r"\b(?:static|extern|volatile|register|_*typeof_*|__auto_type)\b")
_NOT_PLAIN_NAME = regex(r"[\[({]|\b__free\b|\b__cleanup\b")
_TYPES = ("type_definition", "field_declaration_list", "enumerator_list")
_WORDS = regex(rb"[A-Za-z_]\w*")


class Body:
    """A function's text as steps, with what is known of its variables."""

    def __init__(
        self, source: Source, function: Function, definitions: Definitions
    ) -> None:
        """Raises NotRead for what is no row of statements."""
        self.declared: frozenset[str] = frozenset()  # names, plain or not
        self.source = source
        self.function = function
        self.definitions = definitions
        lines = range(function.first_line, function.last_line + 1)
        if not source.blanked.isdisjoint(lines):
            raise NotRead("a branch of an #if is not seen")
        if next(source.walk(function.node, *_TYPES), None) is not None:
            raise NotRead("it has types of its own")
        self.steps = steps_of(source, function, definitions.is_macro)
        self.flow = Flow(self.steps)
        no_hidden_jumps(definitions, self.steps, frozenset(self.flow.labels))

    @cached_property
    def variables(self) -> dict[str, str]:
        """The plain variables and how each is declared: those with one declaration, no
        address taken, and no macro that names them."""
        declared: dict[str, list[str]] = {}
        kinds = ("parameter_declaration", "declaration")
        for node in self.source.walk(self.function.node, *kinds):
            for declarator in node.children_by_field_name("declarator"):
                name = name_of(declarator)
                if name is not None:
                    text = self._declaration(node, declarator)
                    declared.setdefault(self.source.text(name), []).append(text)
        self.declared = frozenset(declared)
        shared = self._shared | self._in_macros | self._unseen(declared)
        return {
            name: texts[0]
            for name, texts in declared.items()
            if len(texts) == 1 and texts[0] and name not in shared
        }

    def _unseen(self, names: Iterable[str]) -> set[str]:
        """The names that stand where the tree of the function has none."""
        text = encode(self.source.text(self.function.node))
        words = Counter(_WORDS.findall(without_comments_and_strings(text)))
        kinds = ("identifier", "field_identifier", "type_identifier")
        nodes = Counter(
            self.source.text(node)
            for node in self.source.walk(self.function.node, *kinds)
        )
        return {name for name in names if words[name.encode()] != nodes[name]}

    def _declaration(self, node: Node, declarator: Node) -> str:
        """One variable as a parameter is declared, "" for what is no plain one."""
        plain = declarator.child_by_field_name("declarator")
        if declarator.type == "init_declarator" and plain is not None:
            declarator = plain
        first = node.children_by_field_name("declarator")[0]
        kind = self.source.data[node.start_byte : first.start_byte].decode(
            "utf-8", "replace"
        )
        name = self.source.text(declarator)
        if _NOT_PLAIN.search(kind) or _NOT_PLAIN_NAME.search(f"{kind} {name}"):
            return ""
        return f"{kind} {name}"

    @cached_property
    def _shared(self) -> set[str]:
        """The names whose address is taken."""
        return {
            word
            for node in self.source.walk(self.function.node, "pointer_expression")
            if self.source.text(node).startswith("&")
            for word in IDENTIFIER.findall(self.source.text(node))
        }

    @cached_property
    def _in_macros(self) -> set[str]:
        """The names in the bodies of the macros that it uses."""
        words = set(IDENTIFIER.findall(self.source.text(self.function.node)))
        return {
            word
            for name in words
            for macro in self.definitions.macros(name)
            for word in IDENTIFIER.findall(macro.body)
            if word in words
        }

    def is_kept(self, word: str) -> bool:
        """Says whether a macro is the same here and at the end of the file."""
        known = self.definitions
        if word not in known.placed:
            return True
        known.at = self.function.first_line
        here = [(macro.parameters, macro.body) for macro in known.macros(word)]
        known.at = None
        return here == [(macro.parameters, macro.body) for macro in known.macros(word)]

    def step_of(self, node: Node) -> Step:
        """Returns the innermost step with a piece of code in it; raises ValueError
        where there is none."""
        around = [
            step
            for step in inside(self.steps)
            if step.node is not None
            and step.node.start_byte <= node.start_byte
            and node.end_byte <= step.node.end_byte
        ]
        return min(around, key=_length)

    def is_steady(self, name: str, branches: list[Branch], call: Node) -> bool:
        """Says whether whoever gets to a call has taken one of some branches, and a
        variable is then as it was when that was last done."""
        site = self.step_of(call)
        cut = {(self.flow.numbers[id(one.step)], one.way) for one in branches}
        wanted = self.flow.numbers[id(site)]
        if wanted in self._without(cut, [self.flow.entry]):
            return False
        targets = [
            target
            for number, way in cut
            for target, other in self.flow.next[number]
            if other == way
        ]
        behind = self._without(cut, targets)
        if not self.is_left_alone(name, call):
            return False
        for node in self._changes(name):
            number = self.flow.numbers[id(self.step_of(node))]
            ways = [target for target, way in self.flow.next[number]
                    if (number, way) not in cut]  # fmt: skip
            if number in behind and wanted in self._without(cut, ways):
                return False
        return True

    def is_left_alone(self, name: str, call: Node) -> bool:
        """Says whether the statement of a call does nothing to a variable but keep what
        the call gives."""
        site = self.step_of(call)
        return all(
            _is_set_by(node, call)
            for node in self._changes(name)
            if self.step_of(node) is site
        )

    def _without(self, cut: set[tuple[int, str]], begin: list[int]) -> set[int]:
        """The steps that are reached from some, themselves included, by other ways."""
        found: set[int] = set()
        waiting = list(begin)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += [
                    target
                    for target, way in self.flow.next[number]
                    if (number, way) not in cut
                ]
        return found

    def _changes(self, name: str) -> list[Node]:
        """The uses of a variable in the body that may change it."""
        body = self.function.body
        assert body is not None
        return [
            node
            for node in self.source.walk(body, "identifier")
            if self.source.text(node) == name and self._may_change(node)
        ]

    def _may_change(self, node: Node) -> bool:
        """Whether a use of a variable may change it: the target of an assignment, an
        operand of ++, what a macro or assembly is handed."""
        for around in self.source.parents(node):
            kind = around.type
            if kind.endswith("declarator") or kind == "update_expression":
                return True
            if kind == "assignment_expression":
                left = around.child_by_field_name("left")
                if left is not None and left.start_byte <= node.start_byte < (
                    left.end_byte
                ):
                    return True
            if kind.startswith("gnu_asm") or self.source.is_iterator(around):
                return True
            is_macro = kind == "call_expression" and self._is_macro(around)
            if is_macro and not only_reads(self.source, around, self.definitions):
                return True
            if around == self.function.node:
                break
        return False

    def _is_macro(self, call: Node) -> bool:
        callee = call.child_by_field_name("function")
        name = "" if callee is None else self.source.text(callee)
        return name.isupper() or not name or self.definitions.is_macro(name)


def _is_set_by(node: Node, call: Node) -> bool:
    """Whether all that is done to a variable in a statement is to keep what a call
    gives."""
    target = node.parent
    if target is None or node.next_sibling is None:
        return False
    value = target.child_by_field_name("right") or target.child_by_field_name("value")
    is_whole = target.type == "init_declarator" or (
        target.parent is not None and target.parent.type == "expression_statement"
    )
    return (
        is_whole
        and value is not None
        and value.start_byte <= call.start_byte
        and call.end_byte <= value.end_byte
        and node.end_byte <= value.start_byte
    )


def _length(step: Step) -> int:
    return 0 if step.node is None else step.node.end_byte - step.node.start_byte
