"""Words taken apart into bits before the solver sees them.

Most of what the kernel does with a flags word is to pick single bits.  Taken apart
here, by the structure of the expression, such a question is a small propositional
formula; left to the solver it is a search over 64-bit shifts by unknown amounts.
"""

from __future__ import annotations

from typing import Any

import z3

FALSE = z3.BoolVal(False)
TRUE = z3.BoolVal(True)


class Bits:
    """A rewriter with a memory; one for each comparison."""

    def __init__(self) -> None:
        self._bits: dict[tuple[int, int], Any] = {}
        self._flags: dict[int, Any] = {}
        self._kept: list[Any] = []  # keeps ids from being reused

    # --- bits of a word -----------------------------------------------------------

    def bit(self, word: Any, place: int) -> Any:
        """Bit ``place`` of a bit-vector, as a Bool."""
        key = (word.get_id(), place)
        found = self._bits.get(key)
        if found is None:
            found = self._bit(word, place)
            self._bits[key] = found
            self._kept.append(word)
        return found

    def _bit(self, word: Any, place: int) -> Any:
        if z3.is_bv_value(word):
            return TRUE if word.as_long() >> place & 1 else FALSE
        kind = word.decl().kind()
        handler = _BIT.get(kind)
        if handler is not None:
            result = handler(self, word, place)
            if result is not None:
                return result
        if word.size() == 1:
            return word == z3.BitVecVal(1, 1)
        return z3.Extract(place, place, word) == z3.BitVecVal(1, 1)

    # --- conditions ----------------------------------------------------------------

    def flag(self, flag: Any) -> Any:
        """A Bool with the comparisons of words in it taken apart."""
        key = flag.get_id()
        found = self._flags.get(key)
        if found is None:
            found = self._flag(flag)
            self._flags[key] = found
            self._kept.append(flag)
        return found

    def _flag(self, flag: Any) -> Any:
        if not z3.is_app(flag):
            return flag
        kind = flag.decl().kind()
        if kind == z3.Z3_OP_NOT:
            return negated(self.flag(flag.arg(0)))
        if kind in (z3.Z3_OP_AND, z3.Z3_OP_OR):
            join = both if kind == z3.Z3_OP_AND else either
            return join([self.flag(part) for part in flag.children()])
        if kind == z3.Z3_OP_ITE:
            return choice(*(self.flag(part) for part in flag.children()))
        if kind == z3.Z3_OP_IMPLIES:
            return either([negated(self.flag(flag.arg(0))), self.flag(flag.arg(1))])
        if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT) and flag.num_args() == 2:
            same = self._equal(flag.arg(0), flag.arg(1))
            if same is not None:
                return same if kind == z3.Z3_OP_EQ else negated(same)
        return flag

    def _equal(self, one: Any, two: Any) -> Any:
        if z3.is_bool(one):
            one, two = self.flag(one), self.flag(two)
            return (
                z3.simplify(one == two)
                if _constant(one) or _constant(two)
                else one == two
            )
        if not z3.is_bv(one):
            return None
        if z3.is_bv_value(one):
            one, two = two, one
        if not z3.is_bv_value(two) or not self._separable(one):
            return None
        number = two.as_long()
        parts = []
        for place in range(one.size()):
            part = self.bit(one, place)
            parts.append(part if number >> place & 1 else negated(part))
            if z3.is_false(parts[-1]):
                return FALSE
        return both(parts)

    def _separable(self, word: Any) -> bool:
        """Whether taking a word apart gains something."""
        return bool(z3.is_app(word) and word.decl().kind() in _BIT)

    # --- operators -----------------------------------------------------------------

    def _and(self, word: Any, place: int) -> Any:
        parts = []
        for child in reversed(word.children()):  # masks stand on the right
            part = self.bit(child, place)
            if z3.is_false(part):
                return FALSE
            parts.append(part)
        return both(parts)

    def _or(self, word: Any, place: int) -> Any:
        return either([self.bit(child, place) for child in word.children()])

    def _xor(self, word: Any, place: int) -> Any:
        result = FALSE
        for child in word.children():
            part = self.bit(child, place)
            if z3.is_false(result):
                result = part
            elif z3.is_true(result):
                result = negated(part)
            elif z3.is_true(part):
                result = negated(result)
            elif not z3.is_false(part):
                result = z3.Xor(result, part)
        return result

    def _not(self, word: Any, place: int) -> Any:
        return negated(self.bit(word.arg(0), place))

    def _ite(self, word: Any, place: int) -> Any:
        yes, no = self.bit(word.arg(1), place), self.bit(word.arg(2), place)
        if yes.eq(no):
            return yes
        return choice(self.flag(word.arg(0)), yes, no)

    def _extract(self, word: Any, place: int) -> Any:
        low = word.params()[1]
        return self.bit(word.arg(0), place + low)

    def _concat(self, word: Any, place: int) -> Any:
        for child in reversed(word.children()):
            if place < child.size():
                return self.bit(child, place)
            place -= child.size()
        return None

    def _zero_extend(self, word: Any, place: int) -> Any:
        inner = word.arg(0)
        return self.bit(inner, place) if place < inner.size() else FALSE

    def _sign_extend(self, word: Any, place: int) -> Any:
        inner = word.arg(0)
        return self.bit(inner, min(place, inner.size() - 1))

    def _shift(self, word: Any, place: int) -> Any:
        """Shifts by a number, or by one of a few that conditions choose from."""
        return self._shifted(word, word.arg(1), place, 0)

    def _shifted(self, word: Any, amount: Any, place: int, depth: int) -> Any:
        if z3.is_bv_value(amount):
            return self._by_number(word, amount.as_long(), place)
        kind = amount.decl().kind()
        if kind == z3.Z3_OP_ITE and depth < 12:
            yes = self._shifted(word, amount.arg(1), place, depth + 1)
            no = self._shifted(word, amount.arg(2), place, depth + 1)
            if yes is None or no is None:
                return None
            return choice(self.flag(amount.arg(0)), yes, no)
        if kind in (z3.Z3_OP_SIGN_EXT, z3.Z3_OP_ZERO_EXT) or z3.is_bv(amount):
            pushed = _pushed(amount)
            if pushed is not None:
                return self._shifted(word, pushed, place, depth + 1)
        return None

    def _by_number(self, word: Any, amount: int, place: int) -> Any:
        inner, size = word.arg(0), word.size()
        kind = word.decl().kind()
        if kind == z3.Z3_OP_BSHL:
            return self.bit(inner, place - amount) if amount <= place else FALSE
        source = place + amount
        if source < size:
            return self.bit(inner, source)
        return FALSE if kind == z3.Z3_OP_BLSHR else self.bit(inner, size - 1)


def _pushed(amount: Any) -> Any:
    """An extension or a truncation of a choice, as a choice between numbers."""
    if amount.num_args() != 1:
        return None
    inner = amount.arg(0)
    if z3.is_bv_value(inner):
        return z3.simplify(amount)
    if not z3.is_app(inner) or inner.decl().kind() != z3.Z3_OP_ITE:
        inner = _pushed(inner) if z3.is_app(inner) and inner.num_args() == 1 else None
        if inner is None or inner.decl().kind() != z3.Z3_OP_ITE:
            return None if inner is None else z3.simplify(amount.decl()(inner))
    operator = amount.decl()
    return z3.If(inner.arg(0), operator(inner.arg(1)), operator(inner.arg(2)))


_BIT: dict[int, Any] = {
    z3.Z3_OP_BAND: Bits._and,
    z3.Z3_OP_BOR: Bits._or,
    z3.Z3_OP_BXOR: Bits._xor,
    z3.Z3_OP_BNOT: Bits._not,
    z3.Z3_OP_ITE: Bits._ite,
    z3.Z3_OP_EXTRACT: Bits._extract,
    z3.Z3_OP_CONCAT: Bits._concat,
    z3.Z3_OP_ZERO_EXT: Bits._zero_extend,
    z3.Z3_OP_SIGN_EXT: Bits._sign_extend,
    z3.Z3_OP_BSHL: Bits._shift,
    z3.Z3_OP_BLSHR: Bits._shift,
    z3.Z3_OP_BASHR: Bits._shift,
}


# --- connectives that fold constants ------------------------------------------


def _constant(flag: Any) -> bool:
    return bool(z3.is_true(flag) or z3.is_false(flag))


def negated(flag: Any) -> Any:
    """not flag."""
    if z3.is_true(flag):
        return FALSE
    if z3.is_false(flag):
        return TRUE
    if z3.is_not(flag):
        return flag.arg(0)
    return z3.Not(flag)


def both(parts: list[Any]) -> Any:
    """All of the parts."""
    kept = [part for part in parts if not z3.is_true(part)]
    if any(z3.is_false(part) for part in kept):
        return FALSE
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else z3.And(kept)


def either(parts: list[Any]) -> Any:
    """Any of the parts."""
    kept = [part for part in parts if not z3.is_false(part)]
    if any(z3.is_true(part) for part in kept):
        return TRUE
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else z3.Or(kept)


def choice(flag: Any, yes: Any, no: Any) -> Any:
    """yes where flag holds, else no."""
    if z3.is_true(flag) or yes.eq(no):
        return yes
    if z3.is_false(flag):
        return no
    if z3.is_true(yes):
        return either([flag, no])
    if z3.is_false(yes):
        return both([negated(flag), no])
    if z3.is_true(no):
        return either([negated(flag), yes])
    if z3.is_false(no):
        return both([flag, yes])
    return z3.If(flag, yes, no)
