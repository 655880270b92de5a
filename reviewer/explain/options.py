# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kconfig option: where it is defined, what it needs, and what hangs on it."""

from __future__ import annotations

from reviewer.explain.model import Explanation, Line, Part, condition_words, part
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing

_MOST = 20  # names in a line


def explain_option(facts: Facts, name: str) -> Explanation | None:
    """Returns what the Kconfig files say of an option; None where none defines it."""
    plain = name.removeprefix("CONFIG_")
    if not name.startswith("CONFIG_") or not facts.kconfig.defines(plain):
        return None
    kconfig = facts.kconfig
    found = kconfig.definitions(plain)
    kind = kconfig.type_of(plain) or "option without a type"
    asked = any(not d.entry.prompt.some.is_false for d in found)
    how = "that the user sets" if asked else "that other options set"
    selects = sorted({target for d in found for target, _ in d.entry.selects})
    return Explanation(
        name,
        "Kconfig option",
        f"{name} is a {kind} {how}",
        (
            Part("Defined", tuple(Line(d.evidence.text, d.evidence) for d in found)),
            Part("Can be on", (Line(condition_words(kconfig.depends(plain))),)),
            part("Selects", [Line(f"CONFIG_{one}") for one in selects], "nothing"),
            _flags(facts, name),
            _helpers(facts, name),
        ),
    )


def _flags(facts: Facts, name: str) -> Part:
    try:
        flags = [flag for flag in facts.page_flags if name in flag.gate.symbols]
    except FactsMissing:
        flags = []
    lines = [
        Line(f"{flag.name}, {condition_words(flag.gate)}", flag.evidence)
        for flag in flags
    ]
    return part("Page flags", lines, "no page flag hangs on it")


def _helpers(facts: Facts, name: str) -> Part:
    try:
        found = [h.name for h in facts.helpers if name in h.gate.symbols]
    except FactsMissing:
        found = []
    names = [f"{one}()" for one in found[:_MOST]]
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    lines = [Line(", ".join(names) + more)] if names else []
    return part("Helpers that are stubs without it", lines, "none")
