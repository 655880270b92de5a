# SPDX-License-Identifier: GPL-2.0-or-later
"""The expressions of a function as terms of what they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.call_order import is_pure, is_whole
from reviewer.prover.structure.guards_written_out import RESULT
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import is_function, number_of
from reviewer.prover.structure.readable_bodies import check_sizes
from reviewer.prover.structure.shown_arguments import shows_names
from reviewer.prover.structure.steps import NotRead
from reviewer.prover.structure.value_terms import (
    COMPARES,
    PLAIN,
    SIGNED,
    Knowledge,
    Part,
    Term,
    Terms,
)
from reviewer.prover.syntax import bare

_WIDEST = frozenset(["size_t", "unsigned long", "u64"])
_NO_TYPE = frozenset(["static", "inline", "extern", "const", "__always_inline",
                      "noinline", "__must_check", "__init", "__exit",
                      "asmlinkage"])  # fmt: skip


@dataclass(slots=True)
class Reading:
    """Reads the expressions of one function at one moment.

    ``values``: what its private variables hold, and the answers of calls; ``lifted``:
    by the id of a call the name of its answer; ``touched``: the other variables that
    were used since they were declared; ``reads``: how often what was read.
    """

    body: OneFunction
    knowledge: Knowledge
    values: dict[str, Term]
    lifted: dict[int, str]
    touched: set[str]
    reads: Counter[Term] = field(default_factory=Counter)
    volatile: bool = False  # what is read through a pointer may be

    @property
    def terms(self) -> Terms:
        return self.knowledge.terms

    def is_own(self, name: str) -> bool:
        """Says whether a name is a variable of which nobody else knows."""
        return name == RESULT or self.body.is_private(name)

    def type_of(self, name: str) -> str:
        """Returns the type of such a variable."""
        return self.body.returns if name == RESULT else self.body.type_of(name)

    # --- what is only looked at -------------------------------------------------------

    def value(self, node: Node) -> Term:
        """Returns the term of an expression that changes nothing; raises NotRead."""
        node = self._inner(node)
        kind = node.type
        text = self.body.text(node)
        if node.id in self.lifted:
            return self.knowledge.resolved(self.values[self.lifted[node.id]])
        if kind == "identifier":
            return self._name(text)
        if kind == "number_literal":
            return self._number(text)
        if kind in ("null", "true", "false"):
            return self.terms.number("int", {"true": "1"}.get(text, "0"))
        if kind in ("char_literal", "string_literal", "concatenated_string"):
            return self.terms.make("text", text)
        if kind in ("field_expression", "subscript_expression"):
            return self._read(self.address(node))
        if kind == "pointer_expression":
            inner = node.named_children[-1]
            self._is_whole(node, [inner], ("&", "*"))
            return self.address(inner) if text[0] == "&" else self._read(
                self.value(inner)
            )  # fmt: skip
        if kind in ("binary_expression", "unary_expression"):
            return self._operation(node)
        if kind in ("sizeof_expression", "offsetof_expression"):
            check_sizes(self.body, node)
            return self.terms.make("text", *self.words(node, sizes=True))
        if kind == "cast_expression":
            type_, cast = part(node, "type"), part(node, "value")
            self._is_whole(node, [type_, cast], ("()",))
            check_sizes(self.body, type_)
            return self.terms.make("cast", self.body.text(type_), self.value(cast))
        if kind == "conditional_expression":
            self._is_whole(node, node.named_children, ("?:",))
            return self._chosen([self._calm(n, one) for n, one
                                 in enumerate(node.named_children)])  # fmt: skip
        if kind == "call_expression":
            return self._looked(node)
        raise NotRead(f"a {kind.replace('_', ' ')} is not read")

    def _inner(self, node: Node) -> Node:
        """What stands in parentheses, and nothing beside it."""
        while node.type == "parenthesized_expression" and node.named_child_count == 1:
            self._is_whole(node, [node.named_children[0]], ("()",))
            node = node.named_children[0]
        return node

    def _is_whole(self, node: Node, parts: list[Node], texts: tuple[str, ...]) -> None:
        if self.body.squeezed(node, *parts) not in texts:
            raise NotRead("a word is not read as C")

    def _read(self, address: Term) -> Term:
        if self.volatile and self.terms.parts[address][0] not in ("object", "global"):
            raise NotRead("it may be volatile")
        found = self.terms.make("read", address, self.knowledge.time)
        self.reads[found] += 1
        return self.knowledge.resolved(found)

    def _name(self, name: str) -> Term:
        known, terms = self.body.known, self.terms
        if name in self.values:
            return self.knowledge.resolved(self.values[name])
        if name in known.volatile:
            raise NotRead("a volatile variable")
        if name in self.body.variables or name == RESULT:
            if self.body.is_private(name) or name == RESULT:
                raise NotRead("a variable that is not seen")
            return self._read(self.object(name))
        if self.body.is_constant(name):
            if name in ("NULL", "true", "false"):
                return terms.number("int", "1" if name == "true" else "0")
            return self._constant(name)
        if known.is_macro(name):
            if name == "current" and not known.is_local(name):
                return terms.make("name", name)  # one task runs the function
            readers = known.readers
            if not readers.looks_only(name) or readers.primitives_of(name):
                raise NotRead("a macro that does something")
            found = terms.make("macro", name, self.knowledge.time)
            self.reads[found] += 1
            return found
        if is_function(known, name):
            return terms.make("name", name)
        return self._read(terms.make("global", name))

    def object(self, name: str) -> Term:
        """Returns the place of a variable that is not private, and notes its use."""
        first = "" if name in self.touched else "unset"
        self.touched.add(name)
        return self.terms.make("object", name, form_of(self.body, name), first)

    def _number(self, text: str) -> Term:
        plain = text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 10
        if text.lower() in ("0x0", "00"):
            text, plain = "0", True
        return (
            self.terms.number("int", text) if plain else self.terms.make("text", text)
        )

    def _constant(self, text: str) -> Term:
        """A name, or its negation, that stands for a number of the type int."""
        word = text.removeprefix("-")
        bodies = [macro.body.strip() for macro in self.body.known.macros(word)]
        if bodies and all(PLAIN.match(one) for one in bodies):
            return self.terms.number("int", text)
        number = "" if bodies else number_of(self.body.known, word)
        if number and 0 <= int(number) < 1 << 31:
            return self.terms.number("int", text)
        return self.terms.make("name", text)

    def address(self, node: Node) -> Term:
        """Returns the term of the place of an lvalue; raises NotRead for others."""
        node = self._inner(node)
        kind, terms = node.type, self.terms
        if kind == "identifier":
            name = self.body.text(node)
            if name in self.body.variables:
                if self.body.is_private(name):
                    raise NotRead("the address of a private variable")
                return self.object(name)
            known = self.body.known
            if known.is_macro(name):
                raise NotRead("the address of a macro")
            return terms.make("global", name)
        if kind == "field_expression":
            base, member = part(node, "argument"), self.body.text(part(node, "field"))
            if self.body.known.is_macro(member):
                raise NotRead("a member that is a macro")
            if member in self.body.known.volatile:
                raise NotRead("a volatile member")
            sign = self.body.squeezed(node, base, part(node, "field"))
            if sign == "->":
                return terms.make("member", terms.as_place(self.value(base)), member)
            if sign == ".":
                return terms.make("member", self.address(base), member)
        if kind == "pointer_expression" and self.body.text(node)[0] == "*":
            return terms.make("at", self.value(node.named_children[-1]))
        if kind == "subscript_expression":
            base, *rest = node.named_children
            self._is_whole(node, [base, *rest], ("[]",))
            index = self.value(rest[0])
            return terms.make("element", self.value(base), index)
        raise NotRead(f"the place of a {kind.replace('_', ' ')}")

    def _operation(self, node: Node) -> Term:
        terms = self.terms
        sign = self.body.text(part(node, "operator"))
        fields = ("left", "right", "argument")
        found_parts = (node.child_by_field_name(one) for one in fields)
        parts = [one for one in found_parts if one is not None]
        self._is_whole(node, parts, (sign,))
        if sign == "-" and len(parts) == 1:
            name = self.body.text(bare(parts[0]))
            if name.isdigit() and len(name) < 6 and name[0] != "0":
                return terms.number("int", f"-{name}")
            if name.isidentifier() and name not in self.body.variables and (
                self.body.is_constant(name)
            ):  # fmt: skip
                return self._constant(f"-{name}")
        calm = sign in ("&&", "||")
        values = [self._calm(n * calm, one) for n, one in enumerate(parts)]
        if sign == "!":
            return terms.make("operator", "!", terms.truth_of(values[0]))
        if sign in ("&&", "||"):
            values = [terms.truth_of(one) for one in values]
        found = terms.make("operator", sign, *values)
        if sign in ("/", "%"):
            self.reads[found] += 1  # it may stop
        return self._folded(sign, values, found)

    def _folded(self, sign: str, values: list[Term], found: Term) -> Term:
        """A comparison of two numbers as the number that it is."""
        if sign not in COMPARES or len(values) != 2:
            return found
        types = {self.terms.type_of(one) for one in values}
        one, two = (self.terms.value(value) for value in values)
        if one is None or two is None or not types <= SIGNED:
            return found
        holds = {"==": one == two, "!=": one != two, "<": one < two, ">": one > two,
                 "<=": one <= two, ">=": one >= two}[sign]  # fmt: skip
        return self.terms.number("int", str(int(holds)))

    def _calm(self, number: int, node: Node) -> Term:
        """A value that is not always asked for: nothing is read for it."""
        before = Counter(self.reads)
        found = self.value(node)
        if number and self.reads != before:
            raise NotRead("it may be read or not")
        return found

    def _chosen(self, values: list[Term]) -> Term:
        """Of ``a ? b : c`` the one that is taken, where that is known and it has the
        type of the whole."""
        holds = self.knowledge.truth(self.body, self.terms.truth_of(values[0]))
        if holds is not None:
            taken = values[-2] if holds else values[-1]
            types = {self.terms.type_of(one) for one in values[-2:]}
            if types <= _WIDEST or (len(types) == 1 and "" not in types) or (
                self.terms.type_of(taken) in _WIDEST and "" not in types
            ):  # fmt: skip
                return taken
        return self.terms.make("choice", *values)

    def _looked(self, node: Node) -> Term:
        if not is_pure(self.body, node):
            raise NotRead("a call that does something")
        found = self.terms.make("looked", *self.words(node), self.knowledge.time)
        self.reads[found] += 1
        return found

    # --- any code, by its words -------------------------------------------------------

    def words(self, node: Node, end: int = -1, sizes: bool = False) -> Iterator[Part]:
        """Yields code as its words, for private variables what they hold, up to the
        byte ``end``; of ``sizes`` only their type is asked.  Raises NotRead for a word
        that is no token of C."""
        names = frozenset(IDENTIFIER.findall(self.body.source.text(node)))
        shows = shows_names(self.body.known, names - self.body.variables.keys())
        last = -1
        order: dict[str, int] = {}
        for one in self.body.source.walk(node):
            if one.child_count or one.start_byte < last or 0 <= end <= one.start_byte:
                continue
            if one.type == "comment":
                continue
            last = one.end_byte
            yield from self._word(one, shows, sizes, order)
        if end >= 0:
            return
        if not is_whole(self.body, node):
            raise NotRead("a word is not read as C")

    def _word(
        self, node: Node, shows: bool, sizes: bool, order: dict[str, int]
    ) -> Iterator[Part]:
        name = self.body.text(node)
        if node.type not in ("identifier", "type_identifier") or (
            name not in self.body.variables
        ):  # fmt: skip
            yield name
            return
        if not self.body.is_private(name):
            yield form_of(self.body, name) if sizes else self.object(name)
            yield name
            return
        # which of them are one: swap(a, b) is not swap(a, a)
        number = order.setdefault(name, len(order))
        yield f"variable {number} {self.body.type_of(name)}"
        if shows:
            yield name
        if not sizes:
            yield self._name(name)


def form_of(body: OneFunction, name: str) -> str:
    """Returns how a variable of the function is declared, without its first value: of a
    declaration with an attribute all of it."""
    found = []
    for one in body.variables[name]:
        declarators = one.node.children_by_field_name("declarator")
        text = body.text(one.node)
        for declarator in declarators:
            check_sizes(body, declarator)
        if body.is_attributed(one.node) or not is_whole(body, one.node):
            found.append(text)
            continue
        for declarator in declarators:
            inner = declarator
            if declarator.type == "init_declarator":
                inner = part(declarator, "declarator")
            if name in IDENTIFIER.findall(body.text(inner)):
                head = text.partition(body.text(declarators[0]))[0]
                found.append(f"{head.strip()} {body.text(inner)}")
    return "; ".join(found)


def part(node: Node, name: str) -> Node:
    """Returns a field of a node; raises NotRead where there is none."""
    found = node.child_by_field_name(name)
    if found is None:
        raise NotRead(f"a {node.type} without its {name}")
    return found


def returned_type(known: Definitions, name: str) -> str:
    """Returns the type that a function returns, "" where it is not seen, or two are."""
    texts = {text.returns for text in known.functions(name)}
    texts |= {returns for returns, _given in known.prototypes(name)}
    found = {
        " ".join(
            word for word in text.replace("*", " * ").split() if word not in _NO_TYPE
        ).replace(" *", "*")
        for text in texts
    }
    return found.pop() if len(found) == 1 else ""
