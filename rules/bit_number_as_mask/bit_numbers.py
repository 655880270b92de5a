# SPDX-License-Identifier: GPL-2.0-or-later
"""Bit numbers where a mask is wanted, and masks where a bit number is.

``x & N`` and ``x |= N`` want a mask; ``test_bit(N, ..)``, and any function that shifts
by one of its parameters, want a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.facts.bitnumbers import OURS, BitNumber
from reviewer.kit import places
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
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
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.rules.bit_number_as_mask.helper_parameters import (
    BIT_FUNCTIONS,
    BIT_MACROS,
    shifted_by,
    shifts_in_a_word,
)
from reviewer.utf8 import decode, encode

WORD = 64  # bits: no shift reaches as far
MASKING = ("&", "|", "^")


class Misuse(Struct, frozen=True):
    """One use of a name, or of an expression, as what it is not."""

    source: Source
    whole: Node  # the expression that goes wrong
    node: Node  # what has to be replaced
    name: str  # the name, or the mask as written
    number: BitNumber | None  # None: a mask is used as a number
    shown: str  # the value, as C text
    bits: str | None  # the bits that a number used as a mask selects
    declared: str
    right: str | None  # what must stand in the place of ``node``, if that is known
    evidence: tuple[Evidence, ...]
    certain: bool = True  # False: read out of a body or a definition by its form

    @property
    def effect(self) -> str:
        """What happens to the wrong bits: looks at, sets, clears, flips."""
        sign = operator(self.whole).rstrip("=")
        if sign == "&" and self.whole.type == "assignment_expression":
            return "clears"
        return {"|": "sets", "^": "flips"}.get(sign, "looks at")

    @property
    def suggestion(self) -> str | None:
        """The whole expression, put right."""
        if self.right is None:
            return None
        start = self.whole.start_byte
        text = self.source.data[start : self.whole.end_byte]
        before = text[: self.node.start_byte - start]
        after = text[self.node.end_byte - start :]
        right = encode(self.right)
        mended = decode(before + right + after)
        return " ".join(mended.split())


# --- a number as a mask ---------------------------------------------------------------


def as_masks(image: FileImage) -> Iterator[Misuse]:
    """Yields ``k & PG_lru``, ``u |= KPF_THP``, ``k &= ~(PG_a | PG_b)``."""
    for source, node in places.nodes(
        image, "binary_expression", "assignment_expression"
    ):
        sides = operands(node)
        sign = operator(node)
        if sides is None or sign.rstrip("=") not in MASKING:
            continue
        if node.type == "assignment_expression":
            packed = any(_is_shifted(term) for term in terms_of(sides[1], "|"))
            yield from _in_mask(image, source, node, sides[1], strict=packed)
        elif sign == "&":
            for mask, other in (sides[::-1], sides):
                if not is_constant(source, other):
                    yield from _in_mask(image, source, node, mask, strict=False)
        elif not _is_part(node):
            for mask, other in (sides[::-1], sides):
                if not _is_shifted(other):
                    yield from _in_mask(image, source, node, mask, strict=True)


def _is_part(node: Node) -> bool:
    """Whether ``A | B`` is the mask of a larger expression, which is seen by itself."""
    up = node.parent
    while up is not None and up.type in (
        "parenthesized_expression",
        "unary_expression",
    ):
        up = up.parent
    if up is None:
        return False
    return operator(up).rstrip("=") in MASKING and operands(up) is not None


def _is_shifted(node: Node) -> bool:
    """``x << 8``: beside it a number is packed into a word, and no bit is set."""
    return is_binary(without_parentheses(node), "<<", ">>")


def _in_mask(
    image: FileImage, source: Source, whole: Node, mask: Node, *, strict: bool
) -> Iterator[Misuse]:
    mask = without_parentheses(mask)
    if mask.type == "unary_expression" and operator(mask) == "~":
        mask = mask.child_by_field_name("argument") or mask
    for term in terms_of(mask, "|"):
        name = identifier(source, term)
        if name is None or not is_constant(source, term):
            continue
        if strict and not name.startswith(OURS):  # anything else is of kind "bit"
            continue
        number = image.facts.is_bit_number(name, image.source.path)
        if number is not None and not (strict and number.kind == "bit"):
            yield _number_as_mask(image, source, whole, term, name, number)


def _number_as_mask(
    image: FileImage,
    source: Source,
    whole: Node,
    term: Node,
    name: str,
    number: BitNumber,
) -> Misuse:
    one = number.low == number.high
    return Misuse(
        source,
        whole,
        term,
        name,
        number,
        shown=str(number.low) if one else f"{number.low} to {number.high}",
        bits=hex(number.low) if one else None,
        declared=_declared(number),
        right=_mask_text(image, source, whole, name, number),
        evidence=(number.evidence, *number.uses),
    )


def _declared(number: BitNumber) -> str:
    if number.kind == "page-flag":
        return "enum pageflags"
    return number.evidence.file


def _mask_text(
    image: FileImage, source: Source, whole: Node, name: str, number: BitNumber
) -> str:
    """The mask of a bit, as the file writes such masks."""
    text = source.text(whole)
    if image.source.path.startswith("tools/") or "/uapi/" in image.source.path:
        return f"(1ULL << {name})" if number.high > 31 else f"(1UL << {name})"
    if number.high > 31 or "BIT_ULL(" in text:
        return f"BIT_ULL({name})"
    return f"BIT({name})"


def tested_names(image: FileImage, misuse: Misuse) -> list[str]:
    """Returns the names of the bits that a number used as a mask selects."""
    number = misuse.number
    if number is None or number.low != number.high or number.kind == "bit":
        return []
    selected = [n for n in range(number.low.bit_length()) if number.low >> n & 1]
    if number.kind == "page-flag":
        names = _flags_by_number(image.facts)
        return [names[n] for n in selected if n in names]
    kpf = {bit.number: bit.name for bit in image.facts.kpf}
    return [kpf[n] for n in selected if n in kpf]


@lru_cache(maxsize=16)
def _flags_by_number(facts: Facts) -> dict[int, str]:
    """The flags whose number no option moves; an alias would be a riddle."""
    flags = facts.page_flags
    bounds = ((flags.bounds(flag.name), flag.name) for flag in flags.real)
    return {low: name for (low, high), name in bounds if low == high}


# --- a mask as a number ---------------------------------------------------------------


def as_numbers(image: FileImage) -> Iterator[Misuse]:
    """Yields ``test_bit(BIT(PG_lru), ..)``, ``kpf_copy_bit(k, 1 << KPF_X, PG_x)``."""
    path = image.source.path
    for source, node in places.nodes(image, "call_expression"):
        name, arguments = call(source, node)
        places_of = _number_arguments(image, source, node, name, arguments)
        for place, evidence in places_of.items():
            if place < len(arguments):
                helper = not BIT_FUNCTIONS.fullmatch(name)  # they take bitmaps
                one_word = helper and shifts_in_a_word(image.facts, name, path, place)
                misuse = _mask_as_number(
                    image, source, node, arguments[place], one_word=one_word
                )
                if misuse is not None:
                    seen = (*misuse.evidence, *evidence)
                    certain = misuse.certain and not helper
                    yield replace(misuse, evidence=seen, certain=certain)


def _number_arguments(
    image: FileImage,
    source: Source,
    node: Node,
    name: str,
    arguments: tuple[Node, ...],
) -> dict[int, tuple[Evidence, ...]]:
    """Which arguments of a function are bit numbers, counted from 0, and why."""
    if BIT_FUNCTIONS.fullmatch(name):
        return {0: ()}
    masks = tuple(
        place
        for place, one in enumerate(arguments)
        if name and _may_be_mask(source, one)
    )
    path = image.source.path
    found = shifted_by(image.facts, name, path, masks, far=False) if masks else {}
    masks = tuple(
        place
        for place in found
        if place < len(arguments)
        and _mask_as_number(image, source, node, arguments[place], one_word=True)
    )
    found = shifted_by(image.facts, name, path, masks, far=True) if masks else {}
    return {place: (at,) for place, at in found.items()}


def _may_be_mask(source: Source, argument: Node) -> bool:
    argument = without_parentheses(argument)
    if argument.type == "identifier":
        return is_constant(source, argument)
    return _number_in(source, argument) is not None


def _mask_as_number(
    image: FileImage, source: Source, whole: Node, argument: Node, *, one_word: bool
) -> Misuse | None:
    argument = without_parentheses(argument)
    inside = _number_in(source, argument)
    if inside is not None:
        name = identifier(source, inside)
        number = image.facts.is_bit_number(name, image.source.path) if name else None
        if name is None or number is None:
            return _made_twice(source, whole, argument, inside)
        shown = hex(1 << number.low) if number.low == number.high else "a mask"
        text = source.norm(argument)
        evidence = (number.evidence, *number.uses)
        return _as_number(source, whole, argument, text, shown, name, evidence)
    mask = identifier(source, argument)
    if mask is None or not is_constant(source, argument):
        return None
    if not _is_mask(image, mask, one_word=one_word):
        return None
    if image.facts.is_bit_number(mask, image.source.path) is not None:
        return None
    known = image.facts.constant(mask, near=image.source.path)
    evidence = tuple(one.evidence for one in known)
    shown = hex(constant(image, mask) or 0)
    misuse = _as_number(source, whole, argument, mask, shown, None, evidence)
    return replace(misuse, certain=False)


def _is_mask(image: FileImage, name: str, *, one_word: bool) -> bool:
    """Whether a constant is made or declared as a mask, or no bit has its number."""
    value = constant(image, name)
    if value is None:
        return False
    if one_word and value >= WORD:
        return True
    known = image.facts.constant(name, near=image.source.path)
    made = all(is_made_as_mask(one.definition) for one in known)
    return made or _is_declared_value(image, name)


MADE = regex(
    r"\(*(?:BIT|BIT_ULL|_BITUL|_BITULL|GENMASK|GENMASK_ULL)\s*\([^()]*\)\)*"
    r"|\(*\s*1[uUlL]*\s*<<\s*\(?\w+\s*\)*"
)


def is_made_as_mask(definition: str) -> bool:
    """Says whether a definition is written as a mask:
    ``BIT(2)``, ``(1 << 4)``, GENMASK().

    A hexadecimal number may be that of a bit.
    """
    return MADE.fullmatch(definition.strip()) is not None


def _is_declared_value(image: FileImage, name: str) -> bool:
    """Whether a header declares a name as bits of a member: PAGE_MAPPING_KSM."""
    field = image.facts.field_of(name, image.source.path)
    return field is not None and bool(field.lives_in)


def _made_twice(
    source: Source, whole: Node, argument: Node, inside: Node
) -> Misuse | None:
    """``set_bit(BIT(3), ..)``: whatever 3 is, BIT() has made a mask of it."""
    number = literal(source, inside)
    if number is None and identifier(source, inside) is None:
        return None
    if not is_constant(source, inside) and not (number is not None and number > 1):
        return None
    text = source.norm(argument)
    shown = "a mask" if number is None else hex(1 << min(number, WORD - 1))
    return _as_number(source, whole, argument, text, shown, source.norm(inside), ())


def _as_number(
    source: Source,
    whole: Node,
    argument: Node,
    text: str,
    shown: str,
    right: str | None,
    evidence: tuple[Evidence, ...],
) -> Misuse:
    return Misuse(source, whole, argument, text, None, shown, None, "", right, evidence)


def _number_in(source: Source, mask: Node) -> Node | None:
    """N of ``BIT(N)`` and of ``1 << N``."""
    if mask.type == "call_expression":
        name, arguments = call(source, mask)
        return arguments[0] if name in BIT_MACROS and len(arguments) == 1 else None
    sides = operands(mask)
    if is_binary(mask, "<<") and sides is not None and literal(source, sides[0]) == 1:
        return sides[1]
    return None
