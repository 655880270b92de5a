# SPDX-License-Identifier: GPL-2.0-or-later
"""A page is the head of a compound page, a tail of one, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.kit.pageword import scopes
from reviewer.rules.compound_three_cases.head_and_tail_reports import lost_cases

RULE = Rule(
    name="compound-three-cases",
    summary="head, tail or neither: two of the three cases taken for one",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=("<ZfyRsyq03aYVcZ13@casper.infradead.org>",),
    needs_tree=False,
    needs=(rb"KPF_(?:COMPOUND_|THP)|head(?:_page)?\s*[=/]",),
    trigger=rb"KPF_(COMPOUND_|THP)|Page(Tail|Head|Compound)\b|idx|->page\b",
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every report of a head, a tail or a THP that holds for another
    case too."""
    for scope in scopes(image):
        for lost in lost_cases(scope):
            first = image.source.line_of(lost.node)
            if not image.in_focus(first, first) and not _condition_in_focus(
                image, first
            ):
                continue
            fields = {
                "form": lost.form.value,
                "condition": lost.condition,
                "bit": lost.bit,
            }
            yield places.finding(image, RULE, image.source, lost.node, fields=fields)


def _condition_in_focus(image: FileImage, line: int) -> bool:
    """A patch may change the condition and leave the line under it alone."""
    return image.in_focus(max(1, line - 3), line)
