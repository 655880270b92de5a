# SPDX-License-Identifier: GPL-2.0-or-later
"""Truth values and bits taken for each other: ``x && FLAG``, ``x | FLAG`` as a test.

Only what has one truth value whatever x is, or cannot have been meant as written.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.directives import directives
from reviewer.c.file_memory import once_per_subject
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    CONSTANT_NAME,
    around,
    call,
    identifier,
    is_binary,
    is_constant,
    literal,
    operands,
    operator,
    terms_of,
    without_parentheses,
)
from reviewer.kit.truth_values import is_boolean, truth_use
from reviewer.models import Edit
from reviewer.patterns import regex
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.api import FileImage
    from reviewer.c.source import Source
    from reviewer.facts import Constant

BITS = ("BIT", "BIT_ULL", "GENMASK", "GENMASK_ULL", "_BITUL", "_BITULL")
FLAGS_NAME = regex(r"[^\W_]*+_\w+\Z")  # of an unknown constant: DEBUG may be 0


class Slip(StrEnum):
    """What went wrong."""

    OR = "or"  # if (x | C)
    CONSTANT = "constant"  # x && C, x == A || C
    MASK = "mask"  # x & (A || B)
    DISJOINT = "disjoint"  # x & A & B
    NOT = "not"  # x & !A
    VALUE = "value"  # flags = A || B, x << 8 || y
    CASE = "case"  # case A || B


class Logic(Struct, frozen=True):
    """One expression that is not what was meant."""

    source: Source
    node: Node  # the expression
    slip: Slip
    constant: Node  # the constant side, all of it
    other: Node  # the other side
    value: int | None  # of the constant; None: not known
    right: str | None  # what was meant in the place of ``node``
    always: bool | None  # the truth value of ``node``, if it has one only
    proved: bool

    @property
    def trial(self) -> tuple[Edit, ...]:
        """The edit that writes what was meant, for the engine to try."""
        if self.right is None:
            return ()
        if self.slip is Slip.CASE:
            return places.replacing_edit(self.node, self.right.removeprefix("case "))
        first = last = self.node
        if self.slip is Slip.CONSTANT:  # of a longer chain only the last operand
            ends = (self.constant, self.other)
            first, last = sorted(ends, key=lambda end: end.start_byte)
        text = encode(self.right)
        return (Edit(first.start_byte, last.end_byte, text),)


def logic_slips(image: FileImage) -> Iterator[Logic]:
    """Yields the expressions in focus that take truth values and bits for one thing."""
    for source, node in places.nodes(image, "binary_expression"):
        sides = operands(node)
        sign = operator(node)
        if (
            sides is None
            or sign not in ("&&", "||", "|", "&")
            or in_directive(source, node)
        ):
            continue
        if sign == "|":
            found = _ored(image, source, node, sides)
        elif sign == "&":
            found = _disjoint(image, source, node)
        else:
            found = _joined(image, source, node, sides)
        if found is not None:
            yield found


def in_directive(source: Source, node: Node) -> bool:
    """Says whether an expression is that of an #if."""
    line = source.line_of(node)
    spans = _directives(source)
    at = bisect.bisect_right(spans, (line, math.inf)) - 1
    return at >= 0 and line <= spans[at][1]


@once_per_subject
def _directives(source: Source) -> list[tuple[int, int]]:
    """The lines of each #if and #elif: to climb to one from each operator of an
    expression of thousands is quadratic."""
    listed = directives(source.data)
    return [(one.line, one.end_line) for one in listed if one.name in ("if", "elif")]


# --- if (x | FLAG) --------------------------------------------------------------------


def _ored(
    image: FileImage, source: Source, node: Node, sides: tuple[Node, Node]
) -> Logic | None:
    """A truth value made with | of a constant that is not 0."""
    if _is_part(node):
        return None  # judged as a whole
    use = truth_use(source, node)
    if use is None or (not use.explicit and _is_stored(use.node)):
        return None
    for mask, other in (sides[::-1], sides):
        if not is_flag(source, mask) or is_constant(source, other):
            continue
        if literal(source, other) is not None or is_boolean(source, other):
            continue
        value = constant(image, source.norm(mask))
        if value == 0 or (value is None and not may_be_flag(image, source, mask)):
            continue
        right = _tested_for(source, node)
        known = value is not None
        return Logic(source, node, Slip.OR, mask, other, value, right, True, known)
    return None


def _tested_for(source: Source, node: Node) -> str | None:
    """``x & (A | B)`` for ``x | A | B`` and for ``x & A | B``; None where more than one
    term is no flag."""
    terms = list(terms_of(node, "|"))
    masks = [source.norm(term) for term in terms if is_flag(source, term)]
    others = [term for term in terms if not is_flag(source, term)]
    if len(others) != 1:
        return None
    (other,) = others
    sides = operands(other)
    if is_binary(other, "&") and sides is not None and is_flag(source, sides[1]):
        masks.insert(0, source.norm(without_parentheses(sides[1])))
        other = sides[0]
    mask = " | ".join(masks)
    grouped = len(masks) > 1 or any(sign in mask for sign in ("|", "<<"))
    return f"{source.norm(other)} & {f'({mask})' if grouped else mask}"


def _is_part(node: Node) -> bool:
    """Whether ``a | b`` stands in ``a | b | c``."""
    up = around(node)
    return up is not None and is_binary(up, operator(node))


def _is_stored(node: Node) -> bool:
    up = node.parent
    return up is not None and up.type in (
        "init_declarator",
        "assignment_expression",
        "return_statement",
    )


def may_be_flag(image: FileImage, source: Source, mask: Node) -> bool:
    """Says whether a constant whose value is not known here can be believed to be one:
    where the tree knows its name it depends on the configuration, and may be 0."""
    name = identifier(source, mask)
    if name is None or not FLAGS_NAME.match(name):
        return False
    path = image.source.path
    return not image.facts.constant(name, near=path) and not image.facts.define(
        name, near=path
    )


# --- x && FLAG ------------------------------------------------------------------------


def _joined(
    image: FileImage, source: Source, node: Node, sides: tuple[Node, Node]
) -> Logic | None:
    flags = [is_flag(source, side) for side in sides]
    if all(flags):
        return _as_mask(image, source, node, sides)
    if not any(flags):
        return None
    mask, other = sides if flags[0] else sides[::-1]
    if literal(source, mask) is not None and not _is_hex(source, mask):
        return None
    value = constant(image, source.norm(mask))
    if value in (0, 1, -1) and not (value == 1 and operator(node) == "&&"):
        return None
    if value is None:
        return _unknown_operand(image, source, node, mask, other)
    first = mask.start_byte < other.start_byte  # a switch: if (ALIGN && skb)
    if operator(node) == "&&":
        bits = _is_made_of_bits(image, source, mask)
        named = bits and _WORD_OF_FLAGS.search(source.norm(other))
        if (first and not named) or not (bits or _is_tested(image, source, mask)):
            return None
        if value == 1 and not named:
            return None  # 1 is as good a truth as any
    return _constant_operand(source, node, mask, other, value)


_WORD_OF_FLAGS = regex(r"(?i)(?:flags?|mask|bits|features|caps)\Z")
_NAMES_ORED = regex(r"\(*\s*[A-Z]\w*(?:\s*\|\s*[A-Z]\w*)+\s*\)*")  # (FOO_A | FOO_B)
_MADE = regex(r"\(*(?:_?BIT\w*|1[uUlL]*\s*<<)\W")  # BIT(3), (1 << 3)


def _is_made_of_bits(image: FileImage, source: Source, mask: Node) -> bool:
    """Whether all names of a mask are defined as bits: as BIT(n) or 1 << n, or in an
    enum of which every member is one, and one more than a count would give."""
    path = image.source.path
    names = [source.text(n) for n in source.walk(mask, "identifier")]
    names = [name for name in names if name not in BITS]
    defined = [image.facts.constant(name, near=path) for name in names]
    return bool(names) and all(
        known and all(_is_bit(image, constant) for constant in known)
        for known in defined
    )


def _is_bit(image: FileImage, constant: Constant) -> bool:
    if not constant.condition.is_true and constant.kind != "enumerator":
        return False  # it may be another number elsewhere; of an enum it cannot
    if _MADE.match(constant.definition):
        return True
    header = image.facts.header(constant.evidence.file)
    enums = header.enum_of.get(constant.name, ()) if header is not None else ()
    for enum in enums:
        members = [member.name for member in enum.enumerators]
        known = [image.facts.constant(m, near=image.source.path) for m in members]
        values = {one.value.value for found in known for one in found}
        single = all(value >= 0 and value & (value - 1) == 0 for value in values)
        if single and all(known) and max(values) > 3:
            return True
    return False


def _is_tested(image: FileImage, source: Source, mask: Node) -> bool:
    """Whether all names of a mask are flags, by their definition or by what is done
    with them nearby: NET_IP_ALIGN is as true as any other, and no flag."""
    names = [source.text(n) for n in source.walk(mask, "identifier")]
    path = image.source.path
    for name in names:
        if name in BITS:
            continue
        defined = image.facts.constant(name, near=path)
        if not all(constant.condition.is_true for constant in defined):
            return False
        if defined and all(_NAMES_ORED.fullmatch(c.definition) for c in defined):
            continue
        folders = [path.rpartition("/")[0] or path, *(c.evidence.file for c in defined)]
        as_flag = re.compile(
            rf"(?<!&)&=?\s*~?\s*\(?\s*{name}\b|(?<!\|)\|=?\s*\(?\s*{name}\b"
            rf"|\b{name}\s*\|(?!\|)"
        )
        hits = image.facts.view.grep([name], folders)
        if not any(as_flag.search(hit.text) for hit in hits):
            return False
    return True


def _constant_operand(
    source: Source, node: Node, mask: Node, other: Node, value: int
) -> Logic | None:
    """``x && FLAG`` asks for x alone; ``x == A || B`` is always true."""
    last = _nearest(other, operator(node), mask.start_byte > other.start_byte)
    name = source.norm(mask)
    right: str | None
    if operator(node) == "&&":
        if is_boolean(source, last) or last.type == "call_expression":
            return None
        right = f"{source.norm(last)} & {name}"
        return Logic(
            source, node, Slip.CONSTANT, mask, last, value, right, None, proved=False
        )
    compared = operands(last)
    right = None
    if is_binary(last, "==") and compared is not None:
        right = f"{source.norm(last)} || {source.norm(compared[0])} == {name}"
    elif not is_boolean(source, last) and last.type != "call_expression":
        right = f"{source.norm(last)} & {name}"
    if right is None:
        return None
    return Logic(
        source, node, Slip.CONSTANT, mask, last, value, right, True, proved=True
    )


def _unknown_operand(
    image: FileImage, source: Source, node: Node, mask: Node, other: Node
) -> Logic | None:
    """``x == FOO_A || FOO_B`` of names that the tree does not have (yet)."""
    last = _nearest(other, operator(node), mask.start_byte > other.start_byte)
    compared = operands(last)
    if operator(node) != "||" or not is_binary(last, "==") or compared is None:
        return None
    name, beside = source.norm(mask), identifier(source, compared[1])
    if beside is None or not may_be_flag(image, source, mask):
        return None
    if name.split("_")[0] != beside.split("_")[0]:
        return None
    right = f"{source.norm(last)} || {source.norm(compared[0])} == {name}"
    return Logic(source, node, Slip.CONSTANT, mask, last, None, right, True, False)


def _nearest(node: Node, sign: str, last: bool) -> Node:
    """The operand of a chain that stands next to the other side."""
    node = without_parentheses(node)
    while is_binary(node, sign):
        sides = operands(node)
        if sides is None:
            break
        node = without_parentheses(sides[1] if last else sides[0])
    return node


def _as_mask(
    image: FileImage, source: Source, node: Node, sides: tuple[Node, Node]
) -> Logic | None:
    """``x & (A || B)``: the mask is 1."""
    at = node
    while at.parent is not None and (
        at.parent.type == "parenthesized_expression" or operator(at.parent) == "~"
    ):
        at = at.parent
    up = at.parent
    whole = operands(up) if up is not None else None
    if up is None or whole is None or operator(up).rstrip("=") not in ("&", "|"):
        return None
    other = whole[0] if whole[1] == at else whole[1]
    if is_constant(source, other) or is_boolean(source, other):
        return None
    values = [constant(image, source.norm(side)) for side in sides]
    if any(value in (0, 1) for value in values):
        return None
    left, right = (source.norm(side) for side in sides)
    return Logic(
        source,
        node,
        Slip.MASK,
        node,
        other,
        1,
        f"{left} | {right}",
        None,
        proved=None not in values,
    )


# --- x & A & B ------------------------------------------------------------------------


def _disjoint(image: FileImage, source: Source, node: Node) -> Logic | None:
    """A truth value that keeps no bit: the masks have none in common."""
    if _is_part(node):
        return None
    terms = list(terms_of(node, "&"))
    masks = [term for term in terms if is_flag(source, term)]
    others = [term for term in terms if not is_flag(source, term)]
    if len(masks) < 2 or not others or truth_use(source, node) is None:
        return None
    values = [constant(image, source.norm(mask)) for mask in masks]
    kept = -1
    for value in values:
        if not value or value < 0:
            return None
        kept &= value
    if kept:
        return None
    names = " | ".join(source.norm(mask) for mask in masks)
    same = len({source.norm(other) for other in others}) == 1
    right = f"({source.norm(others[0])} & ({names})) == ({names})" if same else None
    return Logic(
        source, node, Slip.DISJOINT, masks[-1], others[0], 0, right, False, proved=True
    )


# --- constants ------------------------------------------------------------------------


def is_flag(source: Source, node: Node) -> bool:
    """Says whether an expression is written as flags are: names, literals above 1,
    BIT(n), and what ``|`` and ``<<`` make of them; no option of the configuration."""
    node = without_parentheses(node)
    if node.type == "identifier":
        name = source.text(node)
        return bool(CONSTANT_NAME.match(name)) and name not in ("NULL", "TRUE", "FALSE")
    number = literal(source, node)
    if number is not None:
        return number > 1
    if node.type == "call_expression":
        name, given = call(source, node)
        return name in BITS and all(is_constant_or_number(source, a) for a in given)
    sides = operands(node)
    if not is_binary(node, "|", "<<") or sides is None:
        return False
    if operator(node) == "<<":
        return literal(source, sides[0]) is not None and is_constant_or_number(
            source, sides[1]
        )
    return all(is_flag(source, side) for side in sides)


def is_constant_or_number(source: Source, node: Node) -> bool:
    """Says whether it is made of constants, or a literal."""
    return literal(source, node) is not None or is_constant(source, node)


def _is_hex(source: Source, node: Node) -> bool:
    return source.text(without_parentheses(node)).lower().startswith("0x")
