# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function is handed, with one way to write it: an enumerator, true and false
as numbers; an address without a cast, as it gets the type of the parameter.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.formula import TRUE
from reviewer.patterns import regex
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.syntax import bare

_NUMBER = regex(r"-?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)\Z")
_PLAIN_POINTER = regex(
    r"(?:(?:un)?signed |long |short )*+"
    r"(?:void|char|int|long|short|[us](?:8|16|32|64))\*+\Z"
)
_TRUTH = {"false": "0", "true": "1"}  # include/linux/stddef.h


def arguments(body: OneFunction) -> list[Edit]:
    """Rewrites what functions are handed; a macro may look at more than the value."""
    return [
        (node.start_byte, node.end_byte, text)
        for call in body.walk("call_expression")
        for node in _handed(body, call)
        if (text := _plainly(body, node))
    ]


def _handed(body: OneFunction, call: Node) -> Iterator[Node]:
    callee = call.child_by_field_name("function")
    given = call.child_by_field_name("arguments")
    if callee is None or given is None or callee.type != "identifier":
        return
    name = body.text(callee)
    if name not in body.variables and is_function(body.known, name):
        yield from given.named_children


def is_function(known: Definitions, name: str) -> bool:
    """Says whether a name is a function, and nowhere a macro."""
    if known.may_be_defined(name):
        return False
    return bool(known.functions(name) or known.prototypes(name))


def _plainly(body: OneFunction, node: Node) -> str:
    inner = bare(node)
    if inner.type in ("identifier", "true", "false"):
        word = body.text(inner)
        return "" if word in body.variables else number_of(body.known, word)
    if inner.type != "cast_expression":
        return ""
    kind, value = (inner.child_by_field_name(n) for n in ("type", "value"))
    if kind is None or value is None or not body.text(kind).endswith("*"):
        return ""
    name = body.text(bare(value))
    if body.squeezed(inner, kind, value) != "()":
        return ""
    if is_plain_address(body, name) or (
        name not in body.variables and is_function(body.known, name)
    ):
        return name
    return ""


def is_plain_address(body: OneFunction, name: str) -> bool:
    """Says whether a variable points to bytes or numbers: a cast of one that points to
    a struct shows where that is used as another."""
    return _PLAIN_POINTER.match(body.type_of(name)) is not None and (
        body.is_private(name)
    )  # fmt: skip


def number_of(known: Definitions, word: str) -> str:
    """Returns the number that an enumerator, true or false stands for, "" where that is
    not plain: a member of an enum that no condition and no expression is in."""
    if known.may_be_defined(word):
        return ""
    enum = known.enum(word)
    if enum is None:
        return "" if known.is_in_headers(word) else _TRUTH.get(word, "")
    number = 0
    for member, text, condition in enum.members:
        if condition != TRUE or (text is not None and not _NUMBER.match(text.strip())):
            return ""
        if text is not None:
            number = _value(text.strip())
        if member == word:
            return str(number)
        number += 1
    return ""


def _value(text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    if digits.lower().startswith("0x"):
        return sign * int(digits, 16)
    return sign * int(digits, 8 if digits.startswith("0") else 10)
