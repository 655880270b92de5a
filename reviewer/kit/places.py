# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a rule looks in a file: its code and the bodies of its macros."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from msgspec.structs import replace
from tree_sitter import Node

from reviewer import limits
from reviewer.api import FileImage, Rule
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.kit.expressions import in_error
from reviewer.models import Confidence, Edit, Evidence, Finding, Severity
from reviewer.patterns import regex
from reviewer.utf8 import encode

_DEFINES = ("preproc_def", "preproc_function_def")
# of macro bodies: most are not
SHORT = 4  # lines of a statement that is shown whole
_WORTH_PARSING = regex(rb"[&|^]|[=!]=|>>|_bit\b|\bGENMASK")


def nodes(image: FileImage, *types: str) -> Iterator[tuple[Source, Node]]:
    """Yields nodes of the types that lie on lines in
    focus, in code and in macro bodies.

    Each comes with the source that its tree belongs to; offsets and lines are those
    of the file in both.  Nodes in text that did not parse are left out.
    """
    for source, root in trees(image):
        if image.focus is None:
            found: Iterable[Node] = source.everywhere(*types)
        else:
            found = in_focus(image, root, types)
        whole = not root.has_error  # then there is no need to look above each node
        for node in found:
            if whole or not in_error(node):
                yield source, node


def trees(image: FileImage) -> Iterator[tuple[Source, Node]]:
    """Yields the file's tree, then the tree of every macro body in focus."""
    source = image.source
    yield source, source.root
    if image.focus is None:
        yield from _all_bodies(source)
    else:
        yield from _bodies(source, in_focus(image, source.root, _DEFINES))


@once_per_subject
def _all_bodies(source: Source) -> tuple[tuple[Source, Node], ...]:
    """The macro bodies of a file, which a dozen rules ask for."""
    return tuple(_bodies(source, source.everywhere(*_DEFINES)))


def _bodies(source: Source, defines: Iterable[Node]) -> Iterator[tuple[Source, Node]]:
    for define in defines:
        text = source.data[define.start_byte : define.end_byte]
        if _WORTH_PARSING.search(text):
            body = source.macro_body_tree(define)
            if body is not None:
                yield body, body.root


def in_focus(image: FileImage, root: Node, types: tuple[str, ...]) -> Iterator[Node]:
    """Yields the nodes of the types on lines in focus, in file order.

    What lies outside the focus is not even walked: of a large file a patch touches
    little.  Nor is what is nested deeper than the limit ``code_depth``: the way up from
    there takes too long.
    """
    source = image.source
    if image.focus is None:
        same = root == source.root
        return iter(source.everywhere(*types) if same else source.walk(root, *types))
    near = _near(source, root, image.focus)
    found = [near[one] for one in dict.fromkeys(types) if one in near]
    together = found[0] if len(found) == 1 else sorted(chain(*found), key=_place)
    return (node for _, node in together)


@lru_cache(maxsize=2)  # each of a header's thousands of macros is asked about
def _in_order(lines: frozenset[int]) -> list[int]:
    return sorted(lines)


def _place(found: tuple[int, Node]) -> int:
    return found[0]


@once_per_subject
def _near(
    source: Source, root: Node, focus: frozenset[int]
) -> dict[str, list[tuple[int, Node]]]:
    """The named nodes on lines in focus by their types, numbered as they come: each
    rule asks for a few of them."""
    deepest = limits.in_force().code_depth
    found: dict[str, list[tuple[int, Node]]] = {}
    lines = _in_order(focus)
    depth = number = 0
    cursor = root.walk()
    while True:
        node = cursor.node
        assert node is not None
        near = _touches(node, lines)
        if near and node.is_named:
            number += 1
            found.setdefault(node.type, []).append((number, node))
        if near and depth >= deepest:
            source.leave_out_below(node)
        elif near and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
            depth -= 1


def functions_in_focus(image: FileImage) -> Iterator[Function]:
    """Yields the functions on lines in focus that could be parsed, in file order."""
    for function in image.source.functions:
        whole = not function.broken and function.body is not None
        if whole and image.in_focus(function.first_line, function.last_line):
            yield function


def with_functions(image: FileImage) -> FileImage:
    """Returns the image with all lines of the functions in focus, in focus."""
    if image.focus is None:
        return image
    lines = set(image.focus)
    for function in image.source.functions:
        if image.in_focus(function.first_line, function.last_line):
            lines.update(range(function.first_line, function.last_line + 1))
    return replace(image, focus=frozenset(lines))


def words_in_focus(image: FileImage) -> frozenset[str]:
    """Returns the identifiers on the lines in focus."""
    lines = (image.source.line_text(line) for line in image.focus or ())
    return frozenset(word for line in lines for word in IDENTIFIER.findall(line))


def _touches(node: Node, lines: list[int]) -> bool:
    """Whether one of the sorted lines lies within a node."""
    place = bisect.bisect_left(lines, int(node.start_point[0]) + 1)
    return place < len(lines) and lines[place] <= int(node.end_point[0]) + 1


def macro_around(image: FileImage, node: Node) -> str | None:
    """Returns the name of the macro whose body a node is all of, parentheses aside."""
    while node.parent is not None:
        node = node.parent
        if node.type in ("init_declarator", "declaration"):
            break
        if node.type != "parenthesized_expression":
            return None
    found = image.source.root.descendant_for_byte_range(node.start_byte, node.end_byte)
    while found is not None and found.type not in _DEFINES:
        found = found.parent
    name = found.child_by_field_name("name") if found is not None else None
    return image.source.text(name) if name is not None else None


def anchor(image: FileImage, source: Source, node: Node) -> str:
    """Returns the statement around a node; for a macro the text of the test itself."""
    if source.tree is image.source.tree:
        return source.anchor(node)
    return source.norm(node)


def finding(
    image: FileImage,
    rule: Rule,
    source: Source,
    node: Node,
    *,
    fields: dict[str, Any],
    edits: tuple[Edit, ...] = (),
    trial: tuple[Edit, ...] = (),
    evidence: tuple[Evidence, ...] = (),
    severity: Severity | None = None,
    confidence: Confidence = Confidence.PROVED,
    proof: dict[str, Any] | None = None,
) -> Finding:
    """Returns a finding that points at ``node``."""
    line = source.line_of(node)
    function = image.source.function_at(line)
    return Finding(
        rule=rule.name,
        severity=severity or rule.severity,
        confidence=confidence,
        file=image.source.path,
        line=line,
        fields=fields,
        evidence=evidence,
        edits=edits,
        trial=trial,
        column=int(node.start_point[1]),
        width=min(node.end_byte, _end_of_line(source, node)) - node.start_byte,
        function=function.name if function is not None else None,
        anchor=anchor(image, source, node),
        proof=proof,
    )


def always_built(source: Source, node: Node) -> bool:
    """Says whether no #if inside the function decides about a node: a self-test has
    calls that must not compile, and a build chooses a way."""
    line = source.line_of(node)
    function = source.function_at(line)
    if function is None:
        return False
    outer = source.condition(function.first_line)
    return bool(outer.implies(source.condition(line)))


def _end_of_line(source: Source, node: Node) -> int:
    end = source.data.find(b"\n", node.start_byte)
    return end if end >= 0 else len(source.data)


def evidence_at(source: Source, node: Node) -> Evidence:
    """Returns the line on which a node begins, as evidence; all of its statement where
    that began above: the tail of a call says nothing."""
    line = source.line_of(node)
    first, last = source.head_of_statement(node)
    if first < line <= last < first + SHORT:
        return Evidence(source.path, first, source.anchor(node))
    return Evidence(source.path, line, source.line_text(line).strip())


def replacing_edit(node: Node, text: str) -> tuple[Edit, ...]:
    """Returns the edit that writes ``text`` in the place of ``node``."""
    return (Edit(node.start_byte, node.end_byte, encode(text)),)
