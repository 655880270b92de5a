# SPDX-License-Identifier: GPL-2.0-or-later
"""Which values an integer type holds, as the tree under review defines its name."""

from __future__ import annotations

from msgspec import Struct

from reviewer.c.vocabulary import INTEGER_WORDS
from reviewer.facts import Facts
from reviewer.patterns import regex

DEEPEST = 8  # typedef of typedef of ...
# Where most of the names are from: u8, __u8, size_t, __kernel_size_t, gfp_t
_COMMON = (
    "include/linux/types.h",
    "include/asm-generic/int-ll64.h",
    "include/uapi/asm-generic/int-ll64.h",
    "include/uapi/asm-generic/posix_types.h",
    "include/uapi/linux/types.h",
)
# What says nothing of the values: qualifiers, and what begins with two underscores
# (include/linux/compiler_types.h: __bitwise, __maybe_unused, ...)
_QUALIFIER = regex(r"const|volatile|register|static|inline|extern|auto|_Atomic")
_SIGNED = regex(r"__signed(__)?\Z")  # the compiler's other spellings
_ATTRIBUTE = regex(r"__(?!signed|u\d|s\d|le\d|be\d|kernel_)\w+")
_ATTRIBUTES = regex(r"(?:\s+__\w+)+\Z")


class Integer(Struct, frozen=True):
    """The values of a type: whether some are negative, and the most bits it has."""

    signed: bool
    bits: int  # the most, where configurations differ
    least: int
    boolean: bool = False


def integer_type(facts: Facts, near: str, text: str) -> Integer | None:
    """Returns the integer type that ``text`` names in the file ``near``.

    None for a pointer, a struct, an enum (its sign is the compiler's choice), and for
    a name that the tree defines in two ways that differ in sign.
    """
    return _of(facts, near, text, DEEPEST)


def _of(facts: Facts, near: str, text: str, depth: int) -> Integer | None:
    words = [
        _SIGNED.sub("signed", word)
        for word in text.split()
        if not _QUALIFIER.fullmatch(word) and not _ATTRIBUTE.fullmatch(word)
    ]
    if not words or depth == 0:
        return None
    if words in (["bool"], ["_Bool"]):
        return Integer(False, 1, 1, True)
    if INTEGER_WORDS.issuperset(words):
        return _basic(facts, words)
    if len(words) != 1 or not words[0].isidentifier():
        return None
    found = [
        _of(facts, near, one, depth - 1) for one in _typedefs(facts, near, words[0])
    ]
    kinds = [one for one in found if one is not None]
    if not kinds or len(kinds) != len(found) or len({one.signed for one in kinds}) > 1:
        return None
    least = min(one.least for one in kinds)
    return Integer(kinds[0].signed, max(one.bits for one in kinds), least)


def _basic(facts: Facts, words: list[str]) -> Integer | None:
    unsigned = "unsigned" in words
    if "char" in words:
        if not unsigned and "signed" not in words:
            # plain char has no sign on any architecture since 6.2 (top Makefile)
            if "-funsigned-char" not in (facts.text("Makefile") or ""):
                return None
            unsigned = True
        return Integer(not unsigned, 8, 8)
    if "short" in words:
        return Integer(not unsigned, 16, 16)
    if words.count("long") == 2:
        return Integer(not unsigned, 64, 64)
    return Integer(not unsigned, 64 if "long" in words else 32, 32)


def _typedefs(facts: Facts, near: str, name: str) -> list[str]:
    """What the typedefs of a name stand for: in the file, in the common headers, in
    what the file includes; those of the first file that has one."""
    for path in (near, *_COMMON):
        if found := _in_header(facts, path, name):
            return found
    for path, data in facts.naming(near, name):
        if b"typedef" in data and (found := _in_header(facts, path, name)):
            return found
    return []


def _in_header(facts: Facts, path: str, name: str) -> list[str]:
    header = facts.header(path)
    found = header.typedefs.get(name, ()) if header is not None else ()
    return list(dict.fromkeys(_ATTRIBUTES.sub("", kind) for kind in found))
