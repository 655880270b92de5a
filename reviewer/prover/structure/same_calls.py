# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ways to write one call, by what the headers of the tree say of it.

``str_read_write(x)`` is ``x ? "read" : "write"``, and ``strscpy(a, b)`` is
``strscpy(a, b, sizeof(a))``: steps that differ in nothing else are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from reviewer.patterns import regex
from reviewer.prover.names.visible_headers import is_for_all
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Function, Source
    from reviewer.prover.names.definitions import Definitions

    Rewritten = tuple[int, int, bytes]  # from, to, what stands for it
    Choice = tuple[str, str, str]  # of which condition, what if so, what if not

STRING_H = "include/linux/string.h"
_SIZED = frozenset(["strscpy", "strscpy_pad"])
_BY_NUMBER = "CONCATENATE(__"  # of arguments: with two of them the size is that of one
# include/linux/string_choices.h
_CHOICE = regex(
    r'\{\s*return\s+(\w+)\s*\?\s*("[^"\\]*+")\s*:\s*("[^"\\]*+")\s*;\s*\}\s*\Z'
)
_CHECKS = regex(r" ?\+ ?__must_be_\w+ ?\( ?\w+ ?\)")  # include/linux/compiler.h
_HANDS_ON = regex(r"(\w+) ?\( ?(\w+) ?, ?(\w+) ?, ?([\w()]+?) ?\)")
_SWAPPED = regex(r"(\w+)\s*\(\s*!\s*\(\s*(\w+)\s*\)\s*\)\s*\Z")


def rewritten(
    source: Source, function: Function, definitions: Definitions
) -> Iterator[Rewritten]:
    """Yields the calls and choices of a function, in the order of the text, that can be
    written in another way, each with the one way that stands for all."""
    end = 0
    kinds = ("call_expression", "conditional_expression")
    for node in source.walk(function.node, *kinds):
        if node.start_byte < end:
            continue
        text = _copied(source, node, definitions) or _chosen(source, node, definitions)
        callee = node.child_by_field_name("function")
        words = set() if callee is None else {source.text(callee)}
        if text and not is_shadowed(source, function, words):
            whole = _with_parentheses(node)
            end = whole.end_byte
            yield whole.start_byte, end, encode(text)


def is_shadowed(source: Source, function: Function, names: Set[str]) -> bool:
    """Says whether what is called may be a variable of the function: one of the names
    is used without a call, too."""
    return any(
        node.parent is None or node.parent.type != "call_expression"
        for node in source.walk(function.node, "identifier")
        if source.text(node) in names
    )


def _with_parentheses(node: Node) -> Node:
    """An argument with the parentheses around all of it."""
    whole = node
    while whole.parent is not None and whole.parent.type == "parenthesized_expression":
        whole = whole.parent
    is_argument = whole.parent is not None and whole.parent.type == "argument_list"
    return whole if is_argument else node


def call_of(source: Source, node: Node) -> tuple[str, list[Node]] | None:
    """Returns what is called by its name, and what it is handed; else None."""
    callee = node.child_by_field_name("function")
    given = node.child_by_field_name("arguments")
    if callee is None or given is None or callee.type != "identifier":
        return None
    return source.text(callee), [n for n in given.named_children if n.type != "comment"]


def _copied(source: Source, node: Node, definitions: Definitions) -> str:
    """A copy of a string that is told the size of the array it goes to."""
    call = call_of(source, node)
    if call is None or call[0] not in _SIZED or len(call[1]) != 3:
        return ""
    macros = definitions.macros(call[0])
    if not macros or any(
        macro.path != STRING_H or _BY_NUMBER not in macro.body for macro in macros
    ):
        return ""
    if not _is_of_the_array(definitions, call[0]):
        return ""
    target, what, size = (source.norm(one) for one in call[1])
    if size.replace(" ", "") not in (f"sizeof({target})".replace(" ", ""),):
        return ""
    return f"{call[0]}({target}, {what})"


def _is_of_the_array(definitions: Definitions, name: str) -> bool:
    """Whether a call with two arguments is one with the size of the first: by the
    macros that the tree has for both, of which the file has no others."""
    handed = []
    for number in range(2):
        macros = definitions.macros(f"__{name}{number}")
        if len(macros) != 1 or macros[0].path != STRING_H:
            return False
        body = _CHECKS.sub("", " ".join(macros[0].body.split()))
        handed.append(_HANDS_ON.fullmatch(body))
    words = (f"__{name}0", f"__{name}1", name, "CONCATENATE", "COUNT_ARGS")
    if any(
        word in definitions.redefined
        or not all(is_for_all(macro.path) for macro in definitions.macros(word))
        for word in words
    ):
        return False
    short, long = handed
    if short is None or long is None or short[1] != long[1]:
        return False
    return short[4] == f"sizeof({short[2]})" and long[4].isidentifier()


# --- one of two strings ---------------------------------------------------------------


def _chosen(source: Source, node: Node, definitions: Definitions) -> str:
    found = _by_hand(source, node) or _by_name(source, node, definitions)
    if found is None:
        return ""
    return f"({found[0]} ? {found[1]} : {found[2]})"


def _by_hand(source: Source, node: Node) -> Choice | None:
    parts = [
        node.child_by_field_name(name)
        for name in ("condition", "consequence", "alternative")
    ]
    asked, one, two = parts
    if asked is None or one is None or two is None:
        return None
    if one.type != "string_literal" or two.type != "string_literal":
        return None
    return _asked(source, asked, source.text(one), source.text(two))


def _by_name(source: Source, node: Node, definitions: Definitions) -> Choice | None:
    call = call_of(source, node)
    if call is None or len(call[1]) != 1:
        return None
    name, swap = call[0], False
    if name in definitions.redefined:
        return None
    macros = definitions.macros(name)
    if macros:
        found = _SWAPPED.match(macros[0].body)
        if len(macros) > 1 or not found or macros[0].parameters != (found[2],):
            return None
        name, swap = found[1], True
    texts = definitions.functions(name)
    if len(texts) != 1 or (~texts[0].condition).satisfiable():
        return None
    if swap and definitions.macros(name):
        return None
    choice = _CHOICE.search(texts[0].body)
    if choice is None or " ".join(texts[0].parameters.split()) != f"bool {choice[1]}":
        return None
    one, two = (choice[3], choice[2]) if swap else (choice[2], choice[3])
    return _asked(source, call[1][0], one, two)


def _asked(source: Source, node: Node, one: str, two: str) -> Choice:
    """A choice by what is asked, without parentheses and without a not."""
    while True:
        if node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
            continue
        argument = node.child_by_field_name("argument")
        operator = node.child_by_field_name("operator")
        if node.type != "unary_expression" or argument is None or operator is None:
            break
        if source.text(operator) != "!":
            break
        node, one, two = argument, two, one
    return f"({source.norm(node)})", one, two
