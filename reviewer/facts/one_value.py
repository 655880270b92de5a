# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what a constant comes to hangs on more than the first definition seen.

A file sees one of several headers by its architecture or an option
(arch/arm/include/asm/pgtable-2level.h or -3level.h), generic headers stand in for those
of an architecture, and a stub may stand beside a variable (sme_me_mask in
arch/x86/include/asm/mem_encrypt.h).  To look for all of them is dear, so only what is
about to be told is asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reviewer.c.conditions import any_of
from reviewer.c.known_macros import CONSTANTS, MACROS
from reviewer.c.text import IDENTIFIER
from reviewer.facts.lookup import definitions_in
from reviewer.patterns import regex
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from reviewer.c.constants import ConstantDefinition
    from reviewer.facts import Facts
    from reviewer.facts.header import Header
    from reviewer.facts.lookup import Lookup

_MOST_NAMES = 60
_GENERIC = regex(r"include/(uapi/)?asm-generic/")
_ARCHITECTURE = regex(r"(?:tools/)?arch/\w+/")
# made by scripts/syscallhdr.sh from the table of an architecture
_GENERATED = regex(r"__NR_\w+\Z")


def has_one_value(facts: Facts, lookup: Lookup, text: str, near: str) -> bool:
    """Says whether each name in an expression that is spelled as a constant has one
    value wherever file ``near`` is compiled, and so has what it stands for."""
    words = IDENTIFIER.findall(text)
    if any(map(_GENERATED.match, words)):
        return False
    spelled = (name for name in words if name == name.upper())
    waiting, seen = list(spelled), {*CONSTANTS, *MACROS}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if len(seen) > _MOST_NAMES + len(CONSTANTS) + len(MACROS) or _GENERATED.match(
            name
        ):
            return False
        homes = list(_homes(facts, lookup, name, near))
        if not _is_settled(facts, lookup, name, near, homes):
            return False
        for header in homes:
            for one in definitions_in(header, name):
                waiting += IDENTIFIER.findall(one.text)
    return True


def _homes(facts: Facts, lookup: Lookup, name: str, near: str) -> Iterator[Header]:
    """The files that define a name, of all that a file may include."""
    own = facts.header(near)
    if own is not None and definitions_in(own, name):
        yield own
        return
    first = list(map(facts.header, lookup.files_defining(name, near)))
    known = {header.path for header in first if header is not None}
    yield from (header for header in first if header is not None)
    for path, _data in facts.naming(near, name):
        header = facts.header(path)
        if header is not None and path not in known and definitions_in(header, name):
            known.add(path)
            yield header


def _is_settled(
    facts: Facts, lookup: Lookup, name: str, near: str, homes: list[Header]
) -> bool:
    values = set()
    for header in homes:
        ways = [
            one
            for one in definitions_in(header, name)
            if one.params is None and not one.condition.is_false
        ]
        found = lookup.constants_in(header.path, name, near)
        if found and len(found) < len(ways):
            return False  # one of them has no value that we can tell
        values |= {one.value.value for one in found}
        if _has_variable(header, name, ways):
            return False
    if len(values) > 1:
        return False
    return not any(_is_one_of_many(header.path, near) for header in homes) or not (
        _is_elsewhere(facts, name, {header.path for header in homes})
    )


def _has_variable(
    header: Header, name: str, ways: Sequence[ConstantDefinition]
) -> bool:
    """Whether a header declares a variable where it has no such macro."""
    if not ways or any_of(one.condition for one in ways).is_true:
        return False
    declared = regex(rb"\bextern\b[^;{}()]*\b" + encode(name) + rb"\s*[;\[,]")
    return declared.search(header.data) is not None


def _is_one_of_many(path: str, near: str) -> bool:
    """Whether another architecture may have another header in the place of this one."""
    if _GENERIC.match(path):
        return True
    own = _ARCHITECTURE.match(path)
    return own is not None and not near.startswith(own[0])


def _is_elsewhere(facts: Facts, name: str, homes: set[str]) -> bool:
    hits = facts.view.grep([name], ["arch"], suffixes=(".h",))
    define = regex(rf"\s*#\s*define\s+{name}\b")
    return any(hit.path not in homes and define.match(hit.text) for hit in hits)
