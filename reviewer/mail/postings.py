# SPDX-License-Identifier: GPL-2.0-or-later
"""Every posting of the series in a thread or mailbox, oldest first."""

from __future__ import annotations

from msgspec import Struct

from reviewer import limits
from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail.same_series import revisions_of
from reviewer.mail.series import assemble, assemble_all, posted_series, readable
from reviewer.mail.threads import Mailbox
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


# --- all revisions of one series that a mailbox holds, each as a series of its own ----

MOST = 50  # revisions that are read: each patch costs a call of git


def revisions(
    raw: list[bytes],
    *,
    wanted: str | None = None,
    bounds: Limits = limits.DEFAULT,
) -> tuple[Series, ...]:
    """Returns the postings of one series in raw mails, oldest first.

    ``wanted``, a message-id, decides which series; without it, the first one.  A
    posting of which no patch can be read is left out, and so are all but the newest.

    Raises LimitExceeded.
    """
    mails, _ = readable(raw, bounds)
    box = Mailbox(mails)
    asked = box.by_id.get(wanted) if wanted else None
    posting = box.posting_of(asked) if asked else next(iter(box.postings), None)
    if posting is None:
        return ()
    found = []
    family = sorted(revisions_of(box, posting), key=lambda one: one.revision)
    for one in family[-MOST:]:
        try:
            found.append(posted_series(box, one, None, bounds, []))
        except InputError:
            continue
    return tuple(found)


def older_than(series: Series, all_of_them: tuple[Series, ...]) -> tuple[Series, ...]:
    """Returns the revisions that were posted before ``series``, oldest first."""
    before = []
    for other in all_of_them:
        if other.message_id == series.message_id:
            break
        before.append(other)
    return tuple(before)
