# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that hang on nothing but what they are asked: each is looked for once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Protocol, TypeVar, TypeVarTuple, cast

_Told = TypeVar("_Told")
_Given = TypeVarTuple("_Given")


class Remembering(Protocol):
    """What keeps its answers: ``answers`` has them by method and what it was given."""

    answers: dict[Hashable, object]


_Asked = TypeVar("_Asked", bound=Remembering)


def remembered(
    find: Callable[[_Asked, *_Given], _Told],
) -> Callable[[_Asked, *_Given], _Told]:
    """Returns the method with its answers kept by its object, as long as that lives.

    What it is given has to be hashable.
    """
    name = find.__name__

    @wraps(find)
    def answer(self: _Asked, *given: *_Given) -> _Told:
        key = (name, *given)
        if key not in self.answers:
            self.answers[key] = find(self, *given)
        return cast(_Told, self.answers[key])

    return answer
