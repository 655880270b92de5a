# SPDX-License-Identifier: GPL-2.0-or-later
"""C integers as bit-vectors: widths, signedness, promotions, conversions, shifts.

The rules are those of C11 6.3.1 and 6.5 as gcc implements them for the kernel:
two's complement, signed overflow wraps (-fno-strict-overflow, top Makefile), a
right shift of a negative number is arithmetic.  What C leaves undefined (a shift
by the width or more, a division by zero) is an unknown value that is the same for
the same operands, never a number of our choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import z3

from reviewer.prover.term_types import BitVec, Bool
from reviewer.prover.values.solver_terms import constant, width


@dataclass(frozen=True, slots=True)
class CType:
    """A C type, as far as arithmetic needs it.

    ``kind``: int, bool, pointer, struct, void, unknown.  ``name`` is the tag of a
    struct or union, the spelling of an unknown type, or the text of an array's size.
    A pointer or array has ``to``; of a function that is its result.  ``bits`` is 64
    for unknown types: an opaque word.
    ``volatile`` belongs to what lies in memory, never to a value.
    """

    kind: str
    bits: int
    signed: bool = False
    name: str = ""
    to: CType | None = None
    rank: int = 0  # of an int: tells long from long long
    array: bool = False
    volatile: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        if self.array:
            return f"{self.to}[{self.name}]"
        if self.kind == "pointer":
            return f"{self.to}*"
        if self.kind in ("struct", "unknown"):
            return self.name or self.kind
        if self.kind == "int":
            return f"{'s' if self.signed else 'u'}{self.bits}"
        return self.kind

    @property
    def is_scalar(self) -> bool:
        """Whether the value has a truth and a number."""
        return self.kind in ("int", "bool", "pointer")


BOOL = CType("bool", 8, name="_Bool")
VOID = CType("void", 64)
UNKNOWN = CType("unknown", 64)
INT = CType("int", 32, True, "int", rank=3)
UINT = CType("int", 32, False, "unsigned int", rank=3)
S8 = CType("int", 8, True, "s8", rank=1)
U8 = CType("int", 8, False, "u8", rank=1)
S16 = CType("int", 16, True, "s16", rank=2)
U16 = CType("int", 16, False, "u16", rank=2)
S64 = CType("int", 64, True, "s64", rank=5)
U64 = CType("int", 64, False, "u64", rank=5)


@dataclass(frozen=True, slots=True)
class Machine:
    """The data model: ``long_bits`` 64 or 32; ``char_signed`` as gcc is told.

    The kernel is built with -funsigned-char since 6.2 (top Makefile).
    """

    long_bits: int = 64
    char_signed: bool = False

    @property
    def long(self) -> CType:
        """``long``."""
        return CType("int", self.long_bits, True, "long", rank=4)

    @property
    def ulong(self) -> CType:
        """``unsigned long``, the type of size_t in the kernel, too."""
        return CType("int", self.long_bits, False, "unsigned long", rank=4)

    @property
    def char(self) -> CType:
        """Plain ``char``."""
        return CType("int", 8, self.char_signed, "char", rank=1)

    def pointer(self, to: CType) -> CType:
        """Returns the type of a pointer to ``to``."""
        return CType("pointer", self.long_bits, to=to)


@dataclass(frozen=True, slots=True)
class Value:
    """A typed C value; ``expr`` has the width of ``ctype.bits``.

    ``flag`` is kept beside the number where the value is a comparison, so that
    conditions stay small.
    """

    expr: BitVec
    ctype: CType
    flag: Bool | None = None


Opaque = Callable[
    [str, "list[BitVec]", int], "BitVec"
]  # name, operands, bits -> expression


def number(value: int, ctype: CType) -> Value:
    """Returns a constant of a type."""
    return Value(constant(value, ctype.bits), ctype)


def from_flag(flag: Bool, ctype: CType = INT) -> Value:
    """Returns the value that C gives a comparison: 1 where the flag is true, else 0."""
    bits = ctype.bits
    expr = z3.If(flag, constant(1, bits), constant(0, bits))
    return Value(expr, ctype, flag)


def truth(value: Value) -> Bool:
    """Returns ``value != 0`` as a z3 Bool."""
    if value.flag is not None:
        return value.flag
    if z3.is_bv_value(value.expr):
        return z3.BoolVal(value.expr.as_long() != 0)
    return value.expr != constant(0, width(value.expr))


def resize(expr: BitVec, signed: bool, bits: int) -> BitVec:
    """Truncate or extend a bit-vector."""
    have = width(expr)
    if z3.is_bv_value(expr):
        number_ = expr.as_signed_long() if signed else expr.as_long()
        return constant(number_, bits)
    if largest(expr) is not None:  # a choice of numbers stays one
        yes, no = (resize(expr.arg(i), signed, bits) for i in (1, 2))
        return z3.If(expr.arg(0), yes, no)
    if have > bits:
        return z3.Extract(bits - 1, 0, expr)
    if have < bits:
        extend = z3.SignExt if signed else z3.ZeroExt
        return extend(bits - have, expr)
    return expr


def convert(value: Value, ctype: CType, opaque: Opaque) -> Value:
    """Converts a value as assignments and casts do (C11 6.3.1.2, 6.3.1.3); ``opaque``
    makes the unknown word for what has no integer value."""
    old = value.ctype
    if old == ctype:  # pointers may differ in what is volatile
        same = old.kind != "pointer" and not ctype.volatile
        return value if same else Value(value.expr, plain_type(ctype), value.flag)
    ctype = plain_type(ctype)
    if ctype.kind == "bool":
        if not old.is_scalar:
            return from_flag(truth(unknown_word(value, opaque)), BOOL)
        return from_flag(truth(value), BOOL)
    if not ctype.is_scalar or not old.is_scalar:
        if old.kind == ctype.kind or ctype.kind == "void":
            return Value(value.expr, ctype)
        name = f"({ctype}){old}"
        return Value(opaque(name, [value.expr], ctype.bits), ctype)
    if value.flag is not None and ctype.kind == "int":
        return from_flag(value.flag, ctype)
    return Value(resize(value.expr, old.signed, ctype.bits), ctype)


def plain_type(ctype: CType) -> CType:
    """Returns the type of the value of something that may be volatile (C11 6.3.2.1)."""
    return replace(ctype, volatile=False) if ctype.volatile else ctype


def no_value() -> Value:
    """Returns what a call of type void has for a value.

    It is made anew each time: a term lives as long as its context (``new_context``).
    """
    return Value(constant(0, VOID.bits), VOID)


def unknown_word(value: Value, opaque: Opaque) -> Value:
    """Reads a value whose type is not known as an unknown word of 64 bits."""
    return Value(opaque(f"truth of {value.ctype}", [value.expr], 64), U64)


def promote(value: Value, opaque: Opaque) -> Value:
    """Promotes a value (C11 6.3.1.1): what is narrower than int becomes int."""
    ctype = value.ctype
    if ctype.kind == "bool" or (ctype.kind == "int" and ctype.bits < 32):
        return convert(value, INT, opaque)
    return value


def common_type(one: CType, two: CType) -> CType:
    """Returns the common type of two promoted integer types (C11 6.3.1.8)."""
    if one.signed == two.signed:
        return one if (one.bits, one.rank) >= (two.bits, two.rank) else two
    unsigned, signed = (two, one) if one.signed else (one, two)
    if unsigned.rank >= signed.rank:
        return unsigned
    if signed.bits > unsigned.bits:
        return signed
    name = f"unsigned {signed.name}"
    return CType("int", signed.bits, False, name, rank=signed.rank)


_Compare = Callable[["BitVec", "BitVec"], "Bool"]
_Compute = Callable[["BitVec", "BitVec"], "BitVec"]
COMPARE: dict[str, tuple[_Compare, _Compare]] = {
    "<": (lambda a, b: a < b, z3.ULT),
    "<=": (lambda a, b: a <= b, z3.ULE),
    ">": (lambda a, b: a > b, z3.UGT),
    ">=": (lambda a, b: a >= b, z3.UGE),
    "==": (lambda a, b: a == b, lambda a, b: a == b),
    "!=": (lambda a, b: a != b, lambda a, b: a != b),
}

ARITHMETIC: dict[str, _Compute] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}


def binary(operator: str, left: Value, right: Value, opaque: Opaque) -> Value:
    """Applies a binary operator to integers, by C's types; pointers are words here.

    Not for &&, || and pointer arithmetic, which need more than two values.
    """
    if not (left.ctype.is_scalar and right.ctype.is_scalar):
        return _opaque_binary(operator, left, right, opaque)
    left, right = _as_integer(left, opaque), _as_integer(right, opaque)
    if operator in ("<<", ">>"):
        return shift(operator, left, right, opaque)
    both = common_type(left.ctype, right.ctype)
    a = convert(left, both, opaque).expr
    b = convert(right, both, opaque).expr
    if operator in COMPARE:
        return from_flag(COMPARE[operator][0 if both.signed else 1](a, b))
    if operator in ARITHMETIC:
        return Value(ARITHMETIC[operator](a, b), both)
    return _divide(operator, a, b, both, opaque)


def _as_integer(value: Value, opaque: Opaque) -> Value:
    if value.ctype.kind == "pointer":
        bits = value.ctype.bits
        return Value(value.expr, CType("int", bits, False, "unsigned long", rank=4))
    return promote(value, opaque)


def _opaque_binary(op: str, left: Value, right: Value, opaque: Opaque) -> Value:
    """An operation on a value whose type the tree did not tell."""
    name = f"{left.ctype} {op} {right.ctype}"
    if op in COMPARE:
        answer = opaque(name, [left.expr, right.expr], 1)
        return from_flag(answer == constant(1, 1))
    return Value(opaque(name, [left.expr, right.expr], 64), UNKNOWN)


def shift(operator: str, left: Value, right: Value, opaque: Opaque) -> Value:
    """Returns ``left << right`` or ``>>``, of the promoted type of ``left`` (6.5.7).

    The amount's own width counts: ``x << 300`` must not wrap to ``x << 44``.
    """
    bits = left.ctype.bits
    amount = right.expr
    limit = constant(bits, max(width(amount), 8))
    wide = resize(amount, right.ctype.signed, max(width(amount), 8))
    most = largest(wide)
    if most is not None and most < bits:
        in_range = z3.BoolVal(True)
    else:
        in_range = z3.simplify(z3.ULT(wide, limit))  # a negative amount is huge
    by = resize(wide, False, bits)
    if operator == "<<":
        result = left.expr << by
    elif left.ctype.signed:
        result = left.expr >> by
    else:
        result = z3.LShR(left.expr, by)
    if z3.is_true(in_range):
        return Value(result, left.ctype)
    name = f"{left.ctype} {operator} out of range"
    undefined = opaque(name, [left.expr, right.expr], bits)
    if z3.is_false(in_range):
        return Value(undefined, left.ctype)
    return Value(z3.If(in_range, result, undefined), left.ctype)


def largest(expr: BitVec) -> int | None:
    """Returns the largest of the numbers that conditions choose from, None for
    others."""
    return _chosen(expr, lambda value: int(value.as_long()), max)


def smallest(expr: BitVec) -> int | None:
    """Returns the smallest, as signed, of the numbers that conditions choose from."""
    return _chosen(expr, lambda value: int(value.as_signed_long()), min)


def _chosen(
    expr: BitVec, read: Callable[[BitVec], int], pick: Callable[[int, int], int]
) -> int | None:
    if z3.is_bv_value(expr):
        return read(expr)
    if not z3.is_app(expr) or expr.decl().kind() != z3.Z3_OP_ITE:
        return None
    yes, no = (_chosen(expr.arg(place), read, pick) for place in (1, 2))
    return None if yes is None or no is None else pick(yes, no)


def _divide(operator: str, a: BitVec, b: BitVec, both: CType, opaque: Opaque) -> Value:
    if operator == "/":
        result = a / b if both.signed else z3.UDiv(a, b)
    elif operator == "%":
        result = z3.SRem(a, b) if both.signed else z3.URem(a, b)
    else:
        raise ValueError(operator)
    zero = b == constant(0, both.bits)
    undefined = opaque(f"{both} {operator} by zero", [a], both.bits)
    if z3.is_bv_value(b) and b.as_long() != 0:
        return Value(result, both)
    return Value(z3.If(zero, undefined, result), both)


def unary(operator: str, value: Value, opaque: Opaque) -> Value:
    """Applies ``-``, ``+``, ``~`` or ``!``."""
    if operator == "!":
        if not value.ctype.is_scalar:
            value = unknown_word(value, opaque)
        return from_flag(z3.Not(truth(value)))
    if value.ctype.kind not in ("int", "bool"):
        name = f"{operator}{value.ctype}"
        return Value(opaque(name, [value.expr], 64), UNKNOWN)
    value = promote(value, opaque)
    if operator == "-":
        return Value(-value.expr, value.ctype)
    if operator == "~":
        return Value(~value.expr, value.ctype)
    return Value(value.expr, value.ctype)


def from_outside(expr: BitVec, ctype: CType) -> Value:
    """Takes in a value that came from outside: a bool from there is 0 or 1."""
    if ctype.kind == "bool":
        return from_flag(expr != constant(0, width(expr)), BOOL)
    return Value(expr, ctype)


def choose(flag: Bool, one: Value, two: Value) -> Value:
    """Returns one of two values of the same type, by a z3 Bool."""
    if one.expr is two.expr or z3.is_true(flag):
        return one
    if z3.is_false(flag):
        return two
    if one.expr.eq(two.expr):
        return one
    both = None
    if one.flag is not None and two.flag is not None:
        both = z3.If(flag, one.flag, two.flag)
        return from_flag(both, one.ctype)
    return Value(z3.If(flag, one.expr, two.expr), one.ctype)


def address64(value: Value) -> BitVec:
    """Returns a pointer's number as an address."""
    return resize(value.expr, False, 64)
