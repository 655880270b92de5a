# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that asks how large something is, or where in it something lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.prover.structure.changed_meanings import ChangedMeanings

_CAST = regex(r"\(\s*(?:const\s+)?(?:struct\s+|union\s+)?(\w+)\s*\*+\s*\)")
# an address as a number or as bytes; as a pointer to what is no struct, or another; one
# that a function is handed; any other
_ADDRESS = regex(
    r"\(\s*(?:const\s+)?(?:unsigned\s+)?(?:(?:char|void|u8|s8)\s*\*+|(?:long|u64|size_t"
    r"|uintptr_t|phys_addr_t|dma_addr_t|ulong)\s*\**)\s*\)\s*[\w&(*]"
)
_AS_ANOTHER = regex(
    r"\(\s*(?:(?:const|volatile|unsigned|signed|struct|union|long|__\w+)\s+)*\w+"
    r"(?:\s+(?:const|volatile|__\w+))*\s*\*[\s*]*\)\s*[&(*]*\s*(\w+)"
)
_HANDED = regex(r"(?<=[(,])\s*&\s*[\w>.\[\]-]+\s*(?=[,)])")
_PLACE = regex(r"(?<!&)&\s*[\w(][\w>.\[\]-]*(?:->|\.)")
# &p->m compared with another address: whether that is this member of that object
_IS_THAT = regex(r"\w[\w.\[\]>-]*+[ )]*+[!=]=")
_AS_THAT = regex(r"[!=]=\s*\Z")
_AND = regex(r"(?<!&)&(?!&)")
_BOTH = regex(r"(?<!\breturn)(?<!\bcase)(?<!\belse)(?<=[\w\]])\s*\Z")  # a & b
_LAYOUT = frozenset(
    ["sizeof", "offsetof", "offsetofend", "sizeof_field", "memcpy", "memset", "memmove",
     "memcmp", "struct_size", "struct_size_t", "flex_array_size", "struct_group",
     "union", "_Alignof", "__alignof__", "__alignof", "alignof", "__struct_size",
     "__member_size"]
)  # fmt: skip
_ASSEMBLER = regex(r"\b(?:asm|__asm|__asm__)\b")
_LAYOUT_BUILTIN = regex(  # https://gcc.gnu.org/onlinedocs/gcc/Other-Builtins.html
    r"__builtin_(?!expect|constant_p|unreachable|prefetch|choose_expr|types_compatible_p"
    r"|return_address|\w+_overflow|bswap|ffs|clz|ctz|popcount)\w+"
)


_TO_NUMBER = regex(
    r"\( ?(?:unsigned )?(?:long|u64|size_t|uintptr_t|phys_addr_t|dma_addr_t|ulong) ?\)"
    r"(?= ?[\w(])"
)
AS_NUMBER, BY_LAYOUT = "a number of it", "by its layout"  # in the order of what is seen


def how_asked(body: str, types: set[str], parameters: tuple[str, ...]) -> str:
    """Returns how a macro asks for sizes and places: not at all (""), AS_NUMBER where
    it only takes what it is handed for a number, which may be an address, or
    BY_LAYOUT."""
    if not asks_for_layout(body, types, parameters):
        return ""
    plain = _TO_NUMBER.sub("", body)
    return BY_LAYOUT if asks_for_layout(plain, types, parameters) else AS_NUMBER


def takes_address(text: str) -> bool:
    """Says whether & stands for the address of something in a text."""
    return any(not _BOTH.search(text[: one.start()]) for one in _AND.finditer(text))


def asks_for_layout(
    text: str, types: set[str], parameters: tuple[str, ...] | None = None
) -> bool:
    """Says whether code asks how large something is or where a member lies, takes
    memory for a struct of one of these types, or a struct for something else; of a
    macro with ``parameters`` whether it does that to them."""
    if not _LAYOUT.isdisjoint(IDENTIFIER.findall(text)) or _LAYOUT_BUILTIN.search(text):
        return True
    if any(name in types for name in _CAST.findall(text)) or _ADDRESS.search(text):
        return True
    for found in _AS_ANOTHER.finditer(text):
        if parameters is None or found[1] in parameters:
            return True
    if parameters is None and _ASSEMBLER.search(text):
        return True
    rest = _HANDED.sub(" ", text)
    return any(not _is_no_place(rest, *one.span()) for one in _PLACE.finditer(rest))


def _is_no_place(text: str, start: int, end: int) -> bool:
    """Whether & is that of numbers, or of a member that another address may be that
    of: list_for_each_entry() compares these."""
    before = text[:start]
    compared = _IS_THAT.match(text, end) or _AS_THAT.search(before)
    return bool(_BOTH.search(before) or compared)


def sees_const(meanings: ChangedMeanings, text: str) -> bool:
    """Says whether a piece of code may not do the same with something that is const on
    one side only: it asks for the type, or takes the const away to write."""
    asks = "_Generic" in text
    return any(asks or name in _AS_ANOTHER.findall(text) for name in meanings.only_said)
