# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of other files that may do the same, or nothing that is seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.c.text import CALLED

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions

_PURE = re.compile(r"\b(?:__pure|__attribute_const__|__const|__attribute_pure__)\b")
# Functions that do one thing in several ways: which of them is called need not show.
# include/linux/string.h, sprintf.h, sysfs.h; seq_file.h; slab.h, mm.h; delay.h
_FAMILIES = (
    re.compile(
        r"(?:__builtin_|__)?(?:v?s[cn]*printf|v?scnprintf|sysfs_emit(?:_at)?"
        r"|str\w*cpy(?:_pad)?|str\w*cat|mem\w*|str\w*cmp|kstrdup\w*|kmemdup\w*"
        r"|kasprintf|kvasprintf)\Z"
    ),
    re.compile(r"__?seq_\w+\Z|seq_\w+\Z"),
    re.compile(r"\w*alloc\w*\Z"),
    re.compile(r"\w*free\w*\Z"),
    re.compile(r"\w*(?:sleep|delay)\w*\Z"),
    re.compile(r"\w*print\w*\Z|\w*_(?:err|warn|info|notice|dbg)\Z"),
)
_KEYWORDS = frozenset(["if", "while", "for", "switch", "return", "sizeof", "typeof"])


def is_pure(definitions: Definitions, word: str) -> bool:
    """Says whether a function is declared to change nothing."""
    return any(_PURE.search(returns) for returns, _p in definitions.prototypes(word))


def does_nothing(definitions: Definitions, word: str) -> bool:
    """Says whether the bodies that a function has beside the file are all empty."""
    texts = definitions.elsewhere(word)
    return bool(texts) and all(not text.body.strip("{} \t\n;") for text in texts)


def are_one(definitions: Definitions, one: str, two: str) -> bool:
    """Says whether two functions may do the same: one calls the other, or both a
    third."""
    if any(family.match(one) and family.match(two) for family in _FAMILIES):
        return True
    called = [_called(definitions, word) for word in (one, two)]
    return one in called[1] or two in called[0] or bool(called[0] & called[1])


def _called(definitions: Definitions, word: str) -> frozenset[str]:
    texts = (*definitions.functions(word), *definitions.elsewhere(word))
    found = {name for text in texts for name in CALLED.findall(text.body)}
    return frozenset(found - _KEYWORDS)
