"""An option that no longer brings with it what its code calls."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, Severity, Step
from reviewer.kit.gates import fragment
from reviewer.rules.lost_dependency.removed_dependencies import lost_dependencies

RULE = Rule(
    name="lost-dependency",
    summary="a select or depends on removed while the code calls what it brought",
    severity=Severity.MEDIUM,
    scope=Scope.STEP,
    precedent=(
        'b7904fc9b09f ("iio: dummy: Fix build error when CONFIG_IIO_TRIGGERED_BUFFER '
        'is not set")',
        'cbbd98b0eec3 ("usb: cdc-wdm: fix build error when CONFIG_WWAN_CORE is not '
        'set")',
    ),
    trigger=rb"\b(?:select|depends)\b",
    languages=("Kconfig",),
    whole_tree=True,
)


def check(step: Step) -> Iterator[Finding]:
    """Calls that one patch leaves without what made sure of their function."""
    for lost in lost_dependencies(step):
        function, call = lost.function, lost.call
        yield Finding(
            rule=RULE.name,
            severity=RULE.severity,
            confidence=Confidence.QUESTION,
            file=step.change.diff.old_path or step.change.path,
            line=lost.line,
            fields={
                "option": lost.option,
                "needed": lost.needed,
                "name": function.name,
                "caller": f"{call.place.file}:{call.place.line}",
                "definition": f"{function.places[0].file}:{function.places[0].line}",
                "config": fragment(call.configuration, call.given, function.condition),
            },
            evidence=(call.place, function.places[0]),
            anchor=f"{lost.option} {lost.needed}",
            removed_line=True,
        )
