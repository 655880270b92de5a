# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function reads twice while others change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

from msgspec.structs import replace

from reviewer.api import (
    Confidence,
    FileImage,
    Finding,
    Rule,
    Scope,
    Severity,
    Skipped,
    Step,
)
from reviewer.facts import FactsMissing
from reviewer.kit import missing_facts, places
from reviewer.kit.pageword import FunctionScope as Function
from reviewer.kit.pageword import scopes
from reviewer.rules.non_atomic_flag_read.snapshots import (
    Again,
    Kind,
    of_function,
    read_again,
)

RULE = Rule(
    name="non-atomic-flag-read",
    summary="a flags word, folio or pointer read again where one reading was taken",
    severity=Severity.MEDIUM,
    scope=Scope.STEP,
    precedent=(
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
        'd99e3140a4d3 ("mm: turn folio_test_hugetlb into a PageType")',
    ),
    trigger=rb"flags|folio_test_|Page[A-Z]|page_folio|compound_head|->mapping\b",
)


def check(step: Step) -> Iterator[Finding]:
    """Yields what a patch makes a function read twice; raises Skipped for a tree
    without the facts.

    A function that did so before and does it no more often than it did is left alone:
    what is said is what the patch brings in.
    """
    if step.post is None:
        return
    try:
        before = cache(lambda: _before(step))
        for scope in scopes(step.post):
            found = read_again(step.post.facts, scope)
            for kind in Kind:
                yield from _of_kind(step.post, scope, found, kind, before)
        missing_facts.need_helpers(step.post.facts)
    except FactsMissing as missing:
        raise Skipped(RULE.name, str(missing), step.change.path) from None


def _before(step: Step) -> dict[str, list[Again]]:
    """By function, what the pre-image reads twice."""
    if step.pre is None:
        return {}
    whole = replace(step.pre, focus=None)
    return {s.function.name: read_again(whole.facts, s) for s in scopes(whole)}


def _of_kind(
    image: FileImage,
    scope: Function,
    found: list[Again],
    kind: Kind,
    before: Callable[[], dict[str, list[Again]]],
) -> Iterator[Finding]:
    """One finding for a function and kind, on the first read that is new."""
    now = [one for one in found if one.kind is kind]
    if not now:
        return  # as nearly always: the whole of the file before need not be read
    was = of_function(image.source, scope, before())
    old = [one for one in was if one.kind is kind]
    if len(now) <= len(old):
        return
    left = Counter(one.text for one in old)
    new = []
    for one in now:
        if left[one.text]:
            left[one.text] -= 1
        else:
            new.append(one)
    mixes = any(one.kind is kind for some in before().values() for one in some)
    if mixes and kind is Kind.FOLIO:
        return  # code on its way to folios computes one more for a while
    shown = [one for one in new if _in_focus(image, one)] or new
    if shown:
        yield _finding(image, shown[0], [one.text for one in new], mixes)


def _in_focus(image: FileImage, one: Again) -> bool:
    line = image.source.line_of(one.node)
    return image.in_focus(line, line)


def _finding(image: FileImage, one: Again, texts: list[str], mixes: bool) -> Finding:
    here = _in_focus(image, one)
    split = one.kind in (Kind.FOLIO, Kind.ASSERTS)
    severity = Severity.HIGH if split else RULE.severity
    fields = {
        "kind": one.kind.value,
        "read": one.text,
        "first": one.first_text,
        "what": one.what,
        "reads": list(dict.fromkeys(texts)),
        "reload": one.kind is Kind.FLAGS and one.text.startswith(f"{one.what} = "),
    }
    return places.finding(
        image,
        RULE,
        image.source,
        one.node if here else one.first,
        fields=fields,
        evidence=one.evidence,
        severity=Severity.INFO if mixes else severity,
        confidence=Confidence.LIKELY if one.certain else Confidence.QUESTION,
    )
