# SPDX-License-Identifier: GPL-2.0-or-later
"""A name used where, in some configuration, nothing declares it: no build there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity, Step
from reviewer.c.conditions import Condition
from reviewer.kit import places
from reviewer.kit.gates_names import Undeclared, undeclared
from reviewer.rules.undeclared_under_config.undefined_calls import (
    Undefined,
    undefined_calls,
)
from reviewer.utf8 import decode, encode

if TYPE_CHECKING:
    from reviewer.rules.undeclared_under_config.removed_definitions import Left

RULE = Rule(
    name="undeclared-under-config",
    summary="a name used where, under some configuration, it does not exist",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        'cbbd98b0eec3 ("usb: cdc-wdm: fix build error when CONFIG_WWAN_CORE is not '
        'set")',
        "<alpine.LSU.2.11.2104132336001.9086@eggly.anvils>",
    ),
    trigger=rb"\w",
    in_scan=False,
    steps_too=True,
    whole_tree=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every name that some configuration which builds this code does
    not have."""
    for found in undeclared(image):
        from reviewer.kit.gates_stubs import is_new_declaration

        if not is_new_declaration(image.series, found.known):
            yield _used(image, found)


def check_step(step: Step) -> Iterator[Finding]:
    """Yields every definition that the patch takes away, or gates, while uses
    remain."""
    if (step.change.diff.old_path or step.change.path).endswith(".h"):
        from reviewer.rules.undeclared_under_config.removed_definitions import (
            removed_while_used,
        )

        for left in removed_while_used(step):
            yield _removed(step, left)
    lacking: dict[tuple[Condition, bool], list[Undefined]] = {}
    for found in sorted(undefined_calls(step), key=lambda one: one.line):
        cause = found.function.condition, found.as_module
        lacking.setdefault(cause, []).append(found)
    for first, *others in lacking.values():
        yield _undefined(step, first, others)


def _undefined(step: Step, found: Undefined, others: list[Undefined]) -> Finding:
    """One remark for all that the same option leaves undefined."""
    from reviewer.kit.gates import fragment

    assert step.post is not None
    source = step.post.source
    definition = found.function.places[0]
    fields = {
        "name": found.function.name,
        "others": [f"{other.function.name}()" for other in others],
        "kind": "undefined",
        "removed": False,
        "exists": str(found.function.condition),
        "given": None if found.own.is_true else str(found.own),
        "config": fragment(
            step.post.facts, found.configuration, found.given, found.wanted
        ),
        "uses": [],
        "as_module": found.as_module,
    }
    return places.finding(
        step.post,
        RULE,
        source,
        found.node,
        fields=fields,
        evidence=(definition, found.declaration),
        # of 13 that merged code was told of modules none was right: Kconfig had it so
        severity=Severity.INFO if found.as_module else Severity.MEDIUM,
        confidence=Confidence.QUESTION,
    )


def _used(image: FileImage, found: Undeclared) -> Finding:
    from reviewer.kit.gates import fragment

    known, use = found.known, found.use
    source = image.source
    start = source.data.rfind(b"\n", 0, _byte(image, use.offset)) + 1
    return RULE.finding(
        source.path,
        use.line,
        {
            "name": use.name,
            "kind": known.kind,
            "removed": False,
            "exists": str(known.condition),
            "given": None if found.own.is_true else str(found.own),
            "config": fragment(
                image.facts, found.configuration, found.given, known.condition
            ),
            "uses": [],
        },
        evidence=known.evidence[:4],
        column=_byte(image, use.offset) - start,
        width=len(use.name),
    )


def _byte(image: FileImage, characters: int) -> int:
    text = decode(image.source.data)[:characters]
    return len(encode(text))


def _removed(step: Step, left: Left) -> Finding:
    from reviewer.kit.gates import fragment

    return RULE.finding(
        left.path,
        left.line,
        {
            "name": left.name,
            "kind": left.kind,
            "removed": True,
            "exists": None if left.condition.is_false else str(left.condition),
            "given": None,
            "config": fragment(
                step.series.after, left.configuration, left.given, left.condition
            ),
            "uses": [f"{use.file}:{use.line}" for use in left.uses],
            "at_the_end": left.at_the_end,
        },
        severity=RULE.severity if left.at_the_end else Severity.MEDIUM,
        evidence=left.uses[:6],
        removed_line=left.removed_line,
        whole_tree=True,
    )
