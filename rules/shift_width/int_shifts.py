# SPDX-License-Identifier: GPL-2.0-or-later
"""Shifts of an int that do not fit it: ``1 << 31`` into 64 bits, ``1 << KPF_ARCH``.

``1`` is an int.  Shifted by 31 it is negative, and widened to 64 bits it sets all the
upper ones (ffffffff80000000); shifted further it is undefined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source, parse
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    cast_to,
    identifier,
    is_binary,
    is_constant,
    literal,
    object_read,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import type_of_local
from reviewer.kit.values_as_truth import in_directive
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.rules.shift_width.loops import known_number, largest_in_loop

INT_BITS = 32
WIDE = regex(
    r"(const )?(__)?(u64|s64|uint64_t|int64_t|be64|le64)\*?"
    r"|(const )?(unsigned )?long long( unsigned)?( int)?\*?"
)
LONG = regex(r"(const )?(unsigned )?long( unsigned)?( int)?\*?|size_t\*?")
MIXING = ("|", "&", "^")
WIDE_ONE = regex(rb"1ULL\b|1ull\b|\bBIT_ULL\(|\((?:__)?u64\)")


class Form(StrEnum):
    """How the shift goes wrong."""

    SIGN = "sign"  # 1 << 31 becomes ffffffff80000000
    TOO_FAR = "too-far"  # 1 << 32 and more: undefined
    LOOP = "loop"  # for (i = 0; i < 64; i++) u64 |= 1 << i
    VARIABLE = "variable"  # u64 & (1 << i), while the file shifts 1ULL elsewhere
    GONE = "gone"  # (x & 0xf0) >> 8 is always 0


class Shift(Struct, frozen=True):
    """One shift that does not give what it looks like."""

    source: Source
    node: Node
    form: Form
    number: int | None  # how far it shifts; None: a variable
    wide: str | None  # what it goes into, and is 64 bits wide
    right: str | None  # what must stand in the place of ``node``
    evidence: tuple[Evidence, ...] = ()


def shifts(image: FileImage) -> Iterator[Shift]:
    """Yields the shifts in focus, in file order."""
    for source, node in places.nodes(image, "binary_expression"):
        if in_directive(source, node):
            continue
        found = None
        if is_binary(node, "<<"):
            found = _left(image, source, node)
        elif is_binary(node, ">>"):
            found = _right(image, source, node)
        if found is not None:
            yield found


def _left(image: FileImage, source: Source, node: Node) -> Shift | None:
    sides = operands(node)
    if sides is None or not _is_int_one(source, sides[0]):
        return None
    count = sides[1]
    number = known_number(image, source, count)
    if number is None:
        if is_constant(source, count):
            return None
        return _variable(image, source, node, count)
    if number < INT_BITS - 1 or number >= 64:
        return None
    name = identifier(source, count) or ""
    right = f"1ULL << {source.norm(count)}"
    wide = wide_target(source, node)
    if number >= INT_BITS and wide is None:
        wide = wide_target(source, node, kinds=LONG)
        right = f"1UL << {source.norm(count)}" if wide is not None else right
    evidence = tuple(
        c.evidence for c in image.facts.constant(name, near=source.path)[:1]
    )
    if number >= INT_BITS and (wide is not None or name.startswith("KPF_")):
        return Shift(source, node, Form.TOO_FAR, number, wide, right, evidence)
    if number == INT_BITS - 1 and wide is not None and _is_signed(source, sides[0]):
        return Shift(source, node, Form.SIGN, number, wide, right, evidence)
    return None


def _is_int_one(source: Source, node: Node) -> bool:
    return source.text(without_parentheses(node)).upper() in ("1", "1U")


def _is_signed(source: Source, one: Node) -> bool:
    """Whether a one is an int: 1U may be shifted into the highest bit."""
    return source.text(without_parentheses(one)) == "1"


def wide_target(
    source: Source,
    node: Node,
    *,
    members: bool = False,
    kinds: re.Pattern[str] = WIDE,
) -> str | None:
    """Returns the 64-bit object that a value goes into: ``u |= 1 << N``, ``u & (1 <<
    N)``, and the type that it is cast to: ``(u64)(1 << N)``.

    ``members``: a member of a structure too (".map"), whose width is not known.
    """
    at = node
    while (up := at.parent) is not None:
        if up.type == "parenthesized_expression":
            at = up
            continue
        if up.type in ("cast_expression", "argument_list"):
            cast = up.parent if up.type == "argument_list" else up
            kind = cast_to(source, cast)[0] if cast is not None else ""
            return kind if kinds.fullmatch(kind) else None
        sides = operands(up)
        if up.type == "assignment_expression" and sides is not None:
            if sides[1] != at or operator(up) == "&=":
                return None
            return _wide_name(source, sides[0], members, kinds)
        if up.type == "init_declarator":
            declarator = up.child_by_field_name("declarator")
            if declarator is None:
                return None
            return _wide_name(source, declarator, False, kinds)
        if is_binary(up, *MIXING) and sides is not None:
            other = sides[0] if sides[1] == at else sides[1]
            wide = _wide_name(source, other, members, kinds)
            if wide is not None:
                return wide
            at = up
            continue
        return None
    return None


def _wide_name(
    source: Source, node: Node, members: bool, kinds: re.Pattern[str]
) -> str | None:
    """A local or parameter of 64 bits, or what a pointer to 64 bits points at."""
    node = without_parentheses(node)
    field = node.child_by_field_name("field")
    if members and node.type == "field_expression" and field is not None:
        return f".{source.text(field)}"
    stars = 0
    if node.type == "pointer_expression" and operator(node) == "*":
        stars = 1
        node = without_parentheses(node.child_by_field_name("argument") or node)
    if node.type != "identifier":
        return None
    function = source.function_around(node)
    if function is None:
        return None
    kind = type_of_local(source, function, source.text(node))
    if kind is None or kind.count("*") != stars or not kinds.fullmatch(kind):
        return None
    return source.text(node)


# --- a shift by a variable ------------------------------------------------------------


def _variable(
    image: FileImage, source: Source, node: Node, count: Node
) -> Shift | None:
    """``map & (1 << i)``, where a loop takes i beyond 32, or the same file makes bits
    of a 64-bit object of that name with a 64-bit one."""
    right = f"1ULL << {source.norm(count)}"
    wide = wide_target(source, node)
    last = largest_in_loop(image, source, count)
    sides = operands(node)
    signed = sides is not None and _is_signed(source, sides[0])
    if last is not None and wide is not None:
        if last >= INT_BITS or (last == INT_BITS - 1 and signed):
            return Shift(source, node, Form.LOOP, last, wide, right)
        return None
    if last is not None and last >= INT_BITS:
        wide = wide_target(source, node, kinds=LONG)
        if wide is not None:
            right = f"1UL << {source.norm(count)}"
            return Shift(source, node, Form.LOOP, last, wide, right)
    if identifier(source, count) is None or not signed:
        return None
    wide = wide or wide_target(source, node, members=True)
    if wide is None:
        return None
    for where in (source, *_in_tree(image)):
        other = _wide_shift(where, node, source.text(count), wide)
        if other is not None:
            evidence = places.evidence_at(where, other)
            return Shift(source, node, Form.VARIABLE, None, wide, right, (evidence,))
    return None


def _in_tree(image: FileImage) -> Iterator[Source]:
    """For a bare hunk, the file as the tree has it."""
    path = image.source.path
    data = image.facts.view.read(path) if image.fragment else None
    if data is not None and WIDE_ONE.search(data):
        yield parse(path, data)


def _wide_shift(source: Source, node: Node, by: str, name: str) -> Node | None:
    """Another statement about ``name`` that shifts 1ULL, BIT_ULL() or (u64).

    In another function that may be another ``mask``, unless it shifts by a variable
    of the same name.
    """
    function = source.function_around(node)
    for shift in source.walk(source.root, "binary_expression", "call_expression"):
        text = source.text(shift)
        if shift.type == "call_expression":
            if not text.startswith("BIT_ULL("):
                continue
        elif operator(shift) != "<<" or not re.match(
            r"\(*(1ULL\b|1ull\b|\((u64|__u64)\)\s*\w)", text
        ):
            continue
        if wide_target(source, shift, members=True) != name or shift.id == node.id:
            continue
        here = source.function_around(shift) == function
        if here or re.search(rf"\b{re.escape(by)}\)*\Z", text):
            return shift
    return None


# --- nothing left ---------------------------------------------------------------------


def _right(image: FileImage, source: Source, node: Node) -> Shift | None:
    """``(x & 0xf0) >> 8``: all bits that the mask keeps are shifted out."""
    sides = operands(node)
    if sides is None:
        return None
    masked = without_parentheses(sides[0])
    pair = operands(masked)
    if not is_binary(masked, "&") or pair is None:
        return None
    number = known_number(image, source, sides[1])
    if number is None or number <= 0:
        return None
    for mask, other in (pair[::-1], pair):
        kept = literal(source, mask)
        if kept is None and is_constant(source, mask):
            kept = constant(image, source.norm(mask))
        if kept is None or is_constant(source, other):
            continue
        if literal(source, other) is not None:
            continue  # (VERSION & 0xff00) >> 8: of a number that happens to be small
        if kept > 0 and kept >> number == 0:
            fits = (kept & -kept).bit_length() - 1
            right = f"({source.norm(masked)}) >> {fits}" if fits else None
            return Shift(
                source, node, Form.GONE, number, object_read(source, other), right
            )
    return None
