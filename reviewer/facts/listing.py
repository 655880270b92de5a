# SPDX-License-Identifier: GPL-2.0-or-later
"""What ``kpf-review facts`` shows, as data: rows with the place that each is read from.

A topic that the tree does not give raises FactsMissing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from reviewer.c.conditions import Condition
from reviewer.facts import Facts
from reviewer.facts.fields import EncodedField
from reviewer.facts.helper_records import HelperDefinition
from reviewer.facts.missing_fact import FactsMissing
from reviewer.models import Evidence

Cell = str | int | bool | list[str] | None


class FactRow(Struct, frozen=True):
    """One fact.  ``cells`` has the columns of its topic, in their order."""

    cells: Mapping[str, Cell]
    evidence: Evidence


class Listing(Struct, frozen=True):
    """The rows of a topic; ``notes`` say what could not be read."""

    topic: str
    columns: tuple[str, ...]
    rows: tuple[FactRow, ...]
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> list[dict[str, Cell]]:
        """Returns the rows as plain objects, ``file`` and ``line`` last."""
        return [
            {**row.cells, "file": row.evidence.file, "line": row.evidence.line}
            for row in self.rows
        ]


def listing(facts: Facts, topic: str) -> Listing:
    """Returns the rows of one of TOPICS; raises FactsMissing, KeyError for another
    topic."""
    columns, rows_of = TOPICS[topic]
    notes: list[str] = []
    rows = tuple(rows_of(facts, notes))
    return Listing(topic, columns, rows, tuple(notes))


def _shown(condition: Condition) -> str:
    return "" if condition.is_true else str(condition)


def _flags(facts: Facts, notes: list[str]) -> Iterator[FactRow]:
    """Real bits in their order, then the aliases, then the page types."""
    flags = facts.page_flags
    for flag in flags:
        low, high = flags.bounds(flag.name)
        yield FactRow(
            {
                "name": flag.name,
                "kind": "alias" if flag.alias_of else "bit",
                "bit": str(low) if low == high else f"{low}..{high}",
                "alias of": flag.alias_of or "",
                "gate": _shown(flags.gate(flag.name)),
            },
            flag.evidence,
        )
    try:
        types = facts.page_types
    except FactsMissing as missing:
        notes.append(str(missing))
        return
    for kind in types.types:
        yield FactRow(
            {
                "name": kind.name,
                "kind": "page type",
                "bit": f"{kind.value:#x}",
                "alias of": "",
                "gate": _shown(kind.condition),
            },
            kind.evidence,
        )


def _kpf(facts: Facts, notes: list[str]) -> Iterator[FactRow]:
    kpf = facts.kpf
    try:
        setters = kpf.setters
    except FactsMissing as missing:
        notes.append(str(missing))
        setters = ()
    named = {name.kpf: name.long_name for name in kpf.tool_names}
    for bit in kpf.bits:
        sources = [
            setter.flag or "computed" for setter in setters if setter.kpf == bit.name
        ]
        described = kpf.description(bit.name)
        place = described.evidence if described else None
        yield FactRow(
            {
                "name": bit.name,
                "number": bit.number,
                "abi": bit.uapi,
                "unused": bit.unused,
                "from": list(dict.fromkeys(sources)),
                "page-types": named.get(bit.name, ""),
                "documented": f"{place.file}:{place.line}" if place else "",
            },
            bit.evidence,
        )


def _helpers(facts: Facts, notes: list[str]) -> Iterator[FactRow]:
    helpers = facts.helpers
    for helper in helpers.everywhere():
        pages = sorted(f"{a.field} ({a.page})" for a in helper.reads)
        for definition in helper.definitions:
            yield FactRow(
                {
                    "name": helper.name,
                    "kind": definition.kind,
                    "flag": helper.flag or "",
                    "policy": definition.policy or "",
                    "reads": [] if definition.stub else pages,
                    "atomic": definition.atomic,
                    "stub": definition.stub,
                    "condition": _shown(definition.condition),
                },
                definition.evidence,
            )
    notes += [f"not expanded: {e.file}:{e.line}: {e.text}" for e in helpers.unread]


def _gates(facts: Facts, notes: list[str]) -> Iterator[FactRow]:
    """Everything that is not there, or not real, under some configuration."""
    flags = facts.page_flags
    for flag in flags:
        gate = flags.gate(flag.name)
        if not gate.is_true:
            yield _gate_row(flag.name, gate, "undeclared", flag.evidence)
    for helper in facts.helpers:
        for definition in helper.definitions:
            if definition.stub:
                yield _gate_row(
                    helper.name,
                    definition.condition,
                    _stub_text(definition),
                    definition.evidence,
                )


def _gate_row(name: str, when: Condition, what: str, evidence: Evidence) -> FactRow:
    # a flag's gate says when it is there, a stub's condition when it is a stub
    there = str(when) if what == "undeclared" else str(~when)
    return FactRow({"name": name, "needs": there, "otherwise": what}, evidence)


def _stub_text(definition: HelperDefinition) -> str:
    return "does nothing" if definition.value is None else f"is {definition.value}"


def _fields(facts: Facts, notes: list[str]) -> Iterator[FactRow]:
    yield from _field_rows(facts.mapping_field)
    try:
        from reviewer.facts.fields import page_type_field

        types = page_type_field(facts.page_types)
    except FactsMissing as missing:
        notes.append(str(missing))
        return
    if types is not None:
        yield from _field_rows(types)


def _field_rows(of: EncodedField) -> Iterator[FactRow]:
    for name in of.names:
        state = of.state(name.value)
        yield FactRow(
            {
                "name": name.name,
                "field": ", ".join(of.lives_in),
                "bits": of.bits(name.value),
                "role": str(name.role),
                "state": state.label if state and name.role != "mask" else "",
                "tests": [test.name for test in of.tests_of(name.value)]
                if name.role != "mask"
                else [],
            },
            name.evidence,
        )


Reader = Callable[["Facts", list[str]], Iterator[FactRow]]
TOPICS: Mapping[str, tuple[tuple[str, ...], Reader]] = {
    "flags": (("name", "kind", "bit", "alias of", "gate"), _flags),
    "kpf": (
        ("name", "number", "abi", "unused", "from", "page-types", "documented"),
        _kpf,
    ),
    "helpers": (
        (
            "name",
            "kind",
            "flag",
            "policy",
            "reads",
            "atomic",
            "stub",
            "condition",
        ),
        _helpers,
    ),
    "gates": (("name", "needs", "otherwise"), _gates),
    "fields": (("name", "field", "bits", "role", "state", "tests"), _fields),
}
