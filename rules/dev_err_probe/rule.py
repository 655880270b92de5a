# SPDX-License-Identifier: GPL-2.0-or-later
"""``dev_err_probe(dev, ret, "no clock: %d\\n", ret)`` prints the error twice."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.rules.dev_err_probe.printed_twice import Twice, printed_twice

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
