# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that are the number of a bit: ``PG_lru`` is 5, not ``1 << 5``.

Source: ``enum pageflags`` and the KPF_ defines of the tree; for any other name what the
tree does with it (``test_bit(NAME, ..)``, ``BIT(NAME)``, ``1 << NAME``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import Condition
from reviewer.facts.fields import MASK_NAME
from reviewer.facts.lookup import USER_SPACE, Constant, Lookup
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.name_uses import added_counts, search_uses
from reviewer.facts.places_of_names import NUMBERED, may_stand
from reviewer.models import Evidence
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.facts import Facts

OURS = ("PG_", "KPF_")  # of any other name its uses tell
_HIGHEST = 63  # of the widest word that is tested with &
_NAMES = regex(r"\b[A-Za-z_]\w*")
_MASK_TEXT = regex(r"<<|\bBIT|\bGENMASK|\||~|0[xX]")


class BitNumber(Struct, frozen=True):
    """The number of a bit, which may depend on the configuration."""

    name: str
    kind: str  # page-flag, kpf, bit
    numbers: tuple[tuple[int, Condition], ...]
    evidence: Evidence  # where it is defined
    uses: tuple[Evidence, ...] = ()  # places that use it as a number

    @property
    def low(self) -> int:
        """The lowest number it can have."""
        return min(number for number, _ in self.numbers)

    @property
    def high(self) -> int:
        """The highest number it can have."""
        return max(number for number, _ in self.numbers)


def find_bit_number(
    facts: Facts, lookup: Lookup, name: str, near: str | None
) -> BitNumber | None:
    """Returns why a name is the number of a bit, as the file ``near`` uses it; None
    where nothing says that it is one."""
    if name.startswith(OURS) and is_known_to_kernel(lookup, name, near):
        if name.startswith("PG_"):  # others have such names too: linux/nfs_page.h
            return _page_flag(facts, name) or _by_use(facts, lookup, name, near)
        return _kpf(facts, name)
    return _by_use(facts, lookup, name, near)


def is_known_to_kernel(lookup: Lookup, name: str, near: str | None) -> bool:
    """Says whether ``name`` in ``near`` is the kernel's own: a file may define a mask
    of that name for itself, as user space does."""
    files = lookup.files_defining(name, near)
    if not files:  # the header that has it may be missing from the tree
        return near is None or not near.startswith(USER_SPACE)
    return all(file.startswith("include/") for file in files)


def _page_flag(facts: Facts, name: str) -> BitNumber | None:
    """An enumerator of enum pageflags; PG_buddy of 6.1 is a mask and none."""
    try:
        flags = facts.page_flags
    except FactsMissing:
        return None
    flag = flags.get(name)
    if flag is None:
        return None
    return BitNumber(name, "page-flag", flags.bits(name), flag.evidence)


def _kpf(facts: Facts, name: str) -> BitNumber | None:
    try:
        bit = facts.kpf.get(name)
    except FactsMissing:
        return None
    if bit is None:
        return None
    return BitNumber(name, "kpf", ((bit.number, bit.condition),), bit.evidence)


def _by_use(
    facts: Facts, lookup: Lookup, name: str, near: str | None
) -> BitNumber | None:
    if MASK_NAME.search(name):
        return None
    if not may_stand(NUMBERED, name, lookup, facts.view, near):
        return None
    constants = lookup.constants(name, near)
    if not constants or not all(_may_be_number(constant) for constant in constants):
        return None
    if any(_is_made_as_mask(lookup, constant, near) for constant in constants):
        return None
    elsewhere, here = search_uses(lookup, facts.view, [name], near)
    outside, inside = elsewhere[name], here[name]
    # what near does with & is on trial; anywhere else it says that it is a mask
    as_mask = outside.tested + outside.updated + outside.stored
    if outside.numbered + inside.numbered < 2 or as_mask > outside.compared:
        return None
    if inside.tested + inside.updated >= outside.numbered + inside.numbered:
        return None
    if outside.compared + inside.compared > outside.numbered + inside.numbered:
        return None  # a value first, of which a set is made somewhere
    uses = added_counts(outside, inside).numbers
    numbers = tuple((c.value.value, c.condition) for c in constants)
    return BitNumber(name, "bit", numbers, constants[0].evidence, tuple(uses[:3]))


def _may_be_number(constant: Constant) -> bool:
    """A small plain number, or an enumerator that is counted."""
    if not 0 <= constant.value.value <= _HIGHEST:
        return False
    return not _MASK_TEXT.search(constant.definition)


def _is_made_as_mask(lookup: Lookup, constant: Constant, near: str | None) -> bool:
    """Whether a definition leads, name by name, to a shift or a hexadecimal number."""
    text = constant.definition
    for _ in range(6):
        names = _NAMES.findall(text)
        if _MASK_TEXT.search(text):
            return True
        if not names:
            return False
        found = lookup.defines(names[-1], near) or lookup.defines(
            names[-1], constant.evidence.file
        )
        if not found:
            return False
        text = found[0][1].body
    return False
