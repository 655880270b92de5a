# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail from files: mbox, maildir, single mails, patches, folders, stdin.

A mailbox is split here and not with Python's ``mailbox`` module, which splits at
every ``From `` at the start of a line: the text of a patch or of a reply may hold
such a line, so what follows it decides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from reviewer import limits
from reviewer.errors import InputError, NotAPatch
from reviewer.limits import Limits
from reviewer.mail.message import header_end
from reviewer.patterns import regex

FROM_LINE = regex(rb"^From [^\n]*\n", re.MULTILINE)
SEPARATOR = regex(rb"^From [^\n]*\n(?=[!-9;-~]+[ \t]*:)", re.MULTILINE)
# git format-patch starts each mail with the commit and this date
FORMAT_PATCH_LINE = regex(rb"From [0-9a-f]{7,64} Mon Sep 17 00:00:00 2001\r?\n")
FIELD_LINE = regex(rb"[!-9;-~]+[ \t]*:|[ \t]+\S")
MAIL_FIELD = regex(rb"^(?:From|Subject|Message-ID|Received)[ \t]*:", re.I | re.M)
ESCAPED_FROM = regex(rb"^>(>*From )", re.MULTILINE)
BARE_DIFF = regex(rb"^(?:diff --git |--- \S.*\n\+\+\+ \S.*\n@@ -\d)", re.MULTILINE)
GZIP = b"\x1f\x8b"
HEADER_WINDOW = 64 * 1024
SUFFIXES = (".patch", ".eml", ".mbox", ".mbx", ".diff", ".txt")


class Located(bytes):
    """A raw mail that knows on which line of its file, from 1, it begins."""

    line = 1

    @classmethod
    def at(cls, line: int, data: bytes) -> Located:
        """Returns data that is said to begin on line ``line`` of its mail."""
        located = cls(data)
        located.line = line
        return located


def read_local(
    path: Path, bounds: Limits = limits.DEFAULT, stdin: BinaryIO | None = None
) -> list[bytes]:
    """Returns the raw mails of a file or folder; ``-`` reads ``stdin``.

    Mails come with LF line ends, without their ``From `` line.  Text without a mail
    header that holds a diff comes as it is.

    Raises InputError if it cannot be read, NotAPatch if it is no mail and no diff,
    LimitExceeded if it is larger than ``bounds`` allow.
    """
    if stdin is not None:
        return split(_read_stream(stdin, "standard input", bounds), "stdin", bounds)
    try:
        if path.is_dir():
            return _read_folder(path, bounds)
        with path.open("rb") as stream:
            return split(_read_stream(stream, str(path), bounds), str(path), bounds)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(path)!r}: {error}") from None


def read_mails(
    ref: str, bounds: Limits = limits.DEFAULT, stdin: BinaryIO | None = None
) -> Iterator[tuple[str, list[bytes] | InputError]]:
    """Yields each file of ``ref`` with its raw mails, or with why it has none.

    ``ref`` is a file, a maildir, a folder of files with mail, or ``-`` for ``stdin``;
    only one file is held at a time, so a folder may be of any size.

    Raises InputError where ``ref`` cannot be read, NotAPatch for a folder without mail.
    """
    folder = Path(ref)
    if stdin is not None or not folder.is_dir():
        yield ref, read_local(folder, bounds, stdin)
        return
    try:
        files = list(_mail_files(folder))
    except OSError as error:
        raise InputError(f"{ref}: {error.strerror or error}") from None
    if not files:
        raise NotAPatch(f"{ref}: no mail in this folder")
    for file in files:
        try:
            yield str(file), read_local(file, bounds)
        except InputError as error:
            yield str(file), error


def _read_stream(stream: BinaryIO, name: str, bounds: Limits) -> bytes:
    data = stream.read(bounds.mailbox_bytes + 1)
    if data.startswith(GZIP):
        data = _gunzip(data, name, bounds)
    limits.check("mailbox_bytes", len(data), bounds.mailbox_bytes, name)
    return data


def _gunzip(data: bytes, name: str, bounds: Limits) -> bytes:
    import zlib

    from reviewer.mail.gunzip import gunzip

    try:
        return gunzip(data, bounds.mailbox_bytes)
    except zlib.error as error:
        raise InputError(f"{name}: not a gzip file: {error}") from None
    except EOFError:
        raise InputError(f"{name}: the gzip file is cut off") from None


def _read_folder(folder: Path, bounds: Limits) -> list[bytes]:
    """A maildir, or a folder of patches in the order of their names."""
    mails: list[bytes] = []
    size = 0
    for file in _mail_files(folder):
        with file.open("rb") as stream:
            data = _read_stream(stream, str(file), bounds)
        size += len(data)
        limits.check("mailbox_bytes", size, bounds.mailbox_bytes, str(folder))
        if data.strip():
            mails += split(data, str(file), bounds)
        limits.check("messages", len(mails), bounds.messages, str(folder))
    if not mails:
        raise NotAPatch(f"{folder}: no mail in this folder")
    return mails


def _mail_files(folder: Path) -> Iterator[Path]:
    if (folder / "cur").is_dir() and (folder / "new").is_dir():
        for part in ("cur", "new"):
            yield from sorted(
                entry for entry in (folder / part).iterdir() if _is_mail(entry)
            )
        return
    entries = sorted(entry for entry in folder.iterdir() if _is_mail(entry))
    yield from (entry for entry in entries if entry.name.lower().endswith(SUFFIXES))


def _is_mail(entry: Path) -> bool:
    return entry.is_file() and not entry.name.startswith(".")


def split(data: bytes, name: str, bounds: Limits = limits.DEFAULT) -> list[bytes]:
    """Returns the mails of an mbox, a single mail, or a bare diff.

    Raises NotAPatch where the data is none of these.
    """
    if not data.strip():
        raise NotAPatch(f"{name}: empty")
    if b"\r\n" in data[:HEADER_WINDOW].split(b"\n\n", 1)[0]:
        data = data.replace(b"\r\n", b"\n")  # as git mailsplit does
    if b"\n" not in data and data.count(b"\r") > 1:
        raise NotAPatch(
            f"{name}: its lines end with a carriage return alone, which git am does "
            "not read (tr '\\r' '\\n' mends it)"
        )
    whole = data
    data = data.lstrip(b" \t\r\n")
    first = whole.count(b"\n", 0, len(whole) - len(data)) + 1
    if data.startswith(b"From "):
        return _split_mbox(data, name, bounds, first)
    if MAIL_FIELD.search(data, 0, header_end(data)) or BARE_DIFF.search(data):
        _check_mail(data, name, bounds)
        return [Located.at(first, data)]
    raise NotAPatch(f"{name}: not a mail and no diff in it")


def _split_mbox(data: bytes, name: str, bounds: Limits, first: int) -> list[bytes]:
    of_git = bool(FORMAT_PATCH_LINE.match(data))
    top = FROM_LINE.match(data)
    if top is None:
        raise NotAPatch(f"{name}: a mailbox without a mail")
    starts = [top]
    for match in SEPARATOR.finditer(data, top.end()):
        if _separates(data, match, of_git):
            starts.append(match)
    limits.check("messages", len(starts), bounds.messages, name)
    mails: list[bytes] = []
    ends = [match.start() for match in starts[1:]] + [len(data)]
    line = first
    done = 0
    for match, end in zip(starts, ends, strict=True):
        line += data.count(b"\n", done, match.end())
        done = match.end()
        mail = data[match.end() : end]
        if not of_git:  # git format-patch does not escape
            mail = ESCAPED_FROM.sub(rb"\1", mail)
        _check_mail(mail, name, bounds)
        mails.append(Located.at(line, mail))
    return mails


def _separates(data: bytes, match: re.Match[bytes], of_git: bool) -> bool:
    """Whether a ``From `` line starts a mail: a header has to follow.

    A line as git writes it, in a mailbox that git did not write, is part of a patch
    that somebody pasted into a reply.
    """
    if FORMAT_PATCH_LINE.match(match[0]) and not of_git:
        return False
    return is_mail_start(data, match.end())


def is_mail_start(data: bytes, start: int) -> bool:
    """Says whether a header block with From, Subject or Message-ID stands there."""
    # a line at a time: of a hundred megabytes of "From x" each is looked at
    at, end, found = start, min(len(data), start + HEADER_WINDOW), False
    while at < end and not data.startswith(b"\n", at):
        if not FIELD_LINE.match(data, at) or (at == start and data[at] in b" \t"):
            return False
        found = found or bool(MAIL_FIELD.match(data, at))
        newline = data.find(b"\n", at)
        at = newline + 1 if newline >= 0 else len(data)
    return found


def _check_mail(mail: bytes, name: str, bounds: Limits) -> None:
    limits.check("message_bytes", len(mail), bounds.message_bytes, f"{name}: one mail")


def longest_line(data: bytes) -> int:
    """Returns the length in bytes of the longest line."""
    longest = start = 0
    while (end := data.find(b"\n", start)) != -1:
        longest = max(longest, end - start)
        start = end + 1
    return max(longest, len(data) - start)


def are_numbered(files: Sequence[str]) -> bool:
    """Says whether the names are 0001-.., 0002-.. as ``git format-patch``
    numbers them."""
    numbers = [re.match(r"(?:v\d+-)?(\d{4})-", Path(file).name) for file in files]
    found = [int(match[1]) for match in numbers if match]
    return len(found) == len(files) and found == list(
        range(found[0], found[0] + len(found))
    )


def exists(ref: str) -> bool:
    """Says whether ``ref`` names something on disk."""
    return os.path.exists(ref) if "\0" not in ref else False
