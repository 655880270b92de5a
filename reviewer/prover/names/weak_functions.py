# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that the linker may take from another file: what is read is a default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from reviewer.facts.header import Header
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions

_WEAK = regex(r"\b(?:__)?weak(?:__)?\b")
_ENDS = regex(r"[;{]")


def is_weak(known: Definitions, name: str) -> bool:
    """Says whether a function is declared or defined as weak, in front of its name or
    behind its parameters, in a file or in one that it includes."""
    key = ("is weak", name)
    if key not in known.answers:
        known.answers[key] = any(_is_weak_in(one, name) for one in known.files(name))
    return cast(bool, known.answers[key])


def _is_weak_in(source: Header, name: str) -> bool:
    if b"weak" not in source.data:
        return False
    code = source.code
    for match in re.finditer(rf"\b{re.escape(name)}\s*\(", code):
        begin = max(code.rfind(mark, 0, match.start()) for mark in ";{}")
        end = _ENDS.search(code, match.end())
        declared = code[begin + 1 : end.start() if end else len(code)]
        if _WEAK.search(declared):
            return True
    return False
