# SPDX-License-Identifier: GPL-2.0-or-later
"""Encoded fields that the tree shows by how it uses names.

The evidence that is asked for, and what it was measured to be worth, is that of the
project's notes: a mask, values within it of which one contains another, comparisons
under the mask, and far fewer tests of single bits than comparisons.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from reviewer.facts.fields import (
    MASK_NAME,
    EncodedField,
    Role,
    field_from,
    page_type_field,
    tests_in,
)
from reviewer.facts.header import Header
from reviewer.facts.lookup import Constant, Lookup
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.name_uses import (
    Uses,
    added_counts,
    classify,
    common_prefix,
    search_uses,
)
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.facts.places_of_names import COMPARED, may_stand

if TYPE_CHECKING:
    from reviewer.facts import Facts

_LARGEST = 2 * 1024 * 1024  # bytes of a header; register headers are larger
_MOST_NAMES = 128  # of one group
_MOST_IN_NAMESPACE = 24  # names of a header that share no more than one word
_SHORTEST_PREFIX = 4  # "S_IF"


def find_field(
    facts: Facts, lookup: Lookup, name: str, near: str | None
) -> EncodedField | None:
    """Finds what ``Facts.field_of`` returns: in the header that defines the name."""
    files = lookup.files_defining(name, near)
    if len(files) != 1:
        return None
    if files[0] == PAGE_FLAGS_H:
        known = _of_page_flags(facts, name)
        if known is not None:
            return known
    if not may_stand(COMPARED, name, lookup, facts.view, near):
        return None  # what is compared with nothing is no value of a field
    header = lookup.header(files[0])
    if header is None or len(header.data) > _LARGEST:
        return None
    value = _single_value(lookup.constants_in(files[0], name))
    if value is None or value.value.value <= 0:
        return None
    for mask, members in _groups(lookup, header, value):
        field = _judged(facts, lookup, header, name, near, mask, members)
        if field is not None:
            return field
    return None


def _of_page_flags(facts: Facts, name: str) -> EncodedField | None:
    try:
        if name.startswith("PGTY_"):
            field = page_type_field(facts.page_types)
        else:
            field = facts.mapping_field
    except FactsMissing:
        return None
    return field if field is not None and field.get(name) is not None else None


def _single_value(constants: tuple[Constant, ...]) -> Constant | None:
    values = {constant.value.value for constant in constants}
    return constants[0] if len(values) == 1 else None


def _groups(
    lookup: Lookup, header: Header, value: Constant
) -> list[tuple[Constant, tuple[Constant, ...]]]:
    """Masks of the header that the name may belong to, with the values within.

    A group is what shares a beginning with both the mask and the name, the longest
    first.
    """
    names = [*header.macros, *header.enum_of]
    is_namespace = cache(lambda prefix: _is_namespace(prefix, names))
    found = []
    for mask_name in names:
        if mask_name == value.name or not _may_be_mask(mask_name, value.name):
            continue
        prefix = common_prefix((mask_name, value.name))
        if len(prefix) < _SHORTEST_PREFIX or is_namespace(prefix):
            continue
        mask = _single_value(lookup.constants_in(header.path, mask_name))
        if mask is None or value.value.value & ~mask.value.value:
            continue
        if mask.value.value & (mask.value.value - 1) == 0:
            continue  # one bit holds no field
        members = _members(lookup, header, names, prefix, mask)
        if _overlaps(value, mask, members):
            found.append((len(prefix), mask, members))
    found.sort(key=lambda group: -group[0])
    return [(mask, members) for _, mask, members in found[:2]]


def _may_be_mask(name: str, value: str) -> bool:
    """Whether a name says that it is a mask, or is what the value's name begins with:
    PCI_EXP_LNKSTA_CLS of PCI_EXP_LNKSTA_CLS_2_5GB (include/uapi/linux/pci_regs.h)."""
    return bool(MASK_NAME.search(name)) or value.startswith(f"{name}_")


def _is_namespace(prefix: str, names: list[str]) -> bool:
    """``EXT4_``: what all names of a large header begin with makes no group."""
    if prefix.count("_") > 1 or not prefix.endswith("_"):
        return False
    return sum(name.startswith(prefix) for name in names) > _MOST_IN_NAMESPACE


def _members(
    lookup: Lookup, header: Header, names: list[str], prefix: str, mask: Constant
) -> tuple[Constant, ...]:
    alike = [name for name in names if name.startswith(prefix)]
    if len(alike) > _MOST_NAMES:
        return ()
    members: list[Constant] = []
    for name in alike:
        member = _single_value(lookup.constants_in(header.path, name))
        if member and member.value.value & ~mask.value.value == 0:
            members.append(member)
    return tuple(members)


def _overlaps(value: Constant, mask: Constant, members: tuple[Constant, ...]) -> bool:
    """Whether another value of the group shares a bit with this one."""
    return any(
        other.value.value & value.value.value
        and other.name != mask.name
        and other.value.value != value.value.value
        and not MASK_NAME.search(other.name)
        for other in members
    )


def _judged(
    facts: Facts,
    lookup: Lookup,
    header: Header,
    name: str,
    near: str | None,
    mask: Constant,
    members: tuple[Constant, ...],
) -> EncodedField | None:
    names = [member.name for member in members]
    elsewhere, here = search_uses(lookup, facts.view, [*names, mask.name], near)
    own = classify(header.code, names, lambda at: header.evidence(header.line_of(at)))
    uses = {n: _most(added_counts(elsewhere[n], here[n]), own[n]) for n in names}
    if not _is_value_family(name, mask, members, elsewhere, uses):
        return None
    by_name = {member.name: member for member in members}
    comparisons = [e for n in names for e in uses[n].comparisons]
    own_first = [*uses[name].comparisons, *comparisons]
    field = field_from(
        mask,
        members,
        uses,
        tuple(tests_in(header, mask.name, by_name)),
        comparisons=tuple(dict.fromkeys(own_first))[:4],
    )
    return field if field.role(name) in (Role.VALUE, Role.BIT) else None


def _most(lines: Uses, whole: Uses) -> Uses:
    """Counts by line miss what spans lines; the defining header was read whole."""
    lines.compared = max(lines.compared, whole.compared)
    for mask, count in whole.masks.items():
        lines.masks[mask] = max(lines.masks.get(mask, 0), count)
    lines.comparisons += whole.comparisons
    return lines


def _is_value_family(
    name: str,
    mask: Constant,
    members: tuple[Constant, ...],
    elsewhere: dict[str, Uses],
    uses: dict[str, Uses],
) -> bool:
    """The filters that were measured: comparisons under the mask there must be, four
    for each test of a single bit of the family; for a value of several bits also no
    more tests of it than comparisons with it.

    ``(x & M) == M`` says that all bits of M are set, and nothing of values within it.
    """
    values = [member.name for member in members if member.name != mask.name]
    under_mask = sum(uses[one].masks.get(mask.name, 0) for one in values)
    if under_mask == 0 or uses[name].compared == 0:
        return False
    compared = sum(uses[m.name].compared for m in members)
    single_tests = sum(
        elsewhere[m.name].tested
        for m in members
        if m.value.value and not m.value.value & (m.value.value - 1)
    )
    if single_tests > 1 and compared < 4 * single_tests:
        return False
    value = next(m.value.value for m in members if m.name == name)
    if value & (value - 1):
        return uses[name].compared >= uses[name].tested
    other = elsewhere[name]  # a bit that is set, and read: SCTP_DATA_FIRST_FRAG
    as_bit = other.updated and other.tested
    return not as_bit or other.compared >= 4 * other.tested
