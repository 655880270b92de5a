# SPDX-License-Identifier: GPL-2.0-or-later
"""One series of the list in plain data: what a line and a row of the page tell of it.

Strings are those of the mails, raw: who shows them makes them safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from reviewer.factcheck import Checked
from reviewer.followup.follow import Followed
from reviewer.followup.verdict import Fate
from reviewer.mail.earlier_posting import author_of, human_replies
from reviewer.mail.people import is_robot, name_in_a_sentence
from reviewer.mail.subject import read_subject
from reviewer.models import Report, Series, Severity
from reviewer.output import factcheck, followup
from reviewer.output.listing import SHOWN
from reviewer.utf8 import encode

GIVEN = ("Reviewed-by", "Acked-by", "Tested-by", "Nacked-by")
SAME = ("equal", "equal for one CPU", "only a message changes")


def row(
    report: Report,
    told: Sequence[Followed],
    old: Series | None,
    checked: Sequence[Checked] = (),
    *,
    new: set[str],
) -> dict[str, Any]:
    """Returns what the list tells of a reviewed series.

    ``told`` is what became of the comments on ``old``, the version before it;
    ``checked`` are the remarks of its thread; ``new`` are the mails that no earlier
    run has listed.
    """
    series = report.series
    assert series is not None
    author = author_of(series)
    counts = Counter(finding.severity for finding in report.findings)
    return {
        "name": name_of(series),
        "message_id": series.message_id,
        "change_id": series.change_id,
        "subject": series.subject,
        "title": _title(series),
        "author": {"name": author.name, "email": author.email},
        "version": series.version,
        "date": _date(series),
        "patches": [len(series.patches), series.expected],
        "applies": _applies(report),
        "remarks": {severity.value: counts[severity] for severity in Severity},
        "dismissed": len(report.dismissed),
        "last": _last(told, old),
        "comments": sum(1 for _ in human_replies(series)),
        "tags": _tags(series),
        "robots": _robots(series),
        "marked": [factcheck.checked_data(one) for one in checked if one.marks],
        "mails": len(mails_of(series)),
        "new": len(new.intersection(mails_of(series))),
        "behaviour": None,
        "error": None,
    }


def unread_row(subject: str, why: str) -> dict[str, Any]:
    """Returns the row of a series that could not be reviewed."""
    return {
        "name": sha256(subject.encode("utf-8", "replace")).hexdigest()[:12],
        "message_id": None,
        "change_id": None,
        "subject": subject,
        "title": subject,
        "author": {"name": "", "email": ""},
        "version": 1,
        "date": "",
        "patches": [0, 0],
        "applies": None,
        "remarks": {severity.value: 0 for severity in Severity},
        "dismissed": 0,
        "last": None,
        "comments": 0,
        "tags": {},
        "robots": {},
        "marked": [],
        "mails": 0,
        "new": 0,
        "behaviour": None,
        "error": why,
    }


def name_of(series: Series) -> str:
    """Returns a name for the files of a series, made of nothing that a mail says."""
    known = series.message_id or f"{series.subject}\n{series.patches[0].diff}"
    return sha256(encode(known)).hexdigest()[:12]


def mails_of(series: Series) -> set[str]:
    """Returns the message-ids of a posting and of all replies to it."""
    heads = [patch.headers for patch in series.patches]
    heads += [series.cover.headers] if series.cover else []
    heads += [reply.headers for reply in series.replies]
    return {head.message_id for head in heads if head.message_id}


def rank(one: dict[str, Any]) -> tuple[Any, ...]:
    """Sorts the series with the worst remark first, then those not reviewed, then the
    others; the newest first among equals."""
    counts = [one["remarks"][severity.value] for severity in SHOWN]
    worst = next((n for n, count in enumerate(counts) if count), len(SHOWN) + 1)
    if one["error"] is not None:
        worst = len(SHOWN)
    return worst, *(-count for count in counts), _backwards(one["date"]), one["title"]


def _backwards(date: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in date) or (0,)


def behaviour(functions: Sequence[Any]) -> dict[str, int]:
    """Returns how many changed functions were compared, and with which result."""
    verdicts = Counter(str(one.verdict) for one in functions)
    return {
        "functions": len(functions),
        "same": sum(verdicts[kind] for kind in SAME),
        "unless": verdicts["equal unless"] + verdicts["equal but for"],
        "differ": verdicts["differs"],
        "undecided": verdicts["not decided"],
    }


def _title(series: Series) -> str:
    """The subject without its brackets; b4's record of a branch has it without a cover.

    A single patch has the title that git gives it.
    """
    if series.cover:
        return series.cover.title
    if series.expected > 1:
        return read_subject(series.subject).title or series.subject
    return series.patches[0].title


def _date(series: Series) -> str:
    """When it was sent, in UTC, "" where nobody knows."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    head = series.cover.headers if series.cover else series.patches[0].headers
    try:
        sent = parsedate_to_datetime(head.date)
        return sent.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""


def _applies(report: Report) -> dict[str, Any]:
    tree = report.tree
    return {
        "kernel": tree.kernel,
        "base": tree.base,
        "how": tree.how,
        "tree": tree.name,
        "exact": sum(state.how == "exact" for state in report.patches),
        "nearly": sum(state.how in ("three-way", "fuzz") for state in report.patches),
        "not": sum(state.how == "hunks" for state in report.patches),
    }


def _last(told: Sequence[Followed], old: Series | None) -> dict[str, Any] | None:
    if old is None:
        return None
    verdicts = Counter(one.verdict for one in told)
    return {
        "version": old.version,
        "comments": len(told),
        "changed": verdicts[Fate.CHANGED],
        "dropped": verdicts[Fate.DROPPED],
        "untouched": verdicts[Fate.UNTOUCHED],
        "answered": sum(one.answer is not None for one in told),
        "open": sum(map(followup.is_open, told)),
    }


def _tags(series: Series) -> dict[str, list[str]]:
    """Who gave which tag in a reply; what the patches carry already is not repeated."""
    found: dict[str, list[str]] = {}
    for reply in human_replies(series):
        for trailer in reply.trailers:
            name = trailer.name.capitalize()
            who = name_in_a_sentence(reply.headers.sender)
            if name in GIVEN and who not in found.setdefault(name, []):
                found[name].append(who)
    return {name: people for name, people in found.items() if people}


def _robots(series: Series) -> dict[str, int]:
    """How many mails which robot wrote below the series."""
    senders = (reply.headers.sender for reply in series.replies)
    return dict(
        Counter(name_in_a_sentence(sender) for sender in senders if is_robot(sender))
    )
