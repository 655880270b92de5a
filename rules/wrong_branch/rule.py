# SPDX-License-Identifier: GPL-2.0-or-later
"""``if (!p) p->x``, ``if (!IS_ERR(p)) PTR_ERR(p)``: the other branch was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.rules.wrong_branch.reversed_tests import Meant, Reversed, reversed_tests
from reviewer.rules.wrong_branch.ruled_out_uses import Wrong, wrong_uses

RULE = Rule(
    name="wrong-branch",
    summary="a pointer or result used where the test before it rules that out",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<20200616091949.GA11940@mwanda>",
        "<88c83ce7-5d1a-44a8-b9bf-0d01cfea24db@kili.mountain>",
        "<7482be2a-aca1-41dd-bb6e-d547571b9507@moroto.mountain>",
    ),
    needs_tree=False,
    trigger=rb"IS_ERR|PTR_ERR|if(?<!\wif)\s*\(\s*!|NULL|==\s*0",
    needs=(rb"[{;?!=&|^<>]",),
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every use that a test rules out, and every test that its branch
    contradicts."""
    for wrong in wrong_uses(image):
        yield _wrong(image, wrong)
    for found in reversed_tests(image):
        yield _reversed(image, found)


def _wrong(image: FileImage, wrong: Wrong) -> Finding:
    source = wrong.source
    node = wrong.test if wrong.inside else wrong.use
    other = wrong.use if wrong.inside else wrong.test
    fields: dict[str, Any] = {
        "form": str(wrong.form),
        "test": source.norm(wrong.test),
        "name": wrong.pointer,
        "use": source.norm(wrong.use),
        "inside": wrong.inside,
    }
    evidence = (places.evidence_at(source, other),)
    return places.finding(image, RULE, source, node, fields=fields, evidence=evidence)


def _reversed(image: FileImage, found: Reversed) -> Finding:
    source = found.source
    fields: dict[str, Any] = {
        "form": str(found.meant),
        "test": source.norm(found.test),
        "name": found.name,
        "use": source.norm(found.use),
        "inside": found.meant is not Meant.EITHER,
    }
    return places.finding(
        image,
        RULE,
        source,
        found.test,
        fields=fields,
        evidence=(places.evidence_at(source, found.use),),
        confidence=Confidence.LIKELY,
        severity=Severity.MEDIUM if found.meant is Meant.SUCCESS else RULE.severity,
    )
