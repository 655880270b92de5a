# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found in a parsed file, found once for as long as the file is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from reviewer.c.source import Source

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def once_per_source(
    find: Callable[Concatenate[Source, _Given], _Found],
) -> Callable[Concatenate[Source, _Given], _Found]:
    """Remember the results of ``find(source, ...)`` with the source, and no longer.

    A function of thousands of lines is asked the same about each of its names.
    """
    kept: WeakKeyDictionary[Source, dict[object, _Found]] = WeakKeyDictionary()

    @wraps(find)
    def found(source: Source, /, *given: _Given.args, **named: _Given.kwargs) -> _Found:
        of_source = kept.setdefault(source, {})
        key = (given, *named.items())
        if key not in of_source:
            of_source[key] = find(source, *given, **named)
        return of_source[key]

    return found
