# SPDX-License-Identifier: GPL-2.0-or-later
"""Which postings of a mailbox are revisions of one series, or the same once more.

What two of them may have in common is looked up: a mailbox holds thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from reviewer.mail.message import Message
from reviewer.mail.threads import Mailbox, Posting, change_of
from reviewer.patterns import regex

CHANGE_ID = regex(r"^change-id:[ \t]*([\w.-]{1,200})[ \t]*$", re.I | re.MULTILINE)
NEW_NAME = regex(r"^\+\+\+ (?:b/)?([^\s]+)", re.MULTILINE)
MOST_NAMED = 20  # revisions in one note
Key = tuple[str, ...]


class _Relatives:
    """The postings of a mailbox by what a revision shares with the others.

    It is by the same person and about the same thing.  The title says so, the
    change-id of b4, or a common thread together with a patch title or a file that both
    have: a thread may hold unrelated series as well.
    """

    def __init__(self, postings: Sequence[Posting]) -> None:
        self._place = {id(one): place for place, one in enumerate(postings)}
        self._by_key: dict[Key, list[Posting]] = {}
        for one in sorted(postings, key=lambda one: -one.revision):
            for key in _keys(one, CHANGE_ID.findall(one.head.text)[:1]):
                self._by_key.setdefault(key, []).append(one)

    def of(self, posting: Posting) -> Iterator[Posting]:
        """The other revisions, of each thing in common the newest first."""
        seen = {id(posting)}
        for key in _keys(posting, CHANGE_ID.findall(posting.head.text)):
            for other in self._by_key.get(key, ()):
                if id(other) in seen or other.revision == posting.revision:
                    continue
                seen.add(id(other))
                if _same_person(other.head, posting.head):
                    yield other

    def newer(self, posting: Posting) -> Iterator[Posting]:
        """Those of a higher number."""
        for key in _keys(posting, CHANGE_ID.findall(posting.head.text)):
            for other in self._by_key.get(key, ()):
                if other.revision <= posting.revision:
                    break
                if _same_person(other.head, posting.head):
                    yield other

    def with_others(self, posting: Posting) -> list[Posting]:
        """All revisions as the mailbox has them, itself too if it is in there."""
        found = [*self.of(posting), posting]
        here = [one for one in found if id(one) in self._place]
        return sorted(here, key=lambda one: self._place[id(one)])


_known: WeakKeyDictionary[Mailbox, _Relatives] = WeakKeyDictionary()


def _relatives(box: Mailbox) -> _Relatives:
    if box not in _known:
        _known[box] = _Relatives(box.postings)
    return _known[box]


def revisions_of(box: Mailbox, posting: Posting) -> list[Posting]:
    """Returns all postings of the same series, in the order of the mailbox."""
    return _relatives(box).with_others(posting)


def newer_revisions(box: Mailbox, posting: Posting) -> Iterator[Posting]:
    """Yields the postings of the same series with a higher number, some of
    them twice."""
    return _relatives(box).newer(posting)


def named_revisions(numbers: Sequence[int]) -> str:
    """Returns ``v1, v2``; of very many only the last ones."""
    left = len(numbers) - MOST_NAMED
    names = [f"v{number}" for number in numbers[-MOST_NAMED:]]
    return ", ".join([f"{left} older ones", *names] if left > 0 else names)


def _keys(posting: Posting, changes: Sequence[str]) -> list[Key]:
    head = posting.head
    keys: list[Key] = [("title", head.subject.title)]
    keys += [("change", change) for change in changes]
    keys += [("thread", posting.root, trait) for trait in _traits(posting)]
    return list(dict.fromkeys(keys))


def _same_person(one: Message, two: Message) -> bool:
    name = one.sender.name.lower()
    return one.sender.email == two.sender.email or (
        bool(name) and name == two.sender.name.lower()
    )


def _traits(posting: Posting) -> list[str]:
    """The titles of the patches, and the files that they change."""
    found = [mail.subject.title.lower() for mail in posting.patches.values()]
    for mail in posting.patches.values():
        found += NEW_NAME.findall(mail.text)
    return found


# --- the same once more ---------------------------------------------------------------


def sent_again(postings: Sequence[Posting]) -> set[int]:
    """Returns the ``id`` of each whose patches another has too: the one sent again
    counts."""
    if len(postings) == 1:
        return set()
    contents = [frozenset(_contents(one)) for one in postings]
    holders: dict[object, list[int]] = {}
    for place, content in enumerate(contents):
        for patch in content:
            holders.setdefault(patch, []).append(place)
    return {
        id(one)
        for place, one in enumerate(postings)
        if any(
            _replaces(postings, other, place)
            for other in holders[min(contents[place], key=lambda p: len(holders[p]))]
            if other != place and contents[place] <= contents[other]
        )
    }


def _replaces(postings: Sequence[Posting], other: int, place: int) -> bool:
    one, two = postings[other], postings[place]
    if len(one.patches) != len(two.patches):
        return True  # a part of it, sent once more
    resent = one.head.subject.resend, two.head.subject.resend
    return resent == (True, False) or (resent[0] == resent[1] and other < place)


def _contents(posting: Posting) -> list[tuple[str, bytes]]:
    """Title and change of each patch."""
    return [
        (mail.subject.title.lower(), change_of(mail))
        for mail in posting.patches.values()
    ]
