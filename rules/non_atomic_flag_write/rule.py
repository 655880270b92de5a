# SPDX-License-Identifier: GPL-2.0-or-later
"""``__SetPageX()`` and its like on a page that others can see."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Skipped
from reviewer.facts import FactsMissing
from reviewer.kit import missing_facts, places
from reviewer.kit.pageword import scopes
from reviewer.models import Evidence
from reviewer.rules.non_atomic_flag_write.plain_writes import (
    PlainGenerator,
    PlainWrite,
    plain_generators,
    plain_writes,
)

RULE = Rule(
    name="non-atomic-flag-write",
    summary="a flags word that others write, written without an atomic operation",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<alpine.LSU.2.11.1406301405230.1096@eggly.anvils>",
        '8422acdc97ed ("mm: introduce a pageflag for partially mapped folios")',
    ),
    trigger=rb"__(?:(?:Set|Clear)Page|folio_|(?:set|clear|change)_bit"
    rb"|(?<!\w__)\w*FLAG\()|flags",
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every plain write of a flags word that others may write, and every macro
    that makes one; raises Skipped for a tree without the facts."""
    try:
        for scope in scopes(image):
            for write in plain_writes(image.facts, scope):
                finding = _of_write(image, write)
                if finding is not None:
                    yield finding
        for made in plain_generators(image.facts, image.source.path):
            line = made.invocation.line
            if image.in_focus(line, line):
                yield _of_generator(image, made)
        missing_facts.need_helpers(image.facts)
    except FactsMissing as missing:
        raise Skipped(RULE.name, str(missing), image.source.path) from None


def _of_write(image: FileImage, write: PlainWrite) -> Finding | None:
    line = image.source.line_of(write.node)
    shown = image.source.line_of(write.shown_by) if write.shown_by else line
    if not image.in_focus(line, line) and not image.in_focus(shown, shown):
        return None
    fields = {
        "form": "write",
        "code": write.text,
        "page": write.page,
        "how": write.how,
        "because": write.because,
        "right": write.right,
        "other": None,
    }
    edits = places.replacing_edit(write.node, write.right) if write.right else ()
    return places.finding(
        image,
        RULE,
        image.source,
        write.node,
        fields=fields,
        edits=edits,
        evidence=write.evidence,
        confidence=Confidence.LIKELY,
    )


def _of_generator(image: FileImage, made: PlainGenerator) -> Finding:
    call = made.invocation
    text = f"{call.name}({', '.join(call.arguments)})"
    fields = {
        "form": "generator",
        "code": text,
        "page": made.flag,
        "how": "second-page",
        "because": made.evidence.text,
        "right": f"{call.name.lstrip('_')}({', '.join(call.arguments)})",
        "other": made.atomic,
    }
    source = image.source
    here = Evidence(source.path, call.line, source.line_text(call.line).strip())
    return RULE.finding(
        source.path,
        call.line,
        fields,
        confidence=Confidence.LIKELY,
        evidence=(made.evidence, here),
        anchor=text,
    )
