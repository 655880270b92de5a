# SPDX-License-Identifier: GPL-2.0-or-later
"""``if (i > ARRAY_SIZE(a)) return``, then ``a[i]``: the test lets one too many in."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit import places
from reviewer.kit.expressions import operator
from reviewer.models import Edit
from reviewer.rules.off_by_one_bound.index_bounds import LetIn, indices_let_in

RULE = Rule(
    name="off-by-one-bound",
    summary="an index tested against the size of its array with > or <=",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<5727ab54-6280-466e-b107-1b6006e5ab29@stanley.mountain>",
        "<84bf5dd2-2fe3-4410-a7af-ae841e41082a@stanley.mountain>",
        "<Y+D+KN18FQI2DKLq@kili>",
    ),
    trigger=rb">|<=|\[",
    status=Status.PREVIEW,
)
# also of ARRAY_SIZE(a) < i, ARRAY_SIZE(a) >= i
_STRICT = {">": ">=", "<=": "<", "<": "<=", ">=": ">"}


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every test that lets an index be the number of elements."""
    for found in indices_let_in(image):
        yield _finding(image, found)


def _finding(image: FileImage, found: LetIn) -> Finding:
    source, test = found.source, found.test
    strict = _STRICT[operator(test)]
    # where only the access is new, it is what the patch is asked about
    line = source.line_of(test)
    place = test if image.in_focus(line, line) else found.access
    return places.finding(
        image,
        RULE,
        source,
        place,
        fields={
            "test": source.norm(test),
            "index": found.index,
            "array": found.array,
            "bound": found.bound,
            "access": source.norm(found.access),
            "strict": strict,
        },
        edits=_edit(found, strict),
        evidence=found.evidence,
        confidence=Confidence.LIKELY,
    )


def _edit(found: LetIn, strict: str) -> tuple[Edit, ...]:
    sign = found.test.child_by_field_name("operator")
    return places.replacing_edit(sign, strict) if sign is not None else ()
