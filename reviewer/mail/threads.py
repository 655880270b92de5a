# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails of a mailbox belong together: threads, revisions, covers, replies.

The reading of subjects and threads is b4's (``LoreMailbox``), except that unrelated
series in one mailbox are kept apart, that the highest revision number is the newest,
and that no patch is dropped for a number that another one has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from reviewer.mail.message import Message
from reviewer.utf8 import encode

LONGEST_CHAIN = 1000  # mails between a reply and its patch
ONE_SENDING = 3600  # seconds between the mails of one git send-email, at most


class Posting:
    """One posting of a series: the mails of one revision."""

    def __init__(self, root: str, revision: int, expected: int) -> None:
        self.root = root
        self.revision = revision
        self.expected = expected
        self.patches: dict[int, Message] = {}
        self.cover: Message | None = None
        self.doubles: list[Message] = []  # another patch for a number that is taken
        self.repeated: list[Message] = []  # the same patch again

    @property
    def head(self) -> Message:
        """The mail that stands for the posting: its cover, else its first patch."""
        return self.cover or self.patches[min(self.patches)]

    @property
    def complete(self) -> bool:
        """Whether every patch of the posting is among the mails."""
        return all(number in self.patches for number in range(1, self.expected + 1))

    def mails(self) -> Iterator[Message]:
        """Yields the cover letter, if there is one, and the patches by their
        numbers."""
        if self.cover:
            yield self.cover
        yield from self.patches.values()


class Mailbox:
    """Mails without doubles, sorted into postings and the rest.

    ``sequence``: patches without number and message-id are one series, as for git am.
    ``twins`` have the message-id of another mail and not its patch.
    """

    def __init__(self, mails: Iterable[Message], *, sequence: bool = True) -> None:
        self.mails: list[Message] = []
        self.by_id: dict[str, Message] = {}
        self.twins: list[Message] = []
        self._sequence = sequence
        for mail in mails:
            if mail.message_id is None:
                self.mails.append(mail)
            elif mail.message_id not in self.by_id:
                self.by_id[mail.message_id] = mail
                self.mails.append(mail)
            elif not same_patch(mail, self.by_id[mail.message_id]):
                self.twins.append(mail)
        self._answered = {one for mail in self.mails for one in mail.parents}
        self._covers = [mail for mail in self.mails if is_cover(mail)]
        self.postings = self._postings()
        self._home = {
            id(mail): posting
            for posting in self.postings
            for mail in (*posting.mails(), *posting.doubles, *posting.repeated)
        }
        self._commented: dict[int, Posting | None] = {}

    def parent(self, mail: Message) -> Message | None:
        """Returns the nearest mail it answers that is here."""
        for reference in mail.parents:
            found = self.by_id.get(reference)
            if found is not None and found is not mail:
                return found
        return None

    def ancestors(self, mail: Message) -> Iterator[Message]:
        """Yields the mails above it, nearest first; a loop of references ends."""
        seen = {id(mail)}
        above = self.parent(mail)
        while above is not None and id(above) not in seen:
            if len(seen) > LONGEST_CHAIN:
                return
            seen.add(id(above))
            yield above
            above = self.parent(above)

    def root(self, mail: Message) -> str:
        """Returns what the mails of one thread have in common."""
        top = mail
        for above in self.ancestors(mail):
            top = above
        if top.references:
            return top.references[0]
        return top.in_reply_to or top.message_id or ""

    def posting_of(self, mail: Message) -> Posting | None:
        """Returns the posting that the mail is part of or that it comments on."""
        passed: list[int] = []
        found: Posting | None = None
        for candidate in chain((mail,), self.ancestors(mail)):
            found = self._home.get(id(candidate))
            if found is None and id(candidate) in self._commented:
                found = self._commented[id(candidate)]
                break
            if found is not None:
                break
            passed.append(id(candidate))
        if len(passed) > LONGEST_CHAIN:
            passed = passed[:1]  # who knows what lies above the others
        self._commented.update(dict.fromkeys(passed, found))
        return found

    def is_part(self, mail: Message) -> bool:
        """Says whether the mail is a patch or a cover letter, not a comment."""
        return id(mail) in self._home

    def replies(self, posting: Posting) -> list[Message]:
        """Returns the comments on a posting and its patches."""
        return self._replies.get(id(posting), [])

    @cached_property
    def _replies(self) -> dict[int, list[Message]]:
        found: dict[int, list[Message]] = {}
        for mail in self.mails:
            if not self.is_part(mail):
                found.setdefault(id(self.posting_of(mail)), []).append(mail)
        return found

    def below(self, mail: Message) -> list[Message]:
        """Returns the replies to one mail, and the replies to those."""
        return [
            other
            for other in self.mails
            if any(above is mail for above in self.ancestors(other))
        ]

    def _postings(self) -> list[Posting]:
        found: dict[tuple[object, ...], list[Posting]] = {}
        patches = [mail for mail in self.mails if is_patch(mail)]
        for key, number, mail in self._places(patches):
            _, revision, expected = key
            postings = found.setdefault(key, [])
            posting = _with_room(postings, number, mail)
            if posting is None and (not postings or self._is_apart(postings, mail)):
                posting = Posting(self.root(mail), revision, expected)
                postings.append(posting)
            if posting is None:
                _double(postings[-1], number, mail)
            else:
                posting.patches[number] = mail
        every = [posting for postings in found.values() for posting in postings]
        taken: set[int] = set()
        for posting in every:
            posting.cover = self._cover(posting, taken)
            taken.add(id(posting.cover))
        return every

    def _places(
        self, patches: Sequence[Message]
    ) -> Iterator[tuple[tuple[object, int, int], int, Message]]:
        """For each patch the key of its posting, and its number there."""
        sequence = self._sequence and all(is_unsent(mail) for mail in patches)
        batches = [list(patches)] if sequence else self._batches(patches)
        place = {
            id(mail): (("together", id(batch[0])), number, len(batch))
            for batch in batches
            if len(batch) > 1
            for number, mail in enumerate(batch, start=1)
        }
        for mail in patches:
            subject = mail.subject
            group, number, expected = place.get(
                id(mail), (self._group(mail), subject.counter, subject.expected)
            )
            yield (group, self._revision(mail), expected), number, mail

    def _batches(self, patches: Sequence[Message]) -> list[list[Message]]:
        """Patches without numbers that one ``git send-email`` has sent together."""
        batches: dict[int, list[Message]] = {}
        for mail in patches:
            if mail.subject.counter_given or mail.subject.revision_given:
                continue
            above = self.by_id.get(mail.in_reply_to or "")
            batch = batches.get(id(above), [])
            if not (batch and _sent_together(batch, mail)):
                batch = []
            batch.append(mail)
            batches[id(mail)] = batch
        return list({id(batch): batch for batch in batches.values()}.values())

    def _group(self, mail: Message) -> tuple[object, ...]:
        """The same value for the patches of one posting."""
        if mail.subject.expected == 1:
            return ("alone", id(mail))
        if self._is_threaded(mail):
            return ("thread", self.root(mail) or id(mail))
        # git's own output, not sent yet, is one series whoever wrote its patches
        return ("not threaded", mail.sender.email if mail.message_id else "")

    def _is_threaded(self, mail: Message) -> bool:
        return bool(mail.parents) or mail.message_id in self._answered

    def _is_apart(self, postings: Sequence[Posting], mail: Message) -> bool:
        """Whether a patch for a number that is taken begins another series."""
        if any(
            same_patch(mail, other)
            for posting in postings
            for other in posting.patches.values()
        ):
            return False
        by_others = all(
            mail.sender.email != posting.head.sender.email for posting in postings
        )
        return by_others or not self._is_threaded(mail)

    def _revision(self, mail: Message) -> int:
        """The revision, for ``[PATCH 1/3]`` below a ``[PATCH v2 0/3]`` that one's."""
        subject = mail.subject
        above = None if subject.revision_given else self.parent(mail)
        if above is None or above.subject.reply:
            return subject.revision
        is_head = above.subject.counter == 0 or (
            above.subject.counter == 1 and subject.counter > 1
        )
        if is_head and above.subject.expected == subject.expected:
            return above.subject.revision
        return subject.revision

    def _cover(self, posting: Posting, taken: set[int]) -> Message | None:
        for mail in self._covers:
            subject = mail.subject
            if (
                id(mail) not in taken
                and subject.revision == posting.revision
                and subject.expected == posting.expected
                and self._same_posting(mail, posting)
            ):
                return mail
        return self._naked_cover(posting)

    def _same_posting(self, cover: Message, posting: Posting) -> bool:
        if self.root(cover) == posting.root:
            return True
        first = posting.patches[min(posting.patches)]
        return not first.parents and cover.sender.email == first.sender.email

    def _naked_cover(self, posting: Posting) -> Message | None:
        """A cover letter without ``[PATCH 0/N]``: told by its diffstat or its place."""
        for _, patch in sorted(posting.patches.items()):
            above = self.by_id.get(patch.in_reply_to or "")
            if above is None or above.has_diff:
                continue
            is_top = above.in_reply_to is None and not above.subject.reply
            if above.has_diffstat or (
                is_top and above.sender.email == patch.sender.email
            ):
                return above
        return None


def _with_room(
    postings: Sequence[Posting], number: int, mail: Message
) -> Posting | None:
    """The posting that lacks the number: of the same sender, in the order sent."""
    room = [posting for posting in postings if number not in posting.patches]
    own = [one for one in room if one.head.sender.email == mail.sender.email]
    following = [one for one in own or room if number - 1 in one.patches]
    best = following or own or room
    return best[-1] if best else None


def _double(posting: Posting, number: int, mail: Message) -> None:
    """A second patch for a number: the same once more, a newer one, or another."""
    present = posting.patches[number]
    if same_patch(mail, present):
        posting.repeated.append(mail)
    elif mail.subject.minor > present.subject.minor:  # v2.1 2/5 replaces v2 2/5
        posting.patches[number] = mail
        posting.repeated.append(present)
    else:
        posting.doubles.append(mail)


def _sent_together(batch: Sequence[Message], mail: Message) -> bool:
    """Whether a mail continues what git send-email has begun with the others."""
    first = batch[0]
    if mail.sender.email != first.sender.email:
        return False
    if any(mail.subject.title == other.subject.title for other in batch):
        return False
    from email.utils import mktime_tz, parsedate_tz

    dates = [parsedate_tz(one.headers.date) for one in (first, mail)]
    try:
        times = [mktime_tz(date) for date in dates if date is not None]
    except (ValueError, OverflowError):
        return False
    return len(times) == 2 and 0 <= times[1] - times[0] <= ONE_SENDING


def changed_lines(mail: Message) -> tuple[str, ...]:
    """Returns the lines that the mail's diffs add and remove, and in which files.

    White space is left out, for a reply may have another.
    """
    return tuple(
        line[0] + "".join(line[1:].split())
        for line in mail.text.split("\n")
        if line.startswith(("+", "-"))
        and not line.startswith("--- ")
        and line.rstrip() not in ("--", "---")
    )


def same_patch(one: Message, two: Message) -> bool:
    """Says whether two mails carry the same change, whatever a list has added
    to one."""
    return one.raw == two.raw or change_of(one) == change_of(two)


def change_of(mail: Message) -> bytes:
    """Returns a sum of what ``changed_lines`` gives, kept: mails are compared with many
    others."""
    if mail.change is None:
        from hashlib import sha256

        text = encode("\n".join(changed_lines(mail)))
        mail.change = sha256(text).digest()
    return mail.change


def is_patch(mail: Message) -> bool:
    """Says whether it is a mail of a series: no reply, no cover, with a diff."""
    return not mail.subject.reply and not is_cover(mail) and mail.has_diff


def is_cover(mail: Message) -> bool:
    """Says whether it is a cover letter: number 0 of a series, and no reply."""
    subject = mail.subject
    return not subject.reply and subject.counter == 0 and subject.counter_given


def is_unsent(mail: Message) -> bool:
    """Says whether it is a patch from git format-patch -N: no number, no message-id, no
    thread."""
    return mail.message_id is None and not mail.subject.counter_given
