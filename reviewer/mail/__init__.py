# SPDX-License-Identifier: GPL-2.0-or-later
"""Where series come from: a message-id, local mail, a range of commits.

``open_series`` is the door.  A local patch is read without importing b4, which
costs more time than the rest of a review.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec.structs import replace

from reviewer import limits
from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.models import NotChecked, Series

if TYPE_CHECKING:
    from reviewer.mail.postings import Postings

__all__ = [
    "is_message_id",
    "open_all",
    "open_mails",
    "open_postings",
    "open_range",
    "open_revisions",
    "open_series",
    "open_thread",
    "series_from_messages",
]


def is_message_id(ref: str) -> bool:
    """Says whether ``ref`` is a message-id or an archive URL and not something
    on disk."""
    from reviewer.mail.local import exists

    if ref.startswith(("http://", "https://", "<")):
        return True
    return "@" in ref and not exists(ref)


def open_series(
    ref: str,
    *,
    offline: bool = False,
    limits: Limits = limits.DEFAULT,
    stdin: BinaryIO | None = None,
) -> Series:
    """Returns the series that ``ref`` names.

    ``ref`` is a message-id (with or without angle brackets), an archive URL, the
    path of an mbox, a maildir, a mail, a patch or a folder of these, or ``-`` for
    ``stdin``.  ``offline`` never touches the network.

    Raises FetchError (unknown id, no network, server trouble), NotAPatch (nothing
    to review in it), InputError (cannot be read), LimitExceeded.
    """
    raw, wanted = _raw_mails(ref, offline, limits, stdin)
    return _assembled(raw, wanted, ref, limits)


def open_revisions(
    ref: str,
    *,
    offline: bool = False,
    limits: Limits = limits.DEFAULT,
    stdin: BinaryIO | None = None,
    search: bool = False,
) -> tuple[Series, tuple[Series, ...]]:
    """Returns the series that ``ref`` names, and its earlier postings, oldest first.

    Earlier postings are those of the same thread or mailbox; ``search`` asks the
    archive through b4 for older revisions in threads of their own as well.
    Arguments and errors are those of ``open_series``.
    """
    raw, wanted = _raw_mails(ref, offline, limits, stdin)
    series = _assembled(raw, wanted, ref, limits)
    if search and wanted and not offline and min(series.revisions, default=1) > 1:
        from reviewer.mail.fetch import with_older_threads

        raw = with_older_threads(raw, wanted, bounds=limits)
    elif len(raw) < 2 or len(series.revisions) < 2:
        return series, ()
    from reviewer.mail.postings import older_than, revisions

    every = revisions(raw, wanted=series.message_id, bounds=limits)
    return series, older_than(series, every)


def open_postings(
    ref: str,
    *,
    offline: bool = False,
    limits: Limits = limits.DEFAULT,
    stdin: BinaryIO | None = None,
) -> tuple[Postings, ...]:
    """Returns the series that ``ref`` names, each with all its postings in that thread
    or mailbox: one for a message-id, for a mailbox all.

    Arguments and errors are those of ``open_series``.
    """
    from reviewer.mail.postings import postings

    raw, wanted = _raw_mails(ref, offline, limits, stdin)
    return postings(raw, wanted=wanted, bounds=limits, name=ref)


def open_all(
    refs: Sequence[str],
    *,
    offline: bool = False,
    limits: Limits = limits.DEFAULT,
    stdin: BinaryIO | None = None,
) -> tuple[tuple[Series, tuple[Series, ...]], ...]:
    """Returns every series that ``refs`` name, each with its earlier postings.

    A message-id or URL is one series.  The mails of all files together are one if
    they are numbered as one (in their subjects, or as the names of git's files), else
    several.  A file without a patch is named in ``left_out`` of the first series.

    Arguments and errors, those of the first ref without a series, are those of
    ``open_series``.
    """
    found: list[tuple[Series, tuple[Series, ...]]] = []
    left_out: list[NotChecked] = []
    failed: list[InputError] = []
    files = [ref for ref in refs if ref == "-" or not is_message_id(ref)]
    for ref in (ref for ref in refs if ref not in files):
        try:
            found.append(open_revisions(ref, offline=offline, limits=limits))
        except InputError as error:
            failed.append(error)
            left_out.append(NotChecked(ref, str(error)))
    mails: list[bytes] = []
    for ref in files:
        try:
            mails += _local(ref, limits, stdin)
        except InputError as error:
            failed.append(error)
            left_out.append(NotChecked(ref, str(error)))
    if mails:
        try:
            found += open_mails(mails, files, limits=limits)
        except InputError as error:
            failed.append(error)
            left_out.append(NotChecked(", ".join(files), str(error)))
    if not found:
        raise failed[0]
    first, earlier = found[0]
    found[0] = replace(first, left_out=(*left_out, *first.left_out)), earlier
    return tuple(found)


def open_mails(
    mails: list[bytes], files: Sequence[str], *, limits: Limits = limits.DEFAULT
) -> list[tuple[Series, tuple[Series, ...]]]:
    """Returns every series in raw mails, each with its earlier postings.

    ``files`` names where the mails were read, a name for each or one for all.

    Raises NotAPatch where there is nothing to review, LimitExceeded.
    """
    from reviewer.mail.local import are_numbered
    from reviewer.mail.postings import older_than, revisions
    from reviewer.mail.series import assemble_all

    name = files[0] if len(files) == 1 else None
    sequence = len(files) == 1 or are_numbered(files)
    every = assemble_all(mails, bounds=limits, name=name, sequence=sequence)
    return [
        (
            series,
            older_than(
                series, revisions(mails, wanted=series.message_id, bounds=limits)
            )
            if len(series.revisions) > 1
            else (),
        )
        for series in every
    ]


def _raw_mails(
    ref: str, offline: bool, bounds: Limits, stdin: BinaryIO | None
) -> tuple[list[bytes], str | None]:
    """The mails, and the message-id that decides which of them are meant."""
    if ref != "-" and is_message_id(ref):
        from reviewer.mail.fetch import fetch_thread, message_id_of

        wanted = message_id_of(ref)
        return fetch_thread(wanted, offline=offline, bounds=bounds), wanted
    return _local(ref, bounds, stdin), None


def _assembled(
    raw: list[bytes], wanted: str | None, ref: str, bounds: Limits
) -> Series:
    from reviewer.mail.series import assemble

    name = ref if wanted is None else None
    return assemble(raw, wanted=wanted, bounds=bounds, name=name)


def open_thread(
    ref: str, *, offline: bool = False, limits: Limits = limits.DEFAULT
) -> list[bytes]:
    """Returns all raw mails of the thread or mailbox that ``ref`` names, undecoded.

    Arguments and errors are those of ``open_series``.
    """
    return _raw_mails(ref, offline, limits, None)[0]


def _local(ref: str, bounds: Limits, stdin: BinaryIO | None) -> list[bytes]:
    from reviewer.mail.local import read_local

    return read_local(Path(ref), bounds, stdin if ref == "-" else None)


def series_from_messages(
    messages: list[bytes],
    *,
    wanted: str | None = None,
    limits: Limits = limits.DEFAULT,
) -> Series:
    """Returns the series in raw mails; ``wanted`` is the message-id that decides which.

    Raises NotAPatch where there is nothing to review, LimitExceeded.
    """
    from reviewer.mail.series import assemble

    return assemble(messages, wanted=wanted, bounds=limits)


def open_range(
    repo: Path, revisions: str, *, limits: Limits = limits.DEFAULT
) -> Series:
    """Returns the commits of ``A..B`` in ``repo`` as the
    series that mailing them makes.

    Merges are left out, as git does; ``Patch.commit`` is set.

    Raises InputError where git knows no such range or it holds no commit.
    """
    from reviewer.mail.commits import read_range

    return read_range(repo, revisions, limits)
