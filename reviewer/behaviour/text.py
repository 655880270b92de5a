# SPDX-License-Identifier: GPL-2.0-or-later
"""Code as text, apart from how it is laid out."""

from __future__ import annotations

import re

_SPACE_OR_STRING = re.compile(
    r"(?:\s|/\*.*?\*/|//[^\n]*)+"
    r'|"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)


def plain(text: str) -> str:
    """Code without comments, white space normalised; strings stay as they are."""
    return _SPACE_OR_STRING.sub(
        lambda found: found[0] if found[0][0] in "\"'" else " ", text
    ).strip()
