# SPDX-License-Identifier: GPL-2.0-or-later
"""Small static functions that one side calls more often than the other.

A call that is there on one side only is told as a difference, which is wrong of a
function that only computes, or writes to a local that it is handed: such a function
is looked into.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from reviewer.c.text import CALLED
from reviewer.prover.syntax import snippet

if TYPE_CHECKING:
    from reviewer.prover.judge.pair import Side
    from reviewer.prover.names.definitions import Definitions

LARGEST = 1500  # characters of a body that is looked into
_ACTS = ("call_expression", "gnu_asm_expression", "ERROR")


def called_unevenly(sides: tuple[Side, Side]) -> frozenset[str]:
    """Returns the leaf functions of the files that one side names more often."""
    texts = [side.source.text(side.function.node) for side in sides]
    counts = [Counter(CALLED.findall(text)) for text in texts]
    names = {
        name for name in {*counts[0], *counts[1]} if counts[0][name] != counts[1][name]
    }
    return frozenset(
        name
        for name in names
        for side, text in zip(sides, texts, strict=True)
        if is_leaf(side.definitions, name) and _computes(side.definitions, name, text)
    )


def _computes(definitions: Definitions, name: str, text: str) -> bool:
    """Whether it has a result, or is handed the address of a local."""
    if any("void" not in t.returns.split() for t in definitions.functions(name)):
        return True
    return re.search(rf"\b{name}\s*\([^;{{}}]*&", text) is not None


def is_leaf(definitions: Definitions, name: str) -> bool:
    """Says whether it is a static function whose body is there and calls nothing."""
    texts = definitions.functions(name)
    return bool(texts) and all(
        "static" in text.returns.split()
        and len(text.body) <= LARGEST
        and _calls_nothing(text.body)
        for text in texts
    )


def _calls_nothing(body: str) -> bool:
    source = snippet(f"void f(void)\n{body}\n")
    return next(source.walk(source.root, *_ACTS), None) is None
