# SPDX-License-Identifier: GPL-2.0-or-later
"""Structs with an array that is as long as a changed number says: their members lie
elsewhere, and the struct is not another one for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from reviewer.c.text import IDENTIFIER, without_strings
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.changed_structs import (
    KEYWORDS,
    declared_member,
    members_of,
    struct_change_of,
)
from reviewer.prover.structure.steps import Step

_ARRAY = regex(r"([^\[\]]*+)\[ ?(0x[0-9a-fA-F]{1,8}|[1-9]\d{0,8}) ?\] ?\Z")
_IS_NUMBER = regex(r"[^|]*?: None \(?(0x[0-9a-fA-F]{1,8}|[1-9]\d{0,8}|0)\)?\Z")
_INDEX = regex(r"(\w+) ?\[ ?(0x[0-9a-fA-F]{1,8}|[1-9]\d{0,8}|0) ?\]")
Numbers = Mapping[str, tuple[str, str]]


def structs_of_other_lengths(
    changed: Set[str], names: ChangedNames, sides: tuple[Definitions, Definitions]
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yields the structs in which changed numbers say only how long arrays are, each
    with those members and the shorter length of each."""
    numbers: dict[str, tuple[str, str]] = {}
    for name in changed & names.macros:
        one, two = (_IS_NUMBER.match(t) for t in names.texts.get(name, ("", "")))
        if one and two:
            numbers[name] = one[1], two[1]
    for name, words in names.uses.items() if numbers else ():
        if words.isdisjoint(numbers) or name in changed | names.functions:
            continue
        texts = [
            meanings_of(source).texts.get(name, "")  # with what stands behind it
            for side in sides
            for _text, source, _offset in side.structs("struct", name)
        ]
        if len(texts) == 2 and texts[0] == texts[1]:
            found = _other_lengths(name, texts[0], numbers)
            if found:
                yield name, found


def _with_numbers(text: str, numbers: Numbers, side: int) -> str:
    return IDENTIFIER.sub(
        lambda word: numbers[word[0]][side] if word[0] in numbers else word[0], text
    )


def _other_lengths(name: str, text: str, numbers: Numbers) -> dict[str, int]:
    """The arrays of a struct with another length, nothing where a number says more."""
    old, new = (_with_numbers(text, numbers, side) for side in (0, 1))
    change = struct_change_of(name, old, new)
    read = members_of(old), members_of(new)
    if change is None or change.members is None or not (read[0] and read[1]):
        return {}
    found = {}
    for one, two in zip(read[0][1], read[1][1], strict=True):
        if one == two:
            continue
        first, second, member = (
            _ARRAY.match(one),
            _ARRAY.match(two),
            declared_member(two),
        )
        if not first or not second or member is None or first[1] != second[1]:
            return {}
        found[member] = min(int(first[2], 0), int(second[2], 0))
    return found


def sees_length(
    step: Step,
    lengths: Mapping[str, int],
    locals_: Set[str],
    sides: tuple[Definitions, Definitions],
) -> bool:
    """Says whether a step may see how long an array is: it hands it to a macro, or has
    a number for which the shorter one is too short."""
    if any(
        macro.parameters is not None
        for word in step.words - locals_ - KEYWORDS
        if not is_print(word)
        for side in sides
        for macro in side.macros(word)
    ):
        return True
    return any(
        name in lengths and int(number, 0) >= lengths[name]
        for name, number in _INDEX.findall(without_strings(step.text))
    )
