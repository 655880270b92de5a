# SPDX-License-Identifier: GPL-2.0-or-later
"""Decides formulas: by a truth table where it is small, by z3 where it is not.

Most conditions have a handful of symbols; the import of z3 costs more than all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

from reviewer.c.file_memory import forgotten_with_texts
from reviewer.c.formula import (
    COMPARISON,
    MODULE,
    Condition,
    all_of,
    assign,
    atom,
    atoms,
    is_config,
)

_ARCH = "SRCARCH == "  # a kernel is built for one architecture
_TABLE_LIMIT = 12  # symbols up to which a truth table is made


def axioms(names: Iterable[str]) -> Iterator[Condition]:
    """Yields what always holds between these atoms, as far as the solver does not know
    it."""
    ordered = sorted(names)
    present = set(ordered)
    terms: dict[str, list[tuple[str, int, str]]] = {}
    for name in ordered:
        if name.endswith(MODULE) and name.removesuffix(MODULE) in present:
            yield ~(atom(name) & atom(name.removesuffix(MODULE)))
        elif f"defined({name})" in present:
            yield ~atom(name) | atom(f"defined({name})")
        elif match := COMPARISON.match(name):
            terms.setdefault(match[1], []).append((match[2], int(match[3]), name))
    for one, two in combinations([n for n in ordered if n.startswith(_ARCH)], 2):
        yield ~(atom(one) & atom(two))
    for term, tests in terms.items():
        for given in (term, f"defined({term})"):
            if given in present:
                yield from (
                    ~atom(name) | atom(given)
                    for op, n, name in tests
                    if n > 0 or (op == ">" and n == 0)
                )
        yield from _order_axioms(tests)


@lru_cache(maxsize=4096)
def _laws(names: frozenset[str]) -> Condition:
    """All of the axioms at once."""
    return all_of(axioms(names))


def _order_axioms(tests: list[tuple[str, int, str]]) -> Iterator[Condition]:
    for i, (op, n, name) in enumerate(tests):
        for other_op, m, other in tests[i + 1 :]:
            one, two = atom(name), atom(other)
            if op == other_op == "==":
                yield ~(one & two)
            elif op == other_op:
                yield (~one | two) if n > m else (~two | one)
            else:
                equal, k, above, bound = (
                    (one, n, two, m) if op == "==" else (two, m, one, n)
                )
                yield ~equal | (above if k > bound else ~above)


@lru_cache(maxsize=8192)
def satisfiable(condition: Condition) -> bool:
    """Says whether some configuration makes a formula true."""
    if condition.kind in ("true", "false"):
        return condition.kind == "true"
    whole = _laws(atoms(condition)) & condition
    for component in _components(_propagate(whole)):
        if not _component_satisfiable(component):
            return False
    return True


def _propagate(condition: Condition) -> Condition:
    """Without the literals that stand alone in a conjunction."""
    while condition.kind == "and":
        units = {
            p.name if p.kind == "atom" else p.parts[0].name: p.kind == "atom"
            for p in condition.parts
            if p.kind in ("atom", "not")
        }
        if not units:
            break
        rest = (p for p in condition.parts if p.kind in ("and", "or"))
        condition = all_of(assign(part, units) for part in rest)
    return condition


def _components(condition: Condition) -> list[Condition]:
    """Conjuncts grouped so that two groups share no atom."""
    if condition.kind != "and":
        return [condition]
    groups: list[tuple[frozenset[str], list[Condition]]] = []
    for part in condition.parts:
        names, members = atoms(part), [part]
        apart = []
        for other_names, others in groups:
            if names.isdisjoint(other_names):
                apart.append((other_names, others))
            else:
                names, members = names | other_names, others + members
        groups = [*apart, (names, members)]
    return [all_of(members) for _, members in groups]


def _component_satisfiable(condition: Condition) -> bool:
    if condition.kind in ("true", "false", "atom", "not"):
        return condition.kind != "false"
    names = atoms(condition)
    if len(names) > _TABLE_LIMIT:
        return _Solver(condition).satisfiable()
    return truth_table(condition, tuple(sorted(names))) != 0


def truth_table(condition: Condition, names: tuple[str, ...]) -> int:
    """Returns the table: bit i is the value when atom k has bit k of i as its value."""
    rows = 1 << len(names)
    everything = (1 << rows) - 1
    columns = {}
    for place, name in enumerate(names):
        block = 1 << place  # rows come in blocks: so many 0, so many 1
        column = ((1 << block) - 1) << block
        width = 2 * block
        while width < rows:
            column |= column << width
            width *= 2
        columns[name] = column

    def value(part: Condition) -> int:
        if part.kind == "atom":
            return columns[part.name]
        if part.kind == "not":
            return everything ^ value(part.parts[0])
        if part.kind == "and":
            result = everything
            for piece in part.parts:
                result &= value(piece)
            return result
        if part.kind == "or":
            result = 0
            for piece in part.parts:
                result |= value(piece)
            return result
        return everything if part.kind == "true" else 0

    return value(condition)


class _Solver:
    """One formula in z3, asked again and again under different assumptions."""

    def __init__(self, condition: Condition) -> None:
        import z3

        z3.set_param("ctrl_c", False)  # it would keep Ctrl-C to itself and we went on
        self._z3 = z3
        self._solver = z3.Solver(ctx=_context())
        self._solver.add(_term(condition))

    def satisfiable(self) -> bool:
        """Whether the formula can be true."""
        return bool(self._solver.check() == self._z3.sat)

    def fewest_on(self, names: Iterable[str]) -> dict[str, bool]:
        """Values under which it is true, each off where it can be, in this order."""
        model: Any = None
        chosen: dict[str, bool] = {}
        for name in names:
            off = _literal(name, False)
            if not self._says(model, off) and self._solver.check(off) == self._z3.sat:
                model = self._solver.model()
            chosen[name] = not self._says(model, off)
            self._solver.add(_literal(name, chosen[name]))
        return chosen

    def _says(self, model: Any, literal: Any) -> bool:
        if model is None:
            return False
        return bool(self._z3.is_true(model.eval(literal, model_completion=True)))

    def refuting(self, given: dict[str, bool], order: list[str]) -> dict[str, bool]:
        """What is left of the values that make it false, as few as are needed.

        Those that come first in ``order`` are dropped where that is possible.
        """
        left, core = dict(given), self._core(given)
        for name in order:
            if core is None:
                break
            rest = {key: value for key, value in left.items() if key != name}
            if name in core:
                smaller = self._core(rest)
                if smaller is None:
                    continue
                core = smaller
            left = rest
        return left

    def _core(self, given: Mapping[str, bool]) -> set[str] | None:
        """Names of the values that make it false, None if they do not."""
        literals = [_literal(name, value) for name, value in given.items()]
        if self._solver.check(*literals) != self._z3.unsat:
            return None
        names = dict(zip((one.get_id() for one in literals), given, strict=True))
        return {names[part.get_id()] for part in self._solver.unsat_core()}


@lru_cache(maxsize=65536)
def _term(part: Condition) -> Any:
    """The formula in z3: most of one is in the next one, too."""
    import z3

    if part.kind == "atom":
        return _literal(part.name, True)
    if not part.parts:
        return z3.BoolVal(part.kind == "true", _context())
    return in_z3(part, _term)


@lru_cache(maxsize=1)
def _context() -> Any:
    """The solver's terms of conditions, apart from those of the prover."""
    import z3

    return z3.Context()


def in_z3(
    condition: Condition,
    of_part: Callable[[Condition], Any],
    every: Callable[..., Any] | None = None,
) -> Any:
    """Returns a condition that is no atom as a term of the solver, made of those
    of its parts.

    ``every`` joins the parts of a conjunction, z3.And if it is not given.
    """
    import z3

    parts = [of_part(part) for part in condition.parts]
    if condition.kind == "not":
        return z3.Not(parts[0])
    if condition.kind == "and":
        return (every or z3.And)(*parts)
    if condition.kind == "or":
        return z3.Or(parts)
    return z3.BoolVal(condition.kind == "true")


@lru_cache(maxsize=65536)
def _literal(name: str, value: bool) -> Any:
    import z3

    flag = z3.Bool(name, _context())
    return flag if value else z3.Not(flag)


def _forget_terms() -> None:
    """Begin anew: what z3 answers may hang on the terms that were made before, and a
    batch says of a patch what a run of its own does."""
    for remembered in (_term, _literal, _context):
        remembered.cache_clear()


forgotten_with_texts(_forget_terms)


def _is_large(condition: Condition) -> bool:
    """Whether there are too many atoms for a table."""
    return len(atoms(_propagate(condition))) > _TABLE_LIMIT


def witness(condition: Condition) -> dict[str, bool] | None:
    """Returns a configuration in which a formula holds, None if there is none."""
    if not satisfiable(condition):
        return None
    names = tuple(sorted(atoms(condition)))
    chosen = _fewest_on(condition, names)
    otherwise = _laws(atoms(condition)) & ~condition
    order = sorted(names, key=lambda name: (is_config(name), name))
    if _is_large(otherwise):
        return _Solver(otherwise).refuting(chosen, order)
    for name in order:
        rest = {key: value for key, value in chosen.items() if key != name}
        if not satisfiable(assign(otherwise, rest)):
            chosen = rest  # it holds without naming this one
    return chosen


def _fewest_on(condition: Condition, names: tuple[str, ...]) -> dict[str, bool]:
    """An assignment that satisfies, with as little on as is found at modest cost."""
    whole = _laws(atoms(condition)) & condition
    if len(names) <= _TABLE_LIMIT:
        table = truth_table(whole, names)
        for size in range(len(names) + 1):
            for on in combinations(range(len(names)), size):
                if table >> sum(1 << place for place in on) & 1:
                    return {name: place in on for place, name in enumerate(names)}
    if _is_large(whole):
        return _Solver(whole).fewest_on(names)
    chosen: dict[str, bool] = {}
    for name in names:  # off, where that is possible
        chosen[name] = False
        chosen[name] = not satisfiable(assign(whole, chosen))
    return chosen
