# SPDX-License-Identifier: GPL-2.0-or-later
"""Formulas over configuration symbols, decided exactly.

An atom is a text: ``CONFIG_KSM`` (the option is y), ``CONFIG_KSM_MODULE`` (it is m),
or any other preprocessor test, such as ``defined(__arm__)`` or ``THREAD_SIZE > 8192``.
The few things that hold between atoms are known here: an option is not both y and m,
and the orders and equalities of one term with integers exclude or contain each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import force_setattr

from reviewer.patterns import regex
from reviewer.utf8 import encode

_SYMBOL = regex(r"CONFIG_\w+\Z")
COMPARISON = regex(r"(.+) (>|==) (-?\d+)\Z")
_CONFIG_COMPARISON = regex(r"(CONFIG_\w+) (?:>|==) -?\d+\Z")
MODULE = "_MODULE"


class Condition(Struct, frozen=True):
    """An immutable formula; ``==`` compares how it is written, not what it means.

    ``kind`` is one of true, false, atom, not, and, or.  Build with ``symbol()``,
    ``atom()``, ``parse_condition()`` and the operators ``&``, ``|`` and ``~``.
    """

    kind: str
    name: str = ""
    parts: tuple[Condition, ...] = ()
    _hash: int = 0  # follows from the rest

    def __post_init__(self) -> None:
        key = hash((self.kind, self.name, self.parts))
        force_setattr(self, "_hash", key)

    def __hash__(self) -> int:
        return self._hash

    def __and__(self, other: Condition) -> Condition:
        return _join("and", (self, other))

    def __or__(self, other: Condition) -> Condition:
        return _join("or", (self, other))

    def has_more_parts(self, most: int) -> bool:
        """Says whether the formula is made of more parts than that; looks no
        further."""
        waiting, count = [self], 0
        while waiting and count <= most:
            parts = waiting.pop().parts
            waiting += parts
            count += len(parts)
        return count > most

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
        return atoms(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The options it speaks of, ``CONFIG_KSM``; =m is folded into the option."""
        return frozenset(_option(name) for name in self.atoms if is_config(name))

    @property
    def opaque(self) -> frozenset[str]:
        """Atoms that no .config decides: treat a counterexample on them with care."""
        return frozenset(name for name in self.atoms if not is_config(name))

    def satisfiable(self) -> bool:
        """Says whether some configuration makes the condition true."""
        from reviewer.c.deciding import satisfiable

        return satisfiable(self)

    def implies(self, other: Condition) -> bool:
        """Says whether ``other`` holds in every configuration in which this holds."""
        if other.kind == "true" or self.kind == "false" or self == other:
            return True
        if _conjuncts(self).issuperset(_conjuncts(other)):
            return True
        from reviewer.c.deciding import satisfiable

        return not satisfiable(self & ~other)

    def equivalent(self, other: Condition) -> bool:
        """Says whether two conditions hold in the same configurations."""
        return self.implies(other) and other.implies(self)

    def assign(self, configuration: Mapping[str, bool]) -> Condition:
        """Returns the formula that is left when some atoms are known."""
        return assign(self, configuration)

    def example(self) -> dict[str, bool] | None:
        """Returns a smallest configuration in which it holds, None if there is none.

        As few options as possible are on, and only those atoms are named that
        matter: whatever is left out may have any value.
        """
        from reviewer.c.deciding import witness

        return witness(self)

    def counterexample(self, other: Condition) -> dict[str, bool] | None:
        """Returns a configuration in which this holds and ``other`` does not,
        or None."""
        from reviewer.c.deciding import witness

        return witness(self & ~other)

    def __str__(self) -> str:
        from reviewer.c.spelling import spell

        return spell(self)


@lru_cache(maxsize=4096)
def digest(condition: Condition) -> str:
    """Returns what names a formula as it is written, the same in every run."""
    from hashlib import sha256

    parts = (condition.kind, condition.name, *map(digest, condition.parts))
    return sha256(encode(repr(parts))).hexdigest()


TRUE = Condition("true")
FALSE = Condition("false")


def atom(text: str) -> Condition:
    """Makes an atom of its normalised text."""
    return Condition("atom", text)


def symbol(name: str) -> Condition:
    """Makes the formula that the option is y: ``symbol("KSM")`` and
    ``symbol("CONFIG_KSM")`` are the same."""
    return Condition("atom", name if name.startswith("CONFIG_") else f"CONFIG_{name}")


def module(name: str) -> Condition:
    """Makes the formula that the option is m."""
    return Condition("atom", symbol(name).name + MODULE)


def enabled(name: str) -> Condition:
    """Makes the formula that the option is y or m, as IS_ENABLED()
    (include/linux/kconfig.h)."""
    return symbol(name) | module(name)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Returns the conjunction; TRUE of nothing."""
    return _join("and", tuple(conditions))


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Returns the disjunction; FALSE of nothing."""
    return _join("or", tuple(conditions))


def config_fragment(configuration: Mapping[str, bool]) -> tuple[str, ...]:
    """Returns the lines of a .config that make a configuration, sorted by option.

    Atoms that no .config decides come last as comments.
    """
    options = sorted({_option(name) for name in configuration if is_config(name)})
    lines = [_config_line(option, configuration) for option in options]
    others = sorted(name for name in configuration if not is_config(name))
    for name in others:
        text = atom(name) if configuration[name] else ~atom(name)
        lines.append(f"# where {text}")
    return tuple(lines)


def _config_line(option: str, configuration: Mapping[str, bool]) -> str:
    bounds = []
    for name, wanted in configuration.items():
        match = COMPARISON.match(name)
        if match and match[1] == option:
            bounds.append((match[2], int(match[3]), wanted))
    if bounds:
        value = _number_within(bounds)
        if value is not None:
            return f"{option}={value}"
    if configuration.get(option):
        return f"{option}=y"
    if configuration.get(option + MODULE):
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


def is_config(name: str) -> bool:
    """Says whether an atom is about an option of Kconfig: y, m, or compared."""
    return name.startswith("CONFIG_") and bool(
        _SYMBOL.match(name) or _CONFIG_COMPARISON.match(name)
    )


def _option(name: str) -> str:
    return name.split(" ", 1)[0].removesuffix(MODULE)


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
def atoms(condition: Condition) -> frozenset[str]:
    """Returns the atoms of a formula."""
    if condition.kind == "atom":
        return frozenset((condition.name,))
    return frozenset().union(*(atoms(part) for part in condition.parts))


def _conjuncts(condition: Condition) -> frozenset[Condition]:
    if condition.kind == "and":
        return frozenset(condition.parts)
    return frozenset((condition,))


def assign(condition: Condition, known: Mapping[str, bool]) -> Condition:
    """Returns what is left of a formula when some atoms are known."""
    if condition.kind == "atom":
        value = known.get(condition.name)
        return condition if value is None else TRUE if value else FALSE
    if condition.kind == "not":
        return ~assign(condition.parts[0], known)
    if condition.kind in ("and", "or"):
        parts = tuple(assign(part, known) for part in condition.parts)
        return _join(condition.kind, parts) if parts != condition.parts else condition
    return condition


# --- what holds between atoms ---------------------------------------------------


# --- deciding -------------------------------------------------------------------
