# SPDX-License-Identifier: GPL-2.0-or-later
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
    """Says whether a program writes under that address."""
    return bool(re.search(ROBOT, person.email) or re.search(ROBOT, person.name))


def is_relayed(person: Address) -> bool:
    """Says whether list or relay software wrote the sender's name: "X via B4 Relay"."""
    return bool(re.search(RELAYED, person.name)) or person.email.startswith("devnull+")


@lru_cache(maxsize=1024)
def person_of(trailer: str) -> Address:
    """Returns the person that a trailer's value names."""
    trailer = trailer[:LONGEST]
    match = re.match(MAILBOX, trailer)
    if match:
        return Address(match[1], match[2])
    return Address("", trailer.strip()) if "@" in trailer else Address(trailer, "")


def are_same(one: Address, two: Address) -> bool:
    """Says whether two mailboxes are one person's: the address, or the name, is the
    same."""
    if one.email and one.email.lower() == two.email.lower():
        return True
    return bool(_name(one)) and _name(one) == _name(two)


@lru_cache(maxsize=4096)
def _name(person: Address) -> str:
    """A name for comparison; one word alone names nobody for certain.

    Without a name the address tells it: ann.author@example.org.
    """
    text = person.name or person.email.partition("@")[0]
    words = sorted(re.findall(r"[^\W\d_]{2,}", text.lower()))
    return " ".join(words) if len(words) > 1 else ""


def may_be_same(one: Address, two: Address) -> bool:
    """Says whether two mailboxes may well be one person's, though nothing proves it.

    A word of one name stands in the other's name or address ("Ann (Company)", a first
    name alone, ann.author@), or both addresses begin alike.  Two people may share a
    word: whoever asks must take True for "not known to be two".
    """
    if are_same(one, two):
        return True
    begin, other = (_letters(p.email.partition("@")[0]) for p in (one, two))
    if begin == other or (min(len(begin), len(other)) > 2 and _either(begin, other)):
        return bool(begin)
    return _names(one, two) or _names(two, one)


def _either(one: str, two: str) -> bool:
    return one in two or two in one


def _names(person: Address, other: Address) -> bool:
    """Whether a word of a person's name stands in another's name or address."""
    words = re.findall(r"[^\W\d_]{2,}", _unaccented(person.name))
    shared = set(words) & set(re.findall(r"[^\W\d_]{2,}", _unaccented(other.name)))
    place = _letters(other.email)
    return bool(shared) or any(len(word) > 2 and word in place for word in words)


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", _unaccented(text))


def _unaccented(text: str) -> str:
    """A name in small letters, without accents: people drop them in addresses."""
    from unicodedata import combining, normalize

    parts = normalize("NFKD", text[:LONGEST].casefold())
    return "".join(letter for letter in parts if not combining(letter))


def named_in(text: str, person: Address) -> bool:
    """Says whether a text speaks of a person: by address, full name or first name."""
    lower = text.lower()
    if person.email and person.email.lower() in lower:
        return True
    words = re.findall(r"[^\W\d_]{3,}", person.name.lower())
    return any(re.search(rf"\b{re.escape(word)}\b", lower) for word in words)


def name_in_a_sentence(person: Address) -> str:
    """Returns the person as a sentence names one."""
    return person.name or person.email


def recipients(series: Series) -> tuple[Address, ...]:
    """Returns everybody a posting was sent to, its senders included."""
    mails = [patch.headers for patch in series.patches]
    if series.cover:
        mails.append(series.cover.headers)
    return tuple(
        person
        for headers in mails
        for person in (headers.sender, *headers.reply_to, *headers.to, *headers.cc)
    )
