# SPDX-License-Identifier: GPL-2.0-or-later
"""Words of attributes that look like what they are not: a variable, a struct."""

from __future__ import annotations

import re

from reviewer.c.neutralise_words import ALONE
from reviewer.facts.header import Header
from reviewer.utf8 import encode

_ATTRIBUTE = re.compile(r"\s*(?:(?:__attribute__|__aligned)\b|____cacheline|\Z)")
# Of sparse (Documentation/dev-tools/sparse.rst), and not struct address_space
_FOR_SPARSE = re.compile(r"(?<=[(,])\s*address_space\s*\(\s*\w+\s*\)(?=\s*[,)])")


def in_parentheses(depth: int) -> str:
    """Returns a pattern of what stands in parentheses, with others in it, so many deep:
    ((aligned(sizeof(u64))))."""
    inner = "[^(){};]"
    for _level in range(depth):
        inner = rf"(?:[^(){{}};]|\({inner}*+\))"
    return rf"\({inner}*+\)"


def is_attribute(source: Header, name: str) -> bool:
    """Says whether a word behind a struct is an annotation that is listed, or a macro
    of the file that is nothing else: __hrtimer_clock_base_align (linux/hrtimer.h)."""
    own = source.macros.get(name, ())
    if own:
        return all(_ATTRIBUTE.match(define.body) for define in own)
    return encode(name) in ALONE


def without_address_spaces(text: str) -> str:
    """Returns a text without the spaces of memory that sparse is told of."""
    return _FOR_SPARSE.sub("", text) if "address_space" in text else text
