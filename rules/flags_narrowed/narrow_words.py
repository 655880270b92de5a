# SPDX-License-Identifier: GPL-2.0-or-later
"""Masks beyond the bits of what they are tested in, or kept in.

``u8 x`` has no bit 8, so ``x & 0x100`` is 0 whatever x holds, and so is what is left of
``x = flags & 0x100``.  A bool has bit 0 alone: it knows that there was a flag, and no
longer which one.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.assignments import assignments, sets_anew
from reviewer.kit.constants import constant
from reviewer.kit.expressions import (
    NAMED,
    call,
    identifier,
    is_binary,
    is_constant,
    operands,
    operator,
    terms_of,
    without_casts,
    without_parentheses,
)
from reviewer.kit.truth_values import is_boolean, type_of_local
from reviewer.kit.values_as_truth import in_directive, is_constant_or_number
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.rules.flags_narrowed.declared_types import (
    DeclaredType,
    Width,
    as_width,
    declarators,
    declared_type,
    parameter_type,
    plain_cast,
    return_type,
    width_of,
)

_KEEPERS = (
    "assignment_expression",
    "init_declarator",
    "return_statement",
    "cast_expression",
    "call_expression",
)


class Form(StrEnum):
    """What becomes of the mask."""

    TESTED = "tested"  # narrow & MASK is always 0
    KEPT = "kept"  # narrow = wide & MASK is always 0
    ADDED = "added"  # narrow |= MASK changes nothing
    LOST = "lost"  # narrow = wide & (A | B) keeps A alone
    EQUAL = "equal"  # narrow == VALUE is never true
    MASK = "mask"  # bool mask = A | B; flags & mask tests bit 0
    ANY = "any"  # bool flags = word; flags & A is true for each of them


class Narrow(Struct, frozen=True):
    """One mask, and what is too narrow for it."""

    node: Node
    form: Form
    name: str  # what is narrow: "flags", "f()"
    width: Width
    mask: Node
    value: int
    right: str | None = None  # what must stand in the place of ``at``
    at: Node | None = None
    lost: tuple[str, ...] = ()  # the names of which nothing is left


def narrow_words(image: FileImage) -> Iterator[Narrow]:
    """Yields the masks in focus that do not fit, in file order, whatever headers the
    file gets; macros' bodies left out."""
    for found in _narrow_words(image):
        names = image.source.norm(found.mask)
        if image.facts.has_one_value(names, image.source.path):
            yield found


def _narrow_words(image: FileImage) -> Iterator[Narrow]:
    image = _with_what_is_declared(image)
    for source, node in places.nodes(image, "binary_expression"):
        if source.tree is not image.source.tree or in_directive(source, node):
            continue
        if is_binary(node, "&"):
            yield from _tested(image, node)
        elif is_binary(node, "==", "!="):
            yield from _compared(image, node)
    for source, node in places.nodes(image, *_KEEPERS):
        if source.tree is image.source.tree:
            yield from _kept(image, node)


def _with_what_is_declared(image: FileImage) -> FileImage:
    """Where a declaration is in focus, so is all that may use it."""
    if image.focus is None:
        return image
    source = image.source
    for node in places.in_focus(
        image, source.root, ("declaration", "field_declaration")
    ):
        if source.enclosing(node, "function_definition") is None:
            return replace(image, focus=None)
    return places.with_functions(image)


# --- tests ------------------------------------------------------------------------


def _tested(image: FileImage, node: Node) -> Iterator[Narrow]:
    source = image.source
    sides = operands(node)
    if sides is None:
        return
    for mask, other in (sides[::-1], sides):
        if is_constant_or_number(source, other):
            continue
        if not is_constant_or_number(source, mask):
            found = _truth_as_mask(image, node, mask, other)
            if found is not None:
                yield found
                return
            continue
        value = constant(image, source.norm(mask))
        width = width_of(image, source, other) if value and value > 0 else None
        if value is None or width is None:
            continue
        name = _name(source, other)
        if value & width.all_bits == 0 and not (width.signed and not width.is_bool):
            yield Narrow(node, Form.TESTED, name, width, mask, value)
            return
        is_name = width.is_bool and is_constant(source, mask)
        if is_name and _holds_a_word(image, other):
            yield Narrow(node, Form.ANY, name, width, mask, value)
            return


def _name(source: Source, node: Node) -> str:
    return source.norm(without_parentheses(node))


def _assigned(image: FileImage, name: str, node: Node) -> list[Node]:
    """What the function around a node gives a local, where nothing else changes it."""
    source = image.source
    function = source.function_around(node)
    if function is None or type_of_local(source, function, name) is None:
        return []
    values = []
    for at, target, value in assignments(source, function.node):
        if source.text(target) == name:
            if not sets_anew(at):
                return []
            values.append(value)
    for at in source.below(function.node, "pointer_expression", "update_expression"):
        inner = at.child_by_field_name("argument")
        if inner is not None and source.text(inner) == name:
            return []
    for at in source.below(function.node, "parameter_declaration"):
        if any(given == name for given, _, _ in declarators(source, at)):
            return []
    return values


def _truth_as_mask(
    image: FileImage, node: Node, mask: Node, other: Node
) -> Narrow | None:
    """``flags & mask`` with a bool mask that is only ever given names of bits."""
    source = image.source
    name = identifier(source, mask)
    if name is None or is_boolean(source, other) or not is_boolean(source, mask):
        return None
    values = _assigned(image, name, node)
    numbers = [constant(image, source.norm(value)) for value in values]
    width = width_of(image, source, mask)
    if width is None or not width.is_bool or not numbers:
        return None
    if not all(number is not None and number > 1 for number in numbers):
        return None
    bits = numbers[0]
    assert bits is not None
    return Narrow(node, Form.MASK, name, width, values[0], bits)


def _holds_a_word(image: FileImage, node: Node) -> bool:
    """Whether a bool local is only ever given words of several bits as they are."""
    source = image.source
    name = identifier(source, node)
    values = _assigned(image, name, node) if name is not None else []
    return bool(values) and all(
        without_parentheses(value).type in NAMED
        and (width := width_of(image, source, value)) is not None
        and width.bits >= 8
        for value in values
    )


def _compared(image: FileImage, node: Node) -> Iterator[Narrow]:
    """``narrow == VALUE`` beyond all that it can hold."""
    source = image.source
    sides = operands(node)
    if sides is None:
        return
    for other, wanted in (sides, sides[::-1]):
        if is_constant_or_number(source, other):
            continue
        if not is_constant_or_number(source, wanted):
            continue
        # what a local is declared as is told sooner than what a name stands for
        known = identifier(source, other) is not None
        width = width_of(image, source, other) if known else None
        if known and (width is None or (width.signed and not width.is_bool)):
            continue
        value = constant(image, source.norm(wanted))
        if value is None or value <= 1:
            continue
        width = width or width_of(image, source, other)
        if width is None or value <= width.all_bits:
            continue
        if value >= 1 << 32 and _has_only_32_bits(image):
            continue  # ULONG_MAX
        if not width.signed or width.is_bool:
            name = _name(source, other)
            yield Narrow(node, Form.EQUAL, name, width, wanted, value)
        return


def _has_only_32_bits(image: FileImage) -> bool:
    """Whether the architecture of a file has no 64 bits: its Kconfig makes no 64BIT."""
    own = _ARCHITECTURE.match(image.source.path)
    data = image.facts.view.read(f"{own[0]}Kconfig") if own else None
    return data is not None and _MAKES_64BIT.search(data) is None


_ARCHITECTURE = regex(r"arch/\w+/")
_MAKES_64BIT = regex(rb"\b(?:config|select)\s+64BIT\b")


# --- what is kept -----------------------------------------------------------------


class _Target(Struct, frozen=True):
    """What a value goes into."""

    name: str
    width: Width
    value: Node
    added: bool = False


def _kept(image: FileImage, node: Node) -> Iterator[Narrow]:
    source = image.source
    if not _may_be_masked(source, node):
        return
    for target in _targets(image, node):
        mask, other = _masked(source, target.value, target.added)
        if mask is None or in_directive(source, node):
            continue
        value = constant(image, source.norm(mask))
        if value is None or value <= target.width.all_bits:
            continue
        if value & target.width.all_bits == 0:
            form = Form.ADDED if other is None else Form.KEPT
            right = None
            if target.width.bits == 1:
                right = f"!!({source.norm(without_parentheses(target.value))})"
            place = target.value if node.type == "call_expression" else node
            yield Narrow(
                place, form, target.name, target.width, mask, value, right, target.value
            )
            continue
        lost = tuple(_lost(image, mask, target.width))
        if lost:
            yield Narrow(
                node, Form.LOST, target.name, target.width, mask, value, lost=lost
            )


def _may_be_masked(source: Source, node: Node) -> bool:
    """Whether a mask can stand in a node: most calls have no such sign."""
    data, start, end = source.data, node.start_byte, node.end_byte
    return data.find(b"&", start, end) >= 0 or data.find(b"|=", start, end) >= 0


def _is_masked(source: Source, value: Node, added: bool = False) -> bool:
    """Whether there is a mask: only then types are looked for, in all headers."""
    return _masked(source, value, added)[0] is not None


def _masked(
    source: Source, value: Node, added: bool
) -> tuple[Node | None, Node | None]:
    """(the mask, what it masks) of a value that is kept; the latter None for ``|=``."""
    value = without_parentheses(value)
    sides = operands(value)
    if is_binary(value, "&") and sides is not None:
        for mask, other in (sides[::-1], sides):
            names = [is_constant_or_number(source, one) for one in (mask, other)]
            if names == [True, False]:
                return mask, other
    if added and is_constant(source, value):
        return value, None
    return None, None


def _lost(image: FileImage, mask: Node, width: Width) -> Iterator[str]:
    """The names or-ed in a mask of which no bit is left."""
    source = image.source
    terms = list(terms_of(mask, "|"))
    for term in terms if len(terms) > 1 else ():
        value = constant(image, source.norm(term))
        if is_constant(source, term) and value and value & width.all_bits == 0:
            yield source.norm(term)


def _targets(image: FileImage, node: Node) -> Iterator[_Target]:
    """What a node stores, returns, casts to or hands over, where it is narrow."""
    source = image.source
    found: list[tuple[str, DeclaredType | None, Node, bool]] = []
    match node.type:
        case "assignment_expression" if operator(node) in ("=", "|="):
            left, right = operands(node) or (node, node)
            added = operator(node) == "|="
            if _is_masked(source, right, added):
                kind = declared_type(image, source, left)
                found.append((_name(source, left), kind, right, added))
        case "init_declarator":
            name = node.child_by_field_name("declarator")
            value = node.child_by_field_name("value")
            if name is None or value is None or not _is_masked(source, value):
                return
            if name.type == "identifier":
                kind = declared_type(image, source, name)
                found.append((source.text(name), kind, value, False))
        case "return_statement":
            function = source.function_around(node)
            value = next(iter(node.named_children), None)
            if function is not None and value is not None and _is_masked(source, value):
                kind = return_type(image, function.name)
                found.append((f"{function.name}()", kind, value, False))
        case "cast_expression" | "call_expression":
            cast, value = plain_cast(source, node)
            if cast and value is not None and _is_masked(source, value):
                found.append((f"({cast})", DeclaredType(cast), value, False))
            called, given = call(source, node)
            for number, value in enumerate(given):
                if _is_masked(source, value):
                    kind = parameter_type(image, called, number)
                    found.append((f"{called}()", kind, value, False))
    for named, declared, kept, added in found:
        width = as_width(image, declared) if declared is not None else None
        if width is not None and not width.is_bool:
            yield _Target(named, width, kept, added)


def places_of(image: FileImage, found: Narrow) -> tuple[Evidence, ...]:
    """Returns the declaration of what is narrow, and the definition of a
    mask's name."""
    places = [found.width.evidence] if found.width.evidence is not None else []
    name = identifier(image.source, without_casts(found.mask))
    if name is not None:
        known = image.facts.constant(name, near=image.source.path)
        places += [one.evidence for one in known[:1]]
    return tuple(places)
