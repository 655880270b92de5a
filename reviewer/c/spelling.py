# SPDX-License-Identifier: GPL-2.0-or-later
"""How a condition is written, the way kernel people do: as short as it can be."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from reviewer.c.deciding import axioms, truth_table
from reviewer.c.formula import FALSE, TRUE, Condition, all_of, any_of, atom
from reviewer.patterns import regex

_EXACT_LIMIT = 6  # atoms up to which all prime implicants are looked at
_SIMPLE = regex(r"!?\w+(\([^()]*\))?\Z")
_COMPARISON = regex(r"([^<>=!&|?]+) (>|==|<) ([^<>=!&|?]+)\Z")
_NEGATED = {">": "<=", "==": "!=", "<": ">="}


@lru_cache(maxsize=4096)
def spell(condition: Condition) -> str:
    """Returns a condition as C: ``CONFIG_KSM && !CONFIG_64BIT``.

    One that always holds is "1", one that never does "0".
    """
    candidates = [_write(condition)]
    if condition.kind in ("and", "or") and len(condition.atoms) <= _EXACT_LIMIT:
        candidates += [_write(form) for form in _minimal_forms(condition)]
    return min(candidates, key=len)


def _write(condition: Condition) -> str:
    if condition.kind in ("true", "false"):
        return "1" if condition.kind == "true" else "0"
    if condition.kind == "atom":
        return _atom_text(condition.name)
    if condition.kind == "not":
        return _negated_text(condition.parts[0].name)
    pieces = _fold_tristate(condition)
    other = "or" if condition.kind == "and" else "and"
    texts = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
        else:
            text = _write(piece)
            joined = piece.kind == other and not _SIMPLE.match(text)
            texts.append(f"({text})" if joined else text)
    return (" && " if condition.kind == "and" else " || ").join(texts)


def _fold_tristate(condition: Condition) -> list[Condition | str]:
    """X || X_MODULE is IS_ENABLED(X); !X && !X_MODULE its negation."""
    positive = condition.kind == "or"
    names = {
        part.name if positive else part.parts[0].name
        for part in condition.parts
        if part.kind == ("atom" if positive else "not")
    }
    pairs = {n for n in names if n.startswith("CONFIG_") and f"{n}_MODULE" in names}
    pieces: list[Condition | str] = []
    for part in condition.parts:
        name = ""
        if part.kind == ("atom" if positive else "not"):
            name = part.name or part.parts[0].name
        if name in pairs:
            pieces.append(f"{'' if positive else '!'}IS_ENABLED({name})")
        elif name.removesuffix("_MODULE") in pairs:
            continue
        else:
            pieces.append(part)
    return pieces


def _atom_text(text: str) -> str:
    if _SIMPLE.match(text) or _COMPARISON.match(text):
        return text
    return f"({text})"


def _negated_text(text: str) -> str:
    if _SIMPLE.match(text):
        return f"!{text}"
    if match := _COMPARISON.match(text):
        return f"{match[1]} {_NEGATED[match[2]]} {match[3]}"
    return f"!({text})"


def _minimal_forms(condition: Condition) -> list[Condition]:
    """The shortest sum of products and, by duality, product of sums."""
    names = tuple(sorted(condition.atoms))
    rows = (1 << (1 << len(names))) - 1
    possible = truth_table(all_of(axioms(names)), names)
    table = truth_table(condition, names)
    on = table & possible
    off = ~table & possible & rows
    order = _order_of_mention(condition)
    sums = _cover(on, off, names, order)
    products = ~_cover(off, on, names, order)
    return [sums, products]


def _order_of_mention(condition: Condition) -> dict[str, int]:
    order: dict[str, int] = {}

    def visit(part: Condition) -> None:
        if part.kind == "atom":
            order.setdefault(part.name, len(order))
        for piece in part.parts:
            visit(piece)

    visit(condition)
    return order


def _cover(
    on: int, off: int, names: tuple[str, ...], order: dict[str, int]
) -> Condition:
    """A small disjunction of products: all of ``on``, nothing of ``off``."""
    if not on:
        return FALSE
    if not off:
        return TRUE
    literals = []
    for name in sorted(names, key=lambda n: order.get(n, 0)):
        column = truth_table(atom(name), names)
        literals += [(atom(name), column), (~atom(name), ~column)]
    primes: list[tuple[tuple[Condition, ...], int]] = []
    for size in range(1, len(names) + 1):
        for chosen in combinations(literals, size):
            terms = tuple(literal for literal, _ in chosen)
            rows = on | off
            for _, column in chosen:
                rows &= column
            if rows & off or not rows & on:
                continue
            if any(set(prime) <= set(terms) for prime, _ in primes):
                continue
            primes.append((terms, rows & on))
    products: list[Condition] = []
    left = on
    while left:  # greedy: the largest share of what is left, the shorter first
        terms, rows = max(
            primes, key=lambda prime: ((prime[1] & left).bit_count(), -len(prime[0]))
        )
        products.append(all_of(terms))
        left &= ~rows
    return any_of(products)
