# SPDX-License-Identifier: GPL-2.0-or-later
"""Where two tests answer differently: ``x > 0`` and ``x`` where x is negative.

What is told holds wherever one of them is true and the other is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.seen_calls import number_of
from reviewer.prover.structure.step_words import quoted
from reviewer.prover.structure.steps import inside_parentheses

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.prover.structure.divergences import Sides

_ORDERS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
_SPELLED = {frozenset(how): spelled for spelled, how in _ORDERS.items()}
_ZERO, _OTHER = frozenset("="), frozenset("<>")
_TRUTHS = frozenset(["true", "false", "0", "1"])
_HINTS = frozenset(["likely", "unlikely"])
ERR_H = "include/linux/err.h"
# what a pointer is where they say yes: 0 for NULL, e for an error, p for a good one
_OF_POINTERS = {"IS_ERR": frozenset("e"), "IS_ERR_OR_NULL": frozenset("0e")}
_POINTERS = {
    frozenset("0"): "is NULL",
    frozenset("e"): "is an error",
    frozenset("0e"): "is NULL or an error",
    frozenset("ep"): "is not NULL",
    frozenset("0p"): "is no error",
    frozenset("p"): "is neither NULL nor an error",
}


@dataclass(frozen=True, slots=True)
class UnlikeTests:
    """``words``: what holds where two tests differ; ``holds``: what the second one
    says then, None where that is not known.  ``guarded``: what has to be something
    other than 0 before ``behind`` is asked now."""

    words: str
    holds: bool | None = None
    guarded: str = ""
    behind: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Test:
    """A chain of && or || (``joint``), or one test: ``left`` lies to ``right`` in one
    of the ways ``how``, of < = and >, or is one of the pointers 0, e and p."""

    side: int
    node: Node
    text: str
    negated: bool
    joint: str = ""
    parts: tuple[_Test, ...] = ()
    left: str = ""
    how: frozenset[str] = frozenset()
    right: str = "0"
    at: Node | None = None  # what is on the right

    @property
    def words(self) -> str:
        """That it holds; what is compared has its own words where that is shorter."""
        if self.at is not None and (self.negated or self.how == _ZERO):
            return self.lies(self.how)
        return f"not {quoted(self.text)}" if self.negated else quoted(self.text)

    def lies(self, how: frozenset[str]) -> str:
        """That its value lies in one of these ways."""
        if how == _ZERO and self.right.isdigit():
            return f"{quoted(self.left)} is {self.right}"
        return quoted(f"{self.left} {_SPELLED[how]} {self.right}")

    @property
    def zero(self) -> str:
        """What is 0, or not above it, where it holds; "" for nothing."""
        is_zero = self.how in (_ZERO, frozenset("<=")) and self.right == "0"
        return inside_parentheses(self.left) if is_zero and not self.joint else ""


def difference(sides: Sides, old: Node, new: Node) -> UnlikeTests | None:
    """Returns where two tests differ, None where that is not seen."""
    return _difference(sides, _read(sides, 0, old), _read(sides, 1, new))


def assumed(sides: Sides, side: int, node: Node, *, holds: bool) -> UnlikeTests:
    """Returns words that say that a test holds or not, and what is 0 then."""
    test = _read(sides, side, node, not holds)
    return UnlikeTests(test.words, None, test.zero)


def _read(sides: Sides, side: int, node: Node, negated: bool = False) -> _Test:
    source, inner = sides.sources[side], node
    called, given = _call(sides, side, node)
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        inner = node.named_children[0]
    elif node.type == "unary_expression" and node.children[0].type == "!":
        inner, negated = node.named_children[0], not negated
    elif called in _HINTS and given is not None:
        inner = given
    if inner != node:
        return _read(sides, side, inner, negated)
    test = _Test(side, node, inside_parentheses(source.norm(node)), negated)
    operator = node.child_by_field_name("operator")
    sign = "" if operator is None or node.type != "binary_expression" else operator.type
    left, right = (node.child_by_field_name(name) for name in ("left", "right"))
    if left is None or right is None or sign not in ("&&", "||", *_ORDERS):
        kinds = _OF_POINTERS.get(called)
        if (
            kinds is not None
            and given is not None
            and _is_of_err_h(sides, side, called)
        ):
            how = frozenset("0ep") - kinds if negated else kinds
            return replace(test, left=source.norm(given), how=how, right="IS_ERR")
        return replace(test, left=test.text, how=_ZERO if negated else _OTHER)
    if sign in _ORDERS:
        how = frozenset(_ORDERS[sign])
        how = frozenset("<=>") - how if negated else how
        name = source.norm(right).replace("NULL", "0")
        return replace(test, left=source.norm(left), how=how, right=name, at=right)
    joint = sign if not negated else {"&&": "||", "||": "&&"}[sign]
    both = [_read(sides, side, child, negated) for child in (left, right)]
    parts = [each for t in both for each in (t.parts if t.joint == joint else (t,))]
    return replace(test, joint=joint, parts=tuple(parts))


def _call(sides: Sides, side: int, node: Node) -> tuple[str, Node | None]:
    """The name of a function and the one thing that it is handed."""
    called, given = (node.child_by_field_name(n) for n in ("function", "arguments"))
    if called is None or given is None or given.named_child_count != 1:
        return "", None
    return sides.sources[side].text(called), given.named_children[0]


def _is_of_err_h(sides: Sides, side: int, name: str) -> bool:
    known = sides.definitions[side]
    return not known.is_macro(name) and all(
        text.path == ERR_H for text in known.functions(name)
    )


def _difference(sides: Sides, one: _Test, two: _Test) -> UnlikeTests | None:
    if one.text in _TRUTHS or two.text in _TRUTHS:
        return _of_truth(sides, one, two)
    joint = one.joint or two.joint
    if not joint:
        return _of_single(sides, one, two)
    if one.joint and two.joint and one.joint != two.joint:
        return None
    chains = [test.parts if test.joint else (test,) for test in (one, two)]
    said = [[(test.text, test.negated) for test in chain] for chain in chains]
    common = [key for key in said[0] if key in said[1]]
    kept = [test for test, key in zip(chains[0], said[0], strict=True) if key in common]
    rests = [
        [test for test, key in zip(*pair, strict=True) if key not in common]
        for pair in zip(chains, said, strict=True)
    ]
    if not common or common != [key for key in said[1] if key in common]:
        return None
    places = {
        sum(1 for key in keys[:at] if key in common)
        for keys in said
        for at, key in enumerate(keys)
        if key not in common
    }
    pure = all(only_reads(sides.sources[0], t.node, sides.definitions[0]) for t in kept)
    found = _of_rests(sides, joint, rests) if len(places) == 1 or pure else None
    if found is None or not places:
        return None  # what has an effect may be asked or not
    place = min(places)
    if not rests[0]:
        found = replace(found, behind=tuple(test.node for test in kept[place:]))
    if len(kept) > 1 and not found.holds:
        rest = "holds" if joint == "&&" else "does not hold"
        return replace(found, words=f"{found.words} and the rest {rest}")
    if len(kept) > 1 or place < len(kept):
        return found
    around = assumed(sides, 0, kept[0].node, holds=(joint == "&&") != kept[0].negated)
    words = (
        (around.words, found.words) if joint == "&&" else (found.words, around.words)
    )
    return replace(found, words=" and ".join(words))


def _of_rests(sides: Sides, joint: str, rests: list[list[_Test]]) -> UnlikeTests | None:
    """Where the parts differ that two chains do not have in common."""
    if not all(sides.is_only_read(t.side, t.node) for rest in rests for t in rest):
        return None
    if rests[0] and rests[1]:
        single = len(rests[0]) == len(rests[1]) == 1
        return _difference(sides, rests[0][0], rests[1][0]) if single else None
    rest = [
        _read(sides, test.side, test.node, test.negated != (joint == "&&"))
        for test in rests[0] or rests[1]
    ]
    words = " or ".join(test.words for test in rest)
    guarded = rest[0].zero if len(rest) == 1 else ""
    return UnlikeTests(words, (joint == "||") == bool(rests[1]), guarded)


def _of_truth(sides: Sides, one: _Test, two: _Test) -> UnlikeTests | None:
    """A test and a constant."""
    constant, other = (one, two) if one.text in _TRUTHS else (two, one)
    if other.text in _TRUTHS or not sides.is_only_read(other.side, other.node):
        return None
    says = (constant.text in ("true", "1")) != constant.negated
    found = assumed(sides, other.side, other.node, holds=says == other.negated)
    return UnlikeTests(found.words, says == (constant is two))


def _of_single(sides: Sides, one: _Test, two: _Test) -> UnlikeTests | None:
    """Two tests of one value."""
    tests = [_as_pointer(one, two), _as_pointer(two, one)]
    if inside_parentheses(tests[0].left) != inside_parentheses(tests[1].left):
        return None
    if not all(t.at is None or sides.is_only_read(t.side, t.at) for t in tests):
        return None
    if tests[0].right != tests[1].right:
        return _of_numbers(sides, one, two)
    apart = tests[0].how ^ tests[1].how
    holds = True if apart <= tests[1].how else False if apart <= tests[0].how else None
    if tests[0].right == "IS_ERR":
        if apart not in _POINTERS or not sides.is_only_read(two.side, two.node):
            return None
        return UnlikeTests(f"{quoted(tests[0].left)} {_POINTERS[apart]}", holds)
    if len(apart) not in (1, 2):
        return None
    return UnlikeTests(tests[1].lies(apart), holds)


def _as_pointer(test: _Test, other: _Test) -> _Test:
    """A test for 0 beside one for an error, as one that tells pointers apart."""
    if other.right != "IS_ERR" or test.right != "0" or test.how not in (_ZERO, _OTHER):
        return test
    kinds = frozenset("0" if test.how == _ZERO else "ep")
    return replace(test, how=kinds, right="IS_ERR")


def _of_numbers(sides: Sides, *tests: _Test) -> UnlikeTests | None:
    """Two comparisons with numbers: which ones lie between them."""
    numbers: list[int] = []
    for test in tests:
        number = 0 if test.at is None else number_of(sides, test.side, test.at)
        if number is None or number < 0:
            return None  # what a negative one is hangs on the types
        numbers.append(number)
    hows, left = [test.how for test in tests], quoted(tests[1].left)
    if hows[0] == hows[1] and hows[0] in (_ZERO, _OTHER):
        return UnlikeTests(f"{left} is {numbers[0]} or {numbers[1]}")
    below = "<" in hows[0]
    if any(len(how & _OTHER) != 1 or ("<" in how) != below for how in hows):
        return None
    ends = [n + (("=" in how) == below) for n, how in zip(numbers, hows, strict=True)]
    first, last = min(ends), max(ends) - 1
    if first > last:
        return None
    which = f"{first}" if first == last else f"{first} to {last}"
    return UnlikeTests(f"{left} is {which}", (ends[1] > ends[0]) == below)
