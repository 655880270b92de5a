# SPDX-License-Identifier: GPL-2.0-or-later
"""Bidi controls, zero-width characters and lookalike letters in the code of a patch."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.rules.invisible_characters.deceptive_characters import (
    Unseen,
    deceptive_characters,
)

RULE = Rule(
    name="invisible-characters",
    summary="characters that are not seen, or are taken for others, in code",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=("CVE-2021-42574", "CVE-2021-42694"),
    needs_tree=False,
    trigger=rb"[\x80-\xff]",
    on_fragments=True,
    textual=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields each kind of such a character once a line."""
    for one in deceptive_characters(image.source.data, image.focus):
        yield _finding(image, one)


def _finding(image: FileImage, one: Unseen) -> Finding:
    return Finding(
        rule=RULE.name,
        severity=_severity(one),
        confidence=Confidence.PROVED,
        file=image.source.path,
        line=one.line,
        fields={
            "kind": one.kind,
            "place": one.place,
            "characters": list(one.characters),
            "word": one.word,
        },
        column=one.column,
        width=one.width,
    )


def _severity(one: Unseen) -> Severity:
    """High where what is compiled, or its order, is not what is shown."""
    if one.kind == "byte-order-mark":
        return Severity.LOW
    if one.kind == "bidi" or one.place == "code":
        return RULE.severity
    return Severity.MEDIUM if one.place == "string" else Severity.LOW
