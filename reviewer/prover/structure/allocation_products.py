# SPDX-License-Identifier: GPL-2.0-or-later
"""``kmalloc(n * size, f)`` and ``kmalloc_array(n, size, f)``: the same, but where the
product overflows, which is what the change is about.

Both sides are written with the plain product and compared again: where nothing else
differs, they are the same unless it does.  One factor has to be a sizeof or a number:
of two variables the plain product may be of another type than a size.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.c.source import parse
from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret.allocations import ALLOCATORS, is_of, is_one
from reviewer.prover.structure.compared import Compared, compared
from reviewer.prover.structure.same_calls import call_of, is_shadowed
from reviewer.prover.syntax import bare
from reviewer.prover.verdict import DifferingPart
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Function, Source
    from reviewer.prover.changes.changed_names import ChangedNames
    from reviewer.prover.names.definitions import Definitions

_PLAIN = {
    (one.asked, one.zeroed): name
    for name, one in ALLOCATORS.items()
    if one.number is None
}
_OVERFLOW = ("include/linux/overflow.h",)
_SATURATED = ("array_size", "size_mul")
_NOT_JOINED = ("comment", "string_literal", "char_literal", "ERROR")
_NAMES = frozenset([*ALLOCATORS, *_SATURATED])
_Products = Counter[tuple[str, str]]  # who is asked for which product
_Edit = tuple[int, int, bytes]


def compared_but_for_products(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
    names: ChangedNames,
) -> Compared | None:
    """Returns what the structure says, as ``compared`` does: that both are the same
    unless a product overflows, where that is all."""
    told = compared(sources, functions, definitions, names)
    if told is None or told.proved or not _checks_differ(sources, functions):
        return told
    plain = [
        _with_plain_products(*side, names)
        for side in zip(sources, functions, definitions, strict=True)
    ]
    one, two = plain
    if one is None or two is None:
        return told
    files, bodies = (one[0], two[0]), (one[1], two[1])
    again = compared(files, bodies, definitions, names)
    parts = _parts(one[2], two[2], functions[1].first_line)
    if again is None or not again.proved or not parts:
        return told
    return replace(
        again, parts=parts, decided=True, differs=False, unlike=True, steps=False
    )


def _checks_differ(
    sources: tuple[Source, Source], functions: tuple[Function, Function]
) -> bool:
    """Whether one of two texts has more checked products than the other."""
    checking = [n for n, one in ALLOCATORS.items() if one.number is not None]
    one, two = (
        Counter(IDENTIFIER.findall(source.text(function.node)))
        for source, function in zip(sources, functions, strict=True)
    )
    return any(one[name] != two[name] for name in (*checking, *_SATURATED))


def _with_plain_products(
    source: Source, function: Function, definitions: Definitions, names: ChangedNames
) -> tuple[Source, Function, _Products] | None:
    """A file whose function asks for plain products, that function, and which products
    were checked; None where it is not read so."""
    edits: list[_Edit] = []
    checked: _Products = Counter()
    for node in source.walk(function.node, "call_expression"):
        if edits and node.start_byte < edits[-1][1]:
            continue
        edit = _edit(source, node, definitions, checked)
        if edit is None:
            continue
        words = set(IDENTIFIER.findall(source.text(node))) & _NAMES
        if words & names.changed or is_shadowed(source, function, words):
            return None
        edits.append(edit)
    data = source.data
    for start, end, text in reversed(edits):
        lines = data.count(b"\n", start, end)
        data = data[:start] + text + b"\n" * lines + data[end:]
    again = parse(source.path, data)
    there = [one for one in again.functions if one.name == function.name]
    return (again, there[0], checked) if len(there) == 1 else None


def _parts(before: _Products, after: _Products, line: int) -> tuple[DifferingPart, ...]:
    """A part for each product that is checked on one side alone."""
    found = []
    for more, other, does in (
        (after, before, "now gets no memory, where it asked for what is left of it"),
        (before, after, "asks for what is left of it, where it got no memory"),
    ):
        for (asked, product), count in more.items():
            if count > other.get((asked, product), 0):
                when = f"when `{product}` is too large for its type, or negative"
                found.append(DifferingPart((when,), (f"`{asked}()` {does}",), line))
    return tuple(found)


def _edit(
    source: Source, node: Node, definitions: Definitions, checked: _Products
) -> _Edit | None:
    """How a call is written with a plain product, in one order of the factors."""
    call = call_of(source, node)
    if call is None or next(source.walk(node, *_NOT_JOINED), None) is not None:
        return None
    word, nodes = call
    allocator = ALLOCATORS.get(word)
    if allocator is None or len(nodes) != allocator.arguments:
        return None
    asked = _PLAIN[allocator.asked, allocator.zeroed]
    for name in (word, asked):
        if not is_one(definitions, name) or name in definitions.redefined:
            return None
    factors, is_checked = [nodes[allocator.number or 0], nodes[allocator.size]], True
    if allocator.number is None:
        factors, is_checked = _factors(source, nodes[allocator.size], definitions)
    if not any(_is_plain(source, one) for one in factors):
        return None
    product = " * ".join(sorted((_factor(source, one) for one in factors), key=_order))
    checked[asked, product] += is_checked
    rest = [
        product if place == allocator.size else source.norm(one)
        for place, one in enumerate(nodes)
        if place != allocator.number
    ]
    return node.start_byte, node.end_byte, encode(f"{asked}({', '.join(rest)})")


def _factors(
    source: Source, size: Node, definitions: Definitions
) -> tuple[list[Node], bool]:
    """The two factors of a size, and whether array_size() makes it of them."""
    size = bare(size)
    operator = size.child_by_field_name("operator")
    if size.type == "binary_expression" and operator and source.text(operator) == "*":
        return [size.named_children[0], size.named_children[-1]], False
    call = call_of(source, size)
    if call is None or call[0] not in _SATURATED or len(call[1]) != 2:
        return [], False
    is_it = is_of(definitions, call[0], _OVERFLOW)
    return (
        (call[1], True)
        if is_it and call[0] not in definitions.redefined
        else ([], False)
    )


def _is_plain(source: Source, node: Node) -> bool:
    """Whether a factor is a sizeof, or a number that is no negative one."""
    return bare(node).type == "sizeof_expression" or source.text(bare(node)).isdigit()


def _factor(source: Source, node: Node) -> str:
    node = bare(node)
    simple = ("identifier", "field_expression", "number_literal", "sizeof_expression")
    text = source.norm(node)
    return text if node.type in simple else f"({text})"


def _order(factor: str) -> tuple[bool, str]:
    """Numbers and sizes come last, as people write them."""
    return factor.startswith("sizeof") or factor.isdigit(), factor
