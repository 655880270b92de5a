# SPDX-License-Identifier: GPL-2.0-or-later
"""All revisions of one series that a mailbox holds, each as a series of its own."""

from __future__ import annotations

from reviewer import limits
from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail.relatives import revisions_of
from reviewer.mail.series import posted_series, readable
from reviewer.mail.threads import Mailbox
from reviewer.models import Series

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
