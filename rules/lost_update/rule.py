# SPDX-License-Identifier: GPL-2.0-or-later
"""``val &= ~MASK; val = BITS;``: a | is missing, or the line before is useless."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.expressions import (
    NAMED,
    literal,
    next_statement,
    object_read,
    operands,
    operator,
)

RULE = Rule(
    name="lost-update",
    summary="bits put into a value that is assigned anew, or masked out of 0",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<20201124121528.395681-1-colin.king@canonical.com>",
        "<8f8d69fa-f6d4-462e-b476-b812d4138c2a@intel.com>",
    ),
    needs_tree=False,
    trigger=rb"[|&]=|=\s*0;",
    needs=(rb"[{;?!=&|^<>]",),
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every update that the next statement undoes, or that does nothing."""
    for lost in lost_updates(image):
        yield _finding(image, lost)


def _finding(image: FileImage, lost: Lost) -> Finding:
    source = lost.source
    left, right = operands(lost.second) or (lost.second, lost.second)
    meant = f"{source.norm(left)} |= {source.norm(right)}"
    fields = {
        "form": "zero" if lost.zero else "overwritten",
        "name": lost.name,
        "first": source.norm(lost.first),
        "second": source.norm(lost.second),
        "suggestion": meant,
    }
    return places.finding(
        image,
        RULE,
        source,
        lost.second,
        fields=fields,
        trial=places.replacing_edit(lost.second, meant),
        evidence=(places.evidence_at(source, lost.first),),
    )


# --- bits put into a value that is assigned anew right behind: ``v &= ~M; v = A;`` ----
# And its twin, ``flags = 0; flags &= MORE;``: & of nothing is nothing.


class Lost(Struct, frozen=True):
    """A statement that makes another one useless."""

    source: Source
    zero: bool  # v = 0; v &= A
    first: Node  # the assignments
    second: Node
    name: str


def lost_updates(image: FileImage) -> Iterator[Lost]:
    """Yields the updates in focus that the next statement undoes, in file order."""
    for source, node in places.nodes(
        places.with_functions(image), "expression_statement"
    ):
        first = _assignment(node)
        sides = operands(first) if first is not None else None
        if first is None or sides is None:
            continue
        if operator(first) in ("|=", "&=") and sides[0].type == "identifier":
            second = _next(node)
            if second is not None and _replaces(source, second, first):
                yield Lost(source, False, first, second, source.text(sides[0]))
        elif operator(first) == "=" and literal(source, sides[1]) == 0:
            second = _masked_below(source, node, object_read(source, sides[0]))
            if second is not None:
                yield Lost(source, True, first, second, source.norm(sides[0]))


def _assignment(statement: Node) -> Node | None:
    inside = statement.named_children
    if statement.type != "expression_statement" or len(inside) != 1:
        return None
    return inside[0] if inside[0].type == "assignment_expression" else None


def _next(statement: Node) -> Node | None:
    """The assignment in the very next statement."""
    after = next_statement(statement)
    return _assignment(after) if after is not None else None


def _replaces(source: Source, second: Node, first: Node) -> bool:
    """Whether an assignment forgets what the one before it left."""
    before, sides = operands(first), operands(second)
    if before is None or sides is None or operator(second) != "=":
        return False
    name = source.text(before[0])
    if source.text(sides[0]) != name:
        return False
    if any(source.text(n) == name for n in source.walk(sides[1], "identifier")):
        return False
    function = source.function_around(first)
    from reviewer.fragment import BARE

    if function is None or function.name == BARE:
        return True
    # of a global another function may look at what is there for a moment
    from reviewer.kit.truth_values import type_of_local

    kind = type_of_local(source, function, name)
    return kind is not None and "volatile" not in kind


def _masked_below(source: Source, statement: Node, name: str) -> Node | None:
    """``v &= A`` in the next statement, or in the if that the next statement is."""
    after = next_statement(statement)
    if after is None:
        return None
    inner = after
    if after.type == "if_statement":
        condition = after.child_by_field_name("condition")
        then = after.child_by_field_name("consequence")
        if condition is None or then is None or _mentions(source, condition, name):
            return None
        if any(True for _ in source.walk(condition, "call_expression")):
            return None
        inner = then
        if then.type == "compound_statement":
            if not then.named_children:
                return None
            inner = then.named_children[0]
    found = _assignment(inner)
    sides = operands(found) if found is not None else None
    if found is None or sides is None or operator(found) != "&=":
        return None
    if object_read(source, sides[0]) != name or _clears(source, sides[1]):
        return None
    return found


def _clears(source: Source, mask: Node) -> bool:
    """Whether a mask is written to clear bits, of which 0 has none: harmless."""
    return "~" in source.text(mask) or literal(source, mask) is not None


def _mentions(source: Source, node: Node, name: str) -> bool:
    return any(object_read(source, n) == name for n in source.walk(node, *NAMED))
