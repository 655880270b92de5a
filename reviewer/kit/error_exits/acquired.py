# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function acquires, what it is known by, and which answer says it failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER
from reviewer.c.vocabulary import GIVE_BACK_THEIR_ARGUMENT
from reviewer.kit.acquire_release import Acquirer, How, Sort
from reviewer.kit.assignments import assigned, sets_anew
from reviewer.kit.error_exits.flow import ExitFlow, FlowStep, StepKind
from reviewer.kit.expressions import (
    around,
    around_casts,
    call,
    is_binary,
    literal,
    object_read,
    operands,
    operator,
    without_parentheses,
)


class Resource(Struct, frozen=True):
    """What one call acquired, and what it is known by."""

    pair: Acquirer
    call: Node
    name: str  # "np", "&priv->lock", "" where there is no argument
    at: int  # the step
    status: str | None  # the variable that tells whether it succeeded
    other_name: str = ""  # device of ``kept = get_device(device)``

    @property
    def words(self) -> frozenset[str]:
        """The names that must stay as they are for it to be the same resource."""
        return frozenset(IDENTIFIER.findall(self.name)[:1])


def acquired(flow: ExitFlow, pairs: Mapping[str, Acquirer]) -> Iterator[Resource]:
    """Yields each resource that a call of pairs acquires, with the step that does."""
    source = flow.source
    for at, step in enumerate(flow.steps):
        if step.node is None or step.kind is StepKind.CHOICE:
            continue
        for node in source.walk(step.node, "call_expression"):
            name, given = call(source, node)
            pair = pairs.get(name)
            if pair is None:
                continue
            found = _resource(source, step, at, node, pair, given)
            if found is not None and "[" not in found.name:
                yield found


def _resource(
    source: Source,
    step: FlowStep,
    at: int,
    node: Node,
    pair: Acquirer,
    given: tuple[Node, ...],
) -> Resource | None:
    target = _kept_in(source, node)
    if pair.how in (How.POINTER, How.ERROR_POINTER, How.REFERENCE):
        if pair.given is not None:  # request_region(): the result only tells
            return None
        if target is None or "__free" in source.text(source.statement_of(node)):
            return None
        same = pair.acquire in GIVE_BACK_THEIR_ARGUMENT and len(given) == 1
        other = object_read(source, given[0]) if same else ""
        return Resource(pair, node, target, at, None, other_name=other)
    name = ""
    if pair.given is not None:
        if len(given) <= pair.given:
            return None
        name = object_read(source, given[pair.given])
        if pair.acquire == "request_firmware":
            name = name.lstrip("&")
    if any(_has_effect(source, one) for one in given):
        return None
    if pair.sort is Sort.REFERENCE and pair.how is How.ALWAYS and target is not None:
        # get_device() gives back its argument, and NULL for NULL
        again = replace(pair, how=How.REFERENCE)
        return Resource(again, node, target, at, None, other_name=name)
    given_back = pair.sort is Sort.REFERENCE and pair.how is How.ALWAYS
    if (
        given_back and step.kind is StepKind.TEST
    ):  # if (!get_device(dev)): NULL was given
        pair = replace(pair, how=How.TRUTH)
    if target is not None and pair.how is not How.TRUTH:
        return Resource(pair, node, name, at, target)
    if target is None and (_is_statement(node) or step.kind is StepKind.TEST):
        if step.kind is StepKind.TEST and not _is_whole_test(source, step, node):
            return None
        return Resource(pair, node, name, at, None)
    return None


def _kept_in(source: Source, node: Node) -> str | None:
    """The variable that a call's result is assigned to as it is."""
    up = around_casts(node)
    kept = assigned(up) if up is not None and sets_anew(up) else None
    outer = around(up) if up is not None else None
    if kept is None or (outer is not None and outer.type == "assignment_expression"):
        return None  # a = b = kmalloc()
    return object_read(source, kept[0])


def _is_statement(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "expression_statement"


def _is_whole_test(source: Source, step: FlowStep, node: Node) -> bool:
    """Whether a test asks for nothing but what the call returned."""
    assert step.node is not None
    test = tested(source, step.node)
    return test is not None and test[0] == node


def _has_effect(source: Source, node: Node) -> bool:
    kinds = ("assignment_expression", "update_expression")
    return any(True for _ in source.walk(node, *kinds))


def tested(source: Source, node: Node) -> tuple[Node, str] | None:
    """Returns what a test compares with 0 or asks about, and how: ``x``, ``x <
    0`` ..."""
    node = without_parentheses(node)
    if node.type == "call_expression":
        name, given = call(source, node)
        if name in ("IS_ERR", "IS_ERR_OR_NULL", "WARN_ON", "WARN_ON_ONCE") and given:
            inner = tested(source, given[0])
            if name.startswith("IS_ERR"):
                return (without_parentheses(given[0]), name)
            return inner
        return (node, "")
    sides = operands(node)
    if node.type == "assignment_expression" and sides is not None:
        return (node, "")
    if is_binary(node, "<", "==", "!=", ">=", ">", "<=") and sides is not None:
        value = literal(source, sides[1])
        if value == 0:
            return (without_parentheses(sides[0]), operator(node) + "0")
        return None
    return (node, "")


def fails(how: How, asked: str, holds: bool) -> bool | None:
    """Says whether an answer says that the acquire failed; None where it says
    nothing."""
    if how in (How.POINTER, How.REFERENCE, How.TRUTH):
        answers = {"": False, "!=0": False, "==0": True, "IS_ERR_OR_NULL": True}
    elif how is How.ERROR_POINTER:
        answers = {"IS_ERR": True, "IS_ERR_OR_NULL": True, "": False, "!=0": False}
    else:
        answers = {"": True, "!=0": True, "<0": True, "==0": False, ">=0": False}
    if asked not in answers:
        return None
    return answers[asked] == holds
