# SPDX-License-Identifier: GPL-2.0-or-later
"""Regular expressions that are compiled when they are first used.

Compiling costs a fifth of a millisecond each, and one run uses a part of some 500:
compiled at import they were a third of the time of an ordinary review.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a compiled pattern until one of its methods is asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        self._made = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)  # the next look-up does not come here
        return found


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Returns a pattern with the methods of
    ``re.compile(text, flags)``, compiled at first use.

    It is no ``re.Pattern`` and is not for the functions of ``re``.  A text that is no
    regular expression raises ``re.error`` at the first use: tests/test_patterns.py
    compiles all that are made.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
