# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors that dev_err_probe() prints by itself, printed by its format once more."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.expressions import call, object_read
from reviewer.models import Edit
from reviewer.patterns import regex

NAME = "dev_err_probe"
_CONVERSION = regex(r"%(?:%|[-+ #0]*[\d.]*(?:hh|h|ll|l|z|t)?([diuxXscpeEfgGo]))")
_NUMBER = regex(r"%l?[di]\Z")
# what stands around the number at the end of a format, and goes with it
_TAIL = regex(
    r"(?:[ ,:;=-]*\b(?:err|error|ret|rc|errno|code|status|with|returned))*"
    r'[ ,:;=-]*(?:\(%l?[di]\)|\[%l?[di]\]|%l?[di])[.!]?(?=(?:\\n)?"\Z)'
)
_OPEN = regex(r"\b(?:to|of|in|get|the|a|an|for|and|by|on)\Z")


class Twice(Struct, frozen=True):
    """A call that prints its error twice."""

    source: Source
    call: Node
    error: str  # "ret", "PTR_ERR(clk)"
    conversion: str  # "%d"
    edits: tuple[Edit, ...]


def printed_twice(image: FileImage) -> Iterator[Twice]:
    """Yields the calls in focus whose format prints the error once more."""
    for source, node in places.nodes(image, "call_expression"):
        name, given = call(source, node)
        if name == NAME and len(given) > 3:
            found = _twice(source, node, given)
            if found is not None:
                yield found


def _twice(source: Source, node: Node, given: tuple[Node, ...]) -> Twice | None:
    error, text = object_read(source, given[1]), source.text(given[2])
    if given[2].type not in ("string_literal", "concatenated_string"):
        return None
    found = list(_CONVERSION.finditer(text))
    conversions = [match[0] for match in found if match[1] is not None]
    arguments = given[3:]
    if "*" in text or len(conversions) != len(arguments):
        return None
    for number, (conversion, argument) in enumerate(
        zip(conversions, arguments, strict=True)
    ):
        if object_read(source, argument) == error and _NUMBER.match(conversion):
            last = number == len(arguments) - 1
            edits = _edits_of(source, given) if last else ()
            return Twice(source, node, source.norm(given[1]), conversion, edits)
    return None


def _edits_of(source: Source, given: tuple[Node, ...]) -> tuple[Edit, ...]:
    """The format without the number at its end, and without the last argument."""
    form = given[2]
    match = _TAIL.search(source.text(form)) if form.type == "string_literal" else None
    if match is None or match.start() <= 1:
        return ()
    if _OPEN.search(source.text(form)[: match.start()]):
        return ()  # "failed to get error": the word is wanted
    start = form.start_byte + len(source.text(form)[: match.start()].encode())
    return (
        Edit(start, start + len(match[0].encode()), b""),
        Edit(given[-2].end_byte, given[-1].end_byte, b""),
    )
