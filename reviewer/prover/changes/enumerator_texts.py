# SPDX-License-Identifier: GPL-2.0-or-later
"""What decides the value of a member of an enum: the members up to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.c.preprocessor import Enumerator
    from reviewer.facts.header import Enum, Header

# A value that is an int, as are the next ones without a value of their own
_SMALL = regex(r"-?(?:0[xX][0-9a-fA-F]{1,7}|\d{1,9})\Z")


def members_with_texts(source: Header, enum: Enum) -> Iterator[tuple[Enumerator, str]]:
    """Yields each member of an enum with all that its value hangs on.

    Those behind it count where one of them may be larger than an int: that makes
    another type of the rest.
    """
    told, texts, small = "", [], [True]
    for member in enum.enumerators:
        value = member.value
        told += f" {member.name}={value} {source.condition(member.line)}"
        texts.append(told)
        implicit = value is None or not str(value).strip()
        small.append(small[-1] if implicit else bool(_SMALL.match(str(value).strip())))
    last = max((at for at, one in enumerate(small) if not one), default=0)
    for at, member in enumerate(enum.enumerators):
        yield member, texts[at] if at + 1 >= last else told
