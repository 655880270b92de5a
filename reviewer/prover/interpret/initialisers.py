# SPDX-License-Identifier: GPL-2.0-or-later
"""``= { ... }`` of a local variable: what its members are set to."""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret import unread_code
from reviewer.prover.interpret.expressions import evaluate
from reviewer.prover.interpret.operators import element_at, member
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.whole_memory import change_all_memory
from reviewer.prover.values.integers import INT, CType, Value, number
from reviewer.prover.values.qualifiers import Field

MOST_ELEMENTS = 32


def initialise(frame: Frame, target: Place, values: Node, node: Node) -> None:
    """Sets a struct of plain members to ``{ 1, .b = 2 }``; every other member becomes
    0.  Raises Unsupported for a local struct that is initialised in another way."""
    wanted = (
        _members(frame, target.ctype, values) if target.ctype.kind == "struct" else None
    )
    if target.kind == "local" and target.ctype.kind == "struct":
        if wanted is None:
            raise Unsupported("an initialiser that is not .name = value")
        frame.state.env[target.slot] = Value(accesses.zero_struct(), target.ctype)
        _set_members(frame, target, wanted, node)
        return
    if wanted is not None and _order(frame, target.ctype) is not None:
        _zero(frame, target, {name for name, _value in wanted}, node)
        _set_members(frame, target, wanted, node)
        return
    if _set_elements(frame, target, values, node):
        return
    operands = unread_code.operands_of(
        frame, values
    )  # the label only numbers its locals
    operands += [] if target.address is None else [target.address]
    name = f"initialiser {unread_code.label(frame, values)}"
    change_all_memory(frame, name, operands, node)
    if target.kind == "local":
        value = frame.run.opaque(name, operands, target.ctype.bits)
        frame.state.env[target.slot] = Value(value, target.ctype)


def _members(frame: Frame, ctype: CType, values: Node) -> list[tuple[str, Node]] | None:
    """(member, its value) as an initialiser lists them; None where that is not plain.

    A value without a name is for the member after the last one, which is known only
    where the tree has one such struct, without #if and members that share a place.
    """
    pairs = [pair for pair in values.named_children if pair.type != "comment"]
    if [frame.source.text(pair) for pair in pairs] in (["0"], []):
        return []
    order = _order(frame, ctype)
    found: list[tuple[str, Node]] = []
    for pair in pairs:
        if pair.type == "initializer_pair":
            designators = pair.children_by_field_name("designator")
            if len(designators) != 1 or designators[0].type != "field_designator":
                return None
            name = frame.source.text(designators[0]).lstrip(". ")
            value = pair.child_by_field_name("value")
        elif order is None:
            return None
        else:
            last = order.index(found[-1][0]) if found and found[-1][0] in order else -1
            if last + 1 >= len(order) or (found and found[-1][0] not in order):
                return None
            name, value = order[last + 1], pair
        if value is None or value.type == "initializer_list":
            return None
        found.append((name, value))
    return found


def _order(frame: Frame, ctype: CType) -> list[str] | None:
    """The members in order, where each is a number or a pointer; None otherwise."""
    kind, _, tag = ctype.name.partition(" ")
    texts = [text for text, *_rest in frame.run.definitions.structs(kind, tag)]
    members = frame.run.types.fields(ctype.name)
    if kind != "struct" or members is None or len(set(texts)) != 1:
        return None
    if "#" in texts[0] or not all(_is_plain(member) for member in members.values()):
        return None
    return list(members)


def _is_plain(member: Field) -> bool:
    kind = member.ctype.kind
    return (
        kind in ("int", "bool", "pointer")
        and not member.ctype.array
        and not member.over
    )


def _zero(frame: Frame, target: Place, but: set[str], node: Node) -> None:
    """The members that an initialiser does not name become 0."""
    for name in _order(frame, target.ctype) or ():
        if name not in but:
            place = member(frame.run, target, name)
            accesses.write(frame, place, number(0, INT), node)


def _set_members(
    frame: Frame, target: Place, wanted: list[tuple[str, Node]], node: Node
) -> None:
    for name, value in wanted:
        place = member(frame.run, target, name)
        accesses.write(frame, place, evaluate(frame, value), node)


def _set_elements(frame: Frame, target: Place, values: Node, node: Node) -> bool:
    """Set the elements of a small array of numbers, and the rest of them to 0."""
    to = target.ctype.to
    if target.kind != "memory" or not target.ctype.array or to is None:
        return False
    named = target.ctype.name
    many = int(named) if named.isdecimal() and len(named) < 10 else 0
    given = [child for child in values.named_children if child.type != "comment"]
    if to.kind not in ("int", "bool", "pointer") or to.array:
        return False
    if not len(given) <= many <= MOST_ELEMENTS:
        return False
    if not all(_is_one_element(frame, child) for child in given):
        return False
    wanted = [evaluate(frame, child) for child in given]
    wanted += [number(0, INT)] * (many - len(given))
    pointer = accesses.read(frame, target)
    for at, value in enumerate(wanted):
        place = element_at(frame.run, target, pointer, number(at, INT))
        accesses.write(frame, place, value, node)
    return True


def with_counted_elements(frame: Frame, ctype: CType, value: Node | None) -> CType:
    """Gives an array ``[]`` as many elements as are listed, if that can be told."""
    if not ctype.array or ctype.name or value is None or ctype.to is None:
        return ctype
    given = [child for child in value.named_children if child.type != "comment"]
    if value.type != "initializer_list" or ctype.to.kind not in ("int", "pointer"):
        return ctype
    if ctype.to.array or any(not _is_one_element(frame, child) for child in given):
        return ctype
    return replace(ctype, name=str(len(given))) if given else ctype


def _is_one_element(frame: Frame, node: Node) -> bool:
    """Whether an initialiser is one value: no designator, no list, no macro."""
    if node.type in ("initializer_pair", "initializer_list", "ERROR"):
        return False
    words = IDENTIFIER.findall(frame.source.text(node))
    return not any(frame.run.definitions.is_macro(word) for word in words)
