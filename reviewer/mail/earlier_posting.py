# SPDX-License-Identifier: GPL-2.0-or-later
"""A posting beside the one before it: which patch is which, who said what."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from reviewer.mail.people import are_same, is_robot, person_of
from reviewer.models import Address, Patch, Reply, Series

MOST_LINES = 2000  # of a diff that is compared line by line
TAGS = ("Reviewed-by", "Acked-by", "Tested-by")


def matching_patches(old: Series, new: Series) -> Iterator[tuple[Patch, Patch]]:
    """Yields the patches of two postings that are the same one: by their titles.

    Two postings of a single patch are a pair whatever their titles.
    """
    if _is_one_patch(old) and _is_one_patch(new):
        yield old.patches[0], new.patches[0]
        return
    by_title: dict[str, list[Patch]] = {}
    for patch in old.patches:
        by_title.setdefault(patch.title, []).append(patch)
    for patch in new.patches:
        before = by_title.get(patch.title, [])
        if len(before) == 1:
            yield before[0], patch


def _is_one_patch(series: Series) -> bool:
    """Whether it is a patch without others, not 11/12 that came alone."""
    return len(series.patches) == 1 and series.expected <= 1


def author_of(series: Series) -> Address:
    """Says who sent the posting."""
    headers = series.cover.headers if series.cover else series.patches[0].headers
    return headers.sender


def human_replies(series: Series) -> Iterator[Reply]:
    """Yields the replies to a posting that others than its sender wrote, robots left
    out."""
    own = [author_of(series), *(patch.author for patch in series.patches)]
    for reply in series.replies:
        sender = reply.headers.sender
        if not is_robot(sender) and not any(are_same(sender, one) for one in own):
            yield reply


def sent_before(old: Series, new: Series) -> Series:
    """Returns a posting with those of its replies that came before the next posting.

    What was said later its sender could not know.  A mail without a date stays.
    """
    end = _time(new.patches[0].headers.date)
    if end is None:
        return old
    times = ((reply, _time(reply.headers.date)) for reply in old.replies)
    known = tuple(reply for reply, time in times if time is None or time < end)
    return replace(old, replies=known)


def _time(date: str) -> int | None:
    from email.utils import mktime_tz, parsedate_tz

    try:
        read = parsedate_tz(date)
        return mktime_tz(read) if read is not None else None
    except (ValueError, OverflowError):
        return None


def answered_patch(reply: Reply, series: Series) -> Patch | None:
    """Returns the patch below which a reply stands; None for the cover letter."""
    by_id = {patch.headers.message_id: patch for patch in series.patches}
    parents = (reply.headers.in_reply_to, *reversed(reply.headers.references))
    return next((by_id[one] for one in parents if one in by_id), None)


def given_tags(patch: Patch, series: Series) -> Iterator[tuple[str, Address]]:
    """Yields the tags that people gave to one patch, in their own name."""
    for reply in human_replies(series):
        if answered_patch(reply, series) is not patch:
            continue
        for trailer in reply.trailers:
            name = trailer.name.capitalize()
            person = person_of(trailer.value)
            if name in TAGS and are_same(person, reply.headers.sender):
                yield name, person


def has_tag(patch: Patch, name: str, person: Address) -> bool:
    """Says whether a patch carries that tag of that person."""
    return any(
        trailer.name.lower() == name.lower()
        and are_same(person_of(trailer.value), person)
        for trailer in patch.trailers
    )


def likeness(old: Patch, new: Patch) -> float:
    """Says how much of what the patches change is the same: 1.0 all of it, 0.0
    nothing."""
    before, after = changed_lines(old)[:MOST_LINES], changed_lines(new)[:MOST_LINES]
    if before == after:
        return 1.0
    from difflib import SequenceMatcher

    return SequenceMatcher(None, before, after, autojunk=False).ratio()


def changed_lines(patch: Patch) -> list[str]:
    """Returns the lines that a patch adds and removes, with their sign, in order."""
    return [
        line[0] + " ".join(line[1:].split())
        for line in patch.diff.split("\n")
        if line[:1] in "+-" and line[:1] and line[:4] not in ("+++ ", "--- ")
    ]
