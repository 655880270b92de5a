# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found in a parsed file or a tree, found once for as long as that is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

_Subject = TypeVar("_Subject")
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def once_per_subject(
    find: Callable[Concatenate[_Subject, _Given], _Found],
) -> Callable[Concatenate[_Subject, _Given], _Found]:
    """Remember the results of ``find(subject, ...)`` with the subject, and no longer.

    A subject is a source, or the facts of a tree.  A function of thousands of lines is
    asked the same about each of its names.
    """
    kept: WeakKeyDictionary[_Subject, dict[object, _Found]] = WeakKeyDictionary()

    @wraps(find)
    def found(
        subject: _Subject, /, *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        of_subject = kept.setdefault(subject, {})
        key = (given, *named.items())
        if key not in of_subject:
            of_subject[key] = find(subject, *given, **named)
        return of_subject[key]

    return found
