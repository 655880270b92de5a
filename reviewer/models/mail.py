# SPDX-License-Identifier: GPL-2.0-or-later
"""What came by mail: series, patches, replies, and what of it was left out."""

from __future__ import annotations

from msgspec import Struct


class Address(Struct, frozen=True):
    """A mailbox: display name (may be empty) and address."""

    name: str
    email: str


class Trailer(Struct, frozen=True):
    """One ``Name: value`` line of a commit message's last paragraph."""

    name: str
    value: str


class Headers(Struct, frozen=True):
    """What a reply needs to know of the mail that it answers."""

    message_id: str | None  # without the angle brackets
    subject: str  # whole, unfolded and decoded, "[PATCH v2 1/3] ..." included
    date: str  # the Date header verbatim, "" if there is none
    sender: Address  # the From header (the in-body From is Patch.author)
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


class Patch(Struct, frozen=True):
    """One patch mail (or commit): what git am would make of it."""

    index: int  # 1-based place in the series
    headers: Headers
    author: Address  # in-body From if there is one, else the sender
    title: str  # the subject as git am writes it, prefixes stripped
    message: str  # commit message body, trailers included, as git mailinfo
    trailers: tuple[Trailer, ...]
    notes: str  # text between the "---" line and the diff
    body: str  # the whole decoded text of the mail
    diff: str  # from the first diff line to the signature
    commit: str | None = None  # set where the patch is a local commit
    subject_prefix: str = ""  # what stood in brackets: "PATCH net v2 1/3"
    date: str = ""  # the author's date as git mailinfo: in-body Date, else the header
    body_line: int = 1  # the line of the file (or mail) on which body begins
    diff_line: int = 0  # the line of body, from 0, on which diff begins


class Cover(Struct, frozen=True):
    """The cover letter."""

    headers: Headers
    title: str
    body: str


class Reply(Struct, frozen=True):
    """A follow-up in the thread."""

    headers: Headers
    body: str
    trailers: tuple[Trailer, ...]
    has_diff: bool  # carries a diff that can be reviewed by its own message-id


class NotChecked(Struct, frozen=True):
    """Something a reader could believe was checked, and was not."""

    what: str
    why: str
    file: str | None = None
    todo: str | None = None  # what the user can do about it


class Series(Struct, frozen=True):
    """A whole patch series as it was sent."""

    message_id: str | None  # the cover's, else the first patch's
    subject: str
    version: int
    patches: tuple[Patch, ...]  # in order, those that are there
    expected: int  # how many the subjects announce
    cover: Cover | None = None
    replies: tuple[Reply, ...] = ()
    base_commit: str | None = None
    change_id: str | None = None
    notes: tuple[str, ...] = ()  # one line each, to be told to the user
    revisions: tuple[int, ...] = ()  # all revisions seen in the thread
    left_out: tuple[NotChecked, ...] = ()  # of the input, and not in ``patches``
    prerequisites: tuple[str, ...] = ()  # patch ids that must be there before it

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the patches that were announced and are not there."""
        have = {patch.index for patch in self.patches}
        return tuple(n for n in range(1, self.expected + 1) if n not in have)
