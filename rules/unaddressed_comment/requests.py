# SPDX-License-Identifier: GPL-2.0-or-later
"""Which comments ask for something, and of which nothing came."""

from __future__ import annotations

import re

from reviewer.followup.follow import Followed
from reviewer.followup.verdict import Fate
from reviewer.mail.people import are_same
from reviewer.models import Address, Reply, Series
from reviewer.patterns import regex

SAME = (Fate.ELSEWHERE, Fate.UNTOUCHED)
LONGEST = 2000  # characters of a comment that are looked at
# What a reviewer leaves to the author, or to another day.
LEFT_TO_YOU = regex(
    r"\b(?:nit(?:pick\w*|s)?|optional\w*|up to you|your (?:call|choice)|feel free"
    r"|no need|not (?:needed |necessary )?for this|not a blocker|follow[- ]?up|later"
    r"|(?:no|not a) (?:big )?(?:problem|issue|deal)|if you (?:like|want|wish)|btw|fyi"
    r"|in (?:the )?future|(?:another|separate) (?:patch|series)|in theory|side note"
    r"|just (?:a )?(?:thought|curious|wondering)|don'?t (?:mind|care)|never ?mind"
    r"|fine (?:with|by) me|may(?:be)? (?:consider|want)|you may|out of scope|ignore"
    r"|fwiw)\b",
    re.I,
)
TAKEN_BACK = regex(
    r"\b(?:never ?mind|scratch that|ignore|my (?:bad|mistake)|i was wrong|misread"
    r"|sorry|i see now|found it|disregard)\b",
    re.I,
)
ASKS = regex(
    r"\?|\b(?:please|should|must|needs? to|have to|has to|ought|could you|can you"
    r"|why not|instead|rather|redundant|unneeded|unused|superfluous|missing|misses"
    r"|wrong|broken|incorrect|leak\w*|race\w*|typo\w*|forgot\w*)\b"
    r"|;[ \t]*$|^\s*\+"  # code, or an include, as it is to be
    r"|^\s*(?:use|move|drop|remove|add|make|keep|rename|align|fix|check|return|put"
    r"|split|replace|avoid|do not|don'?t|call|document|sort|initiali[sz]e|s/)\b",
    re.I | re.M,
)


def is_open(followed: Followed, old: Series) -> bool:
    """Says whether the lines of a comment are as they were and nobody answered it.

    A tag of the same person on the new version closes it; so does a reply of anybody
    else to that mail, for it may say that the comment is wrong.
    """
    anchor = followed.comment.anchor
    if not anchor.file or not anchor.lines or anchor.lines[-1][:1] != "+":
        return False
    if followed.verdict not in SAME or followed.answer or followed.tags:
        return False
    asked = followed.comment.reply.headers.message_id
    return not any(
        reply.headers.in_reply_to == asked
        and not _adds_to_it(reply, followed.comment.author)
        for reply in old.replies
    )


def _adds_to_it(reply: Reply, person: Address) -> bool:
    """Whether the same person goes on, and takes nothing back."""
    own = are_same(reply.headers.sender, person)
    return own and TAKEN_BACK.search(reply.body[:LONGEST]) is None


def is_wish(text: str) -> bool:
    """Says whether a comment asks for something, and leaves it not to the author."""
    text = text[:LONGEST]
    return bool(ASKS.search(text)) and not LEFT_TO_YOU.search(text)
