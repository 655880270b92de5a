"""Which mails of a mailbox belong together: threads, revisions, covers, replies.

The reading of subjects and threads is b4's (``LoreMailbox``), except that unrelated
series in one mailbox are kept apart and that the highest revision number is the
newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.mail.message import Message

LONGEST_CHAIN = 1000  # mails between a reply and its patch


class Posting:
    """One posting of a series: the mails of one revision."""

    def __init__(self, root: str, revision: int, expected: int) -> None:
        self.root = root
        self.revision = revision
        self.expected = expected
        self.patches: dict[int, Message] = {}
        self.cover: Message | None = None
        self.doubles: list[Message] = []  # for a number that is taken

    @property
    def head(self) -> Message:
        """The mail that stands for the posting: its cover, else its first patch."""
        return self.cover or self.patches[min(self.patches)]

    @property
    def complete(self) -> bool:
        return all(number in self.patches for number in range(1, self.expected + 1))

    def mails(self) -> Iterator[Message]:
        if self.cover:
            yield self.cover
        yield from self.patches.values()


class Mailbox:
    """Mails without doubles, sorted into postings and the rest."""

    def __init__(self, mails: Iterable[Message]) -> None:
        self.mails: list[Message] = []
        self.by_id: dict[str, Message] = {}
        for mail in mails:
            if mail.message_id is None:
                self.mails.append(mail)
            elif mail.message_id not in self.by_id:
                self.by_id[mail.message_id] = mail
                self.mails.append(mail)
        self._answered = {one for mail in self.mails for one in mail.parents}
        self._covers = [mail for mail in self.mails if is_cover(mail)]
        self.postings = self._postings()
        self._home = {
            id(mail): posting
            for posting in self.postings
            for mail in (*posting.mails(), *posting.doubles)
        }

    def parent(self, mail: Message) -> Message | None:
        """The nearest mail it answers that is here."""
        for reference in mail.parents:
            found = self.by_id.get(reference)
            if found is not None and found is not mail:
                return found
        return None

    def ancestors(self, mail: Message) -> Iterator[Message]:
        """The mails above it, nearest first; a loop of references ends."""
        seen = {id(mail)}
        above = self.parent(mail)
        while above is not None and id(above) not in seen:
            if len(seen) > LONGEST_CHAIN:
                return
            seen.add(id(above))
            yield above
            above = self.parent(above)

    def root(self, mail: Message) -> str:
        """What the mails of one thread have in common."""
        top = mail
        for above in self.ancestors(mail):
            top = above
        if top.references:
            return top.references[0]
        return top.in_reply_to or top.message_id or ""

    def posting_of(self, mail: Message) -> Posting | None:
        """The posting that the mail is part of or that it comments on."""
        for candidate in (mail, *self.ancestors(mail)):
            posting = self._home.get(id(candidate))
            if posting is not None:
                return posting
        return None

    def is_part(self, mail: Message) -> bool:
        """Whether the mail is a patch or a cover letter, not a comment."""
        return id(mail) in self._home

    def replies(self, posting: Posting) -> list[Message]:
        """The comments on a posting and its patches."""
        return [
            mail
            for mail in self.mails
            if not self.is_part(mail) and self.posting_of(mail) is posting
        ]

    def below(self, mail: Message) -> list[Message]:
        """The replies to one mail, and to those."""
        return [
            other
            for other in self.mails
            if any(above is mail for above in self.ancestors(other))
        ]

    def _postings(self) -> list[Posting]:
        found: dict[tuple[object, ...], Posting] = {}
        patches = [mail for mail in self.mails if is_patch(mail)]
        in_sequence = len(patches) > 1 and all(is_unsent(mail) for mail in patches)
        for place, mail in enumerate(patches, start=1):
            number = place if in_sequence else mail.subject.counter
            expected = len(patches) if in_sequence else mail.subject.expected
            revision = self._revision(mail)
            key = (self._group(mail, in_sequence), revision, expected)
            posting = found.get(key)
            if posting is None:
                posting = found[key] = Posting(self.root(mail), revision, expected)
            if number in posting.patches:
                posting.doubles.append(mail)
            else:
                posting.patches[number] = mail
        for posting in found.values():
            posting.cover = self._cover(posting)
        return list(found.values())

    def _group(self, mail: Message, in_sequence: bool) -> object:
        """The same value for the patches of one posting."""
        if in_sequence:
            return "sequence"
        threaded = bool(mail.parents) or mail.message_id in self._answered
        if threaded or mail.subject.expected == 1:
            return self.root(mail) or id(mail)
        # git's own output, not sent yet, is one series whoever wrote its patches
        return ("not threaded", mail.sender.email if mail.message_id else "")

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

    def _cover(self, posting: Posting) -> Message | None:
        for mail in self._covers:
            subject = mail.subject
            if (
                subject.revision == posting.revision
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


def is_patch(mail: Message) -> bool:
    """A mail of a series: no reply, no cover, with a diff."""
    return not mail.subject.reply and not is_cover(mail) and mail.has_diff


def is_cover(mail: Message) -> bool:
    subject = mail.subject
    return not subject.reply and subject.counter == 0 and subject.counter_given


def is_unsent(mail: Message) -> bool:
    """A patch from git format-patch -N: no number, no message-id, no thread."""
    return mail.message_id is None and not mail.subject.counter_given
