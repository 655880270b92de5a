# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker is given, and what it hands back: plain data that can be kept."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from msgspec import Struct

from reviewer.batch.jobs import Job
from reviewer.inbox.rows import unread_row
from reviewer.utf8 import encode


class Item(Struct, frozen=True):
    """A thread, the mails of it that are new, and a sum of how it is reviewed."""

    job: Job
    new: frozenset[str]
    how: str

    @property
    def key(self) -> str:
        """The same for the same mails, reviewed in the same way."""
        parts = [self.how, *sorted(self.job.ids), "", *sorted(self.new)]
        text = "\n".join(parts)
        return sha256(encode(text)).hexdigest()


def record(
    series: list[dict[str, Any]], notes: list[str] | None = None
) -> dict[str, Any]:
    """Returns what is kept of a thread: its series, and lines for standard error."""
    return {"series": series, "notes": notes or [], "failed": False}


def unread(item: Item, why: str) -> dict[str, Any]:
    """Returns the record of a thread that cannot be reviewed."""
    return record([{"row": unread_row(item.job.key, why), "report": None}])


def failed(item: Item, why: str) -> dict[str, Any]:
    """Returns the record of a thread on which we failed."""
    return unread(item, why) | {"failed": True}
