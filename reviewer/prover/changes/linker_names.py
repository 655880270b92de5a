# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that a file tells the linker: another one for a function, assembler."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.neutralise_words import CALLED
from reviewer.c.text import IDENTIFIER
from reviewer.facts.header import Header

# a function or a variable that has another name for the linker
_OTHER_NAME = re.compile(rb"asm\b|asm__|alias|ifunc|weakref|__copy\b")
_RENAMED = re.compile(
    r"^[A-Za-z_][\w \t*]*?\b(\w+)\s*(?:(?:\[[^\]\n]*\])?\s*"
    r"(?=asm\b|__asm|__attribute|__\w*alias|__copy\b)|\([^(){};]*\)\s*(?=asm\b|__))"
    r"(\w+\s*\([^;{}]*\)[^;{}=]*)[;=]",
    re.MULTILINE,
)
_ESCAPED = re.compile(r"\\.")
_TOP_ASM = re.compile(
    r"^(?:asm|__asm__|__asm)\b[\s\w]*\("
    r"((?:\"(?:\\[\s\S]|[^\"\\])*\"|[^\";{}])*)\)\s*;",
    re.MULTILINE,
)


def linker_names(source: Header) -> Iterator[tuple[str, str, int]]:
    """Yields names that a file tells the linker, with the text and the line."""
    named = source.clean if _OTHER_NAME.search(source.data) else ""
    for match in _RENAMED.finditer(named):
        # behind an attribute stands what is declared
        name = match[1] if match[1].encode() not in CALLED else match[2].split("(")[0]
        yield name.strip(), match[2], source.line_of(match.start())
    for match in _TOP_ASM.finditer(named):
        for word in set(IDENTIFIER.findall(_ESCAPED.sub(" ", match[1]))):
            yield word, match[1], source.line_of(match.start())
