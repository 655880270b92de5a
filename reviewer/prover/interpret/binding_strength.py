# SPDX-License-Identifier: GPL-2.0-or-later
"""How tightly a piece of C binds, and how tightly a place wants it to.

The levels are those of C11 6.5; what is no expression lies below them all.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from reviewer.c.precedence import PRECEDENCE
from reviewer.c.source import Source
from reviewer.c.text import closing_token
from reviewer.c.vocabulary import INTEGER_WORDS, STATEMENT_WORDS
from reviewer.prover.syntax import parent_of, part_of

EMPTY, FRAGMENT, STATEMENT = -3, -2, -1
COMMA, ASSIGNMENT, CONDITIONAL = 0, 1, 2
CAST, UNARY, POSTFIX, PRIMARY = 13, 14, 15, 16
_BINARY = {operator: CONDITIONAL + place for operator, place in PRECEDENCE.items()}
_ASSIGNS = frozenset(
    ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]
)
_PREFIX = frozenset(["+", "-", "!", "~", "*", "&", "&&"])
_STATEMENTS = STATEMENT_WORDS | {"asm", "__asm__", "asm_volatile_goto"}
_TYPES = INTEGER_WORDS | frozenset(
    ["void", "const", "volatile", "struct", "union", "enum", "static", "extern",
     "typedef", "inline", "register", "bool", "__auto_type"]
)  # fmt: skip
_SIZES = frozenset(["sizeof", "_Alignof", "__alignof__", "__extension__"])
_CLOSING = {"(": ")", "[": "]", "{": "}"}

OfWord = Callable[[str, "list[str] | None"], "int | None"]


def is_one_statement(tokens: list[str]) -> bool:
    """Says whether a text is ``do { } while (x)`` or one block, which nothing can
    split."""
    if tokens[:2] == ["do", "{"]:
        end = closing_token(tokens, 1)
        rest = tokens[end + 1 :]
        return rest[:2] == ["while", "("] and closing_token(rest, 1) == len(rest) - 1
    return tokens[:1] == ["{"] and closing_token(tokens, 0) == len(tokens) - 1


def loosest_operator(tokens: list[str], of_word: OfWord) -> int:
    """Says how tightly a text binds: as its loosest operator outside of brackets does.

    ``of_word`` says that of a word that is a macro.  What can be read in two ways
    gets the looser one.
    """
    if not tokens:
        return EMPTY
    return _Reader(tokens, of_word).read()


class _Reader:
    def __init__(self, tokens: list[str], of_word: OfWord) -> None:
        self.tokens = tokens
        self.of_word = of_word
        self.found = PRIMARY
        self.operand = True  # an operand comes next
        self.something = False

    def read(self) -> int:
        at = 0
        while 0 <= at < len(self.tokens):
            if self.found < COMMA:
                return self.found
            at = self.step(at)
        if at < 0:
            return FRAGMENT
        if not self.something:
            return EMPTY
        return FRAGMENT if self.operand and self.found >= COMMA else self.found

    def binds(self, strength: int) -> None:
        self.found = min(self.found, strength)

    def step(self, at: int) -> int:
        """Read what stands at a place; the place behind it, -1: no expression."""
        token = self.tokens[at]
        self.something = True
        if token in _CLOSING:
            return self.bracket(at, token)
        if token == ";" or token in _STATEMENTS:
            self.binds(STATEMENT)
            return at + 1
        if token in _TYPES or token in (")", "]", "}", "#", "##", "..."):
            return -1
        if token in _SIZES:
            self.binds(UNARY)
            return at + 1
        if token[0].isalpha() or token[0] in "_$":
            return self.word(at, token)
        number = token[0].isdigit() or (token[0] == "." and token not in (".", "..."))
        if number or token[0] in "\"'":
            return self.literal(at, token)
        return self.operator(at, token)

    def bracket(self, at: int, token: str) -> int:
        end = closing_token(self.tokens, at)
        if end < 0 or (token == "[" and self.operand):
            return -1
        if token == "{":
            literal = at and self.tokens[at - 1] == ")"
            self.binds(POSTFIX if literal else STATEMENT)
            self.operand = False
            return end + 1
        after = self.tokens[end + 1] if end + 1 < len(self.tokens) else ""
        if not self.operand:
            self.binds(POSTFIX)
        elif after[:1].isalnum() or after[:1] in ("_", "(", "~", "!", '"', "'"):
            if after:
                self.binds(CAST)
                return end + 1
            self.operand = False
        else:
            self.operand = False
        return end + 1

    def word(self, at: int, token: str) -> int:
        arguments = None
        end = at
        if self.tokens[at + 1 : at + 2] == ["("]:
            end = closing_token(self.tokens, at + 1)
            if end < 0:
                return -1
            arguments = self.tokens[at + 1 : end + 1]
        strength = self.of_word(token, arguments)
        if strength is None:
            if not self.operand and self.tokens[at - 1][:1] != '"':
                return -1
            self.operand = False
            return at + 1
        if strength == EMPTY:
            self.something = len(self.tokens) > 1 + end - at
            return end + 1
        if not self.operand and self.tokens[at - 1][:1] != '"':
            return -1
        self.binds(strength)
        self.operand = False
        return end + 1

    def literal(self, at: int, token: str) -> int:
        if not self.operand and token[0] != '"':
            return -1
        self.operand = False
        return at + 1

    def operator(self, at: int, token: str) -> int:
        if token in ("++", "--"):
            self.binds(UNARY if self.operand else POSTFIX)
            return at + 1
        if token in (".", "->"):
            self.binds(POSTFIX)
            return at + 2 if not self.operand else -1
        if self.operand:
            if token not in _PREFIX:
                return -1
            self.binds(UNARY)
            return at + 1
        self.operand = True
        if token in _BINARY:
            self.binds(_BINARY[token])
        elif token in _ASSIGNS:
            self.binds(ASSIGNMENT)
        elif token == ",":
            self.binds(COMMA)
        elif token in ("?", ":") and "?" in self.tokens:
            self.binds(CONDITIONAL)
        else:
            return -1
        return at + 1


_WHOLE = (
    "parenthesized_expression", "return_statement", "expression_statement",
    "compound_statement", "case_statement", "for_statement",
    "array_declarator",
)  # fmt: skip


def required_strength(source: Source, node: Node) -> int:
    """Says how tightly a text must bind that is put in for a node of an expression."""
    parent = parent_of(node)
    kind = parent.type
    if kind == "binary_expression":
        operator = source.text(part_of(parent, "operator"))
        own = _BINARY.get(operator, PRIMARY)
        left = part_of(parent, "left")
        return own if left.id == node.id else own + 1
    if kind == "conditional_expression":
        test = part_of(parent, "condition")
        middle = part_of(parent, "consequence")
        if test is not None and test.id == node.id:
            return CONDITIONAL + 1
        is_middle = middle is not None and middle.id == node.id
        return COMMA if is_middle else CONDITIONAL
    if kind == "assignment_expression":
        left = part_of(parent, "left")
        return UNARY if left.id == node.id else ASSIGNMENT
    if kind == "comma_expression":
        return COMMA
    if kind in ("unary_expression", "pointer_expression", "cast_expression"):
        return CAST
    if kind == "sizeof_expression":
        return UNARY
    if kind == "update_expression":
        return POSTFIX if parent.children[0].id == node.id else UNARY
    if kind in ("field_expression", "call_expression"):
        return POSTFIX
    if kind == "subscript_expression":
        index = part_of(parent, "index")
        return COMMA if index is not None and index.id == node.id else POSTFIX
    if kind in ("argument_list", "init_declarator", "initializer_list"):
        return ASSIGNMENT
    if kind in ("initializer_pair", "enumerator"):
        return ASSIGNMENT
    return COMMA if kind in _WHOLE else POSTFIX
