# SPDX-License-Identifier: GPL-2.0-or-later
"""Integer expressions: typed values, and a parser for what macros are defined as."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from reviewer.c.precedence import Climber, Unreadable
from reviewer.patterns import regex


class CValue(Struct, frozen=True):
    """An integer with its C type: ``bits`` wide, in two's complement if ``signed``."""

    value: int
    bits: int = 32
    signed: bool = True

    def __bool__(self) -> bool:
        """Always true, so that ``value and value.cast(..)`` passes None on."""
        return True

    @property
    def pattern(self) -> int:
        """The bits as a non-negative number."""
        return self.value & ((1 << self.bits) - 1)

    def cast(self, bits: int, signed: bool) -> CValue:
        """Converts to another integer type, modulo its range; 1 bit is _Bool."""
        if bits == 1:
            return CValue(int(bool(self.value)), 1, False)
        value = self.value & ((1 << bits) - 1)
        if signed and value >> (bits - 1):
            value -= 1 << bits
        return CValue(value, bits, signed)

    def promoted(self) -> CValue:
        """Converts as the integer promotions do (C11 6.3.1.1)."""
        return self.cast(32, True) if self.bits < 32 else self

    def common(self, other: CValue) -> tuple[int, bool]:
        """Returns the type of the usual arithmetic conversions."""
        one, two = self.promoted(), other.promoted()
        if one.bits == two.bits:
            return one.bits, one.signed and two.signed
        wider = one if one.bits > two.bits else two
        return wider.bits, wider.signed

    def unary(self, operator: str) -> CValue | None:
        """Returns the result of ``+ - ~ !``; None on overflow."""
        operand = self.promoted()
        if operator == "!":
            return CValue(int(not operand.value))
        number = {"+": operand.value, "-": -operand.value, "~": ~operand.value}
        return _within(number[operator], operand.bits, operand.signed)

    def binary(self, operator: str, other: CValue) -> CValue | None:
        """Returns the result of an arithmetic, bitwise, shift or comparison operator.

        None where C leaves it undefined: overflow, division by 0, shift too far.
        Shifting into the sign is what gcc documents: the bits are kept.
        """
        if operator in ("<<", ">>"):
            return self._shifted(operator, other)
        bits, signed = self.common(other)
        one, two = self.cast(bits, signed).value, other.cast(bits, signed).value
        if operator in _COMPARISONS:
            return CValue(int(_COMPARISONS[operator](one, two)))
        if operator in ("/", "%"):
            if two == 0:
                return None
            quotient = abs(one) // abs(two)
            if (one < 0) != (two < 0):
                quotient = -quotient
            rest = one - quotient * two
            if _within(quotient, bits, signed) is None:
                return None
            return _within(quotient if operator == "/" else rest, bits, signed)
        return _within(_ARITHMETIC[operator](one, two), bits, signed)

    def _shifted(self, operator: str, other: CValue) -> CValue | None:
        left, count = self.promoted(), other.promoted().value
        if not 0 <= count < left.bits:
            return None
        if operator == ">>":
            return CValue(left.value >> count, left.bits, left.signed)
        return CValue(left.value << count, 128, True).cast(left.bits, left.signed)


def _within(number: int, bits: int, signed: bool) -> CValue | None:
    """The number in a type: unsigned wraps, signed must fit."""
    value = CValue(number, 256, True).cast(bits, signed)
    return None if signed and value.value != number else value


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "&": lambda a, b: a & b, "|": lambda a, b: a | b, "^": lambda a, b: a ^ b,
}  # fmt: skip


# --- types ------------------------------------------------------------------------

# include/uapi/asm-generic/int-ll64.h and include/linux/types.h; __le32 and __be32 are
# integers of their width. What the configuration decides is not here.
FIXED_TYPES: dict[str, tuple[int, bool]] = {
    f"{prefix}{bits}{suffix}": (bits, sign)
    for bits in (8, 16, 32, 64)
    for prefix, suffix, sign in (
        ("u", "", False), ("s", "", True), ("__u", "", False), ("__s", "", True),
        ("uint", "_t", False), ("int", "_t", True),
        ("__le", "", False), ("__be", "", False),
    )
} | {
    "size_t": (64, False), "ssize_t": (64, True), "ptrdiff_t": (64, True),
    "uintptr_t": (64, False), "intptr_t": (64, True), "loff_t": (64, True),
    "bool": (1, False), "_Bool": (1, False),
    "uint": (32, False), "ulong": (64, False), "ushort": (16, False),
    "__kernel_size_t": (64, False), "__kernel_ulong_t": (64, False),
}  # fmt: skip
_QUALIFIERS = {
    "const", "volatile", "__force", "__bitwise", "__bitwise__", "__user", "__iomem",
    "__rcu", "__percpu", "__nocast", "__private",
}  # fmt: skip
_BASIC = {
    "char",
    "short",
    "int",
    "long",
    "signed",
    "unsigned",
    "__signed__",
    "__int128",
}
_TYPE_WORDS = _QUALIFIERS | _BASIC | FIXED_TYPES.keys() | {"void", "struct", "union"}
_TYPE_WORDS |= {"enum", "typeof", "__typeof__", "*"}


def integer_type(
    words: tuple[str, ...], typedefs: Callable[[str], str | None] | None = None
) -> tuple[int, bool] | None:
    """Returns (bits, signed) of an integer type name; None: no integer, or not known.

    Plain ``char`` is None: its sign differs between releases and architectures.
    """
    for _ in range(10):  # a typedef of a typedef
        plain = tuple(word for word in words if word not in _QUALIFIERS)
        if len(plain) == 1 and plain[0] in FIXED_TYPES:
            return FIXED_TYPES[plain[0]]
        if plain and all(word in _BASIC for word in plain):
            return _basic_type(plain)
        text = typedefs(plain[0]) if typedefs and len(plain) == 1 else None
        if not text:
            return None
        words = tuple(text.split())
    return None


def _basic_type(words: tuple[str, ...]) -> tuple[int, bool] | None:
    signed = "unsigned" not in words
    if "__int128" in words:
        return None
    if "char" in words:
        explicit = {"signed", "unsigned", "__signed__"} & set(words)
        return (8, signed) if explicit else None
    bits = 16 if "short" in words else 64 if "long" in words else 32
    return bits, signed


# --- the parser -------------------------------------------------------------------


class Literal(Struct, frozen=True):
    """A number or character; ``value`` None where it is no integer we can type."""

    value: CValue | None


class Name(Struct, frozen=True):
    """An identifier."""

    name: str


class Unary(Struct, frozen=True):
    """``+ - ~ !`` and their operand."""

    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    """Two operands."""

    operator: str
    left: Expression
    right: Expression


class Ternary(Struct, frozen=True):
    """``test ? yes : no``; yes is None in the GNU form ``test ?: no``."""

    test: Expression
    yes: Expression | None
    no: Expression


class Cast(Struct, frozen=True):
    """``(type)operand``."""

    type_words: tuple[str, ...]
    operand: Expression


class SizeOf(Struct, frozen=True):
    """``sizeof(type)``."""

    type_words: tuple[str, ...]


class Call(Struct, frozen=True):
    """``name(argument, ...)``: a macro, or something that is no constant."""

    name: str
    arguments: tuple[str, ...]
    text: str


Expression = Literal | Name | Unary | Binary | Ternary | Cast | SizeOf | Call

_LONGEST = 400  # tokens
_DEEPEST = 30  # parentheses, casts and unary operators in one another
_TOKEN = regex(
    r"\s*([A-Za-z_$][\w$]*|\.?\d(?:[eEpP][-+](?=\d)|[\w.])*|'(?:\\.|[^'\\])+'"
    r"|\"(?:\\.|[^\"\\])*\"|<<=|>>=|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|->|\+\+|--|\S)",
    re.ASCII | re.DOTALL,
)
_WORD = regex(r"[A-Za-z_$]", re.ASCII)
_SPACE = " \t\n\r\f\v"  # at the end no token follows it, and each start would look


@lru_cache(maxsize=8192)
def parse_expression(text: str) -> Expression | None:
    """Returns the syntax of an expression; None where it is none, or has other
    operators."""
    try:
        return _Parser(
            [match[1] for match in _TOKEN.finditer(text.rstrip(_SPACE))]
        ).whole_expression()
    except Unreadable:
        return None


class _Parser(Climber[Expression]):
    longest, deepest = _LONGEST, _DEEPEST

    def joined(
        self, operator: str, left: Expression, right: Expression, start: int
    ) -> Expression:
        return Binary(operator, left, right)

    def chosen(
        self, test: Expression, yes: Expression | None, no: Expression, start: int
    ) -> Expression:
        return Ternary(test, yes, no)

    def operand(self) -> Expression:
        token = self.take()
        if token in ("+", "-", "~", "!"):
            return Unary(token, self.unary())
        if token == "sizeof":
            return self.sizeof()
        if token == "__extension__":
            return self.unary()
        if token == "(":
            return self.parenthesised()
        if token[0].isdigit() or token[0] == ".":
            return Literal(integer_literal(token))
        if token[0] == "'":
            return Literal(_character(token))
        if _WORD.match(token) and self.peek() == "(":
            return self.call(token)
        if _WORD.match(token) and token not in _TYPE_WORDS:
            return Name(token)
        raise Unreadable

    def parenthesised(self) -> Expression:
        words = self.type_name()
        if words is not None:
            return Cast(words, self.unary())
        expression = self.ternary()
        self.take(")")
        return expression

    def type_name(self) -> tuple[str, ...] | None:
        """The words of a type up to its ``)``, where this is a cast."""
        end = self.place
        while end < len(self.tokens) and (
            _WORD.match(self.tokens[end]) or self.tokens[end] == "*"
        ):
            end += 1
        if end == self.place or end >= len(self.tokens) or self.tokens[end] != ")":
            return None
        words = tuple(self.tokens[self.place : end])
        follower = self.tokens[end + 1] if end + 1 < len(self.tokens) else ""
        starts_operand = bool(follower) and (
            bool(_WORD.match(follower))
            or follower[0].isdigit()
            or follower[0] in "~!'("
        )
        known = any(word in _TYPE_WORDS for word in words)
        known = known and words[0] != "*"
        if not known and not (len(words) == 1 and starts_operand):
            return None
        self.place = end + 1
        return words

    def sizeof(self) -> Expression:
        self.take("(")
        words = []
        while self.peek() != ")":
            word = self.take()
            if not (_WORD.match(word) or word == "*"):
                raise Unreadable
            words.append(word)
        self.take(")")
        if not words:
            raise Unreadable
        return SizeOf(tuple(words))  # of an object: a type that nobody knows

    def call(self, name: str) -> Expression:
        start = self.place - 1
        self.take("(")
        arguments: list[list[str]] = [[]]
        opened = 1
        while True:
            token = self.take()
            opened += (token == "(") - (token == ")")
            if not opened:
                break
            if token == "," and opened == 1:
                arguments.append([])
            else:
                arguments[-1].append(token)
        texts = tuple(" ".join(argument) for argument in arguments)
        text = " ".join(self.tokens[start : self.place])
        return Call(name, texts if texts != ("",) else (), text)


_NUMBER = regex(
    r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uU]?(?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU])\Z",
    re.ASCII,
)


def integer_literal(token: str) -> CValue | None:
    """Returns an integer constant with the type of C11 6.4.4.1; None if it has none."""
    match = _NUMBER.match(token)
    if match is None:
        return None
    digits, suffix = match[1], match[2].lower()
    if digits.isdigit() and digits[0] != "0":
        number, decimal = int(digits) if len(digits) < 30 else 1 << 99, True
    else:
        decimal = False
        try:
            octal = digits.isdigit() and len(digits) > 1
            number = int(digits[1:], 8) if octal else int(digits, 0)
        except ValueError:
            return None
    for bits in (32, 64) if "l" not in suffix else (64,):
        if "u" not in suffix and number < 1 << (bits - 1):
            return CValue(number, bits, True)
        if ("u" in suffix or not decimal) and number < 1 << bits:
            return CValue(number, bits, False)
    return None


_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27}
_CHARACTER = regex(r"\\x([0-9a-fA-F]+)|\\([0-7]{1,3})|\\(.)|(.)", re.DOTALL)


def _character(token: str) -> CValue | None:
    """'a', an int; bytes from 128 differ by architecture and have no value here."""
    codes = []
    for match in _CHARACTER.finditer(token[1:-1]):
        if match[1]:
            codes.append(int(match[1][-9:], 16))
        elif match[2]:
            codes.append(int(match[2], 8))
        elif match[3]:
            codes.append(_ESCAPES.get(match[3], ord(match[3])))
        else:
            codes.append(ord(match[4]))
    if not 1 <= len(codes) <= 4 or any(code > 127 for code in codes):
        return None
    number = 0
    for code in codes:
        number = number << 8 | code
    return CValue(number)
