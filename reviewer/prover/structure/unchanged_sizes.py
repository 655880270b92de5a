# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes and copies of what a change leaves as it was, in code that a changed struct is
used in: of a struct that only points to that one, of one member of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.c.text import IDENTIFIER, without_literals
from reviewer.patterns import regex
from reviewer.prover.structure.asked_layouts import takes_address
from reviewer.prover.structure.changed_structs import declared_member, members_of
from reviewer.prover.structure.declared import ADDRESS

if TYPE_CHECKING:
    from reviewer.prover.structure.changed_meanings import ChangedMeanings

_MEMBER = regex(r"(?:\.|->)\s*([A-Za-z_]\w*)")
_SIZE = regex(r"\bsizeof\s*\(([^()]*+)\)")
# p->m, and what is in it or what it leads to
_OWN_MEMBER = regex(
    r"[\s*]*+(\w++)\s*+(?:->|\.)\s*+(\w++)"
    r"((?:\s*+(?:(?:->|\.)\s*+\w++|\[[^\[\]]*+\]))*+)\s*+\Z"
)
# these copy bytes, whatever they are those of
_COPY = regex(
    r"\b(mem(?:cpy|set|move|cmp)|str(?:scpy(?:_pad)?|lcpy|ncpy)) ?"
    r"\(((?:sizeof ?\([^()]*+\)|[^()])*+)\)"
)
_CALL = regex(r"\b([A-Z_]\w*) ?\(([^()]*+)\)")  # of a macro, with no call in it
_NUMBER = regex(r"\d++\Z")
_PATH = regex(r"(?<![\w.>])([A-Za-z_]\w*)(?: ?(?:->|\.) ?(\w+))?")
_MEMBERS = regex(r"(\w*+)\s*+(?:->|\.)\s*+([A-Za-z_]\w*+)(\s*+(?:->|\.|\[))?+")
_WHOLE = regex(r"\s*+(?:(struct)\s++|\*\s*+)?(\w++)\s*+\Z")  # struct s, *p, v


def holds_none(meanings: ChangedMeanings, tag: str) -> bool:
    """Says whether a struct is laid out as it was, whatever it leads to."""
    if not tag or tag == ADDRESS or meanings.is_macro(tag):
        return False
    return (
        tag not in meanings.types | meanings.laid_out | meanings.hard | meanings.inside
    )


def without_copies(
    meanings: ChangedMeanings, text: str, locals_: Mapping[str, str]
) -> str:
    """Returns a text with the sizes of what did not change as numbers, and without the
    names of functions that copy bytes of nothing that did."""
    text = _COPY.sub(
        lambda one: (
            f"({one[2]})" if _is_kept_copy(meanings, one[2], locals_) else one[0]
        ),
        text,
    )
    asks = {name for name in _of_calls(text) if _asks_size(meanings, name)}
    text = _CALL.sub(
        lambda one: f"sizeof({one[2]})" if one[1] in asks else one[0], text
    )
    return _SIZE.sub(
        lambda one: "1" if _is_kept_size(meanings, one[1], locals_) else one[0], text
    )


def copying(meanings: ChangedMeanings, text: str) -> set[str]:
    """Returns the names in a text of functions that copy bytes and of macros that are
    a size."""
    copies = {found[1] for found in _COPY.finditer(text)}
    return copies | {name for name in _of_calls(text) if _asks_size(meanings, name)}


def _of_calls(text: str) -> set[str]:
    return {found[1] for found in _CALL.finditer(text)}


def _asks_size(meanings: ChangedMeanings, name: str) -> bool:
    """Whether a name is a macro on both sides that makes a number of the size of what
    it is handed, and of nothing else: BITS_PER_TYPE() of include/linux/bits.h."""
    for side in meanings.definitions:
        macros = side.macros(name)
        for macro in macros:
            if macro.parameters is None or len(macro.parameters) != 1:
                return False
            given = macro.parameters[0]
            if any(sign in macro.body for sign in '#"&>{}'):
                return False
            rest = regex(rf"\bsizeof ?\( ?{given} ?\)").sub("1", macro.body)
            words = {*IDENTIFIER.findall(rest)}
            numbers = (one.body for word in words for one in side.macros(word))
            if rest == macro.body or given in words or "sizeof" in words:
                return False
            if not all(side.is_macro(word) for word in words):
                return False
            if not all(_NUMBER.match(number.strip()) for number in numbers):
                return False
        if not macros:
            return False
    return True


def hands_address(
    meanings: ChangedMeanings, text: str, locals_: Mapping[str, str]
) -> bool:
    """Says whether a text may have the address of what lies in a changed struct: by an
    &, or an array; a member of a pointer or a number has none."""
    text = without_literals(text)
    if takes_address(text):
        return True
    for name, member, more in _MEMBERS.findall(text):
        tag = locals_.get(name, "")
        if tag and (more or member in meanings.members):
            if not meanings.are_kept([name], locals_):
                return True
        elif not tag or _is_array(meanings, tag, member):
            return True
    return False


def _is_array(meanings: ChangedMeanings, tag: str, member: str) -> bool:
    """Whether a member may be an array: it is not declared alone without brackets."""
    for side in meanings.definitions:
        for text, _source, _offset in side.structs("struct", tag):
            read = members_of(text)
            ones = [] if read is None else read[1]
            if not any(declared_member(one) == member and "[" not in one
                       for one in ones):  # fmt: skip
                return True
    return not any(side.structs("struct", tag) for side in meanings.definitions)


def _is_kept_copy(
    meanings: ChangedMeanings, given: str, locals_: Mapping[str, str]
) -> bool:
    """Whether nothing that is named there leads to what changed, or it is no more
    than one member that did not."""
    parts = [part.strip() for part in _SIZE.sub("", given).split(",")]
    size = given.rpartition(",")[2].strip()
    for part in parts:
        for name, member in _PATH.findall(part):
            if (
                not member
                or locals_.get(name) not in meanings.laid_out | meanings.through
            ):
                if not meanings.are_kept([name], locals_):
                    return False
                continue
            if member in meanings.members:
                return False
            tag = locals_[name]
            whole = size.replace(" ", "") == f"sizeof({part.lstrip('& ')})"
            has_place = part[0] == "&" or _is_array(meanings, tag, member)
            within = whole or (part[0] != "&" and size.isidentifier())
            if has_place and not within and not holds_none(meanings, tag):
                return False
            if not _is_kept_member(meanings, tag, member):
                return False
    return True


def _is_kept_size(
    meanings: ChangedMeanings, operand: str, locals_: Mapping[str, str]
) -> bool:
    """Whether a size is that of nothing that changed: of a type or a variable, or
    of one member of a struct, whatever the others are."""
    found = _OWN_MEMBER.match(operand)
    if found is not None and found[2] not in meanings.members:
        tag = locals_.get(found[1], "")
        if tag in meanings.laid_out | meanings.through:
            return _is_kept_member(meanings, tag, found[2], bool(found[3]))
    whole = _WHOLE.match(operand)
    if whole is not None and (whole[1] or whole[2] in locals_):
        return holds_none(meanings, whole[2] if whole[1] else locals_[whole[2]])
    return meanings.are_kept(IDENTIFIER.findall(_MEMBER.sub(" ", operand)), locals_)


def _is_kept_member(
    meanings: ChangedMeanings, tag: str, member: str, deep: bool = True
) -> bool:
    """Whether both sides declare a member of a struct with the same words, none of
    which changed, or leads to what did where that counts (``deep``)."""
    read = [
        members_of(text)
        for side in meanings.definitions
        for text, _source, _offset in side.structs("struct", tag)
    ]
    texts = [
        [one for one in both[1] if declared_member(one) == member]
        for both in read
        if both is not None
    ]
    return (
        len(texts) == len(meanings.definitions)
        and texts[0] == texts[-1]
        and len(texts[0]) == 1
        and meanings.are_kept({*IDENTIFIER.findall(texts[0][0])} - {member}, {}, deep)
    )
