# SPDX-License-Identifier: GPL-2.0-or-later
"""Integers of which some bits are known: arithmetic for guards.

A value read from memory is known only in the bits of the field under study; what
is computed from it is known as far as the operators allow.  64 bits, unsigned.
"""

from __future__ import annotations

from msgspec import Struct

WIDTH = 64
ALL = (1 << WIDTH) - 1


class KnownBits(Struct, frozen=True):
    """``value`` in the bits of ``known``; 0 in all others."""

    known: int
    value: int

    @property
    def exact(self) -> int | None:
        """The integer, if every bit is known."""
        return self.value if self.known == ALL else None

    @property
    def truth(self) -> bool | None:
        """Whether it is non-zero; None if that is not known."""
        if self.value:
            return True
        return False if self.known == ALL else None


UNKNOWN = KnownBits(0, 0)
UNKNOWN_BOOL = KnownBits(ALL & ~1, 0)


def constant(value: int) -> KnownBits:
    """Returns a known integer; a negative one is sign-extended."""
    return KnownBits(ALL, value & ALL)


def boolean(truth: bool | None) -> KnownBits:
    """Returns C's 0 or 1."""
    return UNKNOWN_BOOL if truth is None else constant(int(truth))


def invert(a: KnownBits) -> KnownBits:
    """Returns the bits of ``~a``, as far as those of ``a`` are known."""
    return KnownBits(a.known, ~a.value & a.known)


def negate(a: KnownBits) -> KnownBits:
    """Returns the bits of ``!a``, as far as the truth of ``a`` is known."""
    return boolean(None if a.truth is None else not a.truth)


def binary(operator: str, a: KnownBits, b: KnownBits) -> KnownBits:
    """Returns the result of a C binary operator that does not short-circuit."""
    match operator:
        case "&":
            zero = (a.known & ~a.value) | (b.known & ~b.value)
            return KnownBits((a.known & b.known) | zero, a.value & b.value)
        case "|":
            return KnownBits((a.known & b.known) | a.value | b.value, a.value | b.value)
        case "^":
            known = a.known & b.known
            return KnownBits(known, (a.value ^ b.value) & known)
        case "<<" | ">>":
            return _shift(operator, a, b.exact)
        case "==":
            return boolean(_equal(a, b))
        case "!=":
            equal = _equal(a, b)
            return boolean(None if equal is None else not equal)
        case "<" | ">" | "<=" | ">=":
            return boolean(_ordered(operator, a, b))
    return _arithmetic(operator, a.exact, b.exact)


def _equal(a: KnownBits, b: KnownBits) -> bool | None:
    if (a.value ^ b.value) & a.known & b.known:
        return False
    return True if a.known == b.known == ALL else None


def _ordered(operator: str, a: KnownBits, b: KnownBits) -> bool | None:
    if operator == ">" and b.exact == 0:
        return a.truth
    if a.exact is None or b.exact is None:
        return None
    return {
        "<": a.exact < b.exact,
        ">": a.exact > b.exact,
        "<=": a.exact <= b.exact,
        ">=": a.exact >= b.exact,
    }[operator]


def _shift(operator: str, a: KnownBits, count: int | None) -> KnownBits:
    if count is None or count >= WIDTH:
        return UNKNOWN
    if operator == "<<":
        low = (1 << count) - 1
        return KnownBits(((a.known << count) | low) & ALL, (a.value << count) & ALL)
    high = ALL & ~(ALL >> count)
    return KnownBits((a.known >> count) | high, a.value >> count)


def _arithmetic(operator: str, a: int | None, b: int | None) -> KnownBits:
    if a is None or b is None:
        return UNKNOWN
    match operator:
        case "+":
            return constant(a + b)
        case "-":
            return constant(a - b)
        case "*":
            return constant(a * b)
    return UNKNOWN
