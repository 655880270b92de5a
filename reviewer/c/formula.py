# SPDX-License-Identifier: GPL-2.0-or-later
"""Formulas over configuration symbols, decided exactly.

An atom is a text: ``CONFIG_KSM`` (the option is y), ``CONFIG_KSM_MODULE`` (it is m),
or any other preprocessor test, such as ``defined(__arm__)`` or ``THREAD_SIZE > 8192``.
The few things that hold between atoms are known here: an option is not both y and m,
and the orders and equalities of one term with integers exclude or contain each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

from reviewer.patterns import regex

_SYMBOL = regex(r"CONFIG_\w+\Z")
_COMPARISON = regex(r"(.+) (>|==) (-?\d+)\Z")
_CONFIG_COMPARISON = regex(r"(CONFIG_\w+) (?:>|==) -?\d+\Z")
_MODULE = "_MODULE"
_ARCH = "SRCARCH == "  # a kernel is built for one architecture
_TABLE_LIMIT = 12  # symbols up to which a truth table is made


@dataclass(frozen=True, slots=True)
class Condition:
    """An immutable formula; ``==`` compares how it is written, not what it means.

    ``kind`` is one of true, false, atom, not, and, or.  Build with ``symbol()``,
    ``atom()``, ``parse_condition()`` and the operators ``&``, ``|`` and ``~``.
    """

    kind: str
    name: str = ""
    parts: tuple[Condition, ...] = ()
    _hash: int = field(default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        key = hash((self.kind, self.name, self.parts))
        object.__setattr__(self, "_hash", key)

    def __hash__(self) -> int:
        return self._hash

    def __and__(self, other: Condition) -> Condition:
        return _join("and", (self, other))

    def __or__(self, other: Condition) -> Condition:
        return _join("or", (self, other))

    def __invert__(self) -> Condition:
        if self.kind == "true":
            return FALSE
        if self.kind == "false":
            return TRUE
        if self.kind == "not":
            return self.parts[0]
        if self.kind == "atom":
            return Condition("not", parts=(self,))
        dual = "or" if self.kind == "and" else "and"
        return _join(dual, tuple(~part for part in self.parts))

    @property
    def is_true(self) -> bool:
        """Whether it is written as TRUE; ``TRUE.implies(c)`` decides it."""
        return self.kind == "true"

    @property
    def is_false(self) -> bool:
        """Whether it is written as FALSE; ``not c.satisfiable()`` decides it."""
        return self.kind == "false"

    @property
    def atoms(self) -> frozenset[str]:
        """The texts of all atoms."""
        return _atoms(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The options it speaks of, ``CONFIG_KSM``; =m is folded into the option."""
        return frozenset(_option(name) for name in self.atoms if _is_config(name))

    @property
    def opaque(self) -> frozenset[str]:
        """Atoms that no .config decides: treat a counterexample on them with care."""
        return frozenset(name for name in self.atoms if not _is_config(name))

    def satisfiable(self) -> bool:
        """Whether some configuration makes it true."""
        return _satisfiable(self)

    def implies(self, other: Condition) -> bool:
        """Whether ``other`` holds in every configuration in which this holds."""
        if other.kind == "true" or self.kind == "false" or self == other:
            return True
        if _conjuncts(self).issuperset(_conjuncts(other)):
            return True
        return not _satisfiable(self & ~other)

    def equivalent(self, other: Condition) -> bool:
        """Whether both hold in the same configurations."""
        return self.implies(other) and other.implies(self)

    def assign(self, configuration: Mapping[str, bool]) -> Condition:
        """The formula that is left when some atoms are known."""
        return _assign(self, configuration)

    def example(self) -> dict[str, bool] | None:
        """A smallest configuration in which it holds, None if there is none.

        As few options as possible are on, and only those atoms are named that
        matter: whatever is left out may have any value.
        """
        return _witness(self)

    def counterexample(self, other: Condition) -> dict[str, bool] | None:
        """A configuration in which this holds and ``other`` does not, or None."""
        return _witness(self & ~other)

    def config_fragment(self) -> tuple[str, ...]:
        """``example()`` as lines of a .config; () where there is none."""
        return config_fragment(self.example() or {})

    def __str__(self) -> str:
        from reviewer.c.spelling import spell

        return spell(self)


TRUE = Condition("true")
FALSE = Condition("false")


def atom(text: str) -> Condition:
    """An atom by its normalised text."""
    return Condition("atom", text)


def symbol(name: str) -> Condition:
    """The option is y: ``symbol("KSM")`` and ``symbol("CONFIG_KSM")`` are the same."""
    return Condition("atom", name if name.startswith("CONFIG_") else f"CONFIG_{name}")


def module(name: str) -> Condition:
    """The option is m."""
    return Condition("atom", symbol(name).name + _MODULE)


def enabled(name: str) -> Condition:
    """The option is y or m, as IS_ENABLED() (include/linux/kconfig.h)."""
    return symbol(name) | module(name)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """The conjunction; TRUE of nothing."""
    return _join("and", tuple(conditions))


def any_of(conditions: Iterable[Condition]) -> Condition:
    """The disjunction; FALSE of nothing."""
    return _join("or", tuple(conditions))


def config_fragment(configuration: Mapping[str, bool]) -> tuple[str, ...]:
    """The lines of a .config that make a configuration, sorted by option.

    Atoms that no .config decides come last as comments.
    """
    options = sorted({_option(name) for name in configuration if _is_config(name)})
    lines = [_config_line(option, configuration) for option in options]
    others = sorted(name for name in configuration if not _is_config(name))
    for name in others:
        text = atom(name) if configuration[name] else ~atom(name)
        lines.append(f"# where {text}")
    return tuple(lines)


def _config_line(option: str, configuration: Mapping[str, bool]) -> str:
    bounds = []
    for name, wanted in configuration.items():
        match = _COMPARISON.match(name)
        if match and match[1] == option:
            bounds.append((match[2], int(match[3]), wanted))
    if bounds:
        value = _number_within(bounds)
        if value is not None:
            return f"{option}={value}"
    if configuration.get(option):
        return f"{option}=y"
    if configuration.get(option + _MODULE):
        return f"{option}=m"
    return f"# {option} is not set"


def _number_within(bounds: list[tuple[str, int, bool]]) -> int | None:
    """The smallest number >= 1 that meets all (operator, number, wanted) tests."""
    tries = sorted({1, *(n + step for _, n, _ in bounds for step in (-1, 0, 1))})
    for value in tries:
        if value >= 1 and all(
            (value > n if op == ">" else value == n) == wanted
            for op, n, wanted in bounds
        ):
            return value
    return None


def _is_config(name: str) -> bool:
    return name.startswith("CONFIG_") and bool(
        _SYMBOL.match(name) or _CONFIG_COMPARISON.match(name)
    )


def _option(name: str) -> str:
    return name.split(" ", 1)[0].removesuffix(_MODULE)


# --- building -------------------------------------------------------------------


def _join(kind: str, parts: tuple[Condition, ...]) -> Condition:
    """The and/or of parts: flat, no repetition, absorbed where that is plain."""
    neutral, ruling = (TRUE, FALSE) if kind == "and" else (FALSE, TRUE)
    flat: dict[Condition, None] = {}
    for part in parts:
        for piece in part.parts if part.kind == kind else (part,):
            if piece.kind == ruling.kind:
                return ruling
            if piece.kind != neutral.kind:
                flat[piece] = None
    if len(flat) > 1:
        if any(p.kind == "not" and p.parts[0] in flat for p in flat):
            return ruling
        if any(p.kind in ("and", "or") for p in flat):
            absorbed = _absorb(flat)
            if absorbed is not None:
                return _join(kind, absorbed)
    if not flat:
        return neutral
    if len(flat) == 1:
        return next(iter(flat))
    return Condition(kind, parts=tuple(flat))


def _absorb(flat: dict[Condition, None]) -> tuple[Condition, ...] | None:
    """A & (A | B) is A, A & (!A | B) is A & B, and the duals; None: nothing to do."""
    units = {part for part in flat if part.kind in ("atom", "not")}
    if not units:
        return None
    changed = False
    kept: list[Condition] = []
    for part in flat:
        if part.kind not in ("and", "or"):
            kept.append(part)
        elif not units.isdisjoint(part.parts):
            changed = True
        elif any(
            _opposite(p) in units for p in part.parts if p.kind in ("atom", "not")
        ):
            rest = tuple(p for p in part.parts if _opposite(p) not in units)
            kept.append(_join(part.kind, rest))
            changed = True
        else:
            kept.append(part)
    return tuple(kept) if changed else None


def _opposite(literal: Condition) -> Condition | None:
    if literal.kind == "not":
        return literal.parts[0]
    if literal.kind == "atom":
        return Condition("not", parts=(literal,))
    return None


@lru_cache(maxsize=4096)
def _atoms(condition: Condition) -> frozenset[str]:
    if condition.kind == "atom":
        return frozenset((condition.name,))
    return frozenset().union(*(_atoms(part) for part in condition.parts))


def _conjuncts(condition: Condition) -> frozenset[Condition]:
    if condition.kind == "and":
        return frozenset(condition.parts)
    return frozenset((condition,))


def _assign(condition: Condition, known: Mapping[str, bool]) -> Condition:
    if condition.kind == "atom":
        value = known.get(condition.name)
        return condition if value is None else TRUE if value else FALSE
    if condition.kind == "not":
        return ~_assign(condition.parts[0], known)
    if condition.kind in ("and", "or"):
        parts = tuple(_assign(part, known) for part in condition.parts)
        return _join(condition.kind, parts) if parts != condition.parts else condition
    return condition


# --- what holds between atoms ---------------------------------------------------


def axioms(names: Iterable[str]) -> Iterator[Condition]:
    """What always holds among these atoms (and needs saying)."""
    ordered = sorted(names)
    present = set(ordered)
    terms: dict[str, list[tuple[str, int, str]]] = {}
    for name in ordered:
        if name.endswith(_MODULE) and name.removesuffix(_MODULE) in present:
            yield ~(atom(name) & atom(name.removesuffix(_MODULE)))
        elif f"defined({name})" in present:
            yield ~atom(name) | atom(f"defined({name})")
        elif match := _COMPARISON.match(name):
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


# --- deciding -------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _satisfiable(condition: Condition) -> bool:
    if condition.kind in ("true", "false"):
        return condition.kind == "true"
    whole = _laws(_atoms(condition)) & condition
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
        condition = all_of(_assign(part, units) for part in rest)
    return condition


def _components(condition: Condition) -> list[Condition]:
    """Conjuncts grouped so that two groups share no atom."""
    if condition.kind != "and":
        return [condition]
    groups: list[tuple[frozenset[str], list[Condition]]] = []
    for part in condition.parts:
        names, members = _atoms(part), [part]
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
    names = _atoms(condition)
    if len(names) > _TABLE_LIMIT:
        return _Solver(condition).satisfiable()
    return truth_table(condition, tuple(sorted(names))) != 0


def truth_table(condition: Condition, names: tuple[str, ...]) -> int:
    """Bit i is the value when atom k has bit k of i as its value."""
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
        self._solver = z3.Solver()
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
    if part.kind == "not":
        return z3.Not(_term(part.parts[0]))
    if part.kind in ("and", "or"):
        join = z3.And if part.kind == "and" else z3.Or
        return join([_term(piece) for piece in part.parts])
    return z3.BoolVal(part.kind == "true")


@lru_cache(maxsize=65536)
def _literal(name: str, value: bool) -> Any:
    import z3

    return z3.Bool(name) if value else z3.Not(z3.Bool(name))


def _is_large(condition: Condition) -> bool:
    """Whether there are too many atoms for a table."""
    return len(_atoms(_propagate(condition))) > _TABLE_LIMIT


def _witness(condition: Condition) -> dict[str, bool] | None:
    if not _satisfiable(condition):
        return None
    names = tuple(sorted(_atoms(condition)))
    chosen = _fewest_on(condition, names)
    otherwise = _laws(_atoms(condition)) & ~condition
    order = sorted(names, key=lambda name: (_is_config(name), name))
    if _is_large(otherwise):
        return _Solver(otherwise).refuting(chosen, order)
    for name in order:
        rest = {key: value for key, value in chosen.items() if key != name}
        if not _satisfiable(_assign(otherwise, rest)):
            chosen = rest  # it holds without naming this one
    return chosen


def _fewest_on(condition: Condition, names: tuple[str, ...]) -> dict[str, bool]:
    """An assignment that satisfies, with as little on as is found at modest cost."""
    whole = _laws(_atoms(condition)) & condition
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
        chosen[name] = not _satisfiable(_assign(whole, chosen))
    return chosen
