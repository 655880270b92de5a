# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a file may have the body of a function: told by what follows its name.

Nearly every name that is asked for is only called in the file, and to read all blocks
of it for that costs as much as to parse it.
"""

from __future__ import annotations

import re

from reviewer.patterns import regex

_HEAD = regex(rb"[^;{}/\"'#]*+(.)", re.DOTALL)
_IN_WORDS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
)
_OPENS, _CLOSES = b"()"


def may_have_body(data: bytes, name: bytes) -> bool:
    """Says whether a brace may follow a name and its parameters somewhere in a file.

    None does behind a ``;`` or a parenthesis that was open before the name: ``if (f(x))
    {``.  What a comment, a string or a directive hides may be anything.
    """
    place = data.find(name) if name else -1
    while place >= 0:
        end = place + len(name)
        if place == 0 or data[place - 1] not in _IN_WORDS:
            head = _HEAD.match(data, end)
            if head is None:
                return False
            mark = head[1]
            if mark not in b";}{" or (mark == b"{" and not _closes_another(head[0])):
                return True
        place = data.find(name, end)
    return False


def _closes_another(text: bytes) -> bool:
    """Whether a parenthesis is closed that is not opened here; the one around the name
    itself is none: ``int (f)(int x) {``."""
    depth, first = 0, len(text) - len(text.lstrip())
    for place, mark in enumerate(text):
        if mark == _OPENS:
            depth += 1
        elif mark == _CLOSES and place != first:
            depth -= 1
            if depth < 0:
                return True
    return False
