# SPDX-License-Identifier: GPL-2.0-or-later
"""Flags of one page taken from the folio, flags of the folio taken from a tail."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from msgspec.structs import replace
from tree_sitter import Node

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Skipped
from reviewer.facts import FactsMissing
from reviewer.kit import missing_facts, places
from reviewer.kit.pageword import scopes
from reviewer.patterns import regex
from reviewer.rules.missed_per_page_flag.page_or_folio import wrong_page_reads
from reviewer.rules.missed_per_page_flag.page_reads import Form, Miss
from reviewer.utf8 import encode

RULE = Rule(
    name="missed-per-page-flag",
    summary="a flag of one page read from the folio, or of the folio read from a tail",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
        'd99e3140a4d3 ("mm: turn folio_test_hugetlb into a PageType")',
    ),
    trigger=rb"flags|PG_|KPF_|folio_(test|set|clear)_|Page[A-Z]|->(mapping|index)\b|page_folio",
    needs=(rb"\{", rb"struct\s+(?:page|folio)\b|folio|Page[A-Z]|_page\b|PG_|KPF_"),
)
_WRITES = regex(r"folio_(test_set|test_clear|set|clear)_|(Test)?(Set|Clear)Page")
SEVERITIES = {Form.BOTH: Severity.MEDIUM, Form.ARCH: Severity.MEDIUM}
CONFIDENCES = {
    Form.ARCH: Confidence.QUESTION,
    Form.HEAD: Confidence.LIKELY,
    Form.SMALL: Confidence.LIKELY,
    Form.FIELD: Confidence.LIKELY,
}

# Worth saying of a change, not of code that has stood for years: which pages show a
# head's flags is what /proc/kpageflags documents, and a question wants an author.
ONLY_NEW = frozenset({Form.ARCH, Form.HEAD})


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every flag that is taken from the wrong page of a folio; raises
    Skipped for a tree without the facts."""
    try:
        for scope in scopes(image):
            for miss in wrong_page_reads(image.facts, scope):
                if image.series is None and miss.form in ONLY_NEW:
                    continue
                shown = _line_to_show(image, miss)
                if shown is not None:
                    yield _finding(image, miss, shown)
        missing_facts.need_helpers(image.facts)
    except FactsMissing as missing:
        raise Skipped(RULE.name, str(missing), image.source.path) from None


def _line_to_show(image: FileImage, miss: Miss) -> Node | None:
    """The statement that is the fault, or another one that a patch touches: only
    what stands in the patch can be quoted."""
    for node in (miss.node, *miss.others):
        if image.in_focus(image.source.line_of(node), int(node.end_point[0]) + 1):
            return node
    return None


def _finding(image: FileImage, miss: Miss, shown: Node) -> Finding:
    source = image.source
    fields = {
        "form": miss.form.value,
        "flags": list(miss.flags),
        "taken_from": miss.taken_from,
        "word": miss.word,
        "right": miss.right,
        "code": source.norm(miss.node),
        "writes": _WRITES.match(miss.taken_from) is not None,
        "elsewhere": shown.id != miss.node.id,
    }
    sure = Confidence.PROVED if miss.sure else Confidence.LIKELY
    finding = places.finding(
        image,
        RULE,
        source,
        shown,
        fields=fields,
        evidence=miss.evidence,
        severity=SEVERITIES.get(miss.form),
        confidence=CONFIDENCES.get(miss.form, sure),
    )
    return replace(finding, anchor=_anchor(image, miss))


def _anchor(image: FileImage, miss: Miss) -> str:
    """The statement, with a number for what is missed in it: names may change and the
    finding is the same, but not if another flag is missed.  What stands for many
    statements goes by the word."""
    if miss.form in (Form.ARCH, Form.HEAD):
        return f"{miss.word} {crc32(miss.form.encode())}"
    number = crc32(encode(" ".join((miss.form, *miss.flags))))
    return f"{image.source.anchor(miss.node)} {number}"
