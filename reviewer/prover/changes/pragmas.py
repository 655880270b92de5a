# SPDX-License-Identifier: GPL-2.0-or-later
"""Pragmas that say what a name means, or how structs are laid out, and alignments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, normalised
from reviewer.facts.header import Header

_PRAGMA = re.compile(
    r"^[ \t]*(#[ \t]*pragma[ \t]+(?:pack|scalar_storage_order)\b[^\n]*)"
    r'|\b(_Pragma\s*\(\s*"(?:pack|scalar_storage_order)[^\n]*)',
    re.MULTILINE,
)
_SAID_BY_PRAGMA = re.compile(
    r"^[ \t]*#[ \t]*(?:pragma[ \t]+(?:push_macro|pop_macro|redefine_extname|weak)\b"
    r"|line\b|\d)[^\n]*",
    re.MULTILINE,
)
# include/linux/compiler_attributes.h, cache.h: __aligned(8), ____cacheline_aligned
_ALIGNED = re.compile(
    r"(?:\b__\w*aligned|\b__attribute__\s*\(\s*\(\s*_*aligned|\b_Alignas)\b"
    r"(?:__)?(?:\s*\((?:[^();]|\([^();]*\))*\))?"
)


def alignments(source: Source, function: Function) -> list[str]:
    """Returns what a function says of the alignment of its variables, in order: whoever
    is handed one of them may need it."""
    return [normalised(text) for text in _ALIGNED.findall(source.text(function.node))]


def said_by_pragmas(source: Header) -> Iterator[tuple[str, str]]:
    """Yields (word, text) of the pragmas and #line directives that say what a name
    means: push_macro, pop_macro, redefine_extname, weak."""
    if b"ragma" in source.data or b"line" in source.data:
        for found in _SAID_BY_PRAGMA.finditer(source.clean):
            text = normalised(found[0])
            if "line" in text.split()[0] or text.lstrip("# ")[:1].isdigit():
                yield "__LINE__", text
                yield "__FILE__", text
            else:
                yield from ((word, text) for word in IDENTIFIER.findall(text)[2:])


def packing_pragmas(source: Header) -> Iterator[tuple[int, str]]:
    """Yields (offset, text) of the pragmas that lay out structs behind them
    otherwise."""
    if b"ragma" in source.data:
        for found in _PRAGMA.finditer(source.clean):
            yield found.start(), normalised(found[1] or found[2])


def pragmas(source: Header) -> list[str]:
    """Returns the pragmas of a file that change the layout of structs, in their
    order."""
    return [text for _at, text in packing_pragmas(source)]
