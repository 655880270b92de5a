# SPDX-License-Identifier: GPL-2.0-or-later
"""What there is to do: mails grouped by the threads that they stand in.

A thread is one job, so that a series, its cover letter and its earlier versions meet.
Of a file with one mail only its name is kept, and the worker reads it again: a list's
year does not fit into memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from reviewer import limits
from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail import is_message_id
from reviewer.mail.local import are_numbered, read_mails
from reviewer.mail.message import Message
from reviewer.patterns import regex

CHANGE_ID = regex(rb"^change-id:[ \t]*([\w.-]{1,200})[ \t]*\r?$", re.I | re.MULTILINE)
HUNK = regex(rb"^@@ -\d", re.MULTILINE)


class Job(Struct, frozen=True):
    """One thread, message-id or range: what one worker reviews at a time.

    ``key`` names it in the results and is the same in a later run on the same input.
    ``files`` and ``mails`` are the mails of a thread: the names of files that hold one
    mail each, and the mails themselves of those that hold several.  ``ref`` is a
    message-id, an archive URL or a range of commits where it is no mail at hand.
    ``ids`` has an entry for each mail: its message-id, or a sum of a mail without one.
    """

    key: str
    files: tuple[str, ...] = ()
    mails: tuple[bytes, ...] = ()
    ref: str | None = None
    ids: tuple[str, ...] = ()


class _Mail(Struct, frozen=True):
    name: str  # of its file
    data: bytes | None  # None where the file holds nothing else
    ids: tuple[str, ...]  # its own and those that it answers
    own: str  # its own id, or a sum of it
    shared: tuple[str, ...] = ()  # what other versions of the same series have too


def jobs(
    refs: Sequence[str],
    *,
    bounds: Limits = limits.DEFAULT,
    stdin: BinaryIO | None = None,
    is_range: Sequence[str] = (),
    fetched: Sequence[tuple[str, list[bytes]]] = (),
    across_threads: bool = False,
) -> tuple[list[Job], list[tuple[str, str]]]:
    """Returns the jobs in what ``refs`` name, and (name,
    why) of each file that is no mail.

    ``refs``: files with one mail or many, folders and maildirs of them, ``-`` for
    ``stdin``, message-ids and archive URLs; those in ``is_range`` are commits, A..B.
    ``fetched``: mails from elsewhere, by the name of the place.  ``across_threads``:
    versions of one series are one job also where each has a thread of its own.  Jobs
    come in the order of their first mails.
    """
    found: list[Job] = []
    mails: list[_Mail] = []
    unread: list[tuple[str, str]] = []
    for ref in refs:
        if ref in is_range or (ref != "-" and is_message_id(ref)):
            found.append(Job(ref, ref=ref, ids=(ref,)))
            continue
        try:
            for name, several in read_mails(ref, bounds, stdin if ref == "-" else None):
                mails += _mails(name, several, bounds, unread)
        except InputError as error:
            unread.append((ref, str(error)))
    for name, several in fetched:
        mails += _mails(name, several, bounds, unread, is_file=False)
    return [*found, *_threads(mails, across_threads=across_threads)], unread


def _mails(
    name: str,
    several: list[bytes] | InputError,
    bounds: Limits,
    unread: list[tuple[str, str]],
    *,
    is_file: bool = True,
) -> Iterator[_Mail]:
    if isinstance(several, InputError):
        unread.append((name, str(several)))
        return
    for raw in several:
        try:
            mail = Message(raw, bounds)
            own = (mail.message_id,) if mail.message_id else ()
            ids = (*own, *mail.parents)
            shared = tuple(_shared(mail))
        except InputError as error:
            unread.append((name, str(error)))
            continue
        keep = len(several) > 1 or name == "-" or not is_file
        named = own[0] if own else sha256(raw).hexdigest()
        yield _Mail(name, raw if keep else None, ids, named, shared)


def _shared(mail: Message) -> Iterator[str]:
    """What the versions of a series have in common: b4's change-id; title and sender.

    Whether two mails with one title are versions of one series ``mail.relatives``
    decides; here they only come into one job.
    """
    subject = mail.subject
    if subject.reply:
        return
    for change in CHANGE_ID.findall(mail.raw):
        yield f"change {change.decode('ascii')}"
    if subject.title and (subject.counter_given or HUNK.search(mail.raw)):
        yield f"title {subject.title.lower()}\n{mail.sender.email.lower()}"


def _threads(mails: list[_Mail], *, across_threads: bool) -> list[Job]:
    """Mails that answer one another, whether or not what they answer is at hand."""
    groups = _Groups()
    for mail in mails:
        for one in (*mail.ids[1:], *(mail.shared if across_threads else ())):
            if mail.ids:
                groups.join(mail.ids[0], one)
    by_thread: dict[str, list[_Mail]] = {}
    without = [mail for mail in mails if not mail.ids]
    together = _numbered_folders(without)
    for number, mail in enumerate(mails):
        if mail.ids:
            thread = f"id {groups.of(mail.ids[0])}"
        elif (folder := str(Path(mail.name).parent)) in together:
            thread = f"folder {folder}"
        else:
            thread = f"number {number}"
        by_thread.setdefault(thread, []).append(mail)
    return [_job(thread) for thread in by_thread.values()]


def _numbered_folders(mails: list[_Mail]) -> set[str]:
    """The folders whose mails without an id are a series that git has numbered."""
    folders: dict[str, list[str]] = {}
    for mail in mails:
        if mail.data is None:
            folders.setdefault(str(Path(mail.name).parent), []).append(mail.name)
    return {folder for folder, names in folders.items() if are_numbered(names)}


def _job(mails: list[_Mail]) -> Job:
    first = mails[0]
    key = first.name
    if first.data is not None:
        key += f"#{first.ids[0]}" if first.ids else "#"
    return Job(
        key,
        files=tuple(mail.name for mail in mails if mail.data is None),
        mails=tuple(mail.data for mail in mails if mail.data is not None),
        ids=tuple(dict.fromkeys(mail.own for mail in mails)),
    )


class _Groups:
    """Names that belong together, by whatever of them was joined (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        top = name
        while (above := self._above.get(top, top)) != top:
            top = above
        while name != top:  # the next look-up is short
            self._above[name], name = top, self._above.get(name, top)
        return top

    def join(self, one: str, two: str) -> None:
        self._above[self.of(two)] = self.of(one)
