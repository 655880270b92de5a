# SPDX-License-Identifier: GPL-2.0-or-later
"""A masked value compared with what the mask never leaves: ``(x & 0xf0) == 4``.

Nothing is said of x: whatever it holds, the bits outside of the mask are 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    call,
    is_binary,
    literal,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.values_as_truth import in_directive, is_constant_or_number
from reviewer.models import Evidence

MOST_NESTED = 8  # operators of one masked value
INT_BITS = 31  # a larger product of << may be cut off, or become negative


class Outside(Struct, frozen=True):
    """A comparison, or a label of a switch, that no value fulfils."""

    source: Source
    node: Node  # the comparison, or what the label names
    masked: Node  # x & M
    constant: Node  # C
    mask: int  # every bit that the masked value may have
    value: int  # of C
    label: bool
    always: bool  # what a comparison comes to
    right: str | None
    evidence: tuple[Evidence, ...]  # the definitions of the names


def comparisons_outside(image: FileImage) -> Iterator[Outside]:
    """Yields the comparisons and labels in focus whose constant has bits outside of the
    mask, both being known in every configuration."""
    for source, node in places.nodes(image, "binary_expression"):
        sides = operands(node)
        if sides is None or operator(node) not in ("==", "!="):
            continue
        if in_directive(source, node):
            continue
        for masked, other in (sides, sides[::-1]):
            found = _judge(image, source, node, masked, other)
            if found is not None:
                yield found
                break
    for source, node in places.nodes(image, "case_statement"):
        label, switch = node.child_by_field_name("value"), _switch(node)
        if label is None or switch is None:
            continue
        found = _judge(image, source, label, switch, label)
        if found is not None:
            yield found


def _switch(case: Node) -> Node | None:
    """The expression that the switch of a label asks for."""
    up = case.parent
    while up is not None and up.type != "switch_statement":
        if up.type == "function_definition":
            return None
        up = up.parent
    return up.child_by_field_name("condition") if up is not None else None


def _judge(
    image: FileImage, source: Source, node: Node, masked: Node, other: Node
) -> Outside | None:
    if not is_constant_or_number(source, other) or _is_parameter(image, source, node):
        return None
    mask = _bits(image, source, masked, MOST_NESTED)
    if not mask:
        return None
    value = constant(image, source.norm(other))
    if value is None or value < 0 or value & ~mask == 0:
        return None
    if not image.facts.has_one_value(
        f"{source.norm(masked)} {source.norm(other)}", image.source.path
    ):
        return None
    label = node == other
    return Outside(
        source,
        node,
        without_parentheses(masked),
        other,
        mask,
        value,
        label,
        operator(node) == "!=",
        None if label else _shifted(source, node, masked, other, mask, value),
        _definitions(image, source, masked, other),
    )


def _bits(image: FileImage, source: Source, node: Node, depth: int) -> int | None:
    """The bits that an expression may have; None where nothing masks it.

    A mask that is itself a variable's is not followed.
    """
    node = without_parentheses(node)
    if depth == 0 or is_constant_or_number(source, node):
        return None
    if node.type == "call_expression":
        return _bits_of_call(image, source, node, depth)
    sides = operands(node)
    if sides is None or not is_binary(node, "&", "<<", ">>"):
        return None
    if operator(node) != "&":
        count = constant(image, source.norm(sides[1]))
        inner = _bits(image, source, sides[0], depth - 1)
        if inner is None or inner < 0 or count is None or not 0 <= count <= INT_BITS:
            return None
        moved = inner << count if operator(node) == "<<" else inner >> count
        return (
            moved if moved.bit_length() <= max(INT_BITS, inner.bit_length()) else None
        )
    known = [
        constant(image, source.norm(side))
        if is_constant_or_number(source, side) or _is_inverted(source, side)
        else _bits(image, source, side, depth - 1)
        for side in sides
    ]
    left, right = known
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _is_inverted(source: Source, node: Node) -> bool:
    """Whether it is ``~0xf``: no name and no literal alone."""
    node = without_parentheses(node)
    argument = node.child_by_field_name("argument")
    return (
        operator(node) == "~"
        and argument is not None
        and is_constant_or_number(source, argument)
    )


def _bits_of_call(
    image: FileImage, source: Source, node: Node, depth: int
) -> int | None:
    """Those of ``FIELD_GET(M, x)`` (include/linux/bitfield.h), and of READ_ONCE()."""
    name, given = call(source, node)
    if name in TRANSPARENT and len(given) == 1:
        return _bits(image, source, given[0], depth - 1)
    if name != "FIELD_GET" or len(given) != 2:
        return None
    mask = constant(image, source.norm(given[0]))
    return mask // (mask & -mask) if mask is not None and mask > 0 else None


def _shifted(
    source: Source, node: Node, masked: Node, other: Node, mask: int, value: int
) -> str | None:
    """``(x & 0xf0) == 0x40`` for 4: a literal that fits, moved to where the mask is."""
    inner = without_parentheses(masked)
    low = mask & -mask
    number = literal(source, other)
    if number is None or not is_binary(inner, "&") or value & mask or mask < 0:
        return None
    if low == 1 or value * low & ~mask:
        return None
    return f"{source.norm(masked)} {operator(node)} {hex(value * low)}"


def _is_parameter(image: FileImage, source: Source, node: Node) -> bool:
    """Whether a macro's own parameters are spelled as constants and stand here."""
    if source.tree is image.source.tree:
        return False
    root = image.source.root
    found = root.descendant_for_byte_range(node.start_byte, node.end_byte)
    while found is not None and found.type != "preproc_function_def":
        found = found.parent
    given = found.child_by_field_name("parameters") if found is not None else None
    if given is None:
        return False
    names = set(IDENTIFIER.findall(image.source.text(given)))
    return any(
        name.isupper() for name in names & set(IDENTIFIER.findall(source.text(node)))
    )


def _definitions(
    image: FileImage, source: Source, *nodes: Node
) -> tuple[Evidence, ...]:
    """Where the names of the mask and the constant have their values."""
    found: list[Evidence] = []
    for node in nodes:
        for name in source.walk(node, "identifier"):
            text = source.text(name)
            if text.upper() != text:
                continue
            for known in image.facts.constant(text, near=source.path)[:1]:
                if known.evidence not in found:
                    found.append(known.evidence)
    return tuple(found)
