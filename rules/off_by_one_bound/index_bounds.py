# SPDX-License-Identifier: GPL-2.0-or-later
"""Accesses to an array whose index may be the number of its elements.

The test on the way must name that very array, ``ARRAY_SIZE(a)``, or the number that
the array is declared with.  Silent where anything else on the way speaks of the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.expressions import (
    MIRRORED,
    NAMED,
    call,
    literal,
    operands,
    operator,
    without_casts,
    without_parentheses,
)
from reviewer.kit.paths import (
    PathCondition,
    conditions_on_the_way,
    false_behind,
    jumps_away,
)
from reviewer.models import Evidence

ARRAY_SIZE = "ARRAY_SIZE"  # include/linux/array_size.h, kernel.h before v6.7
# A test that is true, or false, of an index that equals the bound.
_LETS_IN = {("<=", True), (">", False)}
MOST_TESTS = 200  # on the way to one access: each of thousands looks back
_TESTS = ("if_statement", "while_statement", "for_statement", "do_statement")
_WRITES = ("assignment_expression", "update_expression", "pointer_expression")


class LetIn(Struct, frozen=True):
    """One test, and an access behind it that goes one element too far."""

    source: Source
    test: Node
    access: Node
    index: str
    array: str
    bound: str
    evidence: tuple[Evidence, ...]


def indices_let_in(image: FileImage) -> Iterator[LetIn]:
    """Yields the first such access behind each test, of the functions in focus."""
    seen: set[int] = set()
    whole = places.with_functions(image)
    for source, access in places.nodes(whole, "subscript_expression"):
        found = _let_in(image, source, access)
        if found is None or found.test.id in seen:
            continue
        if _in_focus(image, source, found.test, access):
            seen.add(found.test.id)
            yield found


def _in_focus(image: FileImage, source: Source, *nodes: Node) -> bool:
    lines = [source.line_of(node) for node in nodes]
    return any(image.in_focus(line, line) for line in lines)


def _let_in(image: FileImage, source: Source, access: Node) -> LetIn | None:
    array = access.child_by_field_name("argument")
    index = _index_of(access)
    if array is None or index is None or _is_measured(source, access):
        return None
    name = source.norm(index)
    condition = _only_condition(source, access, name)
    if condition is None:
        return None
    test, bound = condition.node, _bound(source, condition, name)
    if bound is None or _may_change(source, name, test, access):
        return None
    evidence = _size(image, source, array, bound)
    if evidence is None:
        return None
    line = source.line_of(test)
    if source.line_of(access) != line:
        evidence = (places.evidence_at(source, access), *evidence)
    return LetIn(
        source, test, access, name, source.norm(array), source.norm(bound), evidence
    )


def _only_condition(source: Source, access: Node, name: str) -> PathCondition | None:
    """The one condition about the index: another one may rule the last element out."""
    on_the_way = conditions_on_the_way(source, access)
    about = [
        condition
        for condition in islice(on_the_way, MOST_TESTS)
        if name in _names_in(source, condition.node)
        and not _is_of_sign(source, condition.node)
    ]
    if not about:
        about = _in_blocks_before(source, access, name)
    return about[0] if len(about) == 1 else None


def _in_blocks_before(source: Source, access: Node, name: str) -> list[PathCondition]:
    """Conditions about the index that failed in a block before: ``if (!ret) { if (i >
    N) return; }``.  None where there is one more test of it on the way."""
    function = source.function_around(access)
    if function is None:
        return []
    before = [
        (statement, failed)
        for statement, failed in _tests_of(source, function.first_line).get(name, ())
        if statement.start_byte < access.start_byte
    ]
    if len(before) != 1:
        return []
    statement, failed = before[0]
    if failed is None or not _goes_on_to(statement, access):
        return []
    return [failed]


@once_per_subject
def _tests_of(
    source: Source, first_line: int
) -> dict[str, list[tuple[Node, PathCondition | None]]]:
    """All tests of a function by what they speak of; with what has failed behind an if
    that leaves and tests the one thing alone."""
    found: dict[str, list[tuple[Node, PathCondition | None]]] = {}
    function = source.function_at(first_line)
    if function is None or function.body is None:
        return found
    for statement in source.walk(function.body, *_TESTS):
        condition = statement.child_by_field_name("condition")
        if condition is None:
            continue
        about: dict[str, list[PathCondition]] = {}
        for failed in false_behind(source, statement):
            if not _is_of_sign(source, failed.node):
                for name in _names_in(source, failed.node):
                    about.setdefault(name, []).append(failed)
        for name in _names_in(source, condition):
            only = about.get(name, [])
            one = only[0] if len(only) == 1 else None
            found.setdefault(name, []).append((statement, one))
    return found


def _names_in(source: Source, condition: Node) -> set[str]:
    nodes = source.walk(condition, *NAMED)
    return {source.norm(node) for node in nodes}


def _goes_on_to(statement: Node, access: Node) -> bool:
    """Whether control that passes an ``if`` in a block goes on to a place behind that
    block: no loop, switch or jump between."""
    up = statement.parent
    while up is not None and up.end_byte <= access.start_byte:
        if up.type not in ("compound_statement", "if_statement") or jumps_away(up):
            return False
        up = up.parent
    return up is not None and up.type == "compound_statement"


def _index_of(access: Node) -> Node | None:
    """``i`` of a[i] and of a[i++]; None of a constant, a sum, a call."""
    index = access.child_by_field_name("index")
    index = without_parentheses(index) if index is not None else None
    if index is not None and index.type == "update_expression":
        argument = index.child_by_field_name("argument")
        after = argument is not None and argument.start_byte == index.start_byte
        index = argument if after else None
    if index is None or index.type not in NAMED:
        return None
    return index


def _is_measured(source: Source, access: Node) -> bool:
    """Whether an access only says a type or a place: sizeof(a[i]), &a[i]."""
    up = access.parent
    while up is not None and up.type in ("parenthesized_expression", "argument_list"):
        up = up.parent
    if up is None or up.type in ("sizeof_expression", "pointer_expression"):
        return True
    return up.type == "call_expression" and call(source, up)[0] in (
        ARRAY_SIZE,
        "typeof",
    )


def _is_of_sign(source: Source, condition: Node) -> bool:
    """``i < 0``, ``i >= 0``, ``i``: says nothing of the other end."""
    condition = without_parentheses(condition)
    sides = operands(condition)
    if sides is None:
        return condition.type in NAMED
    zero = any(literal(source, side) == 0 for side in sides)
    return zero and operator(condition) in ("<", ">=", ">", "<=", "!=")


def _bound(source: Source, condition: PathCondition, name: str) -> Node | None:
    """What the index may be equal to, where the test lets that in."""
    sides = operands(condition.node)
    sign = operator(condition.node)
    if sides is None or sign not in MIRRORED:
        return None
    left, right = (without_casts(side) for side in sides)
    if source.norm(right) == name:
        left, right, sign = right, left, MIRRORED[sign]
    if source.norm(left) != name or (sign, condition.holds) not in _LETS_IN:
        return None
    return right


def _may_change(source: Source, name: str, test: Node, access: Node) -> bool:
    """Whether the index, or what it is read through, is written on the way, or a
    pointer to the index was kept anywhere before."""
    base = re.split(r"->|\.", name)[0]
    function = source.function_around(access)
    if function is None or function.body is None:
        return True
    begin = _behind(test)
    for kept, start, text in _written(source, function.first_line):
        if text in (name, base):
            since = 0 if kept else begin
            if since < start < access.start_byte:
                return True
    return False


def _behind(test: Node) -> int:
    """Where what is done behind a test begins: of a for loop, its body."""
    up = test.parent
    while up is not None and not up.type.endswith("_statement"):
        up = up.parent
    body = up.child_by_field_name("body") if up is not None else None
    return body.start_byte if body is not None else test.start_byte


@once_per_subject
def _written(source: Source, first_line: int) -> list[tuple[bool, int, str]]:
    """Each write of x in a function, ``f(&x)`` among them: whether it is ``p = &x``,
    where it is, and what x is."""
    function = source.function_at(first_line)
    found: list[tuple[bool, int, str]] = []
    if function is None or function.body is None:
        return found
    for node in source.walk(function.body, *_WRITES):
        left = node.child_by_field_name("left")
        target = left or node.child_by_field_name("argument")
        address = node.type == "pointer_expression"
        if target is None or (address and operator(node) != "&"):
            continue
        up = node.parent
        given = up is not None and up.type == "argument_list"
        found.append((address and not given, node.start_byte, source.norm(target)))
    return found


# --- how many elements ----------------------------------------------------------------


def _size(
    image: FileImage, source: Source, array: Node, bound: Node
) -> tuple[Evidence, ...] | None:
    """Where it is declared that the array has ``bound`` elements; () of ARRAY_SIZE."""
    called, arguments = call(source, bound)
    if called == ARRAY_SIZE and len(arguments) == 1:
        same = source.norm(arguments[0]) == source.norm(array)
        return () if same else None
    text = source.norm(bound)
    if literal(source, bound) is None and bound.type != "identifier":
        return None
    member = array.child_by_field_name("field")
    name = source.text(array if member is None else member)
    if not name.isidentifier():
        return None
    declared = _declared(image.source).get(name, ())
    if not declared and member is not None:
        declared = tuple(_in_headers(image, name))
    if not declared or any(size != text for size, _ in declared):
        return None
    return (declared[0][1],)


@once_per_subject
def _declared(source: Source) -> dict[str, tuple[tuple[str, Evidence], ...]]:
    """The size of each array that a file declares, as written, by its name."""
    found: dict[str, tuple[tuple[str, Evidence], ...]] = {}
    for node in source.everywhere("array_declarator"):
        name = node.child_by_field_name("declarator")
        size = node.child_by_field_name("size")
        if name is None or name.type not in ("identifier", "field_identifier"):
            continue
        text = source.norm(size) if size is not None else ""
        word = source.text(name)
        found[word] = (*found.get(word, ()), (text, places.evidence_at(source, node)))
    return found


def _in_headers(image: FileImage, member: str) -> Iterator[tuple[str, Evidence]]:
    """The sizes of all arrays of that name in the headers that the file includes."""
    declared = re.compile(rf"\b{member}\s*\[([^\]]*)\](?:\[|\s*[;,])")
    for path, text in image.facts.naming(image.source.path, member):
        for number, line in enumerate(text.decode("utf-8", "replace").split("\n"), 1):
            match = declared.search(line)
            if match is not None:
                size = " ".join(match[1].split())
                yield size, Evidence(path, number, line.strip())
