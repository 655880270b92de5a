# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to be so in a function that is run on terms: a name is one thing all over
it, what a macro makes is seen, and the size of a variable is a number.
"""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER, without_strings
from reviewer.patterns import regex
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.scope_ends import has_scope_end
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.reading import outside_brackets
from reviewer.prover.structure.steps import NotRead

_SCOPES = ("compound_statement", "for_statement")
_LOOPS = ("for", "while")
_ASM = regex(r"\b(?:asm|__asm|__asm__)\s+(?:__)?volatile(?:__)?\b")
_VOLATILE = frozenset(["volatile", "__volatile", "__volatile__"])
_TYPE_OF = frozenset(["typeof", "__typeof__", "__typeof", "__auto_type",
                      "typeof_unqual", "__unqual_scalar_typeof"])  # fmt: skip
_SIZED = ("array_declarator", "abstract_array_declarator")
_TYPES = ("struct_specifier", "union_specifier", "enum_specifier")
_DEEPEST = 8  # macros of loops in one another


def check_body(body: OneFunction) -> None:
    """Raises NotRead where a name is a variable in one block and another thing outside
    of it, where something is done when a scope ends, and where a type is of the
    function alone."""
    for macro in macros_of(body.known, body.words):
        if has_scope_end(macro.body):
            raise NotRead(f"a scope ends with {macro.name}()")
    if not body.words.isdisjoint(_TYPE_OF):
        raise NotRead("a type that hangs on a variable")
    for node in body.source.walk(body.function.node, *_TYPES):
        if {"name", "body"} <= {
            node.field_name_for_child(n) for n in range(node.child_count)
        }:
            raise NotRead("a type of its own")
    for ones in body.variables.values():
        for one in ones:
            if not one.is_parameter:
                _check_scope(body, one.name, one.node)


def _check_scope(body: OneFunction, name: str, declared: Node) -> None:
    scope = declared.parent
    while scope is not None and scope.type not in _SCOPES:
        scope = scope.parent
    if scope is None:
        raise NotRead("a variable of no block")
    for one in body.source.walk(body.function.node, "identifier"):
        inside = declared.start_byte <= one.start_byte < scope.end_byte
        if not inside and body.text(one) == name:
            raise NotRead("a name of a variable outside of its block")


def is_one_loop(body: OneFunction, node: Node) -> bool:
    """Says whether a loop that a macro makes is one: who breaks it is behind it."""
    name = IDENTIFIER.search(body.source.text(node))
    return name is not None and _loops_in(body.known, name[0], 0) == 1


def _loops_in(known: Definitions, name: str, depth: int) -> int:
    found = 0
    for macro in known.macros(name):
        plain = outside_brackets(without_strings(macro.body))
        if plain is None or depth > _DEEPEST:
            return 2
        words = IDENTIFIER.findall(plain)
        if "switch" in words or "do" in words:
            return 2
        count = sum(
            1 if word in _LOOPS else _loops_in(known, word, depth + 1) for word in words
        )
        found = max(found, count)
    return found


def may_read_volatile(body: OneFunction) -> bool:
    """Says whether some of what a function reads through pointers may be volatile: then
    it is seen, and in which order."""
    text = _ASM.sub("asm", body.source.text(body.function.node))
    words = frozenset(IDENTIFIER.findall(text))
    known = body.known.volatile
    if not words.isdisjoint(_VOLATILE):
        return True
    types = (body.text(one) for one in body.source.walk(
        body.function.node, "type_identifier"))  # fmt: skip
    callees = (call.child_by_field_name("function")
               for call in body.walk("call_expression"))  # fmt: skip
    names = {body.text(one) for one in callees if one is not None}
    return not known.isdisjoint(names.union(types))


def check_sizes(body: OneFunction, node: Node) -> None:
    """Raises NotRead where the length of an array is no number."""
    for array in body.source.walk(node, *_SIZED):
        size = array.child_by_field_name("size")
        for one in () if size is None else body.source.walk(size, "identifier"):
            name = body.text(one)
            if name in body.variables or is_function(body.known, name):
                raise NotRead("a length that is no number")
            if not body.known.is_macro(name) and not body.is_constant(name):
                raise NotRead("a length that may be no number")
