# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that are 0 and tested as if they were flags: ``flags & O_RDONLY``.

A name counts as 0 only where no configuration and no architecture gives it another
value: a stub that is 0 with its option off is meant to switch the test off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import any_of
from reviewer.c.formula import atom
from reviewer.kit import places
from reviewer.kit.expressions import (
    identifier,
    is_constant,
    literal,
    operands,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import truth_use
from reviewer.kit.values_as_truth import in_directive
from reviewer.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.api import FileImage
    from reviewer.c.source import Source
    from reviewer.facts import Constant

# Sets that may be empty, and switches: 0 is what they are meant to be.
SETS = regex(
    r"(^|_)(\w*MASK|FLAGS?|BITS|ALL|ANY|NONE|NO|NULL|EMPTY|DEFAULTS?|FEATURES?|LEVEL"
    r"|SUPP\w*|KNOWN|DEBUG|DBG|UNUSED|RESERVED|DUMMY|COMPAT|CAPS|OPTIONS|EXTRA)(_|$)"
)
_ONE_OF_MANY = regex(r"_NONE\Z")  # with a mask beside it a value of a field
_DEFINE = regex(r"#\s*define\s+(\w+)\s+(.+)")


class ZeroTest(Struct, frozen=True):
    """``x & NAME`` with a NAME that is 0."""

    source: Source
    node: Node
    other: Node  # x
    name: str
    constant: Constant
    siblings: tuple[str, ...]  # other values that stand beside it, named alike
    mask: str | None  # of its field, where one stands beside it


def zero_tests(image: FileImage) -> Iterator[ZeroTest]:
    """Yields the tests in focus."""
    for source, node in places.nodes(image, "binary_expression"):
        sides = operands(node)
        if sides is None or operator(node) != "&" or in_directive(source, node):
            continue
        for mask, other in (sides[::-1], sides):
            name = identifier(source, mask)
            if name is None or without_parentheses(mask).type != "identifier":
                continue
            if not is_constant(source, mask) or is_constant(source, other):
                continue
            if literal(source, other) is not None:
                continue  # BUILD_BUG_ON(X_LBN & 31): whether a place is aligned
            stem = _ONE_OF_MANY.sub("", name)
            if SETS.search(stem) or name.startswith("CONFIG_"):
                continue
            constant = always_zero(image, name)
            if constant is None or image.facts.is_bit_number(name, source.path):
                continue  # that the number of a bit is no mask is another rule's
            beside = siblings(image, constant)
            field = next((n for n in beside if n in _masks(stem)), None)
            if stem != name and field is None:
                continue
            beside = tuple(n for n in beside if n != field)
            if beside and truth_use(source, node) is not None:
                if not image.facts.has_one_value(name, image.source.path):
                    continue
                yield ZeroTest(source, node, other, name, constant, beside, field)
                break


def _masks(stem: str) -> tuple[str, ...]:
    """What the mask of the field of ``stem_NONE`` is called."""
    return (f"{stem}_MASK", f"{stem}_MSK")


def always_zero(image: FileImage, name: str) -> Constant | None:
    """Returns the definition of a name that is 0 wherever there is one, else None."""
    path = image.source.path
    facts = image.facts
    seen = facts.constant(name, near=path)
    default = ~atom(f"defined({name})")
    if seen and all(c.value.value == 0 and c.condition.implies(default) for c in seen):
        seen = facts.constant(name)  # a spare one: what it stands in for
        if not all(c.evidence.file.startswith("include/uapi/") for c in seen):
            return None
    if not seen or any(constant.value.value for constant in seen):
        return None
    if not any_of(constant.condition for constant in seen).is_true:
        return None
    read = {(c.evidence.file, c.evidence.line) for c in seen}
    defines = facts.define(name, near=path)
    if seen[0].kind == "macro" and len(defines) > len(read):
        return None  # one of them has no value that we can tell
    file = seen[0].evidence.file
    if not file.startswith("include/") or "/uapi/" in file:
        return None if _is_elsewhere(image, name, file) else seen[0]
    elsewhere = facts.constant(name)
    if any(constant.value.value for constant in elsewhere):
        return None
    return None if _is_elsewhere(image, name, file) else seen[0]


def _is_elsewhere(image: FileImage, name: str, file: str) -> bool:
    """Whether an architecture has another value for what a generic header says."""
    if not file.startswith("include/"):
        return False
    for hit in image.facts.view.grep([name], ["arch"], suffixes=(".h",)):
        found = _DEFINE.search(hit.text)
        if (
            found
            and found[1] == name
            and not re.match(r"\(?0[xX0]*\)?\s", found[2] + " ")
        ):
            return True
    return False


def siblings(image: FileImage, constant: Constant) -> tuple[str, ...]:
    """Returns the names with other values that stand beside a constant and begin like
    it."""
    header = image.facts.header(constant.evidence.file)
    stem = constant.name.rstrip("0123456789").rpartition("_")[0]
    if header is None or not stem:
        return ()
    line = constant.evidence.line
    if constant.kind == "enumerator":
        for enum in header.enum_of.get(constant.name, ()):
            names = [e.name for e in enum.enumerators if e.name != constant.name]
            return tuple(name for name in names if name)
        return ()
    near = [d for d in header.defines if d.params is None and abs(d.line - line) <= 12]
    return tuple(
        d.name
        for d in near
        if d.name.startswith(stem + "_") and d.name != constant.name
    )
