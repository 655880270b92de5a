# SPDX-License-Identifier: GPL-2.0-or-later
"""``dev_err_probe(dev, ret, "no clock: %d\\n", ret)`` prints the error twice."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.kit import places
from reviewer.kit.expressions import call, object_read
from reviewer.models import Edit, Evidence
from reviewer.patterns import regex

RULE = Rule(
    name="dev-err-probe",
    summary="an error that dev_err_probe() prints by itself, printed once more",
    severity=Severity.LOW,
    scope=Scope.FILE,
    precedent=("<20241207181058.3df9c7a0@jic23-huawei>",),
    trigger=rb"dev_err_probe",
)
_HOME = "drivers/base/core.c"
# what it does with the error: "error %pe: %pV", ERR_PTR(err)
_PRINTS = regex(r'dev_err\(dev, "error %pe: %pV"')


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every call whose format has the error that is printed in front of it."""
    prints = _prints(image)
    if prints is not None:
        for twice in printed_twice(image):
            yield _finding(image, twice, prints)


def _prints(image: FileImage) -> Evidence | None:
    """Where this tree's dev_err_probe() prints the error, None if it does not."""
    header = image.facts.header(_HOME)
    found = _PRINTS.search(header.text) if header is not None else None
    if header is None or found is None:
        return None
    return header.evidence(header.text.count("\n", 0, found.start()) + 1)


def _finding(image: FileImage, twice: Twice, prints: Evidence) -> Finding:
    source = twice.source
    return places.finding(
        image,
        RULE,
        source,
        twice.call,
        fields={"error": twice.error, "conversion": twice.conversion},
        edits=twice.edits,
        evidence=(prints,),
    )


# --- errors that dev_err_probe() prints by itself, printed by its format once more ----

NAME = "dev_err_probe"
_CONVERSION = regex(r"%(?:%|[-+ #0]*[\d.]*(?:hh|h|ll|l|z|t)?([diuxXsceEfgGo]|p\w*))")
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
        printed = object_read(source, argument)
        if _NUMBER.match(conversion):
            same = printed == error
        else:  # by its name
            same = conversion == "%pe" and (
                printed == f"ERR_PTR({error})" or error == f"PTR_ERR({printed})"
            )
        if same:
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
