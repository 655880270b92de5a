"""``#ifdef CONFIG_X`` where no Kconfig file defines X: the code behind it is dead."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import (
    Confidence,
    Edit,
    FileImage,
    Finding,
    Rule,
    Scope,
    Severity,
)
from reviewer.kit.gates_symbols import (
    Asked,
    asked,
    nearest,
    unknown,
)

RULE = Rule(
    name="unknown-config-symbol",
    summary="an option that no Kconfig file defines, or IS_ENABLED() without CONFIG_",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=(
        '776b5fe4516d ("mm: fix config option typo in header file")',
        "<20210803113531.30720-2-lukas.bulwahn@gmail.com>",
        "<CANpmjNNhd+qAy7tPSu=08_y-BZiowKigVkOh6HnXsxhWYuFpJA@mail.gmail.com>",
    ),
    trigger=rb"\bCONFIG_|\bIS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)\b",
    on_fragments=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Every question about an option that does not exist."""
    for one in unknown(image, asked(image)):
        yield _finding(image, one)


def _finding(image: FileImage, one: Asked) -> Finding:
    meant = nearest(image.facts, one.name)
    right = f"CONFIG_{meant.name}" if meant else None
    end = one.offset + len(one.name)
    mends = right is not None and meant is not None and meant.sure
    return Finding(
        rule=RULE.name,
        severity=RULE.severity if one.prefixed else Severity.HIGH,
        confidence=Confidence.PROVED,
        file=image.source.path,
        line=one.line,
        fields={
            "name": one.name,
            "how": one.how,
            "prefixed": one.prefixed,
            "meant": right,
            "sure": mends,
        },
        evidence=(meant.evidence,) if meant and meant.evidence else (),
        edits=(Edit(one.offset, end, str(right).encode("utf-8", "surrogateescape")),)
        if mends
        else (),
        column=one.column,
        width=len(one.name),
    )
