# SPDX-License-Identifier: GPL-2.0-or-later
"""Where two tests answer differently: ``x > 0`` and ``x`` where x is negative.

What is told holds wherever one of them is true and the other is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.seen_calls import number_of
from reviewer.prover.structure.steps import inside_parentheses
from reviewer.prover.structure.told_edits import quoted

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.prover.structure.divergences import Sides

_ORDERS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
_SPELLED = {frozenset(how): spelled for spelled, how in _ORDERS.items()}
_CONSTANTS = frozenset(["true", "false", "0", "1"])
_HINTS = frozenset(["likely", "unlikely"])
ERR_H = "include/linux/err.h"
# what a pointer is (0: NULL, e: an error, p: a good one) where they say yes
_OF_POINTERS = {"IS_ERR": frozenset("e"), "IS_ERR_OR_NULL": frozenset("0e")}
_POINTERS = {
    frozenset("0"): "{} is NULL",
    frozenset("e"): "{} is an error",
    frozenset("0e"): "{} is NULL or an error",
    frozenset("ep"): "{} is not NULL",
    frozenset("0p"): "{} is no error",
    frozenset("p"): "{} is neither NULL nor an error",
}


@dataclass(frozen=True, slots=True)
class UnlikeTests:
    """``words``: what holds where two tests differ; ``holds``: what the second one
    says then, None where that is not known.  ``guarded``: what has to be something
    other than 0 before the tests of ``behind`` are asked now."""

    words: str
    holds: bool | None = None
    guarded: str = ""
    behind: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Test:
    """A chain of && or ||, or a test that is none, negated or not."""

    side: int
    node: Node
    text: str
    negated: bool = False
    joint: str = ""
    parts: tuple[_Test, ...] = ()

    def is_like(self, others: tuple[_Test, ...]) -> bool:
        """Whether one of others says the same."""
        return (self.text, self.negated) in [(o.text, o.negated) for o in others]


def difference(sides: Sides, old: Node, new: Node) -> UnlikeTests | None:
    """Returns where two tests differ, None where that is not seen."""
    return _difference(sides, _read(sides, 0, old), _read(sides, 1, new))


def assumed(sides: Sides, side: int, node: Node, *, holds: bool) -> UnlikeTests:
    """Returns words that say that a test holds or not, and what is 0 then."""
    test = _read(sides, side, node, not holds)
    return UnlikeTests(_told(sides, test), None, _zero(sides, test))


def _zero(sides: Sides, test: _Test) -> str:
    """What is 0, or not above it, where a test holds; "" for nothing."""
    order = _order(sides, test)
    if test.joint or order.right != "0":
        return ""
    return order.left if order.how in (frozenset("="), frozenset("<=")) else ""


def _read(sides: Sides, side: int, node: Node, negated: bool = False) -> _Test:
    source = sides.sources[side]
    inner: Node | None = node
    while inner is not None:
        node, inner = inner, None
        given = node.child_by_field_name("arguments")
        if node.type == "parenthesized_expression" and node.named_child_count == 1:
            inner = node.named_children[0]
        elif node.type == "unary_expression" and node.children[0].type == "!":
            inner, negated = node.child_by_field_name("argument"), not negated
        elif given is not None and given.named_child_count == 1:
            called = node.child_by_field_name("function")
            if called is not None and source.text(called) in _HINTS:
                inner = given.named_children[0]
    text = inside_parentheses(source.norm(node))
    joint = _operator(node)
    if joint not in ("&&", "||"):
        return _Test(side, node, text, negated)
    if negated:
        joint = "||" if joint == "&&" else "&&"
    parts: tuple[_Test, ...] = ()
    for child in (node.child_by_field_name(name) for name in ("left", "right")):
        if child is not None:
            part = _read(sides, side, child, negated)
            parts += part.parts if part.joint == joint else (part,)
    return _Test(side, node, text, negated, joint, parts)


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    if operator is None or node.type != "binary_expression":
        return ""
    return operator.type


def _not(test: _Test) -> _Test:
    return replace(test, negated=not test.negated, joint="", parts=())


def _told(sides: Sides, test: _Test) -> str:
    order = _order(sides, test)
    if order.is_compared and (test.negated or order.how == frozenset("=")):
        return order.spelled(order.how)
    return f"not {quoted(test.text)}" if test.negated else quoted(test.text)


# --- chains of && and || --------------------------------------------------------------


def _difference(sides: Sides, one: _Test, two: _Test) -> Difference | None:
    for test, other in ((one, two), (two, one)):
        if test.text in _CONSTANTS and sides.is_only_read(other.side, other.node):
            says = (test.text in ("true", "1")) != test.negated
            told = _told(sides, _not(other) if says else other)
            return Difference(told, says == (test is two))
    if not (one.joint or two.joint):
        return _of_single(sides, one, two)
    if one.joint and two.joint and one.joint != two.joint:
        return None
    chains = tuple(test.parts if test.joint else (test,) for test in (one, two))
    common = tuple(t for t in chains[0] if t.is_like(chains[1]))
    again = [t.text for t in chains[1] if t.is_like(chains[0])]
    rests = tuple(tuple(t for t in chain if not t.is_like(common)) for chain in chains)
    if not common or [t.text for t in common] != again:
        return None
    places = {
        sum(1 for before in chain[:at] if before.is_like(common))
        for chain in chains
        for at, test in enumerate(chain)
        if not test.is_like(common)
    }
    pure = all(only_reads(sides.sources[0], t.node, sides.definitions[0])
               for t in common)  # fmt: skip
    if not places or (len(places) > 1 and not pure):
        return None  # what has an effect may be asked or not
    found = _of_rests(sides, one.joint or two.joint, rests)
    if found is None:
        return None
    place, joint = min(places), one.joint or two.joint
    if not rests[0]:
        found = replace(found, behind=tuple(test.node for test in common[place:]))
    if len(common) > 1:
        rest = " and the rest " + ("holds" if joint == "&&" else "does not hold")
        return replace(found, words=found.words + (rest if not found.holds else ""))
    if place < len(common):
        return found
    around = _told(sides, common[0] if joint == "&&" else _not(common[0]))
    words = (around, found.words) if joint == "&&" else (found.words, around)
    return replace(found, words=" and ".join(words))


def _of_rests(
    sides: Sides, joint: str, rests: tuple[tuple[_Test, ...], ...]
) -> UnlikeTests | None:
    """Where the parts differ that the chains do not have in common."""
    if not all(
        sides.is_only_read(test.side, test.node) for rest in rests for test in rest
    ):
        return None
    if rests[0] and rests[1]:
        single = len(rests[0]) == len(rests[1]) == 1
        return _difference(sides, rests[0][0], rests[1][0]) if single else None
    rest = rests[0] or rests[1]
    wanted = [_not(test) for test in rest] if joint == "&&" else list(rest)
    words = " or ".join(_told(sides, test) for test in wanted)
    guarded = _zero(sides, wanted[0]) if len(rest) == 1 else ""
    return UnlikeTests(words, (joint == "||") == bool(rests[1]), guarded)


# --- two tests of one value -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Order:
    """A test as a comparison: how ``left`` may lie to ``right``, of < = and >."""

    left: str
    how: frozenset[str]
    right: str
    at: Node | None  # what is on the right
    is_compared: bool = True  # not only asked for 0
    has_operator: bool = False  # on the left

    def spelled(self, how: frozenset[str]) -> str:
        """The values that lie in one of these ways."""
        if how == frozenset("=") and self.right.isdigit():
            return f"{quoted(self.left)} is {self.right}"
        left = f"({self.left})" if self.has_operator else self.left
        return quoted(f"{left} {_SPELLED[how]} {self.right}")


def _order(sides: Sides, test: _Test) -> _Order:
    node, source = test.node, sides.sources[test.side]
    how = frozenset(_ORDERS.get(_operator(node), ""))
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if not how or left is None or right is None:
        kind = frozenset("=" if test.negated else "<>")
        return _Order(test.text, kind, "0", None, False, _operator(node) != "")
    if test.negated:
        how = frozenset("<=>") - how
    name = source.norm(right)
    while left.type == "parenthesized_expression" and left.named_child_count == 1:
        left = left.named_children[0]
    return _Order(
        source.norm(left), how, "0" if name == "NULL" else name, right,
        has_operator=_operator(left) != "",
    )  # fmt: skip


def _of_single(sides: Sides, one: _Test, two: _Test) -> UnlikeTests | None:
    pointer = _of_pointers(sides, one, two)
    if pointer is not None:
        return pointer
    orders = _order(sides, one), _order(sides, two)
    if orders[0].left != orders[1].left:
        return None
    for side, order in enumerate(orders):
        if order.at is not None and not sides.is_only_read(side, order.at):
            return None
    if orders[0].right != orders[1].right:
        return _of_numbers(sides, orders)
    apart = orders[0].how ^ orders[1].how
    if len(apart) not in (1, 2):
        return None
    return UnlikeTests(orders[1].spelled(apart), _says(apart, orders[0].how,
                                                      orders[1].how))  # fmt: skip


def _says(
    apart: frozenset[str], old: frozenset[str], new: frozenset[str]
) -> bool | None:
    if apart <= new:
        return True
    return False if apart <= old else None


def _of_numbers(sides: Sides, orders: tuple[_Order, _Order]) -> UnlikeTests | None:
    """Two comparisons with numbers: which ones lie between them."""
    numbers: list[int] = []
    for side, order in enumerate(orders):
        number = 0 if order.at is None else number_of(sides, side, order.at)
        if number is None or number < 0:
            return None  # what a negative one is hangs on the types
        numbers.append(number)
    hows = [order.how for order in orders]
    left = quoted(orders[1].left)
    if hows[0] == hows[1] and len(hows[0] & frozenset("<>")) != 1:
        return UnlikeTests(f"{left} is {numbers[0]} or {numbers[1]}")
    if any(len(how & frozenset("<>")) != 1 for how in hows):
        return None
    if ("<" in hows[0]) != ("<" in hows[1]):
        return None
    below = "<" in hows[0]
    ends = [n + (("=" in how) == below) for n, how in zip(numbers, hows, strict=True)]
    first, last = min(ends), max(ends) - 1
    if first > last:
        return None
    which = f"{first}" if first == last else f"{first} to {last}"
    return UnlikeTests(f"{left} is {which}", (ends[1] > ends[0]) == below)


def _of_pointers(sides: Sides, one: _Test, two: _Test) -> UnlikeTests | None:
    """A pointer that is tested for NULL, an error or both."""
    kinds: list[frozenset[str]] = []
    names: set[str] = set()
    errors = 0
    for test in (one, two):
        source, known = sides.sources[test.side], sides.definitions[test.side]
        called = test.node.child_by_field_name("function")
        given = test.node.child_by_field_name("arguments")
        name = "" if called is None else source.text(called)
        kind = _OF_POINTERS.get(name)
        if kind is None or given is None or given.named_child_count != 1:
            order = _order(sides, test)
            if order.right != "0" or order.how not in map(frozenset, ("=", "<>")):
                return None
            kind = frozenset("0" if "=" in order.how else "ep")
            names.add(order.left)
        else:
            if any(text.path != ERR_H for text in known.functions(name)):
                return None
            if known.is_macro(name) or not only_reads(
                source, given.named_children[0], known
            ):
                return None
            kind = frozenset("0ep") - kind if test.negated else kind
            names.add(inside_parentheses(source.norm(given.named_children[0])))
            errors += 1
        kinds.append(kind)
    apart = kinds[0] ^ kinds[1]
    if not errors or len(names) != 1 or apart not in _POINTERS:
        return None
    words = _POINTERS[apart].format(quoted(names.pop()))
    return UnlikeTests(words, _says(apart, kinds[0], kinds[1]))
