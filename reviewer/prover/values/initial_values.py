# SPDX-License-Identifier: GPL-2.0-or-later
"""Variables of a file that hold what they are declared with, because nobody writes."""

from __future__ import annotations

import re
from functools import lru_cache

from reviewer.c.text import normalised, without_strings
from reviewer.facts.header import Header

_DECLARED = (
    r"^((?:static|const|unsigned|signed|int|long|short|char|bool|[su](?:8|16|32|64)"
    r"|\w+_t|__read_mostly|__ro_after_init|__initdata)\b[\w \t]*?[\s])"
    r"{name}[ \t]*(?:__\w+[ \t]*)*(?:=([^;{{}}]*))?;"
)
_ASSIGNED = r"\s*(?:=(?!=)|\+\+|--|(?:[-+*/%&|^]|<<|>>)=)"


@lru_cache(maxsize=4096)
def initial_value(source: Header, name: str) -> str | None:
    """Returns the text of what a scalar holds at all times; None where it may be
    written.

    A ``const`` one; or a ``static`` one that no line of the file writes, hands out
    the address of, or gives to a macro.
    """
    if name not in source.code:
        return None
    found = re.findall(
        _DECLARED.format(name=re.escape(name)), source.code, re.MULTILINE
    )
    if len(found) != 1:
        return None
    words = found[0][0].split()
    value = normalised(found[0][1]).strip()
    if "volatile" in words or "extern" in words:
        return None
    if "const" in words:
        return value or ("0" if "static" in words else None)
    if "static" not in words or _is_written(source, name):
        return None
    return value or "0"


def _is_written(source: Header, name: str) -> bool:
    """Whether a line may write the variable, or let others do it."""
    text = without_strings(source.clean)
    declared = _DECLARED.format(name=re.escape(name))
    text = re.sub(declared, "", text, count=1, flags=re.MULTILINE)
    word = rf"(?<![\w.])(?<!->){re.escape(name)}\b"
    if re.search(rf"{word}\)*{_ASSIGNED}|(?:\+\+|--|&)\s*\(*{word}", text):
        return True
    own = "|".join(map(re.escape, source.macros)) or "(?!)"
    given = re.compile(
        rf"\b(?:[A-Z_][A-Z0-9_]*|\w*_param\w*|swap|{own})\s*\([^;{{}}]*?{word}"
    )
    return given.search(text) is not None
