"""People in headers and trailers: who is the same person, who is a program."""

from __future__ import annotations

import re
from functools import lru_cache

from reviewer.models import Address, Series

# Test robots and list software answer patches as well; nobody has to answer them.
ROBOT = (
    r"(?i)\b(?:lkp|syzbot|patchwork|kernelci|bot|robot|ci|noreply|no-reply|devnull"
    r"|mailer-daemon|sashiko|0day|tip-bot2?|syzkaller|buildbot|autobot)\b"
)
LONGEST = 500  # characters of a trailer that are looked at
RELAYED = r"(?i)\bvia\b"
MAILBOX = r"^\s*\"?(.*?)\"?\s*<([^<>\s]+@[^<>\s]+)>"


def is_robot(person: Address) -> bool:
    """Whether a program writes under that address."""
    return bool(re.search(ROBOT, person.email) or re.search(ROBOT, person.name))


def is_relayed(person: Address) -> bool:
    """Whether list or relay software wrote the sender's name: "X via B4 Relay"."""
    return bool(re.search(RELAYED, person.name)) or person.email.startswith("devnull+")


@lru_cache(maxsize=1024)
def person_of(trailer: str) -> Address:
    """The person that a trailer's value names."""
    trailer = trailer[:LONGEST]
    match = re.match(MAILBOX, trailer)
    if match:
        return Address(match[1], match[2])
    return Address("", trailer.strip()) if "@" in trailer else Address(trailer, "")


def same(one: Address, two: Address) -> bool:
    """Whether two mailboxes are one person's: the address, or the name, is the same."""
    if one.email and one.email.lower() == two.email.lower():
        return True
    return bool(_name(one)) and _name(one) == _name(two)


def _name(person: Address) -> str:
    """A name for comparison; one word alone names nobody for certain.

    Without a name the address tells it: ann.author@example.org.
    """
    text = person.name or person.email.partition("@")[0]
    words = sorted(re.findall(r"[^\W\d_]{2,}", text.lower()))
    return " ".join(words) if len(words) > 1 else ""


def named_in(text: str, person: Address) -> bool:
    """Whether a text speaks of a person: by address, full name or first name."""
    lower = text.lower()
    if person.email and person.email.lower() in lower:
        return True
    words = re.findall(r"[^\W\d_]{3,}", person.name.lower())
    return any(re.search(rf"\b{re.escape(word)}\b", lower) for word in words)


def shown(person: Address) -> str:
    """The person as a sentence names one."""
    return person.name or person.email


def recipients(series: Series) -> tuple[Address, ...]:
    """Everybody a posting was sent to, its senders included."""
    mails = [patch.headers for patch in series.patches]
    if series.cover:
        mails.append(series.cover.headers)
    return tuple(
        person
        for headers in mails
        for person in (headers.sender, *headers.reply_to, *headers.to, *headers.cc)
    )
