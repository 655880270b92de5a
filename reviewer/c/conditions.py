# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence conditions: under which configurations a line of C is compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import (
    add,
    and_,
    eq,
    floordiv,
    ge,
    gt,
    le,
    lshift,
    lt,
    mod,
    mul,
    ne,
    or_,
    rshift,
    sub,
    xor,
)  # fmt: skip

from msgspec import Struct

from reviewer.c.formula import (
    FALSE,
    TRUE,
    Condition,
    all_of,
    any_of,
    atom,
    config_fragment,
    enabled,
    module,
    symbol,
)
from reviewer.c.precedence import Climber, Unreadable
from reviewer.c.vocabulary import OPTION_TESTS
from reviewer.patterns import regex

__all__ = [
    "FALSE",
    "KERNEL",
    "TRUE",
    "Condition",
    "all_of",
    "any_of",
    "atom",
    "config_fragment",
    "enabled",
    "module",
    "parse_condition",
    "symbol",
]

# What is defined and what is not when the kernel itself is compiled: top Makefile
# (KBUILD_CPPFLAGS has -D__KERNEL__); assembly, sparse, genksyms and the generator of
# include/generated/bounds.h (kernel/bounds.c) are other runs over the same headers.
# The top Makefile has -include for include/linux/kconfig.h, which defines these for
# every file: "#ifdef IS_ENABLED(CONFIG_X)" is always true, whatever X is.
FORCED = (*sorted(OPTION_TESTS), "__is_defined")
KERNEL: Mapping[str, bool] = {
    **{f"defined({name})": True for name in FORCED},
    "defined(__KERNEL__)": True,
    "defined(__ASSEMBLY__)": False,
    "defined(__ASSEMBLER__)": False,
    "defined(__CHECKER__)": False,
    "defined(__GENKSYMS__)": False,
    "defined(__GENERATING_BOUNDS_H)": False,
    "defined(__cplusplus)": False,
}
_LONGEST = 600  # tokens in one expression
_DEEPEST_EXPRESSION = 30

_TOKEN = regex(
    r"[A-Za-z_$][\w$]*|\d[\w.]*|'(?:\\.|[^'\\])+'|\"(?:\\.|[^\"\\])*\""
    r"|&&|\|\||<<|>>|[<>=!]=|[-+*/%&|^~!<>()?:,]|\S"
)
_CONFIG = regex(r"CONFIG_\w+\Z")


class _Term(Struct, frozen=True):
    """An operand that is no condition: its text, and its value where it has one."""

    text: str
    value: int | None = None


_Operand = Condition | _Term


def parse_condition(text: str, known: Mapping[str, bool] = KERNEL) -> Condition:
    """Returns the formula of an #if expression, or of a
    condition in C such as IS_ENABLED().

    ``known`` gives the value of atoms that are settled, by their text.  What cannot
    be parsed becomes one opaque atom; nothing is raised.
    """
    return _parse(text, None if known is KERNEL else tuple(sorted(known.items())))


@lru_cache(maxsize=8192)
def _parse(text: str, known: tuple[tuple[str, bool], ...] | None) -> Condition:
    tokens = _TOKEN.findall(text)
    try:
        condition = _truth(_Parser(tokens).whole_expression())
    except Unreadable:
        condition = atom(" ".join(tokens) or "nothing")
    return condition.assign(KERNEL if known is None else dict(known))


class _Parser(Climber[_Operand]):
    """An expression as a formula, as far as it is one."""

    longest, deepest = _LONGEST, _DEEPEST_EXPRESSION

    def joined(
        self, operator: str, left: _Operand, right: _Operand, start: int
    ) -> _Operand:
        signed = operator in ("&&", "||") or not _is_negative(left, right)
        if not signed and any(_is_unsigned(token) for token in self.tokens):
            raise Unreadable  # -1 > 0u holds: C11 6.10.1, 6.3.1.8
        return _combine(operator, left, right, lambda: self.text_since(start))

    def chosen(
        self, test: _Operand, yes: _Operand | None, no: _Operand, start: int
    ) -> _Operand:
        if yes is None:
            raise Unreadable
        if isinstance(yes, _Term) or isinstance(no, _Term):
            return _Term(self.text_since(start))
        choice = _truth(test)
        return (choice & yes) | (~choice & no)

    def operand(self) -> _Operand:
        start = self.place
        token = self.take()
        if token == "!":
            return ~_truth(self.unary())
        if token in ("-", "+", "~"):
            operand = self.unary()
            value = operand.value if isinstance(operand, _Term) else None
            if value is not None:
                value = {"-": -value, "+": value, "~": ~value}[token]
            return _Term(self.text_since(start), value)
        if token == "(":
            operand = self.ternary()
            self.take(")")
            return operand
        if token == "defined":
            return self.defined()
        if token[0].isdigit():
            return _Term(token, integer(token))
        if token[0] == "'" or not (token[0].isalpha() or token[0] in "_$"):
            if token[0] == "'":
                return _Term(token)
            raise Unreadable
        if self.peek() == "(":
            return self.call(token, start)
        return _Term(token)

    def defined(self) -> Condition:
        if self.peek() == "(":
            self.take()
            name = self.take()
            self.take(")")
        else:
            name = self.take()
        if not (name[0].isalpha() or name[0] in "_$"):
            raise Unreadable
        return is_defined(name)

    def call(self, name: str, start: int) -> _Operand:
        opened = 0
        while True:
            token = self.take()
            opened += (token == "(") - (token == ")")
            if not opened:
                break
        arguments = self.tokens[start + 2 : self.place - 1]
        if name in OPTION_TESTS and len(arguments) == 1:
            option = arguments[0]
            if _CONFIG.match(option):
                return _config_test(name, option)
        return _Term(f"{name}({_text(arguments)})")

    def text_since(self, start: int) -> str:
        return _text(self.tokens[start : self.place])


def _text(tokens: list[str]) -> str:
    """Tokens as one spelling, so that equal tests are equal atoms."""
    text = " ".join(tokens)
    return re.sub(r"(?<=\w) \(|(?<=\() | (?=[),])", lambda m: m[0].strip(), text)


def _config_test(name: str, option: str) -> Condition:
    if name == "IS_ENABLED":
        return enabled(option)
    if name == "IS_BUILTIN":
        return symbol(option)
    if name == "IS_MODULE":
        return module(option)
    return symbol(option) | (module(option) & atom("defined(MODULE)"))


def is_defined(name: str) -> Condition:
    """Makes the formula that a name is defined: an option, or an atom
    ``defined(X)``."""
    return atom(name) if _CONFIG.match(name) else atom(f"defined({name})")


def exists_where(condition: Condition, name: str) -> Condition:
    """Returns where a name exists that is defined under a condition: also where the
    ``#ifndef NAME`` around it finds the name defined already."""
    own = f"defined({name})"
    if own not in condition.atoms:
        return condition
    return atom(own) | condition.assign({own: False})


def _truth(operand: _Operand) -> Condition:
    if isinstance(operand, Condition):
        return operand
    if operand.value is not None:
        return TRUE if operand.value else FALSE
    if operand.text in ("true", "false"):  # in C, where stdbool names are constants
        return TRUE if operand.text == "true" else FALSE
    return atom(operand.text)


def _combine(
    operator: str, left: _Operand, right: _Operand, text: Callable[[], str]
) -> _Operand:
    if operator == "&&":
        return _truth(left) & _truth(right)
    if operator == "||":
        return _truth(left) | _truth(right)
    one = left.value if isinstance(left, _Term) else None
    two = right.value if isinstance(right, _Term) else None
    if one is not None and two is not None:
        return _computed(operator, one, two)
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        return _comparison(operator, left, right)
    return _Term(text())


_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "*": mul, "/": floordiv, "%": mod, "+": add, "-": sub,
    "<<": lshift, ">>": rshift, "&": and_, "^": xor, "|": or_,
    "<": lt, ">": gt, "<=": le, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip


def _computed(operator: str, one: int, two: int) -> _Operand:
    """Arithmetic on two numbers; only what needs no care about overflow."""
    if operator in ("/", "%") and (two == 0 or one < 0 or two < 0):
        raise Unreadable
    if operator in ("<<", ">>") and not 0 <= two < 63:
        raise Unreadable
    value = _ARITHMETIC[operator](one, two)
    if abs(value) >= 1 << 63:
        raise Unreadable
    return _Term(str(int(value)), int(value))


def _comparison(operator: str, left: _Operand, right: _Operand) -> Condition:
    """Spelled so that a test and its negation share an atom: only ``>`` and ``==``."""
    if isinstance(left, Condition) or isinstance(right, Condition):
        return _comparison_of_truths(operator, left, right)
    if left.value is not None:
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        return _comparison(mirrored.get(operator, operator), right, left)
    if right.value is None:
        if operator in ("<", ">="):
            test = atom(f"{left.text} < {right.text}")
            return test if operator == "<" else ~test
        test = atom(
            f"{left.text} {'==' if operator in ('==', '!=') else '>'} {right.text}"
        )
        return ~test if operator in ("<=", "!=") else test
    number = right.value
    if left.text == "BITS_PER_LONG":
        # include/asm-generic/bitsperlong.h: 64 with CONFIG_64BIT, else 32
        wide, narrow = (_truth(_computed(operator, n, number)) for n in (64, 32))
        is_wide = symbol("64BIT")
        return (is_wide & wide) | (~is_wide & narrow)
    return number_test(left.text, operator, number)


def number_test(name: str, operator: str, number: int) -> Condition:
    """Makes the formula of ``name < number``; ``=`` is Kconfig's ``==``.

    A test and its negation share an atom: only ``>`` and ``==`` are spelled.
    """
    if operator in (">=", "<"):
        test = atom(f"{name} > {number - 1}")
        return test if operator == ">=" else ~test
    if operator in (">", "<="):
        test = atom(f"{name} > {number}")
        return test if operator == ">" else ~test
    test = atom(f"{name} == {number}")
    return ~test if operator == "!=" else test


def _comparison_of_truths(operator: str, left: _Operand, right: _Operand) -> Condition:
    """``defined(A) != defined(B)``; a test with a number is left to the reader."""
    if operator not in ("==", "!="):
        raise Unreadable
    for side in (left, right):
        if isinstance(side, _Term) and side.value not in (0, 1):
            raise Unreadable
    one, two = _truth(left), _truth(right)
    same = (one & two) | (~one & ~two)
    return same if operator == "==" else ~same


def _is_negative(*operands: _Operand) -> bool:
    return any(isinstance(one, _Term) and (one.value or 0) < 0 for one in operands)


def _is_unsigned(token: str) -> bool:
    number = integer(token) if token[0].isdigit() else None
    return number is not None and ("u" in token.lower() or number >= 1 << 63)


LONGEST_NUMBER = 100  # digits; the preprocessor has 64 bits


def integer(token: str) -> int | None:
    """Returns the value of an integer constant, as 0x3UL, 0755 or 12; None for anything
    else, and for more digits than any constant has."""
    digits = token.rstrip("uUlL").replace("'", "")
    if len(digits) > LONGEST_NUMBER:
        return None
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            return int(digits, 8)
        return int(digits, 0)
    except ValueError:
        return None


# --- the #if stack of a file ------------------------------------------------------
