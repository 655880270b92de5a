# SPDX-License-Identifier: GPL-2.0-or-later
"""The syntax of expressions: which operator binds how tightly (C11 6.5).

``Climber`` reads the tokens of one expression; what becomes of an operand, of two with
an operator between them and of a choice is told by who derives from it: a tree
(c/expressions) or a formula (c/conditions).
"""

from __future__ import annotations

from typing import Generic, TypeVar

# Binary operators, the loosest first
PRECEDENCE = {
    operator: strength
    for strength, operators in enumerate(
        ("||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %"), 1
    )
    for operator in operators.split()
}
Operand = TypeVar("Operand")


class Unreadable(Exception):
    """The tokens are no expression that is read here."""


class Climber(Generic[Operand]):
    """Precedence climbing over the tokens of one expression.

    More tokens than ``longest`` and operands deeper than ``deepest`` are not read:
    the text may be a stranger's.
    """

    longest: int
    deepest: int

    def __init__(self, tokens: list[str]) -> None:
        if not tokens or len(tokens) > self.longest:
            raise Unreadable
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    def operand(self) -> Operand:
        """Returns what stands between two operators, its unary ones and brackets
        included."""
        raise NotImplementedError

    def joined(
        self, operator: str, left: Operand, right: Operand, start: int
    ) -> Operand:
        """Returns two operands with an operator between them, the first token at
        ``start``."""
        raise NotImplementedError

    def chosen(
        self, test: Operand, yes: Operand | None, no: Operand, start: int
    ) -> Operand:
        """Returns ``test ? yes : no``; ``yes`` is None for ``test ?: no``."""
        raise NotImplementedError

    def whole_expression(self) -> Operand:
        """Returns what all of the tokens are. Raises Unreadable where they are more."""
        operand = self.ternary()
        if self.place != len(self.tokens):
            raise Unreadable
        return operand

    def peek(self) -> str:
        """Returns the next token, "" at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        """Returns the next token, which is gone then.

        Raises Unreadable for another one.
        """
        token = self.peek()
        if not token or (expected and token != expected):
            raise Unreadable
        self.place += 1
        return token

    def ternary(self) -> Operand:
        """Returns an expression without a comma or an assignment."""
        start = self.place
        test = self.binary(1)
        if self.peek() != "?":
            return test
        self._deeper()
        self.take("?")
        yes = None if self.peek() == ":" else self.ternary()
        self.take(":")
        choice = self.chosen(test, yes, self.ternary(), start)
        self.depth -= 1
        return choice

    def binary(self, lowest: int) -> Operand:
        """Returns operands with operators that bind at least as tightly as
        ``lowest``."""
        start = self.place
        left = self.unary()
        while (strength := PRECEDENCE.get(self.peek(), 0)) >= lowest:
            operator = self.take()
            left = self.joined(operator, left, self.binary(strength + 1), start)
        return left

    def unary(self) -> Operand:
        """Returns one operand, a level deeper."""
        self._deeper()
        operand = self.operand()
        self.depth -= 1
        return operand

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > self.deepest:
            raise Unreadable
