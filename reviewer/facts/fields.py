# SPDX-License-Identifier: GPL-2.0-or-later
"""Encoded fields: names that are values within a mask, not flags.

``PAGE_MAPPING_KSM`` is the value 3 of a two-bit field of ``folio->mapping``; to test it
is to compare the whole field.  Two ways lead to a field:

- the mapping field: every ``#define {PAGE,FOLIO}_MAPPING_x`` of page-flags.h that has
  an integer value, the mask being the one named ``_FLAGS``;
- any other name, on demand, from what the tree does with it (``mining``).

A *state* is a value that the field really takes.  0 is one, and so is every value by
which the tree compares, or which it tests or stores by itself; a name that only serves
to build other names (``FOLIO_MAPPING_ANON_KSM`` since 6.17) is a bit and no state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from reviewer.c.conditions import Condition
from reviewer.c.text import IDENTIFIER, closing_bracket
from reviewer.facts.header import Header, words
from reviewer.facts.lookup import Constant, Lookup
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.name_uses import Uses, classify, common_prefix
from reviewer.facts.pageflags import PAGE_FLAGS_H, PageTypes
from reviewer.models import Evidence
from reviewer.patterns import regex

_MAPPING = regex(r"(?:PAGE|FOLIO)_MAPPING_\w+\Z")
MASK_NAME = regex(
    r"(?:^|_)(?:MASK|MASKS|MSK|FMT|FLAGS|FLAG_BITS|BITS|ALL|ANY|BOTH|FIELD)\Z|MASK\Z|FMT\Z"
)


class Role(StrEnum):
    """What a name of a field is to be used as."""

    VALUE = "value"  # one of several exclusive values: to be compared
    BIT = "bit"  # tested by itself on purpose, as ANON is, which KSM contains
    MASK = "mask"  # the field, or a part of it, as a whole
    ZERO = "zero"  # the value without any bit: a test with & is never true


class FieldName(Struct, frozen=True):
    """A named constant of a field."""

    name: str
    value: int
    condition: Condition
    evidence: Evidence
    parts: tuple[str, ...]  # other names of the field that it is textually made of
    role: Role


class FieldState(Struct, frozen=True):
    """A value that the field can have."""

    value: int
    names: tuple[str, ...]  # the constants with that value, () for an unnamed 0
    label: str  # "ksm": for a table
    evidence: Evidence | None


class FieldTest(Struct, frozen=True):
    """A function or macro that is nothing but the comparison with one value."""

    name: str
    value: int
    takes: str | None  # "folio", "page", None for another argument
    condition: Condition
    evidence: Evidence


class EncodedField(Struct, frozen=True):
    """A mask and the values within it."""

    mask: int
    mask_name: str | None  # None where the tree has no name for it
    names: tuple[FieldName, ...]
    states: tuple[FieldState, ...]
    tests: tuple[FieldTest, ...]
    evidence: tuple[Evidence, ...]  # of the mask, then comparisons seen in the tree
    lives_in: tuple[str, ...] = ()  # fields of a structure: ("mapping",)
    shift: int = 0  # the mask is of ``word >> shift``

    def get(self, name: str) -> FieldName | None:
        """Returns the constant of that name, None if the field has none."""
        return next((member for member in self.names if member.name == name), None)

    def role(self, name: str) -> Role | None:
        """Returns what the name is to be used as, None for a name of another field."""
        member = self.get(name)
        return member.role if member else None

    def state(self, value: int) -> FieldState | None:
        """Returns the state with that value, None where the field does not take it."""
        return next((state for state in self.states if state.value == value), None)

    def tests_of(self, value: int) -> tuple[FieldTest, ...]:
        """Returns helpers whose body is the comparison with ``value``, folio ones
        first."""
        return tuple(test for test in self.tests if test.value == value)

    def bits(self, value: int) -> str:
        """Returns a value as binary digits, as wide as the field."""
        low = (self.mask & -self.mask).bit_length() - 1
        width = self.mask.bit_length() - low
        return format(value >> low, f"0{width}b")


# --- the mapping field ----------------------------------------------------------


def read_mapping_field(lookup: Lookup) -> EncodedField:
    """Returns the low bits of ``folio->mapping``; raises FactsMissing."""
    header = lookup.header(PAGE_FLAGS_H)
    what = "mapping bits"
    if header is None:
        raise FactsMissing(what, "the tree has no such file", PAGE_FLAGS_H)
    constants = [
        constant
        for name in header.macros
        if _MAPPING.match(name)
        for constant in lookup.constants_in(PAGE_FLAGS_H, name)
        if "*" not in constant.definition  # PAGE_MAPPING_DAX_SHARED is a pointer
    ]
    masks = [constant for constant in constants if constant.name.endswith("_FLAGS")]
    if len(masks) != 1:
        raise FactsMissing(
            what, "no {PAGE,FOLIO}_MAPPING_FLAGS with a value", header.path
        )
    prefix = masks[0].name.removesuffix("FLAGS")
    members = tuple(
        constant
        for constant in constants
        if constant.name.startswith(prefix) and "_DAX_" not in constant.name
    )
    return field_from(
        masks[0],
        members,
        classify(header.code, {constant.name for constant in members}),
        tuple(tests_in(header, masks[0].name, {m.name: m for m in members})),
        lives_in=("mapping",),
        zero_label="file",  # "not to a struct address_space" is said of the others
    )


def page_type_field(types: PageTypes) -> EncodedField | None:
    """Returns the exclusive values of ``page_type >> shift``; None where types are
    bits."""
    if types.style != "value":
        return None
    names = tuple(
        FieldName(t.name, t.value, t.condition, t.evidence, (), Role.VALUE)
        for t in types.types
    )
    states = tuple(
        FieldState(t.value, (t.name,), t.name.removeprefix("PGTY_"), t.evidence)
        for t in types.types
    )
    return EncodedField(
        mask=(1 << (32 - types.shift)) - 1,
        mask_name=None,
        names=names,
        states=states,
        tests=(),
        evidence=(types.test,),
        lives_in=("page_type",),
        shift=types.shift,
    )


# --- helpers that are the comparison ----------------------------------------------

_RETURNS = regex(
    r"\{\s*return\s*+(?P<left>[^;]*?[^;\s])\s*+(?P<operator>==)\s*\(?\s*(?P<value>[A-Za-z_]\w*)"
    r"\s*\)?\s*;\s*\}"
)
_MASKED = regex(r"&\s*(?P<mask>[A-Za-z_]\w*)\s*\)+\s*\Z")


def tests_in(
    header: Header, mask: str, members: dict[str, Constant]
) -> Iterator[FieldTest]:
    """Yields functions and macros of a header whose whole body is ``(x & MASK) ==
    VALUE``."""
    bodies = [
        (
            function.name,
            function.parameters,
            function.body,
            header.line_of(function.start),
        )
        for functions in header.functions.values()
        for function in functions
        if mask in function.body
    ]
    bodies += [
        (d.name, ", ".join(d.params), f"{{ return {_bare(d.body)}; }}", d.line)
        for d in header.defines
        if d.params is not None and mask in d.body
    ]
    tests = []
    for name, parameters, body, line in bodies:
        match = _RETURNS.fullmatch(words(body))
        masked = _MASKED.search(match["left"]) if match else None
        if not match or not masked or masked["mask"] != mask:
            continue
        member = members.get(match["value"])
        if member is None:
            continue
        takes = re.search(r"struct (folio|page) \*", parameters)
        tests.append(
            FieldTest(
                name,
                member.value.value,
                takes[1] if takes else None,
                header.condition(line),
                header.evidence(line),
            )
        )
    yield from tests
    yield from _delegating(header, tests)


def _delegating(header: Header, tests: list[FieldTest]) -> Iterator[FieldTest]:
    """``PageKsm(page)``, which returns ``folio_test_ksm(page_folio(page))``."""
    by_name = {test.name: test for test in tests}
    for functions in header.functions.values():
        for function in functions:
            called = re.fullmatch(
                r"\{ return (\w+)\(page_folio\(\w+\)\); \}", words(function.body)
            )
            test = by_name.get(called[1]) if called else None
            if test is not None:
                line = header.line_of(function.start)
                yield FieldTest(
                    function.name,
                    test.value,
                    "page",
                    header.condition(line),
                    header.evidence(line),
                )


def _bare(body: str) -> str:
    """A macro body without the parentheses around all of it."""
    body = body.strip()
    while body.startswith("(") and closing_bracket(body, 0) == len(body) - 1:
        body = body[1:-1].strip()
    return body


# --- putting a field together ---------------------------------------------------


def field_from(
    mask: Constant,
    members: tuple[Constant, ...],
    uses: Mapping[str, Uses],
    tests: tuple[FieldTest, ...],
    *,
    lives_in: tuple[str, ...] = (),
    zero_label: str = "0",
    comparisons: tuple[Evidence, ...] = (),
) -> EncodedField:
    """Returns a field of a mask and the constants within it.

    ``uses`` tells bits from values: a single-bit name is meant as a bit if every value
    that contains it is textually made with it, unless the tree compares with it.
    """
    width = mask.value.value
    inside = tuple(m for m in members if m.value.value & ~width == 0)
    parts = {m.name: _parts(m, inside) for m in inside}
    names = tuple(
        FieldName(
            member.name,
            member.value.value,
            member.condition,
            member.evidence,
            parts[member.name],
            _role(member, mask, inside, parts, uses),
        )
        for member in inside
    )
    return EncodedField(
        mask=width,
        mask_name=mask.name,
        names=names,
        states=_states(names, uses, zero_label),
        tests=tests,
        evidence=(mask.evidence, *comparisons),
        lives_in=lives_in,
    )


def _parts(member: Constant, members: tuple[Constant, ...]) -> tuple[str, ...]:
    """The names of the group in the definition, through names that stand for names."""
    by_name = {m.name: m for m in members}
    found: dict[str, None] = {}
    waiting = [member.definition]
    while waiting:
        for name in IDENTIFIER.findall(waiting.pop()):
            if name in by_name and name != member.name and name not in found:
                found[name] = None
                waiting.append(by_name[name].definition)
    return tuple(found)


def _role(
    member: Constant,
    mask: Constant,
    members: tuple[Constant, ...],
    parts: dict[str, tuple[str, ...]],
    uses: Mapping[str, Uses],
) -> Role:
    value = member.value.value
    if member.name == mask.name or (
        MASK_NAME.search(member.name) and not uses.get(member.name, Uses()).compared
    ):
        return Role.MASK
    if value == 0:
        return Role.ZERO
    if value & (value - 1):
        return Role.VALUE
    containing = [
        other
        for other in members
        if other.name != member.name
        and other.value.value & value
        and other.value.value != value
        and other.name != mask.name
        and not MASK_NAME.search(other.name)
    ]
    used = uses.get(member.name, Uses())
    by_design = all(member.name in parts[other.name] for other in containing)
    compared = used.compared > 4 * used.tested
    return Role.BIT if by_design and not compared else Role.VALUE


def _states(
    names: tuple[FieldName, ...], uses: Mapping[str, Uses], zero_label: str
) -> tuple[FieldState, ...]:
    by_value: dict[int, list[FieldName]] = {0: []}
    for name in names:
        if name.role != Role.MASK:
            by_value.setdefault(name.value, []).append(name)
    shared = common_prefix(name.name for name in names)
    prefix = shared[: shared.rfind("_") + 1]
    states = []
    for value, of_value in sorted(by_value.items()):
        if value and not any(_is_taken(name, names, uses) for name in of_value):
            continue
        named = tuple(name.name for name in of_value)
        label = named[0].removeprefix(prefix).lower() if named else zero_label
        evidence = of_value[0].evidence if of_value else None
        states.append(FieldState(value, named, label, evidence))
    return tuple(states)


def _is_taken(
    name: FieldName, names: tuple[FieldName, ...], uses: Mapping[str, Uses]
) -> bool:
    """Whether the field takes the value of a name (see the module's docstring)."""
    used = uses.get(name.name, Uses())
    if used.compared or used.tested or used.stored:
        return True
    is_only_a_part = any(
        name.name in other.parts for other in names if other.role != Role.MASK
    )
    return not is_only_a_part
