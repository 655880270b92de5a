# SPDX-License-Identifier: GPL-2.0-or-later
"""Where ``guard()``, ``scoped_guard()`` and ``__free()`` stand in a function.

They are followed (``guards``) where they stand directly in a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.prover.syntax import part_of
from reviewer.utf8 import decode, encode

_FREE = re.compile(rb"\b__free\s*\(\s*(\w+)\s*\)")
_ANY = re.compile(rb"\b(?:guard|scoped_guard|__free)\s*\(")
_SCOPED = b"scoped_guard"
WHY = "something is done when a scope ends"


def without_known_heads(source: Source, body: Node) -> str:
    """Returns the text of a node without the words ``guard(x)``, ``scoped_guard`` and
    ``__free(x)`` where they are followed: directly in a block."""
    data, start = bytearray(source.data), body.start_byte
    if not _ANY.search(data, start, body.end_byte):
        return source.text(body)
    for node in _in_a_block(source, body, "expression_statement"):
        if guard_of(source, node) is not None:
            callee = part_of(node.named_children[0], "function")
            _blank(data, callee.start_byte, callee.end_byte)
    for start_, end in followed_frees(source, body):
        _blank(data, start_, end)
    for node in source.walk(body, "while_statement"):
        if is_scoped_guard(source, node):
            _blank(data, node.start_byte, node.start_byte + len(_SCOPED))
    return decode(data[start : body.end_byte])


def followed_frees(source: Source, body: Node) -> list[tuple[int, int]]:
    """Returns (start, end) of each ``__free(x)`` in a node that is run where its block
    ends."""
    if not _FREE.search(source.data, body.start_byte, body.end_byte):
        return []
    return [
        found.span()
        for node in _in_a_block(source, body, "declaration")
        if freed_by(source, node)
        for found in _FREE.finditer(source.data, node.start_byte, node.end_byte)
    ]


def _in_a_block(source: Source, body: Node, kind: str) -> Iterator[Node]:
    for node in source.walk(body, kind):
        if node.parent is not None and node.parent.type == "compound_statement":
            yield node


def may_end(text: str) -> bool:
    """Says whether a piece of code has a guard or the like in it."""
    return _ANY.search(encode(text)) is not None


def _blank(data: bytearray, start: int, end: int) -> None:
    data[start:end] = b" " * (end - start)


def guard_of(source: Source, node: Node) -> tuple[str, list[Node]] | None:
    """Returns the class and the arguments of ``guard(class)(arguments);``."""
    if node.type != "expression_statement" or node.named_child_count != 1:
        return None
    call = node.named_children[0]
    callee = call.child_by_field_name("function")
    if call.type != "call_expression" or callee is None:
        return None
    if callee.type != "call_expression":
        return None
    if source.text(part_of(callee, "function")) != "guard":
        return None
    names = part_of(callee, "arguments").named_children
    if len(names) != 1 or names[0].type != "identifier":
        return None
    return source.text(names[0]), arguments_of(part_of(call, "arguments"))


def freed_by(source: Source, node: Node) -> str:
    """Returns the name in ``__free(name)`` of a declaration of one variable."""
    if node.type != "declaration" or "__free" not in source.text(node):
        return ""
    found = _FREE.findall(source.data, node.start_byte, node.end_byte)
    declared = node.children_by_field_name("declarator")
    return found[0].decode() if len(found) == len(declared) == 1 else ""


def is_scoped_guard(source: Source, node: Node) -> bool:
    """Says whether a while is a ``scoped_guard(class, arguments)`` in the file."""
    text = source.data[node.start_byte : node.start_byte + len(_SCOPED) + 1]
    return source.is_iterator(node) and re.match(rb"scoped_guard\W", text) is not None


def arguments_of(node: Node) -> list[Node]:
    """Returns the arguments of a call."""
    return [child for child in node.named_children if child.type != "comment"]
