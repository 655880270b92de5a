# SPDX-License-Identifier: GPL-2.0-or-later
"""``flags & O_RDONLY``: the name is 0, so the test is never true."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.rules.zero_valued_flag.zero_names import ZeroTest, zero_tests

RULE = Rule(
    name="zero-valued-flag",
    summary="a name that is 0 tested as if it were a flag",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=("<20200501134310.289561-1-colin.king@canonical.com>",),
    trigger=rb"&",
    on_fragments=True,
)
MOST_NAMES = 3  # of the values beside it, in a mail


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every truth test of ``x & NAME`` with a NAME that is 0 in every
    configuration."""
    for test in zero_tests(image):
        yield _finding(image, test)


def _finding(image: FileImage, test: ZeroTest) -> Finding:
    source = test.source
    field = image.facts.field_of(test.name, image.source.path)
    mask = field.mask_name if field is not None else None
    mask = mask or test.mask
    other = source.norm(test.other)
    right = f"({other} & {mask}) == {test.name}" if mask else None
    fields = {
        "test": source.norm(test.node),
        "name": test.name,
        "siblings": list(test.siblings[:MOST_NAMES]),
        "suggestion": right,
    }
    return places.finding(
        image,
        RULE,
        source,
        test.node,
        fields=fields,
        trial=places.replacing_edit(test.node, f"({right})") if right else (),
        evidence=(test.constant.evidence,),
    )
