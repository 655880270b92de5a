# SPDX-License-Identifier: GPL-2.0-or-later
"""An option that no longer brings with it what its code calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, Severity, Step
from reviewer.c.conditions import Condition
from reviewer.kit.gates import fragment
from reviewer.rules.lost_dependency.removed_dependencies import lost_dependencies
from reviewer.rules.lost_dependency.unmet_selects import Unmet, unmet_selects

RULE = Rule(
    name="lost-dependency",
    summary="a select whose target's dependencies, or whose calls, are left without",
    severity=Severity.MEDIUM,
    scope=Scope.STEP,
    precedent=(
        'b7904fc9b09f ("iio: dummy: Fix build error when CONFIG_IIO_TRIGGERED_BUFFER '
        'is not set")',
        'cbbd98b0eec3 ("usb: cdc-wdm: fix build error when CONFIG_WWAN_CORE is not '
        'set")',
    ),
    trigger=rb"\b(?:select|depends|if)\b",
    languages=("Kconfig",),
    whole_tree=True,
)


def check(step: Step) -> Iterator[Finding]:
    """Yields calls and selects that one patch leaves without what made sure of them."""
    for unmet in unmet_selects(step):
        yield _unmet(step, unmet)
    for lost in lost_dependencies(step):
        function, call = lost.function, lost.call
        yield RULE.finding(
            step.change.diff.old_path or step.change.path,
            lost.line,
            {
                "kind": "call",
                "option": lost.option,
                "needed": lost.needed,
                "name": function.name,
                "caller": f"{call.place.file}:{call.place.line}",
                "definition": f"{function.places[0].file}:{function.places[0].line}",
                "config": fragment(
                    step.series.after,
                    call.configuration,
                    call.given,
                    function.condition,
                ),
            },
            confidence=Confidence.QUESTION,
            evidence=(call.place, function.places[0]),
            anchor=f"{lost.option} {lost.needed}",
            removed_line=True,
        )


def _as_in_kconfig(condition: Condition) -> str:
    """A condition as it would stand behind ``depends on``."""
    text = re.sub(r"IS_ENABLED\((\w+)\)", r"\1", str(condition))
    return text.replace("CONFIG_", "")


def _unmet(step: Step, unmet: Unmet) -> Finding:
    change = step.change
    old = change.diff.old_path or change.path
    return RULE.finding(
        old if unmet.removed_line else change.path,
        unmet.line,
        {
            "kind": "unmet",
            "option": unmet.option,
            "target": unmet.target,
            "lacking": _as_in_kconfig(unmet.lacking),
            "select": f"{unmet.select.file}:{unmet.select.line}",
            "definition": f"{unmet.definition.file}:{unmet.definition.line}",
            "others": [f"{one.file}:{one.line}" for one in unmet.others],
            "config": fragment(
                step.series.after, unmet.configuration, unmet.given, unmet.lacking
            ),
        },
        confidence=Confidence.LIKELY,
        evidence=(unmet.definition, unmet.select),
        anchor=f"{unmet.option} {unmet.target}",
        removed_line=unmet.removed_line,
    )
