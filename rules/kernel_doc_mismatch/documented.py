# SPDX-License-Identifier: GPL-2.0-or-later
"""The ``/** name() ... */`` block above a function, and the parameters that it has.

What scripts/kernel-doc.py (before 6.16: scripts/kernel-doc) takes for a parameter is
``@name:`` at the start of a line of the block.  It is never run: it is a stranger's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Function, Source
from reviewer.c.trees import function_declarator
from reviewer.doubts import give_up
from reviewer.patterns import regex

MOST_BYTES = 20_000  # of one block
_HEAD = regex(
    rb"/\*\*[ \t]*\r?\n[ \t]*\*[ \t]*(?:function[ \t]+)?(\w+)[ \t]*"
    rb"(?:\(\)|[-:\r\n])"
)
_PARAMETER = regex(rb"^[ \t]*\*[ \t]*@(\w+)(?:\.\.\.)?[ \t]*(?::|-|$)", re.MULTILINE)
# Sections that some write with an @: they name no parameter
_SECTIONS = frozenset({"return", "returns", "context", "note", "notes", "description"})


class Named(Struct, frozen=True):
    """A parameter that a block names: where its name stands in the file."""

    name: str
    start: int
    end: int


class Mismatch(Struct, frozen=True):
    """A function whose block does not have its parameters."""

    source: Source
    function: Function
    undocumented: tuple[Node, ...]  # declarations of parameters
    names: tuple[str, ...]  # their names
    excess: tuple[Named, ...]


def mismatches(image: FileImage) -> Iterator[Mismatch]:
    """Yields the functions in focus that their block does not match, in file order."""
    source = image.source
    if b"/**" not in source.data:
        return
    above = 0  # the last line of the function before: a block stands behind it
    for function in source.functions:
        first, above = above, max(above, function.last_line)
        if function.broken or function.body is None:
            continue
        if not image.in_focus(min(first, function.first_line), function.last_line):
            continue
        start = _block_above(source, function)
        if start is None:
            continue
        if not image.in_focus(source.line_at(start), function.last_line):
            continue
        found = _mismatch(source, function, start)
        if found is not None:
            yield found


def _block_above(source: Source, function: Function) -> int | None:
    """Where the block begins that ends right above a function."""
    end = function.node.start_byte
    while source.data[end - 1 : end].isspace():
        end -= 1
    if not source.data.endswith(b"*/", 0, end):
        return None
    start = source.data.rfind(b"/*", 0, end)
    whole = start >= 0 and source.data.startswith(b"/**", start, end)
    if whole and end - start > MOST_BYTES:
        give_up(f"a block of over {MOST_BYTES} bytes")
        return None
    return start if whole else None


def _mismatch(source: Source, function: Function, start: int) -> Mismatch | None:
    data = source.data[start : function.node.start_byte]
    head = _HEAD.match(data)
    if head is None or head[1].decode() != function.name:
        return None
    documented = [
        Named(match[1].decode(), start + match.start(1), start + match.end(1))
        for match in _PARAMETER.finditer(data)
    ]
    parameters = _parameters(source, function)
    if parameters is None:
        return None
    documented = [
        one
        for one in documented
        if one.name in parameters or one.name.lower() not in _SECTIONS
    ]
    if not documented:
        return None
    known = {one.name for one in documented}
    missing = {name: node for name, node in parameters.items() if name not in known}
    excess = tuple(one for one in documented if one.name not in parameters)
    if not missing and not excess:
        return None
    return Mismatch(source, function, tuple(missing.values()), tuple(missing), excess)


def _parameters(source: Source, function: Function) -> dict[str, Node] | None:
    """The parameters by name; None where one of them is not read, a macro maybe."""
    declarator = function_declarator(function.node)
    given = declarator.child_by_field_name("parameters") if declarator else None
    if given is None:
        return None
    found: dict[str, Node] = {}
    for node in given.named_children:
        text = source.norm(node)
        if node.type == "comment" or text in ("void", "..."):
            continue
        if node.type == "variadic_parameter":
            continue
        name = _name(node) if node.type == "parameter_declaration" else None
        if name is None:
            return None
        found[source.text(name)] = node
    return found


def _name(node: Node) -> Node | None:
    """The identifier that a parameter declares: of ``int (*fn)(int)`` fn."""
    at = node.child_by_field_name("declarator")
    while at is not None and at.type != "identifier":
        inner = at.child_by_field_name("declarator")
        if inner is None and at.type == "parenthesized_declarator":
            inner = at.named_children[0] if at.named_children else None
        at = inner
    return at
