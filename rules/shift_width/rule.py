# SPDX-License-Identifier: GPL-2.0-or-later
"""``u |= 1 << 31`` into 64 bits, ``1 << KPF_ARCH``, and ``GENMASK(2, 4)``."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER
from reviewer.kit import places
from reviewer.kit.expressions import call
from reviewer.models import Edit
from reviewer.patterns import regex
from reviewer.rules.shift_width.int_shifts import Form, Shift, shifts
from reviewer.rules.shift_width.loops import known_number

RULE = Rule(
    name="shift-width",
    summary="an int shifted too far, a mask shifted out, or GENMASK() bits swapped",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<Yw90nHF82AyG35Mk@kili>",
        "<20210318164513.19600-1-colin.king@canonical.com>",
    ),
    trigger=rb"<<|>>|GENMASK(?<!\wGENMASK)",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every shift whose result is not the bit that it names, and masks out of
    order."""
    for shift in shifts(image):
        names = shift.source.norm(shift.node)
        if image.facts.has_one_value(names, image.source.path):
            yield _finding(image, shift)
    for mask in swapped_masks(image):
        yield _order(image, mask)


def _order(image: FileImage, mask: Swapped) -> Finding:
    fields = {
        "form": "order",
        "test": mask.source.norm(mask.node),
        "macro": mask.macro,
        "number": str(mask.low),
        "high": str(mask.high),
        "wide": None,
        "suggestion": mask.right,
    }
    return places.finding(
        image, RULE, mask.source, mask.node, fields=fields, edits=mask.edits
    )


def _finding(image: FileImage, shift: Shift) -> Finding:
    source = shift.source
    fields = {
        "form": str(shift.form),
        "test": source.norm(shift.node),
        "number": None if shift.number is None else str(shift.number),
        "wide": shift.wide,
        "suggestion": shift.right,
    }
    likely = shift.form is Form.VARIABLE
    return places.finding(
        image,
        RULE,
        source,
        shift.node,
        fields=fields,
        edits=places.replacing_edit(shift.node, shift.right) if shift.right else (),
        evidence=shift.evidence,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )


# --- ``GENMASK(2, 4)``: the bits of a mask in the wrong order -------------------------

# include/linux/bits.h, include/uapi/linux/bits.h: (h, l)
GENMASK = regex(r"(?:__)?GENMASK(?:_ULL|_U8|_U16|_U32|_U64|_U128)?\Z")
BITS = 128
_CONDITIONS = ("preproc_ifdef", "preproc_if")


class Swapped(Struct, frozen=True):
    """One mask whose first bit is lower than its second."""

    source: Source
    node: Node
    macro: str
    first: Node
    second: Node
    low: int
    high: int

    @property
    def right(self) -> str:
        """The mask with its bits in order."""
        high, low = self.source.norm(self.second), self.source.norm(self.first)
        return f"{self.macro}({high}, {low})"

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits that swap the two."""
        data = self.source.data
        first = data[self.first.start_byte : self.first.end_byte]
        second = data[self.second.start_byte : self.second.end_byte]
        return (
            Edit(self.first.start_byte, self.first.end_byte, second),
            Edit(self.second.start_byte, self.second.end_byte, first),
        )


def swapped_masks(image: FileImage) -> Iterator[Swapped]:
    """Yields the masks in focus, in file order, whose two bits are known and
    swapped."""
    for source, node in places.nodes(image, "call_expression"):
        macro, given = call(source, node)
        if not GENMASK.match(macro) or len(given) != 2:
            continue
        first, second = (known_number(image, source, one) for one in given)
        if first is None or second is None or not 0 <= first < second < BITS:
            continue
        if _takes_high_first(image, macro) and not _is_exempt(image, source, node):
            yield Swapped(source, node, macro, *given, first, second)


def _takes_high_first(image: FileImage, macro: str) -> bool:
    """Whether every definition that the file may see calls its first parameter h."""
    return all(
        define.params is None or define.params[0].strip("_").startswith("h")
        for define in image.facts.define(macro, near=image.source.path)
        if define.params != ()
    )


def _is_exempt(image: FileImage, source: Source, node: Node) -> bool:
    """Whether the mask stands in a macro with parameters of such names, or in code that
    nobody builds (lib/test_bits.c under TEST_GENMASK_FAILURES)."""
    at = image.source.root.descendant_for_byte_range(node.start_byte, node.end_byte)
    used = set(IDENTIFIER.findall(source.text(node)))
    while at is not None:
        parameters = at.child_by_field_name("parameters")
        if at.type == "preproc_function_def" and parameters is not None:
            if used & set(IDENTIFIER.findall(image.source.text(parameters))):
                return True
        elif at.type in _CONDITIONS and _is_unknown(image, at):
            return True
        at = at.parent
    return False


def _is_unknown(image: FileImage, directive: Node) -> bool:
    """Whether nothing in the tree defines what an #ifdef asks for."""
    asked = directive.child_by_field_name("name")
    if asked is None or directive.children[0].type == "#ifndef":
        return False
    name = image.source.text(asked)
    if name.startswith(("CONFIG_", "__")):
        return False
    return not image.facts.define(name, near=image.source.path)
