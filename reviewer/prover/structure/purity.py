# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions that only read: asking one more of them changes nothing.

What they read must be there: a pointer that is followed is taken for a good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reviewer.c.text import IDENTIFIER
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source
    from reviewer.prover.names.definition_texts import MacroText
    from reviewer.prover.names.definitions import Definitions

_READ = frozenset(
    ["identifier", "field_expression", "field_identifier", "parenthesized_expression",
     "binary_expression", "unary_expression", "pointer_expression", "number_literal",
     "char_literal", "string_literal", "string_content", "escape_sequence", "null",
     "true", "false", "character", "subscript_expression", "conditional_expression",
     "cast_expression", "type_descriptor", "primitive_type", "sized_type_specifier",
     "struct_specifier", "enum_specifier", "union_specifier", "type_identifier",
     "abstract_pointer_declarator", "type_qualifier", "sizeof_expression",
     "call_expression", "argument_list", "comment", "concatenated_string"]
)  # fmt: skip
_FOLLOWS = frozenset(["field_expression", "pointer_expression", "subscript_expression"])
_MAY_STOP = frozenset(["/", "%"])
MOST_NODES = 200


def macros_of(definitions: Definitions, words: Iterable[str]) -> Iterator[MacroText]:
    """Yields the macros that some names stand for, and those in their texts."""
    waiting, seen = list(words), set[str]()
    while waiting:
        word = waiting.pop()
        for macro in definitions.macros(word) if word not in seen else ():
            yield macro
            waiting += IDENTIFIER.findall(macro.body)
        seen.add(word)


def only_reads(source: Source, node: Node, definitions: Definitions) -> bool:
    """Says whether an expression changes nothing and ends, whatever its value is."""
    for count, part in enumerate(source.walk(node)):
        if count > MOST_NODES:
            return False
        if not part.is_named:
            if part.type in _MAY_STOP:
                return False
            continue
        if part.type not in _READ:
            return False
        if part.type == "call_expression" and not _looks(source, part, definitions):
            return False
        if part.type in ("identifier", "field_identifier") and not _is_plain(
            source.text(part), definitions, part
        ):
            return False
    return True


def follows_pointers(source: Source, node: Node) -> list[str]:
    """Returns the expressions in a condition that are read through a pointer."""
    found: dict[str, None] = {}
    for part in source.walk(node, *_FOLLOWS):
        text = source.norm(part)
        if not text.startswith("&"):
            found.setdefault(text)
    return list(found)


def _looks(source: Source, node: Node, definitions: Definitions) -> bool:
    callee = node.child_by_field_name("function")
    if callee is None or callee.type != "identifier":
        return False
    return definitions.reads_only(source.text(callee))


def _is_plain(word: str, definitions: Definitions, node: Node) -> bool:
    """Whether a name is a variable, or a macro that only looks."""
    if encode(word) in _volatile(definitions):
        return False
    parent = node.parent
    if parent is not None and parent.type == "call_expression":
        return True  # asked about by itself
    if not definitions.is_macro(word):
        return True
    return definitions.readers.looks_only(word)


def _volatile(definitions: Definitions) -> frozenset[bytes]:
    return frozenset(encode(name) for name in definitions.volatile)
