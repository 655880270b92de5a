# SPDX-License-Identifier: GPL-2.0-or-later
"""``x & K`` where K is one value of an encoded field: true for its neighbours too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewer.api import Confidence, FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import missing_facts, places
from reviewer.rules.mask_vs_equality.field_tests import (
    Form,
    TestOutcome,
    ValueTest,
    condition_in_force,
    decided_tests,
    tests,
)

RULE = Rule(
    name="mask-vs-equality",
    summary="one value of a multi-bit field tested as if it were a flag",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        '81401cebfc15 ("fs/proc: fix KPF_KSM reported for all anonymous pages")',
        "<ZfyRsyq03aYVcZ13@casper.infradead.org>",
    ),
    trigger=rb"[&=]",
    on_fragments=True,
)
MOST_ROWS = 8  # of a table in a mail; of a wider field only what matters is shown


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every test that cannot tell its value from another one that gets there."""
    for test, outcome in decided_tests(image, list(tests(image))):
        if is_wrong(test, outcome) and not _is_a_set(image, test):
            yield _finding(image, test, outcome)
    missing_facts.need_mapping_field(image)


def is_wrong(test: ValueTest, outcome: TestOutcome) -> bool:
    """Says whether the truth table shows a wrong row.

    Where guards leave only other values, a test of one bit tells those apart on
    purpose: under ``x & A`` the bit that K has and A has not means K.
    """
    meant = outcome.possible & {test.value}
    if test.form in (Form.UNMASKED, Form.INVERTED):
        return outcome.true_for != meant
    if not meant and test.value.bit_count() == 1:
        return False
    return bool(outcome.true_for - meant)


def _is_a_set(image: FileImage, test: ValueTest) -> bool:
    """Whether the tree asks for any of the bits rather than for the value.

    ``type & IRQ_TYPE_EDGE_BOTH`` means any edge.  A ``case`` does not tell: every name
    may be a label.  Of a field that its header declares nobody has to be asked.
    """
    if test.form is not Form.MASK or test.field.lives_in:
        return False
    uses = image.facts.uses_in_tree(test.name, image.source.path)
    return uses.tested > 0 and uses.tested >= uses.compared - uses.labelled


def _finding(image: FileImage, test: ValueTest, outcome: TestOutcome) -> Finding:
    field = test.field
    member = field.get(test.name)
    assert member is not None
    helper = next((t.name for t in field.tests_of(test.value)), None)
    suggestion = _right(test)
    states = _states(test, outcome)
    wanted = helper or f"== {test.name}"
    fields: dict[str, Any] = {
        "test": test.source.norm(test.node),
        "value": test.name,
        "number": str(test.value) if test.value < 10 else hex(test.value),
        "parts": list(member.parts),
        "field": field.mask_name,
        "states": states,
        "wanted": wanted,
        "negated": test.negated,
        "guard": condition_in_force(test, outcome),
        "suggestion": suggestion,
        "helper": f"{helper}()" if helper else None,
    }
    declared = bool(field.lives_in)
    return places.finding(
        image,
        RULE,
        test.source,
        test.node,
        fields=fields,
        edits=places.replacing_edit(test.node, _parenthesised(test, suggestion)),
        evidence=(member.evidence, *field.evidence),
        confidence=Confidence.PROVED if declared else Confidence.LIKELY,
        severity=RULE.severity if declared else Severity.MEDIUM,
        proof={
            "kind": "truth-table",
            "field": field.mask_name,
            "columns": ["bits", "state", f"is {test.name}", "taken for it"],
            "rows": [[s["bits"], s["name"], s["wanted"], s["now"]] for s in states],
        },
    )


def _right(test: ValueTest) -> str:
    """The test as it should be."""
    sign = "!=" if test.negated else "=="
    operand = test.source.norm(test.operand)
    return f"({operand} & {test.field.mask_name}) {sign} {test.name}"


def _parenthesised(test: ValueTest, text: str) -> str:
    from reviewer.kit.truth_values import needs_parentheses

    return f"({text})" if needs_parentheses(test.node) else text


def _states(test: ValueTest, outcome: TestOutcome) -> list[dict[str, Any]]:
    """The rows: the values of the field, of a wide one those that matter."""
    shown = test.field.states
    if len(shown) > MOST_ROWS:
        matter = outcome.true_for | {test.value}
        shown = tuple(state for state in shown if state.value in matter)
    return [
        {
            "bits": test.field.bits(state.value),
            "name": state.label,
            "wanted": int(state.value == test.value),
            "now": int(state.value in outcome.true_for),
            "reached": state.value in outcome.possible,
        }
        for state in shown
    ]
