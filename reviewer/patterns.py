# SPDX-License-Identifier: GPL-2.0-or-later
"""Regular expressions that are compiled when they are first used.

Compiling costs a fifth of a millisecond each, and one run uses a part of some 500:
compiled at import they were a third of the time of an ordinary review.  A wheel holds
them compiled for the Python that built it (.ci/compiled_at_build.py).
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import import_module
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a compiled pattern until one of its methods is asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        self._made = text, flags
        self._pattern: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._pattern is None:
            self._pattern = _compiled(*self._made)
        found = getattr(self._pattern, name)
        setattr(self, name, found)  # the next look-up does not come here
        return found


def _compiled(text: Any, flags: int) -> re.Pattern[Any]:
    made = _made_at_build().get((text, flags))
    if made is None:
        return re.compile(text, flags)
    engine: Any = import_module("_sre")
    all_flags, code, groups, names, by_number = made
    words = memoryview(code).cast("I").tolist()
    return cast(
        "re.Pattern[Any]",
        engine.compile(text, all_flags, words, groups, names, by_number),
    )


@cache
def _made_at_build() -> dict[tuple[Any, int], tuple[Any, ...]]:
    """The table of the wheel; nothing where another Python made it, or none did."""
    try:
        engine: Any = import_module("_sre")
        table = import_module("reviewer.compiled_patterns")
    except ImportError:
        return {}
    ours = (*sys.version_info[:2], sys.byteorder, engine.MAGIC)
    found: dict[tuple[Any, int], tuple[Any, ...]] = table.PATTERNS
    return found if ours == table.MADE_BY else {}


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Returns a pattern with the methods of
    ``re.compile(text, flags)``, compiled at first use.

    It is no ``re.Pattern`` and is not for the functions of ``re``.  A text that is no
    regular expression raises ``re.error`` at the first use: tests/test_patterns.py
    compiles all that are made.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
