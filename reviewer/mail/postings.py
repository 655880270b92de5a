# SPDX-License-Identifier: GPL-2.0-or-later
"""Every posting of the series in a thread or mailbox, oldest first."""

from __future__ import annotations

from msgspec import Struct

from reviewer import limits
from reviewer.limits import Limits
from reviewer.mail.revisions import revisions
from reviewer.mail.series import assemble, assemble_all
from reviewer.models import Series


class Postings(Struct, frozen=True):
    """One series as it was posted, oldest first, and the posting that was asked for."""

    every: tuple[Series, ...]
    asked: Series

    def newer_than(self, series: Series) -> tuple[Series, ...]:
        """Returns the postings that were sent after one, oldest first."""
        ids = [one.message_id for one in self.every]
        at = ids.index(series.message_id) if series.message_id in ids else len(ids)
        return self.every[at + 1 :]


def postings(
    raw: list[bytes],
    *,
    wanted: str | None = None,
    bounds: Limits = limits.DEFAULT,
    name: str | None = None,
) -> tuple[Postings, ...]:
    """Returns the series in raw mails, each with all its postings.

    ``wanted``, a message-id, decides which series, and which posting of it is the one
    asked for; without it, all series are meant and the newest posting of each.
    ``name`` is what a message calls the source.

    Raises NotAPatch where there is no series, LimitExceeded.
    """
    if wanted is not None:
        one = assemble(raw, wanted=wanted, bounds=bounds, name=name)
        return (_family(raw, one, bounds),)
    every = assemble_all(raw, bounds=bounds, name=name)
    return tuple(_family(raw, one, bounds) for one in every)


def _family(raw: list[bytes], series: Series, bounds: Limits) -> Postings:
    if len(series.revisions) < 2:
        return Postings((series,), series)
    every = revisions(raw, wanted=series.message_id, bounds=bounds)
    others = tuple(
        series if one.message_id == series.message_id else one for one in every
    )
    return Postings(others if series in others else (series,), series)
