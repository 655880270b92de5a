# SPDX-License-Identifier: GPL-2.0-or-later
"""Terms of the solver read without a Python object for each of their parts.

A comparison walks over hundreds of thousands of nodes; here a node is the number that
the solver itself knows it by, and equal terms have equal numbers.  A number is good as
long as something that the solver counts refers to the term: ``Kept`` does.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import ParamSpec, Protocol, TypeVar

import z3

from reviewer.prover.term_types import BitVec, Bool, Term

# The library itself refuses terms of wrong sorts; z3's own checks before that double
# the time that it takes to make one.
z3.z3.Z3_DEBUG = False

_Asked = ParamSpec("_Asked")
_Told = TypeVar("_Told")
_POINTER = ctypes.c_void_p
_Simple = _POINTER | ctypes.c_uint | ctypes.c_int | ctypes.c_char_p
_UNSIGNED = ctypes.c_uint
# Of the context that terms are made in: set by ``_set_context``.
_CONTEXT: int | None = None
_TRUE = _FALSE = 0


class _Native(Protocol):
    """A function of the library; what it gives is a number, or a text of one."""

    def __call__(self, context: int | None, *parts: int) -> int: ...


def _function(
    name: str, result: type[_Simple] | None, *arguments: type[_Simple]
) -> _Native:
    """A function of the library, with plain numbers for terms."""
    wrapped = getattr(z3.z3core, name).__defaults__[-1].f
    address = ctypes.cast(wrapped, _POINTER).value or 0
    return ctypes.PYFUNCTYPE(result, _POINTER, *arguments)(address)


_decl = _function("Z3_get_app_decl", _POINTER, _POINTER)
_decl_kind = _function("Z3_get_decl_kind", _UNSIGNED, _POINTER)
_arity = _function("Z3_get_app_num_args", _UNSIGNED, _POINTER)
_arg = _function("Z3_get_app_arg", _POINTER, _POINTER, _UNSIGNED)
_sort = _function("Z3_get_sort", _POINTER, _POINTER)
_size = _function("Z3_get_bv_sort_size", _UNSIGNED, _POINTER)
_sort_kind = _function("Z3_get_sort_kind", _UNSIGNED, _POINTER)
_ast_kind = _function("Z3_get_ast_kind", _UNSIGNED, _POINTER)
_parameter = _function("Z3_get_decl_int_parameter", ctypes.c_int, _POINTER, _UNSIGNED)
_digits = _function("Z3_get_numeral_string", ctypes.c_char_p, _POINTER)
_keep = _function("Z3_inc_ref", None, _POINTER)
_drop = _function("Z3_dec_ref", None, _POINTER)
_not = _function("Z3_mk_not", _POINTER, _POINTER)
_and = _function("Z3_mk_and", _POINTER, _UNSIGNED, _POINTER)
_or = _function("Z3_mk_or", _POINTER, _UNSIGNED, _POINTER)
_xor = _function("Z3_mk_xor", _POINTER, _POINTER, _POINTER)
_eq = _function("Z3_mk_eq", _POINTER, _POINTER, _POINTER)
_ite = _function("Z3_mk_ite", _POINTER, _POINTER, _POINTER, _POINTER)
_extract = _function("Z3_mk_extract", _POINTER, _UNSIGNED, _UNSIGNED, _POINTER)

_APP, _NUMERAL = z3.Z3_APP_AST, z3.Z3_NUMERAL_AST

_remembered: list[Callable[[], None]] = []  # drops what was remembered of a context


def of_context(function: Callable[_Asked, _Told]) -> Callable[_Asked, _Told]:
    """Makes a function remember what it returned, until ``new_context``."""
    remembering = lru_cache(maxsize=20_000)(function)
    _remembered.append(remembering.cache_clear)
    return remembering  # type: ignore[return-value]


def new_context() -> None:
    """Begins with no terms at all, for the solver's answers depend on those that were
    made before.

    z3 sorts what it is given by the numbers of terms, and those are given out in the
    order in which terms are made.  Whoever still holds one must not use it again.
    """
    for forget in _remembered:
        forget()
    z3.z3._main_ctx = z3.Context()
    _set_context()
    gc.collect(1)  # what held terms of the last context holds itself in circles
    large = z3.Z3_get_estimated_alloc_size() > LARGE
    if large:
        gc.collect()
    if large or next(_contexts) % BETWEEN_TRIMS == 0:
        _give_back_memory()


LARGE = 96 << 20  # bytes that earlier contexts hold; each begins with sixteen
BETWEEN_TRIMS = 4  # contexts: it takes some five milliseconds
_contexts = count(1)


def _give_back_memory() -> None:
    """Hand what earlier contexts have freed back to the system, where the C library
    can: a process kept 440 MB after 200 small functions, of which it used 80."""
    trim = getattr(_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)


_LIBRARY = ctypes.CDLL(None)


def _set_context() -> None:
    global _CONTEXT, _TRUE, _FALSE
    _CONTEXT = ctypes.cast(z3.main_ctx().ref(), _POINTER).value
    _TRUE, _FALSE = number_of(true()), number_of(false())


@of_context
def true() -> Bool:
    """Returns the constant true."""
    return z3.BoolVal(True)


@of_context
def false() -> Bool:
    """Returns the constant false."""
    return z3.BoolVal(False)


@of_context
def _one_bit() -> BitVec:
    return z3.BitVecVal(1, 1)


def number_of(expr: Term) -> int:
    """Returns the number of a term."""
    return int(expr.ast.value)


def kind(term: int) -> int:
    """Returns the operator of a term, as z3.Z3_OP_...; -1 for a quantifier or a bound
    variable."""
    if _ast_kind(_CONTEXT, term) not in (_APP, _NUMERAL):
        return -1
    return int(_decl_kind(_CONTEXT, _decl(_CONTEXT, term)))


def is_true(expr: Term) -> bool:
    """Says whether an expression is the constant true."""
    return bool(expr.ast.value == _TRUE)


def is_false(expr: Term) -> bool:
    """Says whether an expression is the constant false."""
    return bool(expr.ast.value == _FALSE)


def all_of(*flags: Bool) -> Bool:
    """Makes ``z3.And`` of expressions, without its look at the sort of each."""
    array = (z3.z3core.Ast * len(flags))(*[flag.ast for flag in flags])
    context = z3.main_ctx()
    return z3.BoolRef(z3.z3core.Z3_mk_and(context.ref(), len(flags), array), context)


@of_context
def constant(value: int, bits: int) -> BitVec:
    """Returns a bit-vector constant; there are few, and each is asked for often."""
    return z3.BitVecVal(value, bits)


def width(expr: BitVec) -> int:
    """Returns the width of an expression that is a bit-vector."""
    return size(number_of(expr))


def arity(term: int) -> int:
    """Counts the arguments of an application."""
    return int(_arity(_CONTEXT, term))


def arg(term: int, place: int) -> int:
    """Returns one argument of an application, from 0."""
    return int(_arg(_CONTEXT, term, place))


def args(term: int) -> list[int]:
    """Returns all arguments of an application."""
    return [_arg(_CONTEXT, term, place) for place in range(_arity(_CONTEXT, term))]


def size(term: int) -> int:
    """Returns the width of a bit-vector."""
    return int(_size(_CONTEXT, _sort(_CONTEXT, term)))


def sort_kind(term: int) -> int:
    """Returns the kind of a term's sort, as z3.Z3_..._SORT."""
    return int(_sort_kind(_CONTEXT, _sort(_CONTEXT, term)))


def parameter(term: int, place: int) -> int:
    """Returns a number that belongs to the operator: a bound of an extract."""
    return int(_parameter(_CONTEXT, _decl(_CONTEXT, term), place))


def numeral(term: int) -> int:
    """Returns the value of a bit-vector constant, unsigned."""
    return int(_digits(_CONTEXT, term))


def expression(term: int) -> Term:
    """Returns the term as z3's own object."""
    made = z3.z3core.Ast.from_buffer_copy(_POINTER(term))
    return z3.z3._to_expr_ref(made, z3.main_ctx())


class Kept:
    """Makes terms and keeps them alive as long as it lives."""

    def __init__(self) -> None:
        self._terms: list[int] = []
        self._context = z3.main_ctx()
        self.true = number_of(true())
        self.false = number_of(false())

    def __del__(self) -> None:
        reference = self._context.ref()
        if reference is not None:  # else it is gone with all that was in it
            context = ctypes.cast(reference, _POINTER).value
            for term in self._terms:
                _drop(context, term)

    def keep(self, term: int) -> int:
        """Count one more reference."""
        _keep(_CONTEXT, term)
        self._terms.append(term)
        return term

    def negated(self, flag: int) -> int:
        """Returns the term ``not flag``."""
        if flag == self.true:
            return self.false
        if flag == self.false:
            return self.true
        if kind(flag) == z3.Z3_OP_NOT:
            return arg(flag, 0)
        return self.keep(_not(_CONTEXT, flag))

    def both(self, parts: list[int]) -> int:
        """Makes the term that all of the parts hold."""
        return self._joined(_and, parts, self.true, self.false)

    def either(self, parts: list[int]) -> int:
        """Makes the term that any of the parts holds."""
        return self._joined(_or, parts, self.false, self.true)

    def _joined(self, make: _Native, parts: list[int], idle: int, decides: int) -> int:
        """``idle`` adds nothing to what the parts say, ``decides`` says all."""
        kept = [part for part in parts if part != idle]
        if decides in kept:
            return decides
        if len(kept) < 2:
            return kept[0] if kept else idle
        array = (_POINTER * len(kept))(*kept)
        return self.keep(make(_CONTEXT, len(kept), ctypes.addressof(array)))

    def choice(self, flag: int, yes: int, no: int) -> int:
        """Returns the term ``yes`` where ``flag`` holds, else ``no``."""
        if flag == self.true or yes == no:
            return yes
        if flag == self.false:
            return no
        if yes == self.true:
            return self.either([flag, no])
        if yes == self.false:
            return self.both([self.negated(flag), no])
        if no == self.true:
            return self.either([self.negated(flag), yes])
        if no == self.false:
            return self.both([flag, yes])
        return self.keep(_ite(_CONTEXT, flag, yes, no))

    def other(self, one: int, two: int) -> int:
        """Makes the term that one of two flags holds and the other does not."""
        if one == two:
            return self.false
        for flag, rest in ((one, two), (two, one)):
            if flag == self.false:
                return rest
            if flag == self.true:
                return self.negated(rest)
        return self.keep(_xor(_CONTEXT, one, two))

    def same(self, one: int, two: int) -> int:
        """Makes the term that two terms of one sort are equal."""
        if one == two:
            return self.true
        if sort_kind(one) == z3.Z3_BOOL_SORT:
            for flag, rest in ((one, two), (two, one)):
                if flag == self.true:
                    return rest
                if flag == self.false:
                    return self.negated(rest)
        return self.keep(_eq(_CONTEXT, one, two))

    def taken_out(self, word: int, place: int) -> int:
        """Returns a bit of a word that cannot be taken apart, as a Bool."""
        if size(word) != 1:
            word = self.keep(_extract(_CONTEXT, place, place, word))
        return self.keep(_eq(_CONTEXT, word, number_of(_one_bit())))


_set_context()
