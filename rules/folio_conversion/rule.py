# SPDX-License-Identifier: GPL-2.0-or-later
"""Slips on the way from struct page to struct folio."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Skipped
from reviewer.facts import FactsMissing
from reviewer.kit import missing_facts, places
from reviewer.kit.pageword import scopes
from reviewer.rules.folio_conversion.page_to_folio import Form, Slip, conversion_slips

RULE = Rule(
    name="folio-conversion",
    summary="page_folio() of NULL, a wrong pointer type, a cast tail, a type as a flag",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        'd99e3140a4d3 ("mm: turn folio_test_hugetlb into a PageType")',
        "<202406262300.iAURISyJ-lkp@intel.com>",
    ),
    trigger=rb"folio|page_type|Page[A-Z]",
)
SEVERITIES = {Form.REPEATED: Severity.LOW, Form.CONST: Severity.MEDIUM}
CERTAIN = (
    Form.TYPE,
    Form.TYPE_MASK,
    Form.TYPE_WHOLE,
    Form.TYPE_CLEARED,
    Form.CONST,
    Form.TAIL,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every slip in the functions in focus; raises Skipped for a tree
    without the facts."""
    try:
        for scope in scopes(image):
            for slip in conversion_slips(image.facts, scope):
                first = image.source.line_of(slip.node)
                if image.in_focus(first, int(slip.node.end_point[0]) + 1):
                    yield _finding(image, slip)
        missing_facts.need_helpers(image.facts)
    except FactsMissing as missing:
        raise Skipped(RULE.name, str(missing), image.source.path) from None


def _finding(image: FileImage, slip: Slip) -> Finding:
    fields = {
        "form": slip.form.value,
        "code": slip.text,
        "other": slip.other,
        "right": slip.right,
    }
    return places.finding(
        image,
        RULE,
        image.source,
        slip.node,
        fields=fields,
        evidence=slip.evidence,
        severity=SEVERITIES.get(slip.form),
        confidence=Confidence.PROVED if slip.form in CERTAIN else Confidence.LIKELY,
    )
