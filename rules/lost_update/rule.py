# SPDX-License-Identifier: GPL-2.0-or-later
"""``val &= ~MASK; val = BITS;``: a | is missing, or the line before is useless."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.kit.expressions import operands
from reviewer.rules.lost_update.overwritten_bits import Lost, lost_updates

RULE = Rule(
    name="lost-update",
    summary="bits put into a value that is assigned anew, or masked out of 0",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<20201124121528.395681-1-colin.king@canonical.com>",
        "<8f8d69fa-f6d4-462e-b476-b812d4138c2a@intel.com>",
    ),
    needs_tree=False,
    trigger=rb"[|&]=|=\s*0;",
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every update that the next statement undoes, or that does nothing."""
    for lost in lost_updates(image):
        yield _finding(image, lost)


def _finding(image: FileImage, lost: Lost) -> Finding:
    source = lost.source
    left, right = operands(lost.second) or (lost.second, lost.second)
    meant = f"{source.norm(left)} |= {source.norm(right)}"
    fields = {
        "form": "zero" if lost.zero else "overwritten",
        "name": lost.name,
        "first": source.norm(lost.first),
        "second": source.norm(lost.second),
        "suggestion": meant,
    }
    return places.finding(
        image,
        RULE,
        source,
        lost.second,
        fields=fields,
        trial=places.replacing_edit(lost.second, meant),
        evidence=(places.evidence_at(source, lost.first),),
    )
