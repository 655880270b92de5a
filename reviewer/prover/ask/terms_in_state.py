# SPDX-License-Identifier: GPL-2.0-or-later
"""Terms as they are in one state: every choice made, every answer known.

A model of the solver says which way each condition goes.  A term has one form then,
without a choice in it, and all that was taken for true to bring it there is kept.
"""

from __future__ import annotations

from typing import TypeVar

import z3

from reviewer.prover.memory import last_write
from reviewer.prover.memory.state import empty_trace, world_sort
from reviewer.prover.memory.tagged_names import memory_in
from reviewer.prover.term_types import BitVec, Bool, Model, Term
from reviewer.prover.values.solver_terms import is_false, is_true

_Term = TypeVar("_Term", bound="Term")
_BOOLEAN = (z3.Z3_OP_IFF, z3.Z3_OP_XOR)


class Unclear(Exception):
    """The walk came to something of which the model does not tell."""


class InState:
    """The terms of two sides in the state of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.side = 0
        # what was taken for true on the way of each side
        self.taken: tuple[dict[int, Bool], dict[int, Bool]] = ({}, {})
        self.terms: dict[int, Term] = {}  # number of a term -> what it is here
        self.flags: dict[int, bool] = {}
        self.made: dict[str, list[Term]] = {}  # applications, by their function
        self.kept: list[Term] = []  # numbers are good as long as terms live

    def term(self, expr: Term) -> Term:
        """Returns a term with each choice made as it is in this state."""
        number = expr.get_id()
        found = self.terms.get(number)
        if found is None:
            found = self._term(expr)
            self.terms[number] = found
            self.kept.append(expr)
        return found

    def _term(self, expr: Term) -> Term:
        if not z3.is_app(expr) or not expr.num_args():
            return expr
        if z3.is_bool(expr):
            return z3.BoolVal(self.holds(expr))
        kind = expr.decl().kind()
        if kind == z3.Z3_OP_ITE:
            return self.term(expr.arg(1 if self.holds(expr.arg(0)) else 2))
        parts = [self.term(part) for part in expr.children()]
        if kind == z3.Z3_OP_SELECT:
            array, address = parts
            assert z3.is_bv(address)
            return self.element(array, address)
        if kind == z3.Z3_OP_UNINTERPRETED:
            return self._application(expr, parts)
        return z3.simplify(_with(expr, parts)) if z3.is_bv(expr) else _with(expr, parts)

    def element(self, array: Term, address: BitVec) -> BitVec:
        """Returns a word of an array, past the stores to other places."""
        while array.decl().kind() == z3.Z3_OP_STORE:
            written, value = array.arg(1), array.arg(2)
            if written.eq(address) or self.is_so(z3.simplify(written == address)):
                return value
            array = array.arg(0)
        memory = memory_in(array) if array.num_args() == 1 else None
        if memory is not None:
            return last_write.named_word(self, *memory, array.arg(0), address)
        return z3.Select(array, address)

    def is_so(self, flag: Bool) -> bool:
        """Says whether a condition holds here; that it does, or not, is taken for
        true."""
        if self.value(flag):
            self.take(flag)
            return True
        self.take(z3.Not(flag))
        return False

    def _application(self, expr: Term, parts: list[Term]) -> Term:
        """An unknown function's answer; one question has one answer."""
        if str(expr.decl().name()).startswith("*(") and len(parts) == 2:
            world, address = parts
            assert z3.is_bv(address)
            return last_write.word_at_address(self, expr.decl(), world, address)
        known = self.made.setdefault(expr.decl().sexpr(), [])
        for other in known:
            if self._is_same(other.children(), parts):
                return other
        made = _with(expr, parts)
        known.append(made)
        return made

    def _is_same(self, one: list[Term], two: list[Term]) -> bool:
        equal = []
        for first, second in zip(one, two, strict=True):
            if first.eq(second):
                continue
            if not z3.is_bv(first) or one[0].sort() != world_sort():
                return False
            if not self.value(first == second):
                return False
            equal.append(first == second)
        for formula in equal:
            self.take(formula)
        return True

    def take(self, formula: Bool) -> None:
        """Take a formula for true that is so in this state."""
        if not is_true(formula) and not is_true(z3.simplify(formula)):
            self.taken[self.side].setdefault(formula.get_id(), formula)

    def value(self, flag: Bool) -> bool:
        """Returns the truth of a formula in this state."""
        value = self.model.eval(flag, model_completion=True)
        if z3.is_true(value):
            return True
        if z3.is_false(value):
            return False
        raise Unclear

    def holds(self, flag: Bool) -> bool:
        """Says whether a condition holds in the state; what it depends on is taken for
        true."""
        if is_true(flag) or is_false(flag):
            return is_true(flag)
        number = flag.get_id()
        if number not in self.flags:
            self.flags[number] = self._holds(flag)
            self.kept.append(flag)
        return self.flags[number]

    def _holds(self, flag: Bool) -> bool:
        kind = flag.decl().kind()
        if kind == z3.Z3_OP_NOT:
            return not self.holds(flag.arg(0))
        if kind in (z3.Z3_OP_AND, z3.Z3_OP_OR):
            return self._joined_flags(flag, kind == z3.Z3_OP_OR)
        if kind == z3.Z3_OP_IMPLIES:
            return self.holds(z3.Or(z3.Not(flag.arg(0)), flag.arg(1)))
        if kind == z3.Z3_OP_ITE:
            return self.holds(flag.arg(1 if self.holds(flag.arg(0)) else 2))
        if kind in _BOOLEAN or (kind == z3.Z3_OP_EQ and z3.is_bool(flag.arg(0))):
            same = self.holds(flag.arg(0)) == self.holds(flag.arg(1))
            return bool(same != (kind == z3.Z3_OP_XOR))
        return self._atom(flag, kind)

    def _joined_flags(self, flag: Bool, decisive: bool) -> bool:
        """And, Or: by the first part that decides it alone, or by all."""
        for part in flag.children():
            if self.value(part) is decisive:
                return self.holds(part)
        for part in flag.children():
            self.holds(part)
        return not decisive

    def _atom(self, flag: Bool, kind: int) -> bool:
        if kind == z3.Z3_OP_EQ and flag.arg(0).sort() == world_sort():
            if any(side.eq(empty_trace()) for side in flag.children()):
                return bool(flag.arg(0).eq(flag.arg(1)))  # rows are compared as such
            raise Unclear
        if kind == z3.Z3_OP_EQ and z3.is_array(flag.arg(0)):
            return False  # what was written is looked at word by word
        value = self.value(flag)
        if flag.num_args():
            parts = [self.term(part) for part in flag.children()]
            flag = z3.simplify(_with(flag, parts))
        self.take(flag if value else z3.Not(flag))
        return value


def _with(expr: _Term, parts: list[Term]) -> _Term:
    """The same operation on other operands."""
    array = (z3.z3core.Ast * len(parts))(*[part.as_ast() for part in parts])
    context = z3.main_ctx()
    made = z3.z3core.Z3_update_term(context.ref(), expr.as_ast(), len(parts), array)
    return z3.z3._to_expr_ref(made, context)
