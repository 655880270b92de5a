# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found in a parsed file, a header or a tree, found once for as long as that
is kept; and what was made of a text, for as long as a patch is at hand that has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast


class FoundOnce(Protocol):
    """What is asked about: a source, a header, the facts of a tree.

    ``found_once`` has what was found, by the function that did and what it was given.
    It stands in the subject itself, for much of it names the subject: kept anywhere
    else, the one would keep the other for ever.
    """

    found_once: dict[object, Any]


_Subject = TypeVar("_Subject", bound=FoundOnce)
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def once_per_subject(
    find: Callable[Concatenate[_Subject, _Given], _Found],
) -> Callable[Concatenate[_Subject, _Given], _Found]:
    """Remember the results of ``find(subject, ...)`` with the subject, and no longer.

    A function of thousands of lines is asked the same about each of its names.
    """

    @wraps(find)
    def found(
        subject: _Subject, /, *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        key = (find, given, *named.items())
        known: dict[object, _Found] = subject.found_once
        if key not in known:
            known[key] = find(subject, *given, **named)
        return known[key]

    return found


_of_texts: list[Callable[[], None]] = []  # each forgets what one function made


def once_per_text(
    most: int,
) -> Callable[[Callable[_Given, _Found]], Callable[_Given, _Found]]:
    """Remember what a function made of its last ``most`` texts, until
    ``forget_texts``.

    A patch, and the next one of its series, leave most of a file as it is.
    """

    def remembering(make: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
        made = lru_cache(maxsize=most)(make)
        forgotten_with_texts(made.cache_clear)
        return cast("Callable[_Given, _Found]", made)

    return remembering


def forgotten_with_texts(forget: Callable[[], None]) -> None:
    """Have ``forget_texts`` call a function, too."""
    _of_texts.append(forget)


def forget_texts() -> None:
    """Give back what was made of the files of a series: no other series has them."""
    for forget in _of_texts:
        forget()
