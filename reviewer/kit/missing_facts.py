# SPDX-License-Identifier: GPL-2.0-or-later
"""Facts that a file asks for and the tree does not give: what a rule says of them.

A rule goes on with what is known, and raises these at its end.
"""

from __future__ import annotations

from reviewer.api import FileImage, Skipped
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing
from reviewer.patterns import regex

_KPF = regex(rb"\bKPF_[A-Z0-9_]+\b")
_MAPPING = regex(rb"\b(?:PAGE|FOLIO)_MAPPING_(?:ANON|MOVABLE|KSM|ANON_KSM|FLAGS)\b")


def need_bit_numbers(image: FileImage) -> None:
    """Raise Skipped where PG_ or KPF_ names of the file have no known number."""
    data, facts = image.source.data, image.facts
    try:
        if b"PG_" in data:
            _ = facts.page_flags
        found = _KPF.findall(data) if b"KPF_" in data else ()
        names = {name.decode() for name in found}
        absent = facts.kpf.absent if names else ()
        if absent and any(facts.kpf.get(name) is None for name in names):
            raise FactsMissing("KPF bits", "the tree has no such file", absent[0])
    except FactsMissing as missing:
        raise skipped_for(missing) from None


def need_mapping_field(image: FileImage) -> None:
    """Raise Skipped where the file names mapping bits and their field is not known."""
    data = image.source.data  # of which most has no such word, which is found faster
    if b"_MAPPING_" not in data or _MAPPING.search(data) is None:
        return
    try:
        _ = image.facts.mapping_field
    except FactsMissing as missing:
        raise skipped_for(missing) from None


def need_helpers(facts: Facts) -> None:
    """Raise Skipped where lines of page-flags.h that make helpers were not read."""
    lines = facts.helpers.unread
    if lines:
        from reviewer.facts.pageflags import PAGE_FLAGS_H

        why = f"{len(lines)} lines of a form that is not read, as {lines[0].text}"
        raise Skipped("helpers", why, PAGE_FLAGS_H)


def skipped_for(missing: FactsMissing) -> Skipped:
    """Returns what a rule raises where the tree does not give a fact that it needs."""
    return Skipped(missing.what, missing.why, missing.not_checked.file)
