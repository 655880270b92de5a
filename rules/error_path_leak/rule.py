# SPDX-License-Identifier: GPL-2.0-or-later
"""``if (ret) return ret;`` where the next error exit says ``goto put_node``.

What is left is memory, a reference, a lock or what a pair of the file did; clocks,
interrupts and what remove undoes are for missing-undo.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.kit.error_exits.report import findings

RULE = Rule(
    name="error-path-leak",
    summary="an error exit that leaves memory, a reference or a lock",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "<aDVRLqgJWMxYU03G@stanley.mountain>",
        "<e3012f0c-1621-40e6-bf7d-03c276f6e07f@kili.mountain>",
        "<c3b517eb-3805-48bf-be89-0082bff65913@kili.mountain>",
    ),
    trigger=rb"\breturn\b|\bgoto\b|\(",
    needs=(rb"\{",),
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every error exit that leaves what another path releases, and that
    missing-undo does not tell."""
    yield from findings(image, RULE, certain=False)
