# SPDX-License-Identifier: GPL-2.0-or-later
"""Words taken apart into bits before the solver sees them.

Most of what the kernel does with a flags word is to pick single bits.  Taken apart
here, by the structure of the expression, such a question is a small propositional
formula; left to the solver it is a search over 64-bit shifts by unknown amounts.
"""

from __future__ import annotations

from collections.abc import Callable

import z3

from reviewer.prover.term_types import BitVec, Bool, Term
from reviewer.prover.values import solver_terms
from reviewer.prover.values.solver_terms import Kept, expression, number_of

DEEPEST = 12  # choices inside an amount that is shifted by


class Bits:
    """A rewriter with a memory; one for each comparison.

    Inside, a term is its number (see ``solver_terms``).
    """

    def __init__(self) -> None:
        self._bits: dict[tuple[int, int], int] = {}
        self._flags: dict[int, int] = {}
        self._kinds: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._choices: dict[int, int | None] = {}
        self._make = Kept()

    def bit(self, word: Term, place: int) -> Term:
        """Returns bit ``place`` of a bit-vector, as a Bool."""
        return expression(self._bit(self._make.keep(number_of(word)), place))

    def flag(self, flag: Bool) -> Bool:
        """Returns a Bool with the comparisons of words in it taken apart."""
        made = expression(self._flag(self._make.keep(number_of(flag))))
        assert z3.is_bool(made)
        return made

    def _kind(self, term: int) -> int:
        found = self._kinds.get(term)
        if found is None:
            found = self._kinds[term] = solver_terms.kind(term)
        return found

    def _number(self, term: int) -> int:
        """The value of a constant."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = solver_terms.numeral(term)
        return found

    # --- bits of a word -----------------------------------------------------------

    def _bit(self, word: int, place: int) -> int:
        found = self._bits.get((word, place))
        if found is None:
            found = self._bits[word, place] = self._find_bit(word, place)
        return found

    def _find_bit(self, word: int, place: int) -> int:
        kind = self._kind(word)
        if kind == z3.Z3_OP_BNUM:
            is_set = self._number(word) >> place & 1
            return self._make.true if is_set else self._make.false
        handler = _BIT.get(kind)
        if handler is not None:
            result: int | None = handler(self, word, place)
            if result is not None:
                return result
        return self._make.taken_out(word, place)

    # --- conditions ----------------------------------------------------------------

    def _flag(self, flag: int) -> int:
        found = self._flags.get(flag)
        if found is None:
            found = self._flags[flag] = self._find_flag(flag)
        return found

    def _find_flag(self, flag: int) -> int:
        make, kind = self._make, self._kind(flag)
        if kind == z3.Z3_OP_NOT:
            return make.negated(self._flag(solver_terms.arg(flag, 0)))
        if kind == z3.Z3_OP_AND:
            return make.both([self._flag(part) for part in solver_terms.args(flag)])
        if kind == z3.Z3_OP_OR:
            return make.either([self._flag(part) for part in solver_terms.args(flag)])
        if kind == z3.Z3_OP_ITE:
            test, yes, no = (self._flag(part) for part in solver_terms.args(flag))
            return make.choice(test, yes, no)
        if kind == z3.Z3_OP_IMPLIES:
            if_, then = (self._flag(part) for part in solver_terms.args(flag))
            return make.either([make.negated(if_), then])
        if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT) and solver_terms.arity(flag) == 2:
            same = self._equal(*solver_terms.args(flag))
            if same is not None:
                return same if kind == z3.Z3_OP_EQ else make.negated(same)
        return flag

    def _equal(self, one: int, two: int) -> int | None:
        kind = solver_terms.sort_kind(one)
        if kind == z3.Z3_BOOL_SORT:
            return self._make.same(self._flag(one), self._flag(two))
        if kind != z3.Z3_BV_SORT:
            return None
        if self._kind(one) == z3.Z3_OP_BNUM:
            one, two = two, one
        if self._kind(two) != z3.Z3_OP_BNUM or self._kind(one) not in _BIT:
            return None
        number = self._number(two)
        parts = []
        for place in range(solver_terms.size(one)):
            part = self._bit(one, place)
            parts.append(part if number >> place & 1 else self._make.negated(part))
            if parts[-1] == self._make.false:
                return self._make.false
        return self._make.both(parts)

    # --- operators -----------------------------------------------------------------

    def _and(self, word: int, place: int) -> int:
        parts = []
        for child in reversed(solver_terms.args(word)):  # masks stand on the right
            part = self._bit(child, place)
            if part == self._make.false:
                return part
            parts.append(part)
        return self._make.both(parts)

    def _or(self, word: int, place: int) -> int:
        return self._make.either(
            [self._bit(part, place) for part in solver_terms.args(word)]
        )

    def _xor(self, word: int, place: int) -> int:
        result = self._make.false
        for child in solver_terms.args(word):
            result = self._make.other(result, self._bit(child, place))
        return result

    def _not(self, word: int, place: int) -> int:
        return self._make.negated(self._bit(solver_terms.arg(word, 0), place))

    def _ite(self, word: int, place: int) -> int:
        test, one, two = solver_terms.args(word)
        yes, no = self._bit(one, place), self._bit(two, place)
        return yes if yes == no else self._make.choice(self._flag(test), yes, no)

    def _extract(self, word: int, place: int) -> int:
        return self._bit(
            solver_terms.arg(word, 0), place + solver_terms.parameter(word, 1)
        )

    def _concat(self, word: int, place: int) -> int | None:
        for child in reversed(solver_terms.args(word)):
            width = solver_terms.size(child)
            if place < width:
                return self._bit(child, place)
            place -= width
        return None

    def _zero_extend(self, word: int, place: int) -> int:
        inner = solver_terms.arg(word, 0)
        if place < solver_terms.size(inner):
            return self._bit(inner, place)
        return self._make.false

    def _sign_extend(self, word: int, place: int) -> int:
        inner = solver_terms.arg(word, 0)
        return self._bit(inner, min(place, solver_terms.size(inner) - 1))

    def _shift(self, word: int, place: int) -> int | None:
        """Shifts by a number, or by one of a few that conditions choose from."""
        return self._shifted(word, solver_terms.arg(word, 1), place, 0)

    def _shifted(self, word: int, amount: int, place: int, depth: int) -> int | None:
        kind = self._kind(amount)
        if kind == z3.Z3_OP_BNUM:
            return self._by_number(word, self._number(amount), place)
        if depth == DEEPEST:
            return None
        if kind == z3.Z3_OP_ITE:
            test, one, two = solver_terms.args(amount)
            yes = self._shifted(word, one, place, depth + 1)
            no = self._shifted(word, two, place, depth + 1)
            if yes is None or no is None:
                return None
            return self._make.choice(self._flag(test), yes, no)
        pushed = self._choice_of(amount)
        if pushed is None:
            return None
        return self._shifted(word, pushed, place, depth + 1)

    def _choice_of(self, amount: int) -> int | None:
        """``_pushed``, found once for all the bits of a word."""
        if amount not in self._choices:
            word = expression(amount)
            assert z3.is_bv(word)
            made = _pushed(word)
            self._choices[amount] = (
                None if made is None else self._make.keep(number_of(made))
            )
        return self._choices[amount]

    def _by_number(self, word: int, amount: int, place: int) -> int:
        inner, size = solver_terms.arg(word, 0), solver_terms.size(word)
        kind = self._kind(word)
        if kind == z3.Z3_OP_BSHL:
            if amount <= place:
                return self._bit(inner, place - amount)
            return self._make.false
        source = place + amount
        if source < size:
            return self._bit(inner, source)
        if kind == z3.Z3_OP_BLSHR:
            return self._make.false
        return self._bit(inner, size - 1)


def _pushed(amount: BitVec) -> BitVec | None:
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


_BIT: dict[int, Callable[[Bits, int, int], int | None]] = {
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
