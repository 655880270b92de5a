# SPDX-License-Identifier: GPL-2.0-or-later
"""The helpers that a header defines, written out or made by its generators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reviewer.c.conditions import Condition
from reviewer.c.file_memory import once_per_subject
from reviewer.facts.accesses import pointers, without_assertions
from reviewer.facts.expansion import Generated, Generators
from reviewer.facts.header import Header, HeaderFunction, words
from reviewer.facts.helper_records import IGNORED, HelperDefinition
from reviewer.models import Evidence
from reviewer.patterns import regex

_BIT_OPERATION = regex(
    r"\b(_*)(?:arch_+)?(test_and_set|test_and_clear|test_and_change|set|clear|change|test)"
    r"_bit(?:_lock|_unlock|_acquire)?\s*\(\s*+([^,()]*?[^,()\s])\s*+,"
)
_PAGE_POLICY = regex(r"&\s*(\w+)\s*\([^()]*,\s*[01]\s*\)\s*->")
_FOLIO_POLICY = regex(r"\b\w*folio_flags\s*\(\s*\w+\s*,\s*([A-Z]\w*)\s*\)")
_STUB = regex(
    r"\{\s*(?:return\s*\(?\s*(?P<value>false|true|NULL|-?\w+)\s*\)?\s*;)?\s*\}"
)
_CONSTANT_WORD = regex(r"false|true|NULL|-?\d\w*|-?[A-Z][A-Z0-9_]*\Z")


@once_per_subject
def generators_of(header: Header) -> Generators:
    """Returns the macros of a header that generate helpers, made once."""
    return Generators(header)


KINDS = (  # what the name says, where the body is empty
    ("test_and_set", regex(r"TestSetPage|folio_test_set_")),
    ("test_and_clear", regex(r"TestClearPage|folio_test_clear_")),
    ("set", regex(r"_*SetPage|_*folio_set_|_*folio_mark_")),
    ("clear", regex(r"_*ClearPage|_*folio_clear_")),
    (
        "test",
        re.compile(r"_*Page[A-Z]|_*folio_test_|_*folio_has_|is_|page_is_|page_has_"),
    ),
)


def definitions_of(header: Header) -> Iterator[HelperDefinition]:
    """Yields all definitions of a header in the order of its lines."""
    generated = generators_of(header).generated()
    found = [generated_definition(header, made) for made in generated]
    for functions in header.functions.values():
        found += [written_definition(header, function) for function in functions]
    for name in header.macros:
        found += macro_definitions(header, name)
    yield from sorted(found, key=lambda definition: definition.evidence.line)


def definitions_in(header: Header, name: str) -> list[HelperDefinition]:
    """Returns the definitions of one function (or function-like macro) in a header."""
    found = [
        written_definition(header, function)
        for function in header.functions_named(name)
    ]
    found += [
        generated_definition(header, made)
        for made in generators_of(header).generated(name)
    ]
    found += macro_definitions(header, name)
    return sorted(found, key=lambda definition: definition.evidence.line)


def generated_definition(header: Header, made: Generated) -> HelperDefinition:
    """Returns what a generator line makes."""
    return _definition(
        header,
        made.function,
        made.condition,
        made.invocation.line,
        made.invocation.name,
        header.evidence(made.generator.line),
    )


def written_definition(header: Header, function: HeaderFunction) -> HelperDefinition:
    """Returns what stands there as a function."""
    line = header.line_of(function.start)
    return _definition(header, function, header.condition(line), line, None, None)


def _definition(
    header: Header,
    function: HeaderFunction,
    condition: Condition,
    line: int,
    generator: str | None,
    generator_evidence: Evidence | None,
) -> HelperDefinition:
    stub, value = stub_value(function.body)
    operation = None if stub else _BIT_OPERATION.search(function.body)
    kind = operation[2] if operation else kind_by_name(function.name)
    atomic = None
    if operation and operation[2] != "test":
        atomic = not operation[1].startswith("__")
    taken = pointers(function.parameters)
    flag = operation[3] if operation else None
    policy = _FOLIO_POLICY.search(function.body) or _PAGE_POLICY.search(function.body)
    return HelperDefinition(
        function.name,
        condition,
        stub,
        value,
        header.evidence(line),
        generator,
        generator_evidence,
        kind,
        atomic,
        flag if flag and re.fullmatch(r"[A-Za-z_]\w*", flag) else None,
        policy[1] if policy else None,
        ("folio" if taken[0][1] else "page") if taken else None,
        function.returns,
        function.parameters,
        function.body,
        is_prototype=not function.body,
    )


def mentions_definition(header: Header, name: str) -> bool:
    """Says whether a line at the margin, or a #define, has the name with a parenthesis:
    a cheap test that spares reading the header."""
    text, call = header.text, f"{name}("
    at = text.find(call)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        if not text[start : start + 1].isspace() and text[start] != "*":
            return True
        at = text.find(call, at + 1)
    return False


def macro_definitions(header: Header, name: str) -> list[HelperDefinition]:
    """Returns a #define that stands for a function: one that is lower case in part."""
    found = []
    for define in () if name.isupper() else header.macros_named(name):
        if define.params is None:
            continue
        body = words(define.body)
        constant = _CONSTANT_WORD.fullmatch(body.strip("() "))
        nothing = body in ("", "do { } while (0)", "do {} while (0)", "((void)0)")
        found.append(
            HelperDefinition(
                name,
                header.condition(define.line),
                constant is not None or nothing,
                constant[0] if constant else None,
                header.evidence(define.line),
                None,
                None,
                kind_by_name(name),
                None,
                None,
                None,
                _macro_takes(name, define.params, body),
                "",
                ", ".join(define.params),
                define.body,
                is_macro=True,
            )
        )
    return found


def _macro_takes(name: str, params: Sequence[str], body: str) -> str | None:
    """What a macro is given: as it chooses by type, else by its names.

    page_folio(p) is about both and is given a page.
    """
    chosen = re.search(r"\bstruct (page|folio) \*\s*:", body)
    if chosen is not None:
        return chosen[1]
    if params and params[0] in ("page", "folio"):
        return params[0]
    return "folio" if "folio" in name else "page" if "Page" in name else None


def stub_value(body: str) -> tuple[bool, str | None]:
    """Says whether a body is constant or empty, and what it returns."""
    if len(body) > 400:
        return False, None
    text = words(IGNORED.sub(" ", without_assertions(body)))
    text = re.sub(r"(?<=[;{])\s*0\s*;", "", text)  # an assertion that was taken out
    match = _STUB.fullmatch(text)
    if match is None:
        return False, None
    value = match["value"]
    if value is not None and not _CONSTANT_WORD.fullmatch(value):
        return False, None
    return True, value


def kind_by_name(name: str) -> str:
    """Returns the kind that the naming scheme of the kernel gives a helper."""
    for kind, pattern in KINDS:
        if pattern.match(name):
            return kind
    return "other"
