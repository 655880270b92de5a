# SPDX-License-Identifier: GPL-2.0-or-later
"""A function rewritten, step by step, into one that does the same.

Each rewriting takes the text of a function and says which pieces of it stand for
others; what comes out is C again, and is read again.  Two functions that become one
text do the same, whatever the code does that no rewriting touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised, split_arguments
from reviewer.facts.header import header
from reviewer.patterns import regex
from reviewer.prover.names.array_types import is_array_type
from reviewer.prover.names.definition_texts import macros_in
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.idle_words import is_idle, without_idle_words
from reviewer.prover.structure.handed_addresses import ADDRESS, takes_address
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.syntax import bare
from reviewer.utf8 import decode, encode

LARGEST = 16_000  # bytes of a function
MOST_ROUNDS = 150  # rewritings of one function, one after the other
_NO_PLAIN_TYPE = frozenset(["static", "extern", "volatile", "typeof", "__auto_type"])
_OF_A_PLACE = frozenset(["static", "__func__", "__FUNCTION__", "__PRETTY_FUNCTION__",
                         "__LINE__", "__COUNTER__", "__label__", "_THIS_IP_",
                         "_RET_IP_", "#twice", "twice", "alloca"])  # fmt: skip
OF_A_FRAME = ("__builtin_return_address", "__builtin_frame", "__builtin_alloca",
              "__builtin_stack", "__builtin_va_arg_pack",
              "current_stack_pointer")  # fmt: skip
_OF_A_FRAME = (*OF_A_FRAME, "__UNIQUE_ID")  # fmt: skip
_TAG_OR_MEMBER = regex(r"(?:\b(?:struct|union|enum)\s+|->\s*|\.\s*)[A-Za-z_]\w*")
_MARKED = regex(r"\b__\w+")
_ARE_ONE = regex(r"\w\w|\+\+|--|&&")
_NUMBER = regex(r"-?\s*(?:\d\w*|'(?:\\.|[^'\\])')\Z")
_OF_A_MACRO = regex(r"\(?-?\s*(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\)?\Z")

Edit = tuple[int, int, str]  # from, to, what stands there
Rewriting = Callable[["OneFunction"], list[Edit]]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the function: its type with the stars of a pointer, and where it is
    declared; ``is_plain``: a number or a pointer without attributes."""

    name: str
    type: str
    node: Node
    is_parameter: bool
    is_plain: bool


class OneFunction:
    """A function as a text of its own, and what its names mean in its file.

    ``other``: the text of the other side, from which only names are taken.
    """

    def __init__(
        self, source: Source, function: Function, known: Definitions, other: str
    ) -> None:
        self.source, self.function, self.known = source, function, known
        self.other = other

    @property
    def block(self) -> Node:
        """The function's block; a function without one is not rewritten."""
        assert self.function.body is not None
        return self.function.body

    def text(self, node: Node) -> str:
        """Returns the text of a node, white space as one space each."""
        return normalised(self.source.text(node))

    def squeezed(self, node: Node, *parts: Node) -> str:
        """Returns the text of a node without white space and comments, and without that
        of some parts in it: words that the tree leaves out are there, but for those
        that say nothing to a compiler."""
        text = self._without(node, *parts)
        return without_idle_words(self.known, text).replace(" ", "")

    def _without(self, node: Node, *parts: Node) -> str:
        text, at = b"", node.start_byte
        for part in parts:
            text += self.source.data[at : part.start_byte]
            at = part.end_byte
        text += self.source.data[at : node.end_byte]
        return normalised(decode(text))

    def instead(self, node: Node, text: str) -> Edit:
        """Returns the edit that puts a text in the place of a node, with a blank where
        two words would be one."""
        before = decode(self.source.data[node.start_byte - 1 : node.start_byte])
        after = decode(self.source.data[node.end_byte : node.end_byte + 1])
        first = " " if _ARE_ONE.match(before + text[:1]) else ""
        last = " " if _ARE_ONE.match(text[-1:] + after) else ""
        return node.start_byte, node.end_byte, first + text + last

    def walk(self, *types: str) -> Iterator[Node]:
        """Yields the nodes of the function's block that are of these types."""
        return self.source.walk(self.block, *types)

    @cached_property
    def words(self) -> frozenset[str]:
        """The names in the text."""
        return frozenset(IDENTIFIER.findall(self.source.text(self.function.node)))

    @cached_property
    def returns(self) -> str:
        """The type that the function returns, with its stars; "" if not seen."""
        kind = self.function.node.child_by_field_name("type")
        head = self.function.node.child_by_field_name("declarator")
        stars = ""
        while head is not None and head.type == "pointer_declarator":
            stars, head = stars + "*", head.child_by_field_name("declarator")
        if kind is None or head is None or head.type != "function_declarator":
            return ""
        return self.text(kind) + stars

    @cached_property
    def variables(self) -> dict[str, list[Variable]]:
        """The parameters and variables, each name with all that are declared by it."""
        found: dict[str, list[Variable]] = {}
        kinds = ("declaration", "parameter_declaration")
        for node in self.source.walk(self.function.node, *kinds):
            is_parameter = node.type == "parameter_declaration"
            for declarator in node.children_by_field_name("declarator"):
                one = self._variable(node, declarator, is_parameter)
                if one is not None:
                    found.setdefault(one.name, []).append(one)
        return found

    def _variable(
        self, node: Node, declarator: Node, is_parameter: bool
    ) -> Variable | None:
        kind = node.child_by_field_name("type")
        inner: Node | None = declarator
        if declarator.type == "init_declarator":
            inner = declarator.child_by_field_name("declarator")
        stars = ""
        while inner is not None and inner.type == "pointer_declarator":
            stars, inner = stars + "*", inner.child_by_field_name("declarator")
        name = inner
        while name is not None and name.type != "identifier":
            below = name.child_by_field_name("declarator")
            name = below if below is not None else next(iter(name.named_children), None)
        if name is None or kind is None:
            return None
        said = set(IDENTIFIER.findall(self.source.text(node)[: _head(node)]))
        plain = inner is name and said.isdisjoint(_NO_PLAIN_TYPE)
        plain = plain and kind.type in _PLAIN_TYPES and not self.is_attributed(node)
        if kind.type == "struct_specifier" and not stars:
            plain = False
        told = self.text(kind) + stars
        return Variable(self.source.text(name), told, node, is_parameter, plain)

    def is_attributed(self, node: Node) -> bool:
        """Says whether a declaration has a word in it, beside its type, its names and
        its first values, that may be an attribute: ``__free(kfree)``."""
        kind = node.child_by_field_name("type")
        if kind is None:
            return True
        first = [
            value
            for one in node.children_by_field_name("declarator")
            if (value := one.child_by_field_name("value")) is not None
        ]
        said = set(_MARKED.findall(self._without(node, kind, *first)))
        of_type = set(_MARKED.findall(self.text(kind)))
        return any(not is_idle(self.known, word) for word in said) or any(
            map(self.known.is_macro, of_type)
        )

    @cached_property
    def has_twins(self) -> bool:
        """Whether a name is declared twice: it is not seen by it what is meant."""
        return any(len(ones) > 1 for ones in self.variables.values())

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(ADDRESS.findall(self.source.text(self.function.node)))

    @cached_property
    def _private(self) -> dict[str, bool]:
        return {}

    def is_private(self, name: str) -> bool:
        """Says whether a name is one variable or parameter, a number or a pointer, that
        nobody gets at but by this name in this text."""
        if name not in self._private:
            self._private[name] = self._is_private(name)
        return self._private[name]

    def _is_private(self, name: str) -> bool:
        ones = self.variables.get(name, [])
        if len(ones) != 1 or not ones[0].is_plain or name in self._taken:
            return False
        if self.known.is_macro(name) or self._is_volatile(ones[0].type):
            return False
        if is_array_type(self.known, ones[0].type):
            return False
        for macro in macros_of(self.known, self.words - {name}):
            given = {*(macro.parameters or ()), "__VA_ARGS__"}
            if name not in given and _has_word(macro.body, name):
                return False
            if macro.body == "#twice" and self._may_say(macro.name, name):
                return False
        return not self._is_handed_by_address(name)

    def _is_volatile(self, type_: str) -> bool:
        return not self.known.volatile.isdisjoint(IDENTIFIER.findall(type_))

    def _may_say(self, macro: str, name: str) -> bool:
        """Whether a macro of which there are several has a name in one of its texts."""
        head = encode(f"define {macro}")
        files = (*self.known.headers, (self.known.path, self.known.here.data))
        return any(
            _has_word(one.body, name)
            for path, data in files
            if head in data
            for one in macros_in(header(path, data), macro)
        )

    def _is_handed_by_address(self, name: str) -> bool:
        """Whether a macro that is handed a variable may take its address."""
        return any(
            one == name and takes_address(self.known, callee, place)
            for callee, given in self._handed
            for place, one in enumerate(given)
        )

    @cached_property
    def _handed(self) -> list[tuple[str, list[str]]]:
        """What calls, and loops of macros, are handed, without parentheses."""
        found = []
        for call in self.walk("call_expression"):
            given = call.child_by_field_name("arguments")
            callee = call.child_by_field_name("function")
            if given is not None and callee is not None:
                nodes = (one for one in given.named_children if one.type != "comment")
                texts = [self.text(bare(one)) for one in nodes]
                found.append((self.source.text(callee), texts))
        for loop in self.walk("while_statement"):
            if self.source.is_iterator(loop):
                text = self.source.text(loop)
                name, opening = text.partition("(")[0].strip(), text.find("(")
                inside = text[opening + 1 : closing_bracket(text, opening)]
                found.append(
                    (name, [one.strip("() \t\n") for one in split_arguments(inside)])
                )
        return found

    def is_one_place(self, text: str) -> bool:
        """Says whether code does what it does by where it stands: it has a variable of
        its own, or tells its line or its function."""
        words = set(IDENTIFIER.findall(text))
        bodies = (macro.body for macro in macros_of(self.known, words))
        told = words.union(*map(IDENTIFIER.findall, bodies))
        return not told.isdisjoint(_OF_A_PLACE) or any(
            word.startswith(_OF_A_FRAME) for word in told
        )

    def type_of(self, name: str) -> str:
        """Returns the type of a variable, "" where the name is none, or several."""
        ones = self.variables.get(name, [])
        return ones[0].type if len(ones) == 1 else ""

    def is_constant(self, text: str) -> bool:
        """Says whether a text is a number, or a name or its negation that stands for
        one."""
        if _NUMBER.match(text):
            return True
        word = text.removeprefix("-").strip()
        if not word.isidentifier() or word in self.variables:
            return False
        bodies = [macro.body.strip() for macro in self.known.macros(word)]
        if bodies:
            return all(_OF_A_MACRO.match(body) for body in bodies)
        return word in ("NULL", "true", "false") or self.known.enum(word) is not None


_PLAIN_TYPES = frozenset(["primitive_type", "type_identifier", "sized_type_specifier",
                          "struct_specifier", "enum_specifier"])  # fmt: skip


def _has_word(text: str, name: str) -> bool:
    return name in text and name in names_said(text)


def names_said(text: str) -> list[str]:
    """Returns the words of a macro's text that may be variables: no tag or member."""
    return IDENTIFIER.findall(_TAG_OR_MEMBER.sub("", text))


def _head(node: Node) -> int:
    """How long the part of a declaration is that stands before what it declares."""
    first = node.child_by_field_name("declarator")
    return 0 if first is None else first.start_byte - node.start_byte


def body_of(
    source: Source, function: Function, known: Definitions, other: str
) -> OneFunction | None:
    """Returns a function as a text of its own, None for one that is not rewritten: it
    is large, has a directive in it, or is not read as C."""
    text = source.data[function.node.start_byte : function.node.end_byte]
    if len(text) > LARGEST or function.broken or function.body is None:
        return None
    return _read(source.path, text, function.name, known, other)


def _read(
    path: str, text: bytes, name: str, known: Definitions, other: str
) -> OneFunction | None:
    source = parse(path, text)
    found = source.functions_named(name)
    if len(found) != 1 or found[0].broken or found[0].body is None:
        return None
    if b"#" in text and any(
        n.type.startswith("preproc") for n in source.walk(source.root)
    ):
        return None
    return OneFunction(source, found[0], known, other)


def rewritten_by(body: OneFunction, rewritings: tuple[Rewriting, ...]) -> OneFunction:
    """Returns a function after all rewritings, each done until it finds no more."""
    rounds = 0
    again = True
    while again and rounds < MOST_ROUNDS:
        again = False
        for rewriting in rewritings:
            while rounds < MOST_ROUNDS and (edits := rewriting(body)):
                rounds, again = rounds + 1, True
                better = _edited(body, edits)
                if better is None:
                    return body
                body = better
    return body


def _edited(body: OneFunction, edits: list[Edit]) -> OneFunction | None:
    data, at, text = body.source.data, 0, b""
    for start, end, new in sorted(edits):
        if start < at:
            return None  # two rewritings of one place
        text += data[at:start] + encode(new)
        at = end
    text += data[at:]
    if len(text) > LARGEST or text == data:
        return None
    return _read(body.source.path, text, body.function.name, body.known, body.other)
