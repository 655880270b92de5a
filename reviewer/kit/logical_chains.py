# SPDX-License-Identifier: GPL-2.0-or-later
"""What the operands of ``a && b && c`` and ``a || b || c`` say of each other.

An operand runs only where those before it are true (&&) or false (||): a pointer that
was found NULL by then is not to be followed.  Two comparisons of one value with
constants may exclude each other, or leave no value out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    MIRRORED,
    around,
    is_binary,
    is_constant,
    literal,
    object_read,
    operands,
    operator,
    terms_of,
    zero_test,
)
from reviewer.kit.values_as_truth import in_directive, may_be_flag

LARGEST = 0x7FFFFFFF  # beyond it (and below 0) the type of x decides what compares
NO_READ = ("sizeof_expression", "offsetof_expression", "alignof_expression")
NAMED = ("identifier", "field_expression", "subscript_expression")
OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}


class Chain(Struct, frozen=True):
    """All operands of one ``&&`` or one ``||``."""

    source: Source
    node: Node
    sign: str
    operands: tuple[Node, ...]


class Crash(Struct, frozen=True):
    """A pointer that is followed just where it is NULL."""

    chain: Chain
    pointer: str
    test: Node  # the operand that finds it NULL
    use: Node  # what follows it


class Comparison(Struct, frozen=True):
    """``x < 3``, with the constant on the right."""

    node: Node
    value: str  # x
    sign: str
    limit: int

    def holds(self, number: int) -> bool:
        """Says whether a number fulfils it."""
        return {
            "<": number < self.limit,
            ">": number > self.limit,
            "<=": number <= self.limit,
            ">=": number >= self.limit,
            "==": number == self.limit,
            "!=": number != self.limit,
        }[self.sign]


class Range(Struct, frozen=True):
    """Two comparisons that no value fulfils (&&), or that every value does (||)."""

    chain: Chain
    first: Comparison
    second: Comparison
    proved: bool = True  # the values are known, not only the names

    @property
    def always(self) -> bool:
        """Returns the truth value that both comparisons together always have."""
        return self.chain.sign == "||"


def chains(image: FileImage) -> Iterator[Chain]:
    """Yields the chains in focus, each once as a whole."""
    for source, node in places.nodes(image, "binary_expression"):
        sign = operator(node)
        if sign not in ("&&", "||") or in_directive(source, node):
            continue
        up = around(node)
        if up is None or not is_binary(up, sign):
            yield Chain(source, node, sign, tuple(terms_of(node, sign)))


# --- pointers -------------------------------------------------------------------------


def crashes(chain: Chain) -> Iterator[Crash]:
    """Yields ``!p && !p->x``, ``p || p->x``: the first use of each pointer."""
    for number, test in enumerate(chain.operands):
        pointer = _found_null(chain, test)
        if pointer is None:
            continue
        for between in range(number + 1, len(chain.operands)):
            operand = chain.operands[between]
            use = _followed(chain.source, operand, pointer)
            if use is not None:
                yield Crash(chain, pointer, test, use)
                break
            if _touches(chain.source, operand, pointer):
                break


def _found_null(chain: Chain, test: Node) -> str | None:
    """The pointer that is NULL where the operands behind ``test`` run."""
    asked = zero_test(chain.source, test)
    holds = chain.sign == "&&"  # what is behind runs where the test is true
    if asked is None or asked[1] != holds or asked[0].type not in NAMED:
        return None
    return object_read(chain.source, asked[0])


def _followed(source: Source, operand: Node, pointer: str) -> Node | None:
    """The first dereference of a pointer, where the operand does nothing else to it."""
    uses = [
        n for n in source.walk(operand, *NAMED) if object_read(source, n) == pointer
    ]
    if not uses or _calls(source, operand, uses[0]):
        return None
    for use in uses:
        if not _is_read_through(use, operand):
            return None
    return around(uses[0])


def _is_read_through(use: Node, operand: Node) -> bool:
    """``p->x`` or ``*p`` is read: no ``&p->x``, no sizeof."""
    base = use
    while base.parent is not None and base.parent.type == "parenthesized_expression":
        base = base.parent
    up = base.parent
    if up is None:
        return False
    if up.type == "field_expression":
        if up.child_by_field_name("argument") != base:
            return False
        sign = up.child_by_field_name("operator")
        if sign is None or sign.type != "->":
            return False
    elif up.type != "pointer_expression" or operator(up) != "*":
        return False
    at: Node | None = up
    while at is not None and at.id != operand.id:
        if at.type == "call_expression":
            # a macro may take the address, or not evaluate it at all
            return False
        at = at.parent
        if at is None:
            break
        if at.type in NO_READ or at.type == "conditional_expression":
            return False
        if at.type == "pointer_expression" and operator(at) == "&":
            return False
        if is_binary(at, "&&", "||"):
            return _is_first(at, up)
    return True


def _is_first(logical: Node, use: Node) -> bool:
    """Whether a use stands in the part of a nested && or || that always runs."""
    sides = operands(logical)
    return sides is not None and use.end_byte <= sides[0].end_byte


def _calls(source: Source, operand: Node, use: Node) -> bool:
    """Whether something is called or assigned before ``use``: it may set the pointer
    or tell that there is one."""
    kinds = ("call_expression", "assignment_expression", "gnu_asm_expression")
    return any(n.start_byte < use.start_byte for n in source.walk(operand, *kinds))


def _touches(source: Source, operand: Node, pointer: str) -> bool:
    """Whether an operand may change a pointer, or says more of it."""
    kinds = ("call_expression", "assignment_expression", "statement_expression")
    if any(True for _ in source.walk(operand, *kinds)):
        return True
    return any(object_read(source, n) == pointer for n in source.walk(operand, *NAMED))


# --- ranges ---------------------------------------------------------------------------


def ranges(image: FileImage, chain: Chain) -> Iterator[Range]:
    """Yields ``x < 1 && x > 3``, ``x != A || x != B``."""
    if len({_sides(chain.source, n) for n in chain.operands} - {None}) == 0:
        return
    by_value: dict[str, list[tuple[Node, Node, str]]] = {}
    for node in chain.operands:
        found = _sides(chain.source, node)
        if found is not None:
            by_value.setdefault(object_read(chain.source, found[0]), []).append(
                (node, *found[1:])
            )
    for value, written in by_value.items():
        if len(written) < 2 or _is_set(chain, value):
            continue
        known = [
            c for c in (_comparison(image, chain, value, *w) for w in written) if c
        ]
        for one, two in combinations(known, 2):
            if _excluded(chain.sign, one, two) and all(
                image.facts.has_one_value(chain.source.norm(c.node), image.source.path)
                for c in (one, two)
            ):
                yield Range(chain, one, two)
        if not known:
            yield from _of_names(image, chain, value, written)


def _is_set(chain: Chain, value: str) -> bool:
    """Whether a chain sets what it compares: ``x == 1 && (x = 2) && x == 2``."""
    source = chain.source
    for node in source.walk(chain.node, "assignment_expression", "update_expression"):
        target = node.child_by_field_name("left") or node.named_children[0]
        if object_read(source, target) == value:
            return True
    return any(
        operator(node) == "&" and object_read(source, node.named_children[-1]) == value
        for node in source.walk(chain.node, "pointer_expression")
    )


def _of_names(
    image: FileImage, chain: Chain, value: str, written: list[tuple[Node, Node, str]]
) -> Iterator[Range]:
    """``x != FOO_A || x != FOO_B``, of two names that the tree does not have (yet):
    that they are one number is not to be expected."""
    wanted = "!=" if chain.sign == "||" else "=="
    source = chain.source
    for (one, first, sign), (two, second, other) in combinations(written, 2):
        if not sign == other == wanted or source.norm(first) == source.norm(second):
            continue
        if not all(may_be_flag(image, source, limit) for limit in (first, second)):
            continue
        names = (source.norm(limit).split("_")[0] for limit in (first, second))
        if len(set(names)) == 1:
            left = Comparison(one, value, sign, 0)
            right = Comparison(two, value, other, 1)
            yield Range(chain, left, right, proved=False)


def _sides(source: Source, node: Node) -> tuple[Node, Node, str] | None:
    """x, the constant, and the sign as if the constant stood on the right."""
    sides = operands(node)
    if not is_binary(node, *OPPOSITE) or sides is None:
        return None
    left, right = sides
    for value, limit, sign in (
        (left, right, operator(node)),
        (right, left, MIRRORED[operator(node)]),
    ):
        fixed = literal(source, limit) is not None or is_constant(source, limit)
        if fixed and not is_constant(source, value) and _is_steady(source, value):
            return value, limit, sign
    return None


def _is_steady(source: Source, value: Node) -> bool:
    """Whether an expression is the same when it is read again."""
    if literal(source, value) is not None:
        return False
    kinds = ("call_expression", "update_expression", "assignment_expression")
    return not any(True for _ in source.walk(value, *kinds))


def _comparison(
    image: FileImage, chain: Chain, value: str, node: Node, limit: Node, sign: str
) -> Comparison | None:
    number = literal(chain.source, limit)
    if number is None:
        number = constant(image, chain.source.norm(limit))
    if number is None or not 0 <= number <= LARGEST:
        return None
    return Comparison(node, value, sign, number)


def _excluded(sign: str, one: Comparison, two: Comparison) -> bool:
    """Whether no integer is left: for || none that makes both false.

    Comparisons with constants change their truth only next to these.
    """
    if sign == "||":
        one, two = _negated(one), _negated(two)
    near = {c.limit + d for c in (one, two) for d in (-1, 0, 1)}
    return not any(one.holds(n) and two.holds(n) for n in near)


def _negated(one: Comparison) -> Comparison:
    return Comparison(one.node, one.value, OPPOSITE[one.sign], one.limit)
