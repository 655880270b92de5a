# SPDX-License-Identifier: GPL-2.0-or-later
"""``p = f(); if (!p)`` where f() returns error pointers, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Function
from reviewer.kit import places
from reviewer.rules.err_ptr_or_null.interfaces import Failing, returned_on_failure
from reviewer.rules.err_ptr_or_null.returned_pointers import ways_to_fail
from reviewer.rules.err_ptr_or_null.tested_results import Tested, tested_results

RULE = Rule(
    name="err-ptr-or-null",
    summary="NULL looked for where an error pointer is returned, or the reverse",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<fe1b90d0-7234-4e03-accc-69a119f6a7eb@moroto.mountain>",
        "<add654be-759f-4b2d-93ba-a3726dae380c@stanley.mountain>",
    ),
    trigger=rb"IS_ERR|if(?<!\wif)\s*\([^;]{0,400}[!=]",
)
_TESTED_BY_NOBODY = "debugfs_"  # fs/debugfs/inode.c: not to be tested at all


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every test of a returned pointer that asks for what is never returned."""
    for tested in tested_results(image):
        needless = tested.called.startswith(_TESTED_BY_NOBODY)
        if needless and (tested.asks_error or tested.other):
            continue
        own = tested.source.function_named(tested.called)
        if own is not None:
            yield from _by_body(image, tested, own)
        else:
            yield from _by_table(image, tested)


def _by_body(image: FileImage, tested: Tested, own: Function) -> Iterator[Finding]:
    source = tested.source
    here = source.condition(source.line_of(tested.call))
    if not here.implies(source.condition(own.first_line)):
        return  # a stub of some configurations: what others have is not here
    ways = ways_to_fail(tested.source, own)
    returned, other = ("null", "error") if tested.asks_error else ("error", "null")
    if "unknown" in ways or other in ways or returned not in ways:
        return
    evidence = places.evidence_at(source, ways[returned])
    known = Failing(not tested.asks_error, evidence, in_body=True)
    yield _finding(image, tested, known, Confidence.PROVED)


def _by_table(image: FileImage, tested: Tested) -> Iterator[Finding]:
    known = returned_on_failure(image.facts, tested.called)
    if known is not None and known.is_error != tested.asks_error:
        yield _finding(image, tested, known, Confidence.LIKELY)


def _finding(
    image: FileImage,
    tested: Tested,
    known: Failing,
    confidence: Confidence,
) -> Finding:
    source = tested.source
    right = tested.pointer if tested.asks_error else f"IS_ERR({tested.pointer})"
    needless = tested.called.startswith(_TESTED_BY_NOBODY)
    if tested.asks_error != tested.negated:
        right = f"!{right}"
    fields: dict[str, Any] = {
        "called": tested.called,
        "pointer": tested.pointer,
        "test": source.norm(tested.test),
        "asks_error": tested.asks_error,
        "right": right,
        "other": tested.other,
        "needless": needless,
        "in_body": known.in_body,
    }
    return places.finding(
        image,
        RULE,
        source,
        tested.test,
        fields=fields,
        evidence=(known.evidence,),
        severity=Severity.LOW if needless else RULE.severity,
        confidence=confidence,
    )
